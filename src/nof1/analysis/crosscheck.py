"""The same numbers from statsmodels and pingouin, beside ours: for a reader who trusts a common tool more.

statsmodels fits the same random-intercept model, but tests with z and as few periods as here that is far too
liberal; so estimate, variances and likelihood are compared, not the p. Of the daily model it repeats the
generalised least squares at the autocorrelation that was found here. It looks at the residuals as well.
pingouin repeats the paired test, the equivalence test, the effect sizes and the Bayes factor on block differences,
the chance of superiority, and the corrections for several comparisons.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.bayes_factor import bayes_factor
from nof1.analysis.contrasts import ContrastLike, contrast_weights, moving
from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.design import fixed_effects, usable_trend
from nof1.analysis.effect_sizes import effect_sizes, hedges_factor
from nof1.analysis.equivalence import equivalence_test
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.multiplicity import adjust_p_values
from nof1.analysis.observed import Observed, observe
from nof1.analysis.paired_blocks import block_differences, fit_paired_blocks
from nof1.analysis.residual_checks import ljung_box, quantile_correlation, whitened

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from nof1.analysis.trend import Trend

TOLERANCE = 0.03
"""Relative difference up to which standard errors agree: statsmodels takes them from the joint Hessian."""
MOST_LAGS = 7


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What all programs get."""

    frame: pd.DataFrame
    observed: Observed
    contrast: dict[str, float]
    trend: Trend | None
    sesoi: float | None
    p_values: tuple[float | None, ...]
    is_daily: bool


