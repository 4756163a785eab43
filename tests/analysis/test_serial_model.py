"""Period intercept and AR(1) together equal nlme and a Kenward-Roger written with dense matrices in R."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.serial import serial
from nof1.analysis.serial_model import fit_serial_model

from .made import alternating, frame_of
from .strategies import messy_frames
from .test_any_data import is_sound

REFERENCE = json.loads(
    (Path(__file__).resolve().parents[1] / "reference" / "serial.json").read_text(encoding="utf-8")
)
CASES = [pytest.param(case, id=case["name"]) for case in REFERENCE["serial"]]


def trend_of(case):
    return None if case["trend"] == "none" else case["trend"]


@pytest.mark.parametrize("case", CASES)
def test_every_number_of_r(case):
    """Estimate, correlation, both variances, adjusted SE and degrees of freedom."""
    expected = case["serial_model"]
    found = fit_serial_model(pd.DataFrame(case["frame"]), case["contrast"], trend_of(case))
    assert found.estimate == pytest.approx(expected["estimate"], abs=1e-6)
    for name in ("rho", "day_variance", "period_variance"):
        assert found.details[name] == pytest.approx(expected[name], rel=2e-5), name
    assert found.details["plain_se"] == pytest.approx(expected["plain_se"], rel=1e-6)
    assert found.se == pytest.approx(expected["se"], rel=1e-6)
    assert found.df == pytest.approx(expected["df"], rel=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_the_calendar_alone(case):
    """The daily model on periods of many days is gls with AR(1) over the calendar."""
    expected = case["calendar"]
    found = fit_daily_model(pd.DataFrame(case["frame"]), case["contrast"], trend_of(case))
    assert found.estimate == pytest.approx(expected["estimate"], abs=1e-6)
    assert found.details["rho"] == pytest.approx(expected["rho"], abs=1e-6)
    assert found.details["plain_se"] == pytest.approx(expected["plain_se"], rel=1e-6)


@given(
    rho=st.floats(-0.9, 0.95), ratio=st.floats(0.0, 4.0), shared=st.floats(0.0, 4.0), seed=st.integers(0, 999)
)
@settings(max_examples=20)
def test_the_fast_likelihood_is_the_dense_one(rho, ratio, shared, seed):
    """Sums by period and by size of gap give the same restricted likelihood as the whole matrix."""
    rng = np.random.default_rng(seed)
    group = np.sort(rng.integers(0, 5, size=18))
    group = np.unique(group, return_inverse=True)[1]
    day = np.cumsum(rng.integers(1, 4, size=18))
    block = np.arange(group.max() + 1) // 2
    x = np.column_stack([np.ones(18), rng.normal(size=18)])
    y = rng.normal(size=18)
    same = group[:, None] == group[None, :]
    together = block[group][:, None] == block[group][None, :]
    apart = np.abs(day[:, None] - day[None, :]).astype(float)
    v = np.power(rho, apart) * same + ratio**2 * same + shared**2 * together
    inverse = np.linalg.inv(v)
    a = x.T @ inverse @ x
    b = np.linalg.solve(a, x.T @ inverse @ y)
    rest = (y - x @ b) @ inverse @ (y - x @ b)
    expected = 16 * np.log(rest) + np.linalg.slogdet(v)[1] + np.linalg.slogdet(a)[1]
    order = rng.permutation(18)
    found = serial(x[order], y[order], day[order], group[order], block).solved(
        *(np.array([one]) for one in (rho, ratio, shared))
    )
    assert found.deviance[0] == pytest.approx(expected, rel=1e-7, abs=1e-7)
    assert found.coefficients[0] == pytest.approx(b, rel=1e-6, abs=1e-6)
    assert found.rest[0] == pytest.approx(rest, rel=1e-7)


def test_without_resemblance_it_is_the_planned_model():
    """Where days do not resemble each other the answer is near that of the mixed model, and so are its degrees."""
    frame = frame_of(alternating(8), days=10, sp=0.8, effect=1.0, seed=3)
    found, planned = fit_serial_model(frame), fit_mixed_model(frame)
    assert abs(found.details["rho"]) < 0.2
    assert found.estimate == pytest.approx(planned.estimate, abs=0.2 * planned.se)
    assert found.se == pytest.approx(planned.se, rel=0.15)
    assert found.df == pytest.approx(planned.df, abs=0.5)


@given(shift=st.floats(-1e3, 1e3), size=st.floats(0.01, 100.0), effect=st.floats(-5, 5))
@settings(max_examples=5)
def test_units_effects_and_names_pass_through(shift, size, effect):
    """Another zero, another unit and a shift of one condition change the estimate as they must."""
    frame = frame_of(alternating(4, seed=2), days=5, rho=0.4, sp=0.6)
    before = fit_serial_model(frame)
    moved = frame.assign(value=size * (frame["value"] + effect * (frame["condition"] == "on")) + shift)
    after = fit_serial_model(moved)
    assert after.estimate == pytest.approx(size * (before.estimate + effect), rel=1e-5, abs=1e-5 * size)
    assert after.se == pytest.approx(size * before.se, rel=1e-4)
    assert fit_serial_model(frame, ("off", "on")).estimate == pytest.approx(-before.estimate, abs=1e-9)


def test_what_cannot_be_fitted_says_why():
    """One day a period, days that do not differ, two blocks: an estimate or a note, and no p."""
    single = fit_serial_model(frame_of(alternating(6), days=1))
    assert (single.p_value, single.note) == (None, "the days of a period do not differ")
    few = fit_serial_model(frame_of(alternating(2)))
    assert "too_few_blocks" in few.flags
    assert few.p_value is None
    assert math.isfinite(few.estimate)


@given(data=messy_frames(), trend=st.sampled_from(["log", "exp", None]))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_any_data(data, trend):
    """Whatever the scores are, nothing raises, and where there is no p a flag says why."""
    assert is_sound(fit_serial_model(data[0], trend=trend))


@pytest.mark.sim
def test_it_holds_its_level():
    """Six blocks of two weeks under four kinds of days: between 1 and 8 % at a level of 5 %."""
    for rho, sp in ((0.0, 0.6), (0.3, 0.3), (0.6, 0.0), (0.6, 0.6)):
        rejected = 0
        for seed in range(300):
            frame = frame_of(alternating(6, seed=seed), sp=sp, rho=rho, seed=seed + 10_000)
            rejected += fit_serial_model(frame).p_value <= 0.05
        assert 0.005 < rejected / 300 < 0.08, (rho, sp)
