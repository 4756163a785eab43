"""Random sequence spaces of every kind, small and large, for whatever must hold of all of them."""

from __future__ import annotations

from hypothesis import strategies as st

from nof1.schedule.space import (
    SequenceSpace,
    balanced,
    counterbalanced,
    fixed,
    product,
    randomized_blocks,
    williams,
)

CODES = ("on", "off", "half", "double", "none", "other")


def _codes(low: int = 2, high: int = 4) -> st.SearchStrategy[tuple[str, ...]]:
    return st.integers(low, high).flatmap(lambda k: st.permutations(CODES).map(lambda p: tuple(p[:k])))


@st.composite
def block_spaces(draw: st.DrawFn, max_blocks: int = 8) -> SequenceSpace:
    """Return randomized blocks."""
    return randomized_blocks(draw(st.integers(1, max_blocks)), draw(_codes()), draw(st.integers(1, 3)))


@st.composite
def balanced_spaces(draw: st.DrawFn, max_each: int = 12) -> SequenceSpace:
    """Return all arrangements of equal counts, with or without a longest run."""
    codes = draw(_codes(2, 3))
    each = draw(st.integers(1, max_each))
    return balanced(each * len(codes), codes, draw(st.none() | st.integers(1, 4)))


@st.composite
def row_spaces(draw: st.DrawFn) -> SequenceSpace:
    """Return Williams squares and mirrored orders."""
    codes = draw(_codes())
    k = len(codes)
    if draw(st.booleans()):
        return counterbalanced(codes, k * draw(st.integers(1, 4)))
    rows = draw(st.sampled_from([2, 4, 6, 12])) if k == 3 else k * draw(st.integers(1, 2))
    return williams(codes, k * rows)


@st.composite
def fixed_spaces(draw: st.DrawFn) -> SequenceSpace:
    """Return one sequence that somebody wrote down."""
    codes = draw(_codes())
    return fixed(tuple(draw(st.lists(st.sampled_from(codes), min_size=1, max_size=12))), codes)


@st.composite
def products(draw: st.DrawFn) -> SequenceSpace:
    """Return a design with more of the same conditions after it."""
    first = draw(balanced_spaces(max_each=4) | block_spaces(max_blocks=3) | row_spaces())
    return product(first, randomized_blocks(draw(st.integers(1, 2)), first.conditions))


def sequence_spaces() -> st.SearchStrategy[SequenceSpace]:
    """Return spaces of every kind that a protocol can ask for."""
    return block_spaces() | balanced_spaces() | row_spaces() | fixed_spaces() | products()


@st.composite
def spaces_with_sequence(draw: st.DrawFn) -> tuple[SequenceSpace, tuple[str, ...]]:
    """Return a space and one of its sequences."""
    space = draw(sequence_spaces())
    return space, space.unrank(draw(st.integers(0, space.size - 1)))
