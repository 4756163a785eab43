"""Power by simulation: against closed forms, and the laws that any power obeys."""

from __future__ import annotations

import numpy as np
import pytest

import nof1
from nof1.analysis.planning import plan_facts
from nof1.analysis.power_designs import compare_costs
from nof1.analysis.power_question import Power, Rate, detectable, power_curve, question_of
from nof1.analysis.simulate import Person
from nof1.files.protocols import find_library, read_protocol
from nof1.report.planned_power import first_lines, power_json, power_lines, power_tables, render_power

from .made import protocol

WEEKS = {"kind": "randomized_blocks", "blocks": 6, "period_days": 7}
DAILY = {"kind": "balanced", "periods": 50, "period_days": 1, "max_run": 2}


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def result():
    """Return the power of six pairs of weeks, with a large effect to be found within half a year."""
    made = protocol(design=WEEKS, analysis={"confirm": "randomization_test"})
    return nof1.simulate_power(made, 1.2, rng=3, n_trials=300, most_days=120)


@pytest.mark.parametrize("design", [WEEKS, DAILY], ids=["weeks", "days"])
def test_simulation_and_closed_form_agree(design):
    """The closed form of `protocol check` within its known error."""
    made = protocol(design=design)
    curve, type_one = power_curve(question_of(made), rng(), 2000, (0.5, 0.8))
    for simulated, planned in zip(curve, plan_facts(made).power, strict=True):
        assert simulated.found.share == pytest.approx(planned.power, abs=0.06)
    assert type_one.found.share < 0.05 + 3 * 0.005


def test_the_curve_rises_and_the_level_holds(result):
    """The same trials for every effect: more effect is never found less often, and nothing rarely."""
    shares = [one.found.share for one in result.curve]
    assert shares == sorted(shares)
    assert shares[-1] > 0.98
    assert result.type_one.found.share < 0.05 + 3 * result.type_one.found.error
    for one in (*result.curve, result.type_one):
        assert one.confirmed.n_found <= one.found.n_found


def test_costs_go_the_right_way():
    """Missing sessions and autocorrelation take power from long periods; what is planned is marked once a group."""
    made = protocol(design=WEEKS | {"onset_days": 1})
    costs = list(compare_costs(question_of(made), 0.8, rng(), n_trials=1500))
    share = {one.what: one.power.found.share for one in costs}
    assert share["30% of sessions missed"] < share["0% of sessions missed"]
    assert share["autocorrelation 0.6"] < share["autocorrelation 0.3"] < share["autocorrelation 0"]
    assert share["onset_days: 3"] < share["onset_days: 0"] + 0.03
    assert [one.what for one in costs if one.is_planned] == [
        "onset_days: 1", "0% of sessions missed", "autocorrelation 0.3",
    ]  # fmt: skip


def test_carry_over_takes_power():
    """An effect that stays for days makes the other condition look like the first."""
    made = protocol(design=WEEKS)
    quick, slow = (
        power_curve(question_of(made, person=Person(half_life=h, onset_half_life=h)), rng(), 1000, (1.0,))[0][
            0
        ]
        for h in (0.0, 3.0)
    )
    assert slow.found.share < quick.found.share - 0.1


def test_the_recommended_design_is_the_cheapest_that_does_it(result):
    """Within the burden, at least the target, and nothing cheaper does it."""
    one = result.recommended
    assert one is not None
    assert one.n_days <= 120
    assert one.power.needed.share >= 0.8
    assert one.power.found.n_trials == 4 * 300
    assert sum(design.is_planned for design in result.designs) == 1
    assert all(design.power.needed.share < 0.9 for design in result.designs if design.n_days < one.n_days)
    assert all(design.n_days <= 120 for design in result.designs)


def test_what_cannot_be_reached_is_said():
    """No design within the burden: nothing is recommended, and the text says what to do."""
    made = protocol(design=WEEKS)
    result = nof1.simulate_power(made, 0.1, rng=1, n_trials=100, most_days=30)
    assert result.recommended is None
    assert any("allow more days" in line for line in power_lines(result))


def test_where_no_design_fits_the_plan_is_still_shown():
    """And how many days the shortest takes, in place of what it would find."""
    result = nof1.simulate_power(protocol(design=WEEKS), 2.0, rng=1, n_trials=100, most_days=7)
    assert [one.is_planned for one in result.designs] == [True]
    assert result.recommended is None
    assert "No design of this kind fits into 7 days; the shortest takes 18 days." in power_lines(result)


def test_the_plan_has_one_value(result):
    """Wherever a row is the plan itself, it shows the first answer again, not another draw."""
    rows = [one for one in (*result.costs, *result.designs) if one.is_planned]
    assert len(rows) > 2
    assert {one.power for one in rows} == {result.planned}


def test_effects_are_told_in_the_unit_of_the_score_as_the_check_tells_them():
    """Where the noise of the test is known; beside the smallest effect of interest, in the same words."""
    plan = read_protocol(find_library("caffeine-vigilance"))
    result = nof1.simulate_power(plan, 0.8, rng=1, n_trials=100, most_days=30)
    facts = plan_facts(plan)
    first = "\n".join(first_lines(result.planned, result.alpha, result.scale))
    assert f"0.8 SD ({facts.in_unit(0.8):.2g} in the score's unit)" in first
    assert f"the smallest effect of interest, 0.2 ({facts.sesoi.effect_sd:.1f} SD)" in first
    assert f"SD ({facts.in_unit(result.detectable):.2g} in the score's unit)" in "".join(power_lines(result))
    told = power_json(result)
    assert told["score_sd"] == facts.score_sd
    assert told["sesoi_sd"] == facts.sesoi.effect_sd


