"""Stop rules are met by days, told once, and know of no condition."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.protocol.model import StopRule
from nof1.safety.observed import Observed
from nof1.safety.stop_rules import baseline, rules_met

HARMS = StopRule(when="harms.* >= 7 on 2 days", do="pause")
SEVERE = StopRule(when="adverse_event.severity >= 3", do="stop")
RISE = StopRule(when="phq8.total - baseline >= 5 on 2 days", do="pause")


def seen(score, *pairs, in_run_in=False):
    """Observations of one score, as day and value."""
    return [Observed(score=score, day=day, value=Decimal(value), in_run_in=in_run_in) for day, value in pairs]


def test_what_is_observed_has_no_place_for_a_condition():
    """Score, day, value, and whether it was before the first period: nothing that a draw decides."""
    assert {field.name for field in fields(Observed)} == {"score", "day", "value", "in_run_in"}


def test_a_rule_asks_for_days_not_for_values():
    """Two harms on one day are one day; on two days, whatever lies between them, the rule is met."""
    same_day = seen("harms.nausea", (3, 8)) + seen("harms.headache", (3, 9))
    assert rules_met([HARMS], same_day, {}) == ()
    (met,) = rules_met([HARMS], [*same_day, *seen("harms.nausea", (40, 7), (41, 6))], {})
    assert (met.action, met.day) == ("pause", 40)
    assert met.evidence == ("day 3: harms.headache 9", "day 3: harms.nausea 8", "day 40: harms.nausea 7")


def test_days_that_were_told_are_spent():
    """No nagging: only as many new days meet the rule again."""
    days = seen("harms.nausea", (3, 8), (5, 9))
    (met,) = rules_met([HARMS], days, {})
    spent = {HARMS.when: met.evidence}
    assert rules_met([HARMS], days, spent) == ()
    assert rules_met([HARMS], [*days, *seen("harms.nausea", (6, 10))], spent) == ()
    (again,) = rules_met([HARMS], [*days, *seen("harms.nausea", (6, 10), (7, 7))], spent)
    assert again.evidence == ("day 6: harms.nausea 10", "day 7: harms.nausea 7")


def test_an_event_counts_by_its_severity():
    """A severity of 3 at once; one of 2 never."""
    assert rules_met([SEVERE], seen("adverse_event.severity", (4, 2)), {}) == ()
    (met,) = rules_met([SEVERE], seen("adverse_event.severity", (4, 3)), {})
    assert (met.action, met.evidence) == ("stop", ("day 4: adverse_event.severity 3",))


def test_a_rise_is_counted_from_the_run_in():
    """From its mean; from the first value where nothing was measured in it; and the run-in itself never meets it."""
    before = seen("phq8.total", (1, 4), (2, 6), in_run_in=True)
    assert baseline("phq8.total", before) == 5
    assert rules_met([RISE], [*before, *seen("phq8.total", (14, 10), (28, 9))], {}) == ()
    (met,) = rules_met([RISE], [*before, *seen("phq8.total", (14, 10), (28, 11))], {})
    assert met.day == 28
    (met,) = rules_met([RISE], seen("phq8.total", (14, 3), (28, 8), (42, 9)), {})
    assert met.evidence == ("day 28: phq8.total 8", "day 42: phq8.total 9")


@pytest.mark.parametrize(
    ("when", "met"), [("a.b >= 5", True), ("a.b > 5", False), ("a.b <= 5", True), ("a.b < 5", False)]
)
def test_relations(when, met):
    """The bound belongs to it where it says so."""
    assert bool(rules_met([StopRule(when=when, do="stop")], seen("a.b", (1, 5)), {})) == met


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 10)), max_size=20), st.randoms())
def test_the_order_of_entry_does_not_matter(pairs, random):
    """What is entered late meets the rule as what is entered in time."""
    days = seen("harms.nausea", *pairs)
    shuffled = list(days)
    random.shuffle(shuffled)
    assert rules_met([HARMS], days, {}) == rules_met([HARMS], shuffled, {})
