"""Evidence that may be looked at after every block: an e-value holds its error whenever one stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from nof1.analysis.trend import Floats

PRIOR_VARIANCE: Final = 1.0
"""Variance of the standardized effect of a block, before the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EValue:
    """Evidence against no difference, block by block.

    Attributes
    ----------
    n_blocks : int
        Complete blocks.
    value : float
        Evidence after the last block: how much likelier the differences are under some effect than under none.
    largest : float
        The largest value after any block; with alpha it claims an effect if it reaches 1 / alpha.
    largest_at : int or None
        After how many blocks that was; None before the second.
    p_value : float
        1 over the largest value, at most 1: a p that holds whenever one stops.
    estimate : float or None
        Mean of the block differences [unit].
    ci_low, ci_high, level : float
        All effects against which the evidence after the last block is below 1 / (1 - level): an interval
        that holds whenever one stops [unit]; infinite before there are enough blocks.
    """

    n_blocks: int
    value: float
    largest: float
    largest_at: int | None
    p_value: float
    estimate: float | None
    ci_low: float
    ci_high: float
    level: float


def e_value(differences: Floats, *, level: float = 0.95, prior_variance: float = PRIOR_VARIANCE) -> EValue:
    """Return the evidence of block differences against a mean of 0.

    After n blocks with t the statistic of their mean and v the prior variance,
    e = (1 + n v)^(-1/2) [(1 + t^2 / (n - 1)) / (1 + t^2 / ((n - 1)(1 + n v)))]^(n / 2), the Bayes factor of
    a normal prior on the standardized effect, whatever the scale. Without an effect it is a martingale, so the
    chance that it ever reaches 1 / alpha, over any number of blocks, is at most alpha.

    Parameters
    ----------
    differences : ndarray of shape (n,)
        Of complete blocks, in the order of time [unit].
    level : float
        Of the interval.
    prior_variance : float
        v: large where only large effects are looked for.

    Returns
    -------
    EValue
        1 (no evidence) below two blocks, and infinite where all differences are equal and not 0.

    Raises
    ------
    ValueError
        If the level is no probability or the prior variance not above 0.

    References
    ----------
    Gonen et al. 2005, doi:10.1198/000313005X55233 (the Bayes factor). Lai 1976, doi:10.1214/aos/1176343406.
    Wang and Ramdas 2023, arXiv:2310.03722 (why it holds at any time, the scale being unknown).

    Examples
    --------
    >>> found = e_value(np.array([1.2, 0.4, 0.9, 1.5, 0.8, 1.1]))
    >>> round(found.value, 1), found.largest_at, found.ci_low < 0 < found.ci_high
    (28.7, 6, False)
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level: found {level}; write a number between 0 and 1, such as 0.95")
    if not prior_variance > 0.0:
        raise ValueError(f"prior_variance: found {prior_variance}; write a number above 0")
    n = differences.size
    values = [_evidence(differences[:m], prior_variance) for m in range(2, n + 1)]
    largest = max(values, default=1.0)
    mean = float(differences.mean()) if n else None
    half = _half(differences, 1.0 / (1.0 - level), prior_variance)
    return EValue(
        n_blocks=n,
        value=values[-1] if values else 1.0,
        largest=largest,
        largest_at=values.index(largest) + 2 if values else None,
        p_value=min(1.0, 1.0 / largest) if largest > 0.0 else 1.0,
        estimate=mean,
        ci_low=(mean or 0.0) - half,
        ci_high=(mean or 0.0) + half,
        level=level,
    )


def _evidence(differences: Floats, v: float) -> float:
    n, mean = differences.size, float(differences.mean())
    if mean == 0.0:
        return float((1.0 + n * v) ** -0.5)
    variance = float(differences.var(ddof=1))
    # As a share of t^2 + n - 1, so that a variance of 0 needs no case of its own.
    ratio = n * mean**2 / (n * mean**2 + (n - 1) * variance)
    log_e = -0.5 * np.log1p(n * v) - 0.5 * n * np.log1p(-ratio * n * v / (1.0 + n * v))
    return float(np.exp(log_e))


def _half(differences: Floats, limit: float, v: float) -> float:
    """Return half the width of the interval: t at which the evidence reaches the limit, times the standard error."""
    n = differences.size
    if n < 2:
        return float("inf")
    grown = 1.0 + n * v
    factor = float((np.sqrt(grown) * limit) ** (2.0 / n))
    if factor >= grown:
        return float("inf")
    t_squared = (n - 1) * (factor - 1.0) / (1.0 - factor / grown)
    return float(np.sqrt(t_squared / n) * differences.std(ddof=1))