def test_where_the_spread_of_a_score_is_not_known_that_is_said(result):
    """A rating has no SD before its run-in: no number is made up, and the smallest effect is told in its unit."""
    first = "\n".join(first_lines(result.planned, result.alpha, result.scale))
    assert "not known before the run-in" in first
    assert "The smallest effect of interest is 1 in the score's unit." in first
    assert power_json(result)["score_sd"] is None


def test_nothing_beyond_a_limit_is_recommended():
    """An effect that a longer trial would find: the limit is told in its place, and nobody is sent for more days."""
    plan = read_protocol(find_library("caffeine-vigilance"))
    result = nof1.simulate_power(plan, 0.5, rng=1, n_trials=100, most_days=120)
    told = "\n".join(power_lines(result))
    assert result.recommended is None
    assert "the person's own limit (safety.max_total_days_on: 16)" in told
    assert "None of these designs of up to 34 days" in told
    assert "--days" not in told


def test_the_same_seed_gives_the_same_digits(result):
    """A generator and its seed are the same thing."""
    made = protocol(design=WEEKS, analysis={"confirm": "randomization_test"})
    again = nof1.simulate_power(made, 1.2, rng=rng(3), n_trials=300, most_days=120)
    assert again == result


def test_the_effect_is_read_from_the_curve():
    """A straight line between two points; nothing beyond the ends."""

    def at(effect, n):
        return Power(effect=effect, found=Rate(n_found=n, n_trials=100))

    assert detectable([at(0.5, 70), at(1.0, 90)], 0.8) == pytest.approx(0.75)
    assert detectable([at(0.5, 30), at(1.0, 60)], 0.8) is None
    assert detectable([at(0.5, 85), at(1.0, 90)], 0.8) is None
    assert Rate(n_found=0, n_trials=100).error > 0.0


def test_three_conditions_and_a_dose_trend():
    """Any contrast of the plan, a condition between its two staying in place in the plan's test too."""
    doses = {code: {"name": code} for code in ("high", "low", "none")}
    plan = {"contrasts": {"trend": {"high": 0.5, "low": 0, "none": -0.5}}, "confirm": "randomization_test"}
    made = protocol(conditions=doses, design=WEEKS, analysis=plan)
    question = question_of(made)
    assert question.effect_of(1.0) == {"high": 1.0, "low": 0.0, "none": -1.0}
    curve, _ = power_curve(question, rng(), 300, (2.0,))
    assert curve[0].found.share > 0.9
    assert question.can_confirm
    assert 0.8 < curve[0].confirmed.share <= curve[0].found.share


def test_what_is_not_simulated_is_said():
    """Where every trial has a set of its own: runs that are limited while a condition stays in place."""
    doses = {code: {"name": code} for code in ("high", "low", "none")}
    design = {"kind": "balanced", "periods": 12, "period_days": 3, "max_run": 2}
    plan = {"contrasts": {"pair": {"high": 1, "low": 0, "none": -1}}, "confirm": "randomization_test"}
    question = question_of(protocol(conditions=doses, design=design, analysis=plan))
    assert not question.can_confirm
    curve, _ = power_curve(question, rng(), 100, (1.0,))
    assert curve[0].confirmed is None


@pytest.mark.parametrize(("blocks", "may_claim"), [(3, False), (5, False), (6, True)])
def test_what_has_too_few_orders_to_claim_anything_is_not_recommended(blocks, may_claim):
    """Turning round blocks of four doses gives 2^B orders: five blocks reach 2 of 32 at best, above 0.05."""
    trend = {"d3": 0.9, "d2": 0.3, "d1": -0.3, "d0": -0.9}
    plan = {"confirm": "randomization_test", "contrasts": {"trend": trend, "top": {"d3": 1, "d0": -1}}}
    design = {"kind": "randomized_blocks", "blocks": blocks, "period_days": 7}
    made = protocol(conditions={code: {"name": code} for code in trend}, design=design, analysis=plan)
    question = question_of(made)
    assert (question.can_confirm, question.may_claim) == (False, may_claim)
    assert [note[:20] for note in question.notes] == ["the randomization te"]
    assert "Holm's correction" in question_of(made, contrast="top").notes[-1]


def test_a_daily_plan_is_confirmed_too():
    """The correlation of days is taken out of the simulated test as it is out of the real one; it keeps its level."""
    design = {"kind": "balanced", "periods": 28, "period_days": 1, "max_run": 3}
    plan = {"model": "daily", "confirm": "randomization_test"}
    question = question_of(protocol(design=design, analysis=plan))
    assert question.can_confirm
    curve, level = power_curve(question, rng(), 400, (1.5,))
    assert 0.5 < curve[0].confirmed.share <= curve[0].found.share
    assert level.confirmed.share <= level.found.share


def test_the_words_hold_every_number(result):
    """Terminal, notebook and JSON tell the same rates, each with its error."""
    text = "\n".join(power_lines(result))
    for one in (*result.curve, *(design.power for design in result.designs)):
        assert f"{one.found.share:.3f} ± {one.found.error:.3f}" in text
    assert result.recommended.what in text
    shown = render_power(result)
    assert len(power_tables(result)) == 3
    assert shown.html.count("<table") == 3
    told = power_json(result)
    assert told["recommended"]["n_days"] == result.recommended.n_days
    assert told["curve"][0]["found"]["share"] == result.curve[0].found.share


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"effect": 0.0}, "effect"),
        ({"effect": 1e8}, "at most 1000"),
        ({"effect": float("nan")}, "effect"),
        ({"target": 1.0}, "target"),
        ({"contrast": "tea"}, "no contrast 'tea'"),
    ],
)
def test_what_cannot_be_meant_is_refused(said, words):
    """With what was found."""
    with pytest.raises(ValueError, match=words):
        nof1.simulate_power(protocol(), rng=1, **said)
