"""Power, carry-over and precision in closed form, against published tables, every order of small designs, and simulation."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.expected_noise import session_noise
from nof1.analysis.expected_order import (
    left_in_days,
    left_in_periods,
    limited_autocorrelations,
    shuffled_autocorrelation,
)
from nof1.analysis.expected_power import (
    Precision,
    daily_precision,
    day_mean,
    mean_variance,
    paired_precision,
    period_precision,
)
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.planning import Assumptions, plan_facts
from nof1.protocol.model import Protocol
from nof1.schedule.space import balanced, randomized_blocks

ON_OFF = {
    "on": {"name": "tablet", "dose": "200 mg", "times": ["09:00"]},
    "off": {"name": "placebo", "times": ["09:00"]},
}
DOSES = {
    code: {"name": code, "times": ["09:00"], **({"dose": f"{dose} mg"} if dose else {})}
    for code, dose in (("d450", 450), ("d300", 300), ("d150", 150), ("d0", 0))
}
WEEK = range(1, 8)


def make(
    design: dict, *, conditions: dict | None = None, sessions: list | None = None, **sections
) -> Protocol:
    """Return a protocol whose primary outcome is the speed of the vigilance test."""
    return Protocol.model_validate(
        {
            "nof1": 1,
            "id": "test-trial",
            "title": "A trial",
            "conditions": conditions or ON_OFF,
            "design": {"kind": "randomized_blocks", "blocks": 6, "period_days": 7, **design},
            "blinding": {"mode": "third_party"},
            "instruments": {"vigil": {"task": "pvt"}, "words": {"task": "wordlist"}},
            "sessions": sessions or [{"battery": "vigil", "at": "10:00"}],
            "outcomes": {"primary": {"score": "vigil.speed", "sesoi": 0.2}},
            **sections,
        }
    )


# Orders


@pytest.mark.parametrize(
    ("space", "set_size"),
    [
        (randomized_blocks(4, ("on", "off")), 2),
        (randomized_blocks(2, ("on", "off"), 2), 4),
        (balanced(8, ("on", "off"), None), 8),
    ],
)
@pytest.mark.parametrize("distance", [1, 2, 3])
def test_shuffled_orders_alternate_as_their_enumeration_does(space, set_size, distance):
    """The formula is the mean over every sequence that the space holds."""
    assert shuffled_autocorrelation(distance, 8, set_size) == pytest.approx(_enumerated(space, distance))


@pytest.mark.parametrize(("n", "longest"), [(6, 2), (10, 2), (10, 3), (8, 4)])
def test_orders_with_a_longest_run_alternate_as_their_enumeration_does(n, longest):
    """Counting compositions gives the mean over every balanced order without a longer run."""
    space = balanced(n, ("on", "off"), longest)
    expected = [_enumerated(space, distance) for distance in (1, 2)]
    assert limited_autocorrelations(n, longest) == pytest.approx(expected)


def test_orders_with_a_longest_run_alternate_as_tabulated():
    """At the lengths of the published table for a longest run of 2."""
    found = [limited_autocorrelations(n, 2)[0] for n in (14, 20, 40, 70)]
    assert found == pytest.approx([-0.40, -0.415, -0.43, -0.44], abs=0.004)


def test_a_longest_run_that_binds_nothing_changes_nothing():
    """With a run as long as it can be every balanced order is possible."""
    assert limited_autocorrelations(20, 10) == pytest.approx(
        [shuffled_autocorrelation(d, 20, 20) for d in (1, 2)]
    )


def test_impossible_runs_are_refused():
    """Runs of no period cannot be, and an odd number of periods is not balanced."""
    for n, longest in ((6, 0), (7, 2)):
        with pytest.raises(
            ValueError, match=f"{n} periods cannot be balanced with no run longer than {longest}"
        ):
            limited_autocorrelations(n, longest)


def _enumerated(space, distance):
    signs = [np.where(np.array(space.unrank(i)) == "on", 1.0, -1.0) for i in range(space.size)]
    return float(np.mean([(one[:-distance] * one[distance:]).sum() / one.size for one in signs]))


# Power


@pytest.mark.parametrize(
    ("rho", "period_sd", "formula", "simulated"),
    [
        (0.0, 0.0, 0.457, 0.464),
        (0.3, 0.0, 0.309, 0.302),
        (0.0, 0.3, 0.314, 0.331),
        (0.3, 0.3, 0.240, 0.220),
        (0.6, 0.0, 0.223, 0.217),
        (0.6, 0.3, 0.187, 0.200),
    ],
)
def test_paired_power_is_that_of_the_published_table(rho, period_sd, formula, simulated):
    """Six blocks of two weeks at 0.5 SD: the closed form of the design notes, and their simulation."""
    power = paired_precision(6, WEEK, rho=rho, period_sd=period_sd).power(0.5)
    assert power == pytest.approx(formula, abs=0.006)
    assert power == pytest.approx(simulated, abs=0.025)


@pytest.mark.parametrize(
    ("k", "n_blocks", "weeks", "contrast", "published"),
    [
        (2, 4, 1, "pair", 0.17), (2, 6, 1, "pair", 0.25), (2, 6, 2, "pair", 0.38), (2, 8, 1, "pair", 0.36),
        (3, 3, 1, "pair", 0.12), (3, 6, 1, "pair", 0.29), (3, 6, 2, "pair", 0.40), (3, 6, 2, "trend", 0.39),
        (4, 4, 1, "pair", 0.20), (4, 6, 2, "pair", 0.42), (4, 6, 2, "trend", 0.46), (4, 6, 2, "main", 0.71),
        (4, 6, 2, "interaction", 0.23),
    ],
)  # fmt: skip
def test_power_of_contrasts_is_that_of_the_published_tables(k, n_blocks, weeks, contrast, published):
    """At 0.5 SD, rho and period SD 0.3: simulated power of the mixed model, which few blocks make a little less."""
    weights = {
        "pair": (1, -1) + (0,) * (k - 2),
        "trend": (-0.5, 0, 0.5) if k == 3 else (-0.3, -0.1, 0.1, 0.3),
        "main": (0.5, 0.5, -0.5, -0.5),
        "interaction": (1, -1, -1, 1),
    }[contrast]
    effect = 0.5 / (k - 1) if contrast == "trend" else 0.5
    precision = period_precision(
        weights, (n_blocks,) * k, range(1, 7 * weeks + 1), rho=0.3, period_sd=0.3,
        autocorrelation=lambda d: shuffled_autocorrelation(d, k * n_blocks, k),
    )  # fmt: skip
    assert precision.df == k * n_blocks - k - 1
    assert -0.005 <= precision.power(effect) - published <= 0.045


@pytest.mark.parametrize(
    ("n", "rho", "effect", "published"),
    [
        (20, 0.3, 0.5, 0.24), (50, 0.3, 0.5, 0.55), (70, 0.3, 0.5, 0.70),  # the closed form of the design notes
        (30, 0.3, 0.3, 0.16), (30, 0.3, 0.8, 0.71), (50, 0.0, 0.5, 0.41), (50, 0.6, 0.5, 0.83), (100, 0.3, 0.5, 0.83),
    ],
)  # fmt: skip
def test_daily_power_is_that_of_the_published_tables(n, rho, effect, published):
    """Balanced days with no run longer than 2."""
    r_1, _ = limited_autocorrelations(n, 2)
    power = daily_precision((1, -1), (n // 2, n // 2), rho=rho, r_1=r_1).power(effect)
    assert power == pytest.approx(published, abs=0.025)


def test_orders_that_alternate_less_find_less():
    """Fifty days in any balanced order: 0.48 in the design notes, where a longest run of 2 gives 0.55."""
    power = daily_precision((1, -1), (25, 25), rho=0.3, r_1=shuffled_autocorrelation(1, 50, 50)).power(0.5)
    assert power == pytest.approx(0.48, abs=0.006)


@pytest.mark.parametrize(("k", "per_block"), [(2, 1), (2, 2), (3, 1)])
def test_standard_error_is_that_of_every_order(k, per_block):
    """The expected variance of a contrast of period means is its mean over all sequences of a small design."""
    codes, n_days, gap, rho = ("a", "b", "c")[:k], 3, 5, 0.6
    space = randomized_blocks(2, codes, per_block)
    n = space.n_periods
    starts = np.repeat(np.arange(n) * gap, n_days) + np.tile(np.arange(n_days), n)
    mean = np.kron(np.eye(n), np.full(n_days, 1 / n_days))
    covariance = mean @ rho ** np.abs(starts[:, None] - starts[None, :]) @ mean.T + 0.09 * np.eye(n)
    weights, count = dict(zip(codes, (1, -1, 0), strict=False)), 2 * per_block
    lines = [np.array([weights[code] / count for code in space.unrank(i)]) for i in range(space.size)]
    exact = np.mean([line @ covariance @ line for line in lines])
    found = period_precision(
        tuple(weights.values()), (count,) * k, range(1, n_days + 1), rho=rho, period_sd=0.3, apart_days=gap,
        autocorrelation=lambda d: shuffled_autocorrelation(d, n, k * per_block),
    )  # fmt: skip
    assert found.se**2 == pytest.approx(exact)


def test_mean_of_a_period_varies_as_its_days_do():
    """Days that are far apart hold more than neighbours do: the sum over the covariance matrix says how much."""
    for days in (range(1, 8), (1, 7), (3,)):
        chosen = np.array(list(days))
        expected = 0.04 + 4 * np.mean(0.5 ** np.abs(chosen[:, None] - chosen[None, :]))
        assert mean_variance(days, rho=0.5, period_sd=0.2, sd=2) == pytest.approx(expected)


def test_several_scores_of_a_day_average_out_what_they_do_not_share():
    """Half of the variance is the day's; with many scores only that is left, with its own autocorrelation."""
    assert day_mean(1, rho=0.3, day_share=0.5) == pytest.approx((1.0, 0.15))
    assert day_mean(1e9, rho=0.3, day_share=0.5) == pytest.approx((math.sqrt(0.5), 0.3))


