"""What is left after condition and practice: nothing of either, and all of what the practice term does not tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.analysis.residuals import residuals

from .made import alternating, frame_of
from .strategies import messy_frames


def test_condition_and_practice_are_taken_out():
    """Scores made of an effect and the logarithm of the session leave nothing; with another term they leave a bend."""
    frame = frame_of(alternating(6), sp=0.0, sd=0.0, effect=2.0)
    assert np.abs(residuals(frame).value).max() < 1e-9
    bent = residuals(frame, trend="linear")
    assert bent.value[0] < -0.5
    assert np.mean(bent.value) == pytest.approx(0.0, abs=1e-9)


def test_sessions_count_the_run_in():
    """The clock is that of the fit: run-in sessions count, rows of the run-in are not there."""
    frame = frame_of(alternating(4), days=3)
    late = frame.assign(session=frame["session"] + 8)
    found = residuals(late)
    assert found.session == tuple(float(session) for session in late["session"])
    assert found.period == tuple(late["period"])
    run_in = late.head(1).assign(session=1, period=0, condition=None, value=99.0)
    assert residuals(pd.concat([run_in, late])) == found


@given(data=messy_frames(), trend=st.sampled_from(["log", "exp", "spline", None]))
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_any_data(data, trend):
    """Columns of equal length with finite numbers, or None."""
    found = residuals(data[0], trend=trend)
    if found is not None:
        assert len(found.session) == len(found.period) == len(found.value)
        assert np.all(np.isfinite(found.value))
