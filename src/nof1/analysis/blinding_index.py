"""How well guesses agree with what was given: the indices of Bang and of James, with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from scipy import special

from nof1.analysis.blinding_summary import Index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.analysis.trend import Floats

LEVEL: Final = 0.95
_SHARES: Final = 65  # values of the nuisance share at which a tail is computed
_STEPS: Final = 33  # of the scan for an end, before it is halved down
_HALVINGS: Final = 20


def bang_index(n_correct: int, n_wrong: int, n_dont_know: int, *, n_conditions: int = 2) -> Index:
    """Return Bang's blinding index of one condition: the share of right guesses beyond chance.

    The index is p(right) - p(wrong): 1 if every guess was right, 0 as by chance, -1 if every guess was
    wrong; "don't know" counts in the denominator. Of k conditions a blind guess is wrong k - 1 times as
    often as right, so wrong guesses weigh 1 / (k - 1), and chance is 0 again.

    The interval is exact for independent guesses, with any share of "don't know": it holds every value
    that neither of two one-sided tests at 2.5 % rejects. These order all tables by the score statistic
    (the difference over its standard error under that value) and take the largest tail probability over
    the unknown share of wrong guesses, so the coverage is never below 95 %. Guesses of one person are not
    independent: beside the index belongs the randomization p of the report, which needs no such assumption.

    Parameters
    ----------
    n_correct, n_wrong, n_dont_know : int
        Guesses about periods under this condition.
    n_conditions : int
        How many conditions there were to guess at.

    Returns
    -------
    Index
        Everything None without guesses.

    Raises
    ------
    ValueError
        If a count is negative or no whole number, or there are fewer than two conditions.

    References
    ----------
    Bang, Ni and Davis 2004, doi:10.1016/j.cct.2003.10.016. Tango 1998,
    doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B (score statistic). Chan and Zhang
    1999, doi:10.1111/j.0006-341X.1999.01202.x (two one-sided exact tests).

    Examples
    --------
    >>> index = bang_index(7, 4, 1)
    >>> index.value, round(index.se, 3), tuple(round(end, 2) for end in index.ci)
    (0.25, 0.267, (-0.32, 0.71))
    """
    counts = _counted("bang_index", [n_correct, n_wrong, n_dont_know])
    if n_conditions < 2:
        raise ValueError(f"bang_index: found {n_conditions} conditions; there must be two or more")
    n = counts.sum()
    if not n:
        return Index(value=None)
    weight = 1.0 / (n_conditions - 1)
    value = (counts[0] - weight * counts[1]) / n
    se = np.sqrt(max(0.0, (counts[0] + weight**2 * counts[1]) / n - value**2) / n)
    tails = _Tails(correct=int(n_correct), wrong=int(n_wrong), n=int(n), weight=weight)
    ends = (_end(tails, value, "above"), _end(tails, value, "below"))
    return Index(value=float(value), se=float(se), ci=ends)


def james_index(table: Sequence[Sequence[int]]) -> Index:
    """Return James' blinding index over all conditions: 1 if nobody knew, .5 as by chance, 0 if all were right.

    A kappa of disagreement, to which "don't know" adds. With D the share of "don't know", S = 1 - D, a the
    share of wrong guesses, and E = S^2 - sum r_i c_i (r_i share of guesses that name condition i, c_i of
    those made under it) it is D + a S^2 / (2 E), which is {1 + P_DK + (1 - P_DK) K} / 2 written out. An index of
    1 can also mean that every guess was wrong. It mixes conditions in which guesses may go opposite ways;
    `bang_index` tells them apart.

    Parameters
    ----------
    table : sequence of rows, k x (k + 1)
        Counts. Row: what it was; column: what was guessed, in the same order, "don't know" last.

    Returns
    -------
    Index
        With the standard error of the delta method and the normal interval, cut at 0 and 1; both rest on
        many independent guesses, and there is no interval where the standard error is 0. Everything None
        where there is no guess, or where every guess was right about one and the same condition, so that
        chance would have been right as well.

    Raises
    ------
    ValueError
        If the table is not k x (k + 1), or a count is negative or no whole number.

    References
    ----------
    James et al. 1996, doi:10.1002/(SICI)1097-0258(19960715)15:13<1421::AID-SIM266>3.0.CO;2-H.

    Examples
    --------
    >>> index = james_index([[82, 25, 170], [27, 29, 83]])
    >>> round(index.value, 3), round(index.se, 3)
    (0.748, 0.022)
    """
    rows = [list(row) for row in table]
    if len(rows) < 2 or any(len(row) != len(rows) + 1 for row in rows):
        raise ValueError(
            "james_index: the table needs a row for each condition (two or more), and in it a number for each "
            "guess and one for don't know"
        )
    counts = _counted("james_index", [n for row in rows for n in row]).reshape(len(rows), -1)
    n = counts.sum()
    if not n:
        return Index(value=None)
    share = counts / n
    told, unsure = share[:, :-1], float(share[:, -1].sum())
    if not told.any():
        return Index(value=1.0, se=0.0)
    knew, named, was = told.sum(), told.sum(axis=0), told.sum(axis=1)
    chance = knew**2 - float(named @ was)
    if chance <= 1e-12:
        return Index(value=None)
    is_wrong = 1.0 - np.eye(len(rows))
    wrong = float((told * is_wrong).sum())
    value = unsure + wrong * knew**2 / (2.0 * chance)
    # Derivative of the value by the share of each cell; "don't know" adds itself alone.
    slope = np.ones_like(share)
    slope[:, :-1] = 0.5 * (
        knew**2 * is_wrong / chance
        + 2.0 * wrong * knew / chance
        - wrong * knew**2 / chance**2 * (2.0 * knew - named[:, None] - was[None, :])
    )
    variance = (float((share * slope**2).sum()) - float((share * slope).sum()) ** 2) / n
    se = float(np.sqrt(max(0.0, variance)))
    if se < 1e-9:
        return Index(value=float(value), se=0.0)
    half = float(special.ndtri(0.5 + LEVEL / 2.0)) * se
    return Index(value=float(value), se=se, ci=(max(0.0, float(value) - half), min(1.0, float(value) + half)))


@dataclass(frozen=True, kw_only=True)
class _Tails:
    """One table of guesses about one condition among all tables of as many guesses."""

    correct: int
    wrong: int
    n: int
    weight: float

    @cached_property
    def tables(self) -> tuple[Floats, Floats, Floats]:
        """Right and wrong guesses of every table, and the logarithm of its multinomial coefficient."""
        right, wrong = np.mgrid[0 : self.n + 1, 0 : self.n + 1].reshape(2, -1).astype(float)
        held = right + wrong <= self.n
        right, wrong = right[held], wrong[held]
        rest = self.n - right - wrong
        log_ways = special.gammaln(self.n + 1.0) - sum(special.gammaln(c + 1.0) for c in (right, wrong, rest))
        return right, wrong, np.asarray(log_ways)

    def score(self, right: Floats, wrong: Floats, index: float) -> Floats:
        """Return how far tables lie from an index, in standard errors under that index."""
        a, n = self.weight, self.n
        rest = n - right - wrong
        # The likelihood given the index is largest at the larger root of a quadratic in p(wrong).
        square = n * a * (1.0 + a)
        linear = a * (1.0 - index) * (right + wrong) - index * (1.0 + a) * (wrong + rest)
        root = np.sqrt(np.maximum(linear**2 + 4.0 * square * wrong * index * (1.0 - index), 0.0))
        p_wrong = np.clip((linear + root) / (2.0 * square), *self.shares(index))
        variance = np.maximum(index + a * p_wrong + a**2 * p_wrong - index**2, 0.0) / n
        away = (right - a * wrong) / n - index
        away[np.abs(away) < 1e-12] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            score = away / np.sqrt(variance)
        return np.where(away == 0.0, 0.0, score)

    def shares(self, index: float) -> tuple[float, float]:
        """Return the smallest and the largest p(wrong) that goes with an index."""
        return max(0.0, -index / self.weight), (1.0 - index) / (1.0 + self.weight)

    def probability(self, index: float, side: Literal["above", "below"]) -> float:
        """Return how likely a table at least as far above (or below) is at most, under an index."""
        right, wrong, log_ways = self.tables
        own = self.score(np.array([float(self.correct)]), np.array([float(self.wrong)]), index)[0]
        score = self.score(right, wrong, index)
        far = score >= own - 1e-9 if side == "above" else score <= own + 1e-9
        right, wrong, log_ways = right[far], wrong[far], log_ways[far]
        p_wrong = np.linspace(*self.shares(index), _SHARES)[:, None]
        p_right = np.clip(index + self.weight * p_wrong, 0.0, 1.0)
        p_rest = np.clip(1.0 - p_right - p_wrong, 0.0, 1.0)
        log_p = log_ways + special.xlogy(right, p_right) + special.xlogy(wrong, p_wrong)
        log_p += special.xlogy(self.n - right - wrong, p_rest)
        return float(np.exp(log_p).sum(axis=1).max())


def _end(tails: _Tails, value: float, side: Literal["above", "below"]) -> float:
    """Come from the far end and stop where the table is no longer too far above (or below) to be chance."""
    limit = (1.0 - LEVEL) / 2.0
    far = -tails.weight if side == "above" else 1.0
    outside, inside = far, far
    for inside in np.linspace(far, value, _STEPS):
        if tails.probability(float(inside), side) > limit:
            break
        outside = inside
    for _ in range(_HALVINGS):
        middle = (outside + inside) / 2.0
        if tails.probability(float(middle), side) > limit:
            inside = middle
        else:
            outside = middle
    return float(outside)


def _counted(name: str, counts: Sequence[int]) -> Floats:
    wrong = [n for n in counts if n != int(n) or n < 0]
    if wrong:
        raise ValueError(f"{name}: found {wrong[0]}; write whole numbers from 0")
    return np.array(counts, dtype=np.float64)
