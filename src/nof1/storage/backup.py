"""Copies of a store that were read back before anybody relies on them.

A copy is a file of one trial, wherever the trial is kept: of a file page by page, of a trial on a server event by
event. So a trial can be taken from either kind of store to the other.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.errors import ChainError, StoreError, WorkspaceError
from nof1.files.workspace import ADDRESS_NAME
from nof1.storage.address import write_address
from nof1.storage.creation import identify
from nof1.storage.faults import TROUBLE, fault_of
from nof1.storage.sqlite import connect, require_sound, sync_folder
from nof1.storage.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nof1.audit.chain import Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy that was checked.

    Attributes
    ----------
    path : Path
        The file; of a trial that was restored to a server, the file that says where it is.
    seq : int
        Number of events in it.
    head : str
        Hash of the last one.
    n_bytes : int
        Size of the file [bytes].
    """

    path: Path
    seq: int
    head: str
    n_bytes: int


def back_up(store: Path, target: Path) -> Copy:
    """Copy a store while it may be in use, and read the copy back.

    Parameters
    ----------
    store : Path
        The live store; or the file that says on which server the trial is.
    target : Path
        A file that does not exist; its folder must.

    Returns
    -------
    Copy
        Whole: structure, chain, projection.

    Raises
    ------
    WorkspaceError
        If the target exists or its folder does not.
    StoreError
        If the store cannot be read, or the copy is not whole; no file is left under the target's name.
    """
    return _copy(store, target, ())


def restore(backup: Path, target: Path, anchors: Iterable[Anchor] = ()) -> Copy:
    """Make a store from a backup. Never replaces a file.

    Parameters
    ----------
    backup : Path
        As `back_up` wrote it.
    target : Path
        A file that does not exist.
    anchors : iterable of Anchor
        Heads that were written down; a backup that lacks one of them is refused.

    Returns
    -------
    Copy
        Whole: structure, chain, projection.

    Raises
    ------
    WorkspaceError
        If the target exists.
    ChainError
        If the backup ends before an anchor, or differs from it.
    StoreError
        If the backup is damaged.
    """
    return _copy(backup, target, anchors)


def restore_to_server(backup: Path, target: Path, url: str, anchors: Iterable[Anchor] = ()) -> Copy:
    """Make a trial on a server from a backup, in one transaction. Never replaces a trial.

    Parameters
    ----------
    backup : Path
        As `back_up` wrote it.
    target : Path
        The store.json to be written, in the trial's folder; must not exist.
    url : str
        Of the store.
    anchors : iterable of Anchor
        Heads that were written down; a backup that lacks one of them is refused.

    Returns
    -------
    Copy
        Whole: chain, texts, scores.

    Raises
    ------
    WorkspaceError
        If the target exists, or cannot be written.
    ChainError
        If the backup ends before an anchor, or differs from it.
    StoreError
        If the backup is damaged, the server cannot be reached, or it holds a trial of this name.
    """
    from nof1.storage.server import new_address  # noqa: PLC0415 - SQLAlchemy
    from nof1.storage.transfer import add_to_server  # noqa: PLC0415

    if target.exists():
        raise WorkspaceError(f"{target} exists, and a copy replaces nothing; choose another name")
    anchors = tuple(anchors)
    _require_whole(backup, anchors)
    address = new_address(url, open_store(backup, read_only=True).trial_id)
    write_address(target, address)
    try:
        head = add_to_server(backup, address, target, anchors)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Copy(path=target, seq=head.seq, head=head.hash, n_bytes=target.stat().st_size)


def _copy(source: Path, target: Path, anchors: Iterable[Anchor]) -> Copy:
    if target.exists():
        raise WorkspaceError(f"{target} exists, and a copy replaces nothing; choose another name")
    if not target.parent.is_dir():
        raise WorkspaceError(f"{target.parent} is no folder; create it first")
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        if source.name == ADDRESS_NAME:
            _copy_events(source, temporary)
        else:
            _copy_pages(source, temporary)
        _require_whole(temporary, anchors)
        _give_name(temporary, target)
        return _require_whole(target, anchors)
    except OSError as error:
        raise WorkspaceError(f"{target} cannot be written ({error.strerror})") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _copy_events(source: Path, temporary: Path) -> None:
    from nof1.storage.transfer import write_to_file  # noqa: PLC0415 - SQLAlchemy

    os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    write_to_file(source, temporary)


def _copy_pages(source: Path, temporary: Path) -> None:
    identify(
        source, read_only=False
    )  # tells a missing, foreign or damaged file in a sentence; ends what a crash began
    os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        contextlib.closing(connect(source)) as old,
        contextlib.closing(connect(temporary)) as new,
    ):
        try:
            old.backup(new)
        except TROUBLE as error:
            raise fault_of(error) from error
    with temporary.open("rb") as written:
        os.fsync(written.fileno())


def _require_whole(path: Path, anchors: Iterable[Anchor]) -> Copy:
    with contextlib.closing(connect(path, read_only=True)) as connection:
        require_sound(connection, thorough=True)
    store = open_store(path, read_only=True)
    if findings := store.faults(anchors):
        raise ChainError("the copy is not whole, and was not kept:\n  " + "\n  ".join(findings))
    head = store.head()
    if head is None:
        raise StoreError(f"{path} holds no event")
    return Copy(path=path, seq=head.seq, head=head.hash, n_bytes=path.stat().st_size)


def _give_name(temporary: Path, target: Path) -> None:
    """Rename without ever replacing: a hard link fails where the name is taken, a rename would not."""
    try:
        target.hardlink_to(temporary)
    except FileExistsError:
        raise WorkspaceError(f"{target} exists, and a copy replaces nothing; choose another name") from None
    except OSError:  # file systems without hard links
        temporary.rename(target)
    else:
        temporary.unlink()
    sync_folder(target.parent)
