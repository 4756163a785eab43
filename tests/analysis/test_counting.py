"""Counting by halves gives the same integers as looking at every sequence."""

from __future__ import annotations

import time
from functools import reduce

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from nof1.analysis.counting import count_halves, count_listed, half_sizes, halves, sums

VALUES = st.lists(
    st.integers(-6, 6).map(float) | st.floats(-3, 3).map(lambda x: round(x, 2)), min_size=1, max_size=4
)


@given(parts=st.lists(VALUES, min_size=1, max_size=7), which=st.integers(0, 10**6))
@settings(max_examples=200)
def test_halves_count_what_there_is(parts, which):
    """Meet in the middle against every combination, ties included."""
    totals = reduce(np.add.outer, [np.array(part) for part in parts]).ravel()
    observed = float(totals[which % totals.size])
    both = halves([np.array(part) for part in parts])
    found = count_halves(*both, observed)
    # Two ways to add the same numbers differ in the last digit: ties are counted exactly on integers.
    whole = [np.array([round(100 * x) for x in part]) for part in parts]
    exact = np.abs(reduce(np.add.outer, whole).ravel())
    seen = exact[which % totals.size]
    assert found.n_sequences == totals.size
    assert found.n_as_extreme == np.count_nonzero(exact >= seen)
    assert found.n_most_extreme == np.count_nonzero(exact == exact.max())
    assert count_listed(totals, observed) == found
    assert half_sizes([len(part) for part in parts]) == tuple(half.size for half in both)


def test_forty_blocks_are_counted_exactly():
    """2^40 sequences in well under a few seconds; the count of a symmetric statistic is even."""
    differences = np.random.default_rng(1).normal(size=40) + 0.3
    start = time.perf_counter()
    both = halves([np.array([-d, d]) for d in differences])
    found = count_halves(*both, float(differences.sum()))
    assert time.perf_counter() - start < 5
    assert found.n_sequences == 2**40
    assert found.n_as_extreme % 2 == 0
    assert 0 < found.n_as_extreme < 2**40
    # The normal approximation must be near: sd of the sum is the root of the sum of squares.
    p = 2 * special.ndtr(-differences.sum() / np.sqrt(np.sum(differences**2)))
    assert abs(found.n_as_extreme / 2**40 - p) < 0.05 * p + 1e-3


def test_statistics_that_are_all_zero():
    """Scores that do not vary make every sequence as extreme as any other."""
    assert count_halves(np.zeros(4), np.zeros(2), 0.0).n_as_extreme == 8
    assert count_listed(np.zeros(5), 0.0).n_as_extreme == 5


@given(seed=st.integers(0, 1000))
@settings(max_examples=20)
def test_sums_are_plain_sums(seed):
    """The matrix product is the sum over positions."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 3, size=(5, 8)).astype(np.int8)
    table, values = rng.normal(size=3), rng.normal(size=8) * rng.integers(0, 2, size=8)
    expected = [sum(table[c] * v for c, v in zip(row, values, strict=True)) for row in codes]
    assert np.allclose(sums(codes, table, values), expected)
