"""Many trials as the models meet them: a value a day, the practice clock, and what makes a trial a rare case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from nof1.analysis.batch.algebra import TOGETHER
from nof1.analysis.contrasts import ContrastLike, contrast_weights, moving
from nof1.analysis.fewest import FEWEST_SETS
from nof1.analysis.trend import SPLINE_PERIODS, Trend, time_constants, trend_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.analysis.batch.algebra import Flags, Floats, Ints
    from nof1.analysis.reference_set import Codes
    from nof1.analysis.simulate import Simulated


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Day means of many trials of one design; the last axis of every array with two axes counts trials.

    Attributes
    ----------
    value : ndarray of shape (n_days, n_trials)
        Day means [unit]; NaN where a day is missing.
    clock, day, period : ndarray of shape (n_days,)
        Occasion of the score, several on a day counting as one; calendar day; period, from 0.
    codes : ndarray of shape (n_periods, n_trials)
        Condition of each period.
    block : ndarray of shape (n_periods,)
        Block of each period; all the same where the design has none.
    conditions : tuple of str
        In the order of the codes.
    weights : dict of str to float
        The contrast.
    """

    value: Floats
    clock: Floats
    day: Ints
    period: Ints
    codes: Codes
    block: Ints
    conditions: tuple[str, ...]
    weights: dict[str, float]

    @property
    def n_trials(self) -> int:
        """Number of trials."""
        return int(self.value.shape[1])

    @property
    def n_periods(self) -> int:
        """Number of periods."""
        return int(self.codes.shape[0])

    @property
    def contrast(self) -> Floats:
        """Weight of each condition, shape (k,)."""
        return np.array([self.weights.get(code, 0.0) for code in self.conditions])

    @property
    def outside(self) -> tuple[str, ...]:
        """Conditions that take no part in the contrast, in alphabetical order."""
        return tuple(sorted(set(self.conditions) - set(moving(self.weights))))

    def chunks(self, together: int = TOGETHER) -> Iterator[tuple[slice, Self]]:
        """Yield heaps of trials, and where they lie."""
        for start in range(0, self.n_trials, together):
            at = slice(start, start + together)
            yield at, replace(self, value=self.value[:, at], codes=self.codes[:, at])

    def days_of_periods(self) -> Ints:
        """Return the observed days of every period, shape (n_periods, n_trials)."""
        seen = np.isfinite(self.value)
        if seen.all():
            length = np.diff(np.append(self.starts, self.period.size))
            return np.broadcast_to(length[:, None], self.codes.shape)
        return np.asarray(np.add.reduceat(seen, self.starts, axis=0, dtype=np.int64))

    @property
    def starts(self) -> Ints:
        """First row of every period, shape (n_periods,)."""
        return np.searchsorted(self.period, np.arange(self.n_periods))

    def few(self, days: Ints) -> Flags:
        """Return where there are too few sets or periods for a test.

        Parameters
        ----------
        days : ndarray of shape (n_periods, n_trials)
            Observed days of every period.

        Returns
        -------
        ndarray of bool, shape (n_trials,)
            As `estimation.too_few` has it.
        """
        taking_part = [self.conditions.index(code) for code in moving(self.weights)]
        there = days > 0
        sets = np.zeros(self.n_trials, dtype=np.int64)
        for block in np.unique(self.block):
            at = self.block == block
            sets += np.min(
                [np.sum(there[at] & (self.codes[at] == code), axis=0) for code in taking_part], axis=0
            )
        periods = np.min([np.sum(there & (self.codes == code), axis=0) for code in taking_part], axis=0)
        return np.asarray((periods < 2) | (sets < FEWEST_SETS))

    def practice(self, trend: Trend | None) -> list[Floats] | None:
        """Return the columns of the practice term, one array per time constant.

        Parameters
        ----------
        trend : str or None
            Which.

        Returns
        -------
        list of ndarray of shape (n_days, q), or None
            None where they differ from trial to trial: a spline where days are missing.
        """
        if trend == "spline":
            if np.isnan(self.value).any():
                return None
            trend = "spline" if self.n_periods >= SPLINE_PERIODS else "log"
        return [trend_columns(self.clock, trend, constant) for constant in time_constants(trend)]


def days_of(trials: Simulated, contrast: ContrastLike) -> Days:
    """Average several scores of a day and lay out what the models start from.

    Parameters
    ----------
    trials : Simulated
        Trials.
    contrast : pair of str, or mapping of str to float
        What is compared.

    Returns
    -------
    Days
        Of the occasions that count.

    Raises
    ------
    ValueError
        If the contrast cannot be meant, or names a condition that the design does not have.
    """
    weights = contrast_weights(contrast)
    of = trials.occasions
    conditions = tuple(map(str, of.space.conditions))
    unknown = [code for code in moving(weights) if code not in conditions]
    if unknown:
        raise ValueError(f"contrast: {unknown[0]!r} is not a condition of the design {conditions}")
    at = np.flatnonzero(of.counted)
    day, first, times = np.unique(of.day[at], return_index=True, return_counts=True)
    value = trials.value[at]
    last = of.session[at][first + times - 1].astype(float)
    if times.max() > 1:
        held = np.isfinite(value)
        sums = np.add.reduceat(np.where(held, value, 0.0), first, axis=0)
        with np.errstate(invalid="ignore"):
            value = sums / np.add.reduceat(held, first, axis=0, dtype=np.int64)
    usual = np.bincount(times)
    prompts = int(np.flatnonzero(usual == usual.max()).max())
    return Days(
        value=value,
        clock=np.ceil(last / prompts),
        day=day,
        period=of.period[at][first] - 1,
        codes=trials.codes,
        block=of.block,
        conditions=conditions,
        weights=weights,
    )
