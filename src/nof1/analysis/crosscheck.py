"""The same numbers from statsmodels and pingouin, beside ours: for a reader who trusts a common tool more.

statsmodels fits the same random-intercept model, but tests with z and as few periods as here that is far too
liberal; so estimate, variances and likelihood are compared, not the p. Of the daily model it repeats the
generalised least squares at the autocorrelation that was found here. pingouin repeats the equivalence test
and the effect size on block differences.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.design import fixed_effects, usable_trend
from nof1.analysis.equivalence import equivalence_test
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.observed import Observed, observe
from nof1.analysis.paired_blocks import block_differences, fit_paired_blocks

if TYPE_CHECKING:
    import pandas as pd

    from nof1.analysis.trend import Trend

TOLERANCE = 0.03
"""Relative difference up to which standard errors agree: statsmodels takes them from the joint Hessian."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One number, computed twice.

    Attributes
    ----------
    name, tool : str
        What, and by which other program.
    ours, theirs : float or None
        The two values; None where one could not be had.
    agrees : bool or None
        None where there is nothing to compare.
    note : str
        Why there is nothing to compare, or what the other program said.
    """

    name: str
    tool: str
    ours: float | None
    theirs: float | None
    agrees: bool | None
    note: str = ""


def crosscheck(
    frame: pd.DataFrame,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    sesoi: float | None = None,
    *,
    is_daily: bool = False,
) -> tuple[Check, ...]:
    """Compute what other programs can compute of an analysis, and compare.

    Parameters
    ----------
    frame : DataFrame
        As for `fit_mixed_model`.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    trend : {"log", "linear", "spline"} or None
        Practice term; for ``exp`` the other programs have no search of the time constant.
    sesoi : float, optional
        Smallest effect size of interest [unit].
    is_daily : bool
        Compare the daily model: statsmodels then fits generalised least squares at the correlation that was found.

    Returns
    -------
    tuple of Check
        A program that fails or is not installed is told in `note`; it never stops the report.

    References
    ----------
    statsmodels issue 10239: with its default optimiser the effect may come out as exactly 0 and
    "converged"; hence Powell's method here, and a coefficient of exactly 0 counts as a failure.
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    checks: list[Check] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both programs warn where the variance is 0, which we flag ourselves
        for group in (_daily_model if is_daily else _mixed_model, _pairs):
            try:
                checks += group(frame, observed, wanted, trend, sesoi)
            except Exception as error:  # noqa: BLE001  (a check must not cost the report)
                note = f"{type(error).__name__}: {error}"
                checks.append(
                    Check(
                        name="all",
                        tool=group.__name__.strip("_"),
                        ours=None,
                        theirs=None,
                        agrees=None,
                        note=note,
                    )
                )
    return tuple(checks)


def _mixed_model(
    frame: pd.DataFrame,
    observed: Observed,
    contrast: dict[str, float],
    trend: Trend | None,
    sesoi: float | None,  # noqa: ARG001  (one signature for all groups)
) -> list[Check]:
    tool = "statsmodels"
    ours = fit_mixed_model(frame, contrast, trend)
    weights = observed.weights(contrast)
    day, period = ours.details.get("day_variance"), ours.details.get("period_variance")
    if weights is None or ours.estimate is None or day is None or period is None or trend == "exp":
        note = "there is no mixed model to compare with"
        return [Check(name="estimate", tool=tool, ours=ours.estimate, theirs=None, agrees=None, note=note)]
    design = fixed_effects(observed, weights, usable_trend(observed, trend)[0])
    if design is None:
        return []
    from statsmodels.regression.mixed_linear_model import MixedLM  # noqa: PLC0415  (1.3 s to import)

    model = MixedLM(observed.value, design.columns, groups=observed.period)
    fit = model.fit(reml=True, method="powell")
    coefficients = np.asarray(fit.fe_params, dtype=np.float64)
    if np.any(np.abs(coefficients) < 1e-12 * max(1.0, observed.spread)):
        note = "a coefficient of exactly 0: its optimiser failed"
        return [Check(name="estimate", tool=tool, ours=ours.estimate, theirs=None, agrees=None, note=note)]
    p = design.weights.size
    covariance = np.asarray(fit.cov_params(), dtype=np.float64)[:p, :p]
    se = float(np.sqrt(design.weights @ covariance @ design.weights))
    plain_se = ours.details.get("satterthwaite_se")
    theirs = float(design.weights @ coefficients)
    theirs_day, theirs_period = float(fit.scale), float(np.asarray(fit.cov_re)[0, 0])
    return [
        _check("estimate", tool, ours.estimate, theirs, 0.01 * (ours.se or observed.spread)),
        _check("standard error, not adjusted", tool, plain_se, se, TOLERANCE * se),
        _check("variance of a day", tool, day, theirs_day, 2.0 * TOLERANCE * day),
        _check("variance between periods", tool, period, theirs_period, 2.0 * TOLERANCE * (day + period)),
    ]


