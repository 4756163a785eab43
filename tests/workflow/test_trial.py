"""A trial as every step meets it."""

from __future__ import annotations

import sqlite3

import pytest

from nof1.audit import events
from nof1.errors import OpeningError, StageError, TrialNotFoundError, WorkspaceError
from nof1.workflow.context import Context
from nof1.workflow.demo import simulated_entropy
from nof1.workflow.parts import parts_of
from nof1.workflow.public import public_document, registered_public, write_public_file
from nof1.workflow.trial import changing, open_trial_store, read_trial, stored


def test_a_folder_without_a_store(tmp_path):
    """Says where to look."""
    with pytest.raises(TrialNotFoundError) as refused:
        read_trial(tmp_path)
    assert str(refused.value) == f"{tmp_path} holds no trial; see nof1 trials, or begin with nof1 randomize"


def test_an_error_undoes_the_whole_block(running):
    """What was recorded before it is gone."""
    before = running.rows()

    def note_and_fail():
        with changing(running.folder, running.context) as change:
            change.record(events.NoteRecorded(text="one"))
            change.refresh()
            assert len(change.trial.state.records) == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        note_and_fail()
    assert running.rows() == before


def test_a_key_names_an_attempt(running):
    """The second one is answered with the record of the first."""
    with changing(running.folder, running.context) as change:
        first = change.record(events.NoteRecorded(text="one"), key="note/1")
        again = change.record(events.NoteRecorded(text="two"), key="note/1")
    assert again.duplicate
    assert again.event_id == first.event_id
    assert running.kinds().count("note_recorded") == 1


def test_a_file_that_cannot_be_written_is_opened_for_reading(running, monkeypatch):
    """The status can be asked for on a read-only disk."""
    monkeypatch.setattr("nof1.workflow.trial.os.access", lambda path, mode: False)
    assert open_trial_store(running.folder).read_only
    assert read_trial(running.folder).name == "coffee"


def test_the_actor_of_a_context():
    """A copy; nothing else changes."""
    context = Context(workspace=None)
    assert context.acting_as("a nurse").actor == "a nurse"
    assert context.actor == ""
    assert context.now().tzinfo is not None
    assert len(context.entropy(16)) == 16
    assert not context.simulated


def test_simulated_entropy_repeats():
    """The same seed gives the same bytes, call by call; another one others."""
    first, again, other = simulated_entropy(b"a"), simulated_entropy(b"a"), simulated_entropy(b"b")
    drawn = [first(16) for _ in range(3)]
    assert drawn == [again(16) for _ in range(3)]
    assert len(set(drawn)) == 3
    assert other(16) not in drawn


def test_the_public_part_follows_from_the_registration(running, openly):
    """An open trial publishes secret and order, a blinded one kits and hashes."""
    assert "secret" not in public_document(parts_of(running.trial)[0])
    assert registered_public(running.trial).line == running.trial.registration.published_line
    assert public_document(parts_of(openly.trial)[0])["sequence"] == list(openly.trial.registration.kits)
    with pytest.raises(OpeningError, match="openly has no kits"):
        registered_public(openly.trial)


def test_an_imported_trial_has_neither_kits_nor_calendar(imported):
    """Each is said."""
    assert write_public_file(imported.trial) == ()
    with pytest.raises(OpeningError, match="brought has no kits"):
        registered_public(imported.trial)
    with pytest.raises(StageError, match="brought was run elsewhere; it has no calendar of ours"):
        _ = imported.trial.schedule


def test_no_condition_beside_a_kit_in_the_store(running):
    """The protocol's own text is the only place that names a condition."""
    connection = sqlite3.connect(running.folder / "trial.sqlite")
    (payload,) = connection.execute("SELECT payload FROM event WHERE seq = 1").fetchone()
    connection.close()
    begun = running.trial.registration
    for kit in begun.kits:
        after = payload[payload.index(kit) + len(kit) :][:40]
        assert '"on"' not in after
        assert '"off"' not in after


def test_an_interrupt_after_the_commit_does_not_hide_it(running):
    """Whoever presses ctrl-C while files are written hears that the event is stored."""

    def interrupted():
        with stored("the shift", "coffee"):
            raise KeyboardInterrupt

    with pytest.raises(WorkspaceError) as refused:
        interrupted()
    assert str(refused.value) == (
        "the shift is stored, but a file that follows from it was not written (interrupted); "
        "next: nof1 verify coffee --repair"
    )
