"""The analyses of trials with periods, for thousands of trials at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.batch.algebra import (
    Pieces,
    degrees_of_freedom,
    inverse,
    inverse_of_two,
    kenward_roger,
    minimise,
    pivots,
)
from nof1.analysis.batch.days import days_of
from nof1.analysis.batch.fits import Fits, joined
from nof1.analysis.batch.products import Products, products_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from nof1.analysis.batch.algebra import Flags, Floats, Ints
    from nof1.analysis.batch.days import Days
    from nof1.analysis.contrasts import ContrastLike
    from nof1.analysis.result import Estimate
    from nof1.analysis.simulate import Simulated
    from nof1.analysis.trend import Trend

    Alone = Callable[[int], Estimate]

LOG_RATIO: Final = float(np.log(1e8))
GRID: Final = np.linspace(-LOG_RATIO, LOG_RATIO, 33)
_DETAILS: Final = ("day_variance", "period_variance", "satterthwaite_se", "satterthwaite_df")


def fit_mixed_models(
    trials: Simulated,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    block_effect: bool = False,
) -> Fits:
    """Fit `fit_mixed_model` to many trials at once.

    Within a trial the likelihood needs cross-products within periods, and those of the period means, one matrix
    for each length that a period has; so one evaluation for a heap of trials is a few dozen operations on long
    vectors, however many days there are.

    Parameters
    ----------
    trials : Simulated
        Trials of one design; sequences and missing days may differ.
    contrast, trend, block_effect
        As in `fit_mixed_model`. A spline where days are missing, and an effect of blocks, are fitted one trial
        after the other.

    Returns
    -------
    Fits
        What `fit_mixed_model` gives, trial by trial; rare cases are left to it.
    """

    def alone(trial: int) -> Estimate:
        from nof1.analysis.mixed_model import fit_mixed_model  # noqa: PLC0415 - pandas, for rare cases only

        return fit_mixed_model(trials.frame(trial), contrast, trend, block_effect=block_effect)

    return _fitted(trials, contrast, trend, alone, _mixed, details=_DETAILS, one_by_one=block_effect)


def fit_period_mean_models(
    trials: Simulated, contrast: ContrastLike = ("on", "off"), trend: Trend | None = "log"
) -> Fits:
    """Fit `fit_period_means` to many trials at once.

    Parameters
    ----------
    trials, contrast, trend
        As in `fit_mixed_models`.

    Returns
    -------
    Fits
        What `fit_period_means` gives, trial by trial.
    """

    def alone(trial: int) -> Estimate:
        from nof1.analysis.period_means import fit_period_means  # noqa: PLC0415 - pandas, for rare cases only

        return fit_period_means(trials.frame(trial), contrast, trend)

    return _fitted(trials, contrast, trend, alone, _means, details=("residual_variance",))


def _fitted(
    trials: Simulated,
    contrast: ContrastLike,
    trend: Trend | None,
    alone: Alone,
    fit: Callable[[Days, list[Floats]], tuple[Fits, Flags]],
    *,
    details: tuple[str, ...],
    one_by_one: bool = False,
) -> Fits:
    days = days_of(trials, contrast)
    columns = None if one_by_one else days.practice(trend)
    if columns is None:
        return empty_fits(days.n_trials, details).put(
            np.arange(days.n_trials), [alone(trial) for trial in range(days.n_trials)]
        )
    parts = []
    for at, some in days.chunks():
        fits, regular = fit(some, columns)
        rare = np.flatnonzero(~regular)
        parts.append(fits.put(rare, [alone(at.start + int(trial)) for trial in rare]))
    return joined(parts)


def _mixed(days: Days, columns: list[Floats]) -> tuple[Fits, Flags]:
    found = [products_of(days, practice) for practice in columns]
    regular = np.all([products.regular() for products in found], axis=0)
    kept = np.flatnonzero(regular)
    best: tuple[Products, Floats] | None = None
    least = np.full(kept.size, np.inf)
    for products in found if regular.all() else [products.take(kept) for products in found]:
        ratio, value = _ratio(products.reduced(len(days.conditions)))
        value = value - products.log_size() if len(found) > 1 else value
        better = value < least
        best = (products, ratio) if best is None else _merged(best, (products, ratio), better)
        least = np.where(better, value, least)
    few = days.few(days.days_of_periods())
    fits = empty_fits(days.n_trials, _DETAILS)
    if best is not None and kept.size:
        write_fits(fits, kept, _tested(days, *best, searched=len(found) > 1))
    for values in (fits.se, fits.df, *fits.details.values()):
        values[few & regular] = np.nan
    return fits, regular


def _ratio(products: Products) -> tuple[Floats, Floats]:
    """Find the ratio of the variances by REML; exactly 0 unless another one is better."""
    log_ratio, value = minimise(products, GRID)
    at_zero = products.deviance(np.zeros(()))
    singular = ~(value < at_zero - 1e-9)
    return np.where(singular, 0.0, np.exp(log_ratio)), np.where(singular, at_zero, value)


def _merged(
    one: tuple[Products, Floats], other: tuple[Products, Floats], better: Flags
) -> tuple[Products, Floats]:
    """Take the other trial by trial where it is better; the design differs in the practice term alone."""
    groups = tuple(
        replace(a, products=np.where(better, b.products, a.products))
        for a, b in zip(one[0].groups, other[0].groups, strict=True)
    )
    products = replace(
        one[0],
        within=np.where(better, other[0].within, one[0].within),
        means=np.where(better, other[0].means, one[0].means),
        groups=groups,
    )
    return products, np.where(better, other[1], one[1])


def _tested(days: Days, of: Products, ratio: Floats, *, searched: bool) -> Fits:
    p = of.p
    weights = np.append(days.contrast, np.zeros(p - days.contrast.size))
    matrix = of.at(ratio)
    unit = inverse(matrix[:p, :p])
    coefficients = np.einsum("abn,bn->an", unit, matrix[:p, p])
    rest = matrix[p, p] - np.einsum("an,an->n", matrix[:p, p], coefficients)
    day = rest / (of.n_days - p)
    between = ratio * day
    first, second, traces = _derivatives(of, day, between)
    pieces = Pieces(
        phi=unit * day,
        first=(first[0][:p, :p], first[1][:p, :p]),
        second=(second[0][:p, :p], second[1][:p, :p], second[2][:p, :p]),
        traces=traces,
    )
    plain, widened, df, good = kenward_roger(weights, pieces)
    df = df - float(searched)
    with np.errstate(invalid="ignore"):
        se = of.spread * np.sqrt(widened)
    tested = good & (se > 1e-8 * of.spread) & np.isfinite(df) & (df > 0.0)
    plain_df = _satterthwaite(
        weights, pieces, (first, second), coefficients, day=day, between=between, residual_df=of.n_days - p
    )
    return Fits(
        estimate=of.spread * (weights @ coefficients),
        se=np.where(tested, se, np.nan),
        df=np.where(tested, df, np.nan),
        singular=ratio == 0.0,
        details={
            "day_variance": of.spread**2 * day,
            "period_variance": of.spread**2 * between,
            "satterthwaite_se": of.spread * np.sqrt(plain),
            "satterthwaite_df": plain_df,
        },
    )


def _derivatives(
    of: Products, day: Floats, between: Floats
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats, Floats], tuple[Floats, Floats, Floats]]:
    """Return P_i, Q_ij and the traces of [X y], for the variances of a day and of a period."""
    shape = of.within.shape
    first = [-of.within / day**2, np.zeros(shape)]
    second = [of.within / day**3, np.zeros(shape), np.zeros(shape)]
    n_inside = of.n_days - of.n_periods
    traces = [n_inside / day**2, np.zeros(day.shape), np.zeros(day.shape)]
    for group in of.groups:
        n = float(group.days)
        a = day + n * between
        square, cube = group.products / a**2, group.products / a**3
        first[0] -= square
        first[1] -= n * square
        for place in range(3):
            second[place] += n**place * cube
            traces[place] = traces[place] + n**place * group.periods / a**2
    return (first[0], first[1]), (second[0], second[1], second[2]), (traces[0], traces[1], traces[2])


def _satterthwaite(
    weights: Floats,
    pieces: Pieces,
    derivatives: tuple[tuple[Floats, Floats], tuple[Floats, Floats, Floats]],
    coefficients: Floats,
    *,
    day: Floats,
    between: Floats,
    residual_df: Floats,
) -> Floats:
    """Return Satterthwaite's degrees of freedom; a variance at 0 leaves the model, as in lmerTest."""
    first, second = derivatives
    p = len(pieces.phi)
    rest = np.concatenate([-coefficients, np.ones((1, day.size))])
    along = [-np.einsum("abn,bn->an", part, rest)[:p] for part in first]
    crossed, squared = pieces.inner()
    information = []
    pairs = ((0, 0), (0, 1), (1, 1))
    for (i, j), q, t, c, s in zip(pairs, second, pieces.traces, crossed, squared, strict=True):
        quadratic = np.einsum("an,abn,bn->n", rest, q, rest)
        quadratic = quadratic - np.einsum("an,abn,bn->n", along[i], pieces.phi, along[j])
        information.append(quadratic - 0.5 * (t - 2.0 * c + s))
    scaled = (information[0] * day**2, information[1] * day * between, information[2] * between**2)
    inverted, good = inverse_of_two(scaled)
    with np.errstate(invalid="ignore"):  # a variance at 0, whose degrees of freedom are told below
        variance = (inverted[0] * day**2, inverted[1] * day * between, inverted[2] * between**2)
    _, df = degrees_of_freedom(weights, pieces, variance)
    return np.where(between == 0.0, residual_df, np.where(good, df, np.nan))


