"""The store of a clinic: after every command no row of any table, nothing in the server's log or files, says which box holds what."""

from __future__ import annotations

from functools import cache, partial

import psycopg
import pytest
from psycopg import sql

from nof1.files import protocols

from ..workflow.playing import quick_folder  # noqa: TID252 - tests have no absolute names
from .leak_scan import leaks_in
from .watched import TEXTS, Watched, blinded_life

_remembered = cache(partial(protocols.parse_protocol, source="protocol.yaml"))


@pytest.fixture(autouse=True)
def _read_once(monkeypatch):
    """Read a protocol once for both lives: what a text means does not depend on who reads it."""
    monkeypatch.setattr(protocols, "parse_protocol", lambda text, *_args, **_options: _remembered(text))


class WatchedOnServer(Watched):
    """Somebody at a terminal whose trial is kept on a server: its tables are looked at too.

    Attributes
    ----------
    seen : set of str
        Rows that were looked at.
    """

    def __init__(self, root, mode, monkeypatch, clinic) -> None:
        self.clinic = clinic
        self.seen: set[str] = set()
        super().__init__(root, mode, 0, monkeypatch, store_url=clinic.writer)

    def rows(self) -> set[str]:
        """Return every row of every table and view, as texts."""
        found = set()
        with psycopg.connect(self.clinic.owner) as connection:
            tables = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'nof1'"
            )
            for (table,) in tables.fetchall():
                rows = connection.execute(
                    sql.SQL("SELECT * FROM nof1.{}").format(sql.Identifier(table))
                ).fetchall()
                found |= {
                    f"{table}: {' '.join(v.decode('latin-1') if isinstance(v, bytes) else str(v) for v in row)}"
                    for row in rows
                }
        return found

    def told_by_rows(self) -> list[str]:
        """Return what the rows tell that were not looked at before."""
        new = self.rows() - self.seen
        self.seen |= new
        return [told for row in sorted(new) for told in leaks_in(row, self.known, "a row")]

    def look(self, *words: object) -> None:
        """Look at every file and every row."""
        super().look(*words)
        assert self.told_by_rows() == [], words


@pytest.mark.parametrize("mode", TEXTS)
def test_after_every_command_no_table_tells(tmp_path_factory, mode, monkeypatch, clinic):
    """From kits to lock: rows, log and files of the server; the opening itself is seen."""
    log = clinic.server.log
    begun = log.stat()
    with quick_folder(tmp_path_factory.getbasetemp()) as root:
        one = WatchedOnServer(root, mode, monkeypatch, clinic)
        blinded_life(one)
        assert len(one.seen) > 30
        clinic.run("CHECKPOINT")
        with log.open("rb") as file:
            file.seek(begun.st_size)
            logged = file.read().decode("utf-8", "replace")
        assert "scores_entered" in logged
        assert leaks_in(logged, one.known, "the log") == []
        never = [key.encode() for _, key in one.known.kits.values()]
        never += [one.known.secret, one.known.secret.hex().encode()] if one.known.secret else []
        ((number,),) = clinic.run("SELECT oid FROM pg_database WHERE datname = current_database()")
        data = clinic.server.folder / "data"
        places = (data / "base" / str(number), data / "pg_wal")
        found = [path for place in places for path in place.iterdir() if path.is_file()]
        files = [path for path in found if path.stat().st_mtime >= begun.st_mtime - 1]  # written since then
        assert {path.parent for path in files} == set(places)
        for path in files:
            content = path.read_bytes()
            assert not any(key in content or key.lower() in content for key in never), path
        one.type(one.player.context, "unblind", "coffee", *one.opening())
        assert one.told_by_rows() != []
