"""The analyses of daily designs, for thousands of trials at once; no day is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .likelihood import Tests, deviance, kenward_roger, minimise
from .periods import _least_squares

if TYPE_CHECKING:
    from collections.abc import Callable

    from nof1.analysis.trend import Floats

    from .generator import Trials

RHO = np.linspace(-0.95, 0.985, 34)
EFFECT = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """Products of columns: of all days, of neighbours (made symmetric), and of all days but first and last.

    K^-1 of an AR(1) is (own - rho * neighbour + rho^2 * inner) / (1 - rho^2), so these are all that is needed.
    """

    own: Floats
    neighbour: Floats
    inner: Floats
    n: int

    def at(self, rho: Floats) -> tuple[Floats, Floats]:
        """Return (1 - rho^2) [X y]' K^-1 [X y] and its derivative."""
        return self.own - rho * self.neighbour + rho**2 * self.inner, 2.0 * rho * self.inner - self.neighbour

    def profile(self, rho: Floats) -> tuple[Floats, Floats]:
        """Return -2 log restricted likelihood and its derivative."""
        value, slope = deviance(*self.at(rho), self.n)
        u = 1.0 - rho**2
        return value - np.log(u), slope + 2.0 * rho / u


def lags(columns: Floats) -> Lags:
    """Reduce columns of shape (q, n_days, n_trials) to products."""

    def product(left: Floats, right: Floats) -> Floats:
        return np.einsum("itn,jtn->ijn", left, right)

    across = product(columns[:, 1:], columns[:, :-1])
    return Lags(
        own=product(columns, columns),
        neighbour=across + np.swapaxes(across, 0, 1),
        inner=product(columns[:, 1:-1], columns[:, 1:-1]),
        n=columns.shape[1],
    )


def columns_of(trials: Trials) -> Floats:
    """Return intercept, condition (1/2 and -1/2), log session, score; shape (4, n_days, n_trials)."""
    value = trials.value[:, 0]
    clock = np.log(trials.session)
    columns = np.empty((4, *value.shape))
    columns[0] = 1.0
    columns[1] = np.where(trials.condition == 1, 0.5, -0.5)
    columns[2] = clock - clock.mean()
    columns[3] = value - value.mean(axis=0)
    return columns


def daily_model(trials: Trials) -> tuple[Tests, Floats]:
    """Fit day ~ condition + log(session) with AR(1) errors by REML, first-order Kenward and Roger.

    Returns
    -------
    tuple of (Tests, ndarray of shape (n_trials,))
        The test, and the correlation.
    """
    columns = columns_of(trials)
    of = lags(columns)
    n, n_trials = of.n, columns.shape[-1]
    rho, _ = minimise(of.profile, RHO, n_trials)
    matrix, slope = (np.moveaxis(part, -1, 0) for part in of.at(rho))
    u = (1.0 - rho**2)[:, None, None]
    r = rho[:, None, None]
    slope = slope / u + 2.0 * r * matrix / u**2
    matrix = matrix / u
    unit = np.linalg.inv(matrix[:, :3, :3])
    coefficients = np.einsum("nij,nj->ni", unit, matrix[:, :3, 3])
    rest = matrix[:, 3, 3] - np.einsum("ni,ni->n", matrix[:, :3, 3], coefficients)
    variance = rest / (n - 3)
    s = variance[:, None, None]
    first = [-matrix[:, :3, :3] / s**2, slope[:, :3, :3] / s]
    moved = inverse_slope(columns[:3], rho)
    crossed = -slope[:, :3, :3] / s**2
    squared = np.einsum("itn,jtn->nij", moved, smoothed(moved, rho)) / s
    second = [[matrix[:, :3, :3] / s**3, crossed], [crossed, squared]]
    flat = u[:, 0, 0]
    across = -(n - 1) * 2.0 * rho / (flat * variance)
    traces = [[n / variance**2, across], [across, (n - 1) * (2.0 / flat + (2.0 * rho / flat) ** 2)]]
    plain, widened, df = kenward_roger(EFFECT, unit * s, first, second, traces)
    plainer = ordinary(trials)
    fallback = ~(df >= 2.0)
    se = np.sqrt(np.maximum(plain, widened))
    return Tests(
        estimate=np.where(fallback, plainer.estimate, coefficients @ EFFECT),
        se=np.where(fallback, plainer.se, se),
        df=np.where(fallback, plainer.df, df),
        at_bound=fallback,
    ), rho


