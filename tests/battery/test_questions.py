"""Ratings in the order of the day; questionnaires in their own words, with whose they are."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.battery.questionnaires import QUESTIONNAIRES
from nof1.battery.questions import questionnaire_texts, rating_flags, score_questionnaire, shuffled_items
from nof1.battery.ratings import RATINGS
from nof1.battery.seeds import FormKey


def key(session):
    """Return the key of a day."""
    return FormKey(trial_id="tea", instrument="day", session=session, occasion=session)


def test_only_what_may_be_shown_is_there():
    """Texts exist exactly where their owner lets everybody show them, and their notice says so."""
    texts = questionnaire_texts()
    assert set(texts) == {name for name, one in QUESTIONNAIRES.items() if one.may_be_shown}
    for text in texts.values():
        assert "Spitzer" in text.notice
        assert "No permission required to reproduce, translate, display or distribute" in text.notice
        assert len(text.options) == 4


def test_items_are_as_published():
    """PHQ-8 is PHQ-9 without its last item; the last item is the one that is watched."""
    texts = questionnaire_texts()
    assert [len(texts[name].items) for name in ("phq8", "phq9", "gad7")] == [8, 9, 7]
    assert texts["phq9"].items[:8] == texts["phq8"].items
    assert texts["phq9"].watched_item == 8
    assert "better off dead" in texts["phq9"].items[8]
    assert texts["phq8"].watched_item is None
    assert texts["gad7"].items[0] == "Feeling nervous, anxious, or on edge"


@given(st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_a_total_is_the_sum(answers):
    """Of all items, within its range; the watched item by itself."""
    total, item9 = score_questionnaire("phq9", answers)
    assert total.value == sum(answers)
    assert (item9.score, item9.value) == ("item9", answers[8])
    (eight,) = score_questionnaire("phq8", answers[:8])
    assert 0 <= eight.value <= QUESTIONNAIRES["phq8"].scores[0].high


def test_a_total_without_an_item_is_missing():
    """And never a smaller sum; the watched item keeps its answer."""
    total, item9 = score_questionnaire("phq9", [3, 3, None, 3, 3, 3, 3, 3, 1])
    assert total.value is None
    assert "no answer" in total.why
    assert item9.value == Decimal(1)


@pytest.mark.parametrize("answers", [[0] * 8, [0] * 6 + [4], [0] * 6 + [-1]])
def test_answers_that_cannot_be(answers):
    """Another number of items, or an option that is not there."""
    with pytest.raises(ValueError, match="gad7"):
        score_questionnaire("gad7", answers)


def test_the_order_of_ratings_is_new_every_day():
    """The same whenever it is asked for, all of them, and not the same every day."""
    items = tuple(RATINGS)
    orders = {shuffled_items(key(session), items) for session in range(1, 15)}
    assert shuffled_items(key(3), items) == shuffled_items(key(3), items)
    assert len(orders) == 14
    assert all(sorted(order) == sorted(items) for order in orders)


@pytest.mark.parametrize(
    ("answers", "elapsed_ms", "flags"),
    [
        ([5, 3, 7, 4, 6], 9_000, ()),
        ([5, 3, 7, 4, 6], 4_000, ("fast_guess",)),
        ([5, 5, 5, 5, 5], 9_000, ("straight_lining",)),
        ([5, 5, 5, 5, None], 9_000, ()),
        ([0, 0, 0, 0, 0, 0], 9_000, ()),
        ([], 0, ()),
    ],
)
def test_flags_of_ratings(answers, elapsed_ms, flags):
    """Less than a second an item, or the same answer everywhere; no trouble at all can be meant."""
    assert rating_flags(answers, elapsed_ms) == flags
