"""A trial among many in a PostgreSQL database: how it is connected to, and what a transaction there takes."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, text
from typing_extensions import override

from nof1.errors import StoreError
from nof1.files.workspace import ADDRESS_NAME
from nof1.storage.address import check_url
from nof1.storage.backend import Backend, engine_of
from nof1.storage.faults import StorageFault, fault_of
from nof1.storage.guards import guard_faults, shows_columns
from nof1.storage.tables import SHARED

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection, Engine

WAIT_SECONDS = 30
"""How long a writer waits for another of the same trial, as with a file."""
_IDLE_SECONDS = 60
"""After so long without a word in the middle of a transaction the server ends it: its computer sleeps, or is gone."""
# For what the address and the environment do not say themselves; in an emergency nobody waits longer than 5 s for what
# the files do not tell.
_CONNECTION = {
    "connect_timeout": ("PGCONNECT_TIMEOUT", "5"),
    "application_name": ("PGAPPNAME", "nof1"),
    "keepalives_idle": ("", "15"),
    "keepalives_interval": ("", "5"),
    "keepalives_count": ("", "3"),
    "tcp_user_timeout": ("", "30000"),
}
# An acknowledged entry is on the disk of the server, whatever the database or the role is set to.
_SETTINGS = text("""
SELECT set_config('nof1.trial', :trial, true),
  set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') = 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true),
  set_config('lock_timeout', :wait, true), set_config('statement_timeout', '0', true),
  set_config('idle_in_transaction_session_timeout', :idle, true)
""").bindparams(wait=f"{WAIT_SECONDS}s", idle=f"{_IDLE_SECONDS}s")
MAY_ADD = "has_table_privilege('nof1.event', 'INSERT')"
"""Whether whoever is connected has the right to add events."""
_LOCK = select(func.pg_advisory_xact_lock(bindparam("key")))


class OnServer(Backend):
    """A trial's rows on a server; nothing of other trials is seen.

    Parameters
    ----------
    url : str
        Of the database.
    trial_id : str
        The trial; empty: what belongs to none.
    path : Path
        The store.json of the trial; what is only read needs none.

    Raises
    ------
    StoreError
        If the address is none, or the driver is not installed.
    """

    tables = SHARED
    derives_scores = True
    outlives_clients = True
    look_again_after = (0, 1, 3)  # a server that stopped at once needs some seconds to come back

    def __init__(self, url: str, trial_id: str, path: Path = Path(ADDRESS_NAME)) -> None:
        self.url = check_url(url)
        _require_driver()
        self.path = path
        self.owner = {"trial_id": trial_id}

    @override
    def engine(self) -> Engine:
        """Return what connects to the database; what it learns of the server at first serves every trial there."""
        return _engine(self.url)

    @override
    def options(self, *, write: bool) -> dict[str, object]:
        """Read one moment of the store; a writer sees after its wait what the one before it committed."""
        return {
            "nof1_begin": self._write if write else self._read,
            "isolation_level": "READ COMMITTED" if write else "REPEATABLE READ",
            "postgresql_readonly": not write,
        }

    def _read(self, connection: Connection) -> None:
        connection.execute(_SETTINGS, {"trial": self.owner["trial_id"]})

    def _write(self, connection: Connection) -> None:
        """Wait for other writers of the trial: two lock each other out, two trials do not."""
        self._read(connection)
        connection.execute(_LOCK, {"key": lock_key(self.owner["trial_id"])})

    @override
    def erase(self, connection: Connection, sha256: str) -> bool:
        """Look whether the text is there; the event that says so erases it, in a trigger."""
        blob = self.tables.blob
        mine = (blob.c.trial_id == self.owner["trial_id"]) & (blob.c.sha256 == sha256)
        return connection.execute(select(blob.c.sha256).where(mine)).first() is not None

    @override
    def guard_faults(self, connection: Connection) -> tuple[str, ...]:
        """Tell triggers, functions, rights and closed tables that are not as they were made, and what was added."""
        return guard_faults(connection)

    @override
    def may_add(self, connection: Connection) -> bool:
        """Ask for the right of the role."""
        return bool(connection.scalar(text(f"SELECT {MAY_ADD}")))

    @override
    def shows_columns(self, connection: Connection) -> bool:
        """Look whether the view was made by a version of nof1 that knows them."""
        return shows_columns(connection)

    @override
    def settle(self) -> None:
        """Nothing: what was committed is on the disk of the server."""

    @override
    def fault_of(self, error: BaseException) -> StorageFault:
        """Tell the error with the address of the server."""
        return fault_of(error, self.url)


@cache
def _engine(url: str) -> Engine:
    # Without the type of a contributed module that no table has and that would be asked for at every connection.
    return engine_of("postgresql+psycopg://", lambda: connect(url), use_native_hstore=False)


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """Connect to a database as libpq does.

    Parameters
    ----------
    url : str
        Without a password.

    Returns
    -------
    psycopg.Connection
        New.
    """
    import psycopg  # noqa: PLC0415 - an extra: `OnServer` has looked whether it is there

    said = psycopg.conninfo.conninfo_to_dict(url)
    ours = {
        name: value
        for name, (variable, value) in _CONNECTION.items()
        if name not in said and variable not in os.environ
    }
    whole = psycopg.conninfo.make_conninfo(url, client_encoding="utf8", **ours)
    return psycopg.connect(whole, prepare_threshold=None)


def lock_key(trial_id: str) -> int:
    """Return the number under which writers of a trial lock each other out.

    Parameters
    ----------
    trial_id : str
        The trial.

    Returns
    -------
    int
        64 bits with a sign; where two trials shared one, they would wait for each other and nothing else.
    """
    return int.from_bytes(hashlib.sha256(f"nof1/trial/{trial_id}".encode()).digest()[:8], "big", signed=True)


def _require_driver() -> None:
    try:
        import psycopg  # noqa: F401, PLC0415 - an extra; whoever keeps trials in files need not have it
    except ImportError as error:
        raise StoreError(
            "a store on a PostgreSQL server needs a driver that is not installed here: pip install nof1[postgresql]"
        ) from error
