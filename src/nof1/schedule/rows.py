"""Automata of designs that are made of whole rows: Williams squares, an order and its mirror, choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations
from math import comb, factorial, prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Williams:
    """Rows of one Williams design, its labels permuted, in random order.

    In the cyclic square of Williams every symbol follows every other one equally often. For an even
    number of symbols the square has as many rows as symbols and they are all used. For an odd number the
    square needs its mirror as well: rows come in pairs (a row and its mirror), all pairs or some.

    Attributes
    ----------
    n_symbols : int
        2 or more.
    n_rows : int
        ``n_symbols`` for an even number; twice the number of pairs for an odd one.

    References
    ----------
    Williams EJ (1949) Experimental designs balanced for the estimation of residual effects of treatments.
    Australian Journal of Scientific Research A 2:149-168. doi:10.1071/CH9490149
    """

    n_symbols: int
    n_rows: int

    @property
    def n_steps(self) -> int:
        """Length of every sequence."""
        return self.n_symbols * self.n_rows

    def root(self) -> WilliamsNode:
        """Return the empty beginning."""
        return WilliamsNode(self, frozenset(), ())


@dataclass(frozen=True, slots=True)
class WilliamsNode:
    """Rows that are complete, and the beginning of the next.

    Attributes
    ----------
    spec : Williams
        The design.
    used : frozenset of tuple of int
        Complete rows.
    beginning : tuple of int
        Symbols of the row that is being written.
    """

    spec: Williams
    used: frozenset[Row]
    beginning: Row

    @property
    def total(self) -> int:
        """Number of completions."""
        if not self.beginning and len(self.used) == self.spec.n_rows:
            return 1
        return sum(total for _, total in self._candidates())

    def children(self) -> tuple[tuple[int, WilliamsNode], ...]:
        """Return what may come next."""
        at = len(self.beginning)
        rows = {row[at]: row for row, _ in self._candidates()}
        last = at + 1 == self.spec.n_symbols
        return tuple(
            (
                symbol,
                WilliamsNode(self.spec, self.used | {row}, ())
                if last
                else WilliamsNode(self.spec, self.used, row[: at + 1]),
            )
            for symbol, row in sorted(rows.items())
        )

    def _candidates(self) -> list[tuple[Row, int]]:
        """Return the rows that may stand here, each with the number of completions after it."""
        at = len(self.beginning)
        return [(row, total) for row, total in _next_rows(self.spec, self.used) if row[:at] == self.beginning]


@lru_cache(maxsize=1 << 14)
def _next_rows(spec: Williams, used: frozenset[Row]) -> tuple[tuple[Row, int], ...]:
    """Return every row that may follow, with the number of ways to go on after it."""
    if used:
        rows: Iterable[Row] = (row for row in _square(next(iter(used))) if row not in used)
    else:
        rows = permutations(range(spec.n_symbols))
    weighted = ((row, _ways_on(spec, used | {row})) for row in rows)
    return tuple((row, ways) for row, ways in weighted if ways)


def _ways_on(spec: Williams, used: frozenset[Row]) -> int:
    orders = factorial(spec.n_rows - len(used))
    if spec.n_symbols % 2 == 0:
        return orders
    pairs = len({min(row, row[::-1]) for row in used})
    wanted = spec.n_rows // 2
    return comb(spec.n_symbols - pairs, wanted - pairs) * orders if pairs <= wanted else 0


@lru_cache(maxsize=1 << 12)
def _square(row: Row) -> tuple[Row, ...]:
    """Return all rows of the one relabelled Williams design that holds this row."""
    n_symbols = len(row)
    # 0, 1, n-1, 2, n-2, …: all differences between neighbours are different.
    zigzag = [
        ((step + 1) // 2 if step % 2 else n_symbols - step // 2) % n_symbols for step in range(n_symbols)
    ]
    label = dict(zip(zigzag, row, strict=True))
    shifts = {tuple(label[(z + shift) % n_symbols] for z in zigzag) for shift in range(n_symbols)}
    return tuple(sorted(shifts | {shift[::-1] for shift in shifts}))


@dataclass(frozen=True, slots=True)
class Mirrored:
    """One order of the symbols, then its mirror, and so on by turns.

    Attributes
    ----------
    n_symbols, n_rows : int
        Symbols, and how many rows of them follow each other.
    """

    n_symbols: int
    n_rows: int

    @property
    def n_steps(self) -> int:
        """Length of every sequence."""
        return self.n_symbols * self.n_rows

    def root(self) -> MirroredNode:
        """Return the empty beginning."""
        return MirroredNode(self, (), 0)


@dataclass(frozen=True, slots=True)
class MirroredNode:
    """The first row as far as it is known, and the position.

    Attributes
    ----------
    spec : Mirrored
        The design.
    first : tuple of int
        Beginning of the first row.
    position : int
        The next position.
    """

    spec: Mirrored
    first: Row
    position: int

    @property
    def total(self) -> int:
        """Number of completions."""
        return factorial(self.spec.n_symbols - len(self.first))

    def children(self) -> tuple[tuple[int, MirroredNode], ...]:
        """Return what may come next."""
        following = self.position + 1
        n = self.spec.n_symbols
        if self.position < n:
            return tuple(
                (symbol, MirroredNode(self.spec, (*self.first, symbol), following))
                for symbol in range(n)
                if symbol not in self.first
            )
        row, at = divmod(self.position, n)
        symbol = self.first[n - 1 - at] if row % 2 else self.first[at]
        return ((symbol, MirroredNode(self.spec, self.first, following)),)


@dataclass(frozen=True, slots=True)
class Choices:
    """In every block one of a few listed rows, independently of the other blocks.

    Attributes
    ----------
    rows : tuple of tuple of tuple of int
        For every block its rows, ascending and different; all rows of a block are equally long.
    """

    rows: tuple[tuple[Row, ...], ...]

    @property
    def n_steps(self) -> int:
        """Length of every sequence."""
        return sum(len(block[0]) for block in self.rows)

    def root(self) -> ChoiceNode:
        """Return the empty beginning."""
        return ChoiceNode(self.rows, len(self.rows), ())


@dataclass(frozen=True, slots=True)
class ChoiceNode:
    """How many blocks are not complete, and the beginning of the first of them.

    Attributes
    ----------
    rows : tuple of tuple of tuple of int
        As in `Choices`.
    left : int
        Number of blocks that are not complete.
    beginning : tuple of int
        Symbols of the first of these.
    """

    rows: tuple[tuple[Row, ...], ...] = field(compare=False)
    left: int
    beginning: Row

    @property
    def total(self) -> int:
        """Number of completions."""
        if not self.left:
            return 1
        later = prod(len(block) for block in self.rows[len(self.rows) - self.left + 1 :])
        return len(self._candidates()) * later

    def children(self) -> tuple[tuple[int, ChoiceNode], ...]:
        """Return what may come next."""
        at = len(self.beginning)
        rows = {row[at]: row for row in self._candidates()}
        return tuple(
            (
                symbol,
                ChoiceNode(self.rows, self.left - 1, ())
                if at + 1 == len(row)
                else ChoiceNode(self.rows, self.left, row[: at + 1]),
            )
            for symbol, row in sorted(rows.items())
        )

    def _candidates(self) -> list[Row]:
        block = self.rows[len(self.rows) - self.left]
        return [row for row in block if row[: len(self.beginning)] == self.beginning]
