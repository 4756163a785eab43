"""Medians and ranks: exact by brute force, the estimate of Hodges and Lehmann as R gives it, deaf to outliers."""

from __future__ import annotations

import itertools
import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.randomization_interval import randomization_estimate, randomization_interval
from nof1.analysis.randomization_test import randomization_test
from nof1.analysis.robust import fit_robust
from nof1.schedule.space import balanced, randomized_blocks

from .made import ON_OFF, alternating, balanced_days, frame_of
from .strategies import messy_frames

SPACE = randomized_blocks(6, ON_OFF)
RANKS = json.loads(
    (Path(__file__).resolve().parents[1] / "reference" / "serial.json").read_text(encoding="utf-8")
)["ranks"]


SMALL = frame_of(alternating(6, seed=2), days=3)


@cache
def untouched(statistic):
    """Fit the small frame as it is, and with the names exchanged."""
    return tuple(fit_robust(SMALL, SPACE, pair, statistic=statistic) for pair in (ON_OFF, ON_OFF[::-1]))


def by_hand(frame, statistic):
    """Count all 64 sequences with numbers of their own: medians of periods, or their places in line."""
    median = frame.groupby("period")["value"].median().to_numpy()
    if statistic == "ranks":
        median = np.array([np.sum(median < one) + (np.sum(median == one) + 1) / 2 for one in median])
    first = frame.groupby("period")["condition"].first().to_numpy()
    seen = []
    for flips in itertools.product((0, 1), repeat=6):
        on = np.array([place for flip in flips for place in ((True, False) if flip else (False, True))])
        seen.append(median[on].mean() - median[~on].mean())
    observed = median[first == "on"].mean() - median[first == "off"].mean()
    return int(np.sum(np.abs(seen) >= abs(observed) - 1e-9))


@pytest.mark.parametrize("statistic", ["medians", "ranks"])
@pytest.mark.parametrize("seed", range(4))
def test_all_sequences_by_hand(statistic, seed):
    """The count of sequences as extreme is the one that a loop gives."""
    frame = frame_of(alternating(6, seed=seed), days=5, effect=0.6, seed=seed)
    found = randomization_test(frame, SPACE, trend=None, statistic=statistic)
    assert (found.n_as_extreme, found.n_sequences) == (by_hand(frame, statistic), 64)


def test_hodges_and_lehmann_as_in_r():
    """One score a period, no trend: the estimate is that of wilcox.test."""
    n = len(RANKS["value"])
    frame = pd.DataFrame(
        {
            "session": range(1, n + 1),
            "period": range(1, n + 1),
            "condition": RANKS["condition"],
            "value": RANKS["value"],
        }
    )
    found = randomization_estimate(frame, SPACE, trend=None, statistic="ranks")
    assert found == pytest.approx(RANKS["estimate"], abs=1e-4)


@pytest.mark.parametrize("statistic", ["medians", "ranks"])
def test_wild_scores_are_not_felt(statistic):
    """However far a score lies out, estimate, p and interval stay what they were once it is out at all."""
    frame = frame_of(alternating(6, seed=3), effect=1.0)
    answers = []
    for wild in (50.0, 1e6):
        with_one = frame.assign(value=frame["value"].where(frame["session"] != 40, wild))
        answers.append(fit_robust(with_one, SPACE, statistic=statistic))
    near, far = answers
    assert far.estimate == pytest.approx(near.estimate, abs=1e-3)
    assert (far.p_value, far.ci_low) == pytest.approx((near.p_value, near.ci_low), abs=2e-2)
    assert abs(far.estimate - fit_mixed_model(frame).estimate) < 0.5
    assert far.ci_low < far.estimate < far.ci_high


@given(effect=st.floats(-5, 5), size=st.floats(0.1, 10.0))
@settings(max_examples=5)
def test_effects_units_and_names_pass_through(effect, size):
    """Adding an effect moves estimate and interval by it; another unit stretches both; exchanged names turn them."""
    moved = SMALL.assign(value=size * (SMALL["value"] + effect * (SMALL["condition"] == "on")))
    for statistic in ("medians", "ranks"):
        before, turned = untouched(statistic)
        after = fit_robust(moved, SPACE, statistic=statistic)
        assert after.estimate == pytest.approx(size * (before.estimate + effect), abs=2e-4 * size)
        assert after.ci_low == pytest.approx(size * (before.ci_low + effect), abs=2e-4 * size)
        assert turned.estimate == pytest.approx(-before.estimate, abs=1e-4)
        assert turned.p_value == before.p_value


def test_the_interval_is_what_the_test_does_not_reject():
    """Just inside the ends p is above the level, just outside it is not."""
    frame = frame_of(alternating(6, seed=5), effect=0.5)
    unit = (frame["condition"] == "on") * 1.0
    for statistic in ("medians", "ranks"):
        low, high = randomization_interval(frame, SPACE, statistic=statistic)
        for inside, outside in ((low + 1e-3, low - 1e-3), (high - 1e-3, high + 1e-3)):
            p_inside, p_outside = (
                randomization_test(
                    frame.assign(value=frame["value"] - effect * unit), SPACE, statistic=statistic
                ).p_value
                for effect in (inside, outside)
            )
            assert p_inside > 0.05 >= p_outside


def test_days_are_ranked():
    """One-day periods: ranks of days on the design's own space, by draws where it is large."""
    frame = frame_of(balanced_days(24, seed=4), days=1, sp=0.0, block=None, effect=2.0)
    found = fit_robust(frame, balanced(24, ON_OFF), statistic="ranks")
    assert found.p_value < 0.01
    assert found.ci_low < 2.0 < found.ci_high
    assert found == fit_robust(frame, balanced(24, ON_OFF), statistic="ranks")


def test_what_a_design_cannot_give():
    """With three blocks there is an estimate and a p, and no interval; an order outside the space gives a flag."""
    frame = frame_of(alternating(3), effect=1.0)
    few = fit_robust(frame, randomized_blocks(3, ON_OFF))
    assert (few.ci_low, few.p_value >= 0.25) == (None, True)
    assert "interval_not_attainable" in few.flags
    outside = fit_robust(frame_of(("on", "on", "off", "off", "on", "off")), randomized_blocks(3, ON_OFF))
    assert outside.p_value is None
    assert "sequence_not_in_space" in outside.flags
    assert "constant_outcome" in fit_robust(frame.assign(value=1.0), randomized_blocks(3, ON_OFF)).flags


@given(data=messy_frames(), trend=st.sampled_from(["log", "exp", None]))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_any_data(data, trend):
    """Whatever the scores are, nothing raises, and p is a share of sequences."""
    frame, n_blocks = data
    for statistic in ("medians", "ranks"):
        found = fit_robust(frame, randomized_blocks(n_blocks, ON_OFF), trend=trend, statistic=statistic)
        if found.p_value is None:
            assert found.flags
        else:
            assert (found.p_value * 2**n_blocks) % 1 == 0
            assert found.estimate is None or math.isfinite(found.estimate)
