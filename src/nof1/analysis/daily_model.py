"""The primary analysis of trials with one-day periods: day means with AR(1) errors over the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from nof1.analysis.autoregression import DailyFit, fit_autoregression
from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.design import Design, fixed_effects, practice_change, usable_trend
from nof1.analysis.estimation import DESCRIPTION_ONLY, Estimation, explains_everything
from nof1.analysis.fewest import FEWEST_DAYS, FEWEST_DAYS_OF_A_CONDITION
from nof1.analysis.flags import merged
from nof1.analysis.kenward_roger import adjusted, degrees_of_freedom, variance_of_parameters
from nof1.analysis.least_squares import least_squares
from nof1.analysis.observed import Observed, observe
from nof1.analysis.result import Estimate
from nof1.analysis.trend import Floats, Trend, time_constants

if TYPE_CHECKING:
    from collections.abc import Sequence

METHOD = "daily_model"


def fit_daily_model(
    frame: pd.DataFrame,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    carry_over: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Fit ``day mean ~ condition + trend(session)`` with AR(1) errors over calendar days and test a contrast.

    With one day a period nothing tells the variance of a period from that of a day; what is left is that
    neighbouring days resemble each other. Designs that alternate quickly gain from it. The standard error
    and the degrees of freedom are those of Kenward and Roger without the term of second derivatives.

    Parameters
    ----------
    frame : DataFrame
        Columns session, period, condition, value (NaN = missing), day. Several scores of a day are averaged.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights of the conditions.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term.
    carry_over : bool
        Adds yesterday's condition, as a sensitivity analysis.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Without p below 12 days, or 5 days of a condition of the contrast. `details` has the correlation,
        the variance of a day, and the number of days.

    Raises
    ------
    ValueError
        If the frame or the contrast cannot be meant, or two conditions share a day.

    References
    ----------
    Kenward and Roger 1997, doi:10.2307/2533558.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"session": range(1, 17), "period": range(1, 17), "day": range(1, 17),
    ...     "condition": ["on", "off", "off", "on"] * 4,
    ...     "value": [5, 4, 5, 7, 6, 4, 3, 5, 5, 4, 4, 6, 5, 2, 3, 5]})
    >>> result = fit_daily_model(frame, trend=None)
    >>> round(result.estimate, 2), result.p_value < 0.01
    (1.86, True)
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    if observed.value.size != np.unique(observed.day).size:
        raise ValueError("frame: two conditions or periods share a day; a daily design has one a day")
    estimation = Estimation(observed=observed, method=METHOD, level=level)
    weights = estimation.weights(wanted)
    if isinstance(weights, Estimate):
        return weights
    trend, flags = usable_trend(observed, trend)
    extra = yesterday(frame, observed, wanted) if carry_over else None
    designs = [fixed_effects(observed, weights, trend, constant, extra) for constant in time_constants(trend)]
    return fit_daily_designs(estimation, weights, designs, flags=flags)


def fit_daily_designs(
    estimation: Estimation, weights: Floats, designs: Sequence[Design | None], *, flags: tuple[str, ...]
) -> Estimate:
    """Fit each of several designs by REML with AR(1) errors over the calendar, and test the contrast in the best.

    Parameters
    ----------
    estimation : Estimation
        What the result carries.
    weights : ndarray of shape (k,)
        The contrast, one weight per condition of the data.
    designs : sequence of (Design or None)
        One per time constant; None where the contrast cannot be told from the trend.
    flags : tuple of str
        What is known before the fit.

    Returns
    -------
    Estimate
        As `fit_daily_model` gives it.
    """
    observed = estimation.observed
    found = [design for design in designs if design is not None]
    if not found:
        note = "the trend cannot be told from the contrast"
        return estimation.described((*flags, "not_estimable"), note=note)
    flags = merged(flags, too_few_days(observed, weights))
    if DESCRIPTION_ONLY.intersection(flags):
        return least_squares(estimation, found[0], observed.value, flags=flags)
    if all(explains_everything(design.columns, observed.value) for design in found):
        return estimation.exact(found[0], flags)
    value = (observed.value - observed.value.mean()) / observed.spread
    fits = [(fit_autoregression(design.columns, value, observed.day), design) for design in found]
    # Columns differ in length from one time constant to the next; the determinant takes that out.
    fit, design = min(
        fits, key=lambda pair: pair[0].deviance - np.linalg.slogdet(pair[1].columns.T @ pair[1].columns)[1]
    )
    return _tested(estimation, fit, design, flags=flags, searched=int(len(designs) > 1))


def _tested(
    estimation: Estimation, fit: DailyFit, design: Design, *, flags: tuple[str, ...], searched: int
) -> Estimate:
    observed, weights = estimation.observed, design.weights
    scale = observed.spread
    estimate = scale * float(weights @ fit.coefficients)
    if fit.rho < -0.93 or fit.rho > 0.97:
        flags = merged(flags, ("autocorrelation_at_bound",))
    if fit.rho < -0.2:
        flags = merged(flags, ("negative_autocorrelation",))
    variance = variance_of_parameters(fit.phi, fit.p, fit.q, fit.traces)
    df = np.nan if variance is None else degrees_of_freedom(weights, fit.phi, fit.p, variance) - searched
    if variance is None or not np.isfinite(df) or df < 2.0:
        flags = merged(flags, ("fallback_ols",))
        return least_squares(estimation, design, observed.value, flags=flags, searched=searched)
    plain = float(weights @ fit.phi @ weights)
    covariance = adjusted(fit.phi, fit.p, fit.q, variance)
    widened = float(weights @ covariance @ weights)
    details: dict[str, float | None] = {
        "rho": fit.rho,
        "day_variance": scale**2 * fit.variance,
        "n_days": float(observed.value.size),
        "plain_se": scale * float(np.sqrt(plain)),
    }
    details |= practice_change(design, fit.coefficients, covariance, scale)
    details |= _satterthwaite(scale * float(np.sqrt(plain)), df, estimate)
    se = scale * float(np.sqrt(max(plain, widened)))
    return estimation.tested(estimate, se, df, flags=flags, details=details)


def _satterthwaite(se: float, df: float, estimate: float) -> dict[str, float | None]:
    """Return Satterthwaite's test, with the same degrees of freedom and the standard error as it is."""
    p_value = float(2.0 * special.stdtr(df, -abs(estimate / se))) if se > 0.0 else None
    return {"satterthwaite_se": se, "satterthwaite_df": df, "satterthwaite_p": p_value}


