"""Who runs, how often, and what must hold: the parts of a job, and how three rounds of it are run."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3


class Disagreement(Exception):
    """Product and peer do not give the same numbers, so their times mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """One way to do a job.

    Attributes
    ----------
    name : str
        What it is.
    run : callable
        Does the job once and returns the seconds that one unit took.
    """

    name: str
    run: Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the best round of the first runner must reach; exactly one limit is given.

    Attributes
    ----------
    of : str
        The runner that must reach it.
    most_seconds : float or None
        Seconds for one unit.
    faster_than, times : str and float, or None
        A runner, and how many times less than it.
    slower_than, most_times : str and float, or None
        A runner, and at most how many times as much.
    published, published_seconds : str and float, or None
        A peer that is not run here, and its published seconds for one unit; with `times`.
    """

    of: str
    most_seconds: float | None = None
    faster_than: str | None = None
    times: float = 1.0
    slower_than: str | None = None
    most_times: float = 1.0
    published: str | None = None
    published_seconds: float = 0.0

    def verdict(self, best: dict[str, float]) -> tuple[str, str, bool] | None:
        """Return target, figure and whether it holds; None where a runner of it did not run."""
        if self.of not in best:
            return None
        mine = best[self.of]
        if self.most_seconds is not None:
            return f"≤ {said(self.most_seconds)}", said(mine), mine <= self.most_seconds
        if self.slower_than is not None:
            if self.slower_than not in best:
                return None
            ratio = mine / best[self.slower_than]
            return (
                f"≤ {self.most_times:.3g} × {self.slower_than}",
                f"{counted(ratio)} ×",
                ratio <= self.most_times,
            )
        name = self.published or self.faster_than
        theirs = self.published_seconds if self.published else best.get(str(name))
        if theirs is None:
            return None
        ratio = theirs / mine
        return f"≥ {self.times:,g} × faster than {name}", f"{counted(ratio)} ×", ratio >= self.times


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """A job that is ready: its numbers have been compared.

    Attributes
    ----------
    unit : str
        What one unit is, such as ``trial``.
    runners : list of Runner
        In the order in which they alternate.
    targets : list of Target
        What must hold.
    agreement : list of str
        What was compared, and how near it was.
    notes : list of str
        Peers that are missing, and what a reader must know.
    """

    unit: str
    runners: list[Runner]
    targets: list[Target]
    agreement: list[str]
    notes: list[str] = field(default_factory=list)


def rounds(race: Race) -> dict[str, list[float]]:
    """Let all runners take turns, and return the seconds per unit of every round."""
    found: dict[str, list[float]] = {runner.name: [] for runner in race.runners}
    for _ in range(ROUNDS):
        for runner in race.runners:
            found[runner.name].append(runner.run())
    return found


def clocked(
    work: Callable[[], object], units: int = 1, *, times: int = 1, wall: bool = False
) -> Callable[[], float]:
    """Return a runner's `run`: the least time of some repetitions, per unit [s].

    Computing is measured in seconds of the processor, which others on the machine take from nobody; what waits for a
    disk or for other processes is measured by the clock on the wall.
    """
    clock = time.perf_counter if wall else time.process_time

    def run() -> float:
        least = float("inf")
        for _ in range(times):
            start = clock()
            work()
            least = min(least, clock() - start)
        return least / units

    return run


def agree(what: str, found: float, most: float) -> str:
    """Say how far two numbers lie apart, or stop the job."""
    if not found <= most:
        raise Disagreement(f"{what}: they lie {found:.2g} apart, allowed is {most:.2g}")
    return f"{what}: at most {found:.1e} apart (allowed {most:.0e})"


def said(seconds: float) -> str:
    """Write a time in a unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def counted(number: float) -> str:
    """Write a rate or a ratio with three digits that mean something."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
