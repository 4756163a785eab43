"""Registration: one event binds protocol, draw and commitment; everything else follows from it."""

from __future__ import annotations

import json
import stat
from dataclasses import replace

import pytest

from nof1.blinding.open_label import draw_openly
from nof1.blinding.sealed import Secret
from nof1.errors import (
    DocumentError,
    EntryError,
    ProtocolError,
    StageError,
    StoreError,
    TrialNotFoundError,
    WorkspaceError,
)
from nof1.files.tables import read_schedule
from nof1.schedule.design import space_of
from nof1.workflow.randomize import randomize_trial

from .playing import START, Player, open_label, third_party


@pytest.fixture
def drawn(player):
    """Return a player whose preparer has drawn, and public.json."""
    return player, player.send(player.draw())


def refused(player, error, **options):
    """Return the sentence with which a registration is refused; no trial may be there afterwards."""
    with pytest.raises(error) as refusal:
        randomize_trial(
            player.protocol, player.folder, START, player.context, **{"zone": "Europe/Berlin", **options}
        )
    assert not player.folder.exists()
    return str(refusal.value)


def test_a_blinded_trial(drawn):
    """Kits in order of use, the published line, the calendar; neither secret nor condition order."""
    player, public = drawn
    done = player.randomize(kits=public)
    document = json.loads(public.read_text())
    begun = done.trial.registration
    assert list(begun.kits) == document["kits"]
    assert begun.secret is None
    assert (
        done.line
        == begun.published_line
        == f"nof1/1 third_party {begun.protocol_sha256} {document['commitment']}"
    )
    assert player.kinds() == ["trial_randomized"]
    assert [period.kit for period in done.schedule.periods] == [
        kit.split("/")[1] for kit in document["kits"][:6]
    ]
    assert len(read_schedule(player.folder / "schedule.csv")) == 6
    assert json.loads((player.folder / "public.json").read_text()) == document
    assert (player.folder / "heads.txt").read_text().splitlines()[-1].endswith(" randomized")


def test_spare_kits_stay_in_the_cupboard(drawn):
    """They are registered, and no period uses them."""
    player, public = drawn
    done = player.randomize(kits=public)
    spares = [kit.partition("/")[2] for kit in done.trial.registration.kits if kit.startswith("S1/")]
    assert len(spares) == 2
    assert not {period.kit for period in done.schedule.periods} & set(spares)


def test_an_open_trial_is_drawn_here(tmp_path):
    """Secret and order are public, and the one gives the other."""
    player = Player(tmp_path, open_label(), name="openly")
    done = player.randomize()
    begun = done.trial.registration
    document = json.loads((player.folder / "public.json").read_text())
    assert document["sequence"] == list(begun.kits)
    drawn = draw_openly(
        Secret(bytes.fromhex(document["secret"])), begun.protocol_sha256, space_of(done.trial.protocol), []
    )
    assert drawn.sequence == begun.kits
    assert drawn.line == done.line


def test_files_are_for_their_owner_alone(drawn):
    """0600 and 0700."""
    player, public = drawn
    player.randomize(kits=public)
    assert stat.S_IMODE(player.folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in player.folder.iterdir()}
    assert modes == dict.fromkeys(["trial.sqlite", "schedule.csv", "public.json", "heads.txt"], 0o600)


def test_injected_entropy_marks_the_trial(drawn):
    """For ever, in its first event."""
    player, public = drawn
    assert player.randomize(kits=public).trial.registration.simulated


def test_the_participant_has_a_pseudonym(drawn):
    """Eight characters by chance, or what is given."""
    player, public = drawn
    name = player.randomize(kits=public).trial.registration.participant_id
    assert len(name) == 8
    other = Player(player.root / "other")
    assert other.randomize(participant_id="P07").trial.registration.participant_id == "P07"


def test_without_kits(player):
    """The sentence says who makes them."""
    assert refused(player, EntryError) == (
        "a third_party trial needs what the preparer drew: --kits public.json (the preparer makes it with nof1 kit draw)"
    )


