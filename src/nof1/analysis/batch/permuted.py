"""Randomization tests of thousands of trials against one reference set: one product of two matrices for all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from nof1.analysis.batch.days import days_of
from nof1.analysis.counting import TIE
from nof1.analysis.reference_set import LARGEST_LISTED, drawn, listed
from nof1.schedule.arrangements import Arrangements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.analysis.batch.algebra import Flags, Floats, Ints
    from nof1.analysis.batch.days import Days
    from nof1.analysis.contrasts import ContrastLike
    from nof1.analysis.reference_set import Codes
    from nof1.analysis.simulate import Simulated
    from nof1.analysis.trend import Trend
    from nof1.schedule.space import SequenceSpace

N_DRAWS: Final = 9_999
_TOGETHER: Final = 256
_WIDTH: Final = 512
_LANES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One randomization test per trial, as `RandomizationResult` has it for one.

    Attributes
    ----------
    statistic : ndarray of shape (n_trials,)
        Of the sequence that was drawn [unit].
    n_as_extreme : ndarray of shape (n_trials,)
        Sequences at least as extreme, the drawn one included.
    n_sequences : int
        All of them.
    exact : bool
        Whether the whole reference set was counted.
    """

    statistic: Floats
    n_as_extreme: Ints
    n_sequences: int
    exact: bool

    @property
    def p_value(self) -> Floats:
        """Two-sided p, shape (n_trials,)."""
        return self.n_as_extreme / self.n_sequences


def randomization_tests(
    trials: Simulated,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    rng: np.random.Generator,
    n_draws: int = N_DRAWS,
) -> Counts:
    """Make `randomization_test` for many trials at once, with the residual statistic.

    Where the reference set is too large to be listed, draws are shared: each test is valid, but tests that share
    them err together, so that a rate has a slightly larger Monte Carlo error than a binomial one.

    Parameters
    ----------
    trials : Simulated
        Trials of one design. Conditions outside the contrast stay in place, which only designs can have whose
        periods are arranged freely within blocks, or within the whole.
    contrast, trend
        As in `randomization_test`; no spline where days are missing.
    rng : numpy.random.Generator
        For draws.
    n_draws : int
        Number of draws.

    Returns
    -------
    Counts
        What `randomization_test` counts, trial by trial; exactly so where the set is listed.

    Raises
    ------
    ValueError
        If what may move differs from trial to trial in more than its places, so that every trial has a reference set
        of its own; or the practice term differs from trial to trial.
    """
    days = days_of(trials, contrast)
    columns = shared_practice(days, trend)
    order, space = moved_among(trials.occasions.space, days)
    codes, exact = listed_or_drawn(space, rng, n_draws)
    times = np.bincount(codes[0], minlength=len(days.conditions))
    coefficients = days.contrast / np.maximum(times, 1)
    shared = _Shared.of(codes, coefficients)
    extra = 0 if exact else 1
    statistics, counts = [], []
    for at, some in days.chunks(_TOGETHER):
        adds, own = period_effects(some, columns), some.codes
        if order is not None:
            adds = np.take_along_axis(adds, order[:, at], axis=0)
            own = np.take_along_axis(own, order[:, at], axis=0)
        observed = np.einsum("pn,pn->n", coefficients.take(own), adds)
        most = np.abs(coefficients).max() * np.abs(adds).sum(axis=0)  # no statistic is larger
        counts.append(shared.as_extreme(adds, np.abs(observed) - TIE * most) + extra)
        statistics.append(observed)
    return Counts(
        statistic=np.concatenate(statistics),
        n_as_extreme=np.concatenate(counts),
        n_sequences=len(codes) + extra,
        exact=exact,
    )


def moved_among(space: SequenceSpace, days: Days) -> tuple[Ints | None, SequenceSpace]:
    """Return the reference set that all trials share once the periods that move are brought together.

    Where conditions outside the contrast stay in place, other periods move in every trial; but within a block always
    as many of each condition.

    Parameters
    ----------
    space : SequenceSpace
        Of the design.
    days : Days
        Of n trials.

    Returns
    -------
    tuple of (ndarray of shape (n_moving, n) or None, SequenceSpace)
        Positions that move, in each trial, None: all as they stand; and the orders of what lies there.

    Raises
    ------
    ValueError
        If there is no such set.
    """
    outside = days.outside
    if not outside:
        return None, space
    if not isinstance(space.automaton, Arrangements):
        raise no_shared_set(outside)
    moves = [code not in outside for code in days.conditions]
    sack = np.array(space.automaton.sack_of)
    counts = np.array(space.automaton.counts) * moves
    key = np.where(np.take(moves, days.codes), sack[:, None], sack.size)
    order = np.argsort(key, axis=0, kind="stable")[: counts.sum()]
    sack_of = np.repeat(np.arange(len(counts)), counts.sum(axis=1))
    arranged = Arrangements(tuple(sack_of.tolist()), tuple(map(tuple, counts.tolist())))
    return order, replace(
        space,
        kind="moved",
        blocks=tuple((sack_of + 1).tolist()),
        automaton=arranged.without_empty_sacks(),
    )


def no_shared_set(outside: Sequence[str]) -> ValueError:
    """Return the refusal of conditions that stay in place.

    Parameters
    ----------
    outside : sequence of str
        Those outside the contrast.

    Returns
    -------
    ValueError
        To be raised.
    """
    return ValueError(
        f"contrast: {outside[0]!r} stays in place, so each trial has a reference set of its own"
    )


