"""The randomization test of guesses against listing every order by hand, and that it holds its level exactly."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nof1.analysis.guess_test import guess_test
from nof1.schedule.space import balanced, counterbalanced, fixed, randomized_blocks, williams

SPACES = [
    randomized_blocks(4, ("on", "off")),
    randomized_blocks(2, ("on", "off"), per_block=2),
    randomized_blocks(2, ("a", "b", "c")),
    balanced(6, ("on", "off"), max_run=2),
    williams(("a", "b"), 4),
    counterbalanced(("a", "b", "c"), 6),
]


def worths(space):
    """Draw what each guess is worth: right or wrong, a number that fits no pattern, or no guess at all."""
    n, k = space.n_periods, len(space.conditions)
    named = st.integers(0, k - 1).map(lambda one: np.eye(k)[one])
    scored = st.lists(st.floats(-6, 1, allow_subnormal=False), min_size=k, max_size=k).map(np.array)
    return st.lists(st.one_of(named, scored, st.just(np.zeros(k))), min_size=n, max_size=n).map(np.array)


def worth_of(worth, space, sequence):
    """Sum by hand."""
    return sum(worth[place][space.conditions.index(code)] for place, code in enumerate(sequence))


@given(st.data())
def test_it_is_the_count_over_every_order(data):
    """Blocks of two and three, balanced with a longest run, Williams, counterbalanced: listed one by one."""
    space = data.draw(st.sampled_from(SPACES))
    worth = data.draw(worths(space))
    sequence = space.unrank(data.draw(st.integers(0, space.size - 1)))
    found = guess_test(worth, dict(enumerate(sequence)), space, np.random.default_rng(1))
    all_of_them = np.array([worth_of(worth, space, other) for other in space])
    own = worth_of(worth, space, sequence)
    tie = 1e-9 * max(1e-300, np.ptp([worth.min(axis=1).sum(), *all_of_them]))
    assert found.statistic == pytest.approx(own)
    assert found.exact
    assert found.n_sequences == space.size
    assert found.n_as_extreme == np.count_nonzero(all_of_them >= own - tie)
    assert found.smallest_p == np.count_nonzero(all_of_them >= all_of_them.max() - tie) / space.size
    assert found.p_value == found.n_as_extreme / found.n_sequences


@given(st.data())
def test_it_holds_its_level_exactly(data):
    """Whoever guesses without knowing: of all orders, no more than a share p have a p so small."""
    space = data.draw(st.sampled_from(SPACES))
    worth = data.draw(worths(space))
    p_values = [
        guess_test(worth, dict(enumerate(sequence)), space, np.random.default_rng(1)).p_value
        for sequence in space
    ]
    for p in set(p_values):
        share = Fraction(sum(other <= p for other in p_values), space.size)
        assert share <= Fraction(p).limit_denominator(space.size)


def test_all_right_and_all_wrong():
    """Six blocks of two: all right happens in 1 of 64 orders, and all wrong is no sign of knowing."""
    space = randomized_blocks(6, ("on", "off"))
    sequence = space.unrank(25)
    right = np.array([[float(code == one) for code in space.conditions] for one in sequence])
    known = dict(enumerate(sequence))
    best = guess_test(right, known, space, np.random.default_rng(1))
    worst = guess_test(1.0 - right, known, space, np.random.default_rng(1))
    assert (best.statistic, best.n_as_extreme, best.n_sequences, best.smallest_p) == (12, 1, 64, 1 / 64)
    assert (worst.statistic, worst.n_as_extreme, worst.p_value) == (0, 64, 1.0)


def test_twenty_blocks_are_counted_and_not_drawn():
    """2^20 orders: the binomial tail, to the integer."""
    space = randomized_blocks(20, ("on", "off"))
    sequence = space.unrank(12345)
    right = np.array([[float(code == one) for code in space.conditions] for one in sequence])
    right[:10] = 1.0 - right[:10]
    found = guess_test(right, dict(enumerate(sequence)), space, np.random.default_rng(1))
    assert (found.statistic, found.n_sequences) == (30, 2**20)
    assert found.n_as_extreme == sum(comb(20, n) for n in range(15, 21))


def test_many_orders_are_drawn():
    """Forty days in balanced order: drawn uniformly, the true order added, near the hypergeometric tail."""
    space = balanced(40, ("on", "off"))
    sequence = space.unrank(10**9)
    said = np.array(["on", "off"] * 20)
    right = np.array([[float(code == one) for code in space.conditions] for one in said])
    found = guess_test(right, dict(enumerate(sequence)), space, np.random.default_rng(1))
    n_right = int((said == np.array(sequence)).sum())
    tail = stats.hypergeom.sf(n_right // 2 - 1, 40, 20, 20)
    assert (found.exact, found.n_sequences, found.statistic) == (False, 100_000, n_right)
    assert found.p_value == pytest.approx(tail, abs=0.006)


def test_what_cannot_be_tested():
    """An order that was not drawn from several, or that the design does not have, gives no test."""
    rng = np.random.default_rng(1)
    worth = np.eye(2)[[0, 1, 0, 1]]
    assert guess_test(worth, {0: "on", 1: "off"}, fixed(("on", "off", "on", "off")), rng) is None
    space = randomized_blocks(2, ("on", "off"))
    assert guess_test(worth, {0: "on", 1: "on"}, space, rng) is None


def test_periods_that_nobody_guessed_at_do_not_count():
    """A trial that stopped after one of two blocks: the other block is in the orders and changes no share."""
    space = randomized_blocks(2, ("on", "off"))
    worth = np.zeros((4, 2))
    worth[:2] = np.eye(2)
    found = guess_test(worth, {0: "on", 1: "off"}, space, np.random.default_rng(1))
    assert (found.n_as_extreme, found.n_sequences) == (2, 4)
