"""The interval holds exactly the effects that the test does not reject."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nof1.analysis.randomization_interval import randomization_interval
from nof1.analysis.randomization_test import randomization_test
from nof1.schedule.space import balanced, randomized_blocks

from .made import alternating, balanced_days, frame_of

RANDOM = st.integers(0, 10_000)


@given(seed=RANDOM, n_blocks=st.integers(6, 8), level=st.sampled_from([0.8, 0.9, 0.95]))
@settings(max_examples=15)
def test_ends_are_means_of_subsets(seed, n_blocks, level):
    """For blocks of two the ends are known: ordered means of all non-empty subsets of block differences."""
    frame = frame_of(alternating(n_blocks, seed=seed), days=3, seed=seed)
    means = frame.pivot_table(index="block", columns="condition", values="value")
    d = (means["on"] - means["off"]).to_numpy()
    subsets = sorted(
        np.mean(chosen) for size in range(1, n_blocks + 1) for chosen in combinations(d.tolist(), size)
    )
    k = int((1 - level) * 2**n_blocks / 2 + 1e-9)
    low, high = randomization_interval(
        frame, randomized_blocks(n_blocks, ("on", "off")), level=level, trend=None
    )
    assert low == pytest.approx(subsets[k - 1], abs=1e-5 * frame["value"].std())
    assert high == pytest.approx(subsets[-k], abs=1e-5 * frame["value"].std())


@given(seed=RANDOM, effect=st.floats(0, 2))
@settings(max_examples=15)
def test_zero_is_inside_exactly_if_it_is_not_rejected(seed, effect):
    """Interval and p-value are two views of one test, trend and missing days included."""
    frame = frame_of(alternating(6, seed=seed), days=3, effect=effect, seed=seed)
    frame.loc[frame.index % 5 == 0, "value"] = np.nan
    space = randomized_blocks(6, ("on", "off"))
    low, high = randomization_interval(frame, space)
    assume(min(abs(low), abs(high)) > 1e-4)
    assert (low < 0 < high) == (randomization_test(frame, space).p_value > 0.05)


def test_too_few_blocks_have_no_interval():
    """With five blocks of two nothing is ever rejected at .05; at .1 something is."""
    frame = frame_of(alternating(5), effect=3.0)
    space = randomized_blocks(5, ("on", "off"))
    assert randomization_interval(frame, space) == (-np.inf, np.inf)
    low, high = randomization_interval(frame, space, level=0.9)
    assert np.isfinite([low, high]).all()


@pytest.mark.parametrize("statistic", ["residual", "prewhitened"])
def test_the_interval_moves_with_the_effect(statistic):
    """Adding an effect shifts both ends by it, for drawn reference sets as well."""
    sequence = balanced_days(24, seed=3)
    frame = frame_of(sequence, days=1, sp=0.0, rho=0.4, block=None)
    space = balanced(24, ("on", "off"))
    ends = [
        randomization_interval(
            frame.assign(value=frame["value"] + add * (frame["condition"] == "on")),
            space,
            statistic=statistic,
            rng=np.random.default_rng(1),
            n_draws=1999,
        )
        for add in (0.0, 3.0)
    ]
    assert ends[1] == pytest.approx((ends[0][0] + 3.0, ends[0][1] + 3.0), abs=1e-3)
    assert ends[0][0] < ends[0][1]


def test_a_reversal_has_an_interval_too():
    """The effect of a dose trend is in units of the contrast."""
    codes = ("d0", "d1", "d2")
    frame = frame_of(alternating(7, codes), days=4, block=3, sp=0.1, sd=0.2)
    frame["value"] += frame["condition"].map({"d0": 0.0, "d1": 1.0, "d2": 2.0})
    linear = {"d0": -0.5, "d1": 0, "d2": 0.5}
    space = randomized_blocks(7, codes)
    low, high = randomization_interval(frame, space, linear, permute="reversal")
    assert low < 1.0 < high
    assert high - low < 1.0


def test_nothing_can_be_told():
    """Without variation, data, or a possible order both ends are infinite."""
    space = randomized_blocks(6, ("on", "off"))
    frame = frame_of(alternating(6))
    everything = (-np.inf, np.inf)
    assert randomization_interval(frame.assign(value=1.0), space) == everything
    assert randomization_interval(frame.assign(value=np.nan), space) == everything
    assert randomization_interval(frame_of(("on", "on", "off", "off") * 3), space) == everything
    with pytest.raises(ValueError, match="level"):
        randomization_interval(frame, space, level=95)
