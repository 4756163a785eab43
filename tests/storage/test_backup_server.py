"""A trial on a server is copied into one file, and made from one again; nothing is replaced, and nothing is left half."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest

from nof1.audit.chain import Anchor
from nof1.errors import ChainError, StoreError, WorkspaceError
from nof1.storage.backup import back_up, restore, restore_to_server
from nof1.storage.server import trials_of
from nof1.storage.store import open_store

from .test_server import begin_shared, live
from .trial import Writer, begin, entry


@pytest.fixture
def place(tmp_path):
    """Return where it is said on which server the trial is."""
    return tmp_path / "clinic" / "caffeine" / "store.json"


def anchor(writer):
    """Return the head as it is now."""
    head = writer.store.head()
    return Anchor(seq=head.seq, head=head.hash, at=head.recorded_at, what="backup")


def test_a_trial_goes_from_server_to_file_to_server(place, tmp_path, clinic, postgresql):
    """Rows, hashes and texts stay as they were, on all ways; and the trial goes on where it ended."""
    writer = begin_shared(place, clinic)
    live(writer)
    kept = anchor(writer)
    copy = back_up(place, tmp_path / "monday.nof1")
    assert (copy.seq, copy.head) == (kept.seq, kept.head)
    file = open_store(restore(copy.path, tmp_path / "trial.sqlite", [kept]).path)
    other = type(clinic)(postgresql)
    again = tmp_path / "again" / "store.json"
    assert restore_to_server(copy.path, again, other.writer, [kept]).head == kept.head
    for store in (file, open_store(again)):
        assert store.rows() == writer.store.rows()
        assert store.records() == writer.store.records()
        assert store.faults([kept]) == ()


def test_a_restored_trial_goes_on(tmp_path, clinic):
    """From a file to the server, in the role that only adds."""
    alone = begin(tmp_path / "caffeine" / "trial.sqlite")
    copy = back_up(alone.store.path, tmp_path / "x.nof1")
    restore_to_server(copy.path, tmp_path / "on" / "store.json", clinic.writer)
    writer = Writer(open_store(tmp_path / "on" / "store.json"), "b")
    writer.write(entry())
    assert len(writer.store.rows()) == 2
    assert writer.store.faults() == ()


def test_a_copy_replaces_no_trial(place, tmp_path, clinic):
    """Neither one of the same name in the store, nor the file that says where one is."""
    writer = begin_shared(place, clinic)
    copy = back_up(place, tmp_path / "x.nof1")
    writer.write(entry())
    with pytest.raises(WorkspaceError, match="replaces nothing"):
        back_up(place, copy.path)
    with pytest.raises(WorkspaceError, match="replaces nothing"):
        restore_to_server(copy.path, place, clinic.writer)
    with pytest.raises(StoreError, match="another trial of the name caffeine"):
        restore_to_server(copy.path, tmp_path / "else" / "store.json", clinic.writer)
    assert not (tmp_path / "else" / "store.json").exists()
    assert len(writer.store.rows()) == 2


def test_what_is_not_whole_is_not_kept(place, tmp_path, clinic, postgresql):
    """A record that was changed does not get the name of a backup; a file that was changed does not get into a store."""
    begin_shared(place, clinic)
    copy = back_up(place, tmp_path / "x.nof1")
    with psycopg.connect(clinic.owner) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE nof1.event SET actor = 'x'")
    with pytest.raises(ChainError, match="the copy is not whole"):
        back_up(place, tmp_path / "y.nof1")
    assert not (tmp_path / "y.nof1").exists()
    with sqlite3.connect(copy.path) as file:
        file.execute("DROP TRIGGER event_no_update")
        file.execute("UPDATE event SET actor = 'x'")
    other = type(clinic)(postgresql)
    with pytest.raises(ChainError, match="the copy is not whole"):
        restore_to_server(copy.path, tmp_path / "z" / "store.json", other.writer)
    assert trials_of(other.owner) == ()
    assert not (tmp_path / "z" / "store.json").exists()


def test_a_backup_that_lacks_an_anchor_is_refused(place, tmp_path, clinic, postgresql):
    """An older backup would silently take back what was written since."""
    writer = begin_shared(place, clinic)
    copy = back_up(place, tmp_path / "old.nof1")
    writer.write(entry())
    other = type(clinic)(postgresql)
    with pytest.raises(ChainError, match="had 2 events; 1 are left"):
        restore_to_server(copy.path, tmp_path / "z" / "store.json", other.writer, [anchor(writer)])
    assert trials_of(other.owner) == ()


def test_a_server_that_refuses_at_the_end_leaves_nothing(tmp_path, clinic):
    """A reader cannot restore; the name is free afterwards."""
    copy = back_up(begin(tmp_path / "caffeine" / "trial.sqlite").store.path, tmp_path / "x.nof1")
    with pytest.raises(StoreError, match="this role may not do that"):
        restore_to_server(copy.path, tmp_path / "on" / "store.json", clinic.reader)
    assert not (tmp_path / "on" / "store.json").exists()
    assert trials_of(clinic.owner) == ()
