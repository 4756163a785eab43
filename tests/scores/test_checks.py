"""Whether values can be, and what is said if not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.errors import EntryError
from nof1.scores.checks import (
    MISSING_REASONS,
    check_number,
    far_from_run_in,
    find_score,
    nearest,
    read_score,
    read_scores,
)
from nof1.scores.model import Score
from nof1.scores.number import read_number
from nof1.terms import MissingReason

from .strategies import plain_numbers


@pytest.fixture(scope="session")
def points(specs):
    """Return a score from 0 to 100."""
    return specs["recall.points"]


def test_a_value_outside_its_range_is_told_with_range_and_unit(points):
    """The sentence holds all that is needed to mend it."""
    dprime = replace(points, name="wm.dprime", range=(Decimal("-4.6"), Decimal("4.60")), unit="d'")
    assert check_number(dprime, read_number("7.2")) == "found 7.2; the range is −4.6 to 4.6 d'"
    assert check_number(dprime, read_number("4.60")) is None


def test_what_is_counted_is_whole(points):
    """Half a point of a count is a slip; 3.0 is not."""
    whole = replace(points, whole=True)
    assert check_number(whole, read_number("3.5")) == "found 3.5; a whole number is needed"
    assert check_number(whole, read_number("3.0")) is None


@given(plain_numbers(low=-200, high=200))
def test_the_bounds_themselves_are_allowed(points, text):
    """A value is refused exactly where it lies outside the closed range."""
    number = read_number(text)
    assert (check_number(points, number) is None) == (0 <= number.value <= 100)


def test_a_missing_value_has_a_reason(points):
    """An empty cell alone says `other`; a value and a reason contradict each other."""
    assert read_score(points, " ").missing_reason is MissingReason.OTHER
    assert read_score(points, "", missing_reason="Ill").missing_reason is MissingReason.ILL
    with pytest.raises(EntryError, match="give one of them"):
        read_score(points, "7", missing_reason="ill")
    with pytest.raises(EntryError, match="found the reason 'tired'; write one of forgot, ill"):
        read_score(points, "", missing_reason="tired")
    with pytest.raises(ValueError, match="either a value or a reason"):
        Score(name=points.name, number=None)


def test_scores_by_name(specs):
    """Full names, short names that are unique, reasons in the place of values."""
    scores = read_scores(specs, {"day.mood": "7", "calm": "forgot", "points": "12.50"})
    assert [(s.name, s.value, s.missing_reason) for s in scores] == [
        ("day.mood", "7", None),
        ("day.calm", None, MissingReason.FORGOT),
        ("recall.points", "12.50", None),
    ]


def test_all_that_is_wrong_is_told_at_once(specs):
    """One line for each; nothing is taken."""
    with pytest.raises(EntryError) as refused:
        read_scores(specs, {"day.mood": "11", "mood": "3", "day.clam": "3", "calm": "0,5", "day.calm": "3"})
    assert str(refused.value).splitlines() == [
        "day.mood: found 11; the range is 0 to 10 points",
        "mood: 'mood' may be day.mood or night.mood; write the whole name",
        "day.clam: the protocol has no score 'day.clam'; did you mean 'day.calm'?",
        "calm: found '0,5'; write 0.5",
    ]
    with pytest.raises(EntryError, match=r"day\.calm: found twice"):
        read_scores(specs, {"calm": "3", "day.calm": "3"})


def test_a_short_name_belongs_to_the_instrument(specs):
    """With an instrument `mood` has one meaning."""
    assert find_score(specs, "mood", instrument="night") == "night.mood"
    assert find_score(specs, "day.calm", instrument="night") == "day.calm"
    with pytest.raises(EntryError, match="night has no score 'calm'; known are mood"):
        find_score(specs, "calm", instrument="night")


def test_the_nearest_name_is_offered():
    """A slip is answered with the name, a stranger with the list."""
    assert nearest("Valeu", ["at", "value"]) == "did you mean 'value'?"
    assert nearest("zebra", ["at", "value"]) == "known are at, value"
    assert nearest("zebra", [f"s{n}" for n in range(20)]).endswith("s11, …")
    assert nearest("zebra", []) == "none is known"


def test_a_value_far_from_the_run_in_is_asked_again():
    """Four standard deviations, and only where there is enough to tell."""
    earlier = [Decimal(n) for n in (10, 11, 12, 11, 10, 12)]
    assert far_from_run_in(read_number("110"), earlier)
    assert not far_from_run_in(read_number("13"), earlier)
    assert not far_from_run_in(read_number("110"), earlier[:4])
    assert not far_from_run_in(read_number("110"), [Decimal(10)] * 9)


@given(st.sampled_from(MISSING_REASONS))
def test_every_reason_can_be_given(points, reason):
    """The words of the list are the words of the reader."""
    assert read_score(points, "", missing_reason=reason).missing_reason == reason
