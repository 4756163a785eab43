"""The store of one trial: its events, in a file or on a server. The only way to add one is a transaction of `Store.writing`.

SQLAlchemy is loaded when a store is opened, not when this module is.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from nof1.audit.chain import Anchor, check_anchors, find_break
from nof1.audit.events import Redacted
from nof1.audit.free_text import text_digest
from nof1.audit.history import TrialState, replay
from nof1.audit.record import AnyRecorded, Record, parse_payload, read_record
from nof1.errors import ChainError, StoreError, TrialNotFoundError
from nof1.files.workspace import ADDRESS_NAME
from nof1.storage.address import Address, read_address, write_address
from nof1.storage.creation import create_file, identify
from nof1.storage.faults import StorageFault
from nof1.storage.outcome import read_rescue, settle
from nof1.storage.sqlite import FORMAT
from nof1.storage.transaction import Transaction
from nof1.terms import TrialId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from nof1.storage.database import Database, Session


class Store:
    """The history of one trial, on the disk.

    Attributes
    ----------
    path : Path
        The file; of a trial on a server, the file that says where it is.
    trial_id : TrialId
        The trial.
    read_only : bool
        Nothing can be added.
    notice : str or None
        A sentence for the person, such as that a later nof1 wrote the file.
    """

    def __init__(
        self, database: Database, trial_id: str, *, read_only: bool, notice: str | None = None
    ) -> None:
        self._database = database
        self.path = database.path
        self.trial_id = TrialId(trial_id)
        self.read_only = read_only
        self.notice = notice

    @contextmanager
    def writing(self, entropy: Callable[[int], bytes]) -> Iterator[Transaction]:
        """Give a transaction; what it adds is committed when the block ends, all of it or nothing.

        No error leaves open whether something was saved: the block ends without one if and only if everything
        is on the disk, also where the disk reported an error on the way.

        Parameters
        ----------
        entropy : callable of int to bytes
            Gives random bytes, for the names of events and the salts of texts.

        Yields
        ------
        Transaction
            Alone in the store: other writers wait.

        Raises
        ------
        StoreError
            Nothing was stored.
        OutcomeUnknownError
            Nobody knows; a rescue file keeps the entry.
        """
        if self.read_only:
            raise StoreError(
                f"{self.path} is open for reading only; nothing was stored. {self.notice or ''}".rstrip()
            )
        session, attempts = None, []
        try:
            session = self._database.begin(write=True)
            transaction = Transaction(session, self.trial_id, entropy)
            attempts = transaction.attempts
            yield transaction
        except BaseException as error:
            if session:
                session.abandon()
            if isinstance(error, StorageFault):
                settle(self._database, attempts, error)
            raise
        try:
            session.commit()
        except BaseException as error:  # noqa: BLE001 - also an interrupt: the entry may be on the disk
            session.abandon()
            if attempts:
                settle(self._database, attempts, error)

    def take_rescued(self, path: Path, entropy: Callable[[int], bytes]) -> tuple[AnyRecorded, ...]:
        """Enter what a rescue file keeps; what was saved after all is recognised.

        Parameters
        ----------
        path : Path
            The rescue file; it stays.
        entropy : callable of int to bytes
            As in `writing`.

        Returns
        -------
        tuple of Recorded
            With `duplicate` set where the entry was saved at the time.
        """
        attempts = read_rescue(path)
        with self.writing(entropy) as transaction:
            return tuple(transaction.append_attempt(attempt) for attempt in attempts)

    def records(self) -> tuple[AnyRecorded, ...]:
        """Return the whole history, in order.

        Returns
        -------
        tuple of Recorded
            Decoded, with texts; the chain is not verified here.
        """
        with self._database.reading() as session:
            return tuple(session.history())

    def rows(self) -> tuple[Record, ...]:
        """Return the event table as it is stored, for whoever verifies it.

        Returns
        -------
        tuple of Record
            In order.
        """
        with self._database.reading() as session:
            return tuple(session.records())

    def state(self) -> TrialState:
        """Return what the history adds up to.

        Returns
        -------
        TrialState
            At this moment.
        """
        return replay(self.records())

    def head(self) -> Record | None:
        """Return the last record: its number and hash are the head of the chain.

        Returns
        -------
        Record or None
            None: no event yet.
        """
        with self._database.reading() as session:
            return session.last()

    def may_add(self) -> bool:
        """Say whether anything could be added.

        Returns
        -------
        bool
            False where the store can only be read, by this file's rights or by this role's.
        """
        with self._database.reading() as session:
            return not self.read_only and session.may_add()

    def faults(self, anchors: Iterable[Anchor] = ()) -> tuple[str, ...]:
        """Look for everything in the store that is not as it was written.

        Parameters
        ----------
        anchors : iterable of Anchor
            Heads that were written down elsewhere.

        Returns
        -------
        tuple of str
            Findings about the chain, the anchors, erased texts, the projection and the guards; empty: all is well.
        """
        with self._database.reading() as session:
            return faults_of(session, anchors)

    def rebuild(self) -> None:
        """Build the projection again from the events, after `faults` found it wrong."""
        session = self._database.begin(write=True)
        try:
            session.rebuild()
            session.commit()
        except BaseException:
            session.abandon()
            raise


def faults_of(session: Session, anchors: Iterable[Anchor] = ()) -> tuple[str, ...]:
    """Look for everything in a trial that is not as it was written, in a transaction of the caller's.

    Parameters
    ----------
    session : Session
        Of the trial.
    anchors : iterable of Anchor
        Heads that were written down elsewhere.

    Returns
    -------
    tuple of str
        As `Store.faults` returns them.
    """
    rows = session.records()
    findings = [str(found)] if (found := find_break(rows)) else []
    findings += check_anchors(rows, anchors)
    findings += session.guard_faults()
    if findings:
        return tuple(findings)  # what follows reads the events, which would be in vain
    try:
        texts = session.texts()
        history = [read_record(row, texts) for row in rows]
        return (*_lost_texts(history, texts), *session.compare(history))
    except ChainError as error:
        return (str(error),)


def create_store(path: Path, trial_id: TrialId, *, allow_synced: bool = False) -> Store:
    """Create the store of a new trial, for its owner alone.

    Parameters
    ----------
    path : Path
        The file; its folder becomes private.
    trial_id : TrialId
        The trial; its first event must name it.
    allow_synced : bool
        Also in a folder that another program copies, or on a network.

    Returns
    -------
    Store
        Without events. Until the first one is in, creation can be repeated.

    Raises
    ------
    StoreError
        If there is a trial already.
    WorkspaceError
        If the place is not safe, or cannot be written.
    """
    create_file(path, allow_synced=allow_synced)
    database = _database(path)
    database.create_tables()
    return Store(database, trial_id, read_only=False)


def require_free(path: Path, url: str, trial_id: TrialId) -> None:
    """Refuse a name that another trial has in a store of many; nothing is changed.

    Parameters
    ----------
    path : Path
        The store.json of the trial, which may have been begun.
    url : str
        Of the store.
    trial_id : TrialId
        The trial.

    Raises
    ------
    StoreError
        If the name is taken, the folder's trial is in another store, or the store cannot be reached.
    """
    from nof1.storage.server import held_of  # noqa: PLC0415 - as below

    claim = None
    if path.exists():
        address = read_address(path)
        claim = address.claim
        if (address.url, address.trial_id) != (url, trial_id):
            raise StoreError(
                f"{path} means {address.trial_id} in {address.url}, not {trial_id} in {url}; nothing was changed"
            )
    held = held_of(url, trial_id)
    if held.claim not in {None, claim}:
        raise StoreError(
            f"{url} holds another trial of the name {trial_id}; nothing was changed. Take another name for the folder"
        )


def attach_store(path: Path, url: str, trial_id: TrialId) -> None:
    """Write down where a trial is that a store of many holds already.

    Parameters
    ----------
    path : Path
        The store.json to be written.
    url : str
        Of the store.
    trial_id : TrialId
        The trial.

    Raises
    ------
    TrialNotFoundError
        If the store has no such trial.
    StoreError
        If the store cannot be read.
    """
    from nof1.storage.server import held_of, trials_of  # noqa: PLC0415 - as below

    held = held_of(url, trial_id)
    if held.claim is None or not held.has_events:
        names = trials_of(url)
        there = (
            f"it has {', '.join(names[:12])}" + (", …" if len(names) > 12 else "")
            if names
            else "it has none yet"
        )
        raise TrialNotFoundError(f"{url} holds no trial {trial_id}; {there}")
    write_address(path, Address(url=url, trial_id=trial_id, claim=held.claim))


def create_shared_store(path: Path, url: str, trial_id: TrialId) -> Store:
    """Take the name of a new trial in a store of many, and write down where it is.

    Parameters
    ----------
    path : Path
        The store.json of the trial; its folder becomes private.
    url : str
        Of the store.
    trial_id : TrialId
        The trial; its first event must name it.

    Returns
    -------
    Store
        Without events. Until the first one is in, creation can be repeated.

    Raises
    ------
    StoreError
        If there is a trial already, or the store cannot be reached.
    WorkspaceError
        If the file cannot be written.
    """
    from nof1.storage.server import claim_name, held_of, new_address  # noqa: PLC0415 - as below

    is_new = not path.exists()
    address = new_address(url, trial_id) if is_new else read_address(path)
    held = held_of(address.url, address.trial_id)
    if held.has_events and held.claim == address.claim:
        raise StoreError(f"{path} holds a trial already; nothing was changed. Take another folder")
    if is_new:
        write_address(path, address)
    try:
        claim_name(address)
    except StoreError:
        if is_new:
            path.unlink(missing_ok=True)
        raise
    return Store(_database(path), trial_id, read_only=False)


def open_store(path: Path, *, read_only: bool = False) -> Store:
    """Open the store of a trial, after a quick check that its file is sound.

    Parameters
    ----------
    path : Path
        The file; or the one that says on which server the trial is.
    read_only : bool
        Refuse every write. A later format is opened so in any case.

    Returns
    -------
    Store
        Of the trial that its first event names.

    Raises
    ------
    TrialNotFoundError
        If there is no file, or no event in it.
    StoreError
        If it is no store, or damaged.
    """
    if path.name == ADDRESS_NAME:
        return _open_shared(path, read_only=read_only)
    identity = identify(path, read_only=read_only)
    if identity.trial_id is None:
        raise TrialNotFoundError(
            f"{path} holds no trial: its creation was interrupted. Run the same `nof1 randomize` or `nof1 import` again"
        )
    notice = None
    if identity.format > FORMAT:
        read_only = True
        notice = f"A later version of nof1 wrote {path.name} (format {identity.format}; this one knows {FORMAT}): update nof1 to add to it."
    return Store(_database(path, read_only=read_only), identity.trial_id, read_only=read_only, notice=notice)


def _open_shared(path: Path, *, read_only: bool) -> Store:
    from nof1.storage.server import held_of  # noqa: PLC0415 - as below

    if not path.is_file():
        raise TrialNotFoundError(f"there is no trial at {path.parent}: {path.name} is missing")
    address = read_address(path)
    held = held_of(address.url, address.trial_id)
    if held.claim is None or (held.claim == address.claim and not held.has_events):
        raise TrialNotFoundError(
            f"{address.url} holds no trial {address.trial_id}: its creation was interrupted, or this is another "
            f"database than the one that {path} means. See that it is the right one, or run `nof1 randomize` again"
        )
    if held.claim != address.claim:
        raise StoreError(
            f"{address.url} holds another trial of the name {address.trial_id} than the one that {path} means; nothing "
            "was read. Find the right database, or take this one: nof1 store attach URL TRIAL --to DIR"
        )
    notice = None
    if held.format > FORMAT:
        read_only = True
        notice = f"A later version of nof1 made {address.url} (format {held.format}; this one knows {FORMAT}): update nof1 to add to it."
    return Store(_database(path), address.trial_id, read_only=read_only, notice=notice)


def _database(path: Path, *, read_only: bool = False) -> Database:
    # SQLAlchemy takes 0.2 s, which `--help` need not pay.
    from nof1.storage.database import Database  # noqa: PLC0415

    if path.name == ADDRESS_NAME:
        from nof1.storage.on_server import OnServer  # noqa: PLC0415

        address = read_address(path)
        return Database(OnServer(address.url, address.trial_id, path))
    from nof1.storage.in_file import InFile  # noqa: PLC0415

    return Database(InFile(path, read_only=read_only))


def _lost_texts(history: Iterable[AnyRecorded], texts: dict[str, str]) -> list[str]:
    """Name free texts that are gone although nobody erased them, and texts that belong to no event."""
    findings = []
    redacted = {(r.event.event_id, r.event.field) for r in history if isinstance(r.event, Redacted)}
    known = set()
    for recorded in history:
        if all(getattr(recorded.event, name) is None for name in recorded.event.FREE_TEXT):
            continue
        payload = parse_payload(recorded.record)
        for name in recorded.event.FREE_TEXT:
            if digest := text_digest(payload, name):
                known.add(digest)
                if (digest not in texts) != ((recorded.event_id, name) in redacted):
                    findings.append(f"event {recorded.seq}: its {name} is gone, and no erasure was recorded")
    return findings + [f"the text {digest[:12]}… belongs to no event" for digest in texts.keys() - known]
