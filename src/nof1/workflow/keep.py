"""Copies of a trial: a verified backup in one file, and a trial made from it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.errors import Nof1Error, StoreError, TrialNotFoundError
from nof1.files.atomic import make_folder
from nof1.files.workspace import check_trial_id
from nof1.storage.backup import Copy, back_up, restore
from nof1.storage.store import open_store
from nof1.workflow.lock import refresh_locked
from nof1.workflow.public import write_public_file
from nof1.workflow.trial import (
    HEADS,
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
        Workspace.
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
        copy = restore(backup, store_path(folder), anchors)
    except Nof1Error:
        if is_new:
            folder.rmdir()
        raise
    trial = read_trial(folder)
    with stored("the trial", trial.name):
        if not trial.is_imported:
            write_schedule(trial)
            write_public_file(trial)
        if trial.state.lock is not None:
            refresh_locked(trial)
        anchor_head(trial, "restored")
    return folder, copy
