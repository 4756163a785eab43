"""Files that are there whole or not at all: written beside, synced, renamed."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

PRIVATE_FILE = 0o600
"""Mode of files: the owner alone."""
PRIVATE_FOLDER = 0o700
"""Mode of folders: the owner alone."""


def write_atomically(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> None:
    """Write a file so that a crash leaves the old one or the new one, never a part.

    The bytes go to a temporary file in the same folder, reach the disk, and take the name in one step; then the
    folder reaches the disk. Folders that are missing are made for the owner alone.

    Parameters
    ----------
    path : Path
        Where.
    data : bytes
        What.
    mode : int
        Permissions of the file.

    Raises
    ------
    OSError
        If the disk is full or the place cannot be written; the old file is then untouched.
    """
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            _set_mode(file.fileno(), temporary, mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for the owner alone; what is there already is left as it is.

    Parameters
    ----------
    folder : Path
        Where.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=PRIVATE_FOLDER)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder reach the disk, where the system can do that.

    Parameters
    ----------
    folder : Path
        Where something was made, renamed or removed.
    """
    if not hasattr(os, "O_DIRECTORY"):  # Windows
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _set_mode(handle: int, path: Path, mode: int) -> None:
    if hasattr(os, "fchmod"):
        os.fchmod(handle, mode)
    else:
        path.chmod(mode)
