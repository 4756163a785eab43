"""What SQLite, a server and the disk say when something fails, as sentences that say what to do."""

from __future__ import annotations

import errno
import sqlite3

from nof1.errors import StoreError

TROUBLE = (sqlite3.Error, OSError, UnicodeDecodeError)
"""What SQLite and the system raise; the last where a message quotes bytes of a damaged file."""
_DISK_FULL = "the disk is full; free some space"
_NO_ACCESS = (
    "the file or its folder cannot be written or opened; look at the permissions and at the free space"
)
_DISK_ERROR = "the disk reported an error; look at the free space and at the state of the disk"
_UNREADABLE = (
    "the file could not be read as a store, which may be a passing error of the disk; "
    "run `nof1 verify` before you restore anything"
)
_AWAY = "see that the server runs, that this computer reaches it, and that user, database and password (~/.pgpass) are right"
_NO_RIGHT = "this role may not do that; connect as one that may: PGUSER, or USER@ in the address of the store"
_NOT_READY = "the database holds no store that nof1 can use; its owner makes one with nof1 store init URL"
_ADVICE = {
    "SQLITE_FULL": _DISK_FULL,
    "SQLITE_READONLY": _NO_ACCESS,
    "SQLITE_CANTOPEN": _NO_ACCESS,
    "SQLITE_PERM": _NO_ACCESS,
    "SQLITE_BUSY": "another program has held the store for more than 30 seconds; close it",
    "SQLITE_IOERR": _DISK_ERROR,
    "SQLITE_CORRUPT": _UNREADABLE,
    "SQLITE_NOTADB": _UNREADABLE,
    "ENOSPC": _DISK_FULL,
    "EDQUOT": _DISK_FULL,
    "EIO": _DISK_ERROR,
    "EACCES": _NO_ACCESS,
    "EPERM": _NO_ACCESS,
    "EROFS": _NO_ACCESS,
    "KeyboardInterrupt": "it was interrupted",
    # What a PostgreSQL server says, by the names that its driver gives.
    "LockNotAvailable": "another program has held the trial for more than 30 seconds; close it",
    "InsufficientPrivilege": _NO_RIGHT,
    "ReadOnlySqlTransaction": "this server only reads; take the address of the one that writes",
    "InvalidSchemaName": _NOT_READY,
    "UndefinedTable": _NOT_READY,
    "DiskFull": "the disk of the server is full; its administrator must free some space",
    "UniqueViolation": "another writer was faster; look at what is stored",
    "IdleInTransactionSessionTimeout": "this computer slept or was cut off in the middle",
    "ConnectionTimeout": _AWAY,
    "CannotConnectNow": "the server is starting or stopping; wait some seconds",
    "AdminShutdown": _AWAY,
    "CrashShutdown": _AWAY,
    "OperationalError": _AWAY,
    "InterfaceError": _AWAY,
    "ProgrammingError": "write the address of the store as postgresql://USER@HOST/DATABASE",
}


class StorageFault(StoreError):  # noqa: N818 - a fault is what it is called: an error of disk or file, not of the user
    """SQLite, a server or the disk failed.

    Parameters
    ----------
    name : str
        SQLite's name of the error, such as ``SQLITE_IOERR_FSYNC``, the system's, such as ``ENOSPC``, or that of the
        driver of a server, such as ``LockNotAvailable``.
    text : str
        Its message.
    place : str
        Where, if the message does not say it.
    """

    def __init__(self, name: str, text: str, place: str = "") -> None:
        self.name = name
        self.advice = next((a for known, a in _ADVICE.items() if name.startswith(known)), "run `nof1 verify`")
        where = f"{place}: " if place else ""
        super().__init__(f"{where}{text or 'stopped'} ({name}): {self.advice}")

    @property
    def is_damage(self) -> bool:
        """Whether it may mean that the file is damaged, or only that a read failed."""
        return self.name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def fault_of(error: BaseException, place: str = "") -> StorageFault:
    """Return an error of SQLite, of a server, of SQLAlchemy or of the system as a fault.

    Parameters
    ----------
    error : BaseException
        What was raised; SQLAlchemy wraps the driver's own.
    place : str
        Address of the server, if there is one.

    Returns
    -------
    StorageFault
        The error itself, if it is a fault already.
    """
    if isinstance(error, StorageFault):
        return error
    origin = getattr(error, "orig", None) or error
    if diagnosis := getattr(origin, "diag", None):
        # Only the message itself: what a server adds to it may quote a row.
        text = " ".join((diagnosis.message_primary or str(origin)).split())
        return StorageFault(type(origin).__name__, text, place)
    if isinstance(origin, OSError):
        name = errno.errorcode.get(origin.errno or 0, "OSError")
    elif isinstance(origin, UnicodeDecodeError) or "decode to UTF-8" in str(origin):
        name = "SQLITE_CORRUPT"  # the bytes of a text on the disk were changed; SQLite itself has no name for that
    else:
        name = getattr(origin, "sqlite_errorname", None) or type(origin).__name__
    return StorageFault(name, str(origin), place)
