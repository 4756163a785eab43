"""The primary analysis of trials with periods: a random-intercept model by REML with Kenward-Roger tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.design import Design, fixed_effects, practice_change, usable_trend
from nof1.analysis.estimation import Estimation, explains_everything, too_few, varies_within
from nof1.analysis.flags import merged
from nof1.analysis.kenward_roger import adjusted, degrees_of_freedom, variance_of_parameters
from nof1.analysis.least_squares import least_squares
from nof1.analysis.observed import observe
from nof1.analysis.reml import MixedFit, fit_variances
from nof1.analysis.result import Estimate
from nof1.analysis.strata import stratify
from nof1.analysis.trend import Floats, Trend, time_constants

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


METHOD = "mixed_model"


def fit_mixed_model(
    frame: pd.DataFrame,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    block_effect: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Fit ``value ~ condition + trend(session) + (1 | period)`` and test a contrast.

    The condition is given to periods, not to days: the random intercept makes the period the unit. The
    standard error and the degrees of freedom are those of Kenward and Roger, which hold their level with
    few periods, with missing days, and where the variance between periods is estimated as 0.

    Parameters
    ----------
    frame : DataFrame
        Columns session, period, condition, value (NaN = missing), day and block where known. Several
        scores of a day are averaged.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights of the conditions.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term. ``exp`` looks for its time constant by REML and costs one degree of freedom.
    block_effect : bool
        Adds ``(1 | block)``.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Missing scores are left out (valid if missing at random given condition, session and period).
        Without three complete sets of periods, or with a condition in one period only, there is an
        estimate but no p. `details` has the variances, and Satterthwaite's test beside it.

    Raises
    ------
    ValueError
        If the frame or the contrast cannot be meant.

    References
    ----------
    Kenward and Roger 1997, doi:10.2307/2533558. Luke 2017, doi:10.3758/s13428-016-0809-y.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"session": range(1, 13), "period": [1 + i // 2 for i in range(12)],
    ...     "condition": ["on", "on", "off", "off"] * 3, "value": [5, 6, 4, 5, 7, 7, 4, 6, 7, 5, 5, 4]})
    >>> result = fit_mixed_model(frame, contrast=("on", "off"), trend=None)
    >>> round(result.estimate, 3), round(result.df, 3), round(result.p_value, 3)
    (1.5, 4.0, 0.045)
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    estimation = Estimation(observed=observed, method=METHOD, level=level)
    weights = estimation.weights(wanted)
    if isinstance(weights, Estimate):
        return weights
    trend, flags = usable_trend(observed, trend)
    designs = [fixed_effects(observed, weights, trend, constant) for constant in time_constants(trend)]
    return fit_period_designs(estimation, weights, designs, flags=flags, block_effect=block_effect)


def fit_period_designs(
    estimation: Estimation,
    weights: Floats,
    designs: Sequence[Design | None],
    *,
    flags: tuple[str, ...],
    block_effect: bool,
) -> Estimate:
    """Fit each of several designs by REML with an intercept for each period, and test the contrast in the best.

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
    block_effect : bool
        Adds ``(1 | block)``.

    Returns
    -------
    Estimate
        As `fit_mixed_model` gives it.
    """
    observed = estimation.observed
    found = [design for design in designs if design is not None]
    if not found:
        note = "the trend cannot be told from the contrast"
        return estimation.described((*flags, "not_estimable"), note=note)
    if observed.n_periods == observed.value.size:
        # Least squares: with one value per period the two variances are one.
        flags = merged(flags, ("day_variance_unidentified",), too_few(observed, weights))
        return least_squares(estimation, found[0], observed.value, flags=flags)
    if all(explains_everything(design.columns, observed.value) for design in found):
        return estimation.exact(found[0], flags)
    if not varies_within(observed, found[0]):
        # Nothing is left of the days but the means of the periods.
        flags = merged(flags, ("fallback_ols",), too_few(observed, weights))
        means = observed.period_mean(observed.value)
        return least_squares(estimation, found[0].averaged(observed), means, flags=flags)
    block = observed.block if block_effect else None
    scale = observed.spread
    value = (observed.value - observed.value.mean()) / scale
    fits = [
        (fit_variances(stratify(d.columns, value, observed.period, block), with_blocks=block is not None), d)
        for d in found
    ]
    # Columns differ in length from one time constant to the next; the determinant takes that out.
    fit, design = min(
        fits, key=lambda pair: pair[0].deviance - np.linalg.slogdet(pair[1].columns.T @ pair[1].columns)[1]
    )
    return _tested(estimation, fit, design, flags=flags, searched=float(len(designs) > 1))


def _tested(
    estimation: Estimation, fit: MixedFit, design: Design, *, flags: tuple[str, ...], searched: float
) -> Estimate:
    observed, weights = estimation.observed, design.weights
    scale = observed.spread
    estimate = scale * float(weights @ fit.coefficients)
    details: dict[str, float | None] = {
        "day_variance": scale**2 * float(fit.variances[0]),
        "period_variance": scale**2 * float(fit.variances[1]),
    }
    if fit.variances[1] == 0.0:
        flags = merged(flags, ("singular",))
    if fit.n_terms > 2:
        details["block_variance"] = scale**2 * float(fit.variances[2])
        if fit.variances[2] == 0.0:
            flags = merged(flags, ("block_variance_zero",))
    few = too_few(observed, weights)
    if few:
        return estimation.described(merged(flags, few), estimate=estimate)
    variance = variance_of_parameters(fit.phi, fit.p, fit.q, fit.traces)
    if variance is None:
        return estimation.described(merged(flags, ("not_estimable",)), estimate=estimate)
    covariance = adjusted(fit.phi, fit.p, fit.q, variance)
    se = scale * float(np.sqrt(weights @ covariance @ weights))
    df = degrees_of_freedom(weights, fit.phi, fit.p, variance) - searched
    details |= practice_change(design, fit.coefficients, covariance, scale)
    details |= _satterthwaite(fit, weights, observed.value.size, estimate / scale, scale)
    return estimation.tested(estimate, se, df, flags=flags, details=details)


def _satterthwaite(
    fit: MixedFit, weights: Floats, n: int, effect: float, scale: float
) -> dict[str, float | None]:
    """Return Satterthwaite's test; variances at 0 leave the model, as in lmerTest."""
    se = float(np.sqrt(weights @ fit.phi @ weights))
    kept = [i for i in range(fit.n_terms) if fit.variances[i] > 0.0]
    df: float | None = float(n - weights.size)
    if len(kept) > 1:
        size = np.outer(fit.variances[kept], fit.variances[kept])
        information = fit.observed[np.ix_(kept, kept)] * size
        df = None
        if np.linalg.eigvalsh(information)[0] > 0.0:
            df = degrees_of_freedom(weights, fit.phi, fit.p[kept], np.linalg.inv(information) * size)
    p_value = None if df is None else float(2.0 * special.stdtr(df, -abs(effect / se)))
    return {"satterthwaite_se": scale * se, "satterthwaite_df": df, "satterthwaite_p": p_value}