def too_few_days(observed: Observed, weights: Floats) -> tuple[str, ...]:
    """Return the flag of data that are too few for the daily model.

    Parameters
    ----------
    observed : Observed
        The data.
    weights : ndarray of shape (k,)
        The contrast, in the order of `observed.conditions`.

    Returns
    -------
    tuple of str
        Empty where a test may be made.
    """
    days = np.bincount(observed.condition, minlength=len(observed.conditions))
    fewest = int(days[np.flatnonzero(weights)].min())
    if observed.value.size < FEWEST_DAYS or fewest < FEWEST_DAYS_OF_A_CONDITION:
        return ("too_few_days",)
    return ()


def yesterday(frame: pd.DataFrame, observed: Observed, contrast: dict[str, float]) -> Floats:
    """Return the weight of the condition of the calendar day before, the mean weight where that is unknown.

    Parameters
    ----------
    frame : DataFrame
        With the rows of days whose score is missing, whose condition is known all the same.
    observed : Observed
        The data.
    contrast : dict of str to float
        Weights of the conditions.

    Returns
    -------
    ndarray of shape (n,)
        One entry per day of `observed`.
    """
    days = frame["day"] if "day" in frame.columns and frame["day"].notna().any() else frame["session"]
    taken = {
        int(day): contrast.get(str(code), 0.0)
        for day, code in zip(days, frame["condition"], strict=True)
        if pd.notna(code)
    }
    known = np.array([taken.get(int(day) - 1, np.nan) for day in observed.day])
    mean = float(np.mean([contrast.get(observed.conditions[c], 0.0) for c in observed.condition]))
    return np.where(np.isnan(known), mean, known)
