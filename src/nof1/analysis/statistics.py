"""Statistics of the randomization test: what is computed from the scores once, and for each sequence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from nof1.analysis.autoregression import correlation, fit_rho
from nof1.analysis.counting import sums
from nof1.analysis.design import usable_trend
from nof1.analysis.diagnostics import pulled_in
from nof1.analysis.reference_set import Codes
from nof1.analysis.trend import Floats, Trend, time_constants, trend_columns

if TYPE_CHECKING:
    from nof1.analysis.assignment import Assignment
    from nof1.analysis.observed import Ints, Observed

StatisticName = Literal["residual", "prewhitened", "squares", "medians", "ranks"]
STATISTICS: Final[tuple[str, ...]] = get_args(StatisticName)
ForCodes = Callable[[Codes], Floats]


def effects(
    assignment: Assignment,
    value: Floats,
    trend: Trend | None,
    *,
    raw: bool,
    statistic: StatisticName = "residual",
) -> Floats:
    """Return what each period adds: its mean residual after the trend, centred; 0 where there are no data.

    The condition is not in the model, so the residuals are the same whatever sequence is looked at.

    Parameters
    ----------
    assignment : Assignment
        Data and design.
    value : ndarray of shape (n,)
        Scores.
    trend : str or None
        Practice term.
    raw : bool
        Leave the trend in, and leave out blocks that have lost a period: what a reversal needs.
    statistic : str
        ``medians`` takes the median of each period, ``ranks`` the ranks of these medians; both take the trend from
        scores whose outliers are pulled in. Everything else means.

    Returns
    -------
    ndarray of shape (n_periods,)
        By position in the sequence.
    """
    observed = assignment.observed
    largest = float(np.abs(value).max(initial=0.0))
    if value.std() <= 1e-8 * largest:
        return np.zeros(assignment.codes.shape[1])
    is_robust = statistic in {"medians", "ranks"}
    near = pulled_in(value) if is_robust else value
    left = value if raw else value - _fitted(practice(observed, near, trend), near)
    means = _medians(observed, left) if is_robust else observed.period_mean(left)
    if statistic == "ranks":
        means, largest = _ranks(means, 1e-9 * float(value.std())), 1.0
    spread = assignment.by_position(means - means.mean())
    # What least squares leaves of a straight line is rounding, not data.
    spread[np.abs(spread) < 1e-12 * largest] = 0.0
    if not raw:
        return spread
    blocks = np.array(assignment.reference.blocks)
    held = np.zeros(blocks.size, dtype=bool)
    held[assignment.position] = True
    return np.where(np.isin(blocks, np.unique(blocks[~held])), 0.0, spread)


def practice(observed: Observed, value: Floats, trend: Trend | None) -> Floats:
    """Return intercept and practice term, chosen without a look at the conditions.

    Parameters
    ----------
    observed : Observed
        The data.
    value : ndarray of shape (n,)
        Scores, for the time constant of ``exp``.
    trend : str or None
        Practice term.

    Returns
    -------
    ndarray of shape (n, 1 + q)
        Columns.
    """
    trend, _ = usable_trend(observed, trend)
    candidates = [
        np.column_stack([np.ones(value.size), trend_columns(observed.clock, trend, constant)])
        for constant in time_constants(trend)
    ]
    if len(candidates) == 1:  # nothing to choose
        return candidates[0]
    return min(candidates, key=lambda columns: float(np.sum((value - _fitted(columns, value)) ** 2)))


def _medians(observed: Observed, value: Floats) -> Floats:
    """Return the median of each period: all are sorted at once, period by period."""
    inside = value[np.lexsort((value, observed.period))]
    n_days = np.bincount(observed.period, minlength=observed.n_periods)
    begins = np.cumsum(n_days) - n_days
    return np.asarray((inside[begins + (n_days - 1) // 2] + inside[begins + n_days // 2]) / 2)


def _ranks(values: Floats, same: float) -> Floats:
    """Rank values, those within rounding of each other by the mean of their ranks."""
    one = values[:, None]
    return np.asarray(
        np.sum(values < one - same, axis=1) + (np.sum(np.abs(values - one) <= same, axis=1) + 1) / 2
    )


def _fitted(columns: Floats, value: Floats) -> Floats:
    centre = value.mean()
    return np.asarray(centre + columns @ np.linalg.lstsq(columns, value - centre, rcond=None)[0])


def linear(assignment: Assignment, by_position: Floats) -> ForCodes:
    """Return the contrast of the condition means of period effects.

    Where whole periods are missing the number of periods of a condition depends on the sequence; each
    period then keeps its weight, so the statistic stays linear in the sequence.

    Parameters
    ----------
    assignment : Assignment
        Data and design.
    by_position : ndarray of shape (n_periods,)
        As `effects` gives them.

    Returns
    -------
    callable
        From sequences, shape (m, n_periods), to statistics, shape (m,).
    """
    coefficients = assignment.coefficients
    return lambda codes: sums(codes, coefficients, by_position)


def squares(assignment: Assignment, by_position: Floats) -> ForCodes:
    """Return the sum of squares between conditions, for a test that none does anything.

    Parameters
    ----------
    assignment, by_position
        As in `linear`.

    Returns
    -------
    callable
        As in `linear`.
    """
    times = np.bincount(assignment.codes[0], minlength=assignment.weights.size)
    unit = np.eye(times.size)

    def compute(codes: Codes) -> Floats:
        total = np.zeros(len(codes))
        for condition in np.flatnonzero(times):
            total += sums(codes, unit[condition], by_position) ** 2 / times[condition]
        return total

    return compute


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Sequences on the observed days, as weights of the contrast, and products of neighbouring days.

    Attributes
    ----------
    codes : ndarray of shape (m, n)
        Condition of each day.
    weights : ndarray of shape (k,)
        Weight of each condition.
    neighbours : ndarray of shape (m, n_gaps)
        Products of the weights of two observed days that follow each other, summed over those equally far apart.
    kept : ndarray of shape (m, n), or None
        The weight of each day, where there is room for numbers of eight bytes.
    """

    codes: Codes
    weights: Floats
    neighbours: Floats
    kept: Floats | None = None

    @property
    def values(self) -> Floats:
        """Weight of the condition of each day, shape (m, n)."""
        return _weighed(self.codes, self.weights) if self.kept is None else self.kept


