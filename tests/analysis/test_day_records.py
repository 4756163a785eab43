"""What happened day by day, and adverse events one by one."""

from __future__ import annotations

from dataclasses import replace

from tests.analysis.made import MEANINGS, protocol, tables_of

from nof1.analysis.dataset import Dataset
from nof1.analysis.day_records import days_of, events_of
from nof1.scores.locked_tables import AdverseEventRow, DoseRow


def a_dataset(*, is_blinded=False, **changes):
    plan = protocol()
    tables = replace(tables_of(plan, missing=0.2, late=0.1), **changes)
    if is_blinded:
        tables = replace(tables, allocation=None)
    return Dataset.from_tables(tables, protocol=plan, meanings=MEANINGS)


def test_days_add_up_to_the_scores_and_doses():
    """The calendar shows every planned score once, and every dose on its day."""
    doses = (DoseRow(on="2026-03-08", day=7, taken=True), DoseRow(on="2026-03-08", day=7, taken=False))
    data = a_dataset(doses=doses)
    days = days_of(data)
    assert [one.day for one in days] == sorted({int(day) for day in data.scores["day"]})
    assert sum(one.n_planned for one in days) == len(data.scores)
    assert sum(one.n_entered for one in days) == data.scores["value"].notna().sum()
    assert sum(one.n_late for one in days) == data.scores["late"].astype(bool).sum()
    assert [(one.n_doses, one.n_doses_left_out) for one in days if one.n_doses] == [(1, 1)]


def test_event_tells_the_day_of_its_period_and_its_condition():
    """A harm on the first days of a period speaks of what was just begun."""
    data = a_dataset()
    begins = int(data.sessions.loc[data.sessions["period"] == 3, "day"].min())
    event = AdverseEventRow(
        term="headache",
        started_on="2026-03-10",
        ended_on="2026-03-12",
        day=begins + 1,
        period=3,
        severity=2,
        serious=False,
    )
    found = events_of(a_dataset(adverse_events=(event,)))[0]
    assert (found.day, found.period, found.day_in_period, found.n_days) == (begins + 1, 3, 2, 3)
    assert found.condition == data.condition_of[3]
    assert events_of(a_dataset(adverse_events=(event,), is_blinded=True))[0].condition is None


def test_event_without_day_or_end_is_still_told():
    """An imported harm may have no date; it must not be lost."""
    event = AdverseEventRow(term="rash", severity=1, serious=True)
    found = events_of(a_dataset(adverse_events=(event,)))
    assert [(one.term, one.day, one.n_days, one.serious) for one in found] == [("rash", None, None, True)]
