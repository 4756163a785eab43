"""Sequences that could have been drawn, as arrays: all of them, uniform draws, or independent segments.

What a space holds is laid out by position (`layout.laid_out`). From that follow three forms, none of
which knows the name of a design: every sequence; an exact sampler that draws thousands in one pass; and
the segments into which a sequence falls where the future does not depend on the past, such as blocks.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nof1.analysis.layout import laid_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.analysis.layout import Step
    from nof1.schedule.space import SequenceSpace

Codes = npt.NDArray[np.int8]
N_DRAWS: Final = 99_999
LARGEST_LISTED: Final = 2**16
LARGEST_HALF: Final = 2**21
BITS: Final = 64


def listed(space: SequenceSpace) -> Codes:
    """Return every sequence of a space in the order of its rank.

    Parameters
    ----------
    space : SequenceSpace
        A small one.

    Returns
    -------
    ndarray of shape (size, n_periods)
        Places of the conditions in `space.conditions`.

    Examples
    --------
    >>> from nof1.schedule.space import balanced
    >>> listed(balanced(4, ("on", "off"), max_run=1)).tolist()
    [[0, 1, 0, 1], [1, 0, 1, 0]]
    """
    return _expand(laid_out(space, BITS))


def drawn(space: SequenceSpace, n_draws: int, rng: np.random.Generator, *, bits: int = BITS) -> Codes:
    """Draw sequences, every one of the space with exactly the same probability.

    A walk through the layers, all draws at once. At each position 64 random bits are the beginning of a
    number between 0 and 1, which is compared with the shares of the branches; in the rare case that these
    bits do not decide, more are drawn. No share is ever rounded.

    Parameters
    ----------
    space : SequenceSpace
        Of any size.
    n_draws : int
        How many.
    rng : numpy.random.Generator
        Source of random bits.
    bits : int
        Bits that are drawn at once, 64 or less; for tests.

    Returns
    -------
    ndarray of shape (n_draws, n_periods)
        Places of the conditions in `space.conditions`.
    """
    codes = np.empty((n_draws, space.n_periods), dtype=np.int8)
    node = np.zeros(n_draws, dtype=np.int64)
    for position, (symbol, following, ends, share) in enumerate(laid_out(space, bits)):
        choice = np.zeros(n_draws, dtype=np.int64)
        if share.shape[1]:
            random = rng.integers(0, 1 << bits, size=n_draws, dtype=np.uint64)
            undecided = np.zeros(n_draws, dtype=bool)
            for limits in share.T:
                limit = limits.take(node)
                choice += random > limit
                undecided |= random == limit
            for row in np.flatnonzero(undecided):
                choice[row] = _undecided(ends[node[row]], int(random[row]), bits, rng)
        place = node * symbol.shape[1] + choice
        codes[:, position] = symbol.take(place)
        node = following.take(place)
    return codes


def segments(space: SequenceSpace, largest: int = LARGEST_LISTED) -> tuple[Codes, ...] | None:
    """Split a space where the future does not depend on the past; every sequence joins one row of each part.

    Parameters
    ----------
    space : SequenceSpace
        Any space.
    largest : int
        Rows that one segment may have.

    Returns
    -------
    tuple of ndarray, or None
        For each segment its rows, shape (m, length); None where a segment is too large to list.
    """
    steps = laid_out(space, BITS)
    cuts = [(position, step.ends[0, -1]) for position, step in enumerate(steps) if len(step.ends) == 1]
    parts = []
    for (start, n_here), (stop, n_after) in itertools.pairwise([*cuts, (len(steps), 1)]):
        # From the one node of a cut every way leads to the next cut, so totals divide.
        if n_here > largest * n_after:
            return None
        parts.append(_expand(steps[start:stop]))
    return tuple(parts)


def _expand(steps: Sequence[Step]) -> Codes:
    node = np.zeros(1, dtype=np.int64)
    codes = np.empty((1, 0), dtype=np.int8)
    for symbol, following, ends, _ in steps:
        n_ways = np.count_nonzero(ends[:, :-1] < ends[:, -1:], axis=1) + 1
        times = n_ways[node]
        row = np.repeat(np.arange(node.size), times)
        way = np.arange(row.size) - np.repeat(np.cumsum(times) - times, times)
        codes = np.column_stack([codes[row], symbol[node[row], way]]).astype(np.int8)
        node = following[node[row], way]
    return codes


def _undecided(ends: npt.NDArray[np.object_], random: int, bits: int, rng: np.random.Generator) -> int:
    """Choose a way for a number whose first bits fall on a border: read more bits until it is clear."""
    total = ends[-1]
    have = bits
    while True:
        for place, below in enumerate(ends):
            # The number lies in [random, random + 1) / 2^have, the way ends at below / total.
            if (random + 1) * total <= below << have:
                return place
            if random * total < below << have:
                break
        random = (random << bits) | int(rng.integers(0, 1 << bits, dtype=np.uint64))
        have += bits
