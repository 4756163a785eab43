"""Counting automata: how many ways are left to complete a sequence that has begun.

Every kind of design is a tree of beginnings. A node knows how many sequences lie below it (an exact
integer, counted without listing them) and what may come next. Rank, unrank, membership and listing are
then the same few lines for every kind, and so is the order of the sequences: lexicographic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Node(Protocol):
    """What is left after a beginning of a sequence. Equal nodes have the same future."""

    @property
    def total(self) -> int:
        """Number of ways to complete the sequence from here."""
        ...

    def children(self) -> Sequence[tuple[int, Node]]:
        """Return what may come next, symbols ascending, none of them a dead end."""
        ...


class Automaton(Protocol):
    """Where to begin, and after how many steps a sequence is complete."""

    @property
    def n_steps(self) -> int:
        """Length of every sequence."""
        ...

    def root(self) -> Node:
        """Return the empty beginning."""
        ...


class Branch(NamedTuple):
    """One way on, in a layered automaton.

    Attributes
    ----------
    symbol : int
        Index of the condition.
    total : int
        Number of sequences that go this way from here.
    following : int
        Place of the next node in the next layer.
    """

    symbol: int
    total: int
    following: int


def unrank(automaton: Automaton, index: int) -> tuple[int, ...]:
    """Return the sequence that has ``index`` sequences before it.

    Parameters
    ----------
    automaton : Automaton
        The space.
    index : int
        0 … size - 1.

    Returns
    -------
    tuple of int
        Symbols.
    """
    node = automaton.root()
    symbols = []
    for _ in range(automaton.n_steps):
        for symbol, child in node.children():
            if index < child.total:
                symbols.append(symbol)
                node = child
                break
            index -= child.total
    return tuple(symbols)


def rank(automaton: Automaton, symbols: Sequence[int]) -> int | None:
    """Return the number of sequences before this one, or None if it is not in the space.

    Parameters
    ----------
    automaton : Automaton
        The space.
    symbols : sequence of int
        Any symbols; -1 stands for what is no condition of the design.

    Returns
    -------
    int or None
        0 … size - 1.
    """
    if len(symbols) != automaton.n_steps:
        return None
    node = automaton.root()
    index = 0
    for wanted in symbols:
        for symbol, child in node.children():
            if symbol == wanted:
                node = child
                break
            index += child.total
        else:
            return None
    return index


def sequences(automaton: Automaton) -> Iterator[tuple[int, ...]]:
    """Yield every sequence in the order of its rank.

    Parameters
    ----------
    automaton : Automaton
        The space.

    Yields
    ------
    tuple of int
        Symbols.
    """
    n_steps = automaton.n_steps
    beginning: list[int] = []
    open_nodes = [iter(automaton.root().children())]
    while open_nodes:
        step = next(open_nodes[-1], None)
        if step is None:
            open_nodes.pop()
            if beginning:
                beginning.pop()
            continue
        symbol, child = step
        if len(open_nodes) == n_steps:
            yield (*beginning, symbol)
        else:
            beginning.append(symbol)
            open_nodes.append(iter(child.children()))


def layers(automaton: Automaton) -> tuple[tuple[tuple[Branch, ...], ...], ...]:
    """Lay the automaton out by position, equal futures merged.

    Programs over all sequences at once need this form: the longest run that can happen, or an exact
    sampler that draws thousands of sequences in one pass.

    Parameters
    ----------
    automaton : Automaton
        The space.

    Returns
    -------
    tuple of length n_steps
        For every position its nodes, for every node its branches; the first layer has one node.
    """
    laid = []
    nodes: list[Node] = [automaton.root()]
    for _ in range(automaton.n_steps):
        places: dict[Node, int] = {}
        layer = []
        for node in nodes:
            branches = []
            for symbol, child in node.children():
                following = places.setdefault(child, len(places))
                branches.append(Branch(symbol, child.total, following))
            layer.append(tuple(branches))
        laid.append(tuple(layer))
        nodes = list(places)
    return tuple(laid)


@dataclass(frozen=True, slots=True)
class Agreeing:
    """The sequences of another automaton that agree with what is known about positions.

    Attributes
    ----------
    base : Automaton
        The whole space.
    possible : tuple of tuple of int, length n_steps
        Symbols that each position can have.
    """

    base: Automaton
    possible: tuple[tuple[int, ...], ...]

    @property
    def n_steps(self) -> int:
        """Length of every sequence."""
        return self.base.n_steps

    def root(self) -> Node:
        """Return the empty beginning."""
        return _agreeing_root(self)


class _Stored:
    """A node that was counted when it was made; it is its own identity."""

    __slots__ = ("_children", "total")

    def __init__(self, total: int, children: tuple[tuple[int, _Stored], ...]) -> None:
        self.total = total
        self._children = children

    def children(self) -> tuple[tuple[int, _Stored], ...]:
        return self._children


@lru_cache(maxsize=16)
def _agreeing_root(spec: Agreeing) -> _Stored:
    # Forward: what can be reached. Backward: what of it can be completed.
    reached: list[dict[Node, list[tuple[int, Node]]]] = []
    nodes: Mapping[Node, object] = {spec.base.root(): None}
    for possible in spec.possible:
        layer = {node: [step for step in node.children() if step[0] in possible] for node in nodes}
        reached.append(layer)
        nodes = dict.fromkeys(child for steps in layer.values() for _, child in steps)
    end = _Stored(1, ())
    counted = dict.fromkeys(nodes, end)
    for layer in reversed(reached):
        counted = {
            node: _Stored(
                sum(counted[child].total for _, child in steps),
                tuple((symbol, counted[child]) for symbol, child in steps if counted[child].total),
            )
            for node, steps in layer.items()
        }
    return counted[spec.base.root()]


@dataclass(frozen=True, slots=True)
class Chain:
    """One space after another: every sequence of the first with every sequence of the next.

    Attributes
    ----------
    parts : tuple of Automaton
        At least one.
    """

    parts: tuple[Automaton, ...]

    @property
    def n_steps(self) -> int:
        """Length of every sequence."""
        return sum(part.n_steps for part in self.parts)

    def root(self) -> Node:
        """Return the empty beginning."""
        return _ChainNode(self.parts, self.parts[0].root(), self.parts[0].n_steps)


@dataclass(frozen=True, slots=True)
class _ChainNode:
    parts: tuple[Automaton, ...]  # the one that is being walked, and those after it
    inner: Node
    left: int  # steps of the inner one

    @property
    def total(self) -> int:
        total = self.inner.total
        for part in self.parts[1:]:
            total *= part.root().total
        return total

    def children(self) -> tuple[tuple[int, _ChainNode], ...]:
        if self.left == 1 and len(self.parts) > 1:
            rest = self.parts[1:]
            return tuple(
                (symbol, _ChainNode(rest, rest[0].root(), rest[0].n_steps))
                for symbol, _ in self.inner.children()
            )
        return tuple(
            (symbol, _ChainNode(self.parts, child, self.left - 1)) for symbol, child in self.inner.children()
        )