@given(se=st.floats(0.01, 10), df=st.floats(1, 200), alpha=st.floats(0.001, 0.2), target=st.floats(0.3, 0.95))
def test_effect_that_is_found_has_the_power_that_was_asked_for(se, df, alpha, target):
    """The search undoes the power function, and the power grows with the effect."""
    precision = Precision(se=se, df=df)
    effect = precision.detectable(target, alpha)
    assert effect is not None
    assert precision.power(effect, alpha) == pytest.approx(target, abs=1e-6)
    assert precision.power(0.9 * effect, alpha) < target < precision.power(1.1 * effect, alpha)


def test_power_without_an_effect_is_the_level():
    """And it does not depend on the sign of the effect."""
    precision = Precision(se=0.3, df=9)
    assert precision.power(0.0, 0.05) == pytest.approx(0.05)
    assert precision.power(-0.7) == precision.power(0.7)
    assert precision.power(1e4) == 1.0


def test_power_is_that_of_the_noncentral_t():
    """Simulated from its definition: a normal over the root of a chi square."""
    rng = np.random.default_rng(5)
    t = (rng.normal(size=200_000) + 2.0) / np.sqrt(rng.chisquare(9, 200_000) / 9)
    assert Precision(se=0.5, df=9).power(1.0) == pytest.approx(np.mean(np.abs(t) > 2.262157), abs=0.004)


