"""Backup and restore: a copy is whole, or there is none."""

from __future__ import annotations

import sqlite3

import pytest

from nof1.errors import ChainError, StoreError, TrialNotFoundError, WorkspaceError
from nof1.workflow.keep import backup_trial, restore_trial
from nof1.workflow.trial import read_trial
from nof1.workflow.verify import Outcome, verify_trial


@pytest.fixture
def backup(unblinded):
    """Return a backup of an opened trial."""
    path = unblinded.root / "coffee.nof1"
    backup_trial(unblinded.folder, path)
    return path


def test_a_backup_knows_its_head(played):
    """The head goes to heads.txt as well."""
    copy = backup_trial(played.folder, played.root / "coffee.nof1")
    assert (copy.seq, copy.head) == (len(played.rows()), played.rows()[-1].hash)
    assert copy.n_bytes == copy.path.stat().st_size
    assert (played.folder / "heads.txt").read_text().splitlines()[-1].endswith(" backup")


def test_everything_comes_back(unblinded, backup, tmp_path):
    """All files of the trial but earlier copies, byte for byte but for heads.txt; and the restored trial passes."""
    again = tmp_path / "again" / "coffee"
    folder, copy = restore_trial(backup, unblinded.context, to=again)
    assert folder == again
    assert copy.seq == len(unblinded.rows())
    assert not any(check.outcome is Outcome.FAIL for check in verify_trial(folder))
    old = {
        p.relative_to(unblinded.folder): p.read_bytes() for p in unblinded.folder.rglob("*") if p.is_file()
    }
    new = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    differing = {str(name) for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    differing -= {name for name in differing if name.startswith("copies/")}  # what was copied before the lock
    assert differing <= {"heads.txt", "trial.sqlite"}
    assert read_trial(folder).state.records == unblinded.trial.state.records


def test_by_default_it_comes_back_under_its_name(unblinded, backup, tmp_path):
    """In the data folder of the workspace."""
    unblinded.folder.rename(tmp_path / "elsewhere")
    folder, _ = restore_trial(backup, unblinded.context)
    assert folder == unblinded.folder


def test_a_copy_replaces_nothing(unblinded, backup):
    """Neither a backup a file nor a restored trial a trial."""
    before = backup.read_bytes(), unblinded.rows()
    with pytest.raises(WorkspaceError) as refused:
        backup_trial(unblinded.folder, backup)
    assert str(refused.value) == f"{backup} exists, and a copy replaces nothing; choose another name"
    with pytest.raises(WorkspaceError) as refused:
        restore_trial(backup, unblinded.context)
    store = unblinded.folder / "trial.sqlite"
    assert str(refused.value) == f"{store} exists, and a copy replaces nothing; choose another name"
    assert (backup.read_bytes(), unblinded.rows()) == before


def test_a_tampered_backup_is_refused_and_leaves_nothing(unblinded, backup, tmp_path):
    """One flipped bit of one value."""
    data = bytearray(backup.read_bytes())
    data[data.index(b'"value":"4') + 10] ^= 1
    backup.write_bytes(data)
    with pytest.raises(ChainError, match="the copy is not whole, and was not kept"):
        restore_trial(backup, unblinded.context, to=tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"hello", "is damaged, or no store"), (b"", "holds no trial; give the file that nof1 backup wrote")],
)
def test_what_is_no_backup_is_refused_and_leaves_nothing(unblinded, tmp_path, content, sentence):
    """Another file, an empty file."""
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(StoreError, match=sentence):
        restore_trial(file, unblinded.context, to=tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_backup_cannot_name_a_folder_elsewhere(unblinded, backup, tmp_path):
    """The name of the trial comes from the file, and a file may come from anybody."""
    connection = sqlite3.connect(backup)
    for name in [n for (n,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")]:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE event SET trial_id = '../../outside'")
    connection.commit()
    connection.close()
    with pytest.raises(WorkspaceError, match=r"'\.\./\.\./outside' cannot name a trial"):
        restore_trial(backup, unblinded.context)
    assert not (unblinded.workspace / "data" / "../../outside").exists()


def test_heads_that_were_kept_find_an_older_backup(played, tmp_path):
    """A backup that ends before a known head is refused."""
    older = tmp_path / "older.nof1"
    backup_trial(played.folder, older)
    played.lock()
    heads = tmp_path / "heads.txt"
    heads.write_bytes((played.folder / "heads.txt").read_bytes())
    with pytest.raises(ChainError, match="the copy is not whole"):
        restore_trial(older, played.context, to=tmp_path / "again", heads=heads)
    newer = tmp_path / "newer.nof1"
    backup_trial(played.folder, newer)
    assert restore_trial(newer, played.context, to=tmp_path / "again", heads=heads)[1].seq == len(
        played.rows()
    )


def test_a_backup_needs_a_trial_and_a_folder(played, tmp_path):
    """Each is named."""
    with pytest.raises(TrialNotFoundError, match="holds no trial"):
        backup_trial(tmp_path, tmp_path / "b")
    with pytest.raises(WorkspaceError) as refused:
        backup_trial(played.folder, tmp_path / "none" / "b")
    assert str(refused.value) == f"{tmp_path / 'none'} is no folder; create it first"


def test_heads_that_cannot_be_read_stop_a_backup_before_it_begins(played, tmp_path):
    """No copy whose head is nowhere."""
    (played.folder / "heads.txt").write_text("what\n")
    with pytest.raises(ChainError):
        backup_trial(played.folder, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_restored_trial_goes_on(played, tmp_path):
    """It takes entries as before."""
    backup_trial(played.folder, tmp_path / "b")
    played.folder.rename(tmp_path / "lost")
    restore_trial(tmp_path / "b", played.context)
    assert played.enter(40, app__points="3").n_saved == 1