def shared_practice(days: Days, trend: Trend | None) -> list[Floats]:
    """Return the columns of the practice term that all trials share.

    Parameters
    ----------
    days : Days
        Of n trials.
    trend : str or None
        Which.

    Returns
    -------
    list of ndarray of shape (n_days, q)
        As `Days.practice`.

    Raises
    ------
    ValueError
        If it differs from trial to trial.
    """
    columns = days.practice(trend)
    if columns is None:
        raise ValueError("trend: a spline where days are missing differs from trial to trial")
    return columns


def listed_or_drawn(space: SequenceSpace, rng: np.random.Generator, n_draws: int) -> tuple[Codes, bool]:
    """Return a reference set, and whether it is whole.

    Parameters
    ----------
    space : SequenceSpace
        Of the design.
    rng : numpy.random.Generator
        For draws.
    n_draws : int
        Number of draws, where there are too many sequences to be listed.

    Returns
    -------
    tuple of (ndarray of shape (m, n_periods), bool)
        Sequences.
    """
    exact = space.size <= LARGEST_LISTED
    return listed(space) if exact else drawn(space, n_draws, rng), exact


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """A reference set in blocks that stay in the processor's cache with what is computed from them.

    Attributes
    ----------
    blocks : tuple of ndarray of shape (n_periods, width)
        Coefficients by period; columns of zeros fill up the last one.
    n_sequences : int
        Columns that are sequences.
    """

    blocks: tuple[Floats, ...]
    n_sequences: int

    @classmethod
    def of(cls, codes: Codes, coefficients: Floats) -> Self:
        """Cut a reference set of shape (n_sequences, n_periods) into blocks."""
        n = len(codes)
        width = min(_WIDTH, -(-n // _LANES) * _LANES)
        starts = range(0, n, width)
        blocks = [np.zeros((codes.shape[1], width)) for _ in starts]
        for start, block in zip(starts, blocks, strict=True):
            block[:, : n - start] = coefficients.take(codes[start : start + width].T)
        return cls(blocks=tuple(blocks), n_sequences=n)

    def as_extreme(self, adds: Floats, least: Floats) -> Ints:
        """Count for each trial the sequences whose statistic is at least so large.

        Parameters
        ----------
        adds : ndarray of shape (n_periods, n)
            What each period adds.
        least : ndarray of shape (n,)
            How large.

        Returns
        -------
        ndarray of shape (n,)
            Counts.
        """
        rows = np.ascontiguousarray(adds.T)
        size = np.empty((len(rows), self.blocks[0].shape[1]))
        reaches = np.empty(size.shape, dtype=bool)
        count = np.zeros(len(rows), dtype=np.int64)
        for block in self.blocks:
            np.abs(np.matmul(rows, block, out=size), out=size)
            np.greater_equal(size, least[:, None], out=reaches)
            # Eight truths at once are one number; a byte of the sum holds up to 255 of them.
            lanes = np.add.reduce(reaches.view(np.uint64), axis=1).view(np.uint8)
            count += lanes.reshape(len(rows), _LANES).sum(axis=1, dtype=np.int64)
        return np.minimum(count, self.n_sequences)


def period_effects(days: Days, columns: list[Floats]) -> Floats:
    """Return what each period adds: its mean residual after the trend, centred; 0 where it has no data.

    Parameters
    ----------
    days : Days
        Of n trials.
    columns : list of ndarray of shape (n_days, t)
        Candidates of the practice term; the best one is taken, without a look at the conditions.

    Returns
    -------
    ndarray of shape (n_periods, n)
        As `statistics.effects` gives them.
    """
    seen = np.isfinite(days.value)
    n = np.maximum(seen.sum(axis=0), 1)
    value = np.where(seen, days.value, 0.0)
    value = np.where(seen, value - value.sum(axis=0) / n, 0.0)
    whole = bool(seen.all())  # then the practice term is the same for all
    best, least = value, np.full(days.n_trials, np.inf)
    for practice in columns:
        left = value
        if practice.shape[1]:
            left = _without(practice, value) if whole else _without_seen(practice, value, seen, n)
        rest = np.einsum("dn,dn->n", left, left)
        best, least = np.where(rest < least, left, best), np.minimum(rest, least)
    counted = days.days_of_periods()
    there = counted > 0
    means = np.add.reduceat(best, days.starts, axis=0) / np.maximum(counted, 1)
    centre = means.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    adds = np.where(there, means - centre, 0.0)
    largest = np.where(seen, np.abs(days.value), 0.0).max(axis=0)
    adds[np.abs(adds) < 1e-12 * largest] = 0.0
    constant = np.sqrt(np.einsum("dn,dn->n", value, value) / n) <= 1e-8 * largest
    adds[:, constant] = 0.0
    return adds


def _without(practice: Floats, value: Floats) -> Floats:
    held = practice - practice.mean(axis=0)
    held = held / np.maximum(np.sqrt(np.sum(held**2, axis=0)), 1e-150)
    return np.asarray(value - held @ (np.linalg.pinv(held, rcond=1e-6) @ value))


def _without_seen(practice: Floats, value: Floats, seen: Flags, n: Ints) -> Floats:
    held = practice.T[:, :, None] * seen
    held = np.where(seen, held - held.sum(axis=1, keepdims=True) / n, 0.0)
    gram = np.moveaxis(np.einsum("idn,jdn->ijn", held, held), -1, 0)
    right = np.einsum("idn,dn->ni", held, value)
    size = np.sqrt(np.maximum(np.einsum("nii->ni", gram), 1e-300))
    unit = np.linalg.pinv(gram / (size[:, :, None] * size[:, None, :]), rcond=1e-12, hermitian=True)
    slopes = np.einsum("nij,nj->in", unit, right / size) / size.T
    return np.asarray(value - np.einsum("in,idn->dn", slopes, held))
