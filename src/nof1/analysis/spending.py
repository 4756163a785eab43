"""Boundaries for looks before the end: what each look may spend of the error that the whole trial may make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import optimize, special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.analysis.trend import Floats

_NODES: Final = (
    128  # of the quadrature over where the statistic may be; more change nothing before the tenth digit
)
_FARTHEST: Final = 12.0  # standard deviations; what lies beyond has no share that a double can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """What one look asks for.

    Attributes
    ----------
    fraction : float
        Share of the planned blocks that are done.
    z : float
        The statistic must lie beyond this, on either side; infinite where nothing may be claimed yet.
    level : float
        The same as a two-sided p, to which the p of the planned test is compared.
    spent : float
        Error that looks up to this one have spent together.
    """

    fraction: float
    z: float
    level: float
    spent: float


def lan_demets(fractions: Sequence[float], alpha: float = 0.05) -> tuple[Boundary, ...]:
    """Return two-sided boundaries that spend little early and almost everything at the end (O'Brien-Fleming).

    After the share t of the blocks, 2 (1 - Phi(z(1 - alpha / 4) / sqrt t)) of alpha has been spent on each
    side. The boundaries follow by integrating the statistic from look to look as Brownian motion. They
    depend on the looks that were taken, not on those to come, so a look need not be taken. The p of the planned
    test is compared with the level of the look, not its t with z. With Kenward-Roger p-values of periods all
    looks together then err in .050 of trials (simulated, three to eight blocks, the worst of the usual
    correlations); a plain t on block differences would in up to .057 where looks are many.

    Parameters
    ----------
    fractions : sequence of float
        Share of the planned blocks at each look, increasing, in (0, 1]; 1 for the analysis at the end.
    alpha : float
        Two-sided error of all looks together.

    Returns
    -------
    tuple of Boundary
        One per look.

    Raises
    ------
    ValueError
        If the shares do not increase within (0, 1], or alpha is no probability.

    References
    ----------
    Lan and DeMets 1983, doi:10.1093/biomet/70.3.659. Armitage, McPherson and Rowe 1969,
    doi:10.2307/2343787 (the integration).

    Examples
    --------
    >>> [round(look.z, 3) for look in lan_demets([1 / 3, 2 / 3, 1])]
    [3.71, 2.511, 1.993]
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha: found {alpha}; write a number between 0 and 1, such as 0.05")
    found = []
    before, spent = 0.0, 0.0
    place, mass = np.zeros(1), np.ones(1)  # where the statistic times sqrt(t) may be, and how likely
    for fraction in fractions:
        if not before < fraction <= 1.0:
            raise ValueError(
                f"fractions: found {fraction} after {before}; write shares that increase up to 1"
            )
        step = float(np.sqrt(fraction - before))
        may_spend = _spent(fraction, alpha) - spent
        limit = _limit(place, mass, step, may_spend, farthest=_FARTHEST * float(np.sqrt(fraction)))
        z = np.inf if limit is None else limit / float(np.sqrt(fraction))
        spent += may_spend
        found.append(Boundary(fraction=fraction, z=z, level=float(2.0 * special.ndtr(-z)), spent=spent))
        inside = _FARTHEST * float(np.sqrt(fraction)) if limit is None else limit
        place, mass = _carried(place, mass, step, inside)
        before = fraction
    return tuple(found)


@cache
def _quadrature() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return np.asarray(nodes), np.asarray(weights)


def _spent(fraction: float, alpha: float) -> float:
    return float(4.0 * special.ndtr(special.ndtri(alpha / 4.0) / np.sqrt(fraction)))


def _limit(place: Floats, mass: Floats, step: float, may_spend: float, *, farthest: float) -> float | None:
    """Return the limit beyond which the statistic gets with the probability that may be spent."""

    def excess(limit: float) -> float:
        beyond = special.ndtr((place - limit) / step) + special.ndtr((-limit - place) / step)
        return float((mass * beyond).sum()) - may_spend

    if excess(farthest) >= 0.0:
        return None
    return float(optimize.brentq(excess, 0.0, farthest, xtol=1e-13, rtol=1e-13))


def _carried(place: Floats, mass: Floats, step: float, limit: float) -> tuple[Floats, Floats]:
    """Return where the statistic may be after one more step, if it stayed within the limit."""
    nodes, weights = _quadrature()
    following = limit * nodes
    density = np.exp(-0.5 * ((following[:, None] - place[None, :]) / step) ** 2) @ mass
    return following, np.asarray(density * weights * limit / (step * np.sqrt(2.0 * np.pi)))
