"""The frames that fits get hold exactly what the plan counts, with the practice clock of each score."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from nof1.analysis.dataset import Dataset
from nof1.schedule.design import space_of
from nof1.terms import PeriodKind

from .made import MEANINGS, dataset, protocol, tables_of


def changed(change_row, plan=None, **changes):
    plan = plan or protocol()
    tables = tables_of(plan)
    rows = tuple(change_row(row) for row in tables.scores)
    return Dataset.from_tables(
        replace(tables, scores=tuple(row for row in rows if row is not None), **changes),
        protocol=plan,
        meanings=MEANINGS,
    )


def test_a_frame_holds_treatment_days_after_the_onset():
    """Five of seven days of twelve periods; run-in and onset are not there, but they count in session."""
    frame = dataset(missing=0.1).frame("day.mood")
    assert len(frame) == 12 * 5
    assert list(frame.columns) == ["session", "day", "period", "block", "condition", "value", "late"]
    assert frame["session"].iloc[:6].tolist() == [8, 9, 10, 11, 12, 15]
    assert frame["value"].isna().sum() > 0
    assert frame["condition"].iloc[0] == space_of(protocol()).unrank(25)[0]


@pytest.mark.parametrize(("onset", "rows"), [(0, 84), (1, 72), (2, 60), (3, 48)])
def test_another_onset(onset, rows):
    """A sensitivity analysis takes other days; the practice clock stays."""
    frame = dataset().frame("day.mood", onset)
    assert len(frame) == rows
    assert frame["session"].iloc[0] == 5 + onset + 1


def test_excluded_rows_stay_out_at_any_onset():
    """A row that is left out for another reason than the onset does not come back with another onset."""
    data = changed(lambda row: replace(row, analysed=row.analysed and row.session != 22))
    assert 22 in dataset().frame("day.mood", 0)["session"].tolist()
    for onset in (None, 0, 1, 2):
        assert 22 not in data.frame("day.mood", onset)["session"].tolist()
    assert 7 in data.frame("day.mood", 0)["session"].tolist()


def test_sessions_are_counted_for_each_score():
    """A score that is measured every third day has its own practice clock."""
    data = changed(lambda row: row if row.score != "day.calm" or row.session % 3 == 0 else None)
    frame = data.frame("day.calm", 0)
    assert frame["session"].tolist() == list(range(2, 30))
    assert frame["day"].tolist() == list(range(6, 90, 3))


def test_days_between_periods_are_no_part_of_a_period():
    """A washout has no period and no condition; its sessions count."""
    data = changed(
        lambda row: (
            replace(row, kind=PeriodKind.WASHOUT, period=None, analysed=False)
            if row.session in {12, 13}
            else row
        )
    )
    planned = data.planned("day.mood")
    washed = planned[planned["session"].isin([12, 13])]
    assert washed["condition"].isna().all()
    assert not data.frame("day.mood", 0)["session"].isin([12, 13]).any()


def test_the_sequence_and_its_space():
    """The space is that of the protocol, and the sequence is what was opened."""
    data = dataset(index=37)
    assert data.sequence == data.space.unrank(37)
    assert data.space.size == 64
    assert not data.is_blinded


def test_before_unblinding_nobody_knows():
    """Without an allocation there is no condition anywhere."""
    data = changed(lambda row: row, allocation=None)
    assert data.is_blinded
    assert data.sequence is None
    assert data.frame("day.mood")["condition"].isna().all()


def test_a_trial_that_stopped_has_an_incomplete_sequence():
    """Periods that never came have no condition, and the sequence is not known as a whole."""
    plan = protocol()
    tables = tables_of(plan)
    data = Dataset.from_tables(
        replace(tables, allocation=tables.allocation[:8]), protocol=plan, meanings=MEANINGS
    )
    assert data.sequence is None
    assert len(data.condition_of) == 8


def test_unknown_scores_are_refused():
    """A slip in the name of a score raises; a score without any row has an empty frame."""
    with pytest.raises(ValueError, match=r"no score 'day\.mod'"):
        dataset().frame("day.mod")
    assert changed(lambda row: row if row.score != "day.calm" else None).frame("day.calm").empty


def test_numbers_are_numbers():
    """Values as typed become floats; what is absent becomes NaN."""
    data = dataset(missing=0.2)
    assert data.scores["value"].dtype == float
    assert pd.api.types.is_numeric_dtype(data.scores["period"])
    assert data.trial["id"] == "tea"
    assert data.trial_flags == ()


def test_meanings_come_from_the_catalogue():
    """Without meanings given, the instruments of the protocol are looked up."""
    plan = protocol()
    data = Dataset.from_tables(tables_of(plan), protocol=plan)
    assert data.meanings["day.headache"].is_harm
    assert data.meanings["day.headache"].better == "lower"
    assert data.meanings["day.mood"].high == 10
