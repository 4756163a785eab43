"""4,096 daily trials against the same 9,999 draws, beside the product of matrices that cannot be avoided."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from benchmarks import rscript
from benchmarks.jobs.plans import DAILY, protocol
from benchmarks.race import Race, Runner, Target, agree, clocked
from nof1.analysis.batch.permuted import N_DRAWS, randomization_tests
from nof1.analysis.counting import TIE
from nof1.analysis.reference_set import drawn
from nof1.analysis.simulate import Person, occasions_of, simulate_trials

if TYPE_CHECKING:
    from pathlib import Path

N, BLOCK, N_CHECKED = 4_096, 256, 64


def race(room: Path) -> Race:
    """Compare counts with residuals by least squares and one sum per draw."""
    rng = np.random.default_rng(1)
    occasions = occasions_of(protocol(DAILY))
    trials = simulate_trials(occasions, Person(rho=0.3, period_sd=0.0), rng, N).with_effect({"on": 0.5})

    def tests() -> np.ndarray:
        return randomization_tests(trials, rng=np.random.default_rng(2)).n_as_extreme

    signs = np.where(drawn(occasions.space, N_DRAWS, np.random.default_rng(2)) == 0, 1.0, -1.0) / 42
    x = np.column_stack([np.ones(84), np.log(occasions.session)])
    y = trials.value
    left = y[:, :N_CHECKED] - x @ np.linalg.lstsq(x, y[:, :N_CHECKED], rcond=None)[0]
    size = np.abs(signs @ left)
    seen = np.abs(np.sum(np.where(trials.codes[:, :N_CHECKED] == 0, 1.0, -1.0) / 42 * left, axis=0))
    counted = np.count_nonzero(size >= seen - TIE * size.max(axis=0), axis=0) + 1
    agreement = [
        agree("counts beside least squares and sums", float(np.abs(counted - tests()[:N_CHECKED]).max()), 0)
    ]

    values, block = np.ascontiguousarray(y), np.empty((N_DRAWS, BLOCK))

    def product() -> None:
        for start in range(0, N, BLOCK):
            np.matmul(signs, values[:, start : start + BLOCK], out=block)

    one = trials.frame(0)
    halves = [one.loc[one["condition"] == code, "value"].to_numpy() for code in ("on", "off")]

    def scipy_test() -> None:
        stats.permutation_test(
            halves, lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
            n_resamples=N_DRAWS, vectorized=True, rng=1,
        )  # fmt: skip

    table, single = room / "values.csv", room / "one.csv"
    np.savetxt(table, y, delimiter=",", header=",".join(f"v{n}" for n in range(N)), comments="")
    with single.open("w", newline="") as file:
        csv.writer(file).writerows(
            [("condition", "value"), *zip(one["condition"], one["value"], strict=True)]
        )
    peers, notes = [], []
    for name, job, path, packages in (
        ("R, one product of matrices (no trend, no limit of runs)", "product", table, ("jsonlite",)),
        ("coin::oneway_test (no trend, no limit of runs)", "coin", single, ("jsonlite", "coin")),
    ):
        if why := rscript.lacking(*packages):
            notes.append(why)
        else:
            peers.append(Runner(name=name, run=rscript.timed(job, path, 10)))
    return Race(
        unit="test",
        runners=[
            Runner(name="nof1", run=clocked(tests, N)),
            Runner(name="bare product of matrices", run=clocked(product, N)),
            Runner(name="scipy permutation_test (no trend, no limit of runs)", run=clocked(scipy_test)),
            *peers,
        ],
        targets=[
            Target(of="nof1", most_seconds=1 / 15_000),
            Target(of="nof1", slower_than="bare product of matrices", most_times=1 / 0.7),
            *(Target(of="nof1", faster_than=peers[n].name, times=times) for n, times in enumerate((12, 100)) if n < len(peers)),
            Target(of="nof1", faster_than="scipy permutation_test (no trend, no limit of runs)", times=1000),
        ],
        agreement=agreement,
        notes=notes,
    )  # fmt: skip
