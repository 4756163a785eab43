"""The disk stays broken, or the writer dies in any system call on the store: what the person is told is what is there.

Where a call fails once, see test_enter.py: there the whole command is at work.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from nof1.storage.outcome import read_rescue
from nof1.storage.store import open_store

from .campaign import FaultyDisk, Point, Zygote

KEY = "key"


def look(store: Path) -> bool:
    """Open the store as the person would next, and tell whether the entry is there."""
    opened = open_store(store)
    assert opened.faults() == ()
    keys = Counter(record.idem_key for record in opened.rows())
    assert keys[KEY] <= 1
    return bool(keys[KEY])


@pytest.fixture
def disk(strace, store, by_store, tmp_path):
    """Return a disk that fails on demand."""
    with Zygote(by_store, store) as zygote:
        yield FaultyDisk(zygote, store, tmp_path)


def every_point(disk, how, *, calls=None, step=1, ever_after=""):
    """Fail at the first, second, … call of each kind, until no call is left that could fail."""
    for call in calls or sorted(disk.calls()):
        for number in range(1, 100, step):
            point = Point(call, f"{number}{ever_after}", how)
            told, failed = disk.enter(KEY, f"trace={call} {point.injection}")
            if not failed:
                break
            yield point, told


def check(store, point, told) -> str:
    """Hold what the person was told against the store; return the first word of it."""
    word, _, text = told.partition(" ")
    there = look(store)
    if word == "unknown":
        rescue = Path(re.search(r"kept in (\S+\.json)", text)[1])
        assert read_rescue(rescue)[0].idem_key == KEY
        (echo,) = open_store(store).take_rescued(rescue, os.urandom)
        assert echo.duplicate == there
        assert look(store), point
        rescue.unlink()
    else:
        assert (word, there) in {("saved", True), ("refused", False)}, (point, told)
    return word


@pytest.mark.parametrize(
    ("error", "calls"),
    [("ENOSPC", ("openat", "pwrite64", "fdatasync")), ("EIO", ("openat", "fcntl", "newfstatat", "unlink"))],
)
def test_a_disk_that_stays_broken_leaves_a_rescue_file(disk, store, error, calls):
    """Where the store cannot even be asked again, the person is told so, and the entry is kept."""
    points = every_point(disk, f"error={error}", calls=calls, step=2, ever_after="+")
    heard = Counter(check(store, point, told) for point, told in points)
    assert heard["unknown"] > 1
    assert heard["refused"] > 5


def test_a_writer_that_dies_leaves_before_or_after(disk, store):
    """Killed in any system call, the entry is there or not, and was not acknowledged if it is not."""
    found = Counter()
    for point, told in every_point(disk, "signal=KILL"):
        there = look(store)
        assert there or told != "saved", point
        found[there] += 1
    assert found[True] > 5  # after the commit, before the acknowledgement
    assert found[False] > 20
