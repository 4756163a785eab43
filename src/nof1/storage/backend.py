"""What differs between a store in a file and one on a server; every statement that both share is in `database`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

from nof1.storage.faults import StorageFault, fault_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from nof1.storage.tables import Tables


class Backend(ABC):
    """One trial's place in a kind of store.

    Attributes
    ----------
    tables : Tables
        As they are there.
    path : Path
        The file that a person knows; rescue files are kept beside it.
    owner : dict of str to str
        What every row of this trial bears besides its own values, such as the trial where many share the tables.
    derives_scores : bool
        Scores as they stand are a view; nobody writes them.
    outlives_clients : bool
        A transaction may go on where the program that began it has lost it.
    look_again_after : tuple of float
        Pauses before each look at what an error left behind [s].
    """

    tables: Tables
    path: Path
    owner: dict[str, str]
    derives_scores: bool
    outlives_clients: bool
    look_again_after: tuple[float, ...]

    @abstractmethod
    def engine(self) -> Engine:
        """Return what opens connections."""

    @abstractmethod
    def options(self, *, write: bool) -> dict[str, object]:
        """Return the options of a connection for one transaction; `nof1_begin` is called when it begins."""

    @abstractmethod
    def erase(self, connection: Connection, sha256: str) -> bool:
        """Erase a text, now or with the event that says so; False: it is not there."""

    @abstractmethod
    def guard_faults(self, connection: Connection) -> tuple[str, ...]:
        """Tell guards of the tables that are not as they were made, and what was added to them."""

    @abstractmethod
    def may_add(self, connection: Connection) -> bool:
        """Whether whoever is connected has the right to add events."""

    @abstractmethod
    def shows_columns(self, connection: Connection) -> bool:
        """Whether scores as they stand can be told of rows that an event holds by column."""

    @abstractmethod
    def settle(self) -> None:
        """After an error: make sure that what is found to be stored is durable."""

    def fault_of(self, error: BaseException) -> StorageFault:
        """Tell an error as a fault, with its place where the error does not say it."""
        return fault_of(error)


def engine_of(dialect: str, connect: Callable[[], object], **options: object) -> Engine:
    """Return an engine that opens a connection for every transaction: no handle outlives one, and threads share none.

    Parameters
    ----------
    dialect : str
        SQLAlchemy's name of the kind of store.
    connect : callable
        Opens a connection of the driver.
    **options
        Of the dialect.

    Returns
    -------
    Engine
        Errors and log lines of it quote nothing of what is written.
    """
    engine = create_engine(dialect, creator=connect, poolclass=NullPool, hide_parameters=True, **options)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    connection.get_execution_options()["nof1_begin"](connection)
