"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import stat
import sys

import pytest

from nof1.files import atomic
from nof1.files.atomic import make_folder, write_atomically

posix = pytest.mark.skipif(sys.platform == "win32", reason="no modes there")


def test_a_file_is_written_and_replaced(tmp_path):
    """The second writing takes the place of the first; nothing else is left."""
    path = tmp_path / "a" / "b" / "file.txt"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


@posix
def test_files_and_folders_are_private(tmp_path):
    """0600 and 0700, whatever the umask says; a folder that was there is left as it is."""
    tmp_path.chmod(0o755)
    old = os.umask(0)
    try:
        write_atomically(tmp_path / "a" / "b" / "file.txt", b"x")
        write_atomically(tmp_path / "a" / "open.txt", b"x", mode=0o644)
    finally:
        os.umask(old)
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert found == {"a": 0o700, "b": 0o700, "file.txt": 0o600, "open.txt": 0o644}
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file(tmp_path, monkeypatch, step):
    """Disk full or power gone: the old bytes are still there, and no part of the new ones."""
    path = tmp_path / "file.txt"
    write_atomically(path, b"old")

    def failing(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync", failing) if step == "fsync" else (atomic.Path, "replace", failing)))
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_bytes_reach_the_disk_before_the_name(tmp_path, monkeypatch):
    """File synced, then renamed, then the folder synced: in this order."""
    steps = []
    fsync, replace = os.fsync, atomic.Path.replace
    monkeypatch.setattr(
        os,
        "fsync",
        lambda handle: (
            steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"),
            fsync(handle),
        ),
    )
    monkeypatch.setattr(
        atomic.Path, "replace", lambda self, to: (steps.append("rename"), replace(self, to))[1]
    )
    write_atomically(tmp_path / "file.txt", b"x")
    assert steps == ["file", "rename", *(["folder"] if hasattr(os, "O_DIRECTORY") else [])]


def test_a_long_name_still_has_room(tmp_path):
    """The temporary name is not longer than a file system allows."""
    path = tmp_path / ("n" * 240)
    write_atomically(path, b"x")
    assert path.read_bytes() == b"x"


def test_making_a_folder_twice_is_no_error(tmp_path):
    """Two programs may make it at the same time."""
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
