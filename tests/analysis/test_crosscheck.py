"""statsmodels and pingouin say the same as we do, and their failures are told, not raised."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from nof1.analysis.crosscheck import crosscheck
from nof1.analysis.mixed_model import fit_mixed_model

from .made import alternating, frame_of


@pytest.mark.slow
def test_other_programs_agree(from_r):
    """On the designs with a plain random intercept every number agrees."""
    for case in from_r["mixed"]:
        if case["block_effect"]:
            continue
        trend = None if case["trend"] == "none" else case["trend"]
        frame = pd.DataFrame(case["frame"])
        checks = crosscheck(frame, case["contrast"], trend, sesoi=0.5, p_values=[0.01, None, 0.04, 0.03])
        assert {check.tool for check in checks} == {"statsmodels", "pingouin"}
        assert [check for check in checks if check.agrees is not True] == []
        assert len(checks) == 15 + (len([w for w in case["contrast"].values() if w]) == 2)


def test_nothing_to_compare():
    """Constant scores and designs without blocks have nothing to compare, and say so."""
    checks = crosscheck(frame_of(alternating(6), block=None).assign(value=1.0))
    assert [check.agrees for check in checks] == [None, None, None, True]
    assert all(check.note for check in checks[:3])
    assert crosscheck(frame_of(alternating(6)), trend="exp")[0].agrees is None


def test_a_program_that_is_not_there(monkeypatch):
    """A missing program is told in the note."""
    monkeypatch.setitem(sys.modules, "pingouin", None)
    checks = crosscheck(frame_of(alternating(6)), p_values=[0.1, 0.2])
    absent = [check for check in checks if check.tool == "pingouin"]
    assert [check.name for check in absent] == ["pairs", "overlap", "family"]
    assert all(check.agrees is None and "pingouin" in check.note for check in absent)


def test_an_optimiser_that_failed_is_told(monkeypatch):
    """An optimiser may return an effect of exactly 0 and call it converged: that is no comparison, and no number."""
    frame = frame_of(alternating(6), effect=1.0)
    fit = MixedLM.fit

    def fails(self, *args, **kwargs):
        result = fit(self, *args, **kwargs)
        result._results.fe_params = np.zeros_like(np.asarray(result.fe_params))
        return result

    monkeypatch.setattr(MixedLM, "fit", fails)
    first = crosscheck(frame)[0]
    assert (first.theirs, first.agrees) == (None, None)
    assert "its optimiser failed" in first.note
    assert first.ours == fit_mixed_model(frame).estimate


def test_the_daily_model_is_repeated_by_generalised_least_squares():
    """At the correlation that was found statsmodels gives the same estimate, error and variance."""
    for rho in (0.4, -0.3):
        frame = frame_of(alternating(20), days=1, sp=0.0, rho=rho, effect=1.0)
        checks = crosscheck(frame.drop(index=[4, 17]), is_daily=True)
        own = [check for check in checks if check.tool == "statsmodels"]
        assert [check.agrees for check in own] == [True] * 6
        assert "ρ" in own[0].name
    assert crosscheck(frame.head(8), is_daily=True)[0].note == "there is no daily model to compare with"
