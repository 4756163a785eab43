"""The mixed model equals lme4 with pbkrtest and lmerTest, obeys its laws, and never tests what cannot be tested."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.analysis.mixed_model import fit_mixed_model

from .made import alternating, frame_of

RANDOM = st.integers(0, 10_000)


def test_every_number_of_r(from_r):
    """Estimate, Kenward-Roger and Satterthwaite equal R on seventeen designs, singular ones among them."""
    assert len(from_r["mixed"]) == 17
    for case in from_r["mixed"]:
        expected = case["mixed_model"]
        trend = None if case["trend"] == "none" else case["trend"]
        found = fit_mixed_model(
            pd.DataFrame(case["frame"]), case["contrast"], trend, block_effect=case["block_effect"]
        )
        scale = pd.Series(case["frame"]["value"], dtype=float).std()
        assert found.estimate == pytest.approx(expected["estimate"], abs=1e-6 * scale), case["name"]
        assert found.se == pytest.approx(expected["se"], rel=1e-5), case["name"]
        assert found.df == pytest.approx(expected["df"], rel=1e-5), case["name"]
        assert found.p_value == pytest.approx(expected["p_value"], abs=1e-5), case["name"]
        details = found.details
        assert details["satterthwaite_se"] == pytest.approx(expected["satterthwaite_se"], rel=1e-5)
        assert details["satterthwaite_df"] == pytest.approx(expected["satterthwaite_df"], rel=1e-4)
        assert details["day_variance"] == pytest.approx(expected["day_variance"], rel=1e-4)
        assert details["period_variance"] == pytest.approx(
            expected["period_variance"], rel=1e-3, abs=1e-6 * scale**2
        )
        is_flagged = {"singular", "block_variance_zero"}.intersection(found.flags)
        assert bool(is_flagged) == expected["singular"], case["name"]


def test_the_reference_holds_singular_fits(from_r):
    """The comparison with R would be worth little if no variance were 0 in it."""
    assert sum(case["mixed_model"]["singular"] for case in from_r["mixed"]) >= 4


@pytest.mark.parametrize("n_blocks", [3, 4, 6, 8])
def test_balanced_data_have_the_degrees_of_freedom_of_an_f_test(n_blocks):
    """Without a trend and with equal periods the test is that of period means: P - 2."""
    frame = frame_of(alternating(n_blocks), effect=1.0, sp=1.5, seed=n_blocks)
    assert fit_mixed_model(frame, trend=None).df == pytest.approx(2 * n_blocks - 2, rel=1e-6)


@given(seed=RANDOM, shift=st.floats(-1e3, 1e3), size=st.floats(0.01, 100.0), effect=st.floats(-5, 5))
@settings(max_examples=25)
def test_units_and_effects_pass_through(seed, shift, size, effect):
    """Another zero, another unit and a shift of one condition change the estimate as they must, and not p's parts."""
    frame = frame_of(alternating(6, seed=seed), seed=seed)
    frame.loc[frame.index[seed % 7 :: 9], "value"] = np.nan
    before = fit_mixed_model(frame)
    moved = frame.assign(value=size * (frame["value"] + effect * (frame["condition"] == "on")) + shift)
    after = fit_mixed_model(moved)
    assert after.estimate == pytest.approx(size * (before.estimate + effect), rel=1e-5, abs=1e-5 * size)
    assert after.se == pytest.approx(size * before.se, rel=1e-4)
    assert after.df == pytest.approx(before.df, rel=1e-4)


@given(seed=RANDOM)
@settings(max_examples=15)
def test_names_order_and_direction_do_not_matter(seed):
    """Swapping the pair flips the sign; renaming conditions and shuffling rows change nothing."""
    frame = frame_of(alternating(6, seed=seed), effect=0.5, seed=seed)
    before = fit_mixed_model(frame)
    flipped = fit_mixed_model(frame, contrast=("off", "on"))
    assert flipped.estimate == -before.estimate
    assert flipped.p_value == pytest.approx(before.p_value)
    assert (flipped.ci_low, flipped.ci_high) == pytest.approx((-before.ci_high, -before.ci_low))
    renamed = frame.assign(condition=frame["condition"].map({"on": "a", "off": "z"})).sample(
        frac=1, random_state=1
    )
    renamed.index = [0] * len(renamed)
    again = fit_mixed_model(renamed, contrast=("a", "z"))
    assert (again.estimate, again.se, again.df) == pytest.approx(
        (before.estimate, before.se, before.df), rel=1e-8
    )


