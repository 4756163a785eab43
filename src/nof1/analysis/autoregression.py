"""Regression with errors that follow the calendar: AR(1) over days, gaps and all, by REML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.search import minimise

if TYPE_CHECKING:
    from nof1.analysis.observed import Ints
    from nof1.analysis.trend import Floats

LOWEST, HIGHEST = -0.95, 0.985


@dataclass(frozen=True, slots=True, kw_only=True)
class Lagged:
    """Cross-products of [X y] of neighbouring observed days, summed by the size of the gap between them.

    Attributes
    ----------
    first : ndarray of shape (p + 1, p + 1)
        Of the first day with itself.
    gap : ndarray of shape (g,)
        The sizes of gaps that occur [days].
    count : ndarray of shape (g,)
        How often each occurs.
    now, before, across : ndarray of shape (g, p + 1, p + 1)
        Of a day with itself, of the day before the gap with itself, and of both (made symmetric).
    """

    first: Floats
    gap: Ints
    count: Floats
    now: Floats
    before: Floats
    across: Floats

    @property
    def n(self) -> int:
        """Number of days."""
        return int(self.count.sum()) + 1

    def cross_products(self, rho: Floats) -> tuple[Floats, Floats]:
        """Return [X y]' K^-1 [X y] and log|K| for many correlations at once.

        Parameters
        ----------
        rho : ndarray of shape (m,)
            Correlation of neighbouring days.

        Returns
        -------
        tuple of (ndarray of shape (m, p + 1, p + 1), ndarray of shape (m,))
            K has elements rho^|days apart|.
        """
        a = np.power(rho[:, None], self.gap[None, :])
        u = 1.0 - a**2
        products = self.first + (
            np.einsum("mg,gij->mij", 1.0 / u, self.now)
            - np.einsum("mg,gij->mij", a / u, self.across)
            + np.einsum("mg,gij->mij", a**2 / u, self.before)
        )
        return products, np.log(u) @ self.count

    def deviance(self, rho: Floats) -> Floats:
        """Return -2 log restricted likelihood, up to a constant, with the variance profiled out.

        Parameters
        ----------
        rho : ndarray of shape (m,)
            As in `cross_products`.

        Returns
        -------
        ndarray of shape (m,)
            Smaller is better.
        """
        products, log_size = self.cross_products(rho)
        p = products.shape[1] - 1
        left, right = products[:, :p, :p], products[:, :p, p]
        coefficients = np.linalg.solve(left, right[..., None])[..., 0]
        rest = products[:, p, p] - np.einsum("mi,mi->m", right, coefficients)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((self.n - p) * np.log(rest) + log_size + np.linalg.slogdet(left)[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyFit:
    """Everything that a contrast is computed from.

    Attributes
    ----------
    coefficients : ndarray of shape (p,)
        Fixed effects.
    rho, variance : float
        Correlation of neighbouring days, and variance of a day.
    phi, p, q, traces : ndarray
        As in `kenward_roger`; the parameters are (variance, rho).
    deviance : float
        -2 log restricted likelihood up to a constant that depends on the number of columns only.
    """

    coefficients: Floats
    rho: float
    variance: float
    phi: Floats
    p: Floats
    q: Floats
    traces: Floats
    deviance: float


def lagged(columns: Floats, value: Floats, day: Ints) -> Lagged:
    """Reduce data to what the likelihood needs of them.

    Parameters
    ----------
    columns : ndarray of shape (n, p)
        Fixed effects.
    value : ndarray of shape (n,)
        Scores.
    day : ndarray of shape (n,)
        Calendar days, all different.

    Returns
    -------
    Lagged
        Cross-products.
    """
    order = np.argsort(day, kind="stable")
    z = np.column_stack([columns, value])[order]
    gap, group = np.unique(np.diff(day[order]), return_inverse=True)
    size = (gap.size, z.shape[1], z.shape[1])
    now, before, across = np.zeros(size), np.zeros(size), np.zeros(size)
    here, there = z[1:], z[:-1]
    np.add.at(now, group, here[:, :, None] * here[:, None, :])
    np.add.at(before, group, there[:, :, None] * there[:, None, :])
    np.add.at(across, group, here[:, :, None] * there[:, None, :] + there[:, :, None] * here[:, None, :])
    return Lagged(
        first=np.outer(z[0], z[0]),
        gap=gap,
        count=np.bincount(group, minlength=gap.size).astype(float),
        now=now,
        before=before,
        across=across,
    )


def correlation(day: Ints, rho: float) -> Floats:
    """Return the correlation matrix of an AR(1) over calendar days.

    Parameters
    ----------
    day : ndarray of shape (n,)
        Calendar days.
    rho : float
        Correlation of neighbouring days, of either sign.

    Returns
    -------
    ndarray of shape (n, n)
        Elements rho^|days apart|.
    """
    return np.asarray(np.power(float(rho), np.abs(day[:, None] - day[None, :])))


def fit_rho(columns: Floats, value: Floats, day: Ints) -> tuple[float, float]:
    """Find the correlation of neighbouring days by REML.

    Parameters
    ----------
    columns, value, day
        As in `lagged`.

    Returns
    -------
    tuple of (float, float)
        Correlation, and -2 log restricted likelihood there.
    """
    return minimise(lagged(columns, value, day).deviance, LOWEST, HIGHEST)


def fit_autoregression(columns: Floats, value: Floats, day: Ints) -> DailyFit:
    """Fit by REML and collect the derivatives for Kenward and Roger.

    Parameters
    ----------
    columns, value, day
        As in `lagged`; columns of full rank.

    Returns
    -------
    DailyFit
        The fit.
    """
    rho, deviance = fit_rho(columns, value, day)
    n, p = columns.shape
    apart = np.abs(day[:, None] - day[None, :])
    k = correlation(day, rho)
    inverse = np.linalg.inv(k)
    # d rho^d / d rho, with 0^0 = 1 for neighbours at rho = 0.
    slope = np.where(apart > 0, apart * np.power(rho, np.maximum(apart - 1, 0)), 0.0)
    z = inverse @ columns
    unit = np.linalg.inv(columns.T @ z)
    coefficients = unit @ (z.T @ value)
    rest = value - columns @ coefficients
    variance = float(rest @ inverse @ rest) / (n - p)
    moved = slope @ z
    pulled = inverse @ slope
    first = -np.stack([columns.T @ z / variance**2, z.T @ moved / variance])
    mixed = z.T @ moved / variance**2
    second = np.array([[columns.T @ z / variance**3, mixed], [mixed, moved.T @ inverse @ moved / variance]])
    across = float(np.trace(pulled)) / variance
    traces = np.array([[n / variance**2, across], [across, float(np.sum(pulled * pulled.T))]])
    return DailyFit(
        coefficients=coefficients,
        rho=rho,
        variance=variance,
        phi=variance * unit,
        p=first,
        q=second,
        traces=traces,
        deviance=deviance,
    )
