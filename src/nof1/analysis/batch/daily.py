"""The analysis of trials with one-day periods, for thousands of trials at once, missing days and all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from nof1.analysis.batch.algebra import (
    Pieces,
    inverse,
    kenward_roger,
    minimise,
    pivots,
    pivots_with_slope,
    products,
)
from nof1.analysis.batch.days import days_of
from nof1.analysis.batch.fits import Fits, joined
from nof1.analysis.batch.periods import empty_fits, write_fits
from nof1.analysis.contrasts import moving
from nof1.analysis.fewest import FEWEST_DAYS, FEWEST_DAYS_OF_A_CONDITION

if TYPE_CHECKING:
    from nof1.analysis.batch.algebra import Flags, Floats, Ints
    from nof1.analysis.batch.days import Days
    from nof1.analysis.contrasts import ContrastLike
    from nof1.analysis.result import Estimate
    from nof1.analysis.simulate import Simulated
    from nof1.analysis.trend import Trend

LOWEST, HIGHEST = -0.95, 0.985
"""As in `nof1.analysis.autoregression`."""
GRID: Final = np.linspace(LOWEST, HIGHEST, 33)
_DETAILS: Final = ("rho", "day_variance", "plain_se")
_NEGLIGIBLE: Final = 1e-10
_TOGETHER: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Neighbouring observed days that lie the same number of days apart: their cross-products, and how many they are."""

    days: int
    now: Floats
    before: Floats
    across: Floats
    count: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """Cross-products of [X y] of n trials, by the size of the gap between neighbouring observed days.

    Attributes
    ----------
    first : ndarray of shape (q, q, n)
        Of the first observed day.
    gaps : tuple of Gap
        Of the others.
    n_days : ndarray of shape (n,)
        Observed days.
    """

    first: Floats
    gaps: tuple[Gap, ...]
    n_days: Floats

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return len(self.first) - 1

    def take(self, which: Ints) -> Self:
        """Return those of some of the trials."""
        return replace(
            self,
            first=self.first[..., which],
            gaps=tuple(
                Gap(
                    days=gap.days,
                    now=gap.now[..., which],
                    before=gap.before[..., which],
                    across=gap.across[..., which],
                    count=gap.count[which],
                )
                for gap in self.gaps
            ),
            n_days=self.n_days[which],
        )

    def at(self, rho: Floats) -> tuple[Floats, Floats]:
        """Return [X y]' K^-1 [X y] and log|K|."""
        matrix, log_size = self.first.copy(), np.zeros(self.n_days.shape)
        for gap in self.gaps:
            a = rho**gap.days
            u = 1.0 - a * a
            matrix += (gap.now + a * (a * gap.before - gap.across)) / u
            log_size = log_size + gap.count * np.log(u)
        return matrix, log_size

    def value(self, at: Floats) -> Floats:
        """Return -2 log restricted likelihood, up to a constant, with the variance profiled out."""
        matrix, log_size = self.at(at)
        pivot = pivots(matrix)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = (self.n_days - self.p) * np.log(pivot[-1]) + np.log(np.prod(pivot[:-1], axis=0))
        return np.asarray(value + log_size)

    def with_slope(self, rho: Floats) -> tuple[Floats, Floats, Floats]:
        """Return [X y]' K^-1 [X y], its derivative by rho, and that of log|K|."""
        matrix, slope, of_size = self.first.copy(), np.zeros_like(self.first), np.zeros(self.n_days.shape)
        for gap in self.gaps:
            a = rho**gap.days
            moved = gap.days * rho ** (gap.days - 1)
            u = 1.0 - a * a
            matrix += (gap.now + a * (a * gap.before - gap.across)) / u
            slope += moved / u**2 * (2.0 * a * (gap.now + gap.before) - (1.0 + a * a) * gap.across)
            of_size = of_size - gap.count * 2.0 * a * moved / u
        return matrix, slope, of_size

    def slope(self, at: Floats) -> Floats:
        """Return the derivative of `value`."""
        matrix, slope, of_size = self.with_slope(at)
        pivot, change = pivots_with_slope(matrix, slope)
        with np.errstate(divide="ignore", invalid="ignore"):
            change /= pivot
        return np.asarray((self.n_days - self.p) * change[-1] + change[:-1].sum(axis=0) + of_size)

    def squares(self, rho: Floats) -> Floats:
        """Return tr(K^-1 K' K^-1 K'), K' being the derivative of K by rho."""
        found = np.zeros(self.n_days.shape)
        for gap in self.gaps:
            moved = gap.days * rho ** (gap.days - 1)
            u = 1.0 - rho ** (2 * gap.days)
            found = found + gap.count * 2.0 * moved**2 * (1.0 + rho ** (2 * gap.days)) / u**2
        return np.asarray(found)

    def log_size(self) -> Floats:
        """Return log|X'X|, by which columns of different length are made comparable."""
        return np.asarray(np.log(np.prod(pivots(self.at(np.zeros(()))[0])[:-1], axis=0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Columns of n trials over the calendar, and where the observed day before lies.

    Attributes
    ----------
    columns : ndarray of shape (q, n_days, n)
        Conditions, practice, score; 0 where a day is missing.
    gap : ndarray of shape (n_days, n) or (n_days, 1)
        Days since the observed day before; 0 for the first one, and where a day is missing.
    seen : ndarray of bool, of the shape of `gap`
        Whether a day is observed.
    spread : ndarray of shape (n,)
        Standard deviation by which scores were divided [unit].
    """

    columns: Floats
    gap: Ints
    seen: Flags
    spread: Floats

    def before(self) -> Floats:
        """Return the columns of the observed day before, 0 where there is none."""
        if self.gap.shape[1] == 1:
            return np.concatenate([np.zeros_like(self.columns[:, :1]), self.columns[:, :-1]], axis=1)
        held, last = np.empty_like(self.columns), np.zeros_like(self.columns[:, 0])
        for day, seen in enumerate(self.seen):
            held[:, day] = last
            last = np.where(seen, self.columns[:, day], last)
        return held

    def lags(self) -> Lags:
        """Reduce to cross-products."""
        _, n_days, n = self.columns.shape
        before, gaps = self.before(), []
        rows = np.arange(n_days)
        is_first = self.seen & (self.gap == 0)
        first = self.columns * is_first
        for size in np.unique(self.gap[self.gap > 0]):
            chosen = self.gap == size
            if self.gap.shape[1] == 1:
                at = rows[chosen[:, 0]]
                now, old = self.columns[:, at], before[:, at]
            else:
                now, old = self.columns * chosen, before * chosen
            across = np.einsum("idn,jdn->ijn", now, old)
            gaps.append(
                Gap(
                    days=int(size),
                    now=products(now),
                    before=products(old),
                    across=across + across.swapaxes(0, 1),
                    count=np.broadcast_to(chosen.sum(axis=0), (n,)).astype(float),
                )
            )
        return Lags(
            first=products(first),
            gaps=tuple(gaps),
            n_days=np.broadcast_to(self.seen.sum(axis=0), (n,)).astype(float),
        )

    def take(self, which: Ints) -> Self:
        """Return those of some of the trials."""
        shared = self.gap.shape[1] == 1
        return replace(
            self,
            columns=self.columns[..., which],
            gap=self.gap if shared else self.gap[:, which],
            seen=self.seen if shared else self.seen[:, which],
            spread=self.spread[which],
        )


def fit_daily_models(
    trials: Simulated, contrast: ContrastLike = ("on", "off"), trend: Trend | None = "log"
) -> Fits:
    """Fit `fit_daily_model` to many trials at once.

    Parameters
    ----------
    trials : Simulated
        Trials of one design with one-day periods; sequences and missing days may differ.
    contrast, trend
        As in `fit_daily_model`.

    Returns
    -------
    Fits
        What `fit_daily_model` gives, trial by trial; rare cases are left to it.
    """

    def alone(trial: int) -> Estimate:
        from nof1.analysis.daily_model import fit_daily_model  # noqa: PLC0415 - pandas, for rare cases only

        return fit_daily_model(trials.frame(trial), contrast, trend)

    days = days_of(trials, contrast)
    columns = days.practice(trend)
    if columns is None:
        everyone = np.arange(days.n_trials)
        return empty_fits(days.n_trials, _DETAILS).put(everyone, [alone(int(trial)) for trial in everyone])
    parts = []
    for at, some in days.chunks(_TOGETHER):
        fits, regular = _fitted(some, columns)
        rare = np.flatnonzero(~regular)
        parts.append(fits.put(rare, [alone(at.start + int(trial)) for trial in rare]))
    return joined(parts)


def calendar_of(days: Days, practice: Floats) -> Calendar:
    """Lay the columns of trials out over the calendar.

    Parameters
    ----------
    days : Days
        Of n trials.
    practice : ndarray of shape (n_days, t)
        Columns of the practice term.

    Returns
    -------
    Calendar
        Scores have mean 0 and standard deviation 1 in every trial.
    """
    seen = np.isfinite(days.value)
    whole = bool(seen.all())
    n = np.maximum(seen.sum(axis=0), 1)
    value = np.where(seen, days.value, 0.0)
    value = value - value.sum(axis=0) / n
    value[~seen] = 0.0
    spread = np.sqrt(np.einsum("dn,dn->n", value, value) / n)
    k, t = len(days.conditions), practice.shape[1]
    columns = np.empty((k + t + 1, days.period.size, days.n_trials))
    columns[:k] = days.codes[days.period] == np.arange(k)[:, None, None]
    columns[k : k + t] = practice.T[:, :, None]
    columns[-1] = value / np.where(spread > 0.0, spread, 1.0)
    if whole:
        gap = np.concatenate([[0], np.diff(days.day)])[:, None]
        return Calendar(columns=columns, gap=gap, seen=np.ones(gap.shape, dtype=bool), spread=spread)
    columns *= seen
    gap = np.zeros(seen.shape, dtype=np.int64)
    last = np.zeros(days.n_trials, dtype=np.int64)
    for row, day in enumerate(days.day):
        gap[row] = np.where(seen[row] & (last > 0), day - last, 0)
        last = np.where(seen[row], day, last)
    return Calendar(columns=columns, gap=gap, seen=seen, spread=spread)


def _fitted(days: Days, columns: list[Floats]) -> tuple[Fits, Flags]:
    calendars = [calendar_of(days, practice) for practice in columns]
    found = [calendar.lags() for calendar in calendars]
    regular = np.all([_regular(days, c, lags) for c, lags in zip(calendars, found, strict=True)], axis=0)
    kept = np.flatnonzero(regular)
    fits = empty_fits(days.n_trials, _DETAILS)
    if not kept.size:
        return fits, regular
    if not regular.all():
        calendars, found = [one.take(kept) for one in calendars], [one.take(kept) for one in found]
    searched = len(found) > 1
    fitted = []
    for lags in found:
        rho, value = minimise(lags, GRID)
        fitted.append((rho, value - lags.log_size() if searched else value))
    best = np.argmin([value for _, value in fitted], axis=0)
    rho = np.choose(best, [rho for rho, _ in fitted]) if searched else fitted[0][0]
    chosen, lags = calendars[0], found[0]
    if searched:  # the design differs in the practice term alone
        held = np.stack([calendar.columns for calendar in calendars])
        chosen = replace(chosen, columns=np.take_along_axis(held, best[None, None, None], axis=0)[0])
        lags = chosen.lags()
    part, tested = _tested(days, chosen, lags, rho, searched=searched)
    write_fits(fits, kept, part)
    regular[kept[~tested]] = False
    return fits, regular


def _regular(days: Days, calendar: Calendar, lags: Lags) -> Flags:
    """Return where the model can be fitted as it stands; elsewhere the function for one trial decides."""
    plain = lags.at(np.zeros(()))[0]
    size = np.array([plain[i, i] for i in range(len(plain))])
    with np.errstate(divide="ignore", invalid="ignore"):
        left = pivots(plain) / size
    good = np.all(np.isfinite(left) & (left > _NEGLIGIBLE), axis=0) & (calendar.spread > 0.0)
    # How often a condition comes is the square of its column: of zeros and ones.
    fewest = np.min([size[days.conditions.index(code)] for code in moving(days.weights)], axis=0)
    return np.asarray(good & (lags.n_days >= FEWEST_DAYS) & (fewest >= FEWEST_DAYS_OF_A_CONDITION))


def _tested(days: Days, of: Calendar, lags: Lags, rho: Floats, *, searched: bool) -> tuple[Fits, Flags]:
    p = lags.p
    weights = np.append(days.contrast, np.zeros(p - days.contrast.size))
    matrix, slope, of_size = lags.with_slope(rho)
    x, moved = matrix[:p, :p], slope[:p, :p]
    unit = inverse(x)
    coefficients = np.einsum("abn,bn->an", unit, matrix[:p, p])
    rest = matrix[p, p] - np.einsum("an,an->n", matrix[:p, p], coefficients)
    s = rest / (lags.n_days - p)
    pieces = Pieces(
        phi=unit * s,
        first=(-x / s**2, moved / s),
        second=(x / s**3, -moved / s**2, _squared(of, rho) / s),
        traces=(lags.n_days / s**2, of_size / s, lags.squares(rho)),
    )
    plain, widened, df, good = kenward_roger(weights, pieces)
    df = df - float(searched)
    with np.errstate(invalid="ignore"):
        tested = good & np.isfinite(df) & (df >= 2.0)
        plain_se = of.spread * np.sqrt(plain)
        se = of.spread * np.sqrt(np.maximum(plain, widened))
        tested &= se > 1e-8 * of.spread
    fits = Fits(
        estimate=of.spread * (weights @ coefficients),
        se=se,
        df=df,
        singular=np.zeros(rho.size, dtype=bool),
        details={"rho": rho, "day_variance": of.spread**2 * s, "plain_se": plain_se},
    )
    return fits, tested


def _powers(rho: Floats, sizes: Ints) -> tuple[Floats, Floats]:
    """Return rho to the power of every size of a gap, and the derivative; 0 where there is no gap."""
    power = np.array([rho**size if size else np.zeros_like(rho) for size in sizes.tolist()])
    slope = np.array([size * rho ** (size - 1) if size else np.zeros_like(rho) for size in sizes.tolist()])
    return power, slope


def _spread_out(table: Floats, place: Ints) -> Floats:
    """Return for every day and trial the row of a table that belongs to its gap."""
    if place.shape[1] == 1:
        return table[place[:, 0]]
    return np.take_along_axis(table, place, axis=0)


def _squared(of: Calendar, rho: Floats) -> Floats:
    """Return X' (dK^-1) K (dK^-1) X, the product of the solved columns with themselves.

    K^-1 = L' D^-1 L, its derivative taken factor by factor; the triangle is solved backwards along the days.
    """
    columns, before = of.columns[:-1], of.before()[:-1]
    sizes, place = np.unique(of.gap, return_inverse=True)
    a, moved = (_spread_out(table, place.reshape(of.gap.shape)) for table in _powers(rho, sizes))
    u = 1.0 - a * a
    pulled = (columns - a * before) / u
    own = 2.0 * a * moved / u * pulled - moved / u * before
    solved = np.empty_like(own)
    carried = np.zeros_like(own[:, 0])
    whole = of.seen.all()
    for day in range(own.shape[1] - 1, -1, -1):
        solved[:, day] = own[:, day] + carried
        onward = a[day] * carried - moved[day] * pulled[:, day]
        carried = onward if whole else np.where(of.seen[day], onward, carried)
    if not whole:
        solved *= of.seen
    return products(u * solved, solved)