def test_nothing_is_found_without_degrees_of_freedom_or_level():
    """Where nothing can be tested, no effect is large enough."""
    assert Precision(se=1, df=0).power(9) == 0.0
    assert Precision(se=1, df=0).detectable() is None
    assert Precision(se=1, df=0).half_width() is None
    assert Precision(se=1, df=9).detectable(alpha=0.0) is None


def _series(rng, n_days, rho):
    errors = rng.normal(size=n_days)
    for day in range(1, n_days):
        errors[day] = rho * errors[day - 1] + math.sqrt(1 - rho**2) * errors[day]
    return errors


def test_mixed_model_finds_as_often_as_told():
    """The model itself on simulated trials with practice: six blocks of two periods of five days, 1 SD."""
    rng, n_trials, found = np.random.default_rng(11), 200, 0
    space = randomized_blocks(6, ("on", "off"))
    period = np.repeat(np.arange(12), 5)
    for _ in range(n_trials):
        condition = np.array(space.unrank(int(rng.integers(space.size))))[period]
        value = _series(rng, 60, 0.3) + 0.3 * rng.normal(size=12)[period] + (condition == "on")
        days = np.arange(1, 61)
        frame = pd.DataFrame(
            {"session": days, "day": days, "period": period + 1, "block": period // 2 + 1,
             "condition": condition, "value": value + 0.4 * np.log(days)}
        )  # fmt: skip
        found += (fit_mixed_model(frame).p_value or 1.0) <= 0.05
    told = plan_facts(make({"period_days": 5}), Assumptions(score_sd=0.2)).sesoi.power
    assert told == pytest.approx(0.69, abs=0.01)
    assert found / n_trials == pytest.approx(told, abs=0.1)  # three standard errors


