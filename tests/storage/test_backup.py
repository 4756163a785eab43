"""A backup is believed only after it was read back, and replaces nothing."""

from __future__ import annotations

import os
import sqlite3
import stat

import pytest

from nof1.audit import events
from nof1.audit.chain import Anchor
from nof1.errors import ChainError, StoreError, TrialNotFoundError, WorkspaceError
from nof1.storage import backup as backup_module
from nof1.storage.backup import back_up, restore
from nof1.storage.store import open_store
from nof1.storage.tables import TRIGGERS

from .trial import Writer, entry


def anchor(writer):
    """Return the head as it is now."""
    head = writer.store.head()
    return Anchor(seq=head.seq, head=head.hash, at=head.recorded_at, what="backup")


def test_a_restored_store_goes_on_where_the_backup_ended(writer, tmp_path):
    """The restore drill: back up, lose, restore, go on."""
    writer.write(entry())
    kept = anchor(writer)
    copy = back_up(writer.store.path, tmp_path / "monday.backup")
    assert (copy.seq, copy.head, copy.n_bytes) == (2, kept.head, (tmp_path / "monday.backup").stat().st_size)
    writer.write(entry(session=2))
    target = tmp_path / "trial.sqlite"
    assert restore(copy.path, target, [kept]).head == kept.head
    restored = Writer(open_store(target), "b")
    restored.write(entry(session=2))
    assert len(restored.store.records()) == 3
    assert restored.store.faults([kept]) == ()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["caffeine", "monday.backup", "trial.sqlite"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_backup_is_for_its_owner_alone(writer, tmp_path):
    """It holds the same data as the store."""
    copy = back_up(writer.store.path, tmp_path / "x.backup")
    assert stat.S_IMODE(copy.path.stat().st_mode) == 0o600


def test_a_backup_can_be_made_while_another_writes(writer, tmp_path):
    """It holds the last committed state."""
    with writer.store.writing(writer.entropy) as transaction:
        writer.append(transaction, entry())
        assert back_up(writer.store.path, tmp_path / "x.backup").seq == 1
    assert back_up(writer.store.path, tmp_path / "y.backup").seq == 2


def test_a_copy_replaces_nothing(writer, tmp_path):
    """Neither an older backup nor a live store."""
    copy = back_up(writer.store.path, tmp_path / "x.backup")
    before = copy.path.read_bytes()
    writer.write(entry())
    for copying in (
        lambda: back_up(writer.store.path, copy.path),
        lambda: restore(copy.path, writer.store.path),
    ):
        with pytest.raises(WorkspaceError, match="replaces nothing"):
            copying()
    assert copy.path.read_bytes() == before
    with pytest.raises(WorkspaceError, match="no folder"):
        back_up(writer.store.path, tmp_path / "away" / "x.backup")


def test_a_name_that_is_taken_at_the_last_moment_is_not_replaced(writer, tmp_path, monkeypatch):
    """Between the first look and the end someone else may have written the file."""
    target = tmp_path / "x.backup"
    real = backup_module._copy_pages

    def copy_and_be_late(source, temporary):
        real(source, temporary)
        target.write_text("mine")

    monkeypatch.setattr(backup_module, "_copy_pages", copy_and_be_late)
    with pytest.raises(WorkspaceError, match="replaces nothing"):
        back_up(writer.store.path, target)
    assert target.read_text() == "mine"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["caffeine", "x.backup"]


def test_a_backup_that_lacks_an_anchor_is_refused(writer, tmp_path):
    """An older backup would silently take back what was written since."""
    old = back_up(writer.store.path, tmp_path / "old.backup")
    writer.write(entry())
    with pytest.raises(ChainError, match="had 2 events; 1 are left"):
        restore(old.path, tmp_path / "trial.sqlite", [anchor(writer)])
    assert not (tmp_path / "trial.sqlite").exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE event SET actor = 'x' WHERE seq = 1", "UPDATE score_current SET value = '9'"]
)
def test_what_is_not_whole_is_not_kept(writer, tmp_path, statement):
    """A backup of a store that was tampered with does not get the name of a backup."""
    writer.write(entry())
    connection = sqlite3.connect(writer.store.path)
    connection.execute("DROP TRIGGER event_no_update")
    connection.execute(statement)
    connection.execute(f"CREATE TRIGGER event_no_update {TRIGGERS['event_no_update']}")
    connection.commit()
    connection.close()
    with pytest.raises(ChainError, match="the copy is not whole"):
        back_up(writer.store.path, tmp_path / "x.backup")
    assert [file.name for file in tmp_path.iterdir()] == ["caffeine"]


def test_a_damaged_or_missing_backup_is_told(writer, tmp_path):
    """In a sentence, without a file left behind."""
    copy = back_up(writer.store.path, tmp_path / "x.backup")
    with pytest.raises(TrialNotFoundError):
        restore(tmp_path / "none.backup", tmp_path / "trial.sqlite")
    copy.path.write_bytes(copy.path.read_bytes()[:5000])
    with pytest.raises(StoreError, match="damaged"):
        restore(copy.path, tmp_path / "trial.sqlite")
    assert not (tmp_path / "trial.sqlite").exists()


def test_an_erased_text_is_not_in_a_later_backup(writer, tmp_path):
    """Free pages are copied too; they must be empty."""
    note = writer.write(events.NoteRecorded(text="Dr. Quatsch rang"))
    writer.write(events.Redacted(event_id=note.event_id, field="text", reason="a name"))
    assert b"Quatsch" not in back_up(writer.store.path, tmp_path / "x.backup").path.read_bytes()
