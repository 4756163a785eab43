"""After an error a person is told what is on the disk, never a guess."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nof1.errors import OutcomeUnknownError, StoreError
from nof1.storage import outcome
from nof1.storage.database import Database, Session
from nof1.storage.faults import StorageFault, fault_of
from nof1.storage.outcome import read_rescue
from nof1.storage.store import open_store

from .trial import entry

REAL_COMMIT = Session.commit
DISK_FULL = StorageFault("SQLITE_FULL", "database or disk is full")


def commit_then(error):
    """Return a commit that succeeds, and an error all the same."""

    def commit(session):
        REAL_COMMIT(session)
        raise error

    return commit


def fail_with(error):
    """Return a call that fails before it does anything."""

    def fail(*arguments, **options):
        raise error

    return fail


@pytest.fixture
def unreadable(monkeypatch):
    """Break the store: it cannot be opened again."""

    def spoil():
        monkeypatch.setattr(Session, "commit", fail_with(DISK_FULL))
        monkeypatch.setattr(Database, "reading", fail_with(StorageFault("SQLITE_IOERR", "disk I/O error")))

    return spoil


@pytest.mark.parametrize("error", [DISK_FULL, OSError("gone"), KeyboardInterrupt()])
def test_an_error_after_the_commit_is_no_error(writer, monkeypatch, error):
    """The entry is on the disk, so it is acknowledged; otherwise it would be entered twice."""
    with monkeypatch.context() as patch:
        patch.setattr(Session, "commit", commit_then(error))
        echo = writer.write(entry())
    assert writer.store.records()[-1] == echo


@pytest.mark.parametrize("error", [DISK_FULL, OSError("gone"), KeyboardInterrupt()])
def test_an_error_before_the_commit_says_so(writer, monkeypatch, error):
    """Nothing is on the disk, and what to do is said."""
    with monkeypatch.context() as patch:
        patch.setattr(Session, "commit", fail_with(error))
        with pytest.raises(StoreError, match=r"^not saved: .*Nothing was stored") as caught:
            writer.write(entry(), "form 1")
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert len(writer.store.records()) == 1
    assert not writer.write(entry(), "form 1").duplicate


def test_an_error_in_the_middle_says_so(writer, monkeypatch):
    """A full disk while the rows are written is told like one at the end."""
    with monkeypatch.context() as patch:
        patch.setattr(Session, "add", fail_with(DISK_FULL))
        with pytest.raises(
            StoreError, match=r"not saved.*the disk is full; free some space. Nothing was stored"
        ):
            writer.write(entry())
    with monkeypatch.context() as patch:
        patch.setattr(Database, "begin", fail_with(StorageFault("SQLITE_BUSY", "database is locked")))
        with pytest.raises(StoreError, match=r"not saved.*another program.*Nothing was stored"):
            writer.write(entry())
    assert writer.store.faults() == ()


def test_an_unknown_outcome_keeps_the_entry(writer, unreadable):
    """The rescue file holds what was entered, for its owner alone, and can be entered from there."""
    unreadable()
    with pytest.raises(OutcomeUnknownError, match="unknown whether it was saved") as caught:
        writer.write(entry(mood="3", calm=None), "form 1")
    (rescue,) = writer.store.path.parent.glob("*.rescue-*.json")
    assert str(rescue) in str(caught.value)
    (attempt,) = read_rescue(rescue)
    assert attempt.event == entry(mood="3", calm=None)
    assert (attempt.actor, attempt.idem_key, attempt.observed_offset) == ("participant", "form 1", "+02:00")


@pytest.mark.parametrize("was_saved", [False, True])
def test_a_rescued_entry_is_stored_once(writer, unreadable, monkeypatch, was_saved):
    """Whether or not it was saved after all, entering it from the rescue file leaves it stored once."""
    with monkeypatch.context() as patch:
        unreadable_commit = commit_then(DISK_FULL) if was_saved else fail_with(DISK_FULL)
        patch.setattr(Session, "commit", unreadable_commit)
        patch.setattr(Database, "reading", fail_with(StorageFault("SQLITE_IOERR", "disk I/O error")))
        with pytest.raises(OutcomeUnknownError):
            writer.write(entry(), "form 1")
    (rescue,) = writer.store.path.parent.glob("*.rescue-*.json")
    echoes = open_store(writer.store.path).take_rescued(rescue, writer.entropy)
    assert [echo.duplicate for echo in echoes] == [was_saved]
    assert [record.idem_key for record in writer.store.rows()][1:] == ["form 1"]
    assert writer.store.records()[-1].event == entry()


def test_a_rescue_file_goes_where_it_can_be_written(writer, unreadable, monkeypatch, tmp_path):
    """A folder that cannot be written is the likeliest reason why the store cannot be asked."""
    real, refused = outcome.write_atomically, writer.store.path.parent

    def write_elsewhere(path, data, **options):
        if path.parent == refused:
            raise PermissionError(13, "denied")
        real(path, data, **options)

    monkeypatch.setattr(outcome, "write_atomically", write_elsewhere)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    unreadable()
    with pytest.raises(OutcomeUnknownError, match="kept in"):
        writer.write(entry())
    assert len(list(tmp_path.glob("*.rescue-*.json"))) == 1


def test_where_nothing_can_be_written_the_entry_is_shown(writer, unreadable, monkeypatch):
    """The last way to keep an entry is paper."""
    monkeypatch.setattr(outcome, "write_atomically", fail_with(OSError(28, "no space")))
    unreadable()
    with pytest.raises(OutcomeUnknownError, match=r"write this down: .*day\.mood"):
        writer.write(entry())


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": "other", "attempts": []}', b"\xff"])
def test_what_is_no_rescue_file_is_refused(tmp_path, content):
    """A file is not guessed at."""
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="no rescue file"):
        read_rescue(path)


def test_a_rescue_file_of_an_unknown_kind_is_refused(tmp_path):
    """A later version may keep kinds that this one does not know."""
    kept = {"kind": "kit_thrown_away", "payload": {}, "observed_at": None, "observed_offset": None}
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"format": "nof1/rescue/1", "attempts": [kept]}))
    with pytest.raises(StoreError, match="kit_thrown_away"):
        read_rescue(path)


def test_nothing_was_at_stake_without_an_entry(writer, monkeypatch):
    """A transaction that only met repeated attempts cannot lose anything."""
    writer.write(entry(), "form 1")
    monkeypatch.setattr(Session, "commit", fail_with(DISK_FULL))
    assert writer.write(entry(), "form 1").duplicate


def test_a_fault_names_what_to_do():
    """Every error that was met in fault injection has a sentence of its own."""
    said = {
        name: fault_of(StorageFault(name, "x")).advice
        for name in (
            "SQLITE_FULL",
            "SQLITE_IOERR_FSYNC",
            "SQLITE_READONLY_DIRECTORY",
            "SQLITE_CORRUPT",
            "SQLITE_BUSY",
        )
    }
    assert len(set(said.values())) == len(said)
    assert not fault_of(OSError("x")).is_damage
    assert fault_of(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x")).is_damage
    assert StorageFault("SQLITE_CORRUPT_INDEX", "x").is_damage
