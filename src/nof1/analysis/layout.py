"""Sequence spaces laid out by position, as arrays: from every beginning the ways on, and where their shares end.

For a program that draws or lists thousands of sequences at once. The numbers of sequences are whole numbers of
any size, so that no share is ever rounded before it is cut to bits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from nof1.schedule.arrangements import Runs

if TYPE_CHECKING:
    from nof1.schedule.automaton import Branch
    from nof1.schedule.space import SequenceSpace


class Step(NamedTuple):
    """One position: its nodes, which are beginnings with the same future, and the ways on from each of them.

    Attributes
    ----------
    symbol : ndarray of shape (n_nodes, n_ways)
        Place of the condition. A node with fewer ways is filled up with ways that nobody goes.
    following : ndarray of shape (n_nodes, n_ways)
        Place of the next node in the next step.
    ends : ndarray of int of any size, shape (n_nodes, n_ways)
        Sequences on this way and those before it; on the last one, and on whatever fills up, all of the node.
    share : ndarray of shape (n_nodes, n_ways - 1)
        The first bits of the share of the node's sequences that `ends` is; all ones where that is 1.
    """

    symbol: npt.NDArray[np.int8]
    following: npt.NDArray[np.int64]
    ends: npt.NDArray[np.object_]
    share: npt.NDArray[np.uint64]


@lru_cache(maxsize=16)
def laid_out(space: SequenceSpace, bits: int) -> tuple[Step, ...]:
    """Lay a space out by position.

    Parameters
    ----------
    space : SequenceSpace
        Of any kind.
    bits : int
        Of a share, 64 or less.

    Returns
    -------
    tuple of Step, length n_periods
        The first one has one node.
    """
    if isinstance(space.automaton, Runs):
        return _laid_runs(space.automaton, bits)
    return tuple(_step(layer, bits) for layer in space.layers())


def _step(layer: tuple[tuple[Branch, ...], ...], bits: int) -> Step:
    shape = len(layer), max(len(branches) for branches in layer)
    symbol, following = np.zeros(shape, dtype=np.int8), np.zeros(shape, dtype=np.int64)
    ways = np.zeros(shape, dtype=object)
    for node, branches in enumerate(layer):
        for place, branch in enumerate(branches):
            symbol[node, place], ways[node, place], following[node, place] = branch
    ends = np.add.accumulate(ways, axis=1)
    return Step(symbol, following, ends, _shares(ends, bits))


def _laid_runs(spec: Runs, bits: int) -> tuple[Step, ...]:
    """Lay out orders with a longest run: thousands of nodes, which are whole numbers here.

    The digits of such a number are what is left of every symbol, the last symbol, and the length of its run. A
    space for which 63 bits are too few is refused (OverflowError): no memory could hold its nodes.
    """
    n_runs = spec.longest + 1
    least = spec.n_symbols * n_runs
    places = [least * (spec.each + 1) ** symbol for symbol in range(spec.n_symbols)]
    weights = np.array(places, dtype=np.int64)[:, None]
    symbols = np.arange(spec.n_symbols)[:, None]
    nodes = np.array([spec.each * sum(places)], dtype=np.int64)
    reached = []
    for _ in range(spec.n_steps):
        last, run = nodes % least // n_runs, nodes % n_runs
        longer = np.where(last == symbols, run, 0) + 1
        may = (nodes // weights % (spec.each + 1) > 0) & (longer <= spec.longest)
        children = nodes - nodes % least - weights + symbols * n_runs + longer
        following = np.zeros(may.shape, dtype=np.int64)
        nodes, following[may] = np.unique(children[may], return_inverse=True)
        reached.append((may, following))
    steps = []
    total, place = np.ones(nodes.size, dtype=object), np.arange(nodes.size)
    for may, child in reversed(reached):
        ways = np.where(may, total[child], 0)
        is_open = ways > 0
        first = np.argsort(~is_open, axis=0, kind="stable")[: np.count_nonzero(is_open, axis=0).max()]
        ends = np.add.accumulate(np.take_along_axis(ways, first, axis=0), axis=0)
        total = ends[-1]
        alive = total > 0  # the others are dead ends: no way leads to them
        after = place[np.take_along_axis(child, first, axis=0)]
        place = np.cumsum(alive) - 1
        ends = np.ascontiguousarray(ends[:, alive].T)
        symbol = np.ascontiguousarray(first[:, alive].T, dtype=np.int8)
        following = np.ascontiguousarray(after[:, alive].T)
        steps.append(Step(symbol, following, ends, _shares(ends, bits)))
    return tuple(reversed(steps))


def _shares(ends: npt.NDArray[np.object_], bits: int) -> npt.NDArray[np.uint64]:
    shares: npt.NDArray[np.object_] = np.minimum((ends[:, :-1] << bits) // ends[:, -1:], (1 << bits) - 1)
    return shares.astype(np.uint64)