def test_daily_model_finds_as_often_as_told():
    """The daily model on simulated trials: eight blocks of four days with two scores a day, 0.8 SD of one score."""
    rng, n_trials, found = np.random.default_rng(12), 200, 0
    space = randomized_blocks(8, ("on", "off"), 2)
    for _ in range(n_trials):
        condition = np.array(space.unrank(int(rng.integers(space.size))))
        day = math.sqrt(0.5) * _series(rng, 32, 0.3) + 0.8 * (condition == "on")
        value = np.repeat(day, 2) + math.sqrt(0.5) * rng.normal(size=64)
        sessions = np.arange(1, 65)
        days = (sessions + 1) // 2
        frame = pd.DataFrame(
            {"session": sessions, "day": days, "period": days, "block": (days + 3) // 4,
             "condition": np.repeat(condition, 2), "value": value}
        )  # fmt: skip
        found += (fit_daily_model(frame).p_value or 1.0) <= 0.05
    told = plan_facts(_daily()).power[1].power
    assert found / n_trials == pytest.approx(told, abs=0.1)


# Carry-over


@pytest.mark.parametrize(("half_life", "onset", "published"), [(1, 0, 0.787), (2, 0, 0.528), (2, 2, 0.702)])
def test_what_periods_keep_is_as_published(half_life, onset, published):
    """Seven-day periods in blocks of two."""
    kept = left_in_periods(half_life, period_days=7, onset_days=onset)
    assert kept == pytest.approx(published, abs=0.001)


def test_what_daily_periods_keep_is_as_published():
    """Half of the effect is left a day later; blocks of two, longest run 2, any balanced order of 50 days."""
    kept = [
        left_in_days(0.5, rho=0.3, r_1=r_1, r_2=r_2)
        for r_1, r_2 in ((-0.5, 0.0), limited_autocorrelations(50, 2), (-0.02, -0.02))
    ]
    assert kept == pytest.approx([0.70, 0.73, 0.86], abs=0.005)