def test_kits_of_an_open_trial(tmp_path, drawn):
    """They would silently not be used."""
    player = Player(tmp_path / "open", open_label(), name="openly")
    assert refused(player, EntryError, kits=drawn[1]) == (
        f"{player.protocol}: blinding.mode is open_label, so there are no kits; leave --kits out"
    )


def test_the_preparers_folder_is_not_looked_into(drawn):
    """A secret that lies below the given folder is not read past."""
    player, public = drawn
    folder = player.preparer / "kits"
    assert refused(player, WorkspaceError, kits=folder) == (
        f"{folder}: this folder also holds the preparer's secret; do not open it, ask for public.json alone"
    )
    (public.parent / "secret.txt").write_text("0")
    assert "ask for public.json alone" in refused(player, WorkspaceError, kits=public)


def test_a_folder_with_public_json_alone(drawn):
    """It may be given in the place of the file."""
    player, public = drawn
    assert player.randomize(kits=public.parent).trial.name == "coffee"


def test_kits_of_another_protocol(drawn):
    """Every difference at once."""
    player, public = drawn
    player.protocol.write_text(third_party(blocks=4))
    found = refused(player, DocumentError, kits=public)
    assert found.splitlines()[0] == f"{public}: 2 problems"
    assert "both sides need the same file, or the preparer draws again" in found
    assert "kits: found 8 kits; this design needs 10, block by block" in found


def test_changed_kits(drawn):
    """The file is believed only as far as it can be computed again."""
    player, public = drawn
    document = json.loads(public.read_text())
    document["kits"][0], document["kits"][1] = document["kits"][1], document["kits"][0]
    public.write_text(json.dumps(document))
    assert "commitment does not follow from the kits and leaves of this file" in refused(
        player, DocumentError, kits=public
    )
    public.write_text("{")
    assert "is no public.json" in refused(player, WorkspaceError, kits=public)


def test_a_protocol_with_problems(player):
    """All of them, with line and column."""
    player.protocol.write_text(
        third_party().replace("period_days: 2", "period_days: two").replace("sesoi: 5", "sesoy: 5")
    )
    found = refused(player, ProtocolError)
    assert "2 problems" in found
    assert "design.period_days" in found
    assert "sesoy" in found


@pytest.mark.parametrize("zone", ["Mars/Phobos", "../etc/passwd", "", "Europe"])
def test_a_zone_that_is_not_known(drawn, zone, monkeypatch):
    """Also where the machine does not know its own."""
    player, public = drawn
    monkeypatch.setattr("nof1.workflow.randomize.local_zone", lambda: None)
    assert "is not known; write its IANA name, such as --zone Europe/Berlin" in refused(
        player, EntryError, kits=public, zone=zone
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Coffee", "cannot name a trial; write 3 to 41 small letters"),
        ("co", "cannot name a trial; write 3 to 41 small letters"),
        ("my coffee", "cannot name a trial; write 3 to 41 small letters"),
        ("nul", "is the name of a device on Windows; take another name"),
    ],
)
def test_a_name_that_cannot_be(drawn, name, sentence):
    """It is the name of a folder on every system."""
    player, public = drawn
    player.name = name
    assert sentence in refused(player, WorkspaceError, kits=public)


def test_a_second_draw_would_be_a_choice(running):
    """Nothing of the first is changed."""
    before = running.rows()
    files = {path: path.read_bytes() for path in running.folder.iterdir()}
    with pytest.raises(StoreError) as refusal:
        running.randomize(kits=running.folder / "public.json")
    assert str(refusal.value) == (
        f"{running.folder / 'trial.sqlite'} holds a trial already; nothing was changed. Take another folder"
    )
    assert running.rows() == before
    assert {path: path.read_bytes() for path in running.folder.iterdir()} == files


