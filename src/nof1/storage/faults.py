"""What SQLite and the disk say when something fails, as sentences that say what to do."""

from __future__ import annotations

import sqlite3

from nof1.errors import StoreError

TROUBLE = (sqlite3.Error, OSError, UnicodeDecodeError)
"""What SQLite and the system raise; the last where a message quotes bytes of a damaged file."""
_ADVICE = {
    "SQLITE_FULL": "the disk is full; free some space",
    "SQLITE_READONLY": "the file or its folder cannot be written; look at the permissions and at the free space",
    "SQLITE_CANTOPEN": "the file or its folder cannot be opened; look at the permissions and at the free space",
    "SQLITE_BUSY": "another program has held the store for more than 30 seconds; close it",
    "SQLITE_LOCKED": "another program holds the store; close it",
    "SQLITE_IOERR": "the disk reported an error; look at the free space and at the state of the disk",
    "SQLITE_CORRUPT": "the file could not be read as a store, which may be a passing error of the disk; "
    "run `nof1 verify` before you restore anything",
    "KeyboardInterrupt": "it was interrupted",
    "SQLITE_NOTADB": "the file could not be read as a store, which may be a passing error of the disk; "
    "run `nof1 verify` before you restore anything",
}


class StorageFault(StoreError):  # noqa: N818 - a fault is what it is called: an error of disk or file, not of the user
    """SQLite or the disk failed.

    Parameters
    ----------
    name : str
        SQLite's name of the error, such as ``SQLITE_IOERR_FSYNC``; or the class of another error.
    text : str
        Its message.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.advice = next((a for known, a in _ADVICE.items() if name.startswith(known)), "run `nof1 verify`")
        super().__init__(f"{text} ({name}): {self.advice}")

    @property
    def is_damage(self) -> bool:
        """Whether it may mean that the file is damaged, or only that a read failed."""
        return self.name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def fault_of(error: BaseException) -> StorageFault:
    """Return an error of SQLite, of SQLAlchemy or of the system as a fault.

    Parameters
    ----------
    error : BaseException
        What was raised; SQLAlchemy wraps SQLite's own.

    Returns
    -------
    StorageFault
        The error itself, if it is a fault already.
    """
    if isinstance(error, StorageFault):
        return error
    origin = getattr(error, "orig", None) or error
    # A text that is no UTF-8 has no name of SQLite's: the bytes on the disk were changed.
    undecodable = isinstance(origin, UnicodeDecodeError) or "decode to UTF-8" in str(origin)
    name = getattr(origin, "sqlite_errorname", None) or (
        "SQLITE_CORRUPT" if undecodable else type(origin).__name__
    )
    return StorageFault(name, str(origin))
