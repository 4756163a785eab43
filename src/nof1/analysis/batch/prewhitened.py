"""Randomization tests of thousands of daily trials, practice and the correlation of neighbouring days taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from nof1.analysis.batch.algebra import inverse, minimise
from nof1.analysis.batch.daily import GRID, calendar_of
from nof1.analysis.batch.days import days_of
from nof1.analysis.batch.permuted import (
    N_DRAWS,
    Counts,
    listed_or_drawn,
    no_shared_set,
    shared_practice,
)
from nof1.analysis.counting import TIE

if TYPE_CHECKING:
    from nof1.analysis.batch.algebra import Flags, Floats
    from nof1.analysis.batch.daily import Calendar
    from nof1.analysis.batch.days import Days
    from nof1.analysis.contrasts import ContrastLike
    from nof1.analysis.simulate import Simulated
    from nof1.analysis.trend import Trend

_TOGETHER: Final = 64
_PRODUCT: Final = 2**19
"""Multiplications of one product of matrices: larger ones are spread over processors, which these do not repay."""
_EMPTY: Final = 1e-9
"""As in `statistics.prewhitened`: a smaller share of s'K^-1 s counts as nothing left of a sequence."""


def prewhitened_tests(
    trials: Simulated,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    rng: np.random.Generator,
    n_draws: int = N_DRAWS,
) -> Counts:
    """Make `randomization_test` for many trials at once, with the prewhitened statistic.

    Parameters
    ----------
    trials, contrast, trend, rng, n_draws
        As in `randomization_tests`; every condition takes part in the contrast.

    Returns
    -------
    Counts
        What `randomization_test` counts, trial by trial; exactly so where the set is listed.

    Raises
    ------
    ValueError
        As in `randomization_tests`.
    """
    days = days_of(trials, contrast)
    columns = shared_practice(days, trend)
    if days.outside:
        raise no_shared_set(days.outside)
    codes, exact = listed_or_drawn(trials.occasions.space, rng, n_draws)
    weights = days.contrast
    width = max(1, _PRODUCT // (_TOGETHER * days.period.size))
    blocks = [
        weights.take(codes[start : start + width])[:, days.period] for start in range(0, len(codes), width)
    ]
    extra = 0 if exact else 1
    statistics, counts = [], []
    for _, some in days.chunks(_TOGETHER):
        white = _White.of(some, columns)
        own = weights.take(some.codes.T)[:, days.period]
        observed = white.statistics_of(own)
        least = np.abs(observed) - TIE * white.most
        count = np.zeros(some.n_trials, dtype=np.int64)
        for block in blocks:
            count += np.count_nonzero(np.abs(white.statistics(block)) >= least[:, None], axis=1)
        counts.append(count + extra)
        statistics.append(observed)
    return Counts(
        statistic=np.concatenate(statistics),
        n_as_extreme=np.concatenate(counts),
        n_sequences=len(codes) + extra,
        exact=exact,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _White:
    """What s'M y / sqrt(s'M s) needs of n trials; s are weights of days, 0 counts where a day is missing.

    Attributes
    ----------
    target : ndarray of shape (n, d)
        M y.
    taken : ndarray of shape (n, b, d)
        K^-1 B R, with R R' = (B' K^-1 B)^-1: the squares of s with these are what B takes of s'K^-1 s.
    own : ndarray of shape (n, d)
        Diagonal of K^-1.
    neighbours : dict of int to ndarray of shape (n, d - lag)
        Twice the elements of K^-1 beside it, by how many rows apart two observed days are that follow each other.
    most : ndarray of shape (n,)
        No statistic is larger.
    """

    target: Floats
    taken: Floats
    own: Floats
    neighbours: dict[int, Floats]
    most: Floats

    @classmethod
    def of(cls, days: Days, columns: list[Floats]) -> Self:
        """Estimate the correlation of every trial without its conditions, and take it out."""
        alike = replace(days, conditions=("any",), codes=np.zeros_like(days.codes))
        calendars = [calendar_of(alike, practice) for practice in columns]
        found = [calendar.lags() for calendar in calendars]
        # The practice term is the one that leaves least; at rho = 0 the residual sum of squares.
        rests = [_rest(lags.at(np.zeros(()))[0]) for lags in found]
        best = np.argmin(rests, axis=0)
        held = np.stack([calendar.columns for calendar in calendars])
        chosen = replace(calendars[0], columns=np.take_along_axis(held, best[None, None, None], axis=0)[0])
        lags = chosen.lags()
        usable = (rests[0] > 0.0) & (chosen.spread > 1e-8 * _largest(days)) & (lags.n_days >= lags.p + 2)
        rho, kept = np.zeros(days.n_trials), np.flatnonzero(usable)
        if kept.size:
            rho[kept], _ = minimise(lags.take(kept), GRID)
        return cls._at(chosen, rho, usable)

    @classmethod
    def _at(cls, of: Calendar, rho: Floats, usable: Flags) -> Self:
        seen = np.broadcast_to(of.seen, of.columns.shape[1:])
        gap = np.broadcast_to(of.gap, seen.shape)
        a = np.where(gap > 0, rho ** np.maximum(gap, 1), 0.0)
        u = np.where(seen, 1.0 - a * a, 1.0)
        left = (of.columns - a * of.before()) / u * seen
        pulled = np.empty_like(left)
        own, beside = np.zeros_like(a), np.zeros_like(a)
        carried, size, lag = (
            np.zeros_like(left[:, 0]),
            np.zeros(rho.size),
            np.zeros(seen.shape, dtype=np.int64),
        )
        for day in range(len(seen) - 1, -1, -1):
            here = seen[day]
            pulled[:, day] = np.where(here, left[:, day] - carried, 0.0)
            own[day] = np.where(here, 1.0 / u[day] + size, 0.0)
            carried = np.where(here, a[day] * left[:, day], carried)
            size = np.where(here, a[day] ** 2 / u[day], size)
        last = np.full(rho.size, -1)
        for day, here in enumerate(seen):
            lag[day] = np.where(here & (last >= 0), day - last, 0)
            beside[day] = np.where(here, -2.0 * a[day] / u[day], 0.0)
            last = np.where(here, day, last)
        base, value = of.columns[:-1], of.columns[-1]
        gram = np.einsum("idn,jdn->ijn", base, pulled[:-1])
        gram[:, :, ~usable] = np.eye(len(gram))[:, :, None]
        unit = inverse(gram)
        right = np.einsum("idn,dn->in", pulled[:-1], value)
        target = pulled[-1] - np.einsum("idn,ijn,jn->dn", pulled[:-1], unit, right)
        target[:, ~usable] = 0.0
        root = np.moveaxis(np.linalg.cholesky(np.moveaxis(unit, -1, 0)), 0, -1)
        return cls(
            target=np.ascontiguousarray(target.T),
            taken=np.ascontiguousarray(np.einsum("idn,ijn->njd", pulled[:-1], root)),
            own=np.ascontiguousarray(own.T),
            neighbours={
                int(rows): np.ascontiguousarray(np.where(lag == rows, beside, 0.0)[rows:].T)
                for rows in np.unique(lag[lag > 0])
            },
            most=np.sqrt(np.maximum(0.0, np.einsum("dn,dn->n", target, value))),
        )

    def statistics(self, sequences: Floats) -> Floats:
        """Return the statistic of every sequence with every trial.

        Parameters
        ----------
        sequences : ndarray of shape (m, d)
            Weights of the days.

        Returns
        -------
        ndarray of shape (n, m)
            Statistics.
        """
        across = sequences.T
        size = self.own @ across**2
        for rows, beside in self.neighbours.items():
            size += beside @ (across[rows:] * across[:-rows])
        left = size.copy()
        for taken in self.taken.swapaxes(0, 1):
            left -= (taken @ across) ** 2
        return _standardised(self.target @ across, size, left)

    def statistics_of(self, own: Floats) -> Floats:
        """Return the statistic of one sequence for each trial, shape (n,); `own` has the shape (n, d)."""
        size = np.einsum("nd,nd->n", self.own, own**2)
        for rows, beside in self.neighbours.items():
            size += np.einsum("nd,nd->n", beside, own[:, rows:] * own[:, :-rows])
        left = size - np.sum(np.einsum("nbd,nd->nb", self.taken, own) ** 2, axis=1)
        return _standardised(np.einsum("nd,nd->n", self.target, own), size, left)


def _standardised(sums: Floats, size: Floats, left: Floats) -> Floats:
    empty = left <= _EMPTY * size
    return np.asarray(np.where(empty, 0.0, sums / np.sqrt(np.where(empty, 1.0, left))))


def _rest(matrix: Floats) -> Floats:
    """Return the residual sum of squares of the last column."""
    p = len(matrix) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = np.einsum("abn,bn->an", inverse(matrix[:p, :p]), matrix[:p, p])
        return np.asarray(np.nan_to_num(matrix[p, p] - np.einsum("an,an->n", matrix[:p, p], slopes)))


def _largest(days: Days) -> Floats:
    return np.asarray(np.where(np.isfinite(days.value), np.abs(days.value), 0.0).max(axis=0))