@pytest.mark.parametrize("washout", [0, 2])
def test_what_periods_keep_is_the_mean_over_every_order(washout):
    """An effect that builds up and fades by halves, followed day by day through every order of four blocks."""
    half_life, days, onset = 1.5, 6, 1
    estimates = []
    for order in itertools.product([(1, 0), (0, 1)], repeat=4):
        means = {0: [], 1: []}
        level = 0.0
        for taken in itertools.chain.from_iterable(order):
            seen = []
            for _ in range(days):
                level = taken + (level - taken) * 2 ** (-1 / half_life)
                seen.append(level)
            means[taken].append(np.mean(seen[onset:]))
            level *= 2 ** (-washout / half_life)
        estimates.append(np.mean(means[1]) - np.mean(means[0]))
    kept = left_in_periods(half_life, period_days=days, onset_days=onset, washout_days=washout)
    assert kept == pytest.approx(np.mean(estimates), abs=0.02)  # periods are taken to end at the full level


# The plan of a protocol


def _daily(**sections):
    return make(
        {"blocks": 8, "per_block": 2, "period_days": 1},
        conditions={**ON_OFF, "on": {**ON_OFF["on"], "half_life": "5 h"}},
        sessions=[{"battery": "vigil", "at": ["10:00", "15:00"]}],
        **sections,
    )


def test_plan_of_a_daily_trial():
    """Two tests a day, 32 days: which model, how many days, what is left of yesterday."""
    facts = plan_facts(_daily())
    assert (facts.analysed_days, facts.prompts_a_day, facts.n_days) == ((1,), 2.0, 32)
    assert facts.precision.df == pytest.approx(0.715 * 32)
    assert facts.score_sd == pytest.approx(0.1 * math.sqrt(2))
    assert facts.sesoi.effect_sd == pytest.approx(math.sqrt(2))
    assert facts.attenuation == pytest.approx(0.98, abs=0.01)
    assert facts.carry_over.startswith("With a half-life of 5 h, 4 % of an effect is left")
    assert facts.notes == ()


def test_plan_of_a_trial_in_periods():
    """Days before the onset do not count, and the effect that is found is told in the unit as well."""
    facts = plan_facts(make({"period_days": 14, "onset_days": 7}), Assumptions(score_sd=0.2))
    assert facts.analysed_days == tuple(range(8, 15))
    assert facts.n_days == 84
    assert facts.precision.df == 9
    assert [one.power for one in facts.power] == pytest.approx([0.275, 0.58], abs=0.01)
    assert facts.in_unit(facts.detectable_sd) == pytest.approx(0.2 * facts.detectable_sd)
    assert facts.in_unit(None) is None
    assert facts.attenuation is None
    assert "conditions.on.half_life is empty" in facts.carry_over


def test_only_days_on_which_the_primary_score_is_due_count():
    """A word list twice a period: recall is due where its part is given, not where the list is studied."""
    sessions = [
        {"battery": ["words:study", "vigil", "words:delayed"], "days": [3, 6]},
        {"battery": ["words:study"], "days": [5]},
    ]
    outcomes = {"primary": {"score": "words.delayed", "sesoi": 1}}
    assert plan_facts(make({}, sessions=sessions, outcomes=outcomes)).analysed_days == (3, 6)
    early = make({"onset_days": 6}, sessions=sessions, outcomes=outcomes)
    facts = plan_facts(early)
    assert (facts.precision, facts.power, facts.detectable_sd) == (None, (), None)
    assert facts.notes == (
        "words.delayed is not due on any day that counts: see sessions and design.onset_days.",
    )


def test_confirmation_finds_less():
    """Six blocks reach 2/64 with chance .157 at 0.5 SD, the model has .272, and both together find it still less often."""
    plan = {"confirm": "randomization_test"}
    half = plan_facts(make({}, analysis=plan)).power[0]
    assert half.confirmed == pytest.approx(0.127, abs=0.01)
    assert half.power == pytest.approx(0.272, abs=0.02)
    assert plan_facts(make({})).power[0].confirmed is None
    assert plan_facts(make({}, analysis=plan)).detectable_sd > plan_facts(make({})).detectable_sd