def _means(days: Days, columns: list[Floats]) -> tuple[Fits, Flags]:
    """Fit period means by least squares."""
    found = [products_of(days, practice) for practice in columns]
    regular = np.all([_estimable(products) for products in found], axis=0)
    few = days.few(days.days_of_periods())
    fits = empty_fits(days.n_trials, ("residual_variance",))
    least = np.full(days.n_trials, np.inf)
    kept = np.flatnonzero(regular)
    for products in found if regular.all() else [products.take(kept) for products in found]:
        p = products.p
        weights = np.append(days.contrast, np.zeros(p - days.contrast.size))
        unit = inverse(products.means[:p, :p])
        coefficients = np.einsum("abn,bn->an", unit, products.means[:p, p])
        rest = products.means[p, p] - np.einsum("an,an->n", products.means[:p, p], coefficients)
        df = products.n_periods - p - float(len(found) > 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = np.maximum(rest, 0.0) / df
        se = products.spread * np.sqrt(variance * np.einsum("a,abn,b->n", weights, unit, weights))
        tested = (df >= 1.0) & ~few[kept] & (se > 1e-8 * products.spread)
        better = rest < least[kept]
        part = Fits(
            estimate=products.spread * (weights @ coefficients),
            se=np.where(tested, se, np.nan),
            df=np.where(tested, df, np.nan),
            singular=np.zeros(kept.size, dtype=bool),
            details={"residual_variance": np.where(tested, products.spread**2 * variance, np.nan)},
        )
        write_fits(fits, kept[better], part, better)
        least[kept] = np.where(better, rest, least[kept])
    return fits, regular


def _estimable(products: Products) -> Flags:
    """Return where the columns of the period means can be told apart, and scores vary."""
    size = np.array([products.means[i, i] for i in range(products.p)])
    with np.errstate(divide="ignore", invalid="ignore"):
        left = pivots(products.means.copy())[:-1] / size
    good = np.all(np.isfinite(left) & (left > 1e-10), axis=0)
    return np.asarray(good & (products.spread > 0.0) & (products.n_periods > products.p))


def empty_fits(n_trials: int, details: tuple[str, ...]) -> Fits:
    """Return results without any number, to be written over.

    Parameters
    ----------
    n_trials : int
        Number of trials.
    details : tuple of str
        Names of further numbers.

    Returns
    -------
    Fits
        NaN everywhere.
    """
    empty = np.full(n_trials, np.nan)
    return Fits(
        estimate=empty,
        se=empty.copy(),
        df=empty.copy(),
        singular=np.zeros(n_trials, dtype=bool),
        details={name: empty.copy() for name in details},
    )


def write_fits(into: Fits, which: Ints, part: Fits, rows: Flags | slice = slice(None)) -> None:
    """Write results into the places of some trials.

    Parameters
    ----------
    into : Fits
        Is changed.
    which : ndarray of int
        Places.
    part : Fits
        Results of these trials, or of more.
    rows : ndarray of bool or slice
        Which of `part` they are.
    """
    for name in ("estimate", "se", "df", "singular"):
        getattr(into, name)[which] = getattr(part, name)[rows]
    for name, values in into.details.items():
        values[which] = part.details[name][rows]
