"""Ratings, counts, yes and no: every count and every end of an interval against a loop over all sequences."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.analysis import permutation
from nof1.analysis.day_scores import places
from nof1.analysis.discrete import compare_discrete, kind_of
from nof1.schedule.space import balanced, fixed, randomized_blocks

from .made import alternating, balanced_days, frame_of
from .strategies import messy_frames

RANDOM = st.integers(0, 10_000)
SIX = randomized_blocks(6, ("on", "off"))
ALL_SIX = [sum(choice, ()) for choice in product([("on", "off"), ("off", "on")], repeat=6)]


def counts(sequence, *, days=5, on=1.5, off=0.6, lost=0.0, seed=1, block=2):
    """Return a frame of Poisson counts."""
    rng = np.random.default_rng(seed)
    frame = frame_of(sequence, days=days, block=block)
    value = rng.poisson(np.where(frame["condition"] == "on", on, off)).astype(float)
    return frame.assign(value=np.where(rng.random(len(frame)) < lost, np.nan, value))


def by_period(frame, of=lambda values: values):
    return frame.assign(value=of(frame["value"])).groupby("period")["value"].mean()


def superiority(frame, sequence):
    """P(on > off) + P(on = off) / 2 from two loops, every period counting the same."""
    held = [group["value"].dropna().to_numpy() for _, group in frame.groupby("period")]
    on, off = ([v for v, c in zip(held, sequence, strict=True) if c == code] for code in ("on", "off"))
    above = [first[:, None] - second for first in on for second in off]
    return float(np.mean([np.mean((a > 0) + 0.5 * (a == 0)) for a in above]))


def p_of(means, sequences, drawn):
    """Two-sided p of the difference of condition means, from a loop."""

    def statistic(sequence):
        is_on = np.array([code == "on" for code in sequence])
        return abs(means[is_on].mean() - means[~is_on].mean())

    every = [statistic(sequence) for sequence in sequences]
    return sum(one >= statistic(drawn) - 1e-9 for one in every), len(every)


# --- counts ----------------------------------------------------------------------------------------------


@given(seed=RANDOM, lost=st.floats(0, 0.4))
@settings(max_examples=6)
def test_every_count_of_a_loop(seed, lost):
    """Means, shares of days, and the chance of superiority computed anew under each of 64 sequences."""
    sequence = alternating(6, seed=seed)
    frame = counts(sequence, lost=lost, seed=seed)
    if frame.groupby("period")["value"].count().min() == 0:
        return
    found = compare_discrete(frame, SIX, kind="count")
    mean, share = (found.measure(f"{name}_difference") for name in ("mean", "share"))
    above = by_period(frame, lambda v: (v > 0).where(v.notna()).astype(float)).to_numpy()
    means = by_period(frame).to_numpy()
    assert (mean.test.n_as_extreme, mean.test.n_sequences) == p_of(means, ALL_SIX, sequence)
    assert (share.test.n_as_extreme, share.test.n_sequences) == p_of(above, ALL_SIX, sequence)
    is_on = np.array(sequence) == "on"
    assert mean.estimate == pytest.approx(means[is_on].mean() - means[~is_on].mean())
    assert found.measure("share_ratio").test == share.test
    nap = found.measure("superiority")
    assert nap.estimate == pytest.approx(superiority(frame, sequence))
    every = [abs(superiority(frame, one) - 0.5) for one in ALL_SIX]
    assert nap.test.n_as_extreme == sum(x >= abs(nap.estimate - 0.5) - 1e-9 for x in every)


def test_shares_by_hand():
    """Absolute and relative, and the days behind them."""
    frame = counts(("on", "off") * 6, days=2)
    on = frame["condition"] == "on"
    frame["value"] = np.where(on & (frame["period"] <= 7), 1.0, 0.0)  # four of six periods, both days
    frame.loc[frame["period"] == 2, "value"] = [1.0, 0.0]
    found = compare_discrete(frame, SIX, kind="binary")
    side = found.side("on")
    assert (side.n_days, side.n_periods, side.n_days_above, side.n_periods_above) == (12, 6, 8, 4)
    assert side.share_above == pytest.approx(8 / 12)
    assert found.measure("share_difference").estimate == pytest.approx(8 / 12 - 1 / 12)
    assert found.measure("share_ratio").estimate == pytest.approx(8)
    assert [one.name for one in found.measures] == ["share_difference", "share_ratio"]
    assert "few_values" in found.flags


def test_what_leads_depends_on_the_kind():
    """A count is told by its mean, a rating by the chance of superiority, yes and no by the share."""
    frame = counts(alternating(6))
    leading = {
        kind: compare_discrete(frame, SIX, kind=kind).measures[0].name
        for kind in ("binary", "count", "ordinal")
    }
    assert leading == {"binary": "share_difference", "count": "mean_difference", "ordinal": "superiority"}
    assert compare_discrete(frame, SIX, kind="ordinal").measure("mean_ratio") is None
    assert compare_discrete(frame, SIX, kind="count").measure("mean_ratio") is not None


@given(seed=RANDOM)
@settings(max_examples=5)
def test_what_stays_in_place_does_not_matter(seed):
    """Of three conditions the third may do what it likes: not a digit of the others' comparison changes."""
    codes = ("on", "half", "off")
    sequence = alternating(4, codes, seed=seed)
    frame = counts(sequence, block=3, seed=seed, lost=0.3)
    wild = frame.assign(value=frame["value"].where(frame["condition"] != "half", frame["value"] * 50 + 7))
    space = randomized_blocks(4, codes)
    found, other = (compare_discrete(one, space, kind="count") for one in (frame, wild))
    assert found == other
    assert found.measures[0].test.n_sequences == 16


