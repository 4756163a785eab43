"""Automata of arrangements: fixed counts in any order, and fixed counts with a longest run."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import factorial, prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Arrangements:
    """All arrangements of fixed counts inside disjoint sets of positions.

    Attributes
    ----------
    sack_of : tuple of int, length n_steps
        Which set a position belongs to.
    counts : tuple of tuple of int, shape (n_sacks, n_symbols)
        How often each symbol lies in each set.
    """

    sack_of: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def n_steps(self) -> int:
        """Length of every sequence."""
        return len(self.sack_of)

    def root(self) -> ArrangementNode:
        """Return the empty beginning."""
        total = prod(multinomial(row) for row in self.counts)
        return ArrangementNode(self.sack_of, 0, self.counts, total)

    def agreeing(self, known: Mapping[int, int]) -> Arrangements | None:
        """Return the arrangements in which some positions are settled: they leave their set.

        Parameters
        ----------
        known : mapping of int to int
            Position to symbol.

        Returns
        -------
        Arrangements or None
            None if a symbol is known more often than it is there.
        """
        counts = [list(row) for row in self.counts]
        sack_of = list(self.sack_of)
        for position, symbol in known.items():
            counts[self.sack_of[position]][symbol] -= 1
            sack_of[position] = len(counts)
            counts.append([int(other == symbol) for other in range(len(counts[0]))])
        if any(left < 0 for row in counts for left in row):
            return None
        return Arrangements(tuple(sack_of), tuple(map(tuple, counts))).without_empty_sacks()

    def without_empty_sacks(self) -> Arrangements:
        """Return the same arrangements with the sets numbered by their first position.

        Returns
        -------
        Arrangements
            Equal spaces have equal numbers.
        """
        order = list(dict.fromkeys(self.sack_of))
        number = {sack: new for new, sack in enumerate(order)}
        return Arrangements(
            tuple(number[sack] for sack in self.sack_of), tuple(self.counts[sack] for sack in order)
        )


@dataclass(frozen=True, slots=True)
class ArrangementNode:
    """What is left in every set.

    Attributes
    ----------
    sack_of : tuple of int
        As in `Arrangements`.
    position : int
        The next position.
    left : tuple of tuple of int
        Counts left, as in `Arrangements`.
    total : int
        Number of completions.
    """

    sack_of: tuple[int, ...] = field(compare=False)
    position: int
    left: tuple[tuple[int, ...], ...]
    total: int = field(compare=False)

    def children(self) -> tuple[tuple[int, ArrangementNode], ...]:
        """Return what may come next.

        Of all completions the share ``n / m`` begins with a symbol that is there ``n`` times among ``m``:
        exact in integers, and no table is needed.
        """
        sack = self.sack_of[self.position]
        row = self.left[sack]
        before, after = self.left[:sack], self.left[sack + 1 :]
        in_sack = sum(row)
        return tuple(
            (
                symbol,
                ArrangementNode(
                    self.sack_of,
                    self.position + 1,
                    (*before, (*row[:symbol], n - 1, *row[symbol + 1 :]), *after),
                    self.total * n // in_sack,
                ),
            )
            for symbol, n in enumerate(row)
            if n
        )


@dataclass(frozen=True, slots=True)
class Runs:
    """Every symbol equally often, and none more than ``longest`` times in a row.

    Attributes
    ----------
    n_symbols, each : int
        How many symbols, and how often each of them is there.
    longest : int
        The longest run.
    """

    n_symbols: int
    each: int
    longest: int

    @property
    def n_steps(self) -> int:
        """Length of every sequence."""
        return self.n_symbols * self.each

    def root(self) -> RunNode:
        """Return the empty beginning."""
        return _run_root(self)


class _RunTable:
    """Counts of completions, shared by all symbols that are alike, and the nodes met so far."""

    __slots__ = ("counts", "longest", "nodes")

    def __init__(self, spec: Runs) -> None:
        self.longest = spec.longest
        self.nodes: dict[tuple[tuple[int, ...], int, int], RunNode] = {}
        # A state is (left of the last symbol, its run, left of the others in ascending order).
        start = (spec.each - 1, 1, (spec.each,) * (spec.n_symbols - 1))
        reached = [[start]]
        for _ in range(spec.n_steps - 1):
            reached.append(list(dict.fromkeys(n for state in reached[-1] for n in self._following(state))))
        self.counts = dict.fromkeys(reached[-1], 1)
        for layer in reversed(reached[:-1]):
            for state in layer:
                self.counts[state] = sum(self.counts[following] for following in self._following(state))

    def _following(self, state: _State) -> list[_State]:
        own, run, others = state
        states = [
            (n - 1, 1, tuple(sorted((*others[:i], own, *others[i + 1 :])))) for i, n in enumerate(others) if n
        ]
        if own and run < self.longest:
            states.append((own - 1, run + 1, others))
        return states

    def node(self, left: tuple[int, ...], last: int, run: int) -> RunNode:
        key = (left, last, run)
        node = self.nodes.get(key)
        if node is None:
            state = (left[last], run, tuple(sorted((*left[:last], *left[last + 1 :]))))
            node = self.nodes[key] = RunNode(self, left, last, run, self.counts[state])
        return node


_State = tuple[int, int, tuple[int, ...]]


class RunNode:
    """Counts left, last symbol, length of its run. There is one node for each of these.

    Parameters
    ----------
    table : object
        Counts and nodes of the space.
    left : tuple of int
        Counts left.
    last, run : int
        Last symbol and how often it has just come; -1 and 0 at the beginning.
    total : int
        Number of completions.
    """

    __slots__ = ("_children", "_last", "_left", "_run", "_table", "total")

    def __init__(self, table: _RunTable, left: tuple[int, ...], last: int, run: int, total: int) -> None:
        self._table = table
        self._left = left
        self._last = last
        self._run = run
        self.total = total
        self._children: tuple[tuple[int, RunNode], ...] | None = None

    def children(self) -> tuple[tuple[int, RunNode], ...]:
        """Return what may come next; kept, since the same beginnings come again and again."""
        if self._children is None:
            found = []
            for symbol, n in enumerate(self._left):
                run = self._run + 1 if symbol == self._last else 1
                if n and run <= self._table.longest:
                    left = (*self._left[:symbol], n - 1, *self._left[symbol + 1 :])
                    child = self._table.node(left, symbol, run)
                    if child.total:
                        found.append((symbol, child))
            self._children = tuple(found)
        return self._children


@lru_cache(maxsize=8)
def _run_root(spec: Runs) -> RunNode:
    table = _RunTable(spec)
    first = table.counts[spec.each - 1, 1, (spec.each,) * (spec.n_symbols - 1)]
    return RunNode(table, (spec.each,) * spec.n_symbols, -1, 0, first * spec.n_symbols)


def multinomial(counts: Iterable[int]) -> int:
    """Return the number of arrangements of things that are there so many times each.

    Parameters
    ----------
    counts : iterable of int
        0 or more each.

    Returns
    -------
    int
        ``(sum of counts)! / product of counts!``

    Examples
    --------
    >>> multinomial([2, 2])
    6
    """
    counts = tuple(counts)
    return factorial(sum(counts)) // prod(factorial(n) for n in counts)
