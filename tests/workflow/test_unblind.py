"""The opening: everything is recomputed against the commitment, and stored whole or refused."""

from __future__ import annotations

import pytest

from nof1.errors import EntryError, OpeningError, StageError, WorkspaceError
from nof1.files.locked import read_locked
from nof1.files.secrets import read_packing_list
from nof1.workflow.unblind import unblind_trial


def test_the_secret_opens_every_kit(locked):
    """The tables get exactly what the preparer packed, in the order of the periods."""
    receipt = locked.unblind()
    assert (receipt.was_open, receipt.n_kits, receipt.space_size) == (False, 8, 8)
    packed = read_packing_list(locked.secret.with_name("packing-list.csv"))
    allocation = read_locked(locked.folder / "locked").allocation
    assert allocation is not None
    assert {row.kit: row.condition for row in allocation}.items() <= packed.items()
    assert [row.kit for row in allocation] == [period.kit for period in locked.trial.schedule.periods]
    opened = locked.trial.state.unblinding
    assert opened is not None
    assert opened.event.secret == "".join(locked.secret.read_text().split())
    assert receipt.line.endswith(" unblinded")
    assert receipt.line.split()[1] == opened.hash


def test_a_secret_is_read_as_people_write_it(locked):
    """Capitals, hyphens and line ends do no harm."""
    text = locked.secret.read_text().upper().replace(" ", "-\n")
    locked.secret.write_text(text)
    assert locked.unblind().n_kits == 8


def test_a_wrong_secret_is_refused_and_remembered(locked):
    """One event says that something was tried; what was typed is nowhere."""
    wrong = locked.root / "wrong.txt"
    wrong.write_text("ab" * 32)
    before = locked.rows()
    with pytest.raises(OpeningError) as refused:
        locked.unblind(secret=wrong)
    assert str(refused.value) == (
        "this secret does not fit what was published: kits, leaves, root, commitment differ; nothing was opened. "
        "Read it again, or ask whoever prepared the kits"
    )
    assert locked.rows()[:-1] == before
    assert locked.kinds()[-1] == "opening_refused"
    assert not (locked.folder / "locked" / "allocation.csv").exists()
    assert (b"ab" * 32) not in (locked.folder / "trial.sqlite").read_bytes()
    assert locked.unblind().n_kits == 8


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "ab" * 33])
def test_what_is_no_secret_is_not_tried(locked, text):
    """A file of another kind is refused by its shape, without an event and without being quoted."""
    wrong = locked.root / "wrong.txt"
    wrong.write_text(text)
    before = locked.rows()
    with pytest.raises(WorkspaceError, match="a secret has 64 hexadecimal digits") as refused:
        locked.unblind(secret=wrong)
    assert not text or text not in str(refused.value)
    assert locked.rows() == before


def test_without_a_secret(locked):
    """The sentence says whom to ask."""
    with pytest.raises(EntryError) as refused:
        locked.unblind(secret=None)
    assert (
        str(refused.value)
        == "the preparer's secret opens this trial: --secret FILE; send them the lock line to ask for it"
    )


def test_not_before_the_lock(played):
    """The right secret too early opens nothing, and leaves no trace."""
    before = played.rows()
    with pytest.raises(StageError, match="coffee is not locked, and nothing is opened before the lock"):
        played.unblind()
    assert played.rows() == before


def test_twice(unblinded):
    """The second says what comes next."""
    before = unblinded.rows()
    with pytest.raises(StageError) as refused:
        unblinded.unblind()
    assert str(refused.value) == "coffee is unblinded already; next: nof1 report coffee"
    assert unblinded.rows() == before


def test_an_open_trial_has_nothing_to_open(openly):
    """At no stage; its tables have the order from the lock on."""
    assert unblind_trial(openly.folder, openly.context).was_open
    before = openly.rows()
    openly.lock()
    assert unblind_trial(openly.folder, openly.context).was_open
    assert len(openly.rows()) == len(before) + 1
    allocation = read_locked(openly.folder / "locked").allocation
    assert allocation is not None
    assert [row.condition for row in allocation] == list(openly.trial.registration.kits)
    assert {row.kit for row in allocation} == {None}


def test_tables_that_cannot_be_written_do_not_hide_the_opening(locked):
    """The event is stored, and said to be."""
    (locked.folder / "locked" / "allocation.csv").mkdir()
    (locked.folder / "locked" / "allocation.csv" / "in the way").touch()
    with pytest.raises(
        WorkspaceError, match="the opening is stored, but a file that follows from it was not"
    ):
        locked.unblind()
    assert locked.kinds()[-1] == "unblinded"