def _daily_model(
    frame: pd.DataFrame,
    observed: Observed,
    contrast: dict[str, float],
    trend: Trend | None,
    sesoi: float | None,  # noqa: ARG001  (one signature for all groups)
) -> list[Check]:
    tool = "statsmodels"
    ours = fit_daily_model(frame, contrast, trend)
    weights, rho = observed.weights(contrast), ours.details.get("rho")
    plain_se, variance = ours.details.get("plain_se"), ours.details.get("day_variance")
    if weights is None or rho is None or plain_se is None or variance is None or trend == "exp":
        note = "there is no daily model to compare with"
        return [Check(name="estimate", tool=tool, ours=ours.estimate, theirs=None, agrees=None, note=note)]
    design = fixed_effects(observed, weights, usable_trend(observed, trend)[0])
    if design is None:
        return []
    from statsmodels.regression.linear_model import GLS  # noqa: PLC0415  (1.3 s to import)

    apart = np.abs(observed.day[:, None] - observed.day[None, :])
    fit = GLS(observed.value, design.columns, sigma=np.power(rho, apart, dtype=np.float64)).fit()
    theirs = float(design.weights @ np.asarray(fit.params, dtype=np.float64))
    covariance = np.asarray(fit.cov_params(), dtype=np.float64)
    se = float(np.sqrt(design.weights @ covariance @ design.weights))
    given = f" (GLS at ρ = {rho:.2f})"
    return [
        _check(f"estimate{given}", tool, ours.estimate, theirs, 1e-6 * se),
        _check(f"standard error, not adjusted{given}", tool, plain_se, se, 1e-4 * se),
        _check(f"variance of a day{given}", tool, variance, float(fit.scale), 1e-4 * variance),
    ]


def _pairs(
    frame: pd.DataFrame,
    observed: Observed,
    contrast: dict[str, float],
    trend: Trend | None,  # noqa: ARG001  (one signature for all groups)
    sesoi: float | None,
) -> list[Check]:
    tool = "pingouin"
    differences = block_differences(observed, contrast) if observed.block is not None else np.empty(0)
    ours = fit_paired_blocks(frame, contrast)
    if ours.p_value is None or differences.size < 3:
        note = "there are no block differences to compare with"
        return [
            Check(
                name="paired t of block differences",
                tool=tool,
                ours=None,
                theirs=None,
                agrees=None,
                note=note,
            )
        ]
    import pingouin  # noqa: PLC0415  (2 s to import)

    table = pingouin.ttest(differences, 0.0)
    checks = [
        _check(
            "paired t of block differences",
            tool,
            ours.statistic,
            _cell(table, "T"),
            1e-6 * abs(ours.statistic or 1.0),
        ),
        _check("paired p of block differences", tool, ours.p_value, _cell(table, "p_val", "p-val"), 1e-6),
        _check(
            "effect size of differences",
            tool,
            abs(float(differences.mean()) / float(differences.std(ddof=1))),
            _cell(table, "cohen_d", "cohen-d"),
            1e-3,  # it rounds
        ),
    ]
    if sesoi is not None:
        mine = equivalence_test(ours, low=-sesoi, high=sesoi).p_value
        theirs = _cell(pingouin.tost(differences, 0.0, bound=sesoi), "p_val", "pval")
        checks.append(_check("equivalence p", tool, mine, theirs, 1e-3))
    return checks


def _cell(table: pd.DataFrame, *names: str) -> float:
    """Read a cell whose column has had several names."""
    name = next(name for name in names if name in table.columns)
    return float(np.asarray(table[name])[0])


def _check(name: str, tool: str, ours: float | None, theirs: float, tolerance: float) -> Check:
    agrees = None if ours is None or not math.isfinite(theirs) else abs(ours - theirs) <= tolerance
    return Check(name=name, tool=tool, ours=ours, theirs=theirs, agrees=agrees)
