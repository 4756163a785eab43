"""The store keeps what it is given, once, in order, and gives it back."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from nof1.audit import events
from nof1.audit.chain import Anchor, find_break
from nof1.audit.stage import Stage
from nof1.errors import EntryError, StageError, StoreError, TrialNotFoundError, WorkspaceError
from nof1.scores.columns import Columns
from nof1.storage.store import create_store, open_store

from .trial import DRAWN, LOCKED, TRIAL_ID, UNBLINDED, UNLOCKED, Writer, begin, correction, entry


def test_what_is_stored_is_what_was_entered(writer):
    """Echo = stored = read by anybody who opens the file later."""
    said = [
        entry(mood="1.50", calm=None),
        events.NoteRecorded(text="slept “badly”\n– twice"),
        LOCKED,
        UNBLINDED,
    ]
    echoes = [writer.write(event) for event in said]
    assert [echo.event for echo in echoes] == said
    assert list(open_store(writer.store.path).records()[1:]) == echoes
    assert find_break(writer.store.rows()) is None
    assert writer.store.faults() == ()


def test_text_is_stored_in_normal_form(writer):
    """What the caller gets back is what later readers get, also where two forms look the same."""
    decomposed = "zoe\u0301"
    echo = writer.write(events.KitOpened(period=1, kit=decomposed), idem_key=decomposed)
    assert echo.event.kit == unicodedata.normalize("NFC", decomposed) != decomposed
    assert writer.store.records()[-1] == echo
    assert writer.write(events.KitOpened(period=1, kit=decomposed), idem_key=decomposed).duplicate
    assert writer.store.faults() == ()


def test_a_transaction_is_stored_whole_or_not_at_all(writer):
    """An error in the block of the caller leaves nothing behind."""
    before = writer.store.path.read_bytes()

    def stumble():
        with writer.store.writing(writer.entropy) as transaction:
            writer.append(transaction, entry(session=1))
            writer.append(transaction, entry(session=2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    assert writer.store.path.read_bytes() == before
    with writer.store.writing(writer.entropy) as transaction:
        assert transaction.records == writer.store.records()
        first, second = (
            writer.append(transaction, entry(session=1)),
            writer.append(transaction, entry(session=2)),
        )
        assert transaction.records[1:] == (first, second)
        assert transaction.state.score("day.mood", 2).value == "7"
    assert writer.store.records()[1:] == (first, second)


def test_a_repeated_attempt_adds_nothing(writer):
    """People and browsers retry: the first record is the answer."""
    first = writer.write(entry(mood="3"), idem_key="form 1")
    again = writer.write(entry(mood="3"), idem_key="form 1")
    assert (again.duplicate, again.record, again.event) == (True, first.record, first.event)
    assert len(writer.store.records()) == 2
    with pytest.raises(EntryError, match="recorded as scores_entered before"):
        writer.write(events.NoteRecorded(text="x"), idem_key="form 1")


def test_a_repeated_attempt_is_answered_at_any_stage(writer):
    """A retry that arrives after the lock is not an entry after the lock."""
    first = writer.write(entry(), idem_key="form 1")
    writer.write(LOCKED)
    assert writer.write(entry(), idem_key="form 1").record == first.record
    with pytest.raises(StageError, match="caffeine is locked"):
        writer.write(entry(), idem_key="form 2")


def test_the_stage_is_enforced_by_the_store(writer):
    """No way of entry can forget the order of steps, nor slip it inside one transaction."""
    with pytest.raises(StageError, match="exists already"):
        writer.write(DRAWN)

    def lock_and_enter():
        with writer.store.writing(writer.entropy) as transaction:
            writer.append(transaction, LOCKED)
            assert transaction.position.stage is Stage.LOCKED
            writer.append(transaction, entry())

    with pytest.raises(StageError, match="caffeine is locked"):
        lock_and_enter()
    writer.write(entry())  # the lock went with its transaction
    writer.write(LOCKED)
    writer.write(UNLOCKED)
    writer.write(LOCKED)
    writer.write(UNBLINDED)
    with pytest.raises(StageError, match="cannot be undone"):
        writer.write(UNLOCKED)


def test_an_event_knows_the_protocol_in_force(writer):
    """Each record carries the digest under which it was made."""
    amendment = events.ProtocolAmended(
        protocol_text="nof1: 1\n",
        protocol_canonical="{}",
        protocol_sha256="cd" * 32,
        amends_sha256="ab" * 32,
        effective_on="2026-04-05",
        changes=("title (clerical)",),
        reason="a slip of the pen",
    )
    for event in (entry(), amendment, entry(session=2)):
        writer.write(event)
    digests = [row.protocol_sha256 for row in writer.store.rows()]
    assert digests == ["ab" * 32, "ab" * 32, "cd" * 32, "cd" * 32]


def test_times_of_an_observation_stand_in_their_columns(writer):
    """The event says when it happened; where it does not, the caller may."""
    assert writer.write(entry()).record.observed_at == "2026-04-03T06:00:00.000Z"
    with writer.store.writing(writer.entropy) as transaction:
        echo = transaction.append(
            events.NoteRecorded(text="x"),
            actor="Ann",
            channel="cli",
            recorded_at=writer.store.records()[0].recorded_at,
            idem_key="k",
            observed_at="2026-04-02T06:00:00.000Z",
            observed_offset="+02:00",
        )
    assert (echo.record.observed_at, echo.record.observed_offset) == ("2026-04-02T06:00:00.000Z", "+02:00")


def test_corrections_find_their_score_or_are_refused(writer):
    """A correction of nothing would be lost in silence."""
    form = writer.write(entry(mood="3", calm="4"))
    fix = writer.write(correction(form, "5", row=1))
    assert fix.record.replaces == form.event_id
    assert [score.value for score in writer.store.state().scores] == ["3", "5"]
    note = writer.write(events.NoteRecorded(text="x"))
    for replaces, row, score in [
        (form.event_id, 2, "day.calm"),
        (form.event_id, 0, "day.calm"),
        (note.event_id, 0, "day.mood"),
        (fix.event_id, 0, "day.calm"),
        ("f" * 32, 0, "day.mood"),
    ]:
        with pytest.raises(EntryError, match="no"):
            writer.write(
                events.ScoreCorrected(replaces=replaces, row=row, score=score, value="9", reason="why not")
            )
    assert len(writer.store.records()) == 4


def test_a_record_replaces_only_one_of_its_kind(writer):
    """A dose cannot put a harm right."""
    dose = writer.write(events.DoseRecorded(taken_on="2026-04-03", taken=True))
    with pytest.raises(EntryError, match="no event"):
        writer.write(
            events.AdverseEventRecorded(term="headache", severity=1, serious=False, replaces=dose.event_id)
        )
    writer.write(events.DoseRecorded(taken_on="2026-04-03", taken=False, replaces=dose.event_id))
    assert [dose.event.taken for dose in writer.store.state().of(events.DoseRecorded)] == [False]


def test_an_erased_text_is_gone_from_the_file_and_the_chain_holds(writer):
    """Personal data that slipped in can be taken out; that it was there stays."""
    note = writer.write(events.NoteRecorded(text="Dr. Quatsch rang"))
    heads = [Anchor(seq=row.seq, head=row.hash, at="", what="x") for row in writer.store.rows()]
    assert b"Quatsch" in writer.store.path.read_bytes()
    writer.write(events.Redacted(event_id=note.event_id, field="text", reason="a name"))
    assert b"Quatsch" not in writer.store.path.read_bytes()
    assert writer.store.records()[1].event.text == "[erased]"
    assert writer.store.faults(heads) == ()
    with pytest.raises(EntryError, match="erased already"):
        writer.write(events.Redacted(event_id=note.event_id, field="text", reason="again"))
    with pytest.raises(EntryError, match="no text 'kit'"):
        writer.write(events.Redacted(event_id=note.event_id, field="kit", reason="x"))


def test_equal_operations_give_equal_files(tmp_path):
    """The file depends on nothing but what was entered: so no hidden channel can tell two allocations apart."""
    for name in ("a", "b"):
        writer = begin(tmp_path / name / "trial.sqlite", seed="same")
        form = writer.write(entry())
        writer.write(correction(form, "5"))
        writer.write(events.NoteRecorded(text="x"))
    assert (tmp_path / "a" / "trial.sqlite").read_bytes() == (tmp_path / "b" / "trial.sqlite").read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_store_is_for_its_owner_alone(writer):
    """Files 0600, folders 0700, also the journal while a transaction is open."""
    path = writer.store.path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with writer.store.writing(writer.entropy) as transaction:
        writer.append(transaction, entry())
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"trial.sqlite": 0o600, "trial.sqlite-journal": 0o600}
    assert [file.name for file in path.parent.iterdir()] == ["trial.sqlite"]


def test_a_store_that_is_read_cannot_be_written(writer):
    """Read-only is refused here, not by the disk later."""
    store = open_store(writer.store.path, read_only=True)
    assert store.records() == writer.store.records()
    with pytest.raises(StoreError, match="reading only; nothing was stored"):
        Writer(store, "b").write(entry())


def test_a_later_format_is_opened_for_reading_with_a_sentence(writer):
    """An older nof1 must not write what a later one could not read."""
    with sqlite3.connect(writer.store.path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    store = open_store(writer.store.path)
    assert len(store.records()) == 1
    assert "update nof1" in store.notice
    with pytest.raises(StoreError, match="update nof1"):
        Writer(store, "b").write(entry())


def test_what_is_no_trial_is_told_apart(tmp_path, writer):
    """Missing, begun and not finished, of another program, damaged: each has its own sentence."""
    with pytest.raises(TrialNotFoundError, match="missing"):
        open_store(tmp_path / "nothing.sqlite")
    empty = tmp_path / "empty" / "trial.sqlite"
    create_store(empty, TRIAL_ID)
    with pytest.raises(TrialNotFoundError, match="interrupted"):
        open_store(empty)
    foreign = tmp_path / "foreign.sqlite"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE event (seq)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        open_store(foreign)
    with pytest.raises(StoreError, match="another program"):
        create_store(foreign, TRIAL_ID)
    noise = tmp_path / "noise.sqlite"
    noise.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(StoreError, match="damaged, or no store"):
        open_store(noise)
    with pytest.raises(StoreError, match="holds a trial already"):
        create_store(writer.store.path, TRIAL_ID)


def test_an_interrupted_creation_is_taken_up_again(tmp_path):
    """Between the empty file and the first event, `randomize` can simply be repeated."""
    path = tmp_path / "caffeine" / "trial.sqlite"
    path.parent.mkdir()
    path.touch()
    create_store(path, TRIAL_ID)
    writer = Writer(create_store(path, TRIAL_ID))
    writer.write(DRAWN)
    assert open_store(path).trial_id == TRIAL_ID
    with pytest.raises(ValueError, match="of tea, not of caffeine"):
        Writer(create_store(tmp_path / "tea" / "trial.sqlite", "tea")).write(DRAWN)


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    """Creation fails with the place, before anything is drawn."""
    (tmp_path / "caffeine").write_text("a file where the folder should be")
    with pytest.raises(WorkspaceError, match="cannot be created"):
        create_store(tmp_path / "caffeine" / "trial.sqlite", TRIAL_ID)


def test_a_live_store_is_not_put_where_others_copy_it(tmp_path):
    """A synchronised folder is refused, unless the person insists."""
    path = tmp_path / "Dropbox" / "caffeine" / "trial.sqlite"
    with pytest.raises(WorkspaceError, match=r"synchronised.*nof1 backup"):
        create_store(path, TRIAL_ID)
    assert not path.exists()
    assert create_store(path, TRIAL_ID, allow_synced=True).path == path


def test_an_event_has_an_author_and_a_key(writer):
    """Attributable: no event without both."""
    for missing in ({"actor": ""}, {"idem_key": ""}):
        names = {
            "actor": "Ann",
            "idem_key": "k",
            "channel": "cli",
            "recorded_at": writer.store.records()[0].recorded_at,
        }
        with pytest.raises(ValueError, match="actor"), writer.store.writing(writer.entropy) as transaction:
            transaction.append(entry(), **names | missing)


def test_the_module_starts_without_sqlalchemy():
    """`--help` must not wait for what it does not use."""
    code = "import sys, nof1.storage.store, nof1.storage.backup; sys.exit('sqlalchemy' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parent).returncode == 0
    )


@pytest.mark.parametrize("n_rows", [1, 50, 123])
def test_rows_of_a_file_stand_in_the_table_of_scores(writer, path, n_rows):
    """However many go into one statement: all, in order, with nothing where there is nothing."""
    rows = [
        events.ScoreRow(score=f"app.{n}", session=n, value=None if n % 7 == 6 else str(n), missing_reason="ill" if n % 7 == 6 else None)
        for n in range(n_rows)
    ]  # fmt: skip
    recorded = writer.write(
        events.ScoresImported(
            file_name="f", file_sha256="", rows_sha256="", part=1, n_parts=1, rows=Columns.of(events.ScoreRow, rows)
        )
    )  # fmt: skip
    statement = "SELECT event_seq, row, score, session, day, observed_at, value, missing_reason, n_versions, last_seq FROM score_current"
    with sqlite3.connect(path) as file:
        found = file.execute(f"{statement} WHERE event_seq = {recorded.seq} ORDER BY row").fetchall()
    assert found == [
        (recorded.seq, n, row.score, row.session, None, None, row.value, row.missing_reason, 1, recorded.seq)
        for n, row in enumerate(rows)
    ]
    assert writer.store.faults() == ()
    writer.store.rebuild()
    assert writer.store.faults() == ()
