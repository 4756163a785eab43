"""The model of periods with days that resemble their neighbours: REML with AR(1) and a period intercept at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.design import Design, fixed_effects, usable_trend
from nof1.analysis.estimation import Estimation, explains_everything, too_few, varies_within
from nof1.analysis.flags import merged
from nof1.analysis.kenward_roger import adjusted, degrees_of_freedom, variance_of_parameters
from nof1.analysis.observed import Observed, observe
from nof1.analysis.result import Estimate
from nof1.analysis.search import minimise_pair
from nof1.analysis.serial import serial
from nof1.analysis.trend import Floats, Trend, time_constants

if TYPE_CHECKING:
    import pandas as pd

METHOD = "serial_model"
LOWEST, HIGHEST = -0.95, 0.985
_LARGEST_SHARE = 0.999


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialFit:
    """Where the restricted likelihood is largest.

    Attributes
    ----------
    coefficients : ndarray of shape (p,)
        Fixed effects.
    rho, variance, ratio : float
        Correlation of neighbouring days of a period, variance of a day, and standard deviation between periods
        over that of a day.
    deviance : float
        -2 log restricted likelihood up to a constant that depends on the number of columns only.
    """

    coefficients: Floats
    rho: float
    variance: float
    ratio: float
    deviance: float


def fit_serial_model(
    frame: pd.DataFrame,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    level: float = 0.95,
) -> Estimate:
    """Fit ``value ~ condition + trend(session) + (1 | period)`` with AR(1) errors inside periods, and test a contrast.

    A period intercept alone absorbs most of what resemblance from day to day does to a comparison of periods, so
    this is an alternative to the planned model and not its replacement: the two variances are hard to tell apart
    in short periods. Standard error and degrees of freedom are those of Kenward and Roger to first order, which
    come out near the number of periods, not of days.

    Parameters
    ----------
    frame : DataFrame
        As for `fit_mixed_model`; the gaps between days are those of the calendar.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights of the conditions.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        `details` has the correlation and both variances.

    Raises
    ------
    ValueError
        If the frame or the contrast cannot be meant.

    References
    ----------
    Kenward and Roger 1997, doi:10.2307/2533558; Pinheiro and Bates 2000, doi:10.1007/b98882 (the model).

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"session": range(1, 25), "period": [1 + i // 4 for i in range(24)],
    ...     "condition": (["on"] * 4 + ["off"] * 4) * 3,
    ...     "value": [5, 6, 6, 5, 4, 5, 3, 4, 7, 7, 6, 8, 4, 4, 5, 6, 7, 5, 5, 6, 5, 4, 4, 3]})
    >>> result = fit_serial_model(frame, trend=None)
    >>> round(result.estimate, 1), round(result.df, 1)
    (1.8, 4.0)
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    estimation = Estimation(observed=observed, method=METHOD, level=level)
    weights = estimation.weights(wanted)
    if isinstance(weights, Estimate):
        return weights
    trend, flags = usable_trend(observed, trend)
    designs = [fixed_effects(observed, weights, trend, constant) for constant in time_constants(trend)]
    found = [design for design in designs if design is not None]
    if not found:
        note = "the trend cannot be told from the contrast"
        return estimation.described((*flags, "not_estimable"), note=note)
    if all(explains_everything(design.columns, observed.value) for design in found):
        return estimation.exact(found[0], flags)
    if observed.n_periods == observed.value.size or not varies_within(observed, found[0]):
        note = "the days of a period do not differ"
        return estimation.described((*flags, "not_estimable"), note=note)
    if observed.value.size <= found[0].weights.size:
        return estimation.described((*flags, "not_estimable"), note="there are too few days for the model")
    value = (observed.value - observed.value.mean()) / observed.spread
    fits = [(fit_serial(observed, design, value), design) for design in found]
    # Columns differ in length from one time constant to the next; the determinant takes that out.
    fit, design = min(
        fits, key=lambda pair: pair[0].deviance - np.linalg.slogdet(pair[1].columns.T @ pair[1].columns)[1]
    )
    flags = merged(flags, too_few(observed, weights))
    return _tested(estimation, fit, design, flags=flags, searched=int(len(designs) > 1))


