"""The daily model equals nlme and a Kenward-Roger written with dense matrices, and follows the calendar."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.analysis.autoregression import correlation, fit_autoregression, fit_rho, lagged
from nof1.analysis.daily_model import fit_daily_model, yesterday
from nof1.analysis.observed import observe

from .made import balanced_days, frame_of

RANDOM = st.integers(0, 10_000)


def daily(n: int = 40, **changes) -> pd.DataFrame:
    seed = changes.get("seed", 1)
    return frame_of(balanced_days(n, seed), **{"days": 1, "sp": 0.0, "block": None, **changes})


def test_every_number_of_r(from_r):
    """Estimate, correlation, variance, adjusted SE and degrees of freedom equal R on ten data sets."""
    assert len(from_r["daily"]) == 10
    for case in from_r["daily"]:
        expected = case["daily_model"]
        trend = None if case["trend"] == "none" else case["trend"]
        found = fit_daily_model(pd.DataFrame(case["frame"]), case["contrast"], trend)
        assert found.estimate == pytest.approx(expected["estimate"], abs=1e-6), case["name"]
        assert found.details["rho"] == pytest.approx(expected["rho"], abs=1e-5), case["name"]
        assert found.details["day_variance"] ** 0.5 == pytest.approx(expected["sigma"], rel=1e-5)
        assert found.details["plain_se"] == pytest.approx(expected["gls_se"], rel=1e-5), case["name"]
        assert found.se == pytest.approx(expected["se"], rel=1e-5), case["name"]
        assert found.df == pytest.approx(expected["df"], rel=1e-4), case["name"]


@given(rho=st.floats(-0.9, 0.95), seed=RANDOM)
@settings(max_examples=25)
def test_the_fast_likelihood_is_the_dense_one(rho, seed):
    """Sums by size of gap give the same restricted likelihood as the whole matrix."""
    rng = np.random.default_rng(seed)
    day = np.cumsum(rng.integers(1, 5, size=15))
    x = np.column_stack([np.ones(15), rng.normal(size=15)])
    y = rng.normal(size=15)
    k = np.power(rho, np.abs(day[:, None] - day[None, :]))
    inverse = np.linalg.inv(k)
    a = x.T @ inverse @ x
    b = np.linalg.solve(a, x.T @ inverse @ y)
    rest = y - x @ b
    expected = 13 * np.log(rest @ inverse @ rest) + np.linalg.slogdet(k)[1] + np.linalg.slogdet(a)[1]
    assert lagged(x, y, day).deviance(np.array([rho]))[0] == pytest.approx(expected, rel=1e-8, abs=1e-8)
    assert np.allclose(correlation(day, rho), k)


@given(seed=RANDOM, shift=st.floats(-1e3, 1e3), size=st.floats(0.01, 100.0), effect=st.floats(-5, 5))
@settings(max_examples=25)
def test_units_and_effects_pass_through(seed, shift, size, effect):
    """Another zero, another unit and a shift of one condition change the estimate as they must."""
    frame = daily(seed=seed, rho=0.3)
    before = fit_daily_model(frame)
    moved = frame.assign(value=size * (frame["value"] + effect * (frame["condition"] == "on")) + shift)
    after = fit_daily_model(moved)
    assert after.estimate == pytest.approx(size * (before.estimate + effect), rel=1e-5, abs=1e-5 * size)
    assert after.se == pytest.approx(size * before.se, rel=1e-4)
    flipped = fit_daily_model(frame, contrast=("off", "on"))
    assert flipped.estimate == -before.estimate
    assert flipped.df == pytest.approx(before.df)


def test_the_calendar_decides_what_follows_what():
    """Days that were entered in another order give the same model: neighbours are those of the calendar."""
    frame = daily(40, rho=0.6).assign(session=1.0)
    shuffled = frame.sample(frac=1, random_state=1)
    in_order, mixed = (one.assign(session=range(1, 41)) for one in (frame, shuffled))
    found, expected = fit_daily_model(mixed, trend=None), fit_daily_model(in_order, trend=None)
    assert (found.estimate, found.se, found.df) == pytest.approx(
        (expected.estimate, expected.se, expected.df)
    )


def test_the_best_correlation_is_found():
    """No point of a fine grid is better than the one that was found."""
    frame = daily(60, rho=0.6)
    observed = observe(frame, {"on": 1, "off": -1})
    x = np.eye(2)[observed.condition]
    rho, deviance = fit_rho(x, observed.value, observed.day)
    grid = lagged(x, observed.value, observed.day).deviance(np.linspace(-0.95, 0.985, 4001))
    assert deviance <= grid.min() + 1e-9
    assert fit_autoregression(x, observed.value, observed.day).rho == rho


def test_gaps_are_counted_in_days():
    """The same scores with a week between them are another fit: lags are by date, never by row."""
    frame = daily(40, rho=0.7, seed=3)
    apart = frame.assign(day=frame["day"] + 7 * (frame["day"] > 20))
    assert fit_daily_model(frame).estimate != fit_daily_model(apart).estimate
    missing = frame.assign(value=frame["value"].where(frame["day"] % 3 > 0))
    dropped = missing.dropna().reset_index(drop=True)
    assert fit_daily_model(missing).estimate == pytest.approx(fit_daily_model(dropped).estimate)


def test_unequal_prompts_are_averaged_without_weights():
    """A day with one answer counts as much as a day with three."""
    frame = daily(30)
    more = pd.concat([frame, frame.iloc[::4].assign(session=lambda f: f["session"] + 0.5)])
    more = more.sort_values("session").assign(session=lambda f: range(1, len(f) + 1))
    found = fit_daily_model(more, trend=None)
    assert found.estimate == pytest.approx(fit_daily_model(frame, trend=None).estimate)
    assert "prompts_averaged" in found.flags
    assert found.details["n_days"] == 30


def test_practice_is_counted_in_days():
    """With three prompts a day the practice clock of a day is the number of the day."""
    frame = daily(30)
    three = frame.loc[frame.index.repeat(3)].assign(session=range(1, 91))
    three.loc[three["session"] % 3 == 1, "value"] = np.nan
    assert fit_daily_model(three).estimate == pytest.approx(fit_daily_model(frame).estimate)


@pytest.mark.parametrize("n", [4, 10])
def test_too_few_days_are_only_described(n):
    """Below twelve days there is a difference and no p."""
    found = fit_daily_model(daily(n), trend=None)
    assert found.estimate is not None
    assert found.p_value is None
    assert "too_few_days" in found.flags


def test_too_few_days_of_a_condition_refuse_its_contrasts_alone():
    """Four days of one condition: its contrasts have no p, the others are fitted."""
    frame = frame_of(balanced_days(36, 2, ("high", "low", "none")), days=1, sp=0.0, block=None)
    low = frame.index[frame["condition"] == "low"]
    frame.loc[low[4:], "value"] = np.nan
    assert fit_daily_model(frame, contrast=("low", "none")).p_value is None
    assert fit_daily_model(frame, contrast=("high", "none")).p_value is not None


def test_days_that_alternate_are_flagged():
    """A clearly negative correlation is unusual and told."""
    assert "negative_autocorrelation" in fit_daily_model(daily(60, rho=-0.6), trend=None).flags


def test_a_correlation_at_its_bound_is_flagged():
    """A slow wave drives the estimate to its bound; the flag lowers the claim."""
    frame = daily(40)
    wave = 10 * np.sin(frame["day"] / 20) + 0.1 * frame["value"]
    found = fit_daily_model(frame.assign(value=wave), trend=None)
    assert found.details["rho"] > 0.97
    assert "autocorrelation_at_bound" in found.flags


def test_constant_and_exact_scores():
    """No variation and no noise give no p."""
    assert "constant_outcome" in fit_daily_model(daily().assign(value=1.0)).flags
    exact = daily().assign(value=lambda f: 2.0 * (f["condition"] == "on") + np.log(f["session"]))
    found = fit_daily_model(exact)
    assert found.estimate == pytest.approx(2.0)
    assert found.p_value is None
    assert "implausibly_exact" in found.flags


def test_two_conditions_on_one_day_are_refused():
    """A daily design has one condition a day."""
    with pytest.raises(ValueError, match="share a day"):
        fit_daily_model(daily().assign(day=lambda f: (f["session"] + 1) // 2))


def test_carry_over_is_corrected():
    """With half of the effect left on the next day the model with yesterday's condition is nearer to the truth."""
    frame = daily(200, sd=0.2, seed=8)
    on = (frame["condition"] == "on").astype(float)
    carried = frame.assign(value=frame["value"] + 1.0 * on + 0.5 * on.shift(fill_value=0.0))
    plain, corrected = fit_daily_model(carried), fit_daily_model(carried, carry_over=True)
    assert abs(corrected.estimate - 1.0) < 0.1
    assert abs(corrected.estimate - 1.0) < abs(plain.estimate - 1.0) + 0.1
    assert corrected.se != plain.se


def test_yesterday_is_the_calendar_day_before():
    """After a missing day its condition is known; after a day that was not planned it is the mean."""
    frame = pd.DataFrame(
        {
            "session": [1, 2, 3, 4],
            "day": [1, 2, 3, 6],
            "period": [1, 2, 3, 4],
            "condition": ["on", "off", "on", "off"],
            "value": [1.0, np.nan, 2.0, 3.0],
        }
    )
    weights = {"on": 1.0, "off": -1.0}
    observed = observe(frame, weights)
    mean = (1 + 1 - 1) / 3
    assert yesterday(frame, observed, weights) == pytest.approx([mean, -1.0, mean])
