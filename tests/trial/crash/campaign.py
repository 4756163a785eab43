"""Kills writers in the middle of their work, and makes system calls fail under them, and looks what is left."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from nof1.storage.store import open_store

HERE = Path(__file__).parent


@dataclass
class Tally:
    """What a campaign of kills left behind."""

    n_kills: int = 0
    n_repeated: int = 0
    acknowledged: set[str] = field(default_factory=set)
    stored: Counter[str] = field(default_factory=Counter)
    faults: tuple[str, ...] = ()

    @property
    def lost(self) -> set[str]:
        """Entries that were acknowledged and are not there."""
        return self.acknowledged - set(self.stored)

    @property
    def doubled(self) -> set[str]:
        """Entries that are there more than once."""
        return {key for key, number in self.stored.items() if number > 1}

    @property
    def unacknowledged(self) -> set[str]:
        """Entries that are there although nobody was told."""
        return set(self.stored) - self.acknowledged


class Zygote:
    """A process that has imported a writer and forks lives from it.

    Parameters
    ----------
    script : Path
        See zygote.py: a script with `write_forever` and `write_once`.
    store : Path
        The store that is written to.
    """

    def __init__(self, script: Path, store: Path) -> None:
        self.acknowledged: list[str] = []
        self.n_repeated = 0
        self.told: str | None = None
        command = [sys.executable, HERE / "zygote.py", script, store]
        home = os.environ | {"HOME": str(store.parent.parent)}  # rescue files may go there
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=home
        )
        self._await("ready")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def ask(self, command: str, answer: str) -> str:
        """Give a command and wait for its answer; what children said before is kept."""
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self._await(answer)

    def await_entries(self, number: int) -> None:
        """Wait until so many entries more were acknowledged, whoever wrote them."""
        goal = len(self.acknowledged) + number
        while len(self.acknowledged) < goal:
            self._read()
            if self.told:
                raise RuntimeError(f"a writer failed: {self.told}")

    def keys_of(self, name: str) -> list[int]:
        """Return the numbers of the entries that a writer acknowledged."""
        return [int(key.rpartition("-")[2]) for key in self.acknowledged if key.startswith(f"{name}-")]

    def _await(self, answer: str) -> str:
        while not (line := self._read()).startswith(answer):
            pass
        return line.removeprefix(answer).strip()

    def _read(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the zygote died")
        word, _, rest = line.strip().partition(" ")
        if word == "ack":
            key, _, again = rest.partition(" ")
            self.acknowledged.append(key)
            self.n_repeated += again == "again"
        elif word == "told":
            self.told = rest
        return line.strip()


def kill(pid: int) -> None:
    """Kill one process, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    for _ in range(5000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.001)
    raise RuntimeError(f"process {pid} does not die")


def kill_writers(script: Path, store: Path, *, n_kills: int, seed: int, longest_wait: float = 0.01) -> Tally:
    """Let two writers write, kill one of them at a random moment, let it go on where it was acknowledged last.

    Parameters
    ----------
    script : Path
        See zygote.py.
    store : Path
        Holds a trial that takes scores.
    n_kills : int
        How often to kill.
    seed : int
        Of the moments.
    longest_wait : float
        The kill comes at most so long after the last entry that was waited for, 1 to 3 a kill [s].

    Returns
    -------
    Tally
        A life repeats the attempt that its forerunner did not see acknowledged, so nothing may be doubled either.
    """
    chance = random.Random(seed)  # noqa: S311 - moments of kills are no secret
    tally = Tally()
    with Zygote(script, store) as zygote:
        pids: dict[str, int] = {}

        def begin(name: str) -> None:
            zygote.ask("mark", "mark")
            start = max(zygote.keys_of(name), default=-1) + 1
            pids[name] = int(zygote.ask(f"write {name} {start}", "pid"))

        try:
            for name in ("ann", "bob"):
                begin(name)
            for _ in range(n_kills):
                zygote.await_entries(chance.randint(1, 3))
                time.sleep(chance.uniform(0, longest_wait))
                # Under load one writer waits while the other writes: mostly kill the one that writes.
                busy = zygote.acknowledged[-1].partition("-")[0]
                name = busy if chance.random() < 0.8 else chance.choice(sorted(pids))
                kill(pids.pop(name))
                tally.n_kills += 1
                begin(name)
        finally:
            for pid in pids.values():
                kill(pid)
            zygote.ask("mark", "mark")
    tally.acknowledged, tally.n_repeated = set(zygote.acknowledged), zygote.n_repeated
    left = open_store(store)
    tally.faults = left.faults()
    names = (score.entry.score.removeprefix("day.") for score in left.state().scores)
    tally.stored = Counter(names)
    return tally


@dataclass(frozen=True)
class Point:
    """One fault: what fails, which time it is called (and ever after, with a plus), and how."""

    call: str
    number: str
    how: str

    @property
    def injection(self) -> str:
        """As strace has it."""
        return f"inject={self.call}:{self.how}:when={self.number}"


class FaultyDisk:
    """Writes one entry under strace, with one system call on the store failing.

    Parameters
    ----------
    zygote : Zygote
        Forks the writer.
    store : Path
        The store; it is put back to its first state before each entry.
    scratch : Path
        Folder for the gate and the log.
    """

    def __init__(self, zygote: Zygote, store: Path, scratch: Path) -> None:
        self._zygote = zygote
        self._store = store
        self._first = store.read_bytes()
        self._gate = scratch / "gate"
        self._log = scratch / "strace.log"
        os.mkfifo(self._gate)

    def calls(self) -> Counter[str]:
        """Return how often each system call touches the store while nothing fails."""
        self.enter("key", "trace=all")
        return Counter(re.findall(r"^(\w+)\(", self._log.read_text(), flags=re.MULTILINE))

    def enter(self, key: str, expression: str) -> tuple[str, bool]:
        """Enter one score; return what the person is told ("" if the writer died), and whether something failed."""
        folder = self._store.parent
        for path in folder.iterdir():
            path.unlink()
        self._store.write_bytes(self._first)
        pid = int(self._zygote.ask(f"once {key} {self._gate}", "pid"))
        paths = [f"-P{path}" for path in (self._store, f"{self._store}-journal", folder)]
        command = ["strace", *paths, *(f"-e{e}" for e in expression.split()), "-o", self._log, "-p", str(pid)]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            if "attached" not in (said := tracer.stderr.readline()):
                kill(pid)
                raise RuntimeError(f"strace cannot attach: {said}")
            self._gate.write_bytes(b".")
            tracer.stderr.read()  # until it ends; waiting with a time limit would sleep in between
        finally:
            tracer.kill()
            tracer.stderr.close()
            tracer.wait()
        self._zygote.told = ""
        self._zygote.ask("mark", "mark")
        log = self._log.read_text()
        return self._zygote.told, "(INJECTED)" in log or "killed by SIGKILL" in log
