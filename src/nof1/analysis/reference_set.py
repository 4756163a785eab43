"""Sequences that could have been drawn, as arrays: all of them, uniform draws, or independent segments.

What a space holds is laid out by position (`SequenceSpace.layers`). From that follow three forms, none of
which knows the name of a design: every sequence; an exact sampler that draws thousands in one pass; and
the segments into which a sequence falls where the future does not depend on the past, such as blocks.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from nof1.schedule.automaton import Branch
    from nof1.schedule.space import SequenceSpace

Codes = npt.NDArray[np.int8]
Layer = tuple[tuple["Branch", ...], ...]
Tables = tuple[Codes, npt.NDArray[np.int64], npt.NDArray[np.uint64]]
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
    return _expand(_layers(space))


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
    layers = _layers(space)
    codes = np.empty((n_draws, len(layers)), dtype=np.int8)
    node = np.zeros(n_draws, dtype=np.int64)
    for position, (layer, tables) in enumerate(zip(layers, _laid(space, bits), strict=True)):
        symbol, following, share = tables
        choice = np.zeros(n_draws, dtype=np.int64)
        if share.shape[1]:
            random = rng.integers(0, 1 << bits, size=n_draws, dtype=np.uint64)
            undecided = np.zeros(n_draws, dtype=bool)
            for limits in share.T:
                limit = limits.take(node)
                choice += random > limit
                undecided |= random == limit
            for row in np.flatnonzero(undecided):
                choice[row] = _undecided(layer[node[row]], int(random[row]), bits, rng)
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
    layers = _layers(space)
    cuts = [position for position, layer in enumerate(layers) if len(layer) == 1] + [len(layers)]
    parts = []
    for start, stop in itertools.pairwise(cuts):
        # From the one node of a cut every way leads to the next cut, so totals divide.
        after = layers[stop][0] if stop < len(layers) else ()
        if sum(b.total for b in layers[start][0]) > largest * (sum(b.total for b in after) or 1):
            return None
        parts.append(_expand(layers[start:stop]))
    return tuple(parts)


@lru_cache(maxsize=16)
def _layers(space: SequenceSpace) -> tuple[Layer, ...]:
    return space.layers()


@lru_cache(maxsize=16)
def _laid(space: SequenceSpace, bits: int) -> tuple[Tables, ...]:
    return tuple(_tables(layer, bits) for layer in _layers(space))


def _expand(layers: tuple[Layer, ...]) -> Codes:
    node = np.zeros(1, dtype=np.int64)
    codes = np.empty((1, 0), dtype=np.int8)
    for layer in layers:
        width = np.array([len(branches) for branches in layer])
        times = width[node]
        row = np.repeat(np.arange(node.size), times)
        branch = np.arange(row.size) - np.repeat(np.cumsum(times) - times, times)
        symbol, following, _ = _tables(layer, BITS)
        codes = np.column_stack([codes[row], symbol[node[row], branch]]).astype(np.int8)
        node = following[node[row], branch]
    return codes


def _tables(layer: Layer, bits: int) -> Tables:
    """Lay branches out as tables: condition, next node, and where the share of each branch ends."""
    width = max(len(branches) for branches in layer)
    symbol = np.zeros((len(layer), width), dtype=np.int8)
    following = np.zeros((len(layer), width), dtype=np.int64)
    share = np.full((len(layer), width - 1), (1 << bits) - 1, dtype=np.uint64)
    for node, branches in enumerate(layer):
        total = sum(branch.total for branch in branches)
        below = 0
        for place, branch in enumerate(branches):
            symbol[node, place] = branch.symbol
            following[node, place] = branch.following
            below += branch.total
            if place < len(branches) - 1:
                share[node, place] = (below << bits) // total
    return symbol, following, share


def _undecided(branches: tuple[Branch, ...], random: int, bits: int, rng: np.random.Generator) -> int:
    """Choose a branch for a number whose first bits fall on a border: read more bits until it is clear."""
    total = sum(branch.total for branch in branches)
    have = bits
    while True:
        below = 0
        for place, branch in enumerate(branches):
            below += branch.total
            # The number lies in [random, random + 1) / 2^have, the branch ends at below / total.
            if (random + 1) * total <= below << have:
                return place
            if random * total < below << have:
                break
        random = (random << bits) | int(rng.integers(0, 1 << bits, dtype=np.uint64))
        have += bits
