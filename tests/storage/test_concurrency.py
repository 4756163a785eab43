"""Many writers at once: all entries arrive, in one chain."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nof1.errors import StageError
from nof1.storage.store import open_store

from .trial import LOCKED, Writer, entry

SCRIPT = Path(__file__).parent / "write_many.py"


def test_writers_in_other_processes_wait_for_each_other(writer):
    """No entry is refused, none is lost, and the chain has no fork."""
    names = ("ann", "bob", "cem", "dev")
    started = [subprocess.Popen([sys.executable, SCRIPT, writer.store.path, name, "25"]) for name in names]
    assert [process.wait(timeout=60) for process in started] == [0] * 4
    assert writer.store.faults() == ()
    scores = Counter(score.entry.score for score in writer.store.state().scores)
    assert scores == dict.fromkeys((f"day.{name}" for name in names), 25)


def test_threads_share_a_store(writer):
    """The web page answers several requests at once from one `Store`."""

    def enter(name):
        one = Writer(writer.store, name)
        return [one.write(entry(session, **{name: "1"})).seq for session in range(10)]

    with ThreadPoolExecutor(max_workers=4) as pool:
        numbers = [number for some in pool.map(enter, "abcd") for number in some]
    assert sorted(numbers) == list(range(2, 42))
    assert writer.store.faults() == ()


def test_one_attempt_of_two_writers_is_stored_once(writer):
    """A double click, or a retry while the first try still waits."""

    def enter(name):
        return Writer(writer.store, name).write(entry(), idem_key="form 1")

    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = list(pool.map(enter, "abcd"))
    assert sorted(answer.duplicate for answer in answers) == [False, True, True, True]
    assert len({answer.event_id for answer in answers}) == 1
    assert len(writer.store.records()) == 2


def test_whoever_locks_first_wins(writer):
    """An entry that waited for the lock of the trial is refused, not slipped in behind it."""
    slow = Writer(open_store(writer.store.path), "slow")
    with ThreadPoolExecutor(max_workers=1) as pool:
        with writer.store.writing(writer.entropy) as transaction:
            waiting = pool.submit(slow.write, entry())
            writer.append(transaction, LOCKED)
        assert isinstance(waiting.exception(timeout=30), StageError)
    assert [record.kind for record in writer.store.rows()] == ["trial_randomized", "locked"]
