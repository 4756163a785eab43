"""Whether practice has flattened."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.scores.practice import practice_curve
from nof1.terms import Better

D = Decimal


def held(*values):
    """Return values of the sessions from 1 on."""
    return [(session, D(str(value))) for session, value in enumerate(values, 1)]


def curve(values, better=Better.HIGHER, limit="0.03", last=4):
    """Return the curve of some sessions."""
    return practice_curve(values, better, slope_below=D(limit), last=last)


@pytest.mark.parametrize(
    ("values", "better", "slope", "is_flat"),
    [
        (held(1, 1.5, 1.8, 2.0, 2.1), Better.HIGHER, "0.2", False),
        (held(1, 1.5, 2, 2, 2, 2), Better.HIGHER, "0", True),
        (held(2, 2, 1.9, 1.8), Better.HIGHER, "-0.07", True),
        (held(400, 380, 360, 340), Better.LOWER, "20", False),
        (held(340, 360, 380, 400), Better.LOWER, "-20", True),
        (held(1, 2, 3), Better.HIGHER, None, None),
        ([], Better.HIGHER, None, None),
    ],
)
def test_curves(values, better, slope, is_flat):
    """The gain per session over the last ones, in the good direction; too few tell nothing."""
    found = curve(values, better)
    assert found.slope == (None if slope is None else D(slope))
    assert found.is_flat is is_flat
    assert found.n_sessions == len(values)


def test_sessions_that_are_missing_count_as_time():
    """The slope is per session, not per value; the order in which values come does not matter."""
    values = [(8, D(4)), (2, D(1)), (4, D(2)), (6, D(3))]
    assert curve(values).slope == D("0.5")
    assert curve(sorted(values)) == curve(values)


def test_exactly_at_the_limit_is_not_below_it():
    """The protocol says below."""
    assert curve(held(1, "1.03", "1.06", "1.09")).is_flat is False


@given(
    st.lists(st.decimals(-100, 100, places=3), min_size=4, max_size=12),
    st.integers(2, 6),
)
def test_the_slope_is_that_of_least_squares(values, last):
    """As numpy fits a line."""
    found = curve(held(*values), last=last)
    if len(values) < last:
        assert found.slope is None
        return
    slope = np.polyfit(range(last), [float(value) for value in values[-last:]], 1)[0]
    assert float(found.slope) == pytest.approx(slope, abs=1e-4)
