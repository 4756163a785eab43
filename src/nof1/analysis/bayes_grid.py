"""The answer in probabilities, without simulation: variance parameters on a grid, everything else in closed form.

Given the correlation of neighbouring days and what periods have of their own, the effect under a flat prior
follows a t distribution. A grid over these parameters therefore gives a mixture of t distributions, and a prior on
the effect turns that into the posterior by a quadrature in one dimension. A rerun gives the same digits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.bayes_result import BayesResult, Posterior, PriorName
from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.daily_model import too_few_days
from nof1.analysis.design import fixed_effects, usable_trend
from nof1.analysis.estimation import explains_everything, too_few, varies_within
from nof1.analysis.flags import merged
from nof1.analysis.mixture import Mixture, with_normal_prior
from nof1.analysis.observed import Observed, observe
from nof1.analysis.result import Estimate
from nof1.analysis.serial import serial
from nof1.analysis.trend import Floats, Trend, time_constants

if TYPE_CHECKING:
    import pandas as pd

    from nof1.analysis.design import Design

LOWEST_RHO, HIGHEST_RHO = -0.3, 0.9
"""The prior on the correlation of neighbouring days is uniform between these."""
RATIO_SD: Final = 0.5
WIDE_RATIO_SD: Final = 1.0
"""Scales of the half-normal priors on the standard deviation between periods (and blocks) over that of a day."""
NEGLIGIBLE: Final = 1e-8
"""Points with less than this share of the largest weight are left out."""
_RATIO_POINTS: Final = 48
_BLOCK_POINTS: Final = 16
METHOD = "bayes_grid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What is left of a contrast after integrating over the grid, in the unit of the scores.

    Attributes
    ----------
    mixture : Mixture
        Posterior of the contrast under a flat prior on it.
    rho, ratio : float
        Posterior means of the two variance parameters.
    """

    mixture: Mixture
    rho: float
    ratio: float


def effect_posterior(
    frame: pd.DataFrame,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    effect_sd: float | None = None,
    sesoi: float | None = None,
    better: str = "higher",
    daily: bool = False,
    block_effect: bool = False,
    level: float = 0.95,
) -> BayesResult:
    """Say how probable a benefit is, given the scores and a prior.

    The model is ``score ~ condition + trend(session)`` with an AR(1) over the calendar days of a period and an
    intercept for each period; for one-day periods an AR(1) over all days. Priors: flat on the fixed effects,
    Jeffreys on the variance of a day, uniform from -0.3 to 0.9 on the correlation of neighbouring days, half-normal
    with scale 0.5 on the standard deviation between periods over that of a day, and on the contrast itself normal
    with centre 0 and `effect_sd`.

    Parameters
    ----------
    frame : DataFrame
        As for `fit_mixed_model` or `fit_daily_model`.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights of the conditions.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term; with ``exp`` its time constants are averaged over as well.
    effect_sd : float or None
        Standard deviation of the prior on the contrast [unit]; None: flat.
    sesoi : float or None
        Smallest effect size of interest [unit].
    better : {"higher", "lower"}
        Which direction of the score is a benefit.
    daily : bool
        True for one-day periods.
    block_effect : bool
        Adds an intercept for each block, with the same prior as that of periods.
    level : float
        Of the intervals.

    Returns
    -------
    BayesResult
        Without a posterior where the scores allow a description only, and a flag says why.

    Raises
    ------
    ValueError
        If the frame, the contrast or `effect_sd` cannot be meant.

    References
    ----------
    Gelman et al. 2013, Bayesian Data Analysis, chapters 5 and 14 (conditional t, grid over variances).

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"session": range(1, 13), "period": [1 + i // 2 for i in range(12)],
    ...     "condition": ["on", "on", "off", "off"] * 3, "value": [5, 6, 4, 5, 7, 7, 4, 6, 7, 5, 5, 4]})
    >>> result = effect_posterior(frame, trend=None, effect_sd=1.0)
    >>> round(result.posterior.mean, 2), round(result.posterior.p_benefit, 2)
    (1.03, 0.98)
    """
    if effect_sd is not None and not effect_sd > 0.0:
        raise ValueError(f"effect_sd: found {effect_sd}; write a number above 0, or None for a flat prior")
    observed, designs, flags = _prepared(frame, contrast, trend, daily=daily)
    blank = BayesResult(
        posterior=None, method="daily_grid" if daily else "period_grid", level=level, sesoi=sesoi, flags=flags
    )
    if not designs:
        return blank
    narrow = _grid(observed, designs, RATIO_SD, daily=daily, block_effect=block_effect)
    ask = _Ask(sesoi=sesoi, sign=1.0 if better == "higher" else -1.0, level=level)
    ratio_sd = None if daily else RATIO_SD
    others = []
    if effect_sd is not None:
        others = [
            ask.told("half", narrow, effect_sd / 2.0, ratio_sd),
            ask.told("double", narrow, effect_sd * 2.0, ratio_sd),
            ask.told("flat", narrow, None, ratio_sd),
        ]
    if not daily:
        wide = _grid(observed, designs, WIDE_RATIO_SD, daily=daily, block_effect=block_effect)
        others.append(ask.told("wide", wide, effect_sd, WIDE_RATIO_SD))
    return replace(
        blank,
        posterior=ask.told("planned", narrow, effect_sd, ratio_sd),
        alternatives=tuple(others),
        rho=narrow.rho,
        period_ratio=None if daily else narrow.ratio,
    )