def test_five_blocks_confirm_nothing():
    """Their smallest p is 2/32: no effect, however large, is confirmed at .05."""
    facts = plan_facts(make({"blocks": 5}, analysis={"confirm": "randomization_test"}))
    assert facts.power[1].confirmed == 0.0
    assert facts.power[1].power > 0.4
    assert facts.detectable_sd is None


def test_plan_of_four_doses():
    """A linear contrast in dose steps, and the pair against the reference, each by its name."""
    trend = {"d450": 0.3, "d300": 0.1, "d150": -0.1, "d0": -0.3}
    plan = {"contrasts": {"top": {"d450": 1, "d0": -1}, "linear": trend}, "confirm": "randomization_test"}
    protocol = make({"period_days": 14}, conditions=DOSES, analysis=plan)
    top, linear = plan_facts(protocol), plan_facts(protocol, contrast="linear")
    assert (top.contrast, top.precision.df) == ("top", 19)
    assert top.power[0].power == pytest.approx(0.42, abs=0.03)
    assert linear.precision.power(0.5 / 3) == pytest.approx(0.46, abs=0.03)
    assert 0 < linear.power[0].confirmed <= linear.power[0].power
    with pytest.raises(ValueError, match="no contrast 'other'; it has top, linear"):
        plan_facts(protocol, contrast="other")


@pytest.mark.parametrize(
    ("design", "r_1"),
    [
        ({"kind": "balanced", "blocks": None, "periods": 70, "max_run": 2, "period_days": 1}, -0.437),
        ({"kind": "balanced", "blocks": None, "periods": 70, "period_days": 1}, -1 / 70),
        ({"kind": "counterbalanced", "blocks": None, "periods": 8, "period_days": 1}, -1 / 8),
        (
            {"kind": "fixed", "blocks": None, "sequence": ["on", "off"] * 4, "period_days": 1},
            -7 / 8,
        ),
    ],
)
def test_every_kind_of_order_has_its_own_carry_over(design, r_1):
    """Half of the effect is left a day later; with independent days 1 + lam r_1 is kept."""
    conditions = {**ON_OFF, "on": {**ON_OFF["on"], "half_life": "1 d"}}
    facts = plan_facts(make(design, conditions=conditions), Assumptions(rho=0.0))
    assert facts.attenuation == pytest.approx(1 + 0.5 * r_1, abs=0.002)
    assert "Longer periods" in facts.carry_over


def test_slow_effects_in_short_periods_are_told():
    """Two days of half-life in a week without onset: half of the effect is lost, and three half-lives are named."""
    conditions = {**ON_OFF, "on": {**ON_OFF["on"], "half_life": "2 d"}}
    short, spared = (plan_facts(make({"onset_days": days}, conditions=conditions)) for days in (0, 6))
    assert short.attenuation == pytest.approx(0.528, abs=0.001)
    assert "Three half-lives are 6 days; onset and washout are 0." in short.carry_over
    assert "Three" not in spared.carry_over


def test_what_stands_out_is_told():
    """Too few periods; a SESOI below what equivalence could show; a short daily trial."""
    few = plan_facts(make({"blocks": 1}))
    assert few.precision is None
    assert few.notes == ("There are too few periods for a standard error: nothing can be tested.",)
    _, hardly = plan_facts(make({}), Assumptions(score_sd=0.5)).notes
    assert "can hardly be shown" in hardly
    (short,) = plan_facts(make({"blocks": 10, "period_days": 1})).notes
    assert short.startswith("In 20 days or fewer")


def test_trend_and_blocks_cost_degrees_of_freedom():
    """A model with more columns has fewer left; a fixed order without a condition has nothing to compare."""
    found = [
        plan_facts(make({"blocks": 8}, analysis=plan)).precision.df
        for plan in ({"trend": "none"}, {}, {"trend": "exp"}, {"trend": "spline"}, {"block_effect": True})
    ]
    assert found == [14, 13, 12, 11, 6]
    lonely = make({"kind": "fixed", "blocks": None, "sequence": ["on", "on", "on"]})
    assert plan_facts(lonely).precision is None


