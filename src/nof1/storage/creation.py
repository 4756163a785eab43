"""Making a store's file, and telling a store from anything else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.errors import StoreError, TrialNotFoundError, WorkspaceError
from nof1.storage.faults import TROUBLE, StorageFault, fault_of
from nof1.storage.places import find_hazard
from nof1.storage.sqlite import APPLICATION_ID, FORMAT, connect, require_sound, sync_folder

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a file says about itself.

    Attributes
    ----------
    trial_id : str or None
        The trial of its first event; None: it has no event.
    format : int
        Format of the store.
    """

    trial_id: str | None
    format: int


def create_file(path: Path, *, allow_synced: bool) -> None:
    """Create the empty file of a store, for its owner alone.

    Parameters
    ----------
    path : Path
        Its folder is created too, and closed to others. A file that is empty, or holds a store without
        events, is what an interrupted creation left, and is taken.
    allow_synced : bool
        Also in a folder that another program copies, or on a network.

    Raises
    ------
    WorkspaceError
        If the place is not safe for a live store, or cannot be written.
    StoreError
        If there is a store with events already.
    """
    if not allow_synced and (hazard := find_hazard(path.parent)):
        raise WorkspaceError(
            f"{path.parent} {hazard}: copies made in the middle of a write are broken, and two computers would "
            "write two histories. Keep the trial in a local folder and put backups there (nof1 backup)"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            sync_folder(path.parent)
        is_empty = path.stat().st_size == 0
    except OSError as error:
        raise WorkspaceError(f"{path}: a store cannot be created here ({error.strerror})") from error
    if not is_empty and identify(path, read_only=False).trial_id:
        raise StoreError(f"{path} holds a trial already; nothing was changed. Take another folder")


def identify(path: Path, *, read_only: bool) -> Identity:
    """Look whether a file is a sound store, and of which trial.

    Parameters
    ----------
    path : Path
        The file.
    read_only : bool
        Do not even undo what a crash left half done.

    Returns
    -------
    Identity
        Its trial and format.

    Raises
    ------
    TrialNotFoundError
        If there is no file.
    StoreError
        If it is no store, or damaged.
    """
    try:
        is_there = path.is_file()
    except OSError as error:
        raise fault_of(error) from error
    if not is_there:
        raise TrialNotFoundError(f"there is no trial at {path.parent}: {path.name} is missing")
    try:
        return _identify(path, read_only=read_only)
    except StorageFault as fault:
        if not fault.is_damage:
            raise
    try:  # a read that failed once looks like damage: look again before saying so
        return _identify(path, read_only=read_only)
    except StorageFault as fault:
        if not fault.is_damage:
            raise
        raise StoreError(
            f"{path} is damaged, or no store: {fault}. Restore a backup: nof1 restore FILE"
        ) from fault


def _identify(path: Path, *, read_only: bool) -> Identity:
    connection = connect(path, read_only=read_only)
    try:
        connection.execute("BEGIN")  # one look, under one lock
        require_sound(connection)
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (found_format,) = connection.execute("PRAGMA user_version").fetchone()
        (n_tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if n_tables == 0:
            return Identity(trial_id=None, format=FORMAT)
        if application_id != APPLICATION_ID:
            raise StoreError(f"{path} is a SQLite file of another program, not a store; take another folder")
        first = connection.execute("SELECT trial_id FROM event WHERE seq = 1").fetchone()
    except TROUBLE as error:
        raise fault_of(error) from error
    finally:
        connection.close()
    return Identity(trial_id=first[0] if first else None, format=found_format)