def ordinary(trials: Trials) -> Tests:
    """Fit day ~ condition + log(session) by least squares."""
    columns = columns_of(trials)
    matrix = np.einsum("itn,jtn->nij", columns, columns)
    return _least_squares(matrix, EFFECT, columns.shape[1] - 3)


def inverse(columns: Floats, rho: Floats) -> Floats:
    """Return K^-1 times columns of shape (q, n_days, n_trials)."""
    result = columns * (1.0 + rho**2)
    result[:, 0] -= rho**2 * columns[:, 0]
    result[:, -1] -= rho**2 * columns[:, -1]
    result[:, 1:] -= rho * columns[:, :-1]
    result[:, :-1] -= rho * columns[:, 1:]
    return result / (1.0 - rho**2)


def inverse_slope(columns: Floats, rho: Floats) -> Floats:
    """Return the derivative of K^-1 by rho, times columns."""
    result = 2.0 * rho * columns
    result[:, 0] -= 2.0 * rho * columns[:, 0]
    result[:, -1] -= 2.0 * rho * columns[:, -1]
    result[:, 1:] -= columns[:, :-1]
    result[:, :-1] -= columns[:, 1:]
    u = 1.0 - rho**2
    return result / u + 2.0 * rho / u * inverse(columns, rho)


def smoothed(columns: Floats, rho: Floats) -> Floats:
    """Return K times columns, K having elements rho^|days apart|, in one pass each way."""
    before, after = columns.copy(), columns.copy()
    n_days = columns.shape[1]
    for day in range(1, n_days):
        before[:, day] += rho * before[:, day - 1]
        after[:, n_days - 1 - day] += rho * after[:, n_days - day]
    return before + after - columns


def prewhitened_counts(
    trials: Trials, draws: Callable[[], np.ndarray], together: int = 50
) -> tuple[np.ndarray, int]:
    """Count the sequences whose prewhitened statistic is as extreme as that of the drawn one.

    Parameters
    ----------
    trials : Trials
        One day a period.
    draws : callable
        Returns sequences, shape (n_draws, n_days), 1 for condition 1 and 0 for the other; it is called anew for
        every `together` trials, so that trials share few draws.
    together : int
        Trials that share draws.

    Returns
    -------
    tuple of (ndarray of shape (n_trials,), int)
        Counts without the observed sequence, and the number of draws.
    """
    columns = columns_of(trials)
    base = columns[[0, 2, 3]]
    rho, _ = minimise(lags(base).profile, RHO, base.shape[-1])
    pulled = inverse(base, rho)
    gram = np.einsum("itn,jtn->nij", base, pulled)
    unit = np.linalg.inv(gram[:, :2, :2])
    onto = np.einsum("nij,nj->ni", unit, gram[:, :2, 2])
    target = pulled[2] - np.einsum("itn,ni->tn", pulled[:2], onto)
    u = 1.0 - rho**2
    n_days = trials.value.shape[0]
    size = (n_days + (n_days - 2) * rho**2) / u
    counts = np.empty(rho.size, dtype=np.int64)
    n_draws = 0
    for start in range(0, rho.size, together):
        at = slice(start, start + together)

        def statistic(sign: Floats, at: slice = at) -> Floats:
            """From signs (m, n_days), or (m, n_days, n_trials), to |T|, shape (m, n_trials)."""
            form = "mtn,tn->mn" if sign.ndim == 3 else None
            top, one, two = (
                np.einsum(form, sign, part[:, at]) if form else sign @ part[:, at]
                for part in (target, pulled[0], pulled[1])
            )
            beside = np.sum(sign[:, 1:] * sign[:, :-1], axis=1)
            beside = beside if sign.ndim == 3 else beside[:, None]
            a, b, c = unit[at, 0, 0], unit[at, 0, 1], unit[at, 1, 1]
            whole = size[at] - 2.0 * rho[at] / u[at] * beside
            left = whole - (a * one**2 + 2.0 * b * one * two + c * two**2)
            empty = left <= 1e-9 * whole
            return np.where(empty, 0.0, np.abs(top) / np.sqrt(np.where(empty, 1.0, left)))

        observed = statistic(2.0 * columns[1][None, :, at])[0]
        drawn = statistic(2.0 * draws() - 1.0)
        n_draws = len(drawn)
        tie = 1e-9 * np.maximum(drawn.max(axis=0), observed)
        counts[at] = np.count_nonzero(drawn >= observed - tie, axis=0)
    return counts, n_draws