def test_prompts_of_a_day_are_one_observation():
    """Three prompts a day with the same value tell no more than one."""
    frame = frame_of(alternating(6), effect=0.5)
    three = frame.loc[frame.index.repeat(3)].assign(session=range(1, 3 * len(frame) + 1))
    once, thrice = fit_mixed_model(frame), fit_mixed_model(three)
    assert thrice.estimate == pytest.approx(once.estimate)
    assert thrice.p_value == pytest.approx(once.p_value)
    assert "prompts_averaged" in thrice.flags
    assert thrice.n_sessions == 3 * once.n_sessions


def test_weights_and_pairs_agree():
    """A pair is a short way to write its weights, and weights scale the estimate."""
    frame = frame_of(alternating(4, ("high", "low", "none")), block=3)
    pair = fit_mixed_model(frame, contrast=("high", "none"))
    double = fit_mixed_model(frame, contrast={"high": 2, "low": 0, "none": -2})
    assert double.estimate == pytest.approx(2 * pair.estimate)
    assert double.p_value == pytest.approx(pair.p_value)


def test_an_exponential_trend_costs_a_degree_of_freedom():
    """Looking for a time constant is fitting a parameter."""
    frame = frame_of(alternating(6), effect=0.5, sp=0.0, sd=0.5, seed=5)
    curve = 3 * (1 - np.exp(-frame["session"] / 10.0))
    found = fit_mixed_model(frame.assign(value=frame["value"] + curve), trend="exp")
    assert found.df == pytest.approx(8.0, abs=0.5)
    assert found.estimate == pytest.approx(0.5, abs=0.6)


def test_a_spline_needs_twelve_periods():
    """With fewer periods the logarithm stands in, and a flag says so."""
    few = frame_of(alternating(5))
    assert "trend_unavailable" in fit_mixed_model(few, trend="spline").flags
    assert fit_mixed_model(few, trend="spline").estimate == fit_mixed_model(few, trend="log").estimate
    many = fit_mixed_model(frame_of(alternating(6)), trend="spline")
    assert "trend_unavailable" not in many.flags
    assert many.df < 8


# --- what the report does when a model fails --------------------------------------------------------------


def test_scores_that_do_not_vary():
    """A constant outcome has the difference 0, and neither p nor interval."""
    found = fit_mixed_model(frame_of(alternating(6)).assign(value=7.3))
    assert (found.estimate, found.p_value, found.ci_low, found.se) == (0.0, None, None, None)
    assert "constant_outcome" in found.flags


@pytest.mark.parametrize("trend", ["log", "linear", None])
def test_scores_without_noise(trend):
    """Scores that follow the model exactly give the estimate and no p."""
    frame = frame_of(alternating(6))
    value = 3.0 + 2.0 * (frame["condition"] == "on")
    if trend == "log":
        value += 0.7 * np.log(frame["session"])
    found = fit_mixed_model(frame.assign(value=value), trend=trend)
    assert found.estimate == pytest.approx(2.0)
    assert found.p_value is None
    assert "implausibly_exact" in found.flags


def test_noise_between_periods_alone():
    """Where every day of a period has the same score, the result is that of the period means."""
    frame = frame_of(alternating(6), seed=3)
    flat = frame.assign(value=frame.groupby("period")["value"].transform("mean"))
    found = fit_mixed_model(flat, trend=None)
    means = flat.groupby("period").agg(value=("value", "first"), condition=("condition", "first"))
    on, off = (means.loc[means["condition"] == code, "value"] for code in ("on", "off"))
    assert found.se == pytest.approx(np.sqrt((on.var() + off.var()) / 2 * (2 / 6)), rel=1e-4)
    assert found.df == pytest.approx(10, rel=1e-3)


@pytest.mark.parametrize("n_blocks", [1, 2])
def test_too_few_blocks_are_only_described(n_blocks):
    """Below three complete blocks there is a difference and no p."""
    found = fit_mixed_model(frame_of(("on", "off", "off", "on")[: 2 * n_blocks]))
    assert found.p_value is None
    assert found.se is None
    assert "too_few_blocks" in found.flags


def test_a_condition_in_one_period_has_no_p_but_the_others_do():
    """Three conditions, one of them seen in a single period: only its contrasts are refused."""
    frame = frame_of(alternating(4, ("high", "low", "none"), seed=2), block=3)
    lost = (frame["condition"] == "low") & (frame["block"] > 1)
    frame.loc[lost, "value"] = np.nan
    refused = fit_mixed_model(frame, contrast=("low", "none"))
    assert refused.p_value is None
    assert {"too_few_periods", "too_few_blocks"} <= set(refused.flags)
    assert fit_mixed_model(frame, contrast=("high", "none")).p_value is not None


