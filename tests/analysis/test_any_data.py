"""Whatever the scores are, no analysis raises or warns, and where there is no p a flag says why."""

from __future__ import annotations

import math

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.diagnostics import autocorrelation, data_flags
from nof1.analysis.effect_sizes import effect_sizes
from nof1.analysis.equivalence import equivalence_test
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.paired_blocks import fit_paired_blocks
from nof1.analysis.period_means import fit_period_means
from nof1.analysis.randomization_interval import randomization_interval
from nof1.analysis.randomization_test import randomization_test
from nof1.analysis.verdict import decide, detectable_effect
from nof1.schedule.space import randomized_blocks

from .strategies import messy_frames


def is_sound(estimate):
    """Check that a p comes with everything that belongs to it; without one there is a flag."""
    parts = (estimate.se, estimate.df, estimate.statistic, estimate.ci_low, estimate.ci_high)
    if estimate.p_value is None:
        assert all(part is None for part in parts)
        assert estimate.flags
    else:
        assert all(math.isfinite(part) for part in (estimate.estimate, *parts))
        assert 0 <= estimate.p_value <= 1
        assert estimate.se > 0
        assert estimate.df > 0
        assert estimate.ci_low < estimate.ci_high
    if estimate.estimate is not None:
        assert math.isfinite(estimate.estimate)
    return True


@given(data=messy_frames(), trend=st.sampled_from(["log", "linear", "exp", "spline", None]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_every_fit_is_sound(data, trend):
    """Models, tests and verdicts on scores that nobody would believe."""
    frame, n_blocks = data
    space = randomized_blocks(n_blocks, ("on", "off"))
    fits = [
        fit_mixed_model(frame, trend=trend),
        fit_mixed_model(frame, trend=trend, block_effect=True),
        fit_daily_model(frame, trend=trend),
        fit_daily_model(frame, trend=trend, carry_over=True),
        fit_period_means(frame, trend=trend),
        fit_paired_blocks(frame),
    ]
    for fit in fits:
        assert is_sound(fit)
        judged = decide(fit, better="higher", sesoi=1.0, flags=fit.flags)
        assert (judged.verdict == "not_estimable") == (fit.p_value is None)
        assert judged.reason
        test = equivalence_test(fit, low=-1.0, high=1.0)
        assert (test.p_value is None) == (fit.p_value is None)
        assert (detectable_effect(fit) is None) == (fit.p_value is None)
    effect_sizes(frame, ("on", "off"), fits[0])
    data_flags(frame, ("on", "off"), (0.0, 3.0))
    autocorrelation(frame, ("on", "off"), trend)
    for statistic in ("residual", "prewhitened", "squares"):
        test = randomization_test(frame, space, trend=trend, statistic=statistic)
        if frame["value"].notna().any():
            assert 0 < test.n_as_extreme <= test.n_sequences == 2**n_blocks
            assert test.smallest_p <= test.p_value
        else:
            assert test.p_value is None
    low, high = randomization_interval(frame, space, trend=trend)
    assert low <= high


@given(data=messy_frames())
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_rows_that_never_enter_a_fit(data):
    """Run-in rows, rows without a condition, and the order of rows change nothing."""
    frame, _ = data
    early = frame.head(1).assign(session=frame["session"].max() + 1, period=0, value=1e6)
    nobody = frame.head(1).assign(session=frame["session"].max() + 2, condition=None, value=1e6)
    more = pd.concat([frame, early, nobody]).sample(frac=1, random_state=0)
    if "day" in frame.columns:
        before, after = fit_mixed_model(frame), fit_mixed_model(more)
        assert (before.estimate, before.p_value) == (after.estimate, after.p_value)


def test_an_empty_frame():
    """No row at all is no data, for every analysis."""
    frame = pd.DataFrame({"session": [], "period": [], "condition": [], "value": []})
    for fit in (fit_mixed_model, fit_daily_model, fit_period_means, fit_paired_blocks):
        assert "no_data" in fit(frame).flags
    assert randomization_test(frame, randomized_blocks(3, ("on", "off"))).p_value is None
    assert data_flags(frame, ("on", "off")) == ()
