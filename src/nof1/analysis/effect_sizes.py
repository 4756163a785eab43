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

    from nof1.analysis.trend import Floats


def effect_sizes(frame: pd.DataFrame, contrast: ContrastLike, estimate: Estimate) -> EffectSizes:
    """Express an estimate in standard deviations of a day, and as an overlap of the two conditions.

    Parameters
    ----------
    frame : DataFrame
        What the estimate was made from.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    estimate : Estimate
        Of the mixed or the daily model.

    Returns
    -------
    EffectSizes
        `d_within` divides by the root of the mean variance within periods, for one-day periods by the
        model's standard deviation of a day; None where the scores do not vary or the estimate is missing.
        `nap` for pairs only, and without an interval: the usual ones are for independent days.

    References
    ----------
    Hedges 1981, doi:10.3102/10769986006002107. Parker and Vannest 2009, doi:10.1016/j.beth.2008.10.006.
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    sd, df = _day_sd(observed, estimate)
    d = estimate.estimate / sd if estimate.estimate is not None and sd else None
    differences = block_differences(observed, wanted) if observed.block is not None else np.empty(0)
    spread = float(differences.std(ddof=1)) if differences.size > 1 else 0.0
    return EffectSizes(
        d_within=d,
        g_within=None if d is None or df <= 1 else d * hedges_factor(df),
        d_z=float(differences.mean()) / spread
        if spread > 1e-12 * np.abs(differences).max(initial=0)
        else None,
        nap=_non_overlap(observed, wanted),
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


def _day_sd(observed: Observed, estimate: Estimate) -> tuple[float, float]:
    """Return the standard deviation of a day and its degrees of freedom."""
    n = observed.value.size
    if estimate.method == "daily_model":
        variance = estimate.details.get("day_variance")
        return (math.sqrt(variance) if variance else 0.0), n - len(observed.conditions)
    held = [observed.value[observed.period == period] for period in range(observed.n_periods)]
    variances = [float(values.var(ddof=1)) for values in held if values.size > 1]
    return (math.sqrt(np.mean(variances)) if variances else 0.0), n - observed.n_periods


def _non_overlap(observed: Observed, contrast: Mapping[str, float]) -> float | None:
    pair = sorted(moving(contrast), key=lambda code: -contrast[code])
    if len(pair) != 2 or any(code not in observed.conditions for code in pair):
        return None
    first, second = (observed.value[observed.condition == observed.conditions.index(code)] for code in pair)
    return nonoverlap(first, second)
