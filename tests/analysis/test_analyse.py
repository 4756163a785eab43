"""A whole trial from tables to results: what the plan asks for, and what happens when something goes wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nof1.analysis import outcome as outcome_module
from nof1.analysis.analyse import analyse
from nof1.analysis.dataset import Dataset
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.randomization_test import randomization_test
from nof1.scores.locked_tables import DeviationRow

from .made import MEANINGS, dataset, protocol, tables_of

if TYPE_CHECKING:
    import pandas as pd

DAILY = {
    "design": {"kind": "balanced", "periods": 40, "period_days": 1},
    "analysis": {"confirm": "randomization_test"},
}
SHORT = {"analysis": {"sensitivity": "none"}}
"""For what the alternatives to the plan have no part in; they take half of the time."""
DOSES = {
    "conditions": {code: {"name": code} for code in ("d3", "d2", "d1", "d0")},
    "design": {"kind": "randomized_blocks", "blocks": 4, "period_days": 3},
    "analysis": {
        "contrasts": {
            "trend": {"d3": 3, "d2": 1, "d1": -1, "d0": -3},
            "top": {"d3": 1, "d0": -1},
        }
    },
}


def test_a_trial_with_a_clear_effect():
    """Verdict, estimate, randomization p, equivalence and adjusted p of the primary outcome hang together."""
    data = dataset(effect=2.0, missing=0.05)
    results = analyse(data)
    primary = results.primary
    direct = fit_mixed_model(data.frame("day.mood"))
    assert results.verdict == primary.verdict == "benefit"
    assert primary.mixed_model == direct
    assert primary.randomization_test.n_sequences == 64
    assert (
        primary.randomization_test.n_as_extreme
        == randomization_test(data.frame("day.mood"), data.space).n_as_extreme
    )
    assert (primary.daily_model, primary.paired_blocks.df) == (None, 5)
    assert primary.equivalence.equivalent is False
    assert [outcome.score for outcome in results.outcomes] == ["day.mood", "day.calm"]
    assert primary.adjusted_p_value == min(1, 2 * direct.p_value)
    assert primary.n_family == 2
    assert primary.n_sessions + primary.n_missing == 60
    assert results.sequence.rank == "25"
    assert primary.detectable_effect > 0
    assert primary.randomization_interval.attainable
    assert json.loads(json.dumps(results.to_json(), allow_nan=False))["verdict"] == "benefit"


def test_confirmation_can_take_a_claim_away():
    """With five blocks the randomization test cannot reach .05, so a clear effect stays inconclusive."""
    design = {"kind": "randomized_blocks", "blocks": 5, "period_days": 7}
    plan = protocol(design=design, analysis={"sensitivity": "none", "confirm": "randomization_test"})
    found = analyse(dataset(plan, effect=3.0, index=13)).primary
    assert found.mixed_model.p_value < 0.05
    assert found.verdict == "inconclusive"
    assert "2/32" in found.verdict_reason
    assert "randomization_cannot_confirm" in found.flags
    assert found.randomization_interval.level == 0.9
    assert not found.randomization_interval.attainable
    assert analyse(dataset(protocol(**SHORT, design=design), effect=3.0, index=13)).verdict == "benefit"


def test_daily_trials_take_the_daily_model():
    """One-day periods: AR(1) over days, prewhitened randomization, no blocks."""
    results = analyse(dataset(protocol(**DAILY), effect=2.0, index=10**9))
    primary = results.primary
    assert primary.primary_method == "daily_model"
    assert (primary.mixed_model, primary.paired_blocks) == (None, None)
    assert primary.randomization_test.kind == "prewhitened"
    assert not primary.randomization_test.exact
    assert primary.verdict == "benefit"
    names = {row.name for row in results.sensitivity}
    assert names >= {"planned", "trend_none", "trend_linear", "yesterday", "least_squares"}
    assert not any(name.startswith("onset") for name in names)


def test_reruns_give_the_same_digits():
    """Draws follow from protocol, score and contrast."""
    data = dataset(protocol(**{**DAILY, **SHORT}), index=10**9)
    assert analyse(data).to_json() == analyse(data).to_json()


def test_four_doses_and_two_contrasts():
    """A trend is reversed block by block, a pair exchanged with the others in place; every pair of both is adjusted."""
    results = analyse(dataset(protocol(**DOSES), index=5000))
    trend, top = results.outcomes[0], results.outcomes[1]
    assert (trend.contrast.name, top.contrast.name) == ("trend", "top")
    assert trend.randomization_test.permute == "reversal"
    assert top.randomization_test.permute == "contrast"
    assert trend.randomization_test.n_sequences == top.randomization_test.n_sequences == 16
    assert len(results.outcomes) == 4
    assert {outcome.n_family for outcome in results.outcomes} == {4}
    assert [code.condition for code in trend.by_condition] == ["d3", "d2", "d1", "d0"]
    assert {row.contrast for row in results.sensitivity} == {"trend", "top"}


def test_several_conditions_against_one_reference_are_a_family():
    """The default contrasts of three conditions get the closed test beside the tests of pairs."""
    plan = protocol(
        conditions={code: {"name": code} for code in ("on", "half", "off")},
        design={"kind": "randomized_blocks", "blocks": 4, "period_days": 3},
    )
    results = analyse(dataset(plan, effect=4.0, index=700))
    first, second = results.outcomes[:2]
    assert (first.contrast.name, second.contrast.name) == ("on_off", "half_off")
    assert first.closed_test.p_value >= first.randomization_test.p_value
    assert second.closed_test.p_value >= second.randomization_test.p_value
    assert first.closed_test.p_value == 2 / 16
    assert analyse(dataset(protocol(**SHORT))).primary.closed_test is None


def test_sparse_periods_get_an_alternative_of_their_own():
    """A period with two scores stays in the plan; beside it stands the result without it."""
    plan = protocol()
    tables = tables_of(plan)
    rows = tuple(
        replace(row, value=None) if row.period == 3 and row.day_in_period > 4 else row
        for row in tables.scores
    )
    results = analyse(Dataset.from_tables(replace(tables, scores=rows), protocol=plan, meanings=MEANINGS))
    found = {row.name: row.estimate for row in results.sensitivity}
    assert "sparse_period" in results.primary.flags
    assert (found["planned"].n_periods, found["without_sparse"].n_periods) == (12, 11)


def test_an_error_in_one_outcome_leaves_the_others(monkeypatch):
    """The flag says that the analysis failed, the reason is kept, and the rest of the report comes."""
    real = outcome_module.fit_mixed_model

    def fails(frame: pd.DataFrame, *args, **kwargs):
        if "broken" in frame.attrs:
            raise ZeroDivisionError("made to fail")
        return real(frame, *args, **kwargs)

    monkeypatch.setattr(outcome_module, "fit_mixed_model", fails)
    original = Dataset.frame

    def frame(self, score, onset_days=None):
        made = original(self, score, onset_days)
        if score == "day.mood":
            made.attrs["broken"] = True
        return made

    monkeypatch.setattr(Dataset, "frame", frame)
    results = analyse(dataset())
    assert results.verdict == "not_estimable"
    assert results.primary.flags == ("analysis_failed",)
    assert "ZeroDivisionError: made to fail" in results.primary.verdict_reason
    assert results.outcomes[1].mixed_model is not None
    assert results.outcomes[1].n_family == 1
    json.dumps(results.to_json(), allow_nan=False)


def test_blinded_nothing_is_compared():
    """Before unblinding there are counts, harms and series, and not a single condition."""
    plan = protocol()
    tables = replace(tables_of(plan, missing=0.1), allocation=None)
    results = analyse(Dataset.from_tables(tables, protocol=plan, meanings=MEANINGS))
    assert results.blinded_review
    assert results.verdict == "not_estimable"
    assert results.sensitivity == ()
    assert results.primary.n_missing > 0
    assert results.primary.by_condition == ()
    assert set(results.primary.series.condition) == {None}
    assert {period.condition for period in (*results.periods, *results.primary.by_period)} == {None}
    assert {harm.condition for harm in results.harms} == {None}
    assert results.adherence.missing_by_condition == {}
    assert results.sequence.rank is None


@pytest.mark.parametrize("flag", ["unblinded_before_lock", "unplanned_look"])
def test_what_happened_in_the_trial_lowers_the_claim(flag):
    """Whoever knew the conditions before the lock gets no claim; flags of other programs are left alone."""
    plan = protocol(**SHORT)
    tables = tables_of(plan, effect=3.0)
    tables = replace(tables, trial=replace(tables.trial, flags=(flag, "clock_back")))
    results = analyse(Dataset.from_tables(tables, protocol=plan, meanings=MEANINGS))
    assert results.verdict == "inconclusive"
    assert flag in results.primary.flags
    assert results.flags == (flag,)


def test_scores_that_are_all_missing():
    """A score nobody entered is told as such; the report still comes."""
    plan = protocol(**SHORT)
    tables = tables_of(plan)
    rows = tuple(replace(row, value=None) if row.score == "day.mood" else row for row in tables.scores)
    results = analyse(Dataset.from_tables(replace(tables, scores=rows), protocol=plan, meanings=MEANINGS))
    assert results.verdict == "not_estimable"
    assert "no_data" in results.primary.flags
    assert results.outcomes[1].verdict != "not_estimable"
    assert results.primary.n_missing == 60


def test_a_trial_that_stopped_early():
    """Four of six blocks came: the space is that of the blocks done, and says how small p can be."""
    plan = protocol(**SHORT)
    tables = tables_of(plan, effect=2.0)
    held = {
        "scores": tuple(row for row in tables.scores if row.period <= 8),
        "sessions": tuple(row for row in tables.sessions if row.period <= 8),
        "allocation": tables.allocation[:8],
    }
    found = analyse(Dataset.from_tables(replace(tables, **held), protocol=plan, meanings=MEANINGS))
    assert found.primary.mixed_model.p_value is not None
    assert found.primary.randomization_test.smallest_p == 2 / 16
    assert (found.sequence.size, found.sequence.rank is None) == ("16", False)


def test_a_fixed_order_has_no_randomization_test():
    """What was not randomized cannot be tested by randomization; with confirmation nothing is claimed."""
    design = {"kind": "fixed", "sequence": ["on", "off"] * 4, "period_days": 5}
    plan = protocol(design=design)
    results = analyse(dataset(plan, effect=3.0, index=0))
    assert results.primary.randomization_test is None
    assert results.primary.randomization_interval is None
    assert results.primary.mixed_model.p_value is not None


def test_sensitivity_tells_the_plan_first_and_every_alternative():
    """All alternatives that apply, the planned one in front, for the primary outcome alone."""
    results = analyse(dataset(missing=0.1, late=0.1, effect=1.0))
    names = [row.name for row in results.sensitivity]
    assert names[0] == "planned"
    assert [row.is_planned for row in results.sensitivity] == [True] + [False] * (len(names) - 1)
    assert len(set(names)) == len(names)
    expected = {f"trend_{trend}" for trend in ("none", "linear", "exp", "spline")}
    expected |= {f"onset_{days}" for days in (0, 1, 3)}
    expected |= {"period_means", "block_effect", "serial_model", "gls_ar1", "grid", "grid_wide"}
    expected |= {f"without_block_{block}" for block in range(1, 7)}
    expected |= {"medians", "ranks", "without_late", "missing_against", "missing_for"}
    expected |= {"first_half", "second_half"}
    not_there = {
        "exposure": "the protocol states no half-life",
        "winsorised": "no score lies far from the others of its condition",
    }
    expected |= set(not_there)
    assert set(names) == expected | {"planned"}
    assert {row.score for row in results.sensitivity} == {"day.mood"}
    rows = {row.name: row.estimate for row in results.sensitivity}
    assert rows["planned"] == results.primary.mixed_model
    assert rows["without_block_2"].n_periods == 10
    assert rows["missing_against"].estimate < rows["planned"].estimate < rows["missing_for"].estimate
    assert rows["without_late"].n_sessions < rows["planned"].n_sessions
    assert rows["onset_0"].n_sessions > rows["onset_3"].n_sessions
    assert {name: row.note for name, row in rows.items() if row.method == "none"} == not_there
    invented = {"missing_against", "missing_for"}
    assert {rows[name].n_sessions for name in invented} == {rows["planned"].n_sessions}
    assert {(rows[name].se, rows[name].p_value) for name in invented} == {(rows["planned"].se, None)}
    assert all(row.ci_low is not None for name, row in rows.items() if name not in {*not_there, *invented})
    assert rows["first_half"].n_periods == rows["second_half"].n_periods == 6


def test_sensitivity_can_be_waived_by_the_protocol():
    """`sensitivity: none` leaves the planned row alone."""
    results = analyse(dataset(protocol(analysis={"sensitivity": "none", "multiplicity": "none"})))
    assert [row.name for row in results.sensitivity] == ["planned"]
    assert results.primary.adjusted_p_value is None


def test_outliers_get_an_alternative_of_their_own():
    """A wild score stays in the primary analysis; beside it stands one in which it is pulled in."""
    plan = protocol()
    tables = tables_of(plan)
    rows = list(tables.scores)
    place = next(i for i, row in enumerate(rows) if row.score == "day.mood" and row.analysed)
    rows[place] = replace(rows[place], value="500")
    results = analyse(
        Dataset.from_tables(replace(tables, scores=tuple(rows)), protocol=plan, meanings=MEANINGS)
    )
    rows_by_name = {row.name: row.estimate for row in results.sensitivity}
    assert "outliers" in results.primary.flags
    assert rows_by_name["winsorised"].se < 0.2 * rows_by_name["planned"].se


def test_progress_is_told():
    """Whoever waits can see how far it is."""
    seen = []
    analyse(dataset(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_deviations_are_handed_on():
    """Deviations come as text, without empty cells."""
    plan = protocol(**SHORT)
    tables = replace(tables_of(plan), deviations=(DeviationRow(on="2026-03-05", day=4, text="travel"),))
    results = analyse(Dataset.from_tables(tables, protocol=plan, meanings=MEANINGS))
    assert results.deviations == ({"on": "2026-03-05", "day": "4", "text": "travel"},)


def test_lower_is_better_turns_the_verdict():
    """More headache is harm."""
    plan = protocol(**SHORT, outcomes={"primary": {"score": "day.headache"}})
    tables = tables_of(plan)
    raised = {row.period for row in tables.allocation if row.condition == "on"}
    rows = tuple(
        replace(row, value=str(float(row.value) + 3))
        if row.score == "day.headache" and row.period in raised
        else row
        for row in tables.scores
    )
    results = analyse(Dataset.from_tables(replace(tables, scores=rows), protocol=plan, meanings=MEANINGS))
    assert results.verdict == "harm"
    assert results.primary.mixed_model.estimate > 0


def test_exclusion_by_onset_matches_the_plan():
    """The planned estimate uses the planned onset: the same frame by hand gives the same number."""
    data = dataset(effect=0.5)
    rows = data.planned("day.mood")
    held = rows[(rows["period"] > 0) & (rows["day_in_period"] > 2)]
    assert np.isclose(fit_mixed_model(held).estimate, analyse(data).primary.mixed_model.estimate)


def with_values(change, plan=None, **made):
    """Return the analysis of a made-up trial whose scores of the day's mood were changed."""
    plan = plan or protocol()
    tables = tables_of(plan, **made)
    codes = {row.period: row.condition for row in tables.allocation}
    rows = tuple(
        replace(row, value=change(row, codes.get(row.period))) if row.score == "day.mood" else row
        for row in tables.scores
    )
    return analyse(Dataset.from_tables(replace(tables, scores=rows), protocol=plan, meanings=MEANINGS))


