"""The grid posterior equals dense integration, has the limits that it must have, and follows units and signs."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.analysis.bayes_grid import effect_posterior, fit_bayes_grid
from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.serial_model import fit_serial_model

from .made import alternating, balanced_days, frame_of
from .strategies import messy_frames

RANDOM = st.integers(0, 10_000)


def periods(n_blocks: int = 6, **changes) -> pd.DataFrame:
    seed = changes.get("seed", 1)
    return frame_of(alternating(n_blocks, seed=seed), **changes)


def days(n: int = 40, **changes) -> pd.DataFrame:
    seed = changes.get("seed", 1)
    return frame_of(balanced_days(n, seed), **{"days": 1, "sp": 0.0, "block": None, **changes})


EFFECTS = np.linspace(-6.0, 6.0, 361)


def dense(frame, *, daily=False, block=False):
    """Return the likelihood of each effect, all else integrated by plain sums over whole matrices."""
    seen = frame[frame["value"].notna()]
    y, day = seen["value"].to_numpy(), seen["day"].to_numpy()
    y = y - y.mean()
    n = y.size
    same = np.ones((n, n)) if daily else np.equal.outer(seen["period"].to_numpy(), seen["period"].to_numpy())
    blocks = np.equal.outer(seen["block"].to_numpy(), seen["block"].to_numpy()) if block else np.zeros((n, n))
    apart = np.abs(np.subtract.outer(day, day)).astype(float)
    x = (seen["condition"] == "on").to_numpy(dtype=float)
    nuisance = np.column_stack([np.ones(n), np.log(seen["session"].to_numpy())])
    log_sigma = np.linspace(-2.0, 2.0, 25)[:, None]
    total = np.zeros(EFFECTS.size)
    ratios = [0.0] if daily else np.linspace(0.0, 2.25, 11)
    for rho, ratio, common in itertools.product(
        np.linspace(-0.3, 0.9, 13), ratios, np.linspace(0.0, 2.25, 9) if block else [0.0]
    ):
        v = np.power(rho, apart) * same + ratio**2 * same + common**2 * blocks
        root = np.linalg.inv(np.linalg.cholesky(v))
        q, r = np.linalg.qr(root @ nuisance)
        right, left = root @ x, root @ y
        right, left = right - q @ (q.T @ right), left - q @ (q.T @ left)
        rest = left @ left - 2 * EFFECTS * (left @ right) + EFFECTS**2 * (right @ right)
        # 1 / sigma is the prior; the two flat nuisance parameters take their share of the powers of sigma.
        log_like = -(n - 2) * log_sigma - 0.5 * rest / np.exp(2 * log_sigma)
        log_like += np.sum(np.log(np.diag(root))) - np.sum(np.log(np.abs(np.diag(r)))) + 3.0 * n
        at_edge = (abs(rho - 0.3) > 0.599) + (ratio == 0.0 and not daily) + (common == 0.0 and block)
        log_prior = -0.5 * (ratio**2 + common**2) / 0.5**2
        total += 0.5**at_edge * np.exp(log_like + log_prior).sum(axis=0)
    return total


@pytest.mark.parametrize(
    ("frame", "daily", "block"),
    [
        (periods(3, days=4, rho=0.4, effect=0.8), False, False),
        (periods(3, days=3, rho=0.2, effect=0.5, seed=5), False, True),
        (days(16, rho=0.5, effect=0.8), True, False),
    ],
    ids=["periods", "blocks", "days"],
)
def test_the_grid_is_the_dense_sum(frame, daily, block):
    """Mean, interval and probabilities equal brute force over every parameter, gaps in the calendar and all."""
    frame = frame.assign(day=frame["day"] + 2 * (frame["session"] > 6)).drop(index=[2, 7])
    found = effect_posterior(frame, effect_sd=0.4, sesoi=0.5, daily=daily, block_effect=block)
    flat = next(one for one in found.alternatives if one.name == "flat")
    likelihood = dense(frame, daily=daily, block=block)
    for posterior, prior in ((flat, 1.0), (found.posterior, np.exp(-0.5 * (EFFECTS / 0.4) ** 2))):
        share = likelihood * prior / np.sum(likelihood * prior)
        low = np.interp(0.025, np.cumsum(share) - 0.5 * share, EFFECTS)
        above = {
            bound: share @ ((bound < EFFECTS) + 0.5 * np.isclose(EFFECTS, bound)) for bound in (0.0, 0.5)
        }
        assert posterior.mean == pytest.approx(share @ EFFECTS, abs=0.01)
        assert posterior.ci_low == pytest.approx(low, abs=0.02)
        assert posterior.p_benefit == pytest.approx(above[0.0], abs=0.01)
        assert posterior.p_worthwhile == pytest.approx(above[0.5], abs=0.01)


@given(seed=RANDOM, shift=st.floats(-1e3, 1e3), size=st.floats(0.01, 100.0), effect=st.floats(-5, 5))
@settings(max_examples=4)
def test_units_effects_and_names_pass_through(seed, shift, size, effect):
    """Another zero, another unit, a shift of one condition and exchanged names change the answer as they must."""
    frame = periods(4, days=4, seed=seed, rho=0.3)
    before = effect_posterior(frame, sesoi=1.0).posterior
    moved = frame.assign(value=size * (frame["value"] + effect * (frame["condition"] == "on")) + shift)
    after = effect_posterior(moved, sesoi=1.0).posterior
    assert after.mean == pytest.approx(size * (before.mean + effect), rel=1e-5, abs=1e-5 * size)
    assert after.ci_high - after.mean == pytest.approx(size * (before.ci_high - before.mean), rel=1e-4)
    turned = effect_posterior(frame, ("off", "on"), effect_sd=0.5, sesoi=0.5).posterior
    straight = effect_posterior(frame, effect_sd=0.5, sesoi=0.5).posterior
    lower = effect_posterior(frame, effect_sd=0.5, sesoi=0.5, better="lower").posterior
    assert turned.mean == pytest.approx(-straight.mean, abs=1e-9)
    assert turned.p_benefit == pytest.approx(1 - straight.p_benefit, abs=1e-9)
    assert (turned.p_worthwhile, turned.p_harm) == pytest.approx(
        (straight.p_harm, straight.p_worthwhile), abs=1e-9
    )
    assert (lower.p_benefit, lower.p_harm) == pytest.approx((turned.p_benefit, turned.p_harm), abs=1e-9)


@pytest.mark.parametrize("daily", [False, True])
def test_what_the_prior_does(daily):
    """A prior without any opinion changes nothing, a very firm one allows nothing, and half of it pulls harder."""
    frame = days(effect=1.0) if daily else periods(effect=1.0)
    flat, open_minded, firm = (effect_posterior(frame, effect_sd=sd, daily=daily) for sd in (None, 1e4, 1e-3))
    assert open_minded.posterior.mean == pytest.approx(flat.posterior.mean, rel=1e-4)
    assert open_minded.posterior.ci_low == pytest.approx(flat.posterior.ci_low, rel=1e-3)
    assert firm.posterior.mean == pytest.approx(0.0, abs=1e-3)
    assert firm.posterior.p_benefit == pytest.approx(0.5, abs=0.01)
    planned = effect_posterior(frame, effect_sd=0.5, sesoi=0.5, daily=daily)
    means = {one.name: one.mean for one in (planned.posterior, *planned.alternatives)}
    assert 0 < means["half"] < means["planned"] < means["double"] < means["flat"]
    assert ("wide" in means) is (not daily)
    assert planned.posterior.p_worthwhile < planned.posterior.p_benefit
    assert (planned.period_ratio is None, planned.posterior.ratio_sd is None) == (daily, daily)
    again = effect_posterior(frame, effect_sd=0.5, sesoi=0.5, daily=daily)
    assert again == planned


def test_close_to_the_planned_models_where_they_agree():
    """With no prior the answer lies where the planned models lie, intervals and all."""
    frame = periods(8, effect=1.0, sp=0.3)
    grid, planned = fit_bayes_grid(frame), fit_mixed_model(frame)
    assert grid.estimate == pytest.approx(planned.estimate, abs=0.05 * planned.se)
    assert grid.ci_high - grid.ci_low == pytest.approx(planned.ci_high - planned.ci_low, rel=0.15)
    frame = days(70, rho=0.4, effect=1.0)
    grid, planned = fit_bayes_grid(frame, daily=True), fit_daily_model(frame)
    assert grid.estimate == pytest.approx(planned.estimate, abs=0.1 * planned.se)
    assert grid.ci_high - grid.ci_low == pytest.approx(planned.ci_high - planned.ci_low, rel=0.1)
    assert grid.details["rho"] == pytest.approx(planned.details["rho"], abs=0.1)


def test_a_long_trial_has_the_limit_of_restricted_likelihood():
    """With many periods the answer is that of REML with the same covariance: estimate, interval and correlation."""
    frame = periods(24, days=8, rho=0.5, sp=0.4, effect=1.0)
    grid, reml = fit_bayes_grid(frame), fit_serial_model(frame)
    assert grid.estimate == pytest.approx(reml.estimate, abs=0.03 * reml.se)
    assert grid.ci_high - grid.ci_low == pytest.approx(reml.ci_high - reml.ci_low, rel=0.05)
    assert grid.details["rho"] == pytest.approx(reml.details["rho"], abs=0.03)


def test_three_conditions():
    """A contrast of three conditions lies where the planned model has it, and has the sign of its weights."""
    sequence = alternating(6, ("high", "low", "none"))
    frame = frame_of(sequence, block=3, sp=0.3)
    frame["value"] += frame["condition"].map({"high": 2.0, "low": 1.0, "none": 0.0})
    for contrast in ({"high": 1, "none": -1}, {"high": 0.5, "low": 0.5, "none": -1}):
        grid, planned = fit_bayes_grid(frame, contrast), fit_mixed_model(frame, contrast)
        assert grid.estimate == pytest.approx(planned.estimate, abs=0.15 * planned.se)
        assert effect_posterior(frame, contrast, effect_sd=2.0).posterior.p_benefit > 0.95


def test_time_constants_are_averaged_over():
    """With an exponential practice term the answer lies among those of the single time constants."""
    frame = periods(4, days=5, effect=1.0)
    found = fit_bayes_grid(frame, trend="exp")
    others = [fit_bayes_grid(frame, trend=trend).estimate for trend in ("log", "linear", None)]
    assert min(others) - 0.3 < found.estimate < max(others) + 0.3
    assert found.ci_low < found.estimate < found.ci_high


def test_what_may_only_be_described_gets_no_probability():
    """Two blocks, a constant score, one condition, no data, exact scores: a flag and no posterior."""
    cases = {
        "too_few_blocks": periods(2),
        "constant_outcome": periods().assign(value=3.0),
        "condition_absent": periods().assign(condition="on"),
        "no_data": periods().assign(value=math.nan),
        "implausibly_exact": periods().assign(value=lambda frame: (frame["condition"] == "on") * 1.0),
    }
    for flag, frame in cases.items():
        found = effect_posterior(frame, effect_sd=1.0, sesoi=1.0)
        assert found.posterior is None, flag
        assert flag in found.flags
        assert fit_bayes_grid(frame).ci_low is None
    with pytest.raises(ValueError, match="effect_sd: found 0"):
        effect_posterior(periods(), effect_sd=0.0)
    with pytest.raises(ValueError, match="share a day"):
        effect_posterior(periods().assign(day=1), daily=True)


def test_one_value_a_period():
    """Where each period has one score the answer is that of least squares on them."""
    frame = periods(8, days=1, effect=1.0)
    found = fit_bayes_grid(frame, trend=None)
    planned = fit_mixed_model(frame, trend=None)
    assert found.estimate == pytest.approx(planned.estimate)
    assert (found.ci_low, found.ci_high) == pytest.approx((planned.ci_low, planned.ci_high), rel=1e-6)


@given(data=messy_frames(), trend=st.sampled_from(["log", "linear", "exp", None]))
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_any_data(data, trend):
    """Whatever the scores are: numbers that are finite, shares between 0 and 1, or a flag."""
    frame, _ = data
    for daily in (False, True):
        found = effect_posterior(frame, trend=trend, effect_sd=0.7, sesoi=0.5, daily=daily)
        assert (found.posterior is None) <= bool(found.flags)
        for one in (found.posterior, *found.alternatives) if found.posterior else ():
            assert all(math.isfinite(x) for x in (one.mean, one.ci_low, one.ci_high))
            assert one.ci_low < one.ci_high
            assert all(0 <= share <= 1 for share in (one.p_benefit, one.p_worthwhile, one.p_harm))


@pytest.mark.sim
def test_the_probabilities_are_calibrated():
    """Effects and variances drawn from the priors: intervals cover as often as they say, chances come true."""
    rng = np.random.default_rng(11)
    inside, chances, came_true = 0, [], []
    for seed in range(400):
        effect, ratio = 0.5 * rng.normal(), 0.5 * abs(rng.normal())
        frame = inner_ar1(alternating(4, seed=seed), 5, effect, ratio, rng.uniform(-0.3, 0.9), rng)
        found = effect_posterior(frame, effect_sd=0.5, sesoi=0.5).posterior
        inside += found.ci_low <= effect <= found.ci_high
        chances.append(found.p_benefit)
        came_true.append(effect > 0)
    assert 0.92 < inside / 400 < 0.975
    chances, came_true = np.array(chances), np.array(came_true)
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        held = (chances >= low) & (chances <= high)
        assert np.mean(came_true[held]) == pytest.approx(
            chances[held].mean(), abs=3.5 * 0.5 / np.sqrt(held.sum())
        )


@pytest.mark.sim
def test_the_interval_without_a_prior_holds_its_level():
    """Six blocks of two weeks: the 95 % interval leaves a true effect out in about 4 % of trials."""
    out = 0
    for seed in range(500):
        found = fit_bayes_grid(frame_of(alternating(6, seed=seed), sp=0.3, rho=0.3, seed=seed + 10_000))
        out += not found.ci_low <= 0.0 <= found.ci_high
    assert 0.02 < out / 500 < 0.07


def inner_ar1(sequence, n_days, effect, ratio, rho, rng):
    """Return a trial whose days follow an AR(1) that begins anew in each period."""
    rows = []
    for period, condition in enumerate(sequence, start=1):
        error, common = rng.normal(), ratio * rng.normal()
        for day in range(n_days):
            session = (period - 1) * n_days + day + 1
            value = 0.3 * math.log(session) + common + error + effect * (condition == "on")
            rows.append((session, session, period, (period + 1) // 2, condition, value))
            error = rho * error + math.sqrt(1 - rho**2) * rng.normal()
    return pd.DataFrame(rows, columns=["session", "day", "period", "block", "condition", "value"])
