"""How much of a trial is done, and at which level it may be tested now, where its protocol plans looks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from nof1.analysis.spending import Boundary, lan_demets
from nof1.protocol.plan import Looks

if TYPE_CHECKING:
    from nof1.analysis.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksSummary:
    """Which looks the protocol plans, and what that makes of this analysis.

    Attributes
    ----------
    method : {"lan_demets", "e_value"}
        What pays for the looks.
    at_blocks : tuple of int
        After which blocks a look was planned; empty where any block will do.
    n_blocks, n_done : int
        Blocks planned, and blocks done.
    alpha : float
        Error that all looks and the end may make together.
    level : float
        Level at which this analysis is tested; that of the whole trial where evidence pays.
    boundaries : tuple of Boundary
        One for each planned look that has passed, and the last for this analysis.
    """

    method: Literal["lan_demets", "e_value"]
    at_blocks: tuple[int, ...]
    n_blocks: int
    n_done: int
    alpha: float
    level: float
    boundaries: tuple[Boundary, ...] = ()


def looks_of(dataset: Dataset) -> LooksSummary | None:
    """Return what the planned looks make of an analysis of these data.

    Every planned look up to now counts as taken, whether or not somebody looked: that can only make the level
    of this analysis stricter. A trial that ended between two looks is tested at what is left then.

    Parameters
    ----------
    dataset : Dataset
        The trial.

    Returns
    -------
    LooksSummary or None
        None where the protocol plans no look.
    """
    plan, design = dataset.protocol.analysis.looks, dataset.protocol.design
    if not isinstance(plan, Looks):
        return None
    alpha = float(dataset.protocol.analysis.alpha)
    n_blocks, n_done = design.blocks or 1, blocks_done(dataset)
    boundaries: tuple[Boundary, ...] = ()
    if plan.method == "lan_demets":
        now = min(max(n_done, 1), n_blocks)
        taken = (*(block for block in plan.at_blocks if block < now), now)
        boundaries = _boundaries(tuple(block / n_blocks for block in taken), alpha)
    return LooksSummary(
        method=plan.method,
        at_blocks=plan.at_blocks,
        n_blocks=n_blocks,
        n_done=n_done,
        alpha=alpha,
        level=boundaries[-1].level if boundaries else alpha,
        boundaries=boundaries,
    )


def level_now(dataset: Dataset) -> float:
    """Return the level at which an analysis of these data is tested.

    Parameters
    ----------
    dataset : Dataset
        The trial.

    Returns
    -------
    float
        Alpha of the protocol, or what a planned look leaves of it.
    """
    looks = looks_of(dataset)
    return float(dataset.protocol.analysis.alpha) if looks is None else looks.level


def blocks_done(dataset: Dataset) -> int:
    """Count the blocks that have passed, whatever is missing of them.

    Parameters
    ----------
    dataset : Dataset
        The trial.

    Returns
    -------
    int
        A block has passed when a later period holds a score, or its last period holds at least half of the
        scores that were planned for it.
    """
    scores = dataset.scores[dataset.scores["period"] > 0]
    planned = scores.groupby("period")["value"].size()
    entered = scores.groupby("period")["value"].count()
    begun = entered[entered > 0]
    if begun.empty:
        return 0
    latest = int(begun.index.max())
    if 2 * int(entered[latest]) < int(planned[latest]):
        latest -= 1
    last_period = {block: place for place, block in enumerate(dataset.space.blocks, start=1) if block}
    return sum(place <= latest for place in last_period.values())


@lru_cache(maxsize=64)
def _boundaries(fractions: tuple[float, ...], alpha: float) -> tuple[Boundary, ...]:
    return lan_demets(fractions, alpha)
