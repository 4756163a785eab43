"""1,000 schedules at once, every allowed one with the same chance; counting what is allowed is part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks import rscript
from benchmarks.race import Race, Runner, Target, agree, clocked
from nof1.analysis.layout import laid_out
from nof1.analysis.reference_set import drawn, listed
from nof1.schedule.space import balanced

if TYPE_CHECKING:
    from pathlib import Path

N = 1_000


def race(room: Path) -> Race:  # noqa: ARG001
    """Check that a small set is drawn evenly, and that what is drawn of the large one is in it."""
    rng = np.random.default_rng(1)
    small, large = balanced(12, ("on", "off"), max_run=3), balanced(84, ("on", "off"), max_run=3)
    weights = 2 ** np.arange(12)
    places = np.searchsorted(np.sort(listed(small) @ weights), drawn(small, 200_000, rng) @ weights)
    seen = np.bincount(places, minlength=small.size)
    expected = 200_000 / small.size
    z = (np.sum((seen - expected) ** 2 / expected) - (small.size - 1)) / np.sqrt(2 * (small.size - 1))
    sequences = [tuple(large.conditions[code] for code in codes) for codes in drawn(large, 100, rng)]
    agreement = [
        agree(f"200,000 draws of {small.size} schedules are even (z of chi-square)", float(abs(z)), 4.0),
        agree("draws outside the allowed set", sum(one not in large for one in sequences), 0),
    ]

    def with_counting() -> None:
        laid_out.cache_clear()  # as in a new process
        drawn(balanced(84, ("on", "off"), max_run=3), N, rng)

    def rejection() -> None:
        found = 0
        while found < 20:
            tried = rng.permuted(np.tile(np.repeat([0, 1], 42), (4096, 1)), axis=1)
            same = tried[:, 1:] == tried[:, :-1]
            found += int(np.sum(~np.any(same[:, 2:] & same[:, 1:-1] & same[:, :-2], axis=1)))

    peers, notes = [], []
    if why := rscript.lacking("jsonlite"):
        notes.append(why)
    else:
        peers = [Runner(name="R, shuffle until it fits", run=rscript.timed("rejection", "-", 10))]
    return Race(
        unit="schedule",
        runners=[
            Runner(name="nof1, counting included", run=clocked(with_counting, N)),
            Runner(name="nof1, already counted", run=clocked(lambda: drawn(large, N, rng), N)),
            Runner(name="numpy, shuffle until it fits", run=clocked(rejection, 20)),
            *peers,
        ],
        targets=[Target(of="nof1, counting included", most_seconds=20e-6)],
        agreement=agreement,
        notes=[*notes, "nof1kit 9.4 schedules per second (published in the design, not run here)"],
    )
