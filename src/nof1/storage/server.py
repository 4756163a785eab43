"""A store of many trials on a PostgreSQL server: making it, taking a name in it, and reading what it holds."""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateSchema

from nof1.audit.chain import find_break
from nof1.errors import ChainError, StoreError
from nof1.storage.address import Address
from nof1.storage.database import Session
from nof1.storage.faults import TROUBLE, StorageFault
from nof1.storage.guards import set_functions, set_guards, set_roles, set_view
from nof1.storage.on_server import MAY_ADD, OnServer
from nof1.storage.sqlite import FORMAT
from nof1.storage.tables import SCHEMA, SHARED, STORE, TRIAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from nof1.audit.record import AnyRecorded

WRITER, READER = "nof1_writer", "nof1_reader"
"""Names of the roles, unless others are given."""
_OLDEST = 15
"""First version of PostgreSQL whose views can take the rights of whoever asks; older ones get no repairs any more."""
_RIGHTS = text(f"""
SELECT current_setting('server_version'), current_user::text, {MAY_ADD},
  has_table_privilege('nof1.event', 'UPDATE, DELETE, TRUNCATE')
""")
_FITNESS = """
SELECT current_setting('server_version'), current_setting('server_version_num')::integer,
  current_setting('server_encoding'), current_setting('fsync'), current_setting('full_page_writes')
"""
_ROLE = r"[a-z_][a-z0-9_]{0,62}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A database that was made a store.

    Attributes
    ----------
    is_new : bool
        The tables were made now.
    version : str
        Of the server.
    writer, reader : str
        Roles to be granted to people: one adds, one only reads.
    """

    is_new: bool
    version: str
    writer: str
    reader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a store says of a trial.

    Attributes
    ----------
    claim : str or None
        Random name of the trial; None: there is none of this name.
    has_events : bool
        Something was recorded.
    format : int
        Format of the store.
    """

    claim: str | None
    has_events: bool
    format: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """A store as somebody meets it.

    Attributes
    ----------
    version : str
        Of the server.
    role : str
        Who is connected.
    n_trials : int
        Trials that the store holds.
    may_add, may_change : bool
        The role may record events; it could also change or remove them, if no trigger refused.
    """

    version: str
    role: str
    n_trials: int
    may_add: bool
    may_change: bool


def init_store(url: str, *, writer: str = WRITER, reader: str = READER) -> Prepared:
    """Make a database a store: tables, guards and two roles, in one transaction; what is there already stays.

    Parameters
    ----------
    url : str
        Of a database that exists, as a role that may create in it. That role owns the tables; nobody should work as it.
    writer, reader : str
        Names of the roles; made where they are not there.

    Returns
    -------
    Prepared
        What was made.

    Raises
    ------
    StoreError
        If the server is too old, may lose what it acknowledged, or refuses.
    """
    for role in (writer, reader):
        if not re.fullmatch(_ROLE, role):
            raise StoreError(f"{role!r} cannot name a role here; write small letters, digits and underscores")
    if writer == reader:
        raise StoreError(f"{writer} cannot be both: whoever reads must not write")
    with _connected(url, write=True) as connection:
        version = _require_fit(connection, url)
        is_new = not inspect(connection).has_table(STORE.name, schema=SCHEMA)
        if is_new:
            connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
            stored = [table for table in SHARED.metadata.sorted_tables if table is not SHARED.score_current]
            SHARED.metadata.create_all(connection, tables=stored)
            set_guards(connection)
            connection.execute(insert(STORE), {"format": FORMAT})
        else:
            _require_known(connection, url)
            set_functions(connection)
            set_view(connection)
        set_roles(connection, writer, reader)
        connection.commit()
    return Prepared(is_new=is_new, version=version, writer=writer, reader=reader)


