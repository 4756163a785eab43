"""What the sessions section means."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.protocol.model import SessionPlan
from nof1.protocol.sessions import (
    MAX_ENTRIES,
    StartTime,
    days_due,
    entries_of,
    expand,
    in_run_in,
    start_time,
    start_times,
)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("08:00", StartTime(clock=time(8))),
        ("08:00 dose", StartTime(clock=time(8), is_dose=True)),
        ("08:00 dose + 90 min", StartTime(clock=time(8), is_dose=True, offset=timedelta(minutes=90))),
        ("23:59 dose - 5 min", StartTime(clock=time(23, 59), is_dose=True, offset=timedelta(minutes=-5))),
    ],
)
def test_start_times(text, start):
    """A clock time, that of a dose, or some time after or before it."""
    assert start_time(text) == start


@pytest.mark.parametrize(
    "text",
    [
        "8:00",
        "dose",
        "08:00 dose + 90",
        "08:00 + 90 min",
        "08:00 dose +90 min",
        "25:00",
        "08:00 dose + 1 h",
        "08:00 dose + 1440 min",
    ],
)
def test_other_words_for_times_are_refused(text):
    """There is one way to write each."""
    with pytest.raises(ValueError, match="; write"):
        start_time(text)


def test_prompts_of_a_plan():
    """No time, one, or several."""
    assert start_times(SessionPlan(battery="a")) == (None,)
    assert [one.clock.hour for one in start_times(SessionPlan(battery="a", at=["10:00", "22:00"]))] == [
        10,
        22,
    ]


@given(
    st.integers(1, 30),
    st.none() | st.lists(st.integers(1, 40) | st.just("last"), min_size=1),
    st.lists(st.integers(1, 40) | st.just("last")),
)
def test_days_due_by_the_definition(period_days, days, not_days):
    """A day is due if it is named (or nothing is) and not excluded; `last` is the last one."""
    plan = SessionPlan(battery="a", days=days, not_days=not_days)

    def named(day, names):
        return day in names or (day == period_days and "last" in names)

    expected = [
        d for d in range(1, period_days + 1) if (days is None or named(d, days)) and not named(d, not_days)
    ]
    assert list(days_due(plan, period_days)) == expected
    assert in_run_in(plan) == (days is None)


def test_batteries_in_batteries():
    """What a battery holds comes in its place, in order."""
    batteries = {
        "daily": ("day", "wm"),
        "memory": ("words:study", "daily", "words:delayed"),
        "all": ("memory", "phq"),
    }
    assert expand(["all"], batteries) == ("words:study", "day", "wm", "words:delayed", "phq")
    assert entries_of(SessionPlan(battery=["phq", "daily"]), batteries) == ("phq", "day", "wm")


def test_batteries_that_hold_themselves_come_to_an_end():
    """The rules refuse them; until then nobody waits."""
    assert expand(["a"], {"a": ("b", "x"), "b": ("a", "y")}) == ("y", "x")
    doubling = {f"b{i}": (f"b{i + 1}", f"b{i + 1}") for i in range(60)}
    assert len(expand(["b0"], doubling)) == MAX_ENTRIES + 1 or expand(["b0"], doubling) == ()