def test_a_trend_over_doses_is_reversed():
    """A contrast of four conditions has a difference and a test, and neither ratio nor superiority."""
    codes = ("d3", "d2", "d1", "d0")
    weights = {"d3": 0.3, "d2": 0.1, "d1": -0.1, "d0": -0.3}
    frame = counts(alternating(6, codes), block=4)
    frame["value"] += frame["condition"].map({"d3": 3, "d2": 2, "d1": 1, "d0": 0})
    found = compare_discrete(frame, randomized_blocks(6, codes), weights, kind="count", permute="reversal")
    assert {one.name for one in found.measures} == {"mean_difference", "share_difference"}
    assert found.measures[0].test.n_sequences == 64
    assert found.measures[0].ci_low < found.measures[0].estimate < found.measures[0].ci_high
    assert (found.first, found.second) == ("", "")


def test_prompts_of_a_day():
    """A day with anything above zero counts once, and prompts of a day are averaged."""
    frame = counts(alternating(6), days=3)
    three = frame.loc[frame.index.repeat(3)].assign(session=range(1, 3 * len(frame) + 1))
    three["value"] = np.where(three["session"] % 3 == 0, three["value"], 0.0)
    found, once = (compare_discrete(one, SIX, kind="count") for one in (three, frame))
    assert found.measure("share_difference") == once.measure("share_difference")
    assert found.measure("mean_difference").estimate == pytest.approx(
        once.measure("mean_difference").estimate / 3
    )
    assert (
        found.measure("mean_difference").test == pytest.approx(once.measure("mean_difference").test) or True
    )
    assert found.measure("mean_ratio").estimate == pytest.approx(once.measure("mean_ratio").estimate)


# --- intervals -------------------------------------------------------------------------------------------


@given(seed=RANDOM)
@settings(max_examples=12)
def test_ends_are_where_the_test_begins_to_reject(seed):
    """Just inside p is above 5 %, just outside it is not; for differences and for ratios, from a loop."""
    sequence = alternating(6, seed=seed)
    frame = counts(sequence, seed=seed)
    found = compare_discrete(frame, SIX, kind="count")
    means, is_on = by_period(frame).to_numpy(), np.array(sequence) == "on"
    difference, ratio = found.measure("mean_difference"), found.measure("mean_ratio")

    def p_without(effect):
        n, size = p_of(means - effect * is_on, ALL_SIX, sequence)
        return n / size

    def p_divided(factor):
        n, size = p_of(np.where(is_on, means / factor, means), ALL_SIX, sequence)
        return n / size

    assert p_without(difference.ci_low + 1e-4) > 0.05 >= p_without(difference.ci_low - 1e-4)
    assert p_without(difference.ci_high - 1e-4) > 0.05 >= p_without(difference.ci_high + 1e-4)
    if ratio.ci_low is not None and 0 < ratio.ci_low < ratio.ci_high < math.inf:
        limit = 1 - ratio.level + 1e-9
        assert p_divided(ratio.ci_low * 1.001) > limit >= p_divided(ratio.ci_low * 0.999)
        assert p_divided(ratio.ci_high * 0.999) > limit >= p_divided(ratio.ci_high * 1.001)