def fit_bayes_grid(
    frame: pd.DataFrame,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    ratio_sd: float = RATIO_SD,
    daily: bool = False,
    block_effect: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Estimate a contrast by the grid with a flat prior on it, as an alternative to the planned model.

    Parameters
    ----------
    frame, contrast, trend, daily, block_effect, level
        As in `effect_posterior`.
    ratio_sd : float
        Scale of the prior on the standard deviation between periods over that of a day.

    Returns
    -------
    Estimate
        Posterior mean and central interval; no p, no standard error. `details` has posterior means of the
        correlation and of the ratio.

    Raises
    ------
    ValueError
        If the frame or the contrast cannot be meant.
    """
    observed, designs, flags = _prepared(frame, contrast, trend, daily=daily)
    blank = Estimate(
        estimate=None,
        method=METHOD,
        n_sessions=observed.n_sessions,
        n_periods=observed.n_periods,
        flags=flags,
        level=level,
    )
    if not designs:
        return blank
    grid = _grid(observed, designs, ratio_sd, daily=daily, block_effect=block_effect)
    tail = (1.0 - level) / 2.0
    return replace(
        blank,
        estimate=grid.mixture.mean,
        ci_low=grid.mixture.quantile(tail),
        ci_high=grid.mixture.quantile(1.0 - tail),
        details={"rho": grid.rho, "period_ratio": None if daily else grid.ratio},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """What is asked of every posterior."""

    sesoi: float | None
    sign: float
    level: float

    def told(self, name: PriorName, grid: Grid, effect_sd: float | None, ratio_sd: float | None) -> Posterior:
        """Combine the grid with a prior on the effect, and answer."""
        mixture, sesoi = grid.mixture, self.sesoi
        low, high = (1.0 - self.level) / 2.0, (1.0 + self.level) / 2.0
        if effect_sd is None:
            below, quantile, mean, sd = mixture.below, mixture.quantile, mixture.mean, mixture.sd
        else:
            marks = (0.0,) if sesoi is None else (-sesoi, 0.0, sesoi)
            curve = with_normal_prior(mixture, effect_sd, marks)
            below, quantile, mean, sd = curve.below, curve.quantile, curve.mean, curve.sd

        def beyond(bound: float, sign: float) -> float:
            share = below(sign * bound)
            return 1.0 - share if sign > 0 else share

        return Posterior(
            name=name,
            effect_sd=effect_sd,
            ratio_sd=ratio_sd,
            mean=mean,
            sd=sd,
            ci_low=quantile(low),
            ci_high=quantile(high),
            p_benefit=beyond(0.0, self.sign),
            p_worthwhile=None if sesoi is None else beyond(sesoi, self.sign),
            p_harm=None if sesoi is None else beyond(sesoi, -self.sign),
        )


def _prepared(
    frame: pd.DataFrame, contrast: ContrastLike, trend: Trend | None, *, daily: bool
) -> tuple[Observed, list[Design], tuple[str, ...]]:
    """Build the designs; none, and a flag, where scores may be described only."""
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    days = observed.value.size
    if daily and days != np.unique(observed.day).size:
        raise ValueError("frame: two conditions or periods share a day; a daily design has one a day")
    weights = observed.weights(wanted)
    if weights is None or observed.is_constant:
        absent = ("condition_absent", "not_estimable") if days else ()
        return observed, [], merged(observed.flags, absent if weights is None else ("constant_outcome",))
    trend, flags = usable_trend(observed, trend)
    found = (fixed_effects(observed, weights, trend, constant) for constant in time_constants(trend))
    designs = [design for design in found if design is not None]
    few = too_few_days(observed, weights) if daily else too_few(observed, weights)
    refused = few or _unfit(observed, designs, daily=daily)
    return observed, [] if refused else designs, merged(observed.flags, flags, refused)


def _unfit(observed: Observed, designs: list[Design], *, daily: bool) -> tuple[str, ...]:
    """Return the flag of scores that leave nothing to weigh."""
    days = observed.value.size
    if not designs or days <= designs[0].columns.shape[1]:
        return ("not_estimable",)
    if all(explains_everything(design.columns, observed.value) for design in designs):
        return ("implausibly_exact",)
    if not daily and observed.n_periods < days and not varies_within(observed, designs[0]):
        return ("not_estimable",)
    return ()


def _grid(
    observed: Observed, designs: list[Design], ratio_sd: float, *, daily: bool, block_effect: bool
) -> Grid:
    """Weigh every point of the grid by prior and likelihood."""
    value = (observed.value - observed.value.mean()) / observed.spread
    group = np.zeros_like(observed.period) if daily else observed.period
    block = observed.block if block_effect and not daily else None
    rho, ratio, shared, log_prior = _points(
        observed.value.size, None if daily else ratio_sd, with_blocks=block is not None
    )
    log_weights, centres, scales = [], [], []
    for design in designs:
        fit = serial(design.columns, value, observed.day, group, block).solved(rho, ratio, shared)
        # Columns differ in length from one time constant to the next; the determinant takes that out.
        size = np.linalg.slogdet(design.columns.T @ design.columns)[1]
        log_weights.append(log_prior - 0.5 * (fit.deviance - size))
        centres.append(fit.coefficients @ design.weights)
        unit = np.einsum("i,mij,j->m", design.weights, fit.unit, design.weights)
        scales.append(np.sqrt(fit.rest / (value.size - design.weights.size) * unit))
    log_weight = np.concatenate(log_weights)
    log_weight -= log_weight.max()
    kept = log_weight > np.log(NEGLIGIBLE)
    weight = np.exp(log_weight[kept])
    weight /= weight.sum()
    mixture = Mixture(
        weight=weight,
        centre=observed.spread * np.concatenate(centres)[kept],
        scale=observed.spread * np.concatenate(scales)[kept],
        df=float(value.size - designs[0].weights.size),
    )
    return Grid(
        mixture=mixture,
        rho=float(weight @ np.tile(rho, len(designs))[kept]),
        ratio=float(weight @ np.tile(ratio, len(designs))[kept]),
    )


def _points(
    n_days: int, ratio_sd: float | None, *, with_blocks: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return correlation, ratio of periods, ratio of blocks, and the logarithm of prior times quadrature weight."""
    # Fine enough for the correlation of a long series, which is known to about n^-1/2.
    n_rho = int(np.clip(4.0 * np.sqrt(n_days), 32, 400))
    node, weight = np.polynomial.legendre.leggauss(n_rho)
    half = (HIGHEST_RHO - LOWEST_RHO) / 2.0
    nothing = (np.zeros(1), np.zeros(1))
    axes = (
        (LOWEST_RHO + half * (node + 1.0), np.log(weight)),
        _half_normal(_RATIO_POINTS, ratio_sd) if ratio_sd else nothing,
        _half_normal(_BLOCK_POINTS, ratio_sd) if ratio_sd and with_blocks else nothing,
    )
    rho, ratio, shared = (
        axis.ravel() for axis in np.meshgrid(*(values for values, _ in axes), indexing="ij")
    )
    log_prior = sum(axis.ravel() for axis in np.meshgrid(*(logs for _, logs in axes), indexing="ij"))
    return rho, ratio, shared, np.asarray(log_prior)


def _half_normal(n_points: int, scale: float) -> tuple[Floats, Floats]:
    """Return nodes from 0 to infinity, and the logarithm of density times weight."""
    node, weight = np.polynomial.legendre.leggauss(n_points)
    share = (node + 1.0) / 2.0
    place = share / (1.0 - share)
    return scale * place, np.log(weight) - 2.0 * np.log1p(-share) - 0.5 * place**2
