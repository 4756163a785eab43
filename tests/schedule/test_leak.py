"""What one known kit gives away: known cases, and a count over all sequences."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings

from nof1.schedule.leak import known_kit, leak, settled, shares
from nof1.schedule.space import balanced, counterbalanced, randomized_blocks, williams

from .strategies import sequence_spaces


@pytest.mark.parametrize(
    ("space", "before", "worst", "mean"),
    [
        (randomized_blocks(4, "AB"), 50, 100, 57),
        (randomized_blocks(2, "AB", 2), 50, 67, 57),
        (randomized_blocks(5, "AB", 2), 50, 67, 53),
        (balanced(8, "AB"), 50, 57, 57),
        (balanced(20, "AB"), 50, 53, 53),
        (randomized_blocks(4, "ABC"), 33, 50, 36),
        (balanced(8, "AB", 2), 50, 76, 59),  # 76.5 and 59.5
        (balanced(20, "AB", 2), 50, 74, 55),
        (williams("ABCD", 16), 25, 33, 33),
        (counterbalanced("AB", 8), 50, 100, 100),
    ],
    ids=range(10),
)
def test_common_designs(space, before, worst, mean):
    """Pairs give their partner away; larger sacks give less."""
    found = leak(space)
    assert [round(100 * float(p)) for p in (found.before, found.worst, found.mean)] == [before, worst, mean]


@given(space=sequence_spaces())
def test_shares_equal_a_count(space):
    """How often each condition stands at each position, over all sequences."""
    assume(space.size <= 2000)
    every = list(space)
    for position, share in enumerate(shares(space)):
        counted = {code: sum(s[position] == code for s in every) for code in space.conditions}
        assert share == {code: Fraction(n, len(every)) for code, n in counted.items() if n}


def guesses_by_probability(every, space):
    for position in range(space.n_periods):
        for known in space.conditions:
            left = [s for s in every if s[position] == known]
            for other in range(space.n_periods):
                if left and other != position:
                    best = max(sum(s[other] == code for s in left) for code in space.conditions)
                    yield Fraction(best, len(every) * (space.n_periods - 1))


@given(space=sequence_spaces())
@settings(max_examples=40)
def test_leak_equals_a_count(space):
    """The best guess after one kit, by looking at all sequences that remain."""
    assume(space.size <= 300 and space.n_periods > 1)
    every = list(space)
    guesses = []
    for position in range(space.n_periods):
        for known in {s[position] for s in every}:
            left = [s for s in every if s[position] == known]
            guesses += [
                max(Fraction(sum(s[other] == code for s in left), len(left)) for code in space.conditions)
                for other in range(space.n_periods)
                if other != position
            ]
    found = leak(space)
    assert found.worst == max(guesses)
    assert found.mean == sum(guesses_by_probability(every, space)) / space.n_periods


def test_a_run_of_two_in_numbers():
    """26 of 34 and 22 of 37: what is rounded in the table, exactly."""
    found = leak(balanced(8, "AB", 2))
    assert (round(float(found.worst), 3), round(float(found.mean), 3)) == (0.765, 0.595)


@given(space=sequence_spaces())
@settings(max_examples=15)
def test_one_particular_kit_equals_a_count(space):
    """For every place and every content: the best guesses, and what is certain, by looking at all sequences."""
    assume(space.size <= 300 and space.n_periods > 1)
    every = list(space)
    for position in range(space.n_periods):
        others = [place for place in range(space.n_periods) if place != position]
        certain = set(others)
        for condition in {s[position] for s in every}:
            left = [s for s in every if s[position] == condition]
            best = [
                max(Fraction(sum(s[place] == code for s in left), len(left)) for code in space.conditions)
                for place in others
            ]
            found = known_kit(space, position, condition)
            assert (found.worst, found.mean) == (max(best), sum(best) / len(best))
            certain &= {place for place, chance in zip(others, best, strict=True) if chance == 1}
        assert settled(space, position) == tuple(sorted(certain))
