"""The real `nof1 enter`, killed in the middle, and on a disk that fails at every system call."""

from __future__ import annotations

import os
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from nof1.cli.main import cli
from nof1.storage.outcome import read_rescue
from nof1.storage.store import open_store
from nof1.workflow.context import Context

from .campaign import FaultyDisk, Point, Zygote, kill_writers
from .write_by_enter import FIRST, NOW, enter

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="lives are forked here")
HERE = Path(__file__).parent
PROTOCOL = """
nof1: 1
id: crash-test
title: A trial that is crashed
conditions:
  on: {name: tea}
  off: {name: water}
design: {kind: randomized_blocks, blocks: 6, period_days: 1}
blinding: {mode: open_label}
instruments:
  day:
    ratings:
      - {id: ann, text: Ann, low: low, high: high, better: higher}
      - {id: bob, text: Bob, low: low, high: high, better: higher}
sessions:
  - {battery: day}
outcomes:
  primary: {score: day.ann}
"""


@pytest.fixture
def trial(tmp_path):
    """Return the store of a real trial that begins later."""
    (tmp_path / "crash.yaml").write_text(PROTOCOL)
    context = Context(workspace=tmp_path, now=lambda: NOW, entropy=os.urandom)
    command = ["randomize", str(tmp_path / "crash.yaml"), "--trial", str(tmp_path / "data" / "crash")]
    done = CliRunner().invoke(cli, [*command, "--start", "2026-03-01", "--zone", "UTC"], obj=context)
    assert done.exit_code == 0, done.output
    return tmp_path / "data" / "crash" / "trial.sqlite"


def stored(store):
    """Count the entries that a reopened trial holds, by writer and number."""
    entries = (score.entry for score in open_store(store).state().scores)
    return Counter(
        f"{e.score.removeprefix('day.')}-{(datetime.fromisoformat(e.observed_at) - FIRST).total_seconds() / 60:.0f}"
        for e in entries
    )


@pytest.mark.parametrize("n_kills", [50, pytest.param(200, marks=pytest.mark.sim)])
def test_no_acknowledged_score_is_lost(trial, n_kills):
    """Two writers, killed in the middle of `enter`; each life repeats what was not acknowledged."""
    tally = kill_writers(HERE / "write_by_enter.py", trial, n_kills=n_kills, seed=3, longest_wait=0.03)
    there = stored(trial)
    assert tally.n_kills == n_kills
    assert len(tally.acknowledged) > n_kills
    assert tally.acknowledged - set(there) == set()
    assert max(there.values()) == 1
    assert tally.faults == ()
    for key in sorted(there)[:20]:  # whoever is not sure enters it again
        name, _, number = key.partition("-")
        assert enter(trial, name, int(number)).startswith("Saved before")
    assert stored(trial) == there


def test_an_enter_that_acknowledges_too_early_loses_scores(trial):
    """The same campaign on a mutant that speaks before the commit: it must be caught."""
    tally = kill_writers(HERE / "write_by_hasty_enter.py", trial, n_kills=60, seed=4, longest_wait=0.03)
    assert tally.acknowledged - set(stored(trial))
    assert tally.faults == ()


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.sim)])
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_what_enter_says_is_what_a_reopen_shows(strace, trial, tmp_path, error, step):
    """Every system call of `enter` on the store fails once (in the normal run every fourth of a kind): saved, not saved, or unknown, and never a wrong word."""
    heard = Counter()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Zygote(HERE / "write_by_enter.py", trial) as zygote:
        disk = FaultyDisk(zygote, trial, scratch)
        for call in sorted(disk.calls()):
            for number in range(1, 300, step):
                point = Point(call, str(number), f"error={error}")
                told, failed = disk.enter("key", f"trace={call} {point.injection}")
                if not failed:
                    break
                heard[check(trial, point, told)] += 1
    assert heard["saved"] > 5 // step
    assert heard["refused"] > 20 // step


def check(store, point, told):
    """Hold what was said against a reopened store; return the first word of it."""
    word, _, text = told.partition(" ")
    assert open_store(store).faults() == (), point
    there = stored(store)
    assert set(there.values()) <= {1}
    if word == "unknown":
        rescue = Path(re.search(r"kept in (\S+\.json)", text)[1])
        assert read_rescue(rescue)
        (echo,) = open_store(store).take_rescued(rescue, os.urandom)
        assert echo.duplicate == bool(there["ann-5"])
        assert stored(store)["ann-5"] == 1, point
        rescue.unlink()
    else:
        assert (word, there["ann-5"]) in {("saved", 1), ("refused", 0)}, (point, told)
    return word