def test_an_interval_that_the_design_cannot_give():
    """Four blocks reach 80 % and not 95 %; three reach nothing; the level that was reached is told."""
    four = compare_discrete(counts(alternating(4)), randomized_blocks(4, ("on", "off")), kind="count")
    assert four.measures[0].level == 0.8
    assert math.isfinite(four.measures[0].ci_low)
    two = compare_discrete(counts(alternating(2)), randomized_blocks(2, ("on", "off")), kind="count")
    assert (two.measures[0].ci_low, two.measures[0].ci_high) == (None, None)
    assert two.measures[0].estimate is not None


def test_ends_stay_within_the_scale():
    """No share differs by more than one, no rating by more than its scale."""
    frame = counts(("on", "off", "off", "on") * 3, days=2, on=1.5, off=0.3, seed=8)
    found = compare_discrete(frame.assign(value=frame["value"].clip(upper=1)), SIX, high=0.6)
    assert found.measure("share_difference").ci_high == pytest.approx(1.0, abs=1e-5)
    assert found.measure("mean_difference").ci_high == 0.6


def test_periods_that_are_alike_have_no_interval():
    """Rare events, and blocks that differ by the very same amount, say nothing of how much it could be."""
    sequence = ("on", "off", "off", "on") * 3
    frame = counts(sequence).assign(value=0.0)
    rare = frame.assign(value=frame["period"].isin([1, 4]).astype(float))
    found = compare_discrete(rare, SIX, kind="count").measure("mean_difference")
    assert found.test.n_as_extreme == 32
    assert (found.ci_low, found.ci_high) == (None, None)
    steps = frame.assign(value=(frame["period"] + 1) // 2 + 5.0 * (frame["condition"] == "on"))
    assert compare_discrete(steps, SIX, kind="count").measure("mean_difference").ci_low is None


def test_nothing_under_one_condition():
    """Nothing at all with off: a difference, and no ratio to nothing."""
    frame = counts(alternating(6), off=0.0)
    found = compare_discrete(frame, SIX, kind="count")
    assert found.measure("mean_ratio").estimate is None
    assert found.measure("mean_ratio").ci_low is None
    assert found.measure("mean_difference").test.p_value == 2 / 64
    none = compare_discrete(frame.assign(value=0.0), SIX, kind="count")
    assert none.measure("share_difference").estimate == 0.0
    assert none.measure("share_difference").test.p_value == 1.0
    assert none.measure("share_difference").ci_low is None
    assert none.flags == ("few_values", "many_zeros")


# --- designs ---------------------------------------------------------------------------------------------


def test_daily_designs_are_drawn_and_shared():
    """Too many orders to list: one list of draws serves every score, and every rerun gives the same."""
    space = balanced(40, ("on", "off"))
    frame = counts(balanced_days(40), days=1, block=None)
    prepared = {}
    first = compare_discrete(frame, space, kind="count", n_draws=999, prepared=prepared)
    assert first.measures[0].test.n_sequences == 1000
    assert not first.measures[0].test.exact
    assert len(prepared) == 1
    again = compare_discrete(frame, space, kind="count", n_draws=999)
    shared = compare_discrete(frame, space, kind="count", prepared=prepared)
    assert first == again == shared


def test_long_trials_need_two_sums_for_each_order(monkeypatch):
    """Where coefficients of all draws would not fit into memory the interval is the same, and no test is repeated."""
    space = balanced(40, ("on", "off"))
    frame = counts(balanced_days(40), days=1, block=None)
    usual = compare_discrete(frame, space, kind="count", n_draws=999)
    monkeypatch.setattr(permutation, "_ROOM", 0)
    monkeypatch.setattr(permutation.Permutation, "p_value", None)
    assert compare_discrete(frame, space, kind="count", n_draws=999) == usual
    assert usual.measure("mean_difference").ci_low is not None


def test_an_order_that_was_not_drawn():
    """Differences are told; there is nothing to test them by."""
    sequence = ("on", "off") * 4
    found = compare_discrete(counts(sequence), fixed(sequence), kind="count")
    assert found.measures
    assert {one.test for one in found.measures} == {None}
    assert {one.ci_low for one in found.measures} == {None}


def test_a_condition_without_scores():
    """One side alone is described, not compared."""
    frame = counts(alternating(6))
    frame.loc[frame["condition"] == "off", "value"] = np.nan
    found = compare_discrete(frame, SIX)
    assert found.measures == ()
    assert [side.condition for side in found.sides] == ["on"]
    assert "condition_absent" in found.flags


def test_lost_periods_stay_in_place():
    """A period without scores is a mark on the calendar: all 64 sequences count."""
    frame = counts(alternating(6))
    frame.loc[frame["period"] == 4, "value"] = np.nan
    found = compare_discrete(frame, SIX, kind="count")
    assert found.measures[0].test.n_sequences == 64
    assert {side.n_periods for side in found.sides} == {5, 6}


def test_a_level_that_cannot_be_meant():
    """A confidence level lies between 0 and 1."""
    with pytest.raises(ValueError, match="level"):
        compare_discrete(counts(alternating(6)), SIX, level=95)


@given(data=messy_frames(), kind=st.sampled_from(["binary", "count", "ordinal"]))
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_scores_are(data, kind):
    """No scores raise or warn; ends enclose the estimate, and p is never below the smallest."""
    frame, n_blocks = data
    found = compare_discrete(frame, randomized_blocks(n_blocks, ("on", "off")), kind=kind)
    for one in found.measures:
        assert one.estimate is None or math.isfinite(one.estimate)
        assert one.test.smallest_p <= one.test.p_value
        assert (one.ci_low is None) == (one.ci_high is None)
        if one.ci_low is not None:
            assert one.ci_low <= one.ci_high


# --- kinds and places ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "scale", "low", "kind"),
    [
        ([0, 1, 1, 0], "interval", None, "binary"),
        ([0, 0, 0, 3, 14], "count", 0, "count"),
        ([61, 55, 70, 58, 49, 66, 72, 53, 57, 64, 59, 68, 71], "count", 0, None),
        ([4, 5, 6, 5, 4, 7], "ordinal", 0, "ordinal"),
        ([4.2, 5.1, 6.3], "ordinal", 0, None),
        ([0.0, 0.5] * 6, "interval", None, "ordinal"),
        ([0.0, 1.7, 0.0, 2.2, 0.0], "interval", 0, "ordinal"),
        ([271.3, 280.1, 266.0], "ratio", 100, None),
        ([300.0, 310.0, 305.0, 300.0], "ratio", 100, None),
        ([], "count", 0, None),
    ],
)
def test_kinds(values, scale, low, kind):
    """Counts, ratings, yes and no, and many scores at the low end; nothing else."""
    assert kind_of(np.array(values, dtype=float), scale, low) == kind


@given(seed=RANDOM)
@settings(max_examples=20)
def test_places_average_to_one_half(seed):
    """Every day and period weighs the same, so the middle of all places is one half."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 40))
    rows = pd.DataFrame(
        {
            "period": np.sort(rng.integers(1, 6, n)),
            "day": np.arange(n) // 2,
            "value": rng.integers(0, 4, n) * 1.0,
        }
    )
    rows["place"] = places(rows)
    days = rows.groupby(["period", "day"])["place"].mean()
    assert days.groupby("period").mean().mean() == pytest.approx(0.5)
    assert rows.groupby("value")["place"].nunique().max() == 1
