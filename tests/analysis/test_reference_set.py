"""Arrays of sequences hold what the space holds, and draws are uniform to the last bit."""

from __future__ import annotations

import time
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from nof1.analysis.reference_set import drawn, listed, segments
from nof1.schedule.space import balanced, counterbalanced, randomized_blocks, williams

SPACES = [
    randomized_blocks(3, ("on", "off")),
    randomized_blocks(2, ("a", "b", "c")),
    randomized_blocks(2, ("on", "off"), per_block=2),
    balanced(8, ("on", "off")),
    balanced(10, ("on", "off"), max_run=2),
    balanced(6, ("a", "b", "c"), max_run=1),
    williams(("a", "b", "c", "d"), 16),
    counterbalanced(("a", "b", "c"), 6),
    randomized_blocks(3, ("a", "b", "c")).rearrangements(tuple("abcbcacab"), {"a", "c"}),
]


def words(space, codes):
    return [tuple(space.conditions[code] for code in row) for row in codes]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_listed_is_the_space(space):
    """Every sequence, in the order of its rank."""
    assert words(space, listed(space)) == list(space)


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_segments_join_to_the_space(space):
    """One row of every segment, in any combination, is a sequence, and there are no others."""
    parts = segments(space)
    joined = {tuple(np.concatenate(rows).tolist()) for rows in product(*parts)}
    assert joined == {tuple(row) for row in listed(space).tolist()}
    assert np.prod([len(part) for part in parts]) == space.size


def test_blocks_are_segments_of_their_own():
    """Blocks are independent; an order with a rule over its whole length is one piece."""
    assert [part.shape for part in segments(randomized_blocks(5, ("a", "b", "c")))] == [(6, 3)] * 5
    assert len(segments(balanced(12, ("on", "off"), max_run=2))) == 1
    assert segments(balanced(40, ("on", "off"))) is None


@pytest.mark.parametrize("bits", [1, 3, 64])
@pytest.mark.parametrize("space", [SPACES[4], SPACES[5], SPACES[2]], ids=str)
def test_draws_are_uniform(space, bits):
    """Every sequence comes equally often, also if single bits must decide between unequal shares.

    The chi-square statistic of a uniform sampler stays below its 1 - 1e-6 quantile.
    """
    n = 200 * space.size
    codes = drawn(space, n, np.random.default_rng(7), bits=bits)
    ranks = [space.rank(word) for word in words(space, np.unique(codes, axis=0))]
    assert sorted(ranks) == list(range(space.size))
    counts = np.unique(codes, axis=0, return_counts=True)[1]
    statistic = np.sum((counts - 200.0) ** 2 / 200.0)
    assert statistic < special.chdtri(space.size - 1, 1e-6)


@given(n=st.integers(1, 5), seed=st.integers(0, 100))
@settings(max_examples=10)
def test_draws_lie_in_large_spaces(n, seed):
    """What is drawn could have been drawn."""
    space = balanced(6 * n, ("a", "b", "c"), max_run=2)
    codes = drawn(space, 20, np.random.default_rng(seed))
    assert all(word in space for word in words(space, codes))


def test_a_hundred_thousand_draws_of_seventy_days_are_quick():
    """The reference set of a daily trial with a longest run is drawn in seconds."""
    space = balanced(70, ("on", "off"), max_run=2)
    start = time.perf_counter()
    codes = drawn(space, 99_999, np.random.default_rng(1))
    assert time.perf_counter() - start < 5
    assert codes.shape == (99_999, 70)
    assert np.all(codes.sum(axis=1) == 35)
