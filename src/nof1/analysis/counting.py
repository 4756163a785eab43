"""How many sequences of a reference set have a statistic as extreme as the one that was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from nof1.analysis.reference_set import Codes
    from nof1.analysis.trend import Floats

TIE: Final = 1e-9
"""Statistics that differ by less than this share of the largest one count as equal."""
_CHUNK: Final = 1 << 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A count over a reference set.

    Attributes
    ----------
    n_as_extreme, n_sequences : int
        At least as extreme as observed; and all.
    n_most_extreme : int
        As extreme as the most extreme one: the smallest count that could have been seen.
    """

    n_as_extreme: int
    n_sequences: int
    n_most_extreme: int


def sums(codes: Codes, table: Floats, values: Floats) -> Floats:
    """Return for every sequence the sum over positions of coefficient times value.

    Parameters
    ----------
    codes : ndarray of shape (m, n)
        Sequences.
    table : ndarray of shape (k,)
        Coefficient of each condition.
    values : ndarray of shape (n,)
        Value of each position.

    Returns
    -------
    ndarray of shape (m,)
        Sums.
    """
    chunks = (codes[start : start + _CHUNK] for start in range(0, len(codes), _CHUNK))
    return np.concatenate([np.zeros(0), *(table.take(chunk) @ values for chunk in chunks)])


def count_listed(statistics: Floats, observed: float) -> Count:
    """Count by looking at every statistic.

    Parameters
    ----------
    statistics : ndarray of shape (m,)
        One per sequence.
    observed : float
        The statistic that was seen.

    Returns
    -------
    Count
        Two-sided.

    Examples
    --------
    >>> count_listed(np.array([-2.0, -1.0, 1.0, 2.0]), 1.0).n_as_extreme
    4
    """
    size = np.abs(statistics)
    most = float(size.max(initial=0.0))
    tie = TIE * max(most, abs(observed))
    return Count(
        n_as_extreme=int(np.count_nonzero(size >= abs(observed) - tie)),
        n_sequences=statistics.size,
        n_most_extreme=int(np.count_nonzero(size >= most - tie)),
    )


def halves(parts: list[Floats]) -> tuple[Floats, Floats]:
    """Sum independent segments into two halves of similar size, both sorted.

    Parameters
    ----------
    parts : list of ndarray
        For each segment the sums of its rows.

    Returns
    -------
    tuple of two ndarrays
        Every sequence has one sum in each.
    """
    both = [np.zeros(1), np.zeros(1)]
    for part in sorted(parts, key=len, reverse=True):
        small = int(both[0].size > both[1].size)
        both[small] = np.add.outer(both[small], part).ravel()
    return np.sort(both[0]), np.sort(both[1])


def half_sizes(rows: list[int]) -> tuple[int, int]:
    """Return how many sums `halves` would hold, without making them.

    Parameters
    ----------
    rows : list of int
        Number of rows of each segment.

    Returns
    -------
    tuple of (int, int)
        Sums in each half.

    Examples
    --------
    >>> half_sizes([2] * 7)
    (16, 8)
    """
    both = [1, 1]
    for n in sorted(rows, reverse=True):
        both[int(both[0] > both[1])] *= n
    return both[0], both[1]


def count_halves(left: Floats, right: Floats, observed: float) -> Count:
    """Count pairs of half sums without forming them (meet in the middle).

    With two halves of 2^20 sums all 2^40 sequences of forty blocks of two are counted.

    Parameters
    ----------
    left, right : ndarray
        Sorted half sums.
    observed : float
        The statistic that was seen.

    Returns
    -------
    Count
        Two-sided, exact integers.

    References
    ----------
    Horowitz and Sahni 1974, doi:10.1145/321812.321823 (the idea of two halves).

    Examples
    --------
    >>> count_halves(np.array([-1.0, 1.0]), np.array([-2.0, 2.0]), 3.0).n_as_extreme
    2
    """
    highest, lowest = float(left[-1] + right[-1]), float(left[0] + right[0])
    most = max(abs(highest), abs(lowest))
    tie = TIE * max(most, abs(observed))
    return Count(
        n_as_extreme=_beyond(left, right, abs(observed) - tie),
        n_sequences=left.size * right.size,
        n_most_extreme=_beyond(left, right, most - tie),
    )


def _beyond(left: Floats, right: Floats, limit: float) -> int:
    if limit <= 0.0:
        return left.size * right.size
    above = right.size * left.size - int(np.searchsorted(right, limit - left, side="left").sum())
    return above + int(np.searchsorted(right, -limit - left, side="right").sum())
