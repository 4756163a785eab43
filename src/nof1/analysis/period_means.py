"""Summary measures: one mean a period, and least squares on these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.design import fixed_effects, usable_trend
from nof1.analysis.estimation import Estimation, too_few
from nof1.analysis.flags import merged
from nof1.analysis.least_squares import least_squares
from nof1.analysis.observed import estimable, observe
from nof1.analysis.result import Estimate
from nof1.analysis.trend import Trend, time_constants

if TYPE_CHECKING:
    import pandas as pd


METHOD = "period_means"


def fit_period_means(
    frame: pd.DataFrame,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    level: float = 0.95,
) -> Estimate:
    """Fit ``mean of the period ~ condition + mean trend`` by least squares, t on P - p degrees of freedom.

    The period is the unit of randomization, so one number per period is all that a test needs. Every
    period counts alike, however many days of it are there: weights by days make the test liberal where
    many are missing. With one day a period this is the plain analysis of days.

    Parameters
    ----------
    frame : DataFrame
        Columns session, period, condition, value (NaN = missing), day and block where known.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights of the conditions.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term, averaged over the days of each period.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Periods without a score drop out.

    Raises
    ------
    ValueError
        If the frame or the contrast cannot be meant.

    References
    ----------
    Chen and Chen 2014, doi:10.1371/journal.pone.0087752. Senn 2024, doi:10.1186/s13063-024-07964-7.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"session": range(1, 7), "period": range(1, 7),
    ...     "condition": ["on", "off"] * 3, "value": [5, 4, 7, 5, 6, 3]})
    >>> fit_period_means(frame, trend=None).df
    4.0
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    estimation = Estimation(observed=observed, method=METHOD, level=level)
    weights = estimation.weights(wanted)
    if isinstance(weights, Estimate):
        return weights
    trend, flags = usable_trend(observed, trend)
    designs = [fixed_effects(observed, weights, trend, constant) for constant in time_constants(trend)]
    averaged = [design.averaged(observed) for design in designs if design is not None]
    averaged = [design for design in averaged if estimable(design.columns, design.weights)]
    if not averaged:
        note = "the trend cannot be told from the contrast"
        return estimation.described((*flags, "not_estimable"), note=note)
    value = observed.period_mean(observed.value)
    fits = [np.linalg.lstsq(design.columns, value, rcond=None) for design in averaged]
    rests = [
        float(np.sum((value - design.columns @ fit[0]) ** 2))
        for design, fit in zip(averaged, fits, strict=True)
    ]
    best = averaged[int(np.argmin(rests))]
    flags = merged(flags, too_few(observed, weights))
    return least_squares(estimation, best, value, flags=flags, searched=int(len(designs) > 1))
