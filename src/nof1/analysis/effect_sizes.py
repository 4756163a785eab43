"""Effects without a unit, for readers who compare trials; the effect in its own unit always comes first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from nof1.analysis.contrasts import ContrastLike, contrast_weights, moving
from nof1.analysis.observed import Observed, observe
from nof1.analysis.paired_blocks import block_differences
from nof1.analysis.result import EffectSizes, Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from nof1.analysis.meaning import Scale
    from nof1.analysis.trend import Floats


def effect_sizes(
    frame: pd.DataFrame, contrast: ContrastLike, estimate: Estimate, *, scale: Scale = "interval"
) -> EffectSizes:
    """Express an estimate in standard deviations of a day, and as an overlap of the two conditions.

    Parameters
    ----------
    frame : DataFrame
        What the estimate was made from.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    estimate : Estimate
        Of the mixed or the daily model.
    scale : {"ratio", "count", "ordinal", "interval"}
        Of the score: only what can be twice as much has a log response ratio.

    Returns
    -------
    EffectSizes
        `d_within` divides by the root of the mean variance within periods, for one-day periods by the
        model's standard deviation of a day; None where the scores do not vary or the estimate is missing.
        `nap` for pairs only, and without an interval: the usual ones are for independent days.

    References
    ----------
    Hedges 1981, doi:10.3102/10769986006002107. Parker and Vannest 2009, doi:10.1016/j.beth.2008.10.006.
    Pustejovsky 2018, doi:10.1016/j.jsp.2018.02.003.
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    sd, df = _day_sd(observed, estimate)
    d = estimate.estimate / sd if estimate.estimate is not None and sd else None
    differences = block_differences(observed, wanted) if observed.block is not None else np.empty(0)
    spread = float(differences.std(ddof=1)) if differences.size > 1 else 0.0
    pair = _pair(observed, wanted)
    ratio = None
    if pair is not None and scale in {"ratio", "count"}:
        means = observed.period_mean(observed.value)
        ratio = log_response_ratio(*(means[observed.period_condition == code] for code in pair))
    return EffectSizes(
        d_within=d,
        g_within=None if d is None or df <= 1 else d * hedges_factor(df),
        d_z=float(differences.mean()) / spread
        if spread > 1e-12 * np.abs(differences).max(initial=0)
        else None,
        nap=None
        if pair is None
        else nonoverlap(*(observed.value[observed.condition == code] for code in pair)),
        log_response_ratio=None if ratio is None else ratio[0],
        log_response_ratio_se=None if ratio is None else ratio[1],
    )


def hedges_factor(df: float) -> float:
    """Return what a standardized mean difference must be multiplied by to be unbiased in small samples.

    Parameters
    ----------
    df : float
        Degrees of freedom of the standard deviation, above 1.

    Returns
    -------
    float
        Gamma(df / 2) / (sqrt(df / 2) Gamma((df - 1) / 2)).

    References
    ----------
    Hedges 1981, doi:10.3102/10769986006002107.

    Examples
    --------
    >>> round(hedges_factor(10), 4)
    0.9227
    """
    return math.exp(float(special.gammaln(df / 2.0) - special.gammaln((df - 1.0) / 2.0))) / math.sqrt(
        df / 2.0
    )


def nonoverlap(first: Floats, second: Floats) -> float:
    """Return the chance that a value of the first kind exceeds one of the second, ties by half.

    Parameters
    ----------
    first, second : ndarray
        Values, at least one of each.

    Returns
    -------
    float
        0 to 1; 0.5 means that neither tends to be larger.

    Examples
    --------
    >>> nonoverlap(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    0.875
    """
    above = first[:, None] - second[None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def log_response_ratio(first: Floats, second: Floats) -> tuple[float, float] | None:
    """Return the logarithm of the ratio of two means, corrected for small numbers, and its standard error.

    Parameters
    ----------
    first, second : ndarray
        Means of periods: they, not days, are independent of each other.

    Returns
    -------
    tuple of (float, float), or None
        ln(m1 / m2) + s1^2 / (2 n1 m1^2) - s2^2 / (2 n2 m2^2), and the root of s1^2 / (n1 m1^2) + s2^2 / (n2 m2^2);
        None for fewer than two means, or means that are not positive.

    References
    ----------
    Pustejovsky 2018, doi:10.1016/j.jsp.2018.02.003.

    Examples
    --------
    >>> size, se = log_response_ratio(np.array([300.0, 320.0, 310.0]), np.array([280.0, 290.0, 270.0]))
    >>> round(size, 4), round(se, 4)
    (0.1017, 0.0278)
    """
    if min(first.size, second.size) < 2 or min(first.mean(), second.mean()) <= 0.0:
        return None
    own, other = (float(side.var(ddof=1) / side.size / side.mean() ** 2) for side in (first, second))
    size = math.log(float(first.mean() / second.mean())) + (own - other) / 2.0
    return size, math.sqrt(own + other)


def _day_sd(observed: Observed, estimate: Estimate) -> tuple[float, float]:
    """Return the standard deviation of a day and its degrees of freedom."""
    n = observed.value.size
    if estimate.method == "daily_model":
        variance = estimate.details.get("day_variance")
        return (math.sqrt(variance) if variance else 0.0), n - len(observed.conditions)
    held = [observed.value[observed.period == period] for period in range(observed.n_periods)]
    variances = [float(values.var(ddof=1)) for values in held if values.size > 1]
    return (math.sqrt(np.mean(variances)) if variances else 0.0), n - observed.n_periods


def _pair(observed: Observed, contrast: Mapping[str, float]) -> tuple[int, int] | None:
    """Return the places of two conditions that are compared, if there are just two and both have scores."""
    codes = sorted(moving(contrast), key=lambda code: -contrast[code])
    if len(codes) != 2 or any(code not in observed.conditions for code in codes):
        return None
    first, second = (observed.conditions.index(code) for code in codes)
    return first, second
