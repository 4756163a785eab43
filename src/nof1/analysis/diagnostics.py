"""What the scores look like apart from the effect: autocorrelation, outliers, bounds, few values, gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nof1.analysis.autoregression import fit_rho
from nof1.analysis.contrasts import ContrastLike, contrast_weights, moving
from nof1.analysis.design import fixed_effects, usable_trend
from nof1.analysis.observed import Observed, observe
from nof1.analysis.result import Autocorrelation

if TYPE_CHECKING:
    from nof1.analysis.trend import Floats, Trend

FAR = 6.0
"""Robust standard deviations from the median beyond which a score counts as an outlier."""
MODERATE = 3.0
"""The same, beyond which a score is pulled in where outliers are to count for less."""
AT_BOUND = 0.25
EXACT = 1e-8
"""Share of the spread of all scores below which those of one condition count as equal."""
FEW = 5
"""Scores from which on it is odd that all are equal."""
UNSTEADY = 2.0
"""Ratio of the scatter of two halves from which on it is told."""
FEWEST_OF_A_HALF = 10
FEWEST_SCORES = 8
MANY = 12
"""Scores from which on their distribution is looked at."""


def data_flags(
    frame: pd.DataFrame, contrast: ContrastLike, bounds: tuple[float | None, float | None] = (None, None)
) -> tuple[str, ...]:
    """Look for what a reader of the result must know about the scores; nothing is ever left out for it.

    Parameters
    ----------
    frame : DataFrame
        What the estimate is made from.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    bounds : pair of (float or None)
        Ends of the scale, where it has any [unit].

    Returns
    -------
    tuple of str
        Keys of `nof1.analysis.flags.FLAGS`; of them only ``implausibly_exact`` lowers a claim.
    """
    weights = contrast_weights(contrast)
    observed = observe(frame, weights)
    rows = frame[frame["value"].notna() & frame["condition"].notna()]
    values = pd.to_numeric(rows["value"]).to_numpy(dtype=float)
    groups = [values[(rows["condition"] == code).to_numpy()] for code in moving(weights)]
    flags = []
    is_exact = any(group.size >= FEW and group.std() <= EXACT * values.std() for group in groups)
    if is_exact and not observed.is_constant:
        flags.append("implausibly_exact")
    if values.size and np.any(np.abs(distances(rows)) > FAR):
        flags.append("outliers")
    shares = [
        np.mean(group == bound)
        for bound in bounds
        for group in (values, *groups)
        if bound is not None and group.size
    ]
    if max(shares, default=0.0) > AT_BOUND:
        flags.append("floor_or_ceiling")
    if values.size >= MANY and np.unique(values).size <= 4:
        flags.append("few_values")
    days = np.bincount(observed.period, minlength=observed.n_periods)
    if days.size and np.median(days) >= 3 and days.min() < 3:
        flags.append("sparse_period")
    if values.size and len(observed.conditions) == 1:
        flags.append("single_condition")
    if observed.block is None and _follows_time(observed):
        flags.append("drift_confounded")
    return tuple(flags)


def within_conditions(rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """Take the median of its condition out of every score, so that an effect makes no outliers.

    Parameters
    ----------
    rows : DataFrame
        Rows with a value and a condition.

    Returns
    -------
    tuple of ndarray of shape (n,)
        What is left, and the medians [unit].
    """
    values = pd.to_numeric(rows["value"]).astype(float)
    centre = np.asarray(values.groupby(rows["condition"]).transform("median"), dtype=np.float64)
    return values.to_numpy(dtype=float) - centre, centre


def distances(rows: pd.DataFrame) -> Floats:
    """Return how far every score lies from the median of its condition.

    Parameters
    ----------
    rows : DataFrame
        Rows with a value and a condition.

    Returns
    -------
    ndarray of shape (n,)
        In robust standard deviations of all conditions that vary; 0 in those that do not, which would make the
        scores of the others look wild.
    """
    rest, _ = within_conditions(rows)
    spread = pd.Series(rest, index=rows.index).groupby(rows["condition"]).transform("std").fillna(0.0)
    varies = spread.to_numpy(dtype=float) > 0.0
    found = np.zeros_like(rest)
    if varies.any():
        found[varies] = robust_z(rest[varies])
    return found


def robust_z(values: Floats) -> Floats:
    """Return distances from the median in robust standard deviations.

    Parameters
    ----------
    values : ndarray of shape (n,)
        At least one.

    Returns
    -------
    ndarray of shape (n,)
        The scale is 1.4826 times the median absolute deviation, or 1.2533 times the mean one where more
        than half of the values are equal; 0 where all are.

    Examples
    --------
    >>> robust_z(np.array([1.0, 2.0, 3.0, 4.0, 100.0])).round(1).tolist()
    [-1.3, -0.7, 0.0, 0.7, 65.4]
    """
    away = values - np.median(values)
    scale = 1.4826 * float(np.median(np.abs(away))) or 1.2533 * float(np.mean(np.abs(away)))
    return np.asarray(away / scale if scale > 0.0 else np.zeros_like(away))


def pulled_in(values: Floats, limit: float = MODERATE) -> Floats:
    """Pull outliers in to the farthest value that is none; all others stay.

    Parameters
    ----------
    values : ndarray of shape (n,)
        At least one.
    limit : float
        Robust standard deviations from the median beyond which a value is pulled in.

    Returns
    -------
    ndarray of shape (n,)
        The same values where none lies farther out.

    Examples
    --------
    >>> pulled_in(np.array([1.0, 2.0, 3.0, 4.0, 100.0])).tolist()
    [1.0, 2.0, 3.0, 4.0, 4.0]
    """
    near = values[np.abs(robust_z(values)) <= limit]
    return np.clip(values, near.min(), near.max())


def autocorrelation(
    frame: pd.DataFrame, contrast: ContrastLike, trend: Trend | None = "log"
) -> Autocorrelation:
    """Describe how much a day resembles the day before, after condition and trend.

    Parameters
    ----------
    frame : DataFrame
        What the estimate is made from.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    trend : str or None
        Practice term.

    Returns
    -------
    Autocorrelation
        `lag1` counts neighbouring calendar days only; None where there are too few days or no variation.
    """
    observed = observe(frame, contrast_weights(contrast))
    days_apart = np.diff(observed.day)
    parts = None if np.any(days_apart <= 0) else _without_fixed_effects(observed, contrast, trend)
    if parts is None:
        return Autocorrelation()
    columns, scaled, rest = parts
    neighbours = np.flatnonzero(days_apart == 1)
    lag1 = float(rest[neighbours] @ rest[neighbours + 1] / (rest @ rest)) if neighbours.size else None
    rho, _ = fit_rho(columns, scaled, observed.day)
    days = float(np.median(np.bincount(observed.period)))
    return Autocorrelation(lag1=lag1, rho=rho, effective_days=effective_days(days, rho))


def effective_days(days: float, rho: float) -> float:
    """Return how many independent days a period of autocorrelated ones is worth.

    Parameters
    ----------
    days : float
        Days of a period.
    rho : float
        Correlation of neighbouring days.

    Returns
    -------
    float
        days / (1 + 2 sum over k < days of (1 - k / days) rho^k), and never more than `days`: that days which
        alternate are worth more holds for their mean alone.

    Examples
    --------
    >>> round(effective_days(7, 0.3), 2)
    4.16
    """
    k = np.arange(1, int(days))
    return min(days, days / (1.0 + 2.0 * float(np.sum((1.0 - k / days) * rho**k))))


def variance_changed(frame: pd.DataFrame, contrast: ContrastLike, trend: Trend | None = "log") -> bool:
    """Whether the scores scatter more than twice as much in one half of the trial as in the other.

    Parameters
    ----------
    frame : DataFrame
        What the estimate is made from.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    trend : str or None
        Practice term, taken out with the conditions first.

    Returns
    -------
    bool
        False where a half has fewer than ten scores.
    """
    observed = observe(frame, contrast_weights(contrast))
    parts = _without_fixed_effects(observed, contrast, trend)
    if parts is None:
        return False
    halves = np.array_split(parts[2], 2)
    if min(half.size for half in halves) < FEWEST_OF_A_HALF:
        return False
    low, high = sorted(float(half.std(ddof=1)) for half in halves)
    return high > UNSTEADY * low


def _without_fixed_effects(
    observed: Observed, contrast: ContrastLike, trend: Trend | None
) -> tuple[Floats, Floats, Floats] | None:
    """Return fixed effects, standardised scores, and their residuals; None where there is no variation to look at."""
    weights = observed.weights(contrast_weights(contrast))
    if weights is None or observed.is_constant or observed.value.size < FEWEST_SCORES:
        return None
    design = fixed_effects(observed, weights, usable_trend(observed, trend)[0])
    if design is None or observed.value.size < design.columns.shape[1] + 4:
        return None
    scaled = (observed.value - observed.value.mean()) / observed.spread
    rest = scaled - design.columns @ np.linalg.lstsq(design.columns, scaled, rcond=None)[0]
    return None if float(rest @ rest) < 1e-12 * scaled.size else (design.columns, scaled, rest)


def _follows_time(observed: Observed) -> bool:
    """Whether the condition of two-condition data is almost a function of time, as in AAAABBBB."""
    codes = observed.period_condition.astype(float)
    if len(observed.conditions) != 2 or codes.size < 4:
        return False
    return bool(abs(np.corrcoef(codes, np.arange(codes.size))[0, 1]) > 0.85)
