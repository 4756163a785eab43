"""A space laid out by position counts what the space counts, exactly."""

from __future__ import annotations

from fractions import Fraction
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.analysis.layout import laid_out
from nof1.analysis.reference_set import drawn
from nof1.schedule.space import balanced, randomized_blocks, williams

SPACES = [
    balanced(84, ("on", "off"), max_run=3),
    balanced(20, ("on", "off"), max_run=1),
    balanced(18, ("a", "b", "c"), max_run=2),
    balanced(8, ("a", "b", "c", "d"), max_run=1),
    balanced(14, ("on", "off")),
    randomized_blocks(4, ("a", "b", "c")),
    williams(("a", "b", "c", "d"), 16),
]


def chances(steps, symbols):
    """Return the chance of every step of a sequence, as fractions that were never rounded."""
    node = 0
    for step, symbol in zip(steps, symbols, strict=True):
        ends = [0, *step.ends[node]]
        (way,) = (i for i, s in enumerate(step.symbol[node]) if s == symbol and ends[i] < ends[i + 1])
        yield Fraction(ends[way + 1] - ends[way], ends[-1])
        node = step.following[node, way]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_every_sequence_has_the_same_chance_to_the_last_digit(space):
    """The chances along a sequence multiply to one part in the size of the space."""
    steps = laid_out(space, 64)
    for symbols in drawn(space, 5, np.random.default_rng(1)):
        assert prod(chances(steps, symbols.tolist())) == Fraction(1, space.size)


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_nodes_are_those_of_the_space(space):
    """As many nodes as the counting of the space finds at every position, each with what lies below it."""
    for step, layer in zip(laid_out(space, 64), space.layers(), strict=True):
        totals = sorted(sum(branch.total for branch in branches) for branches in layer)
        assert sorted(step.ends[:, -1]) == totals
        assert sorted(branch.symbol for branches in layer for branch in branches) == sorted(
            int(symbol)
            for row, ends in zip(step.symbol, step.ends, strict=True)
            for symbol, before, end in zip(row, [0, *ends], ends, strict=False)
            if before < end
        )


@given(bits=st.integers(1, 64))
def test_shares_are_the_first_bits_of_what_the_ends_say(bits):
    """No share is rounded up, and none is off by more than its last bit."""
    for step in laid_out(balanced(9, ("a", "b", "c"), max_run=2), bits):
        for ends, share in zip(step.ends, step.share, strict=True):
            for end, cut in zip(ends[:-1], share.tolist(), strict=True):
                exact = Fraction(end, ends[-1]) * 2**bits
                assert cut == min(int(exact), 2**bits - 1)


def test_a_space_that_no_memory_holds_is_refused():
    """Numbers never wrap around in silence."""
    with pytest.raises(OverflowError):
        laid_out(balanced(400, tuple("abcdefghijklmnopqrst"), max_run=9), 64)
