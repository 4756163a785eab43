"""Copies of a trial: a verified backup in one file, and a trial made from it again; its folder made from a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.errors import Nof1Error, StoreError, TrialNotFoundError, WorkspaceError
from nof1.files.atomic import make_folder
from nof1.files.workspace import ADDRESS_NAME, check_trial_id, is_trial
from nof1.storage.backup import Copy, back_up, restore, restore_to_server
from nof1.storage.store import attach_store, open_store
from nof1.workflow.lock import refresh_locked
from nof1.workflow.public import write_public_file
from nof1.workflow.trial import (
    HEADS,
    Trial,
    anchor_head,
    open_trial_store,
    read_heads,
    read_trial,
    store_path,
    stored,
    write_schedule,
)

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.workflow.context import Context


def backup_trial(folder: Path, target: Path) -> Copy:
    """Write a copy of the record, and read it back before saying so.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    target : Path
        A file that does not exist.

    Returns
    -------
    Copy
        Number of events and head.

    Raises
    ------
    WorkspaceError
        If the file exists.
    StoreError
        If the copy is not whole; none is left then.
    """
    open_trial_store(folder, read_only=True)
    read_heads(folder / HEADS)
    copy = back_up(store_path(folder), target)
    with stored(f"the copy {target}", folder.name):
        anchor_head(read_trial(folder), "backup")
    return copy


def restore_trial(
    backup: Path, context: Context, *, to: Path | None = None, heads: Path | None = None
) -> tuple[Path, Copy]:
    """Make a trial from a backup; never replaces one.

    Parameters
    ----------
    backup : Path
        The file.
    context : Context
        Workspace; the store, if trials are kept on a server.
    to : Path or None
        The new folder; ``data/<trial>`` of the workspace by default.
    heads : Path or None
        A heads.txt that was kept elsewhere; a backup that lacks one of its heads is refused.

    Returns
    -------
    tuple of (Path, Copy)
        The folder, and what was restored.

    Raises
    ------
    WorkspaceError
        If there is a trial already.
    StoreError
        If the backup is damaged, or ends before a head.
    """
    anchors = read_heads(heads) if heads else ()
    try:
        name = check_trial_id(open_store(backup, read_only=True).trial_id)  # the file may come from anybody
    except TrialNotFoundError:
        raise StoreError(f"{backup} holds no trial; give the file that nof1 backup wrote") from None
    folder = to or context.workspace / "data" / name
    is_new = not folder.exists()
    make_folder(folder)
    try:
        if is_trial(folder):
            raise WorkspaceError(
                f"{store_path(folder)} exists, and a copy replaces nothing; choose another name"
            )
        if context.store_url:
            copy = restore_to_server(backup, folder / ADDRESS_NAME, context.store_url, anchors)
        else:
            copy = restore(backup, store_path(folder), anchors)
    except Nof1Error:
        if is_new:
            folder.rmdir()
        raise
    _write_files(read_trial(folder), "restored")
    return folder, copy


def attach_trial(url: str, name: str, context: Context, *, to: Path | None = None) -> Trial:
    """Make the folder of a trial that is kept on a server, on another computer or where the first folder is gone.

    Parameters
    ----------
    url : str
        Of the store.
    name : str
        The trial.
    context : Context
        Workspace.
    to : Path or None
        The new folder; ``data/<trial>`` of the workspace by default.

    Returns
    -------
    Trial
        As it stands; nothing was recorded.

    Raises
    ------
    WorkspaceError
        If there is a trial in the folder.
    TrialNotFoundError
        If the store has no such trial; those that it has are named.
    StoreError
        If the store cannot be read.
    """
    folder = to or context.workspace / "data" / check_trial_id(name)
    if is_trial(folder):
        raise WorkspaceError(f"{store_path(folder)} is there already; nothing was changed")
    attach_store(folder / ADDRESS_NAME, url, check_trial_id(name))
    trial = read_trial(folder)
    _write_files(trial, "attached")
    return trial


def _write_files(trial: Trial, occasion: str) -> None:
    """Write what follows from the record, and the head that it had on this occasion."""
    with stored("the trial", trial.name):
        if trial.state.registration is not None:
            if not trial.is_imported:
                write_schedule(trial)
                write_public_file(trial)
            if trial.state.lock is not None:
                refresh_locked(trial)
        anchor_head(trial, occasion)
