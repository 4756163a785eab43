"""Missing scores: too few of a condition lower the claim, unequal numbers are told."""

from __future__ import annotations

import numpy as np
import pytest

from nof1.analysis.balance import balance_flags
from nof1.analysis.describe import conditions_of

from .made import alternating, frame_of

ON_OFF = ("on", "off")


def flags_of(frame):
    return balance_flags(frame, ON_OFF, conditions_of(frame, ON_OFF))


def without(frame, lost):
    return frame.assign(value=frame["value"].mask(lost))


def test_complete_scores_have_no_flag():
    """Nothing missing, nothing to tell."""
    assert flags_of(frame_of(alternating(6))) == ()


def test_a_condition_with_less_than_half_of_its_scores():
    """Four of 42 scores under one condition carry no claim, and the inequality is told."""
    frame = frame_of(alternating(6))
    place = frame.groupby("period").cumcount()
    lost = (frame["condition"] == "on") & ~((place == 3) & (frame["period"] < 9))
    assert flags_of(without(frame, lost)) == ("condition_mostly_missing", "unequal_missing")


@pytest.mark.parametrize(
    ("n_lost", "expected"), [(4, ()), (9, ("unequal_missing",)), (21, ("unequal_missing",))]
)
def test_the_bound_is_half_of_the_plan(n_lost, expected):
    """Nine of 42 more are unequal; half of the scores is still enough."""
    frame = frame_of(alternating(6), seed=3)
    on = np.flatnonzero(frame["condition"] == "on")
    lost = np.zeros(len(frame), dtype=bool)
    lost[on[:: len(on) // n_lost][:n_lost]] = True
    assert flags_of(without(frame, lost)) == expected


def test_periods_that_hold_next_to_nothing():
    """More than half of the scores in a single period that counts: there is but one."""
    frame = frame_of(("on", "off") * 3, days=3)
    place = frame.groupby("period").cumcount()
    lost = (frame["condition"] == "on") & (frame["period"] > 1) & (place == 2)
    assert "condition_mostly_missing" in flags_of(without(frame, lost))


def test_one_day_periods_have_no_full_periods():
    """Where a period plans one score, only the share counts."""
    assert flags_of(frame_of(("on", "off") * 10, days=1, block=None)) == ()


def test_a_condition_without_scores_is_told_elsewhere():
    """No flag here where the comparison cannot be made at all."""
    frame = frame_of(alternating(6))
    assert flags_of(without(frame, frame["condition"] == "on")) == ()