def held_of(url: str, trial_id: str) -> Held:
    """Look what a store holds of a trial.

    Parameters
    ----------
    url : str
        Of the store.
    trial_id : str
        The trial.

    Returns
    -------
    Held
        As it is now.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    event = SHARED.event
    with _connected(url, trial_id) as connection:
        found, claim, first = connection.execute(
            select(
                STORE.c.format,
                select(TRIAL.c.claim).where(TRIAL.c.trial_id == trial_id).scalar_subquery(),
                select(event.c.seq).where(event.c.trial_id == trial_id, event.c.seq == 1).scalar_subquery(),
            )
        ).one()
    return Held(format=found, claim=claim, has_events=first is not None)


def new_address(url: str, trial_id: str) -> Address:
    """Return an address under which a trial can claim its name.

    Parameters
    ----------
    url : str
        Of the store.
    trial_id : str
        The trial.

    Returns
    -------
    Address
        With a random claim.
    """
    return Address(url=url, trial_id=trial_id, claim=secrets.token_hex(16))


def claim_name(address: Address) -> None:
    """Take the name of a trial in a store, once; the same claim again is the same trial.

    Parameters
    ----------
    address : Address
        Store, trial and claim.

    Raises
    ------
    StoreError
        If another trial has the name.
    """
    with _connected(address.url, address.trial_id, write=True) as connection:
        add_claim(connection, address)
        connection.commit()


def add_claim(connection: Connection, address: Address) -> None:
    """Take the name of a trial in a transaction of the caller's.

    Parameters
    ----------
    connection : Connection
        Holds the lock of the trial.
    address : Address
        Store, trial and claim.

    Raises
    ------
    StoreError
        If another trial has the name.
    """
    _require_known(connection, address.url)
    claim = connection.execute(select(TRIAL.c.claim).where(TRIAL.c.trial_id == address.trial_id)).scalar()
    if claim is None:
        connection.execute(insert(TRIAL), {"trial_id": address.trial_id, "claim": address.claim})
    elif claim != address.claim:
        raise StoreError(
            f"{address.url} holds another trial of the name {address.trial_id}; nothing was changed. Take another name"
        )


def look_at(url: str) -> Rights:
    """Look at a store, and at what whoever connects may do there.

    Parameters
    ----------
    url : str
        Of the store.

    Returns
    -------
    Rights
        Of the role that the address or the environment names.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    with _connected(url) as connection:
        _require_known(connection, url)
        version, role, adds, changes = connection.execute(_RIGHTS).one()
        n_trials = len(connection.execute(select(TRIAL.c.trial_id)).all())
    return Rights(version=version, role=role, n_trials=n_trials, may_add=adds, may_change=changes)


def trials_of(url: str) -> tuple[str, ...]:
    """List the trials of a store.

    Parameters
    ----------
    url : str
        Of the store.

    Returns
    -------
    tuple of str
        In alphabetical order; those in which nothing was recorded yet too.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    with _connected(url) as connection:
        return tuple(sorted(connection.scalars(select(TRIAL.c.trial_id))))


def histories_of(url: str) -> Iterator[tuple[str, tuple[AnyRecorded, ...] | StoreError]]:
    """Read all trials of a store, as they are at one moment.

    Parameters
    ----------
    url : str
        Of the store.

    Yields
    ------
    trial_id : str
        In alphabetical order; trials without events are left out.
    history : tuple of Recorded or StoreError
        All events, their chain verified; or why they cannot be read.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    with _connected(url) as connection:
        _require_known(connection, url)
        names = sorted(connection.scalars(select(TRIAL.c.trial_id)))
        for name in names:
            # A writer sees the rows of the trial that the transaction names; whoever only reads sees all.
            connection.execute(text("SELECT set_config('nof1.trial', :trial, true)"), {"trial": name})
            try:
                history = _history(Session(connection, OnServer(url, name)))
            except StorageFault:
                raise
            except StoreError as error:
                yield name, error
                continue
            if history:
                yield name, history


def _history(session: Session) -> tuple[AnyRecorded, ...]:
    rows = session.records()
    if (broken := find_break(rows)) is not None:
        raise ChainError(f"{broken}; see nof1 verify")
    return tuple(session.history())


@contextmanager
def _connected(url: str, trial_id: str = "", *, write: bool = False) -> Iterator[Connection]:
    """Give a transaction; what is not committed in the block is undone."""
    backend = OnServer(url, trial_id)
    try:
        with backend.engine().connect().execution_options(**backend.options(write=write)) as connection:
            yield connection
    except (SQLAlchemyError, *TROUBLE) as error:
        raise backend.fault_of(error) from error


def _require_fit(connection: Connection, url: str) -> str:
    """Refuse a server that cannot keep what is promised; return its version."""
    version, number, encoding, fsync, pages = connection.exec_driver_sql(_FITNESS).one()
    if number < _OLDEST * 10_000:
        raise StoreError(f"{url}: PostgreSQL {version} is too old; {_OLDEST} or later is needed")
    if encoding != "UTF8":
        raise StoreError(f"{url}: the database has the encoding {encoding}; make one with UTF8")
    if (fsync, pages) != ("on", "on"):
        raise StoreError(
            f"{url}: the server has fsync {fsync} and full_page_writes {pages}, so a failure of power would lose what was "
            "acknowledged; set both on"
        )
    return str(version)


def _require_known(connection: Connection, url: str) -> None:
    """Refuse a store of a later version."""
    found = connection.execute(select(STORE.c.format)).scalar_one()
    if found > FORMAT:
        raise StoreError(
            f"{url}: a later version of nof1 made this store (format {found}; this one knows {FORMAT}); update nof1"
        )