def test_a_lost_period_is_told_and_survived():
    """A period without any score drops out of the fit and is told."""
    frame = frame_of(alternating(6), effect=1.0)
    frame.loc[frame["period"] == 4, "value"] = np.nan
    found = fit_mixed_model(frame)
    assert found.n_periods == 11
    assert {"period_without_data", "block_incomplete"} <= set(found.flags)
    assert found.p_value is not None


def test_the_same_order_in_every_block_is_told():
    """If on always came first, a trend could look like an effect."""
    assert "order_confounded" in fit_mixed_model(frame_of(("on", "off") * 6)).flags
    assert "order_confounded" not in fit_mixed_model(frame_of(("on", "off", "off", "on") * 3)).flags


def test_a_condition_without_scores():
    """Nothing can be compared with a condition that has no score; the note names it."""
    frame = frame_of(alternating(6))
    frame.loc[frame["condition"] == "off", "value"] = np.nan
    found = fit_mixed_model(frame)
    assert (found.estimate, found.p_value) == (None, None)
    assert "condition_absent" in found.flags
    assert "off" in found.note
    assert fit_mixed_model(frame, contrast=("on", "never")).estimate is None


def test_a_trend_that_is_the_contrast():
    """Two sessions, one each: the trend cannot be told from the effect, and the note says so."""
    frame = pd.DataFrame(
        {"session": [1, 2], "period": [1, 2], "condition": ["on", "off"], "value": [1.0, 2.0]}
    )
    found = fit_mixed_model(frame)
    assert found.estimate is None
    assert "not_estimable" in found.flags
    assert "trend" in found.note


def test_one_day_per_period_is_least_squares():
    """With one score a period its variance cannot be told apart; the t of least squares stands in."""
    found = fit_mixed_model(frame_of(alternating(8), days=1))
    assert found.df == 13
    assert "day_variance_unidentified" in found.flags


def test_nothing_to_analyse():
    """No score at all gives no number at all."""
    found = fit_mixed_model(frame_of(alternating(6)).assign(value=np.nan))
    assert (found.estimate, found.n_sessions, found.flags) == (None, 0, ("no_data",))


def test_periods_numbered_anew_in_each_block():
    """Labels 1 and 2 in every block would make two huge periods; runs of days are numbered instead."""
    frame = frame_of(("on", "off", "off", "on") * 3, effect=0.5)
    reused = frame.assign(period=(frame["period"] - 1) % 2 + 1)
    found = fit_mixed_model(reused)
    assert found.p_value == fit_mixed_model(frame).p_value
    assert found.n_periods == 12
    assert "period_reused" in found.flags


def test_days_may_be_absent():
    """Without days the session stands in, and a flag says so."""
    frame = frame_of(alternating(6)).drop(columns="day")
    assert "day_absent" in fit_mixed_model(frame).flags


def test_many_missing_days_are_told():
    """More than 40 % missing is said aloud."""
    frame = frame_of(alternating(6))
    frame.loc[frame.index % 2 == 0, "value"] = np.nan
    assert "many_missing" in fit_mixed_model(frame).flags


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="period"), "column 'period' is missing"),
        (lambda f: f.assign(session=1), "session 1 is there twice"),
        (lambda f: f.assign(value=np.inf), "infinite"),
        (lambda f: f.assign(session=f["session"] - 1), "session number of 1 or more"),
        (lambda f: f.assign(participant=["a", "b"] * (len(f) // 2)), "several participants"),
    ],
)
def test_frames_that_cannot_be_meant(change, message):
    """Wrong arguments raise, and say what is wrong."""
    with pytest.raises(ValueError, match=message):
        fit_mixed_model(change(frame_of(alternating(6))))


@pytest.mark.parametrize(
    ("contrast", "message"),
    [
        (("on", "on"), "two different conditions"),
        ("on", "two different conditions"),
        ({"on": 1, "off": -2}, "sum to 0"),
        ({"on": 0, "off": 0}, "differ from 0"),
    ],
)
def test_contrasts_that_cannot_be_meant(contrast, message):
    """A contrast compares at least two conditions, and its weights sum to 0."""
    with pytest.raises(ValueError, match=message):
        fit_mixed_model(frame_of(alternating(6)), contrast=contrast)


def test_a_level_that_cannot_be_meant():
    """A confidence level lies between 0 and 1."""
    with pytest.raises(ValueError, match="level"):
        fit_mixed_model(frame_of(alternating(6)), level=95)
    with pytest.raises(ValueError, match="trend"):
        fit_mixed_model(frame_of(alternating(6)), trend="cubic")
