"""A PostgreSQL server of the tests' own: on a socket in a folder of its own, no port, gone afterwards."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from nof1.storage.server import init_store

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOBODY = "postgres"
"""Who runs the server where the tests run as root, which a server refuses."""
# Everything that durability rests on stays as it is by default: fsync, full_page_writes, synchronous_commit.
_SETTINGS = (
    "listen_addresses=",
    "shared_buffers=16MB",
    "max_wal_size=64MB",
    "min_wal_size=32MB",
    "autovacuum=off",
    "max_connections=40",
    "log_statement=all",
    "log_min_duration_statement=-1",
)


class Server:
    """A running server.

    Attributes
    ----------
    folder : Path
        Holds data, socket and log.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self._programs = programs
        self._as = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self._numbers = itertools.count()
        self._process: subprocess.Popen | None = None
        self._has_model = False
        if self._as:
            shutil.chown(folder, _NOBODY, _NOBODY)
        self._run(
            "initdb",
            "-D",
            folder / "data",
            "-U",
            "owner",
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        )
        rules = folder / "data" / "pg_hba.conf"
        rules.write_text(
            f"local all pia scram-sha-256\n{rules.read_text()}"
        )  # whoever else connects is trusted
        self.start()

    @property
    def log(self) -> Path:
        """What the server writes, with every statement and its values."""
        return self.folder / "log"

    def _run(self, program: str, *words: object) -> None:
        done = subprocess.run(
            [self._programs / program, *map(str, words)],
            cwd=self.folder, capture_output=True, text=True, check=False, **self._as,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [
            word
            for setting in (*_SETTINGS, f"unix_socket_directories={self.folder}")
            for word in ("-c", setting)
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", str(self.folder / "data"), *settings],
                cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **self._as,
            )  # fmt: skip
        for _ in range(600):
            assert self._process.poll() is None, self.log.read_text()[-2000:]
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.url("postgres")).close()
                return
            time.sleep(0.05)
        pytest.fail(f"the server does not answer: {self.log.read_text()[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop it: by default at once, as a failure of power would."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=60)
            self._process = None

    def url(self, database: str, user: str = "owner") -> str:
        """Return the address of a database."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_store(self) -> str:
        """Make a database that is a store, as a copy of the first one; return its name."""
        name = f"clinic{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not self._has_model:
                connection.execute("CREATE DATABASE model")
                init_store(self.url("model"))
                connection.execute(
                    "CREATE ROLE anna LOGIN IN ROLE nof1_writer; CREATE ROLE rita LOGIN IN ROLE nof1_reader"
                )
                self._has_model = True
            connection.execute(f"CREATE DATABASE {name} TEMPLATE model STRATEGY file_copy")
        return name


class Clinic:
    """A store on a server, with a writer and a reader.

    Attributes
    ----------
    server : Server
        Runs.
    name : str
        Of the database.
    owner, writer, reader : str
        Addresses for the owner of the tables, for whoever adds, for whoever reads.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.name = name = server.new_store()
        self.owner, self.writer, self.reader = (server.url(name, user) for user in ("owner", "anna", "rita"))

    def close(self) -> None:
        """Remove the database."""
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {self.name} WITH (FORCE)")

    def run(self, statement: str, *, url: str = "", trial: str = "caffeine") -> list[tuple]:
        """Run a statement, by default as the owner, in a transaction that names a trial; return its rows."""
        with psycopg.connect(url or self.owner) as connection:
            connection.execute("SELECT set_config('nof1.trial', %s, true)", [trial])
            done = connection.execute(statement)
            return done.fetchall() if done.description else []


def find_programs() -> Path | None:
    """Return the folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    beside = shutil.which("postgres")
    return Path(beside).resolve().parent if beside and shutil.which("initdb") else None


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server; without one tests fail under CI and skip elsewhere."""
    programs = find_programs()
    if programs is None:
        message = "no PostgreSQL server is installed (Debian: apt install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    memory = Path("/dev/shm")  # noqa: S108 - no disk to wait for; the machine does not fail here
    is_large = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    folder = Path(tempfile.mkdtemp(prefix="nof1-pg-", dir=memory if is_large else None))
    server = None
    try:
        server = Server(folder, programs)
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
