"""A trial in a SQLite file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete
from typing_extensions import override

from nof1.storage.backend import Backend, engine_of
from nof1.storage.sqlite import connect, sync_folder
from nof1.storage.tables import GUARD_ADDED, GUARD_CHANGED, IN_FILE, TRIGGERS

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine


class InFile(Backend):
    """The file of a trial.

    Parameters
    ----------
    path : Path
        The file.
    read_only : bool
        Refuse every write.
    """

    tables = IN_FILE
    derives_scores = False
    outlives_clients = False
    look_again_after = (0, 0)  # one passing fault more is forgiven

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.owner = {}
        self._read_only = read_only

    @override
    def engine(self) -> Engine:
        """Return what opens the file."""
        return engine_of("sqlite://", lambda: connect(self.path, read_only=self._read_only))

    @override
    def options(self, *, write: bool) -> dict[str, object]:
        """Take the write lock at once where it will be needed: one that is taken later fails if another was faster."""
        statement = "BEGIN IMMEDIATE" if write else "BEGIN"
        return {"nof1_begin": lambda connection: connection.exec_driver_sql(statement)}

    @override
    def erase(self, connection: Connection, sha256: str) -> bool:
        """Erase a text; its page is overwritten with zeros."""
        blob = self.tables.blob
        return connection.execute(delete(blob).where(blob.c.sha256 == sha256)).rowcount == 1

    @override
    def guard_faults(self, connection: Connection) -> tuple[str, ...]:
        """Tell triggers that are not as they were made, and those that were added."""
        statement = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        found = {str(name): body for name, body in connection.exec_driver_sql(statement)}
        changed = (n for n, body in TRIGGERS.items() if found.get(n) != f"CREATE TRIGGER {n} {body}")
        added = (f"trigger {name}" for name in found if name not in TRIGGERS)
        return (*map(GUARD_CHANGED.format, changed), *map(GUARD_ADDED.format, added))

    @override
    def may_add(self, connection: Connection) -> bool:
        """Whoever may write the file may; one that cannot be written is opened as such."""
        return True

    @override
    def shows_columns(self, connection: Connection) -> bool:
        """Nothing is derived here."""
        return True

    @override
    def settle(self) -> None:
        """Make the name of the file durable: an error may have come between the commit and that."""
        sync_folder(self.path.parent)
