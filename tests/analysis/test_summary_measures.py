"""Period means and block differences equal R's lm and t.test, and refuse what they cannot test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nof1.analysis.observed import observe
from nof1.analysis.paired_blocks import block_differences, fit_paired_blocks
from nof1.analysis.period_means import fit_period_means

from .made import alternating, frame_of


def test_every_number_of_r(from_r):
    """Least squares on period means and the paired t equal R on all designs."""
    for case in from_r["mixed"]:
        frame = pd.DataFrame(case["frame"])
        paired = fit_paired_blocks(frame, case["contrast"])
        expected = case["paired_blocks"]
        assert (paired.estimate, paired.se, paired.df, paired.p_value) == pytest.approx(
            (expected["estimate"], expected["se"], expected["df"], expected["p_value"])
        )
        if case["period_means"]:
            means = fit_period_means(frame, case["contrast"])
            expected = case["period_means"]
            assert (means.estimate, means.se, means.df) == pytest.approx(
                (expected["estimate"], expected["se"], expected["df"])
            )


def test_a_period_counts_alike_however_many_days_it_has():
    """Period means are not weighted: weights make the test liberal where many days are missing."""
    frame = frame_of(alternating(6))
    frame.loc[(frame["period"] == 3) & (frame["day"] % 7 > 1), "value"] = np.nan
    by_hand = frame.groupby("period").agg(value=("value", "mean"), condition=("condition", "first"))
    means = by_hand.groupby("condition")["value"].mean()
    assert fit_period_means(frame, trend=None).estimate == pytest.approx(means["on"] - means["off"])


def test_block_differences_by_hand():
    """The difference of a block is that of the means of its periods, whichever came first."""
    frame = pd.DataFrame(
        {
            "session": range(1, 9),
            "period": range(1, 9),
            "block": [1] * 4 + [2] * 4,
            "condition": ["on", "off", "off", "on", "off", "on", "on", "off"],
            "value": [4.0, 1.0, 3.0, 6.0, 2.0, 2.0, 3.0, 1.0],
        }
    )
    weights = {"on": 1.0, "off": -1.0}
    assert block_differences(observe(frame, weights), weights).tolist() == [3.0, 1.0]


def test_broken_blocks_drop_out_and_are_counted():
    """A block that has lost a condition says nothing about the difference."""
    frame = frame_of(alternating(6))
    frame.loc[frame["period"] == 3, "value"] = np.nan
    found = fit_paired_blocks(frame)
    assert found.df == 4
    assert found.details["n_blocks_dropped"] == 1
    assert {"block_incomplete", "three_to_five_blocks"} <= set(found.flags)


def test_without_blocks_there_are_no_pairs():
    """A balanced design has no blocks to take differences in."""
    found = fit_paired_blocks(frame_of(alternating(6), block=None))
    assert found.estimate is None
    assert "not_estimable" in found.flags


def test_two_blocks_are_only_described():
    """Two differences have a mean and no test."""
    found = fit_paired_blocks(frame_of(("on", "off", "off", "on"), effect=1.0))
    assert found.estimate is not None
    assert (found.p_value, found.flags) == (None, ("too_few_blocks",))


def test_equal_differences_are_implausibly_exact():
    """Differences without any spread have no p."""
    frame = frame_of(alternating(6))
    frame["value"] = 1.0 * frame["block"] + 2.0 * (frame["condition"] == "on")
    found = fit_paired_blocks(frame)
    assert found.estimate == pytest.approx(2.0)
    assert found.p_value is None
    assert "implausibly_exact" in found.flags


@pytest.mark.parametrize("fit", [fit_period_means, fit_paired_blocks])
def test_no_variation_no_data_no_condition(fit):
    """Refusals are the same for every method."""
    frame = frame_of(alternating(6))
    assert "constant_outcome" in fit(frame.assign(value=3.0)).flags
    assert "no_data" in fit(frame.assign(value=np.nan)).flags
    assert "condition_absent" in fit(frame, contrast=("on", "never")).flags


def test_exp_looks_for_its_time_constant():
    """The search costs one degree of freedom."""
    frame = frame_of(alternating(6))
    assert fit_period_means(frame, trend="exp").df == fit_period_means(frame, trend="log").df - 1
