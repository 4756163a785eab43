"""A finished trial from elsewhere: everything is stored, locked and opened, or nothing is."""

from __future__ import annotations

import pytest

from nof1.errors import EntryError, ProtocolError, StageError, StoreError, TableError, WorkspaceError
from nof1.files.locked import read_locked
from nof1.scores.importers import ImportForm
from nof1.workflow.import_trial import import_trial
from nof1.workflow.lock import undo_lock
from nof1.workflow.verify import Outcome, verify_trial

from .playing import BROUGHT, Player, brought_table


@pytest.fixture
def waiting(tmp_path):
    """Return a player with a protocol and a table, and nothing imported."""
    player = Player(tmp_path, BROUGHT, name="brought")
    (player.root / "brought.csv").write_text(brought_table())
    return player


def bring_in(player, **options):
    """Import the table beside the player's folders."""
    return import_trial(
        player.protocol, player.root / "brought.csv", player.folder, player.context, **options
    )


def refused(player, error, **options):
    """Return the sentence with which an import is refused; no trial may be there afterwards."""
    with pytest.raises(error) as refusal:
        bring_in(player, **options)
    assert not player.folder.exists()
    return str(refusal.value)


def test_it_comes_in_locked_and_opened(waiting):
    """One transaction: begun, scores, guesses, lock, opening."""
    done = bring_in(waiting)
    assert (done.n_rows, done.n_excluded, done.space_size, done.sequence_rank) == (12, 0, 4, 1)
    assert (done.n_scores, done.n_sessions) == (12, 12)
    assert waiting.kinds() == [
        "trial_imported", "scores_imported", *["guess_recorded"] * 4, "locked", "unblinded",
    ]  # fmt: skip
    tables = read_locked(waiting.folder / "locked")
    assert tables.trial.is_imported
    assert tables.allocation is not None
    assert [row.condition for row in tables.allocation] == ["on", "off", "off", "on"]
    assert [row.value for row in tables.scores[:3]] == ["5", "6", "7"]
    told = {check.name: check for check in verify_trial(waiting.folder)}
    assert not any(check.outcome is Outcome.FAIL for check in told.values())
    assert told["sequence"].text == "number 1 of 4; it was drawn elsewhere, by a way that nof1 did not see"
    assert told["limits"].outcome is Outcome.NOT_PROVABLE


def test_a_zone_gives_times_their_offset(waiting):
    """Without one the local time stands alone."""
    bring_in(waiting, zone="Europe/Berlin")
    entry = waiting.trial.state.scores[0].entry
    assert (entry.observed_local, entry.observed_offset) == ("2025-05-01T10:00:00", "+02:00")
    other = Player(waiting.root / "other", BROUGHT, name="brought")
    (other.root / "brought.csv").write_text(brought_table())
    bring_in(other)
    entry = other.trial.state.scores[0].entry
    assert (entry.observed_at, entry.observed_offset) == (None, None)


def test_a_second_import_is_refused(waiting):
    """The first stays as it was."""
    bring_in(waiting)
    before = waiting.rows()
    with pytest.raises(StoreError) as refusal:
        bring_in(waiting)
    assert str(refusal.value) == (
        f"{waiting.folder / 'trial.sqlite'} holds a trial already; nothing was changed. Take another folder"
    )
    assert waiting.rows() == before


def test_every_problem_of_the_table_at_once(waiting):
    """Nothing of it is stored."""
    text = brought_table().replace(",5,", ",50,", 1).replace("day.mood", "day.joy", 1).replace("off", "of", 1)
    (waiting.root / "brought.csv").write_text(text)
    with pytest.raises(TableError) as refusal:
        bring_in(waiting)
    assert len(refusal.value.problems) >= 2
    assert not waiting.folder.exists()


def test_an_order_that_the_design_does_not_allow(waiting):
    """The analysis would compare with orders that could not have been."""
    text = brought_table().replace(",off,", ",on,")
    (waiting.root / "brought.csv").write_text(text)
    assert "is not one that the design" in refused(waiting, TableError)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"zone": "Mars/Phobos"}, EntryError, "the zone 'Mars/Phobos' is not known; write its IANA name"),
        ({"participant": "P9"}, TableError, "there is no column 'participant'"),
        ({"form": ImportForm.STUDYU}, TableError, "problem"),
    ],
)
def test_what_does_not_fit(waiting, options, error, sentence):
    """Each says what was found."""
    assert sentence in refused(waiting, error, **options)


def test_a_protocol_with_problems(waiting):
    """Refused before the table is read."""
    waiting.protocol.write_text("nof1: 1\n")
    refused(waiting, ProtocolError)


def test_a_table_that_is_not_there_and_a_name_that_cannot_be(waiting):
    """Both are said."""
    (waiting.root / "brought.csv").unlink()
    assert "cannot be read" in refused(waiting, WorkspaceError)
    waiting.name = "Brought"
    assert "cannot name a trial" in refused(waiting, WorkspaceError)


def test_it_cannot_go_on(imported):
    """A finished trial takes no score, no move, and its lock stays."""
    before = imported.rows()
    with pytest.raises(StageError, match="brought is unblinded"):
        imported.enter(1, day__mood="5")
    with pytest.raises(StageError, match="a lock cannot be undone once the allocation is known"):
        undo_lock(imported.folder, "x", imported.context)
    assert imported.rows() == before


def test_a_failure_in_the_middle_leaves_nothing_that_counts(waiting, monkeypatch):
    """Scores without lock and opening are no trial; the import can be repeated."""

    def fails(*args, **options):
        raise RuntimeError("pulled out")

    monkeypatch.setattr("nof1.workflow.import_trial.lock_event", fails)
    with pytest.raises(RuntimeError, match="pulled out"):
        bring_in(waiting)
    monkeypatch.undo()
    assert bring_in(waiting).n_rows == 12
