"""Counts and means of what happened, against counting by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nof1.analysis.dataset import Dataset
from nof1.analysis.describe import (
    adherence_of,
    adverse_events_of,
    conditions_of,
    harms_of,
    periods_of,
    planned_by_condition,
    series_of,
)
from nof1.scores.locked_tables import AdverseEventRow, DoseRow

from .made import MEANINGS, protocol, tables_of


def trial(*, blinded=False, **tables):
    plan = protocol()
    made = replace(tables_of(plan, missing=0.1, late=0.1), **tables)
    if blinded:
        made = replace(made, allocation=None)
    return Dataset.from_tables(made, protocol=plan, meanings=MEANINGS)


def test_conditions_are_described():
    """Planned, present and missing add up; means are those of the scores."""
    data = trial()
    frame = data.frame("day.mood")
    on, off = conditions_of(frame, ("on", "off"))
    assert (on.condition, on.n_planned, on.n_sessions + on.n_missing) == ("on", 30, 30)
    assert off.mean == pytest.approx(frame.loc[frame["condition"] == "off", "value"].mean())
    (never,) = conditions_of(frame, ("never",))
    assert (never.n_planned, never.mean, never.sd) == (0, None, None)


def test_periods_are_described():
    """Days, block, kit and mean of each period; the calendar alone has the run-in as period 0."""
    data = trial()
    calendar = periods_of(data)
    assert [period.period for period in calendar] == list(range(13))
    assert (calendar[0].first_day, calendar[0].last_day, calendar[0].condition) == (1, 5, None)
    frame = data.frame("day.mood")
    held = periods_of(data, frame)
    assert [period.period for period in held] == list(range(1, 13))
    assert held[3].mean == pytest.approx(frame.loc[frame["period"] == 4, "value"].mean())
    assert (held[3].block, held[3].kit, held[3].n_sessions) == (
        2,
        "K-00004",
        frame.loc[frame["period"] == 4, "value"].count(),
    )


def test_the_series_keeps_every_occasion():
    """Figures show run-in and missing sessions too."""
    data = trial()
    series = series_of(data, "day.mood")
    assert len(series.session) == len(series.value) == 89
    assert sum(series.analysed) == 60
    assert series.period[:6] == (0, 0, 0, 0, 0, 1)
    assert None in series.value
    assert series.condition[0] is None
    assert series.condition[5] in {"on", "off"}


def test_adherence_adds_up():
    """Planned is entered and missing; reasons and conditions are counted."""
    data = trial(
        doses=(DoseRow(on="2026-03-02", taken=True), DoseRow(on="2026-03-03", taken=False)),
    )
    found = adherence_of(data)
    assert found.n_planned == 3 * 89 == found.n_entered + found.n_missing
    assert found.n_late == int(data.scores["late"].sum()) > 0
    assert found.missing_by_reason == {"forgot": found.n_missing}
    in_treatment = data.scores[data.scores["value"].isna() & (data.scores["period"] > 0)]
    assert sum(found.missing_by_condition.values()) == len(in_treatment)
    assert (found.n_doses_recorded, found.n_doses_missed) == (2, 1)


def test_harms_by_condition_and_pooled():
    """Every day of every period counts, onset included; blinded there is one pooled row."""
    data = trial()
    on, off = harms_of(data)
    rows = data.planned("day.headache")
    held = rows[(rows["condition"] == "on") & rows["value"].notna()]
    assert (on.n_sessions, on.maximum) == (len(held), held["value"].max())
    assert on.n_days_above_zero == (held["value"] > 0).sum() > 0
    (pooled,) = harms_of(trial(blinded=True))
    assert pooled.condition is None
    assert pooled.n_sessions == on.n_sessions + off.n_sessions


def test_adverse_events_by_condition():
    """Events count where they began; what began in no period stands apart."""
    events = tuple(
        AdverseEventRow(term="headache", severity=severity, serious=serious, period=period)
        for severity, serious, period in ((1, False, 1), (3, True, 1), (2, False, 0), (2, False, None))
    )
    data = trial(adverse_events=events)
    first = data.condition_of[1]
    found = {row.condition: row for row in adverse_events_of(data)}
    assert (found[first].n_events, found[first].n_serious, found[first].worst_severity) == (2, 1, 3)
    assert found[None].n_events == 2
    other = next(code for code in ("on", "off") if code != first)
    assert (found[other].n_events, found[other].worst_severity) == (0, None)
    (pooled,) = adverse_events_of(trial(adverse_events=events, blinded=True))
    assert (pooled.condition, pooled.n_events) == (None, 4)
    assert {row.condition for row in adverse_events_of(trial())} == {"on", "off"}


def test_an_import_is_measured_by_its_protocol():
    """A file without rows for what was never measured: planned is what the protocol plans, not what the file holds."""
    plan = protocol()
    tables = tables_of(plan)
    kept = tuple(row for row in tables.scores if row.day not in {2, 9, 20})
    held = replace(tables, trial=replace(tables.trial, is_imported=True), scores=kept)
    data = Dataset.from_tables(held, protocol=plan, meanings=MEANINGS)
    found = adherence_of(data)
    assert (found.n_planned, found.n_rows, found.n_entered) == (3 * 89, 3 * 86, 3 * 86)
    assert (found.n_missing, found.n_missing_in_run_in) == (9, 3)
    assert found.missing_by_reason == {"no_row": 9}
    assert sum(found.missing_by_condition.values()) == 6
    conditions = conditions_of(data.frame("day.mood"), ("on", "off"), planned_by_condition(data, "day.mood"))
    assert [one.n_planned for one in conditions] == [30, 30]
    assert sum(one.n_missing for one in conditions) == 1  # the other day is of the onset


def test_doses_and_guesses_are_measured_by_the_plan():
    """A dose without a record is neither taken nor missed."""
    conditions = {"on": {"name": "tea", "times": ["08:00"]}, "off": {"name": "water", "times": ["08:00"]}}
    plan = protocol(conditions=conditions)
    doses = (DoseRow(on="2026-03-07", taken=True), DoseRow(on="2026-03-08", taken=False))
    held = replace(tables_of(plan), doses=doses)
    found = adherence_of(Dataset.from_tables(held, protocol=plan, meanings=MEANINGS))
    assert (found.n_doses_planned, found.n_doses_recorded, found.n_doses_missed) == (84, 2, 1)
    assert found.n_doses_without_record == 82
    assert (found.n_guesses_planned, found.n_guesses) == (12, 0)
