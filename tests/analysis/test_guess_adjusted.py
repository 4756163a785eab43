"""The model with the guess in it, against statsmodels and against what it must do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.analysis.analyse import analyse
from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.dataset import Dataset
from nof1.analysis.guess_adjusted import fit_guess_adjusted
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.scores.locked_tables import GuessRow
from nof1.terms import Mode

from .made import MEANINGS, alternating, balanced_days, frame_of, protocol, tables_of

ON_OFF = ("on", "off")


def beliefs(n, seed=3):
    """Return an expectation for each period."""
    values = np.random.default_rng(seed).uniform(-1, 1, n)
    return dict(enumerate(values.tolist(), start=1))


def test_against_statsmodels():
    """The same fixed effects by another program's REML."""
    frame = frame_of(alternating(6, seed=4), sp=0.8, effect=0.7)
    expected = beliefs(12)
    found = fit_guess_adjusted(frame, ON_OFF, "log", expected, is_daily=False)
    rows = frame.assign(on=(frame["condition"] == "on") * 1.0, belief=frame["period"].map(expected))
    fit = smf.mixedlm("value ~ on + np.log(session) + belief", rows, groups="period").fit(method="powell")
    assert found.estimate == pytest.approx(fit.params["on"], abs=1e-4)
    assert found.details["period_variance"] == pytest.approx(float(fit.cov_re.iloc[0, 0]), abs=1e-3)
    assert found.n_periods == 12


def test_the_belief_costs_a_degree_of_freedom():
    """Of twelve periods ten degrees are left beside two means, and nine with the belief."""
    frame = frame_of(alternating(6, seed=4), sp=2.0, sd=0.5)
    assert fit_mixed_model(frame, trend=None).df == pytest.approx(10)
    found = fit_guess_adjusted(frame, ON_OFF, None, beliefs(12), is_daily=False)
    assert found.df == pytest.approx(9)


@settings(max_examples=12)
@given(shift=st.floats(-5, 5), scale=st.floats(0.1, 5))
def test_the_scale_of_the_belief_does_not_matter(shift, scale):
    """Whether it runs from 0 to 1 or from -1 to 1, the effect is the same."""
    frame = frame_of(alternating(5, seed=2), sp=0.5, days=3)
    expected = beliefs(10)
    turned = {period: shift + scale * value for period, value in expected.items()}
    one, other = (
        fit_guess_adjusted(frame, ON_OFF, "log", given, is_daily=False) for given in (expected, turned)
    )
    assert (one.estimate, one.se, one.df) == pytest.approx((other.estimate, other.se, other.df), rel=1e-4)


def test_belief_takes_the_place_of_an_effect_that_it_alone_made():
    """Where only belief moves the score, and belief mostly fits, the planned estimate is large and this one is not."""
    sequence = alternating(12, seed=5)
    right = np.array([1.0 if code == "on" else -1.0 for code in sequence])
    right[[1, 6, 9, 14, 19, 22]] *= -1
    expected = dict(enumerate(right.tolist(), start=1))
    frame = frame_of(sequence, sp=0.1, sd=0.3)
    frame["value"] += frame["period"].map(expected)
    planned = fit_mixed_model(frame)
    found = fit_guess_adjusted(frame, ON_OFF, "log", expected, is_daily=False)
    assert planned.ci_low > 0.2
    assert abs(found.estimate) < 0.25
    assert found.ci_low < 0 < found.ci_high


def test_guesses_that_are_always_right_leave_nothing_to_estimate():
    """Belief and condition are one column then."""
    sequence = alternating(6, seed=4)
    expected = {period: 1.0 if code == "on" else -1.0 for period, code in enumerate(sequence, start=1)}
    found = fit_guess_adjusted(frame_of(sequence), ON_OFF, "log", expected, is_daily=False)
    assert found.estimate is None
    assert "not_estimable" in found.flags
    assert "guesses" in found.note


def test_nothing_expected_is_the_planned_model():
    """A column of zeros adds nothing, in either model."""
    frame = frame_of(alternating(6, seed=4))
    days = frame_of(balanced_days(30), days=1, block=None, rho=0.3)
    for rows, planned in ((frame, fit_mixed_model(frame)), (days, fit_daily_model(days))):
        found = fit_guess_adjusted(rows, ON_OFF, "log", {}, is_daily=rows is days)
        assert (found.estimate, found.se, found.df) == pytest.approx(
            (planned.estimate, planned.se, planned.df)
        )
        assert found.method == planned.method


@pytest.mark.parametrize("mode", [Mode.SELF_BLINDED, Mode.OPEN_LABEL])
def test_it_is_a_row_of_the_strip(mode):
    """With guesses that differ there is a row; in an open trial there is none."""
    plan = protocol()
    tables = tables_of(plan, effect=1.0)
    guesses = tuple(GuessRow(period=p, condition="on", percent=str(20 + 5 * p)) for p in range(1, 13))
    tables = replace(tables, guesses=guesses, trial=replace(tables.trial, mode=mode))
    data = Dataset.from_tables(tables, protocol=plan, meanings=MEANINGS)
    rows = {row.name: row.estimate for row in analyse(data).sensitivity}
    assert ("guess_adjusted" in rows) == (mode is Mode.SELF_BLINDED)
    if mode is Mode.SELF_BLINDED:
        expected = {p: 2 * (0.20 + 0.05 * p) - 1 for p in range(1, 13)}
        direct = fit_guess_adjusted(data.frame("day.mood"), ON_OFF, "log", expected, is_daily=False)
        assert rows["guess_adjusted"].estimate == pytest.approx(direct.estimate)
        assert rows["guess_adjusted"].se == pytest.approx(direct.se)
