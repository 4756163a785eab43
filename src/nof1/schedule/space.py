"""The designs that a protocol can name, each as the space of all sequences that it could draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.schedule.arrangements import Arrangements, Runs
from nof1.schedule.automaton import Chain
from nof1.schedule.rows import Mirrored, Williams
from nof1.schedule.sequence_space import Sack, SequenceSpace
from nof1.terms import ConditionCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.schedule.automaton import Automaton

__all__ = [
    "Sack",
    "SequenceSpace",
    "balanced",
    "counterbalanced",
    "fixed",
    "product",
    "randomized_blocks",
    "williams",
]

MAX_WILLIAMS = 6
"""More conditions than this would need more periods than a person has."""


def randomized_blocks(n_blocks: int, conditions: Sequence[str], per_block: int = 1) -> SequenceSpace:
    """Return the space of blocks that hold every condition equally often, each block in its own order.

    Parameters
    ----------
    n_blocks : int
        1 or more.
    conditions : sequence of ConditionCode
        In the order of the protocol.
    per_block : int
        How often each condition comes in a block.

    Returns
    -------
    SequenceSpace
        ``((r k)! / r!^k)^B`` sequences.

    Raises
    ------
    ValueError
        If a number is below 1, or there are not two different conditions.

    Examples
    --------
    >>> randomized_blocks(6, ("on", "off")).size
    64
    """
    codes = _codes(conditions)
    if n_blocks < 1 or per_block < 1:
        raise ValueError("a design needs at least 1 block, and each condition at least once in it")
    length = per_block * len(codes)
    of = tuple(block for block in range(n_blocks) for _ in range(length))
    return SequenceSpace(
        kind="randomized_blocks",
        conditions=codes,
        blocks=tuple(block + 1 for block in of),
        automaton=Arrangements(of, ((per_block,) * len(codes),) * n_blocks),
    )


def balanced(n: int, conditions: Sequence[str], max_run: int | None = None) -> SequenceSpace:
    """Return the space of all sequences that hold every condition equally often.

    Parameters
    ----------
    n : int
        Number of periods, a multiple of the number of conditions.
    conditions : sequence of ConditionCode
        In the order of the protocol.
    max_run : int or None
        Longest run of one condition. Where it cannot bind it is as if there were none.

    Returns
    -------
    SequenceSpace
        Without blocks.

    Raises
    ------
    ValueError
        If the conditions cannot come equally often, or ``max_run`` is below 1.

    Examples
    --------
    >>> balanced(14, ("A", "B"), max_run=2).size
    518
    """
    codes = _codes(conditions)
    each = _rows(n, codes, "balanced")
    if max_run is not None and max_run < 1:
        raise ValueError(f"max_run is the length of a run and at least 1, got {max_run}")
    automaton: Automaton
    if max_run is None or max_run >= each:
        automaton = Arrangements((0,) * n, ((each,) * len(codes),))
    else:
        automaton = Runs(len(codes), each, max_run)
    return SequenceSpace(kind="balanced", conditions=codes, blocks=(0,) * n, automaton=automaton)


def williams(conditions: Sequence[str], n: int) -> SequenceSpace:
    """Return the space of Williams designs: every condition follows every other one equally often.

    Labels are permuted and rows come in random order; each row is a block. For an even number of
    conditions a square has as many rows as conditions; for an odd number, rows come in mirrored pairs,
    as many pairs as conditions or fewer. Longer designs are several squares, each drawn for itself.

    Parameters
    ----------
    conditions : sequence of ConditionCode
        2 to 6, in the order of the protocol.
    n : int
        Number of periods.

    Returns
    -------
    SequenceSpace
        144 sequences for four conditions in 16 periods; 6, 72, 720 for three in 6, 12, 18.

    Raises
    ------
    ValueError
        If no Williams design has this many periods.

    Examples
    --------
    >>> williams(("A", "B", "C", "D"), 16).size
    144
    """
    codes = _codes(conditions)
    k = len(codes)
    if k > MAX_WILLIAMS:
        raise ValueError(f"a Williams design of {k} conditions is not offered; write {MAX_WILLIAMS} or fewer")
    n_rows = _rows(n, codes, "williams")
    square = 2 * k if k % 2 else k
    smallest = 2 if k % 2 else k
    if n_rows % (square if n_rows > square else smallest):
        wanted = f"{smallest * k}" + (f" up to {square * k}, then of {square * k}" if k % 2 else "")
        raise ValueError(f"a Williams design of {k} conditions has a multiple of {wanted} periods, got {n}")
    parts = (Williams(k, square),) * (n_rows // square) if n_rows > square else (Williams(k, n_rows),)
    return SequenceSpace(
        kind="williams",
        conditions=codes,
        blocks=tuple(row + 1 for row in range(n_rows) for _ in codes),
        automaton=parts[0] if len(parts) == 1 else Chain(parts),
    )


def counterbalanced(conditions: Sequence[str], n: int) -> SequenceSpace:
    """Return the space of one drawn order, then its mirror, and so on by turns.

    Parameters
    ----------
    conditions : sequence of ConditionCode
        In the order of the protocol.
    n : int
        Number of periods, a multiple of the number of conditions.

    Returns
    -------
    SequenceSpace
        ``k!`` sequences, without blocks: one known period can give the whole trial.

    Raises
    ------
    ValueError
        If the conditions cannot come equally often.

    Examples
    --------
    >>> ["".join(s) for s in counterbalanced(("A", "B"), 6)]
    ['ABBAAB', 'BAABBA']
    """
    codes = _codes(conditions)
    n_rows = _rows(n, codes, "counterbalanced")
    return SequenceSpace(
        kind="counterbalanced", conditions=codes, blocks=(0,) * n, automaton=Mirrored(len(codes), n_rows)
    )


def fixed(sequence: Sequence[str], conditions: Sequence[str] | None = None) -> SequenceSpace:
    """Return the space that holds one sequence: nothing is drawn.

    Parameters
    ----------
    sequence : sequence of ConditionCode
        First period first.
    conditions : sequence of ConditionCode or None
        In the order of the protocol; by default in the order in which they come.

    Returns
    -------
    SequenceSpace
        Of size 1.

    Raises
    ------
    ValueError
        If the sequence is empty or holds what is not a condition.

    Examples
    --------
    >>> fixed(("off", "on", "off")).size
    1
    """
    codes = _codes(tuple(dict.fromkeys(sequence)) if conditions is None else conditions)
    if not sequence or not set(sequence) <= set(codes):
        raise ValueError("a fixed sequence names a condition of the protocol for every period")
    counts = tuple(tuple(int(code == held) for code in codes) for held in sequence)
    return SequenceSpace(
        kind="fixed",
        conditions=codes,
        blocks=(0,) * len(sequence),
        automaton=Arrangements(tuple(range(len(sequence))), counts),
    )


def product(*spaces: SequenceSpace) -> SequenceSpace:
    """Return the space of one design after another, such as spare blocks added at the end.

    Parameters
    ----------
    *spaces : SequenceSpace
        At least one, all of the same conditions. Blocks are numbered on.

    Returns
    -------
    SequenceSpace
        As many sequences as the product of the sizes.

    Raises
    ------
    ValueError
        If the conditions differ.

    Examples
    --------
    >>> product(randomized_blocks(6, ("on", "off")), randomized_blocks(1, ("on", "off"))).size
    128
    """
    if len({space.conditions for space in spaces}) != 1:
        raise ValueError("spaces in a row need the same conditions in the same order")
    blocks: list[int] = []
    for space in spaces:
        done = max(blocks, default=0)
        blocks += [block and block + done for block in space.blocks]
    kinds = list(dict.fromkeys(space.kind for space in spaces))
    parts = [space.automaton for space in spaces]
    automaton: Automaton
    if len(parts) == 1:
        automaton = parts[0]
    elif all(isinstance(part, Arrangements) for part in parts):
        automaton = _side_by_side([part for part in parts if isinstance(part, Arrangements)])
    else:
        automaton = Chain(tuple(parts))
    return SequenceSpace(
        kind=kinds[0] if len(kinds) == 1 else "product",
        conditions=spaces[0].conditions,
        blocks=tuple(blocks),
        automaton=automaton,
    )


def _side_by_side(parts: list[Arrangements]) -> Arrangements:
    sack_of: list[int] = []
    counts: list[tuple[int, ...]] = []
    for part in parts:
        sack_of += [sack + len(counts) for sack in part.sack_of]
        counts += part.counts
    return Arrangements(tuple(sack_of), tuple(counts))


def _codes(conditions: Sequence[str]) -> tuple[ConditionCode, ...]:
    if len(conditions) < 1 or len(set(conditions)) != len(conditions):
        raise ValueError(f"conditions must be different from each other, got {list(conditions)}")
    return tuple(ConditionCode(code) for code in conditions)


def _rows(n: int, codes: tuple[ConditionCode, ...], kind: str) -> int:
    if len(codes) < 2 or n < len(codes) or n % len(codes):
        raise ValueError(
            f"{kind} needs a multiple of {len(codes)} periods, so that every condition comes equally often, got {n}"
        )
    return n // len(codes)
