"""Transactions on one store, and the statements that run in them (SQLAlchemy Core)."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from nof1.audit.free_text import Blob, blob_digest
from nof1.audit.record import AnyRecorded, Record, read_record
from nof1.errors import ChainError, StoreError
from nof1.storage import projection
from nof1.storage.faults import TROUBLE
from nof1.storage.sqlite import APPLICATION_ID, FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Table

    from nof1.storage.backend import Backend

_NAMES = tuple(field.name for field in fields(Record))
_TROUBLE = (SQLAlchemyError, *TROUBLE)


class Session:
    """One transaction: statements that the store needs, and its end.

    Parameters
    ----------
    connection : Connection
        Its transaction has begun.
    backend : Backend
        Where the trial is kept.
    """

    def __init__(self, connection: Connection, backend: Backend) -> None:
        self._connection = connection
        self._backend = backend
        self._event, self._blob = backend.tables.event, backend.tables.blob
        self._columns = [self._event.c[name] for name in _NAMES]

    def commit(self) -> None:
        """Make everything durable and close. After an error nobody knows yet whether it is: look again."""
        with _faults(self._backend):
            self._connection.commit()
            self._connection.close()

    def abandon(self) -> None:
        """Undo everything and close; what cannot be undone now is undone when the store is opened next."""
        with suppress(*_TROUBLE):
            self._connection.invalidate()
        with suppress(*_TROUBLE):
            self._connection.close()

    def last(self) -> Record | None:
        """Return the head of the chain.

        Returns
        -------
        Record or None
            None: no event yet.
        """
        found = self._records(limit=1, newest_first=True)
        return found[0] if found else None

    def find(self, *, idem_key: str | None = None, event_id: str | None = None) -> Record | None:
        """Look one record up.

        Parameters
        ----------
        idem_key, event_id : str or None
            By the name of the attempt, or of the event.

        Returns
        -------
        Record or None
            None: not there.
        """
        event = self._event
        condition = event.c.event_id == event_id if event_id else event.c.idem_key == idem_key
        with _faults(self._backend):
            row = self._connection.execute(select(*self._columns).where(condition, *self._own(event))).first()
        return _record(row) if row else None

    def records(self, kinds: Sequence[str] = ()) -> list[Record]:
        """Return the rows of the event table, in order.

        Parameters
        ----------
        kinds : sequence of str
            Only these; all, if empty.

        Returns
        -------
        list of Record
            As they were stored; nothing is verified here.
        """
        return self._records(kinds)

    def history(self, kinds: Sequence[str] = ()) -> list[AnyRecorded]:
        """Return events, in order, with their texts.

        Parameters
        ----------
        kinds : sequence of str
            Only these; all, if empty.

        Returns
        -------
        list of Recorded
            Decoded.
        """
        texts = self.texts()
        return [read_record(record, texts) for record in self.records(kinds)]

    def texts(self) -> dict[str, str]:
        """Return the free texts that were not erased.

        Returns
        -------
        dict of str to str
            Text by digest.

        Raises
        ------
        ChainError
            If a text is not the one that was hashed.
        """
        blobs = self.blobs()
        for blob in blobs:
            parts: tuple[object, ...] = (blob.salt, blob.content)  # SQLite lets a blob become text
            if (
                not all(isinstance(part, bytes) for part in parts)
                or blob_digest(blob.salt, blob.content) != blob.sha256
            ):
                raise ChainError(f"the text {blob.sha256[:12]}… was changed; restore a backup made before")
        return {blob.sha256: blob.content.decode() for blob in blobs}

    def blobs(self) -> list[Blob]:
        """Return the free texts that were not erased, as they are stored.

        Returns
        -------
        list of Blob
            Nothing is verified here.
        """
        blob = self._blob
        statement = select(blob.c.sha256, blob.c.salt, blob.c.content).where(*self._own(blob))
        with _faults(self._backend):
            rows = self._connection.execute(statement).all()
        return [Blob(sha256=sha256, salt=salt, content=content) for sha256, salt, content in rows]

    def add(self, recorded: AnyRecorded, blobs: Sequence[Blob]) -> None:
        """Insert an event and its texts, and bring the projection up to it.

        Parameters
        ----------
        recorded : Recorded
            Follows on the head of the chain.
        blobs : sequence of Blob
            Texts that its payload names.
        """
        record = recorded.record
        with _faults(self._backend):
            values = {name: getattr(record, name) for name in _NAMES}
            kept = self._connection.execute(insert(self._event).returning(self._event.c.seq), values)
            if kept.first() is None:  # a trigger of the owner of a database can swallow a row
                raise StoreError("the store took the event and did not keep it, so nothing was recorded")
        self.add_texts(blobs)
        with _faults(self._backend):
            projection.apply(self._connection, self._backend, recorded)

    def add_texts(self, blobs: Sequence[Blob]) -> None:
        """Insert texts.

        Parameters
        ----------
        blobs : sequence of Blob
            Texts that a payload names.
        """
        with _faults(self._backend):
            for blob in blobs:
                row = {"sha256": blob.sha256, "salt": blob.salt, "content": blob.content}
                self._connection.execute(insert(self._blob), {**self._backend.owner, **row})

    def run(self, statements: Callable[[Connection], None]) -> None:
        """Run statements of another module in this transaction.

        Parameters
        ----------
        statements : callable of Connection
            What they do is undone with everything else, or committed.
        """
        with _faults(self._backend):
            statements(self._connection)

    def erase(self, sha256: str) -> bool:
        """Erase a text, before the event that says so is added.

        Parameters
        ----------
        sha256 : str
            Its digest.

        Returns
        -------
        bool
            False: it was not there.
        """
        with _faults(self._backend):
            return self._backend.erase(self._connection, sha256)

    def rebuild(self) -> None:
        """Build the projection again from the events."""
        history = self.history()
        with _faults(self._backend):
            projection.rebuild(self._connection, self._backend, history)

    def compare(self, history: Sequence[AnyRecorded]) -> tuple[str, ...]:
        """Hold the projection against the events.

        Parameters
        ----------
        history : sequence of Recorded
            All of them, in order.

        Returns
        -------
        tuple of str
            What differs.
        """
        with _faults(self._backend):
            return projection.compare(self._connection, self._backend, history)

    def may_add(self) -> bool:
        """Say whether whoever is connected has the right to add events.

        Returns
        -------
        bool
            False: a reader of a store on a server.
        """
        with _faults(self._backend):
            return self._backend.may_add(self._connection)

    def guard_faults(self) -> tuple[str, ...]:
        """Say what should keep events from being changed and is not as it was made, and what was added to it.

        Returns
        -------
        tuple of str
            Sentences about triggers, and about what else guards the tables.
        """
        with _faults(self._backend):
            return self._backend.guard_faults(self._connection)

    def _records(
        self, kinds: Sequence[str] = (), limit: int | None = None, *, newest_first: bool = False
    ) -> list[Record]:
        event = self._event
        statement = select(*self._columns).where(*self._own(event))
        statement = statement.order_by(event.c.seq.desc() if newest_first else event.c.seq).limit(limit)
        if kinds:
            statement = statement.where(event.c.kind.in_(kinds))
        with _faults(self._backend):
            return [_record(row) for row in self._connection.execute(statement)]

    def _own(self, table: Table) -> list[ColumnElement[bool]]:
        """Return what tells the rows of this trial, where other trials share the table."""
        return [table.c[name] == value for name, value in self._backend.owner.items()]


class Database:
    """A store, opened anew for every transaction: no handle outlives one, and threads share none.

    Parameters
    ----------
    backend : Backend
        Where the trial is kept.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._engine = backend.engine()

    @property
    def path(self) -> Path:
        """The file that a person knows."""
        return self.backend.path

    @contextmanager
    def reading(self, *, settled: bool = False) -> Iterator[Session]:
        """Give a transaction that sees one moment of the store and writes nothing.

        Parameters
        ----------
        settled : bool
            Wait on a server until no transaction of another writer, or of a lost one, can be committed any more.

        Yields
        ------
        Session
            Ends with the block.
        """
        session = self.begin(write=settled and self.backend.outlives_clients)
        try:
            yield session
        finally:
            session.abandon()

    def begin(self, *, write: bool) -> Session:
        """Begin a transaction.

        Parameters
        ----------
        write : bool
            Take the write lock at once: one that is taken later fails where another writer was faster.

        Returns
        -------
        Session
            To be committed or abandoned by the caller.

        Raises
        ------
        StorageFault
            If the store cannot be opened, or another writer holds it for 30 seconds.
        """
        with _faults(self.backend):
            connection = self._engine.connect().execution_options(**self.backend.options(write=write))
            session = Session(connection, self.backend)
            try:
                connection.begin()
            except BaseException:
                session.abandon()
                raise
            return session

    def create_tables(self) -> None:
        """Create the tables of a file that are not there, in one transaction."""

        def create(connection: Connection) -> None:
            tables = self.backend.tables
            if not inspect(connection).has_table(tables.event.name):
                tables.metadata.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
                connection.exec_driver_sql(f"PRAGMA user_version={FORMAT}")

        session = self.begin(write=True)
        try:
            session.run(create)
            session.commit()
        except BaseException:
            session.abandon()
            raise


def _record(row: Iterable[Any]) -> Record:
    return Record(**dict(zip(_NAMES, row, strict=True)))


@contextmanager
def _faults(backend: Backend) -> Iterator[None]:
    """Tell every error of SQLAlchemy, the database and the system as a fault."""
    try:
        yield
    except _TROUBLE as error:
        raise backend.fault_of(error) from error
