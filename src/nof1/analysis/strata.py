"""What a random-intercept fit needs of the data: cross-products within periods, and the period means.

Days inside a period are exchangeable under the model, so the likelihood falls into two parts: deviations
from the period means, whose variance is that of a day, and the means themselves. One evaluation costs
operations on p x p matrices, whatever the number of days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nof1.analysis.observed import Ints
    from nof1.analysis.trend import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Strata:
    """Cross-products of [X y] for the model y = X b + period + block + day.

    Attributes
    ----------
    within : ndarray of shape (p + 1, p + 1)
        Cross-products of deviations from the period means.
    means : ndarray of shape (n_periods, p + 1)
        Period means, each times the square root of its days.
    days : ndarray of shape (n_periods,)
        Days of each period.
    block : ndarray of shape (n_periods,)
        Block of each period, numbered from 0.
    n : int
        Days in all.
    """

    within: Floats
    means: Floats
    days: Floats
    block: Ints
    n: int

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return int(self.within.shape[0]) - 1

    def cross_products(self, period: Floats, block: Floats) -> tuple[Floats, Floats]:
        """Return [X y]' V^-1 [X y] and log|V| for many variance ratios at once.

        Parameters
        ----------
        period, block : ndarray of shape (m,)
            Variance between periods and between blocks over the variance of a day.

        Returns
        -------
        tuple of (ndarray of shape (m, p + 1, p + 1), ndarray of shape (m,))
            For a day variance of 1.
        """
        weight = 1.0 / (1.0 + period[:, None] * self.days)
        products = self.within + np.einsum("mg,gi,gj->mij", weight, self.means, self.means)
        log_size = -np.log(weight).sum(axis=1)
        if np.any(block > 0):
            n_blocks = int(self.block.max()) + 1
            member = np.eye(n_blocks)[self.block]
            shared = np.einsum("mg,g,gb,gi->mbi", weight, np.sqrt(self.days), member, self.means)
            grown = 1.0 + block[:, None] * np.einsum("mg,g,gb->mb", weight, self.days, member)
            products = products - np.einsum("mb,mbi,mbj->mij", block[:, None] / grown, shared, shared)
            log_size = log_size + np.log(grown).sum(axis=1)
        return products, log_size

    def deviance(self, period: Floats, block: Floats) -> Floats:
        """Return -2 log restricted likelihood, up to a constant, with the day variance profiled out.

        Parameters
        ----------
        period, block : ndarray of shape (m,)
            As in `cross_products`.

        Returns
        -------
        ndarray of shape (m,)
            Smaller is better.
        """
        products, log_size = self.cross_products(period, block)
        p = self.p
        left = products[:, :p, :p]
        right = products[:, :p, p]
        coefficients = np.linalg.solve(left, right[..., None])[..., 0]
        rest = products[:, p, p] - np.einsum("mi,mi->m", right, coefficients)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((self.n - p) * np.log(rest) + log_size + np.linalg.slogdet(left)[1])

    def covariance(self, variances: Floats) -> Floats:
        """Return the covariance of `means` (only their day, period and block parts).

        Parameters
        ----------
        variances : ndarray of shape (3,)
            Variance of a day, of a period, of a block.

        Returns
        -------
        ndarray of shape (n_periods, n_periods)
            Covariance.
        """
        return np.asarray(np.tensordot(variances, np.stack(self.derivatives()), axes=1))

    def derivatives(self) -> tuple[Floats, Floats, Floats]:
        """Return the derivatives of `covariance` by the three variances.

        Returns
        -------
        tuple of three ndarrays of shape (n_periods, n_periods)
            They are constant: the covariance is linear in the variances.
        """
        root = np.sqrt(self.days)
        together = self.block[:, None] == self.block[None, :]
        return np.eye(self.days.size), np.diag(self.days), np.outer(root, root) * together


def stratify(columns: Floats, value: Floats, period: Ints, block: Ints | None) -> Strata:
    """Reduce data to what the likelihood needs of them.

    Parameters
    ----------
    columns : ndarray of shape (n, p)
        Fixed effects, full rank.
    value : ndarray of shape (n,)
        Scores.
    period : ndarray of shape (n,)
        Number of the period of each score, from 0, without gaps.
    block : ndarray of shape (n_periods,), or None
        Block of each period.

    Returns
    -------
    Strata
        Cross-products and means.
    """
    z = np.column_stack([columns, value])
    days = np.bincount(period).astype(float)
    means = np.zeros((days.size, z.shape[1]))
    np.add.at(means, period, z)
    means /= days[:, None]
    apart = z - means[period]
    number = np.arange(days.size) if block is None else np.unique(block, return_inverse=True)[1]
    return Strata(
        within=apart.T @ apart,
        means=means * np.sqrt(days)[:, None],
        days=days,
        block=np.asarray(number, dtype=np.int64),
        n=value.size,
    )
