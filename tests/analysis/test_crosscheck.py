"""statsmodels and pingouin say the same as we do, and their failures are told, not raised."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

from nof1.analysis.crosscheck import crosscheck

from .made import alternating, frame_of


@pytest.mark.slow
def test_other_programs_agree(from_r):
    """On the designs with a plain random intercept every number agrees."""
    for case in from_r["mixed"]:
        if case["block_effect"]:
            continue
        trend = None if case["trend"] == "none" else case["trend"]
        checks = crosscheck(pd.DataFrame(case["frame"]), case["contrast"], trend, sesoi=0.5)
        assert {check.tool for check in checks} == {"statsmodels", "pingouin"}
        assert [check for check in checks if check.agrees is not True] == []
        assert len(checks) == 8


def test_nothing_to_compare():
    """Constant scores and designs without blocks have nothing to compare, and say so."""
    checks = crosscheck(frame_of(alternating(6), block=None).assign(value=1.0))
    assert [check.agrees for check in checks] == [None, None]
    assert all(check.note for check in checks)
    assert crosscheck(frame_of(alternating(6)), trend="exp")[0].agrees is None


def test_a_program_that_is_not_there(monkeypatch):
    """A missing program is told in the note."""
    monkeypatch.setitem(sys.modules, "pingouin", None)
    checks = crosscheck(frame_of(alternating(6)))
    assert checks[-1].agrees is None
    assert "pingouin" in checks[-1].note


def test_the_daily_model_is_repeated_by_generalised_least_squares():
    """At the correlation that was found statsmodels gives the same estimate, error and variance."""
    for rho in (0.4, -0.3):
        frame = frame_of(alternating(20), days=1, sp=0.0, rho=rho, effect=1.0)
        checks = crosscheck(frame.drop(index=[4, 17]), is_daily=True)
        own = [check for check in checks if check.tool == "statsmodels"]
        assert [check.agrees for check in own] == [True, True, True]
        assert "ρ" in own[0].name
    assert crosscheck(frame.head(8), is_daily=True)[0].note == "there is no daily model to compare with"
