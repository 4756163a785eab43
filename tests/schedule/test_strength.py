"""What a design can show is told honestly: counted from its space, and equal to brute force."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nof1.schedule.space import balanced, counterbalanced, fixed, product, randomized_blocks, williams
from nof1.schedule.strength import _longest_of_any, bits, longest_run, reach, reference_set

from .strategies import sequence_spaces, spaces_with_sequence

ON_OFF = {"on": 1, "off": -1}
PAIR = {"a": 1, "b": -1}
TREND3 = {"a": -1, "b": 0, "c": 1}
TREND4 = {"a": -3, "b": -1, "c": 1, "d": 3}
MAIN = {"a": 1, "b": 1, "c": -1, "d": -1}
INTERACTION = {"a": 1, "b": -1, "c": -1, "d": 1}
AVERAGE = {"a": 2, "b": -1, "c": -1}


@pytest.mark.parametrize(
    ("space", "weights", "n_extreme", "size"),
    [
        (randomized_blocks(5, ("on", "off")), ON_OFF, 2, 32),
        (randomized_blocks(6, ("on", "off")), ON_OFF, 2, 64),
        (randomized_blocks(5, ("on", "off"), 2), ON_OFF, 2, 7776),
        (randomized_blocks(8, ("on", "off"), 2), ON_OFF, 2, 6**8),
        (balanced(14, ("on", "off"), 2), ON_OFF, 2, 518),
        (balanced(70, ("on", "off"), 2), ON_OFF, 2, 136050710238288),
        (randomized_blocks(6, "abc"), PAIR, 2, 64),
        (randomized_blocks(6, "abc"), TREND3, 2, 64),
        (randomized_blocks(6, "abcd"), TREND4, 2, 64),
        (randomized_blocks(6, "abcd"), MAIN, 2, 64),
        (randomized_blocks(6, "abcd"), INTERACTION, 2, 64),
        (randomized_blocks(3, "abc"), AVERAGE, 8, 216),
        (williams("abc", 18), PAIR, 2, 8),
        (williams("abc", 12), PAIR, 2, 4),
        (williams("abcd", 16), PAIR, 2, 2),
        (counterbalanced(("on", "off"), 8), ON_OFF, 2, 2),
        (fixed(("on", "off", "on")), ON_OFF, 1, 1),
    ],
    ids=range(17),
)
def test_published_reach(space, weights, n_extreme, size):
    """The table of what the randomization test can be."""
    found = reach(space, weights)
    assert (found.n_extreme, found.n_sequences) == (n_extreme, size)
    assert found.smallest_p == Fraction(n_extreme, size)


def _smallest_p_by_brute_force(space, sequence, weights):
    """Make data that favour the drawn sequence as much as data can, and run the test on them."""
    values = [weights.get(code, 0) for code in sequence]
    statistics = {
        s: abs(sum(v * weights.get(c, 0) for v, c in zip(values, s, strict=True)))
        for s in reference_set(space, sequence, weights)
    }
    n_extreme = sum(statistic >= statistics[sequence] for statistic in statistics.values())
    return Fraction(n_extreme, len(statistics))


@pytest.mark.parametrize(
    ("space", "weights"),
    [
        (randomized_blocks(4, ("on", "off")), ON_OFF),
        (randomized_blocks(2, ("on", "off"), 2), ON_OFF),
        (balanced(8, ("on", "off")), ON_OFF),
        (balanced(8, ("on", "off"), 2), ON_OFF),
        (randomized_blocks(3, "abc"), PAIR),
        (randomized_blocks(2, "abcd"), TREND4),
        (randomized_blocks(2, "abcd"), MAIN),
        (randomized_blocks(2, "abcd"), INTERACTION),
        (williams("abc", 18), PAIR),
        (randomized_blocks(3, "abc"), AVERAGE),
        (balanced(6, "abc"), AVERAGE),
        (balanced(6, "abc", 1), AVERAGE),
        (balanced(6, "abc"), TREND3),
    ],
    ids=range(13),
)
def test_the_smallest_p_is_attained(space, weights):
    """For every sequence there are data that give it, and for the worst one just the promised p."""
    found = [_smallest_p_by_brute_force(space, sequence, weights) for sequence in space]
    assert max(found) == reach(space, weights).smallest_p


@given(pair=spaces_with_sequence(), data=st.data())
def test_a_reference_set_stays_inside_the_design(pair, data):
    """Permuting never makes a sequence that could not have been drawn, and the drawn one is in it."""
    space, sequence = pair
    one, other = data.draw(st.permutations(space.conditions))[:2]
    part = reference_set(space, sequence, {one: 1, other: -1})
    assert sequence in part
    for index in {0, part.size - 1, part.size // 2}:
        moved = part.unrank(index)
        assert moved in space
        assert all(a == b for a, b in zip(moved, sequence, strict=True) if b not in {one, other})


@given(pair=spaces_with_sequence(), data=st.data())
def test_the_mirror_image_is_there(pair, data):
    """Exchanging the two conditions of a contrast stays in the set, so two-sided means twice."""
    space, sequence = pair
    one, other = data.draw(st.permutations(space.conditions))[:2]
    part = reference_set(space, sequence, {one: 1, other: -1})
    swapped = tuple({one: other, other: one}.get(code, code) for code in sequence)
    assert (swapped in part) or part.size == 1 == space.size


def _longest(sequence, members):
    return max(
        (len(list(run)) for inside, run in groupby(sequence, key=members.__contains__) if inside), default=0
    )


@given(space=sequence_spaces(), data=st.data())
def test_longest_run_equals_a_search(space, data):
    """The ceiling is checked on the worst sequence of the space, whichever kind it is."""
    assume(space.size <= 3000)
    members = data.draw(st.sets(st.sampled_from(space.conditions)))
    assert longest_run(space, members) == max(_longest(s, members) for s in space)


@pytest.mark.parametrize("n_symbols", [2, 3, 4])
@pytest.mark.parametrize("each", [1, 2, 3, 4])
@pytest.mark.parametrize("rule", [1, 2, 3])
def test_longest_run_with_a_rule(n_symbols, each, rule):
    """The short formula for designs with a longest run, against the automaton itself."""
    space = balanced(n_symbols * each, "abcd"[:n_symbols], rule)
    for n_members in range(n_symbols + 1):
        members = frozenset(range(n_members))
        assert longest_run(space, "abcd"[:n_members]) == _longest_of_any(space.automaton, members)


@pytest.mark.parametrize(
    ("space", "members", "run"),
    [
        (randomized_blocks(6, ("on", "off")), {"on"}, 2),
        (randomized_blocks(6, ("on", "off"), 2), {"on"}, 4),
        (randomized_blocks(1, ("on", "off")), {"on"}, 1),
        (randomized_blocks(6, "abc"), {"a", "b"}, 4),
        (randomized_blocks(6, "abc"), {"a", "b", "c"}, 18),
        (balanced(70, ("on", "off"), 2), {"on"}, 2),
        (balanced(70, ("on", "off")), {"on"}, 35),
        (williams("abcd", 16), {"a"}, 2),
        (product(randomized_blocks(1, ("on", "off")), randomized_blocks(1, ("on", "off"))), {"on"}, 2),
        (randomized_blocks(6, ("on", "off")), set(), 0),
    ],
    ids=range(10),
)
def test_longest_runs_of_common_designs(space, members, run):
    """A run in randomized blocks is never longer than twice the condition's share of a block."""
    assert longest_run(space, members) == run


def test_bits():
    """What a guesser does not know."""
    assert bits(randomized_blocks(6, ("on", "off"))) == 6
    assert bits(fixed(("on", "off"))) == 0