def crosscheck(
    frame: pd.DataFrame,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    sesoi: float | None = None,
    *,
    is_daily: bool = False,
    p_values: Sequence[float | None] = (),
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
    p_values : sequence of (float or None), optional
        Those of all comparisons of the plan, to be adjusted.

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
    case = _Case(
        frame=frame,
        observed=observe(frame, wanted),
        contrast=wanted,
        trend=trend,
        sesoi=sesoi,
        p_values=tuple(p_values),
        is_daily=is_daily,
    )
    checks: list[Check] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both programs warn where the variance is 0, which we flag ourselves
        for group in (_daily_model if is_daily else _mixed_model, _residuals, _pairs, _overlap, _family):
            try:
                checks += group(case)
            except Exception as error:  # noqa: BLE001  (a check must not cost the report)
                note = f"{type(error).__name__}: {error}"
                tool = "statsmodels" if group in {_daily_model, _mixed_model, _residuals} else "pingouin"
                checks.append(_nothing(group.__name__.strip("_").replace("_", " "), tool, note))
    return tuple(checks)


def _mixed_model(case: _Case) -> list[Check]:
    observed, trend = case.observed, case.trend
    tool = "statsmodels"
    ours = fit_mixed_model(case.frame, case.contrast, trend)
    weights = observed.weights(case.contrast)
    day, period = ours.details.get("day_variance"), ours.details.get("period_variance")
    if weights is None or ours.estimate is None or day is None or period is None or trend == "exp":
        return [_nothing("estimate", tool, "there is no mixed model to compare with", ours.estimate)]
    design = fixed_effects(observed, weights, usable_trend(observed, trend)[0])
    if design is None:
        return []
    from statsmodels.regression.mixed_linear_model import MixedLM  # noqa: PLC0415  (1.3 s to import)

    model = MixedLM(observed.value, design.columns, groups=observed.period)
    fit = model.fit(reml=True, method="powell")
    coefficients = np.asarray(fit.fe_params, dtype=np.float64)
    if np.any(np.abs(coefficients) < 1e-12 * max(1.0, observed.spread)):
        return [_nothing("estimate", tool, "a coefficient of exactly 0: its optimiser failed", ours.estimate)]
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


def _daily_model(case: _Case) -> list[Check]:
    observed, trend = case.observed, case.trend
    tool = "statsmodels"
    ours = fit_daily_model(case.frame, case.contrast, trend)
    weights, rho = observed.weights(case.contrast), ours.details.get("rho")
    plain_se, variance = ours.details.get("plain_se"), ours.details.get("day_variance")
    if weights is None or rho is None or plain_se is None or variance is None or trend == "exp":
        return [_nothing("estimate", tool, "there is no daily model to compare with", ours.estimate)]
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


def _residuals(case: _Case) -> list[Check]:
    """Compare what is said of the residuals: neighbours, and the normal quantile plot."""
    values = whitened(case.frame, case.contrast, case.trend, is_daily=case.is_daily)
    lags = min(MOST_LAGS, 0 if values is None else values.size // 4)
    if values is None or lags < 1 or np.ptp(values) == 0.0:
        return [_nothing("residuals", "statsmodels", "there are no residuals to look at")]
    from statsmodels.graphics.gofplots import ProbPlot  # noqa: PLC0415  (1.3 s to import)
    from statsmodels.stats.diagnostic import acorr_ljungbox  # noqa: PLC0415

    table = acorr_ljungbox(values, lags=[lags])
    statistic, p = ljung_box(values, lags)
    plot = ProbPlot(values)
    theirs = float(np.corrcoef(plot.theoretical_quantiles, plot.sample_quantiles)[0, 1])
    return [
        _check(
            f"Ljung–Box of {lags} lags", "statsmodels", statistic, _cell(table, "lb_stat"), 1e-6 * statistic
        ),
        _check("Ljung–Box p", "statsmodels", p, _cell(table, "lb_pvalue"), 1e-6),
        _check("quantile plot, correlation", "statsmodels", quantile_correlation(values), theirs, 1e-6),
    ]


def _pairs(case: _Case) -> list[Check]:
    tool = "pingouin"
    has_blocks = case.observed.block is not None
    differences = block_differences(case.observed, case.contrast) if has_blocks else np.empty(0)
    ours = fit_paired_blocks(case.frame, case.contrast)
    n = differences.size
    if ours.p_value is None or ours.statistic is None or n < 3:
        return [
            _nothing("paired t of block differences", tool, "there are no block differences to compare with")
        ]
    import pingouin  # noqa: PLC0415  (2 s to import)

    table = pingouin.ttest(differences, 0.0)
    size = abs(float(differences.mean()) / float(differences.std(ddof=1)))
    hedges = abs(float(pingouin.compute_effsize(differences, 0.0, eftype="hedges")))
    factor = _cell(table, "BF10")
    checks = [
        _check(
            "paired t of block differences",
            tool,
            ours.statistic,
            _cell(table, "T"),
            1e-6 * abs(ours.statistic),
        ),
        _check("paired p of block differences", tool, ours.p_value, _cell(table, "p_val", "p-val"), 1e-6),
        _check(
            "effect size of differences", tool, size, _cell(table, "cohen_d", "cohen-d"), 1e-3
        ),  # it rounds
        _check(
            "effect size of differences, small sample",
            tool,
            size * hedges_factor(n - 1.0),
            hedges,
            0.02 * hedges,
        ),  # it approximates
        _check(
            "Bayes factor of block differences",
            tool,
            bayes_factor(ours.statistic, n),
            factor,
            0.005 + 1e-3 * factor,
        ),
    ]
    if case.sesoi is not None:
        mine = equivalence_test(ours, low=-case.sesoi, high=case.sesoi).p_value
        theirs = _cell(pingouin.tost(differences, 0.0, bound=case.sesoi), "p_val", "pval")
        checks.append(_check("equivalence p", tool, mine, theirs, 1e-3))
    return checks


def _overlap(case: _Case) -> list[Check]:
    """Compare the chance that a day of the first condition lies above one of the second."""
    ours = effect_sizes(case.frame, case.contrast, fit_mixed_model(case.frame, case.contrast, case.trend)).nap
    if ours is None:
        return []
    import pingouin  # noqa: PLC0415  (2 s to import)

    codes = sorted(moving(case.contrast), key=lambda code: -case.contrast[code])
    first, second = (
        case.observed.value[case.observed.condition == case.observed.conditions.index(code)] for code in codes
    )
    return [
        _check("chance of superiority", "pingouin", ours, _cell(pingouin.mwu(first, second), "CLES"), 1e-9)
    ]


def _family(case: _Case) -> list[Check]:
    """Compare the correction for several comparisons; of all p-values the one that differs most is told."""
    held = [p for p in case.p_values if p is not None]
    if len(held) < 2:
        return []
    import pingouin  # noqa: PLC0415  (2 s to import)

    checks = []
    for name, ours_by, theirs_by in (("Holm p", "holm", "holm"), ("Benjamini–Hochberg p", "bh", "fdr_bh")):
        ours = np.array(adjust_p_values(held, method=ours_by), dtype=np.float64)  # type: ignore[arg-type]
        theirs = np.asarray(pingouin.multicomp(held, method=theirs_by)[1], dtype=np.float64)
        worst = int(np.argmax(np.abs(ours - theirs)))
        checks.append(_check(name, "pingouin", float(ours[worst]), float(theirs[worst]), 1e-9))
    return checks


def _nothing(name: str, tool: str, note: str, ours: float | None = None) -> Check:
    return Check(name=name, tool=tool, ours=ours, theirs=None, agrees=None, note=note)


def _cell(table: pd.DataFrame, *names: str) -> float:
    """Read a cell whose column has had several names."""
    name = next(name for name in names if name in table.columns)
    return float(np.asarray(table[name])[0])


def _check(name: str, tool: str, ours: float | None, theirs: float, tolerance: float) -> Check:
    agrees = None if ours is None or not math.isfinite(theirs) else abs(ours - theirs) <= tolerance
    return Check(name=name, tool=tool, ours=ours, theirs=theirs, agrees=agrees)
