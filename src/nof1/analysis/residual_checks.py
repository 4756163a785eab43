"""Whether what the planned model leaves looks like independent draws from a normal distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from nof1.analysis.autoregression import correlation
from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.design import fixed_effects, usable_trend
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.observed import observe

if TYPE_CHECKING:
    import pandas as pd

    from nof1.analysis.trend import Floats, Trend


def whitened(
    frame: pd.DataFrame,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    is_daily: bool = False,
) -> Floats | None:
    """Return the residuals of the planned model, freed of what it knows of their correlation.

    Parameters
    ----------
    frame : DataFrame
        What the estimate is made from.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    trend : {"log", "linear", "spline"} or None
        Practice term; of ``exp`` the straight logarithm stands in.
    is_daily : bool
        The daily model, with the correlation of neighbouring days taken out; else the mixed one, with the
        predicted effect of each period.

    Returns
    -------
    ndarray of shape (n,), or None
        In order of session, in units of their standard deviation; None where the model has no variances.
    """
    wanted = contrast_weights(contrast)
    trend = "log" if trend == "exp" else trend
    observed = observe(frame, wanted)
    weights = observed.weights(wanted)
    if weights is None or observed.is_constant:
        return None
    design = fixed_effects(observed, weights, usable_trend(observed, trend)[0])
    if design is None:
        return None
    columns, value = design.columns, observed.value - observed.value.mean()
    if is_daily:
        details = fit_daily_model(frame, wanted, trend).details
        rho, variance = details.get("rho"), details.get("day_variance")
        if rho is None or not variance:
            return None
        root = np.linalg.cholesky(correlation(observed.day, rho))
        white = np.linalg.solve(root, np.column_stack([columns, value]))
        rest = _rest(white[:, :-1], white[:, -1])
        return np.asarray(rest / np.sqrt(variance))
    details = fit_mixed_model(frame, wanted, trend).details
    day, period = details.get("day_variance"), details.get("period_variance")
    if not day or period is None:
        return None
    days = np.bincount(observed.period, minlength=observed.n_periods)
    held = days * period / (day + days * period)
    # Least squares after a part of each period mean is taken out is generalized least squares.
    part = (1.0 - np.sqrt(1.0 - held))[observed.period]
    both = np.column_stack([columns, value])
    white = both - part[:, None] * observed.period_mean(both)[observed.period]
    coefficients = np.linalg.lstsq(white[:, :-1], white[:, -1], rcond=None)[0]
    rest = value - columns @ coefficients
    predicted = held * observed.period_mean(rest)
    return np.asarray((rest - predicted[observed.period]) / np.sqrt(day))


def ljung_box(values: Floats, lags: int) -> tuple[float, float]:
    """Test whether neighbours of a series resemble each other.

    Parameters
    ----------
    values : ndarray of shape (n,)
        In order; gaps are not known to it.
    lags : int
        How many lags are looked at together, below n.

    Returns
    -------
    tuple of (float, float)
        Statistic, and p by chi squared with `lags` degrees of freedom.

    Raises
    ------
    ValueError
        If there are not enough values.

    References
    ----------
    Ljung and Box 1978, doi:10.1093/biomet/65.2.297.

    Examples
    --------
    >>> statistic, p = ljung_box(np.array([1.0, -1.0] * 10), 1)
    >>> round(statistic, 1), p < 0.001
    (20.9, True)
    """
    n = values.size
    if not 0 < lags < n:
        raise ValueError(f"lags: found {lags} with {n} values; write 1 to {n - 1}")
    rest = values - values.mean()
    size = float(rest @ rest)
    correlations = np.array([rest[lag:] @ rest[:-lag] for lag in range(1, lags + 1)]) / (size or 1.0)
    statistic = n * (n + 2.0) * float(np.sum(correlations**2 / (n - np.arange(1, lags + 1))))
    return statistic, float(special.chdtrc(lags, statistic))


def quantile_correlation(values: Floats) -> float | None:
    """Return how straight the normal quantile plot of values is.

    Parameters
    ----------
    values : ndarray of shape (n,)
        In any order.

    Returns
    -------
    float or None
        Correlation of the sorted values with the normal quantiles of rank / (n + 1): 1 for a straight line; None
        for fewer than three values, or where all are equal.

    References
    ----------
    Filliben 1975, doi:10.1080/00401706.1975.10489279 (with other plotting positions).

    Examples
    --------
    >>> quantile_correlation(np.array([-1.0, 0.0, 1.0])) > 0.999
    True
    """
    n = values.size
    if n < 3 or np.ptp(values) == 0.0:
        return None
    quantiles = special.ndtri(np.arange(1, n + 1) / (n + 1.0))
    return float(np.corrcoef(np.sort(values), quantiles)[0, 1])


def _rest(columns: Floats, value: Floats) -> Floats:
    return np.asarray(value - columns @ np.linalg.lstsq(columns, value, rcond=None)[0])
