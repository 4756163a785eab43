"""A store under any series of acts agrees with a few dicts that do the same."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from nof1.audit import events
from nof1.audit.chain import Anchor
from nof1.errors import EntryError, StageError
from nof1.scores.columns import Columns
from nof1.storage.backup import back_up, restore, restore_to_server
from nof1.storage.store import create_shared_store, open_store

from .server import Clinic
from .trial import DRAWN, LOCKED, TRIAL_ID, UNBLINDED, UNLOCKED, Writer, begin, correction, entry

VALUES = st.integers(0, 10).map(str)
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - no disk to wait for; nothing crashes here


class TrialMachine(RuleBasedStateMachine):
    """Acts of a person, in any order; the oracle keeps values, stage and texts in plain Python."""

    forms = Bundle("forms")
    notes = Bundle("notes")

    def begin(self):
        """Draw the trial in a new store."""
        return begin(self.folder / "caffeine" / "trial.sqlite")

    def restore(self, copy, folder):
        """Make a new store from a backup; return where it is."""
        return restore(copy, folder / "trial.sqlite", self.anchors).path

    @initialize()
    def draw(self):
        """Start a trial."""
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY))
        self.writer = self.begin()
        self.stage = "running"
        self.values = {}  # (event id, row) → values so far
        self.texts = {}
        self.recorded = [self.writer.store.records()[0]]
        self.anchors = []
        self.n_reopened = 0

    def attempt(self, event, stages, key=None):
        """Record an event; it must be accepted at these stages and refused at all others."""
        if self.stage not in stages:
            with pytest.raises(StageError):
                self.writer.write(event, key)
            return None
        self.recorded.append(self.writer.write(event, key))
        return self.recorded[-1]

    @rule(target=forms, session=st.integers(1, 5), mood=VALUES, calm=st.none() | VALUES)
    def enter(self, session, mood, calm):
        """Enter a form of two scores, perhaps again for the same session."""
        if form := self.attempt(entry(session, mood=mood, calm=calm), {"running"}):
            self.values |= {(form.event_id, 0): [mood], (form.event_id, 1): [calm]}
        return form

    @rule(form=forms, row=st.integers(0, 1), value=VALUES)
    def correct(self, form, row, value):
        """Correct one score, perhaps a corrected one."""
        if form and self.attempt(correction(form, value, row), {"running"}):
            self.values[form.event_id, row].append(value)

    @rule(form=forms)
    def correct_what_is_not_there(self, form):
        """Name a row that the form does not have."""
        if form and self.stage == "running":
            with pytest.raises(EntryError):
                self.writer.write(
                    events.ScoreCorrected(
                        replaces=form.event_id, row=2, score="day.calm", value="1", reason="slip"
                    )
                )

    @rule(target=notes, text=st.text(st.characters(codec="ascii"), min_size=1, max_size=5))
    def note(self, text):
        """Write a remark, at any stage."""
        note = self.attempt(events.NoteRecorded(text=text), {"running", "locked", "unblinded"})
        self.texts[note.event_id] = text
        return note

    @rule(note=notes)
    def erase(self, note):
        """Erase a remark, once."""
        erasure = events.Redacted(event_id=note.event_id, field="text", reason="a name")
        if self.texts[note.event_id] is None:
            with pytest.raises(EntryError):
                self.writer.write(erasure)
        else:
            self.attempt(erasure, {"running", "locked", "unblinded"})
            self.texts[note.event_id] = None

    @rule(target=forms, data=st.data())
    def import_rows(self, data):
        """Bring a file of rows in, all at once."""
        rows = [events.ScoreRow(score="day.mood", session=n, value=data.draw(VALUES)) for n in range(3)]
        imported = events.ScoresImported(
            file_name="f.csv",
            file_sha256="",
            rows_sha256="",
            part=1,
            n_parts=1,
            rows=Columns.of(events.ScoreRow, rows),
        )
        if recorded := self.attempt(imported, {"running"}):
            self.values |= {(recorded.event_id, n): [row.value] for n, row in enumerate(rows)}

    @rule()
    def lock(self):
        """Lock."""
        if self.attempt(LOCKED, {"running"}):
            self.stage = "locked"
            head = self.writer.store.head()
            self.anchors.append(Anchor(seq=head.seq, head=head.hash, at=head.recorded_at, what="locked"))

    @rule()
    def unlock(self):
        """Undo the lock."""
        if self.attempt(UNLOCKED, {"locked"}):
            self.stage = "running"

    @rule()
    def unblind(self):
        """Learn the allocation."""
        if self.attempt(UNBLINDED, {"locked"}):
            self.stage = "unblinded"

    @rule(data=st.data())
    def retry(self, data):
        """Repeat an attempt that succeeded: nothing happens, at any stage."""
        old = data.draw(st.sampled_from(self.recorded))
        assert self.writer.write(old.event, old.record.idem_key).record == old.record

    @rule()
    def reopen(self):
        """Close and open; nothing may depend on what was in memory."""
        self.n_reopened += 1
        self.writer = Writer(open_store(self.writer.store.path), f"{self.n_reopened} ")

    @rule()
    def lose_the_disk(self):
        """Go on from a backup in another place."""
        self.n_reopened += 1
        copy = self.folder / f"{self.n_reopened}.backup"
        back_up(self.writer.store.path, copy)
        new = self.folder / f"{self.n_reopened}"
        new.mkdir()
        self.writer = Writer(open_store(self.restore(copy, new)), f"{self.n_reopened} ")

    @invariant()
    def agrees(self):
        """Values, stage, texts, order and number of events are those of the oracle; rebuilt equals live."""
        store = self.writer.store
        assert store.faults(self.anchors) == ()
        state = store.state()
        assert state.position.stage == self.stage
        assert [recorded.record for recorded in state.records] == [
            recorded.record for recorded in self.recorded
        ]
        found = {(s.event_id, s.row): [version.value for version in s.versions] for s in state.scores}
        assert found == self.values
        texts = {note.event_id: note.event.text for note in state.of(events.NoteRecorded)}
        assert texts == {key: text or "[erased]" for key, text in self.texts.items()}
        assert (state.unblinding is not None) == (self.stage == "unblinded")

    def teardown(self):
        """Leave nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)


TestTrialMachine = TrialMachine.TestCase
TestTrialMachine.settings = settings(
    max_examples=12, stateful_step_count=25, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.sim
def test_a_store_on_a_server_agrees_too(postgresql):
    """The same acts, in the role that only adds; lost disks are lost servers."""

    class ServerMachine(TrialMachine):
        """The trial is kept on a server."""

        def begin(self):
            """Draw the trial in a new database."""
            place = self.folder / "caffeine" / "store.json"
            writer = Writer(create_shared_store(place, Clinic(postgresql).writer, TRIAL_ID))
            writer.write(DRAWN)
            return writer

        def restore(self, copy, folder):
            """Make a new database from a backup."""
            return restore_to_server(
                copy, folder / "store.json", Clinic(postgresql).writer, self.anchors
            ).path

    run_state_machine_as_test(
        ServerMachine, settings=settings(TestTrialMachine.settings, max_examples=25, derandomize=True)
    )