def test_a_fixed_order_carries_no_claim():
    """Nothing but this order could have occurred: a clear effect stays inconclusive."""
    design = {"kind": "fixed", "sequence": ["on", "off"] * 4, "period_days": 5}
    found = analyse(dataset(protocol(**SHORT, design=design), effect=3.0, index=0)).primary
    assert found.verdict_by_interval == "benefit"
    assert (found.verdict, found.lowered_by[-1]) == ("inconclusive", "not_randomized")


def test_a_condition_with_few_scores_carries_no_claim():
    """Most scores of one condition missing: the claim is lowered, and the counts are told."""
    found = with_values(
        lambda row, code: row.value if code != "on" or row.day_in_period == 4 else None, effect=3.0
    ).primary
    on = found.by_condition[0]
    assert (on.condition, on.n_planned, on.n_missing) == ("on", 30, 24)
    assert found.verdict == "inconclusive"
    assert {"condition_mostly_missing", "unequal_missing"} <= set(found.flags)


def test_a_description_holds_no_p_at_all():
    """Eight days with a large effect: no p and no interval by any method or alternative."""
    plan = protocol(design={"kind": "randomized_blocks", "blocks": 4, "period_days": 1})
    results = analyse(dataset(plan, effect=30.0, index=5))
    found = results.primary
    assert found.verdict == "not_estimable"
    assert "too_few_days" in found.flags
    estimates = [found.primary, found.period_means, found.paired_blocks]
    estimates += [row.estimate for row in results.sensitivity]
    assert {(one.p_value, one.se, one.ci_low) for one in estimates} == {(None, None, None)}
    assert found.randomization_test.p_value is None
    assert found.randomization_interval is None