def test_a_folder_that_another_program_copies(drawn):
    """Refused, unless one knows what one does."""
    player, public = drawn
    player.workspace = player.root / "Dropbox"
    assert "is synchronised by another program (Dropbox)" in refused(player, WorkspaceError, kits=public)
    assert player.randomize(kits=public, allow_synced=True).trial.name == "coffee"


def test_a_statement_must_be_acknowledged(tmp_path):
    """What is typed is stored beside what was shown."""
    text = third_party().replace("safety:\n", "safety:\n  acknowledge: I have read what it can do.\n")
    player = Player(tmp_path, text)
    public = player.send(player.draw())
    for typed in (None, "", "  "):
        assert refused(player, EntryError, kits=public, acknowledged=typed) == (
            "pairs asks to be acknowledged first: I have read what it can do. Say so with --acknowledge TEXT"
        )
    done = player.randomize(kits=public, acknowledged="read on Sunday")
    told = [r.event for r in done.trial.state.records if r.event.KIND == "acknowledged"]
    assert [(event.statement, event.typed) for event in told] == [
        ("I have read what it can do.", "read on Sunday")
    ]


def test_an_interrupted_registration_can_be_repeated(drawn):
    """Entropy that fails at any call leaves a trial or none, and never half of one."""
    player, public = drawn
    for n_calls in range(20):
        left = [n_calls]

        def fails(n, left=left):
            left[0] -= 1
            if left[0] < 0:
                raise RuntimeError("no entropy")
            return player.context.entropy(n)

        try:
            randomize_trial(
                player.protocol,
                player.folder,
                START,
                replace(player.context, entropy=fails),
                zone="UTC",
                kits=public,
            )
        except RuntimeError:
            assert not (player.folder / "schedule.csv").exists()
            continue
        break
    assert 0 < n_calls < 19
    assert player.kinds() == ["trial_randomized"]


def _cannot(_trial):
    raise OSError(28, "No space left on device")


def test_remains_of_a_trial_are_no_place_for_another(drawn):
    """Where the record is gone and its files are there, a second draw would be a choice."""
    player, public = drawn
    player.randomize(kits=public)
    (player.folder / "trial.sqlite").write_bytes(b"")
    with pytest.raises(WorkspaceError, match="a second draw would be a choice"):
        player.randomize(kits=public)


def test_files_that_cannot_be_written_do_not_hide_the_registration(drawn, monkeypatch):
    """The event is stored, and said to be."""
    player, public = drawn
    monkeypatch.setattr("nof1.workflow.randomize.write_schedule", _cannot)
    with pytest.raises(WorkspaceError) as refusal:
        player.randomize(kits=public)
    assert str(refusal.value).startswith(
        "the registration is stored, but a file that follows from it was not written ("
    )
    assert player.kinds() == ["trial_randomized"]


def test_kits_are_used_once(running):
    """The same commitment in two trials of a workspace would be one draw for two orders of life."""
    received = running.root / "received" / "public.json"
    running.name = "second"
    with pytest.raises(StageError) as refusal:
        running.randomize(kits=received)
    assert str(refusal.value) == (
        "these kits belong to coffee, of which this commitment was published; a trial needs kits of its own. "
        "Ask the preparer to draw again"
    )
    assert not running.folder.exists()


@pytest.mark.parametrize("content", [None, b""])
def test_a_record_that_is_gone_is_not_drawn_again(running, content):
    """What is left of the trial says that there was one."""
    store = running.folder / "trial.sqlite"
    store.unlink() if content is None else store.write_bytes(content)
    with pytest.raises(WorkspaceError) as refusal:
        running.randomize(kits=running.root / "received" / "public.json")
    assert str(refusal.value) == (
        f"{running.folder} holds heads.txt, schedule.csv, public.json of a trial whose record is gone; a second draw would "
        "be a choice. Restore a backup (nof1 restore FILE), or take another folder"
    )
    with pytest.raises(
        TrialNotFoundError, match=r"the record of this trial is missing or empty, but heads\.txt"
    ):
        _ = running.trial
