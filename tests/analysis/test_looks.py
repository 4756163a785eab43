"""Looks at running trials: the level of each, what may end a trial, and that the participant need learn no more."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from nof1.analysis.analyse import analyse
from nof1.analysis.dataset import Dataset
from nof1.analysis.e_value import e_value
from nof1.analysis.evidence import block_evidence, borne_out
from nof1.analysis.looks import look, up_to
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.paired_blocks import fit_paired_blocks
from nof1.analysis.progress import blocks_done, level_now, looks_of
from nof1.analysis.spending import lan_demets
from nof1.analysis.verdict import Judgement
from nof1.protocol.model import Looks

from .made import MEANINGS, alternating, dataset, frame_of, protocol, tables_of

DESIGN = {"kind": "randomized_blocks", "blocks": 8, "period_days": 4}
FIXED = {"method": "lan_demets", "at_blocks": [4, 6]}


def plan_with(looks, **analysis):
    """Return a plan of eight blocks with these looks."""
    return protocol(design=DESIGN, analysis={"looks": looks, **analysis})


def running(plan, last_period, **changes):
    """Return the tables of a trial that has come to the end of a period; later sessions are planned, and empty."""
    tables = tables_of(plan, **changes)
    rows = tuple(row if row.period <= last_period else replace(row, value=None) for row in tables.scores)
    return Dataset.from_tables(replace(tables, scores=rows), protocol=plan, meanings=MEANINGS)


def test_without_looks_nothing_changes():
    """The level is that of the plan, and there is no summary."""
    data = dataset()
    assert looks_of(data) is None
    assert level_now(data) == 0.05
    results = analyse(data)
    assert (results.alpha, results.looks, results.primary.evidence) == (0.05, None, None)


@pytest.mark.parametrize(
    ("last_period", "expected"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (15, 7), (16, 8)]
)
def test_blocks_that_are_done(last_period, expected):
    """A block is done with its last period."""
    assert blocks_done(running(plan_with(FIXED), last_period)) == expected


def test_a_block_is_done_although_something_is_missing():
    """A lost period in the middle, and a last period with half of its scores."""
    plan = plan_with(FIXED)
    tables = tables_of(plan)

    def trial(lost):
        rows = tuple(replace(row, value=None) if lost(row) else row for row in tables.scores)
        return Dataset.from_tables(replace(tables, scores=rows), protocol=plan, meanings=MEANINGS)

    assert blocks_done(trial(lambda row: row.period == 6)) == 8
    assert blocks_done(trial(lambda row: row.period == 16 and row.day_in_period > 2)) == 8
    assert blocks_done(trial(lambda row: row.period == 16 and row.day_in_period > 1)) == 7
    assert blocks_done(trial(lambda row: row.period > 0)) == 0


@pytest.mark.parametrize(
    ("last_period", "shares"),
    [
        (16, [4 / 8, 6 / 8, 1]),
        (12, [4 / 8, 6 / 8]),
        (10, [4 / 8, 5 / 8]),
        (8, [4 / 8]),
        (6, [3 / 8]),
        (0, [1 / 8]),
    ],
)
def test_the_level_of_an_analysis_is_what_is_left(last_period, shares):
    """At a look, between looks, and at the end, the boundary is that of the looks so far."""
    found = looks_of(running(plan_with(FIXED), last_period))
    assert found.boundaries == lan_demets(shares)
    assert found.level == found.boundaries[-1].level < 0.05
    assert (found.n_blocks, found.alpha, found.at_blocks) == (8, 0.05, (4, 6))


def test_a_planned_trial_is_tested_at_the_level_that_is_left():
    """Interval, verdict, equivalence and results.json speak of the level of the last look."""
    data = dataset(plan_with(FIXED), effect=0.9)
    results = analyse(data)
    level = lan_demets([4 / 8, 6 / 8, 1])[-1].level
    primary = results.primary
    assert (results.alpha, 1 - primary.mixed_model.level) == pytest.approx((level, level))
    direct = fit_mixed_model(data.frame("day.mood"), level=1 - level)
    assert (primary.mixed_model.ci_low, primary.mixed_model.ci_high) == pytest.approx(
        (direct.ci_low, direct.ci_high)
    )
    assert primary.equivalence.level == pytest.approx(1 - 2 * level)
    written = json.loads(json.dumps(results.to_json(), allow_nan=False))
    assert written["looks"]["method"] == "lan_demets"
    assert len(written["looks"]["boundaries"]) == 3
    assert primary.evidence is None


def test_a_p_between_the_two_levels_is_no_claim():
    """What .05 would have called an effect the last look may not."""
    four = plan_with({"method": "lan_demets", "at_blocks": [4, 5, 6, 7]})
    data = dataset(four, effect=0.7, seed=9)
    direct = fit_mixed_model(data.frame("day.mood"))
    assert level_now(data) < direct.p_value < 0.05
    assert direct.ci_low > 0
    assert analyse(data).verdict == "inconclusive"
    plain = dataset(protocol(design=DESIGN), effect=0.7, seed=9)
    assert analyse(plain).verdict == "benefit"


def test_a_look_is_the_analysis_of_whole_blocks():
    """Nothing of a later block is in it, and the level is that of the look."""
    plan = plan_with(FIXED)
    found = look(running(plan, 13, effect=4.0))
    assert (found.after_block, found.is_planned, found.outcome.n_periods) == (6, True, 12)
    earlier = look(running(plan, 13, effect=4.0), after_block=4)
    same = look(running(plan, 8, effect=4.0))
    assert earlier.outcome.mixed_model == same.outcome.mixed_model
    assert earlier.summary == same.summary
    assert earlier.outcome.mixed_model.level == pytest.approx(1 - lan_demets([0.5])[0].level)
    assert earlier.may_end == (earlier.outcome.mixed_model.p_value <= lan_demets([0.5])[0].level)
    assert found.may_end


def test_a_look_with_nothing_to_see_lets_the_trial_go_on():
    """No effect, no end."""
    found = look(running(plan_with(FIXED), 8, effect=0.0, seed=3))
    assert found.is_planned
    assert not found.may_end
    assert found.outcome.verdict == "inconclusive"


def test_a_look_that_nobody_planned_settles_nothing():
    """Between the planned looks, or where none are planned, even a huge effect ends no trial."""
    between = look(running(plan_with(FIXED), 10, effect=9.0))
    assert (between.after_block, between.is_planned, between.may_end) == (5, False, False)
    assert between.outcome.verdict == "benefit"
    without = look(running(protocol(design=DESIGN), 8, effect=9.0))
    assert (without.summary, without.is_planned, without.may_end) == (None, False, False)
    given_one = look(
        running(protocol(design=DESIGN), 8, effect=9.0), Looks(method="lan_demets", at_blocks=(4,))
    )
    assert (given_one.is_planned, given_one.may_end) == (True, True)


def test_confirmation_is_asked_for_at_a_look_as_well():
    """Four blocks have sixteen orders: no randomization p can confirm there, so the trial goes on."""
    found = look(running(plan_with(FIXED, confirm="randomization_test"), 8, effect=9.0))
    assert found.outcome.mixed_model.p_value < 1e-3
    assert not found.may_end


def test_who_does_not_know_the_conditions_cannot_look():
    """Nor can anybody before a block is done, or where there are no blocks."""
    plan = plan_with(FIXED)
    blinded = Dataset.from_tables(replace(tables_of(plan), allocation=None), protocol=plan, meanings=MEANINGS)
    with pytest.raises(ValueError, match="for whoever holds them"):
        look(blinded)
    with pytest.raises(ValueError, match="found 5; 4 blocks are done"):
        look(running(plan, 8), after_block=5)
    with pytest.raises(ValueError, match="found 0"):
        look(running(plan, 1))
    days = protocol(design={"kind": "balanced", "periods": 20, "period_days": 1})
    with pytest.raises(ValueError, match="no blocks"):
        look(dataset(days))


def test_up_to_a_block_holds_what_was_known_then():
    """Run-in and earlier periods whole, nothing later; the conditions stay."""
    data = dataset(protocol(design={**DESIGN, "run_in": {"sessions": 5, "within_days": 5}}))
    cut = up_to(data, 3)
    assert set(cut.scores["period"]) == set(range(7))
    assert len(cut.scores) == len(data.scores[data.scores["period"] <= 6])
    assert cut.sequence == data.sequence[:6]


def test_evidence_is_that_of_the_block_differences():
    """The e-value of the differences that the paired t rests on."""
    frame = frame_of(alternating(7, seed=3), effect=0.5)
    found = block_evidence(frame, {"on": 1.0, "off": -1.0}, 0.95)
    paired = fit_paired_blocks(frame)
    assert (found.n_blocks, found.estimate) == (7, pytest.approx(paired.estimate))
    n, x = 7, paired.statistic**2 / 6
    assert found.value == pytest.approx((1 + n) ** -0.5 * ((1 + x) / (1 + x / (1 + n))) ** (n / 2))
    assert block_evidence(frame.drop(columns="block"), {"on": 1.0, "off": -1.0}, 0.95).value == 1.0


def test_a_trial_that_rests_on_evidence():
    """A clear effect is claimed with an e-value of 20, and not without, whatever p is."""
    plan = plan_with({"method": "e_value"})
    strong = analyse(dataset(plan, effect=4.0))
    assert strong.primary.evidence.largest >= 20
    assert (strong.verdict, strong.alpha) == ("benefit", 0.05)
    weak = dataset(plan, effect=0.8, seed=0)
    assert fit_mixed_model(weak.frame("day.mood")).p_value < 0.01
    results = analyse(weak)
    assert results.primary.evidence.largest < 20
    assert results.primary.verdict_by_interval == "benefit"
    assert results.verdict == "inconclusive"
    assert results.primary.lowered_by == ("evidence_short",)
    assert "asks for an e-value of 20" in results.primary.verdict_reason
    json.dumps(results.to_json(), allow_nan=False)


def test_evidence_allows_a_look_after_any_block():
    """The third is enough for a p, and a huge effect takes seven: (1 + n)^((n - 1) / 2) is the most there can be."""
    plan = plan_with({"method": "e_value"})
    early, late = (look(running(plan, last, effect=30.0)) for last in (6, 14))
    assert (early.is_planned, early.may_end, early.summary.level) == (True, False, 0.05)
    assert early.outcome.evidence.largest < 4
    assert late.may_end


def judged(verdict):
    """Return a judgement that nothing stands against."""
    return Judgement(verdict=verdict, reason="By the interval.", by_interval=verdict)


@pytest.mark.parametrize(
    ("verdict", "is_effect", "is_small", "expected"),
    [
        ("benefit", True, False, "benefit"),
        ("benefit", False, False, "inconclusive"),
        ("harm", False, False, "inconclusive"),
        ("harm", True, False, "harm"),
        ("trivial", True, True, "trivial"),
        ("trivial", False, True, "no_worthwhile_difference"),
        ("trivial", True, False, "inconclusive"),
        ("no_worthwhile_difference", False, True, "no_worthwhile_difference"),
        ("no_worthwhile_difference", False, False, "inconclusive"),
        ("inconclusive", True, True, "inconclusive"),
        ("not_estimable", False, False, "not_estimable"),
    ],
)
def test_what_the_evidence_bears(verdict, is_effect, is_small, expected):
    """Each half of a claim needs its own evidence."""
    strong, none = np.array([3.0, 3.1, 2.9, 3.05, 2.95, 3.0]), np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    evidence = e_value(strong if is_effect else none)
    inner = e_value(np.linspace(-0.1, 0.1, 20) if is_small else none, level=0.9)
    found = borne_out(judged(verdict), evidence, inner, alpha=0.05, sesoi=1.0)
    assert found.verdict == expected
    assert found.lowered_by == (() if expected == verdict else ("evidence_short",))
    without = borne_out(judged(verdict), evidence, inner, alpha=0.05, sesoi=None)
    assert without.verdict == (expected if not is_small or verdict == "not_estimable" else "inconclusive")
