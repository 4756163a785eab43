"""Transactions on one store, and the statements that run in them (SQLAlchemy Core on SQLite)."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, delete, event, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from nof1.audit.free_text import Blob, blob_digest
from nof1.audit.record import AnyRecorded, Record, read_record
from nof1.errors import ChainError
from nof1.storage import projection
from nof1.storage.faults import TROUBLE, fault_of
from nof1.storage.sqlite import APPLICATION_ID, FORMAT, connect
from nof1.storage.tables import BLOB, EVENT, METADATA, TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

_NAMES = tuple(field.name for field in fields(Record))
_COLUMNS = [EVENT.c[name] for name in _NAMES]
_TROUBLE = (SQLAlchemyError, *TROUBLE)


class Session:
    """One transaction: statements that the store needs, and its end.

    Parameters
    ----------
    connection : Connection
        Its transaction has begun.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def commit(self) -> None:
        """Make everything durable and close. After an error nobody knows yet whether it is: look again."""
        with _faults():
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
        condition = EVENT.c.event_id == event_id if event_id else EVENT.c.idem_key == idem_key
        with _faults():
            row = self._connection.execute(select(*_COLUMNS).where(condition)).first()
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
        with _faults():
            rows = self._connection.execute(select(BLOB)).all()
        for sha256, salt, content in rows:
            is_whole = isinstance(salt, bytes) and isinstance(
                content, bytes
            )  # SQLite lets a blob become text
            if not is_whole or blob_digest(salt, content) != sha256:
                raise ChainError(f"the text {sha256[:12]}… was changed; restore a backup made before")
        return {sha256: content.decode() for sha256, _, content in rows}

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
        with _faults():
            self._connection.execute(insert(EVENT), {name: getattr(record, name) for name in _NAMES})
            for blob in blobs:
                self._connection.execute(
                    insert(BLOB), {"sha256": blob.sha256, "salt": blob.salt, "content": blob.content}
                )
            projection.apply(self._connection, recorded)

    def erase(self, sha256: str) -> bool:
        """Erase a text; its page is overwritten with zeros.

        Parameters
        ----------
        sha256 : str
            Its digest.

        Returns
        -------
        bool
            False: it was not there.
        """
        with _faults():
            return self._connection.execute(delete(BLOB).where(BLOB.c.sha256 == sha256)).rowcount == 1

    def rebuild(self) -> None:
        """Build the projection again from the events."""
        history = self.history()
        with _faults():
            projection.rebuild(self._connection, history)

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
        with _faults():
            return projection.compare(self._connection, history)

    def missing_guards(self) -> tuple[str, ...]:
        """Name the triggers that should keep events from being changed and are not as they were made.

        Returns
        -------
        tuple of str
            Names of triggers.
        """
        statement = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        with _faults():
            found = {str(name): body for name, body in self._connection.exec_driver_sql(statement)}
        return tuple(
            name for name, body in TRIGGERS.items() if found.get(name) != f"CREATE TRIGGER {name} {body}"
        )

    def _records(
        self, kinds: Sequence[str] = (), limit: int | None = None, *, newest_first: bool = False
    ) -> list[Record]:
        statement = (
            select(*_COLUMNS).order_by(EVENT.c.seq.desc() if newest_first else EVENT.c.seq).limit(limit)
        )
        if kinds:
            statement = statement.where(EVENT.c.kind.in_(kinds))
        with _faults():
            return [_record(row) for row in self._connection.execute(statement)]


class Database:
    """A store's file, opened anew for every transaction: no handle outlives one, and threads share none.

    Parameters
    ----------
    path : Path
        The file.
    read_only : bool
        Refuse every write.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._engine = create_engine(
            "sqlite://",
            creator=lambda: connect(path, read_only=read_only),
            poolclass=NullPool,
            hide_parameters=True,  # an error or a log line would quote what is written
        )
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a transaction that sees one moment of the store and writes nothing.

        Yields
        ------
        Session
            Ends with the block.
        """
        session = self.begin(write=False)
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
        with _faults():
            connection = self._engine.connect().execution_options(nof1_write=write)
            try:
                connection.begin()
            except BaseException:
                Session(connection).abandon()
                raise
            return Session(connection)

    def create_tables(self) -> None:
        """Create what is not there, in one transaction."""
        session = self.begin(write=True)
        try:
            with _faults():
                connection = session._connection  # noqa: SLF001 - the one statement that belongs to no trial
                if not inspect(connection).has_table(EVENT.name):
                    METADATA.create_all(connection)
                    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
                    connection.exec_driver_sql(f"PRAGMA user_version={FORMAT}")
            session.commit()
        except BaseException:
            session.abandon()
            raise


def _record(row: Iterable[Any]) -> Record:
    return Record(**dict(zip(_NAMES, row, strict=True)))


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(
        "BEGIN IMMEDIATE" if connection.get_execution_options()["nof1_write"] else "BEGIN"
    )


@contextmanager
def _faults() -> Iterator[None]:
    """Tell every error of SQLAlchemy, SQLite and the system as a fault."""
    try:
        yield
    except _TROUBLE as error:
        raise fault_of(error) from error
