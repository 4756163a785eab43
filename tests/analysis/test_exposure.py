"""Exposures against R and by hand; with a stated half-life the whole effect is found again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.dataset import Dataset
from nof1.analysis.expected_order import left_in_periods
from nof1.analysis.exposure import exposures, fit_exposure_model, half_lives_of, taken_on
from nof1.analysis.mixed_model import fit_mixed_model

from .made import MEANINGS, alternating, balanced_days, dataset, frame_of, protocol, tables_of
from .strategies import messy_frames
from .test_any_data import is_sound

REFERENCE = json.loads(
    (Path(__file__).resolve().parents[1] / "reference" / "serial.json").read_text(encoding="utf-8")
)
TEA = {"on": {"name": "tea", "half_life": "36 h"}, "off": {"name": "water"}}


@pytest.mark.parametrize("case", REFERENCE["exposure"], ids=lambda case: case["name"].replace(" ", "_"))
def test_every_number_of_r(case):
    """Estimate, Kenward-Roger SE and degrees of freedom equal lmer on exposures that R computed."""
    frame, expected = pd.DataFrame(case["frame"]), case["exposure_model"]
    taken = dict(zip(frame["day"], frame["condition"], strict=True))
    found = fit_exposure_model(frame, taken, case["half_lives"], case["contrast"])
    assert found.estimate == pytest.approx(expected["estimate"], abs=1e-6)
    assert found.se == pytest.approx(expected["se"], rel=1e-6)
    assert found.df == pytest.approx(expected["df"], rel=1e-5)


def test_exposures_by_hand():
    """Half of what is left, half of what is taken; nothing before the first day; a day without a condition fades."""
    taken = {3: "on", 4: "on", 6: "off"}
    found = exposures(taken, ["on", "off"], {"on": 1.0}, [3, 4, 5, 6, 7])
    assert found[:, 0].tolist() == [0.5, 0.75, 0.375, 0.1875, 0.09375]
    assert found[:, 1].tolist() == [0.0, 0.0, 0.0, 1.0, 0.0]


def test_the_whole_effect_is_found_again():
    """An effect that fades by halves: the plan finds the share that the closed form tells, exposures find all of it."""
    planned, exposed = [], []
    for seed in range(60):
        sequence = alternating(6, seed=seed)
        frame = frame_of(sequence, sp=0.0, sd=0.3, seed=seed)
        taken = dict(zip(frame["day"], frame["condition"], strict=True))
        level = exposures(taken, ["on"], {"on": 2.0}, frame["day"].tolist())[:, 0]
        frame = frame.assign(value=frame["value"] + 2.0 * level)
        planned.append(fit_mixed_model(frame).estimate)
        exposed.append(fit_exposure_model(frame, taken, {"on": 2.0}).estimate)
    assert np.mean(exposed) == pytest.approx(2.0, abs=0.05)
    assert np.mean(planned) == pytest.approx(2.0 * left_in_periods(2, period_days=7), abs=0.08)


def test_an_effect_that_is_gone_at_once_is_the_plan():
    """With a half-life of minutes exposures are conditions, in periods and in days."""
    frame = frame_of(alternating(6), effect=1.0)
    taken = dict(zip(frame["day"], frame["condition"], strict=True))
    for half_lives in ({"on": 0.01}, {"on": 0.01, "off": 0.01}, {}):
        found, planned = fit_exposure_model(frame, taken, half_lives), fit_mixed_model(frame)
        assert (found.estimate, found.se, found.df) == pytest.approx(
            (planned.estimate, planned.se, planned.df)
        )
    frame = frame_of(balanced_days(40), days=1, sp=0.0, block=None, rho=0.4)
    taken = dict(zip(frame["day"], frame["condition"], strict=True))
    found, planned = fit_exposure_model(frame, taken, {"on": 0.01}, daily=True), fit_daily_model(frame)
    assert (found.estimate, found.se, found.df) == pytest.approx((planned.estimate, planned.se, planned.df))


def test_what_was_taken_comes_from_the_calendar():
    """Every day of a period counts, those of the onset, of missing scores and without a session included."""
    data = dataset(protocol(conditions=TEA), missing=0.3)
    taken = taken_on(data)
    assert sorted(taken) == list(range(6, 90))
    assert [taken[6 + 7 * place] for place in range(12)] == list(data.sequence)
    assert half_lives_of(data) == {"on": 1.5}
    assert half_lives_of(dataset()) == {}
    plan = protocol()
    tables = tables_of(plan)
    rare = tuple(row for row in tables.sessions if row.day % 3 == 0)
    held = Dataset.from_tables(replace(tables, sessions=rare), protocol=plan, meanings=MEANINGS)
    assert taken_on(held) == taken_on(dataset())
    without = tuple(replace(row, day=None) for row in tables.sessions)
    assert (
        taken_on(Dataset.from_tables(replace(tables, sessions=without), protocol=plan, meanings=MEANINGS))
        == {}
    )


def test_what_cannot_be_meant():
    """A half-life of 0 is refused; a day whose condition nobody knows gives a note and no estimate."""
    frame = frame_of(alternating(6))
    with pytest.raises(ValueError, match="half_lives: found 0"):
        fit_exposure_model(frame, {1: "on"}, {"on": 0.0})
    unknown = fit_exposure_model(frame, {1: "on", 2: "off"}, {"on": 1.0})
    assert (unknown.estimate, unknown.note) == (None, "the condition of day 3 is not known")


@given(data=messy_frames(), half_life=st.floats(0.01, 50.0))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_any_data(data, half_life):
    """Whatever the scores are, nothing raises, and where there is no p a flag says why."""
    frame, _ = data
    frame = frame.assign(day=frame["session"])
    taken = dict(zip(frame["day"], frame["condition"], strict=True))
    for daily in (False, True):
        assert is_sound(fit_exposure_model(frame, taken, {"on": half_life}, daily=daily))
