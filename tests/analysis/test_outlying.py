"""Outlying scores are named, by their distance within the condition, and pulled in beside the plan."""

from __future__ import annotations

import numpy as np

from nof1.analysis.diagnostics import data_flags
from nof1.analysis.outlying import outlying, why_not_pulled_in, with_outliers_pulled_in

from .made import alternating, frame_of


def test_a_wild_score_is_named():
    """Session, day, period, condition and value of the one score that lies far out."""
    frame = frame_of(alternating(6))
    frame.loc[20, "value"] = 999.0
    (found,) = outlying(frame)
    row = frame.loc[20]
    assert (found.session, found.day, found.period) == (row["session"], row["day"], row["period"])
    assert (found.condition, found.value) == (row["condition"], 999.0)
    assert found.distance > 100
    made = with_outliers_pulled_in(frame)
    others = frame.drop(index=20)
    assert np.allclose(made.drop(index=20)["value"], others["value"])
    assert made.loc[20, "value"] < others["value"].max() + 2


def test_a_large_effect_makes_no_outliers():
    """Scores of two conditions that lie apart are far from each other, not from their own."""
    frame = frame_of(alternating(6), effect=50.0, sp=0.0)
    assert outlying(frame) == ()
    assert with_outliers_pulled_in(frame) is None


def test_one_score_among_a_large_effect_is_still_found():
    """A score of one condition at the level of the other is far from its own."""
    frame = frame_of(alternating(6), effect=50.0, sp=0.0)
    place = frame.index[frame["condition"] == "on"][3]
    frame.loc[place, "value"] -= 50.0
    assert [one.session for one in outlying(frame)] == [frame.loc[place, "session"]]


def test_many_scores_are_not_pulled_in():
    """Above 5 % it is the distribution that is long, not a few scores that are wild."""
    frame = frame_of(alternating(6), sp=0.0, sd=0.1)
    frame.loc[frame.index[::10], "value"] += 30.0
    assert outlying(frame) == ()
    assert with_outliers_pulled_in(frame) is None


def test_no_scores_no_outliers():
    """An empty score has none."""
    frame = frame_of(alternating(6)).assign(value=np.nan)
    assert outlying(frame) == ()
    assert with_outliers_pulled_in(frame) is None


def test_a_condition_that_never_varies_makes_no_outliers_of_the_other():
    """The scale is that of the conditions that vary."""
    frame = frame_of(alternating(6))
    frame.loc[frame["condition"] == "on", "value"] = 9.0
    assert outlying(frame) == ()
    assert "outliers" not in data_flags(frame, ("on", "off"))


def test_the_reason_is_told_apart():
    """No score far out, or so many that it is the distribution that is long: one of the two, not either."""
    frame = frame_of(alternating(6), days=5)
    assert why_not_pulled_in(frame) == "no score lies far from the others of its condition"
    assert (
        why_not_pulled_in(frame.assign(value=np.nan)) == "no score lies far from the others of its condition"
    )
    long = frame.assign(value=frame["value"] + 40.0 * (frame["session"] % 10 == 0))
    assert with_outliers_pulled_in(long) is None
    assert why_not_pulled_in(long).startswith("more than 5 % of the scores would have to move")
