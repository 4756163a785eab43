"""Mixtures of t distributions: what a grid over variance parameters leaves of one contrast, with or without a prior."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import optimize, special

if TYPE_CHECKING:
    from nof1.analysis.trend import Floats

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(3)
_STEPS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """A mixture of t distributions with the same degrees of freedom.

    Attributes
    ----------
    weight : ndarray of shape (m,)
        Shares, summing to 1.
    centre, scale : ndarray of shape (m,)
        Of each component.
    df : float
        Degrees of freedom, 1 or more.
    """

    weight: Floats
    centre: Floats
    scale: Floats
    df: float

    @property
    def mean(self) -> float:
        """Mean; the median of a symmetric component stands in for its mean where that does not exist."""
        return float(self.weight @ self.centre)

    @property
    def spread(self) -> float:
        """Standard deviation of the components' centres and scales together: what a grid must resolve."""
        return math.sqrt(float(self.weight @ (self.scale**2 + (self.centre - self.mean) ** 2)))

    @property
    def sd(self) -> float | None:
        """Standard deviation, or None where the tails are too heavy for one."""
        if self.df <= 2:
            return None
        wide = self.scale**2 * self.df / (self.df - 2)
        return math.sqrt(float(self.weight @ (wide + (self.centre - self.mean) ** 2)))

    def log_density(self, x: Floats) -> Floats:
        """Return the logarithm of the density.

        Parameters
        ----------
        x : ndarray of shape (n,)
            Where.

        Returns
        -------
        ndarray of shape (n,)
            Finite everywhere.
        """
        half = (self.df + 1.0) / 2.0
        constant = float(
            special.gammaln(half) - special.gammaln(self.df / 2.0) - 0.5 * np.log(self.df * math.pi)
        )
        base = np.log(self.weight / self.scale) + constant
        found = np.empty(x.size)
        # One point after the other: what a grid of many components needs then stays in the cache.
        for place, one in enumerate(x):
            each = (one - self.centre) / self.scale
            each = base - half * np.log1p(each * each / self.df)
            most = each.max()
            found[place] = most + math.log(np.exp(each - most).sum())
        return found

    def below(self, x: float) -> float:
        """Return the probability of a value below `x`.

        Parameters
        ----------
        x : float
            Where.

        Returns
        -------
        float
            0 to 1.
        """
        return float(self.weight @ special.stdtr(self.df, (x - self.centre) / self.scale))

    def quantile(self, share: float) -> float:
        """Return the value below which a share lies.

        Parameters
        ----------
        share : float
            Between 0 and 1.

        Returns
        -------
        float
            Between the quantiles of the components, to a few units in the last place.
        """
        each = self.centre + self.scale * float(special.stdtrit(self.df, share))
        low, high = float(each.min()), float(each.max())
        if self.below(low) >= share:
            return low
        if self.below(high) <= share:
            return high
        xtol = 4.0 * np.finfo(float).eps * max(abs(low), abs(high))
        return float(optimize.brentq(lambda x: self.below(x) - share, low, high, xtol=xtol, maxiter=200))


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A distribution as its mass below each of many points, and its density there.

    Attributes
    ----------
    edge, mass, density : ndarray of shape (n,)
        Points in ascending order, the probability below each, from 0 to 1, and the density there.
    mean, sd : float
        Moments.
    """

    edge: Floats
    mass: Floats
    density: Floats
    mean: float
    sd: float

    def below(self, x: float) -> float:
        """Return the probability of a value below `x`.

        Parameters
        ----------
        x : float
            Exact where it is one of the points.

        Returns
        -------
        float
            0 to 1.
        """
        if x <= self.edge[0]:
            return 0.0
        if x >= self.edge[-1]:
            return 1.0
        return self._inside(int(np.searchsorted(self.edge, x, side="right")) - 1, x)

    def quantile(self, share: float) -> float:
        """Return the value below which a share lies.

        Parameters
        ----------
        share : float
            Between 0 and 1.

        Returns
        -------
        float
            By bisection in the panel that holds it.
        """
        panel = int(np.clip(np.searchsorted(self.mass, share, side="right") - 1, 0, self.edge.size - 2))
        low, high = float(self.edge[panel]), float(self.edge[panel + 1])
        for _ in range(_STEPS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self._inside(panel, middle) < share else (low, middle)
        return 0.5 * (low + high)

    def _inside(self, panel: int, x: float) -> float:
        """Interpolate by the cubic that has the right mass and density at both ends."""
        left, right = float(self.edge[panel]), float(self.edge[panel + 1])
        width = right - left
        u = (x - left) / width
        start, end = float(self.mass[panel]), float(self.mass[panel + 1])
        rise, fall = float(self.density[panel]) * width, float(self.density[panel + 1]) * width
        return (
            start
            + (end - start) * u * u * (3.0 - 2.0 * u)
            + rise * u * (1.0 - u) ** 2
            - fall * u * u * (1.0 - u)
        )


def with_normal_prior(mixture: Mixture, effect_sd: float, marks: tuple[float, ...] = ()) -> Curve:
    """Multiply a mixture by a normal prior with centre 0, and normalise by quadrature.

    The mixture is the posterior under a flat prior on the effect, so that this product is the posterior under the
    normal one, whatever the grid of variance parameters was.

    Parameters
    ----------
    mixture : Mixture
        Posterior under a flat prior on the effect.
    effect_sd : float
        Standard deviation of the prior, above 0.
    marks : tuple of float
        Points at which the mass below must be exact.

    Returns
    -------
    Curve
        The posterior.
    """
    # Panels that are narrow both around the data and around the prior, wherever the two lie.
    near_data = mixture.mean + 0.5 * mixture.spread * np.sinh(np.linspace(-6.5, 6.5, 91))
    near_prior = effect_sd * np.linspace(-9.0, 9.0, 121)
    edge = np.unique(np.concatenate([near_data, near_prior, np.array(marks)]))
    middle, half = (edge[1:] + edge[:-1]) / 2.0, np.diff(edge) / 2.0
    inner = middle[:, None] + half[:, None] * _NODES
    log_inner = _log_product(mixture, effect_sd, inner.ravel()).reshape(inner.shape)
    log_edge = _log_product(mixture, effect_sd, edge)
    top = max(float(log_inner.max()), float(log_edge.max()))
    share = half[:, None] * _WEIGHTS * np.exp(log_inner - top)
    total = float(share.sum())
    mass = np.concatenate([[0.0], np.cumsum(share.sum(axis=1))]) / total
    mean = float(np.sum(share * inner)) / total
    variance = float(np.sum(share * (inner - mean) ** 2)) / total
    density = np.exp(log_edge - top) / total
    return Curve(edge=edge, mass=mass, density=density, mean=mean, sd=math.sqrt(variance))


def _log_product(mixture: Mixture, effect_sd: float, x: Floats) -> Floats:
    return mixture.log_density(x) - 0.5 * (x / effect_sd) ** 2