def test_scores_that_never_vary_are_not_the_fault_of_the_design():
    """A constant score is told as such; nothing is said about the number of orders."""
    found = with_values(lambda row, code: "5").primary
    assert "constant_outcome" in found.flags
    assert "implausibly_exact" not in found.flags
    assert not {"randomization_cannot_confirm", "interval_not_attainable"} & set(found.flags)
    assert found.randomization_test.p_value is None
    assert "did not vary" in found.verdict_reason


def test_a_constant_condition_carries_no_claim():
    """All scores of one condition equal: no p-value that rests on the scatter is trusted."""
    found = with_values(lambda row, code: "9" if code == "on" else row.value).primary
    assert found.verdict_by_interval == "benefit"
    assert (found.verdict, found.lowered_by) == ("inconclusive", ("implausibly_exact",))


def test_a_score_that_decides_the_verdict_is_named():
    """One wild score hides a clear effect; it stays in, and what it does to the verdict is told."""
    wild = with_values(
        lambda row, code: "9999" if row.day == 23 else row.value,
        effect=3.0,
    ).primary
    assert [(one.day, one.value) for one in wild.outlying] == [(23, 9999.0)]
    assert (wild.verdict, wild.verdict_pulled_in) == ("inconclusive", "benefit")
    assert "outlier_decides" in wild.flags
    plain = analyse(dataset(effect=3.0)).primary
    assert (plain.outlying, plain.verdict_pulled_in) == ((), None)


def test_a_secondary_claim_needs_the_corrected_p():
    """The primary outcome stands by its interval, a secondary one by the p that is corrected for all."""
    plan = protocol(
        **SHORT, outcomes={"primary": {"score": "day.calm"}, "secondary": [{"score": "day.mood"}]}
    )
    for effect in np.linspace(0.4, 1.2, 17):
        second = analyse(dataset(plan, effect=float(effect))).outcomes[1]
        if second.mixed_model.p_value <= 0.05 < second.adjusted_p_value:
            break
    assert second.verdict_by_interval == "benefit"
    assert (second.verdict, second.lowered_by) == ("inconclusive", ("multiplicity",))
    assert "before correction" in second.verdict_reason