def fit_serial(observed: Observed, design: Design, value: Floats) -> SerialFit:
    """Maximise the restricted likelihood over correlation and ratio.

    Parameters
    ----------
    observed : Observed
        Days and periods.
    design : Design
        Fixed effects.
    value : ndarray of shape (n,)
        Scores, on any scale.

    Returns
    -------
    SerialFit
        The best fit.
    """
    data = serial(design.columns, value, observed.day, observed.period)

    def unfolded(first: Floats, second: Floats) -> tuple[Floats, Floats, Floats]:
        return LOWEST + (HIGHEST - LOWEST) * first, second / (1.0 - second), np.zeros_like(first)

    best, _ = minimise_pair(
        lambda first, second: data.solved(*unfolded(first, second)).deviance, 0.0, _LARGEST_SHARE
    )
    rho, ratio, nothing = unfolded(*(np.array([place]) for place in best))
    solved = data.solved(rho, ratio, nothing)
    return SerialFit(
        coefficients=solved.coefficients[0],
        rho=float(rho[0]),
        variance=float(solved.rest[0]) / (data.n - data.p),
        ratio=float(ratio[0]),
        deviance=float(solved.deviance[0]),
    )


def _tested(
    estimation: Estimation, fit: SerialFit, design: Design, *, flags: tuple[str, ...], searched: int
) -> Estimate:
    observed, weights, columns = estimation.observed, design.weights, design.columns
    scale = observed.spread
    estimate = scale * float(weights @ fit.coefficients)
    if fit.ratio == 0.0:
        flags = merged(flags, ("singular",))
    if {"too_few_blocks", "too_few_periods"}.intersection(flags):
        return estimation.described(flags, estimate=estimate)
    terms = _derivatives(observed, fit)
    covariance = fit.variance * (terms[0] + fit.ratio**2 * terms[2])
    inverse = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
    z = inverse @ columns
    moved = [term @ z for term in terms]
    pulled = [inverse @ term for term in terms]
    phi = np.asarray(np.linalg.inv(columns.T @ z), dtype=np.float64)
    first = -np.stack([z.T @ one for one in moved])
    second = np.array([[one.T @ inverse @ other for other in moved] for one in moved])
    traces = np.array([[np.sum(one * other.T) for other in pulled] for one in pulled])
    variance = variance_of_parameters(phi, first, second, traces)
    if variance is None:
        note = "the resemblance of days cannot be told from that of periods"
        return estimation.described(merged(flags, ("not_estimable",)), estimate=estimate, note=note)
    plain = float(weights @ phi @ weights)
    widened = float(weights @ adjusted(phi, first, second, variance) @ weights)
    df = degrees_of_freedom(weights, phi, first, variance) - searched
    details: dict[str, float | None] = {
        "rho": fit.rho,
        "day_variance": scale**2 * fit.variance,
        "period_variance": scale**2 * fit.variance * fit.ratio**2,
        "plain_se": scale * float(np.sqrt(plain)),
    }
    se = scale * float(np.sqrt(max(plain, widened)))
    return estimation.tested(estimate, se, df, flags=flags, details=details)


def _derivatives(observed: Observed, fit: SerialFit) -> tuple[Floats, Floats, Floats]:
    """Return the derivatives of the covariance by day variance, correlation, and period variance."""
    same = observed.period[:, None] == observed.period[None, :]
    apart = np.abs(observed.day[:, None] - observed.day[None, :])
    near = np.where(same, apart, 0)
    correlation = np.where(same, np.power(fit.rho, near), 0.0)
    slope = np.where(near > 0, near * np.power(fit.rho, np.maximum(near - 1, 0)), 0.0)
    return correlation, fit.variance * slope, same.astype(np.float64)
