"""All 2^n orders of n pairs."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

import nof1
from benchmarks import rscript
from benchmarks.race import Race, Runner, Target, agree, clocked
from nof1.analysis.assignment import Assignment, assign
from nof1.analysis.permutation import prepare
from nof1.schedule.space import randomized_blocks

if TYPE_CHECKING:
    from pathlib import Path


def race(room: Path) -> Race:
    """Compare p of 16 pairs with scipy's exact test."""
    frames = {n: _frame(n) for n in (16, 20, 40)}
    spaces = {n: randomized_blocks(n, ("on", "off")) for n in frames}
    mine = nof1.randomization_test(frames[16], spaces[16], trend=None)
    difference = _differences(frames[16])

    def scipy_test() -> float:
        result = stats.permutation_test(
            (difference,), lambda d, axis: d.sum(axis=axis), permutation_type="samples", n_resamples=np.inf, vectorized=True
        )  # fmt: skip
        return float(result.pvalue)

    agreement = [agree("p of 16 pairs beside scipy", abs(mine.p_value - scipy_test()), 1e-12)]
    peers, notes = [], []
    if why := rscript.lacking("jsonlite"):
        notes.append(why)
    else:
        table = room / "differences.csv"
        with table.open("w", newline="") as file:
            csv.writer(file).writerows([["difference"], *([one] for one in difference)])
        agreement.append(
            agree("and beside R", abs(mine.p_value - rscript.numbers("expand", table)["p"]), 1e-12)
        )
        peers = [Runner(name="R expand.grid, 16 pairs", run=rscript.timed("expand", table))]

    def counted(n: int):
        assignment = assign(frames[n], spaces[n], {"on": 1.0, "off": -1.0}, "contrast", None)
        assert isinstance(assignment, Assignment)
        test = prepare(assignment, "residual", None, np.random.default_rng(1), raw=False)
        return lambda: test.count(assignment.observed.value)

    def repeated(work):
        return lambda: [work() for _ in range(50)]

    return Race(
        unit="test",
        runners=[
            Runner(name="nof1, 16 pairs", run=clocked(repeated(counted(16)), 50, times=4)),
            Runner(name="nof1, 20 pairs", run=clocked(repeated(counted(20)), 50, times=4)),
            Runner(name="nof1, 40 pairs", run=clocked(counted(40), times=2)),
            Runner(name="nof1, 20 pairs, from a data frame", run=clocked(lambda: nof1.randomization_test(frames[20], spaces[20], trend=None), times=5)),
            Runner(name="scipy permutation_test, 16 pairs", run=clocked(scipy_test)),
            *peers,
        ],
        targets=[
            Target(of="nof1, 20 pairs", most_seconds=1e-3),
            Target(of="nof1, 40 pairs", most_seconds=0.3),
            Target(of="nof1, 16 pairs", faster_than="scipy permutation_test, 16 pairs", times=5000),
            *(Target(of="nof1, 16 pairs", faster_than=peer.name, times=100) for peer in peers),
        ],
        agreement=agreement,
        notes=notes,
    )  # fmt: skip


def _frame(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(n)
    condition = np.concatenate([rng.permutation(["on", "off"]) for _ in range(n)])
    place = np.arange(1, 2 * n + 1)
    value = rng.integers(0, 11, 2 * n) + (condition == "on")
    return pd.DataFrame({"session": place, "period": place, "condition": condition, "value": value})


def _differences(frame: pd.DataFrame) -> np.ndarray:
    value = frame["value"].to_numpy(dtype=float)
    sign = np.where(frame["condition"] == "on", 1.0, -1.0)
    return (sign * value).reshape(-1, 2).sum(axis=1)
