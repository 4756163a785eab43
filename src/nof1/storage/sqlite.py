"""How a SQLite file is opened here: settings under which an acknowledged entry survives a crash.

Rollback journal with ``synchronous=EXTRA``: one file at rest, and the folder is synced after the journal is gone,
all before a commit returns. Write-ahead logging is not used: SQLite before 3.51.3 can damage a file that two
connections write and check-point at once, and copies of the file alone would lack the last entries.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from nof1.storage.faults import TROUBLE, StorageFault, fault_of

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION_ID = int.from_bytes(b"nof1", "big")
"""Tells a store from any other SQLite file."""
FORMAT = 1
"""Format of the store (``user_version``); a later one is opened for reading only."""
BUSY_SECONDS = 30
"""How long a writer waits for another; eight flat out need 9 s, and 5 s (the usual default) fail."""
_SETTINGS = (
    "synchronous=EXTRA",
    "fullfsync=ON",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "secure_delete=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "mmap_size=0",
    f"busy_timeout={BUSY_SECONDS * 1000}",
)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a SQLite file that exists, with the settings of a store.

    Parameters
    ----------
    path : Path
        The file; it is never created here.
    read_only : bool
        Refuse every write.

    Returns
    -------
    sqlite3.Connection
        Outside of any transaction; transactions begin and end where they are told to.

    Raises
    ------
    StorageFault
        If it cannot be opened.
    """
    address = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rw'}"
    connection = None
    try:
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
        )
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        if not read_only:
            connection.execute("PRAGMA journal_mode=DELETE")
    except TROUBLE as error:
        if connection is not None:
            connection.close()
        raise fault_of(error) from error
    return connection


def require_sound(connection: sqlite3.Connection, *, thorough: bool = False) -> None:
    """Refuse a file whose structure is damaged.

    Parameters
    ----------
    connection : sqlite3.Connection
        To the file.
    thorough : bool
        Compare the indexes with the tables as well.

    Raises
    ------
    StorageFault
        With SQLite's first finding.
    """
    check = "integrity_check" if thorough else "quick_check"
    try:
        (found,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
        dangling = connection.execute("PRAGMA foreign_key_check").fetchone() if thorough else None
    except TROUBLE as error:
        raise fault_of(error) from error
    if found != "ok" or dangling:
        raise StorageFault(
            "SQLITE_CORRUPT", str(found if found != "ok" else f"a row without its event: {dangling}")
        )


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can.

    Parameters
    ----------
    folder : Path
        Its entries were just created, renamed or removed.

    Raises
    ------
    OSError
        If the disk reports an error.
    """
    if os.name == "nt":  # Windows opens no folders; its file systems journal names themselves
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
