"""The grammar of stop rules."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nof1.protocol.stop_rules import StopCondition, stop_condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("harms.* >= 7 on 2 days", ("harms", "*", ">=", "7", 2)),
        ("adverse_event.severity >= 3", ("adverse_event", "severity", ">=", "3", 1)),
        ("day.mood < -0.5 on 1 day", ("day", "mood", "<", "-0.5", 1)),
        ("phq.total > 14", ("phq", "total", ">", "14", 1)),
        ("day.mood <= 2 on 14 days", ("day", "mood", "<=", "2", 14)),
    ],
)
def test_rules_are_read(text, condition):
    """Instrument, score, relation, number, days."""
    instrument, score, relation, number, days = condition
    assert stop_condition(text) == StopCondition(
        instrument=instrument, score=score, relation=relation, number=Decimal(number), days=days
    )


def test_a_rise_from_the_run_in_is_read():
    """The difference from the baseline; of an adverse event there is none."""
    rule = stop_condition("phq8.total - baseline >= 5 on 2 days")
    assert (rule.from_baseline, rule.number, rule.days) == (True, 5, 2)
    assert not stop_condition("phq8.total >= 5").from_baseline
    with pytest.raises(ValueError, match="write a rule such as"):
        stop_condition("adverse_event.severity - baseline >= 1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "harms >= 7",
        "harms.* = 7",
        "harms.* => 7",
        "harms.*>=7",
        "*.x >= 7",
        "harms.* >= seven",
        "harms.* >= 7 on 0 days",
        "harms.* >= 7 for 2 days",
        "harms.* >= 7 on 2 days\n",
    ],
)
def test_other_words_are_refused(text):
    """There is one way to write a rule, so that nobody relies on one that is never met."""
    with pytest.raises(ValueError, match="write a rule such as"):
        stop_condition(text)
