"""What one opened kit gives away by design: how well the other periods can then be guessed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nof1.schedule.sequence_space import SequenceSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Probabilities of the best guess about one period, for somebody who knows the design.

    Attributes
    ----------
    before : Fraction
        Nothing is known; the period that is easiest to guess.
    worst : Fraction
        One period is known; the worst case over known period, its condition, and guessed period.
    mean : Fraction
        One period is known; mean over the other periods, and over known period and condition as probable.
    """

    before: Fraction
    worst: Fraction
    mean: Fraction


def leak(space: SequenceSpace) -> Leak:
    """Compute what one opened kit gives away, exactly, by counting.

    Parameters
    ----------
    space : SequenceSpace
        Of a design with two periods or more.

    Returns
    -------
    Leak
        Best guesses before and after.

    Examples
    --------
    >>> from nof1.schedule.space import randomized_blocks
    >>> leak(randomized_blocks(2, ("on", "off"), 2)).worst
    Fraction(2, 3)
    """
    everywhere = shares(space)
    worst, total = Fraction(0), Fraction(0)
    for position, share in enumerate(everywhere):
        for code, probability in share.items():
            after = shares(space.agreeing({position: code}))
            guesses = [max(other.values()) for place, other in enumerate(after) if place != position]
            worst = max(worst, *guesses)
            total += probability * sum(guesses, Fraction(0)) / len(guesses)
    return Leak(
        before=max(max(share.values()) for share in everywhere), worst=worst, mean=total / space.n_periods
    )


def known_kit(space: SequenceSpace, position: int, condition: str) -> Leak:
    """Compute what one particular kit gave away, once it is known what it held.

    Parameters
    ----------
    space : SequenceSpace
        Of a design with two periods or more.
    position : int
        Place of the kit, from 0.
    condition : ConditionCode
        What it held.

    Returns
    -------
    Leak
        Best guesses about the other periods, before and after.

    Examples
    --------
    >>> from nof1.schedule.space import balanced
    >>> known_kit(balanced(8, ("on", "off")), 0, "on").worst
    Fraction(4, 7)
    """
    after = shares(space.agreeing({position: condition}))
    guesses = [max(other.values()) for place, other in enumerate(after) if place != position]
    before = [max(other.values()) for place, other in enumerate(shares(space)) if place != position]
    return Leak(before=max(before), worst=max(guesses), mean=sum(guesses, Fraction(0)) / len(guesses))


def settled(space: SequenceSpace, position: int) -> tuple[int, ...]:
    """Return the positions whose condition is certain once one kit is known, whatever it held.

    Parameters
    ----------
    space : SequenceSpace
        Of any design.
    position : int
        Place of the kit, from 0.

    Returns
    -------
    tuple of int
        Places, from 0, without the kit itself; in pairs the other one of the pair.

    Examples
    --------
    >>> from nof1.schedule.space import randomized_blocks
    >>> settled(randomized_blocks(3, ("on", "off")), 2)
    (3,)
    """
    certain = set(range(space.n_periods)) - {position}
    for code in shares(space)[position]:
        after = shares(space.agreeing({position: code}))
        certain &= {place for place, share in enumerate(after) if max(share.values()) == 1}
    return tuple(sorted(certain))


def shares(space: SequenceSpace) -> tuple[dict[str, Fraction], ...]:
    """Return how probable each condition is at each position.

    Parameters
    ----------
    space : SequenceSpace
        Whose sequences are equally probable.

    Returns
    -------
    tuple of dict, length n_periods
        Condition to probability; conditions that cannot come are left out.
    """
    if space.sacks is not None:
        by_position: dict[int, dict[str, Fraction]] = {}
        for sack in space.sacks:
            sack_share = {str(code): Fraction(n, len(sack.positions)) for code, n in sack.counts if n}
            by_position |= dict.fromkeys(sack.positions, sack_share)
        return tuple(by_position[position] for position in range(space.n_periods))
    found = []
    ways = [1]  # beginnings that lead to each node of the layer
    for layer in space.layers():
        share: dict[str, Fraction] = {}
        following: dict[int, int] = {}
        for n_ways, branches in zip(ways, layer, strict=True):
            for branch in branches:
                code = space.conditions[branch.symbol]
                share[code] = share.get(code, Fraction(0)) + Fraction(n_ways * branch.total, space.size)
                following[branch.following] = following.get(branch.following, 0) + n_ways
        found.append(share)
        ways = [following[node] for node in range(len(following))]
    return tuple(found)
