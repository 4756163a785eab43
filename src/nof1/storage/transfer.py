"""A trial taken from one kind of store to the other, event by event: the same rows, hashes and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.audit.record import read_record
from nof1.errors import ChainError, StoreError
from nof1.storage.address import Address, read_address
from nof1.storage.database import Database, Session
from nof1.storage.in_file import InFile
from nof1.storage.on_server import OnServer
from nof1.storage.server import add_claim
from nof1.storage.store import faults_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nof1.audit.chain import Anchor
    from nof1.audit.record import Record


def write_to_file(source: Path, target: Path) -> None:
    """Write a trial that is kept on a server into an empty file.

    Parameters
    ----------
    source : Path
        The store.json of the trial.
    target : Path
        An empty file.

    Raises
    ------
    StoreError
        If the server cannot be reached, or holds no such trial.
    """
    address = read_address(source)
    with Database(OnServer(address.url, address.trial_id, source)).reading() as old:
        database = Database(InFile(target))
        database.create_tables()
        new = database.begin(write=True)
        try:
            _add_all(old, new)
            new.commit()
        except BaseException:
            new.abandon()
            raise


def add_to_server(source: Path, address: Address, place: Path, anchors: Iterable[Anchor]) -> Record:
    """Add a trial that is kept in a file to a server, and read it back before it is committed.

    Parameters
    ----------
    source : Path
        The file.
    address : Address
        Where to, with a claim of its own.
    place : Path
        The store.json of the new trial.
    anchors : iterable of Anchor
        Heads that the trial must have.

    Returns
    -------
    Record
        The head.

    Raises
    ------
    StoreError
        If there is a trial of this name, or the server refuses; nothing is stored then.
    ChainError
        If what would be stored is not whole.
    """
    with Database(InFile(source, read_only=True)).reading() as old:
        new = Database(OnServer(address.url, address.trial_id, place)).begin(write=True)
        try:
            new.run(lambda connection: add_claim(connection, address))
            _add_all(old, new)
            head = _head_of_whole(new, source, anchors)
            new.commit()
        except BaseException:
            new.abandon()
            raise
    return head


def _head_of_whole(session: Session, source: Path, anchors: Iterable[Anchor]) -> Record:
    if findings := faults_of(session, anchors):
        raise ChainError("the copy is not whole, and was not kept:\n  " + "\n  ".join(findings))
    head = session.last()
    if head is None:
        raise StoreError(f"{source} holds no event")
    return head


def _add_all(old: Session, new: Session) -> None:
    new.add_texts(old.blobs())
    for record in old.records():
        new.add(read_record(record, {}), ())
