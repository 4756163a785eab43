"""The pool of words, how it is dealt, and when a typed word is one of them."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.battery.seeds import FormKey
from nof1.battery.words import dealt, one_slip, pool, recalled

POOL = pool("en")


def test_the_pool():
    """A thousand words or more, in order, each once; small letters, three to ten of them."""
    assert len(POOL) >= 1000
    assert list(POOL) == sorted(set(POOL))
    assert all(3 <= len(word) <= 10 and word.isascii() and word.isalpha() and word.islower() for word in POOL)


def test_no_two_words_can_be_taken_for_each_other():
    """No plural beside its singular; no two words one slip apart where slips are forgiven."""
    held = set(POOL)
    assert not [word for word in POOL if word + "s" in held or word + "es" in held]
    by_length: dict[int, list[str]] = {}
    for word in POOL:
        by_length.setdefault(len(word), []).append(word)
    near = [
        pair
        for length, words in by_length.items()
        if length >= 5
        for pair in [*combinations(words, 2), *((a, b) for a in words for b in by_length.get(length - 1, []))]
        if one_slip(*pair)
    ]
    assert near == []


@pytest.mark.parametrize("size", [24, 7])
def test_no_word_comes_twice_before_all_have_come(size):
    """Lists of one person share no word; after the last that fits, the pool is dealt anew in another order."""
    per_round = len(POOL) // size
    lists = [
        dealt(FormKey(trial_id="tea", instrument="words", session=n + 30, occasion=n), "en", size)
        for n in range(1, per_round + 2)
    ]
    first = [word for one in lists[:-1] for word in one]
    assert len(first) == len(set(first)) == per_round * size
    assert lists[-1] != lists[0]
    other = dealt(FormKey(trial_id="coffee", instrument="words", session=31, occasion=1), "en", size)
    assert other != lists[0]


def test_more_words_than_there_are():
    """A list cannot be longer than the pool."""
    with pytest.raises(ValueError, match="the pool holds"):
        dealt(FormKey(trial_id="tea", instrument="words", session=1, occasion=1), "en", 5000)


WORDS, OTHERS = ["carrot", "table", "pear", "hat"], ["cart", "parrot", "peach"]


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("carrot", "carrot"),
        ("  CARROT ", "carrot"),
        ("carot", "carrot"),
        ("carroot", "carrot"),
        ("carrut", "carrot"),
        ("acrrot", "carrot"),
        ("tables", "table"),
        ("parrot", None),  # itself another word
        ("crrt", None),  # two slips
        ("pea", None),  # a slip in a short word
        ("pear", "pear"),
        ("hut", None),
        ("", None),
        ("carrot table", None),
    ],
)
def test_a_typed_word(typed, word):
    """Capitals and blanks do not matter; one slip is forgiven in a word of five letters or more."""
    assert recalled(typed, WORDS, OTHERS) == word


def test_a_slip_that_could_be_two_words_is_none():
    """Where two words of the list are equally near, nobody can tell which was meant."""
    assert recalled("stabe", ["stable", "stage"], []) is None


def test_normal_form():
    """The same letters count as the same, however they were composed."""
    assert recalled("café", ["café"], []) == "café"


def distance(one, other):
    """Return the Damerau–Levenshtein distance (optimal string alignment), by the book."""
    rows = {(i, j): max(i, j) for i in range(len(one) + 1) for j in range(len(other) + 1) if 0 in {i, j}}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            rows[i, j] = min(
                rows[i - 1, j] + 1, rows[i, j - 1] + 1, rows[i - 1, j - 1] + (one[i - 1] != other[j - 1])
            )
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i, j] = min(rows[i, j], rows[i - 2, j - 2] + 1)
    return rows[len(one), len(other)]


@given(st.text("ab", max_size=5), st.text("ab", max_size=5))
def test_one_slip_is_a_distance_of_at_most_one(one, other):
    """The short rule agrees with the whole table of distances."""
    assert one_slip(one, other) == (distance(one, other) <= 1)
