"""The analyses of trials with periods, for thousands of trials at once; every period has the same number of days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .likelihood import Tests, deviance, kenward_roger, minimise

if TYPE_CHECKING:
    from nof1.analysis.trend import Floats

    from .generator import Trials

LOG_RATIO = np.linspace(-np.log(1e8), np.log(1e8), 65)


@dataclass(frozen=True, slots=True, kw_only=True)
class Products:
    """Cross-products of [one column per condition, log session, score].

    Attributes
    ----------
    within : ndarray of shape (k + 2, k + 2, n_trials)
        Of deviations from the period means.
    between : ndarray of shape (k + 2, k + 2, n_trials)
        Of the period means, times the days of a period.
    n_periods, days : int
        Their numbers.
    """

    within: Floats
    between: Floats
    n_periods: int
    days: int

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return len(self.within) - 1


def products(trials: Trials) -> Products:
    """Reduce trials to cross-products."""
    n_periods, days, n_trials = trials.value.shape
    clock = np.log(trials.session)
    clock -= clock.mean()
    value = trials.value - trials.value.mean(axis=(0, 1))
    means = np.empty((trials.k + 2, n_periods, n_trials))
    means[: trials.k] = trials.condition == np.arange(trials.k)[:, None, None]
    means[trials.k] = clock.mean(axis=1)[:, None]
    means[trials.k + 1] = value.mean(axis=1)
    within = np.zeros((trials.k + 2, trials.k + 2, n_trials))
    inside = clock - clock.mean(axis=1)[:, None]
    apart = value - value.mean(axis=1)[:, None]
    within[-2, -2] = np.sum(inside**2)
    within[-2, -1] = within[-1, -2] = np.einsum("gd,gdn->n", inside, apart)
    within[-1, -1] = np.einsum("gdn,gdn->n", apart, apart)
    between = days * np.einsum("ign,jgn->ijn", means, means)
    return Products(within=within, between=between, n_periods=n_periods, days=days)


def mixed_model(of: Products, weights: Floats) -> Tests:
    """Fit y ~ condition + log(session) + (1 | period) by REML and test with Kenward and Roger."""
    p, n = of.p, of.n_periods * of.days
    n_trials = of.within.shape[-1]

    def at(share: Floats) -> tuple[Floats, Floats]:
        value, slope = deviance(of.within + share * of.between, of.between.copy(), n)
        return value - of.n_periods * np.log(share), slope - of.n_periods / share

    def profile(log_ratio: Floats) -> tuple[Floats, Floats]:
        share = 1.0 / (1.0 + of.days * np.exp(log_ratio))
        value, slope = at(share)
        return value, -slope * share * (1.0 - share)

    log_ratio, least = minimise(profile, LOG_RATIO, n_trials)
    singular = least >= at(np.ones(n_trials))[0] - 1e-9
    ratio = np.where(singular, 0.0, np.exp(log_ratio))
    share = 1.0 / (1.0 + of.days * ratio)
    matrix = np.moveaxis(of.within + share * of.between, -1, 0)
    unit = np.linalg.inv(matrix[:, :p, :p])
    coefficients = np.einsum("nij,nj->ni", unit, matrix[:, :p, p])
    rest = matrix[:, p, p] - np.einsum("ni,ni->n", matrix[:, :p, p], coefficients)
    day = rest / (n - p)
    mean = day * (1.0 + of.days * ratio)  # variance of a period mean times its days
    w = np.moveaxis(of.within, -1, 0)[:, :p, :p]
    m = np.moveaxis(of.between, -1, 0)[:, :p, :p]
    s, a = day[:, None, None], mean[:, None, None]
    d = float(of.days)
    first = [-(w / s**2 + m / a**2), -d * m / a**2]
    crossed = d * m / a**3
    second = [[w / s**3 + m / a**3, crossed], [crossed, d**2 * m / a**3]]
    groups = float(of.n_periods)
    across = groups * d / mean**2
    traces = [
        [(n - groups) / day**2 + groups / mean**2, across],
        [across, groups * d**2 / mean**2],
    ]
    _, widened, df = kenward_roger(weights, unit * s, first, second, traces)
    return Tests(estimate=coefficients @ weights, se=np.sqrt(widened), df=df, at_bound=singular)


def period_means(of: Products, weights: Floats) -> Tests:
    """Fit mean of a period ~ condition + mean log(session) by least squares."""
    p = of.p
    matrix = np.moveaxis(of.between, -1, 0)
    return _least_squares(matrix, weights, of.n_periods - p)


def _least_squares(matrix: Floats, weights: Floats, df: int) -> Tests:
    p = matrix.shape[1] - 1
    unit = np.linalg.inv(matrix[:, :p, :p])
    coefficients = np.einsum("nij,nj->ni", unit, matrix[:, :p, p])
    rest = matrix[:, p, p] - np.einsum("ni,ni->n", matrix[:, :p, p], coefficients)
    variance = rest / df * np.einsum("i,nij,j->n", weights, unit, weights)
    return Tests(estimate=coefficients @ weights, se=np.sqrt(variance), df=np.full(len(matrix), float(df)))


def naive_t(trials: Trials) -> Tests:
    """Compare all days of condition 1 with all days of condition 0 as if they were independent."""
    n_periods, days, _ = trials.value.shape
    per_arm = n_periods * days // 2
    on = (trials.condition == 1)[:, None, :]
    means = [np.where(on == arm, trials.value, 0.0).sum(axis=(0, 1)) / per_arm for arm in (True, False)]
    rest = np.sum((trials.value - np.where(on, *means)) ** 2, axis=(0, 1))
    df = 2 * per_arm - 2
    se = np.sqrt(rest / df * 2.0 / per_arm)
    return Tests(estimate=means[0] - means[1], se=se, df=np.full(se.size, float(df)))


def paired_blocks(trials: Trials) -> Tests:
    """Test the mean of the differences of blocks of two."""
    difference = _differences(trials, trials.value.mean(axis=1))
    n_blocks = len(difference)
    se = difference.std(axis=0, ddof=1) / np.sqrt(n_blocks)
    return Tests(estimate=difference.mean(axis=0), se=se, df=np.full(se.size, n_blocks - 1.0))


def _differences(trials: Trials, by_period: Floats) -> Floats:
    first_is_on = trials.condition[::2] == 1
    return np.where(first_is_on, 1.0, -1.0) * (by_period[::2] - by_period[1::2])


def randomization_counts(trials: Trials) -> np.ndarray:
    """Count the sequences of paired blocks that are as extreme as the drawn one, of all 2^blocks."""
    clock = np.log(trials.session)
    clock -= clock.mean()
    slope = np.einsum("gd,gdn->n", clock, trials.value) / np.sum(clock**2)
    left = trials.value.mean(axis=1) - clock.mean(axis=1)[:, None] * slope
    difference = _differences(trials, left)
    sums = np.zeros((1, difference.shape[1]))
    for block in difference:
        sums = np.concatenate([sums + block, sums - block])
    size = np.abs(sums)
    return np.count_nonzero(size >= size[0] - 1e-9 * size.max(axis=0), axis=0)