def signs_of(assignment: Assignment, codes: Codes, *, keep: bool = True) -> Signs:
    """Write sequences as weights on the observed days.

    Parameters
    ----------
    assignment : Assignment
        Data and design.
    codes : ndarray of shape (m, n_periods)
        Sequences.
    keep : bool
        Keep the weights too, which are eight times as large as `codes`.

    Returns
    -------
    Signs
        Weights and products.
    """
    days = np.take(codes, assignment.position[assignment.observed.period], axis=1)
    values = _weighed(days, assignment.weights)
    products = (values[:, 1:] * values[:, :-1]) @ _by_gap(assignment.observed.day)
    return Signs(codes=days, weights=assignment.weights, neighbours=products, kept=values if keep else None)


def _weighed(codes: Codes, weights: Floats) -> Floats:
    """Look every code up; one sum of products for all is faster than a choice for each, and as exact."""
    values = (codes == 0) * weights[0]
    for condition, weight in enumerate(weights[1:], start=1):
        values += (codes == condition) * weight
    return np.asarray(values)


def _by_gap(day: Ints) -> Floats:
    """Return which of the distinct gaps lies behind each observed day but the last, shape (n - 1, n_gaps)."""
    gaps = np.diff(day)
    return np.asarray(gaps[:, None] == np.unique(gaps), dtype=np.float64)


def prewhitened(assignment: Assignment, value: Floats, trend: Trend | None) -> Callable[[Signs], Floats]:
    """Return s'M y / sqrt(s'M s), M taking out practice and the correlation of neighbouring days.

    The correlation is estimated without the condition: with it, the test would not be exact.

    Parameters
    ----------
    assignment : Assignment
        Data and design.
    value : ndarray of shape (n,)
        Scores.
    trend : str or None
        Practice term.

    Returns
    -------
    callable
        From signs to statistics, shape (m,).
    """
    observed = assignment.observed
    base = practice(observed, value, trend)
    spread = float(value.std())
    if spread <= 1e-8 * float(np.abs(value).max(initial=0.0)) or value.size < base.shape[1] + 2:
        return lambda signs: np.zeros(len(signs.codes))
    scaled = (value - value.mean()) / spread
    rho, _ = fit_rho(base, scaled, observed.day)
    inverse = np.linalg.inv(correlation(observed.day, rho))
    pulled = inverse @ base
    root = np.linalg.cholesky(np.linalg.pinv(base.T @ pulled))
    target = inverse @ scaled - pulled @ (root @ (root.T @ (pulled.T @ scaled)))
    right = np.column_stack([target, pulled @ root])
    # K^-1 is tridiagonal, and beside its diagonal depends on the gap alone: s'K^-1 s needs a sum for each gap.
    own, of_gap = np.diag(inverse), _by_gap(observed.day)
    neighbour = 2.0 * (np.diag(inverse, 1) @ of_gap) / of_gap.sum(axis=0)
    has_unit_signs = bool(np.all(np.abs(assignment.weights) == 1.0))

    def compute(signs: Signs) -> Floats:
        values = signs.values
        products = right.T @ values.T
        squares = own.sum() if has_unit_signs else values**2 @ own
        size = squares + signs.neighbours @ neighbour
        left = size - np.sum(products[1:] ** 2, axis=0)
        empty = left <= 1e-9 * size
        return np.where(empty, 0.0, products[0] / np.sqrt(np.where(empty, 1.0, left)))

    return compute
