"""Days that resemble their neighbours, inside periods that have something of their own: the covariance of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.autoregression import Lagged, lagged

if TYPE_CHECKING:
    from nof1.analysis.observed import Ints
    from nof1.analysis.trend import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """Cross-products of [X y 1] inside each group of days, by the size of the gap between neighbours.

    Inside a group the days follow an AR(1) over the calendar; between groups nothing is carried on but what the
    group (a period) and the block have in common.

    Attributes
    ----------
    groups : tuple of Lagged
        One per period; a single one where the calendar runs through.
    block : ndarray of shape (n_groups,)
        Block of each group, numbered from 0.
    n, p : int
        Days, and fixed effects.
    """

    groups: tuple[Lagged, ...]
    block: Ints
    n: int
    p: int

    def cross_products(self, rho: Floats, period: Floats, block: Floats) -> tuple[Floats, Floats]:
        """Return [X y]' V^-1 [X y] and log|V| for many parameters at once.

        Parameters
        ----------
        rho : ndarray of shape (m,)
            Correlation of neighbouring days of a group.
        period, block : ndarray of shape (m,)
            Standard deviation between groups, and between blocks, over that of a day.

        Returns
        -------
        tuple of (ndarray of shape (m, p + 1, p + 1), ndarray of shape (m,))
            For a day variance of 1.
        """
        size, last = self.p + 1, self.p + 1
        n_blocks = int(self.block.max()) + 1
        products = np.zeros((rho.size, size, size))
        log_size = np.zeros(rho.size)
        shared = np.zeros((n_blocks, rho.size, size))
        weight = np.zeros((n_blocks, rho.size))
        for group, number in zip(self.groups, self.block, strict=True):
            held, log_k = group.cross_products(rho)
            along, own = held[:, :size, last], held[:, last, last]
            grown = 1.0 + period**2 * own
            products += held[:, :size, :size]
            products -= (period**2 / grown)[:, None, None] * along[:, :, None] * along[:, None, :]
            log_size += log_k + np.log(grown)
            shared[number] += along / grown[:, None]
            weight[number] += own / grown
        if np.any(block > 0.0):
            for along, own in zip(shared, weight, strict=True):
                grown = 1.0 + block**2 * own
                products -= (block**2 / grown)[:, None, None] * along[:, :, None] * along[:, None, :]
                log_size += np.log(grown)
        return products, log_size

    def solved(self, rho: Floats, period: Floats, block: Floats) -> Solved:
        """Fit by generalised least squares under many parameters at once.

        Parameters
        ----------
        rho, period, block
            As in `cross_products`.

        Returns
        -------
        Solved
            Coefficients, their covariance, and -2 log restricted likelihood.
        """
        products, log_size = self.cross_products(rho, period, block)
        p = self.p
        left, right = products[:, :p, :p], products[:, :p, p]
        unit = np.asarray(np.linalg.inv(left), dtype=np.float64)
        coefficients = np.einsum("mij,mj->mi", unit, right)
        rest = products[:, p, p] - np.einsum("mi,mi->m", right, coefficients)
        with np.errstate(divide="ignore", invalid="ignore"):
            deviance = (self.n - p) * np.log(rest) + log_size + np.linalg.slogdet(left)[1]
        return Solved(coefficients=coefficients, unit=unit, rest=rest, deviance=np.asarray(deviance))


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """Generalised least squares at m points.

    Attributes
    ----------
    coefficients : ndarray of shape (m, p)
        Fixed effects.
    unit : ndarray of shape (m, p, p)
        (X' V^-1 X)^-1 for a day variance of 1.
    rest : ndarray of shape (m,)
        Residual sum of squares.
    deviance : ndarray of shape (m,)
        -2 log restricted likelihood, up to a constant, with the day variance profiled out.
    """

    coefficients: Floats
    unit: Floats
    rest: Floats
    deviance: Floats


def serial(columns: Floats, value: Floats, day: Ints, group: Ints, block: Ints | None = None) -> Serial:
    """Reduce data to what the likelihood needs of them.

    Parameters
    ----------
    columns : ndarray of shape (n, p)
        Fixed effects, full rank.
    value : ndarray of shape (n,)
        Scores.
    day : ndarray of shape (n,)
        Calendar days, all different inside a group.
    group : ndarray of shape (n,)
        Number of the period of each day, from 0, without gaps; all 0 where the calendar runs through.
    block : ndarray of shape (n_groups,), optional
        Block of each group.

    Returns
    -------
    Serial
        Cross-products.
    """
    n_groups = int(group.max()) + 1
    order = np.lexsort((day, group))
    places = np.split(order, np.searchsorted(group[order], np.arange(1, n_groups)))
    number = np.arange(n_groups) if block is None else np.unique(block, return_inverse=True)[1]
    beside = np.column_stack([columns, value])
    return Serial(
        groups=tuple(lagged(beside[at], np.ones(at.size), day[at]) for at in places),
        block=np.asarray(number, dtype=np.int64),
        n=value.size,
        p=columns.shape[1],
    )
