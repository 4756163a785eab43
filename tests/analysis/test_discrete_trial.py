"""Harms and adverse events of a whole trial, and outcomes that are ratings or counts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nof1.analysis import analyse as analyse_module
from nof1.analysis.analyse import analyse
from nof1.analysis.dataset import Dataset
from nof1.analysis.discrete import compare_discrete
from nof1.analysis.discrete_trial import compared_harms, compared_outcome
from nof1.analysis.result import Contrast
from nof1.scores.locked_tables import AdverseEventRow

from .made import MEANINGS, dataset, protocol, tables_of

ON_OFF = Contrast(name="on_off", weights={"on": 1.0, "off": -1.0})


def trial(change=lambda row, condition: row, plan=None, **tables):
    """Return a trial whose score rows were changed, knowing their condition."""
    plan = plan or protocol()
    made = tables_of(plan)
    condition = {row.period: row.condition for row in made.allocation}
    rows = tuple(change(row, condition.get(row.period)) for row in made.scores)
    return Dataset.from_tables(replace(made, scores=rows, **tables), protocol=plan, meanings=MEANINGS)


def more_headache(row, condition):
    if row.score == "day.headache":
        return replace(row, value=str(float(row.session % 3 == 0) + 2.0 * (condition == "on")))
    return row


def test_every_rating_of_a_harm_is_compared():
    """Mean, share of days, ratio and chance of superiority, each with its count of orders."""
    (found,) = compared_harms(trial(more_headache), [ON_OFF])
    assert (found.score, found.label, found.contrast) == ("day.headache", "Headache", "on_off")
    assert (found.first, found.second) == ("on", "off")
    assert found.measure("share_difference").estimate > 0.5
    assert found.measure("share_difference").test.n_as_extreme == 2
    assert found.measure("mean_difference").estimate == pytest.approx(2.0, abs=0.2)
    assert found.measure("mean_difference").ci_low > 0


def test_the_first_days_of_a_period_count():
    """A harm may come at once: onset days are left out of outcomes, not of harms."""
    data = trial()
    (found,) = compared_harms(data, [ON_OFF])
    assert sum(side.n_days for side in found.sides) == 84
    direct = compare_discrete(
        data.frame("day.headache", onset_days=0), data.space, low=0.0, high=10.0, sequence=data.sequence
    )
    assert found.measures == direct.measures


def test_adverse_events_are_counted_by_period():
    """Periods without an event count as well; what began in the run-in belongs to no condition."""
    on = [row.period for row in tables_of(protocol()).allocation if row.condition == "on"]
    events = tuple(AdverseEventRow(term="rash", period=p, severity=2, serious=False) for p in (0, *on, on[0]))
    found = compared_harms(trial(adverse_events=events), [ON_OFF])[-1]
    assert (found.score, found.kind) == ("adverse_events", "count")
    assert [(side.n_periods, side.n_periods_above) for side in found.sides] == [(6, 6), (6, 0)]
    assert found.measure("mean_difference").estimate == pytest.approx(7 / 6)
    assert found.measure("mean_difference").test.p_value == 2 / 64
    assert found.measure("mean_ratio").estimate is None
    none = compared_harms(trial(), [ON_OFF])
    assert [one.score for one in none] == ["day.headache"]


def test_blinded_nothing_is_compared():
    """Before unblinding harms are pooled, and nothing else."""
    assert compared_harms(trial(allocation=None), [ON_OFF]) == ()


def test_results_hold_the_comparisons():
    """In results.json by name; an error of ours costs the comparison and not the report."""
    results = analyse(trial(more_headache))
    written = json.loads(json.dumps(results.to_json(), allow_nan=False))["harm_comparisons"]
    assert [(one["score"], one["contrast"]) for one in written] == [("day.headache", "on_off")]
    measures = {one["name"]: one for one in written[0]["measures"]}
    assert measures["share_difference"]["test"]["n_sequences"] == 64
    assert measures["share_difference"]["ci_low"] > 0
    assert results.harms


def test_an_error_is_told(monkeypatch):
    """The flag says that something stopped; harms are still described."""

    def fails(*args, **kwargs):
        raise ZeroDivisionError("made to fail")

    monkeypatch.setattr(analyse_module, "compared_harms", fails)
    results = analyse(dataset())
    assert results.harm_comparisons == ()
    assert "analysis_failed" in results.flags
    assert results.harms


def test_outcomes_that_take_few_values():
    """Beside the planned analysis stands one that needs no model; smooth scores have none."""
    plan = protocol(outcomes={"primary": {"score": "day.headache"}, "secondary": [{"score": "day.mood"}]})
    data = trial(more_headache, plan)
    results = analyse(data)
    primary, other = results.outcomes
    assert primary.discrete.kind == "ordinal"
    assert primary.discrete.measures[0].name == "superiority"
    assert primary.discrete == compared_outcome(data, "day.headache", ON_OFF)
    assert sum(side.n_days for side in primary.discrete.sides) == primary.n_sessions == 60
    assert primary.verdict == "harm"
    assert other.discrete is None


def test_many_zeros_are_told():
    """More than half of the scores 0: the flag is there, and lowers nothing."""
    plan = protocol(outcomes={"primary": {"score": "day.headache"}})

    def mostly_zero(row, condition):
        is_there = row.score == "day.headache" and (row.session % 4 == 0) and condition == "on"
        return replace(row, value=str(float(is_there) * 3)) if row.score == "day.headache" else row

    results = analyse(trial(mostly_zero, plan))
    assert "many_zeros" in results.primary.flags
    assert results.primary.discrete.share_low > 0.5


def test_nothing_is_compared_where_nothing_varied():
    """A constant outcome has no second analysis that could look like an answer."""
    plan = protocol(outcomes={"primary": {"score": "day.headache"}})
    constant = trial(lambda row, _: replace(row, value="0") if row.score == "day.headache" else row, plan)
    assert analyse(constant).primary.discrete is None