def test_assumptions_are_told_and_checked():
    """Whoever reads a power must see on what it rests."""
    told = " ".join(plan_facts(_daily(analysis={"confirm": "randomization_test"})).assumptions)
    for part in (
        "What the scores of a day have in common correlates 0.3",
        "2 scores of a day",
        "varies by 0.1 (SD, simulated)",
        "0.141",
        "randomization test",
    ):
        assert part in told
    assert "0.25 from day to day" in " ".join(plan_facts(make({}), Assumptions(score_sd=0.25)).assumptions)
    for wrong in ({"rho": 1}, {"period_sd": -1}, {"day_share": 1}, {"score_sd": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Assumptions(**wrong)


def test_noise_of_a_test_is_known_for_the_lengths_that_were_simulated():
    """Another duration is another test, and ratings have no trials."""

    def noise(instrument, score):
        instruments = {"vigil": {"task": "pvt"}, "one": instrument}
        return session_noise(make({}, instruments=instruments), f"one.{score}")

    assert noise({"task": "pvt", "params": {"duration_s": 600}}, "speed") == 0.088
    assert noise({"task": "pvt", "params": {"duration_s": 240}}, "speed") is None
    assert noise({"task": "pvt"}, "median_rt") is None
    assert noise({"task": "nback", "params": {"n": 2, "blocks": 2}}, "dprime") == 0.40
    assert noise({"task": "nback", "params": {"n": 3}}, "dprime") is None
    assert noise({"ratings": ["mood"]}, "mood") is None


def test_noise_of_the_n_back_is_that_of_its_hits_and_false_alarms():
    """Drawn anew: 32 targets and 64 others, hits .85, false alarms .08, log-linear correction."""
    rng = np.random.default_rng(3)
    normal = pd.Series(rng.normal(size=400_000)).quantile
    hits, alarms = rng.binomial(32, 0.85, 20_000), rng.binomial(64, 0.08, 20_000)
    dprime = np.array(normal((hits + 0.5) / 33)) - np.array(normal((alarms + 0.5) / 65))
    assert dprime.std() == pytest.approx(0.40, abs=0.045)


def test_planning_starts_without_numpy():
    """A protocol is checked before any of the heavy libraries is loaded."""
    code = "import sys, nof1.analysis.planning; print('numpy' in sys.modules, 'pandas' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "False False\n"
    )


def test_six_blocks_confirm_only_where_all_differences_agree():
    """The chance that all signs agree is Φ(δ/σ)^B + Φ(-δ/σ)^B; both findings together come less often."""
    confirm = {"confirm": "randomization_test"}
    protocol = make({"period_days": 14, "onset_days": 7}, analysis=confirm)
    facts = plan_facts(protocol)
    sd = facts.precision.se * 6**0.5
    for planned, simulated in zip(facts.power, (0.127, 0.318), strict=True):
        above = 0.5 * (1 + math.erf(planned.effect_sd / sd / 2**0.5))
        assert planned.confirmed <= above**6 + (1 - above) ** 6
        assert planned.confirmed == pytest.approx(simulated, abs=0.02)  # 20 000 trials of daily scores
    assert facts.detectable_sd == pytest.approx(1.46, abs=0.06)


def test_a_trial_that_will_hardly_find_what_matters_is_warned_of():
    """Below one half for the smallest effect of interest, with the blocks that would be enough."""
    small = plan_facts(make({}), Assumptions(score_sd=0.5))
    assert small.sesoi.power < 0.5
    assert "probably end inconclusive" in " ".join(small.notes)
    assert "blocks are needed" in " ".join(small.notes)
    large = plan_facts(make({"blocks": 60}), Assumptions(score_sd=0.1))
    assert "probably end inconclusive" not in " ".join(large.notes)
