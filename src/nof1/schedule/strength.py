"""What a design can show and what it can cost, told before the trial: the smallest p, and the longest run."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import ceil, log2
from typing import TYPE_CHECKING

from nof1.schedule.arrangements import Arrangements, Runs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from decimal import Decimal

    from nof1.schedule.automaton import Automaton, Node
    from nof1.schedule.space import SequenceSpace

N_SEQUENCES_TRIED = 64
LONGEST_TRIED = 24
"""Periods; in longer designs every reference set is far larger than any alpha asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How small the p-value of a randomization test can become.

    Attributes
    ----------
    n_extreme : int
        Sequences that are as extreme as the most extreme one: it, its mirror image, and what cannot be
        told from them because two conditions have the same weight.
    n_sequences : int
        Size of the reference set.
    """

    n_extreme: int
    n_sequences: int

    @property
    def smallest_p(self) -> Fraction:
        """The smallest two-sided p, exact."""
        return Fraction(self.n_extreme, self.n_sequences)

    def __str__(self) -> str:
        return f"{self.n_extreme}/{self.n_sequences} = {float(self.smallest_p):.4g}"


def bits(space: SequenceSpace) -> float:
    """Return how much a guesser does not know.

    Parameters
    ----------
    space : SequenceSpace
        Of the design.

    Returns
    -------
    float
        Logarithm of the size to base 2.

    Examples
    --------
    >>> from nof1.schedule.space import randomized_blocks
    >>> bits(randomized_blocks(6, ("on", "off")))
    6.0
    """
    return log2(space.size)


def reference_set(
    space: SequenceSpace, sequence: Sequence[str], weights: Mapping[str, Decimal | float]
) -> SequenceSpace:
    """Return the sequences that the null hypothesis of one contrast permutes, the others being in place.

    A contrast of two conditions moves these two. A contrast of more conditions that turns round when
    conditions change places (a dose trend when the doses are reversed, a main effect when the levels of
    its factor are) is reversed block by block: that is exact even if other effects exist. Any other
    contrast moves all its conditions.

    Parameters
    ----------
    space : SequenceSpace
        Of the design.
    sequence : sequence of ConditionCode
        That was, or could be, drawn.
    weights : mapping of ConditionCode to number
        The contrast; weights sum to 0.

    Returns
    -------
    SequenceSpace
        Holds the sequence.

    Examples
    --------
    >>> from nof1.schedule.space import randomized_blocks
    >>> doses = randomized_blocks(6, ("d0", "d1", "d2", "d3"))
    >>> reference_set(doses, doses.unrank(0), {"d0": -3, "d1": -1, "d2": 1, "d3": 3}).size
    64
    """
    moving = {code: weight for code, weight in weights.items() if weight}
    exchange = _reversal(moving)
    if len(moving) > 2 and exchange is not None and space.kind == "randomized_blocks":
        return space.exchanges(sequence, exchange)
    return space.rearrangements(sequence, moving)


def reach(space: SequenceSpace, weights: Mapping[str, Decimal | float]) -> Reach:
    """Return how small the p-value of a contrast can become, at worst over the sequences that can be drawn.

    Parameters
    ----------
    space : SequenceSpace
        Of the design.
    weights : mapping of ConditionCode to number
        The contrast.

    Returns
    -------
    Reach
        Where the reference set depends on the sequence, that of the worst of up to 64 sequences spread
        evenly over the space; of one sequence where there are more than 24 periods.

    Examples
    --------
    >>> from nof1.schedule.space import randomized_blocks
    >>> str(reach(randomized_blocks(5, ("on", "off")), {"on": 1, "off": -1}))
    '2/32 = 0.0625'
    """
    # Arrangements have the same number of rearrangements from wherever one starts.
    is_same = isinstance(space.automaton, Arrangements) or space.n_periods > LONGEST_TRIED
    tried = 1 if is_same else min(space.size, N_SEQUENCES_TRIED)
    found = (_reach_from(space, space.unrank(i * space.size // tried), weights) for i in range(tried))
    return max(found, key=lambda one: one.smallest_p)


def _reach_from(
    space: SequenceSpace, sequence: Sequence[str], weights: Mapping[str, Decimal | float]
) -> Reach:
    part = reference_set(space, sequence, weights)
    # Conditions of equal weight can change places without changing the statistic.
    alike = [
        [code for code in space.conditions if _weight(weights, code) == _weight(weights, at)]
        for at in sequence
    ]
    n_alike = 1 if all(len(codes) == 1 for codes in alike) else part.among(alike).size
    # With every sequence its mirror image is in the set, where the statistic only changes its sign.
    mirrored = _reversal({code: weight for code, weight in weights.items() if weight}) is not None
    n_extreme = min(part.size, 2 * n_alike if mirrored else n_alike)
    return Reach(n_extreme=n_extreme, n_sequences=part.size)


def _weight(weights: Mapping[str, Decimal | float], code: str) -> Decimal | float:
    return weights.get(code, 0)


def longest_run(space: SequenceSpace, members: Collection[str]) -> int:
    """Return the longest run of periods under some conditions, over all sequences of a space.

    Parameters
    ----------
    space : SequenceSpace
        Of a design.
    members : collection of ConditionCode
        Such as those that carry a dose.

    Returns
    -------
    int
        Number of periods.

    Examples
    --------
    >>> from nof1.schedule.space import balanced, randomized_blocks
    >>> longest_run(randomized_blocks(6, ("on", "off")), {"on"}), longest_run(balanced(12, ("on", "off")), {"on"})
    (2, 6)
    """
    symbols = frozenset(i for i, code in enumerate(space.conditions) if code in members)
    automaton = space.automaton
    if isinstance(automaton, Runs):
        return _longest_with_rule(automaton, len(symbols))
    if isinstance(automaton, Arrangements) and _is_contiguous(automaton):
        return _longest_of_blocks(automaton, symbols)
    return _longest_of_any(automaton, symbols)


def _reversal(moving: Mapping[str, Decimal | float]) -> dict[str, str] | None:
    """Pair every condition with one of the opposite weight, or return None if that cannot be done."""
    up = sorted((weight, code) for code, weight in moving.items() if weight > 0)
    down = sorted((-weight, code) for code, weight in moving.items() if weight < 0)
    if [weight for weight, _ in up] != [weight for weight, _ in down]:
        return None
    pairs = [(a, b) for (_, a), (_, b) in zip(up, down, strict=True)]
    return dict(pairs) | {b: a for a, b in pairs}


def _longest_with_rule(runs: Runs, n_members: int) -> int:
    each, others = runs.each, runs.n_symbols - n_members
    if n_members <= 1:
        return n_members * min(runs.longest, each)
    if others == 1:
        # The one other condition must be split into groups, and each inner gap holds at least one period.
        return n_members * each - max(0, ceil(each / runs.longest) - 2)
    return n_members * each


def _is_contiguous(automaton: Arrangements) -> bool:
    return len(list(groupby(automaton.sack_of))) == len(set(automaton.sack_of))


def _longest_of_blocks(automaton: Arrangements, symbols: frozenset[int]) -> int:
    best = ending = 0
    for sack in dict.fromkeys(automaton.sack_of):
        counts = automaton.counts[sack]
        held = sum(counts[symbol] for symbol in symbols)
        best = max(best, ending + held)
        ending = ending + held if held == sum(counts) else held
    return best


def _longest_of_any(automaton: Automaton, symbols: frozenset[int]) -> int:
    # What comes after a node does not depend on how it was reached, so the longest way to it is enough.
    best = 0
    runs: dict[Node, int] = {automaton.root(): 0}
    for _ in range(automaton.n_steps):
        following: dict[Node, int] = {}
        for node, run in runs.items():
            for symbol, child in node.children():
                after = run + 1 if symbol in symbols else 0
                best = max(best, after)
                following[child] = max(after, following.get(child, 0))
        runs = following
    return best
