"""The strip, row by row: flags, sessions that the plan leaves out, exposures, outliers, and reasons for what is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nof1.analysis import sensitivity
from nof1.analysis.bayes_grid import fit_bayes_grid
from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.dataset import Dataset
from nof1.analysis.expected_order import left_in_periods
from nof1.analysis.outcome import Question
from nof1.analysis.result import Contrast
from nof1.analysis.robust import fit_robust
from nof1.analysis.sensitivity import sensitivity_rows

from .made import MEANINGS, dataset, protocol, tables_of

DAILY = {"kind": "balanced", "periods": 40, "period_days": 1}


def rows_of(data: Dataset) -> list:
    weights = {"on": 1.0, "off": -1.0}
    question = Question(
        dataset=data,
        outcome=data.protocol.outcomes.primary,
        role="primary",
        contrast=Contrast(name="on_off", weights=weights),
    )
    return list(sensitivity_rows(question, question.planned_fit(data.frame("day.mood"))))


def strip(data: Dataset) -> dict:
    return {row.name: row.estimate for row in rows_of(data)}


def marked(plan, **flags_of) -> Dataset:
    """Return a trial whose analysed sessions carry flags: name to every n-th session."""
    tables = tables_of(plan)

    def flags(row):
        return tuple(name for name, every in flags_of.items() if row.session % every == 0)

    rows = tuple(replace(row, flags=flags(row)) for row in tables.scores)
    return Dataset.from_tables(replace(tables, scores=rows), protocol=plan, meanings=MEANINGS)


def test_each_flag_and_all_of_them():
    """A row for each flag that occurs, one without any flagged session; corrections cast no doubt."""
    rows = strip(marked(protocol(), tab_hidden=10, outside_window=8, corrected=2))
    sessions = [session for session in range(6, 90) if (session - 6) % 7 >= 2]
    expected = {
        "without_tab_hidden": sum(s % 10 != 0 for s in sessions),
        "without_outside_window": sum(s % 8 != 0 for s in sessions),
        "without_flagged": sum(s % 8 != 0 and s % 10 != 0 for s in sessions),
    }
    assert {name: rows[name].n_sessions for name in expected} == expected
    assert not any("corrected" in name for name in rows)
    assert rows["planned"].n_sessions == len(sessions)


def test_one_flag_is_one_row():
    """With a single kind of flag there is no row that says the same twice; without any, the reason."""
    rows = strip(marked(protocol(), interrupted=9))
    assert "without_interrupted" in rows
    assert "without_flagged" not in rows
    assert strip(dataset())["without_flagged"].note == "no session carries a flag"


def test_what_the_plan_leaves_out_is_looked_at():
    """Sessions that are excluded for a flag come back in one row, those of the onset do not."""
    plan = protocol()
    tables = tables_of(plan)
    rows = tuple(replace(row, analysed=row.analysed and row.session % 10 != 0) for row in tables.scores)
    data = Dataset.from_tables(replace(tables, scores=rows), protocol=plan, meanings=MEANINGS)
    found = strip(data)
    assert found["planned"].n_sessions == 54
    assert found["with_excluded"].n_sessions == 60
    assert "with_excluded" not in strip(dataset())


def test_rows_are_the_functions_that_they_name():
    """Grid, serial correlation and medians stand in the strip as the functions give them."""
    data = dataset(effect=1.0)
    rows, frame = strip(data), data.frame("day.mood")
    assert rows["gls_ar1"] == fit_daily_model(frame)
    assert rows["grid"] == fit_bayes_grid(frame)
    assert rows["grid_wide"] == fit_bayes_grid(frame, ratio_sd=1.0)
    assert rows["medians"] == fit_robust(frame, data.space, sequence=data.sequence)
    assert rows["ranks"] == fit_robust(frame, data.space, statistic="ranks", sequence=data.sequence)
    assert rows["serial_model"].method == "serial_model"


def test_a_stated_half_life():
    """Exposures need a half-life and days; the label names what was stated."""
    tea = {"on": {"name": "tea", "half_life": "36 h"}, "off": {"name": "water"}}
    rows = {row.name: row for row in rows_of(dataset(protocol(conditions=tea), effect=1.0))}
    kept = left_in_periods(1.5, period_days=7, onset_days=2)
    assert rows["exposure"].label.endswith(
        f"(half-life 36 h, by which the plan keeps about {100 * kept:.0f} % of an effect)"
    )
    assert rows["exposure"].estimate.estimate > rows["planned"].estimate.estimate
    tables = tables_of(protocol(conditions=tea))
    without = tuple(replace(row, day=None) for row in tables.sessions)
    data = Dataset.from_tables(
        replace(tables, sessions=without), protocol=protocol(conditions=tea), meanings=MEANINGS
    )
    assert strip(data)["exposure"].note == "the data name no days"


def test_daily_trials():
    """One-day periods: ranks and no medians, one grid, no onset, no model of days within periods."""
    rows = strip(dataset(protocol(design=DAILY), index=10**9))
    assert {"ranks", "grid", "yesterday", "least_squares", "trend_spline"} <= set(rows)
    assert not {"medians", "grid_wide", "serial_model", "gls_ar1", "block_effect", "onset_0"} & set(rows)
    assert rows["trend_spline"].p_value is not None
    assert rows["without_block"].note == "the design has no blocks"


@pytest.mark.parametrize(
    "kind", ["missing", "constant", "two values", "by period", "one day a period", "huge", "one condition"]
)
def test_whatever_the_scores_are(kind):
    """Degenerate scores: every row comes, none with an error, and every row without a p has a reason or is described."""
    plan = protocol(conditions={"on": {"name": "tea", "half_life": "2 d"}, "off": {"name": "water"}})
    tables = tables_of(plan)
    on = {row.period for row in tables.allocation if row.condition == "on"}

    def value(row):
        made = {
            "missing": None,
            "constant": "5",
            "two values": str(row.session % 2),
            "by period": str(row.period),
            "one day a period": row.value if row.day_in_period == 4 else None,
            "huge": f"{float(row.value) * 1e12:.0f}",
            "one condition": row.value if row.period in on else None,
        }
        return made[kind]

    rows = tuple(replace(row, value=value(row)) if row.period else row for row in tables.scores)
    found = strip(Dataset.from_tables(replace(tables, scores=rows), protocol=plan, meanings=MEANINGS))
    assert not [name for name, row in found.items() if "analysis_failed" in row.flags], kind
    assert all(
        row.p_value is not None or row.flags or row.note or row.estimate is not None for row in found.values()
    )


def test_one_group_that_stops_leaves_the_others(monkeypatch):
    """An error of ours in a group is told as such, and the rest of the strip comes."""

    def broken(question):
        raise ZeroDivisionError("made to fail")
        yield  # a generator, as the others are

    broken.__name__ = "carry_over"
    monkeypatch.setattr(sensitivity, "GROUPS", (broken, sensitivity.without_blocks))
    rows = strip(dataset())
    assert rows["carry_over"].note == "ZeroDivisionError: made to fail"
    assert "without_block_6" in rows


@pytest.mark.parametrize(
    ("design", "notes"),
    [
        (
            {"kind": "fixed", "sequence": ["on", "off"] * 4, "period_days": 5},
            {
                "medians": "the order was not randomized",
                "block_effect": "the design has no blocks",
                "trend_spline": "it needs 12 periods with scores, and there are 8",
            },
        ),
        (
            {"kind": "randomized_blocks", "blocks": 3, "period_days": 5},
            {"without_block": "there are 3 blocks"},
        ),
    ],
)
def test_what_is_not_there_says_why(design, notes):
    """A design without blocks or without chance has fewer alternatives, and says so."""
    rows = strip(dataset(protocol(design=design), index=0))
    assert {name: rows[name].note for name in notes} == notes
    assert all(rows[name].estimate is None for name in notes)
