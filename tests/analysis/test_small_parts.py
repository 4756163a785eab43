"""Equivalence, multiplicity, effect sizes, diagnostics and trends, each against numbers worked out apart."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.diagnostics import autocorrelation, data_flags, effective_days, robust_z, variance_changed
from nof1.analysis.effect_sizes import effect_sizes, hedges_factor, nonoverlap
from nof1.analysis.equivalence import equivalence_test
from nof1.analysis.flags import FLAGS, LOWERING, merged
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.multiplicity import adjust_p_values
from nof1.analysis.result import Estimate
from nof1.analysis.search import border, edge, minimise, minimise_pair, outwards
from nof1.analysis.trend import trend_columns

from .made import alternating, balanced_days, frame_of

P_VALUES = st.lists(st.floats(0, 1) | st.none() | st.just(math.nan), max_size=8)


def an_estimate(value=0.2, se=0.5, df=9.0):
    return Estimate(estimate=value, se=se, df=df, ci_low=-1.0, ci_high=1.0, method="mixed_model")


# --- equivalence ------------------------------------------------------------------------------------------


def test_equivalence_of_r():
    """R: pt(-(0.2+1.5)/0.5, 9) = 0.0039…; pt((0.2-1.5)/0.5, 9) = 0.01436911352: the larger counts."""
    found = equivalence_test(an_estimate(), low=-1.5, high=1.5)
    assert found.p_value == pytest.approx(0.01436911352, rel=1e-8)
    assert found.equivalent
    assert (found.ci_low, found.ci_high) == pytest.approx((0.2 - 1.8331129 * 0.5, 0.2 + 1.8331129 * 0.5))


@given(value=st.floats(-3, 3), se=st.floats(0.05, 2), df=st.floats(2, 50), bound=st.floats(0.1, 3))
def test_equivalent_means_inside(value, se, df, bound):
    """P at most alpha and the interval inside the bounds are the same statement."""
    found = equivalence_test(an_estimate(value, se, df), low=-bound, high=bound)
    if abs(found.p_value - 0.05) > 1e-9:
        assert found.equivalent == (found.p_value < 0.05)


def test_nothing_is_shown_without_an_interval():
    """Without a standard error equivalence is neither shown nor refuted."""
    found = equivalence_test(Estimate(estimate=0.0, method="mixed_model"), low=-1, high=1)
    assert (found.p_value, found.equivalent) == (None, None)


@pytest.mark.parametrize("change", [{"low": 1, "high": 1}, {"low": -1, "high": 1, "alpha": 0.5}])
def test_bounds_that_cannot_be_meant(change):
    """Low lies below high, alpha between 0 and a half."""
    with pytest.raises(ValueError, match="found"):
        equivalence_test(an_estimate(), **change)


# --- multiplicity -----------------------------------------------------------------------------------------


def test_p_adjust_of_r():
    """R: p.adjust(c(.01, .04, .03, .005), 'holm') and 'BH'."""
    p = [0.01, 0.04, 0.03, 0.005]
    assert adjust_p_values(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjust_p_values(p, method="bh") == pytest.approx([0.02, 0.04, 0.04, 0.02])


@given(p_values=P_VALUES, method=st.sampled_from(["holm", "bh"]))
def test_adjusted_p_values_keep_their_order(p_values, method):
    """Adjusted values are no smaller, at most 1, in the same order; None and NaN stay what they are."""
    adjusted = adjust_p_values(p_values, method)
    pairs = []
    for before, after in zip(p_values, adjusted, strict=True):
        if before is None or math.isnan(before):
            assert after is before
        else:
            assert before <= after <= 1 or after == pytest.approx(before)
            pairs.append((before, after))
    ordered = [after for _, after in sorted(pairs)]
    assert all(low <= high + 1e-12 for low, high in itertools.pairwise(ordered))


def test_p_values_that_cannot_be_meant():
    """P lies between 0 and 1, and there are two methods."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust_p_values([1.5])
    with pytest.raises(ValueError, match="method"):
        adjust_p_values([0.5], method="bonferroni")


# --- effect sizes -----------------------------------------------------------------------------------------


def test_effect_sizes_by_hand():
    """The raw effect over the root of the mean variance within periods, with Hedges' factor."""
    frame = frame_of(alternating(6), effect=1.0)
    estimate = fit_mixed_model(frame)
    found = effect_sizes(frame, ("on", "off"), estimate)
    sd = math.sqrt(frame.groupby("period")["value"].var().mean())
    assert found.d_within == pytest.approx(estimate.estimate / sd)
    assert found.g_within == pytest.approx(found.d_within * hedges_factor(84 - 12))
    means = frame.pivot_table(index="block", columns="condition", values="value")
    d = means["on"] - means["off"]
    assert found.d_z == pytest.approx(d.mean() / d.std())
    assert found.nap == nonoverlap(
        *(frame.loc[frame["condition"] == c, "value"].to_numpy() for c in ("on", "off"))
    )


def test_daily_effects_are_in_days():
    """For one-day periods the standard deviation is that of the model."""
    frame = frame_of(balanced_days(40), days=1, block=None)
    estimate = fit_daily_model(frame)
    found = effect_sizes(frame, ("on", "off"), estimate)
    assert found.d_within == pytest.approx(estimate.estimate / estimate.details["day_variance"] ** 0.5)
    assert found.d_z is None


def test_no_effect_size_without_an_effect():
    """A constant outcome has no standardized difference; a contrast of three no overlap."""
    frame = frame_of(alternating(6)).assign(value=1.0)
    found = effect_sizes(frame, ("on", "off"), fit_mixed_model(frame))
    assert (found.d_within, found.g_within, found.d_z, found.nap) == (None, None, None, 0.5)
    three = frame_of(alternating(4, ("a", "b", "c")), block=3)
    weights = {"a": 2, "b": -1, "c": -1}
    assert effect_sizes(three, weights, fit_mixed_model(three, weights)).nap is None


# --- diagnostics ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        (lambda f: f.assign(value=f["value"].where(f["session"] != 9, 99.0)), "outliers"),
        (lambda f: f.assign(value=f["value"].clip(upper=5.5)), "floor_or_ceiling"),
        (lambda f: f.assign(value=f["value"].round(0).clip(5, 7)), "few_values"),
        (
            lambda f: f.assign(value=f["value"].where((f["period"] != 2) | (f["session"] < 8))),
            "sparse_period",
        ),
        (lambda f: f.assign(value=f["value"].where(f["condition"] == "on")), "single_condition"),
    ],
)
def test_what_a_reader_must_know_is_flagged(change, flag):
    """Each peculiarity has its flag, plain data have none, and no such flag lowers a claim."""
    frame = frame_of(alternating(6), days=5, sd=0.5)
    assert data_flags(frame, ("on", "off"), (0.0, 5.5)) == ()
    found = data_flags(change(frame), ("on", "off"), (0.0, 5.5))
    assert flag in found
    assert not LOWERING.intersection(found)


def test_an_order_that_follows_time_is_flagged():
    """AAAABBBB is a phase design: any drift looks like an effect."""
    assert "drift_confounded" in data_flags(frame_of(("on",) * 4 + ("off",) * 4, block=None), ("on", "off"))
    assert "drift_confounded" not in data_flags(frame_of(("on", "off") * 4, block=None), ("on", "off"))


def test_autocorrelation_is_found():
    """REML comes near to the truth; the moment estimate lies below it; independent days are few."""
    frame = frame_of(balanced_days(400), days=1, sp=0.0, rho=0.6, block=None, seed=4)
    found = autocorrelation(frame, ("on", "off"))
    assert found.rho == pytest.approx(0.6, abs=0.1)
    assert found.lag1 == pytest.approx(found.rho, abs=0.05)
    assert found.effective_days == 1.0
    weeks = autocorrelation(frame_of(alternating(6), rho=0.5, sp=0.0), ("on", "off"))
    assert weeks.effective_days == pytest.approx(effective_days(7, weeks.rho))


def test_autocorrelation_needs_days():
    """Too few days, no variation or exact scores give no number."""
    frame = frame_of(alternating(6))
    exact = frame.assign(value=np.log(frame["session"]))
    for data in (frame.head(6), frame.assign(value=2.0), exact, frame.assign(value=np.nan)):
        assert autocorrelation(data, ("on", "off")).rho is None


def test_equal_scores_have_no_outliers():
    """Where more than half of the scores are equal the mean deviation is the scale."""
    assert robust_z(np.ones(5)).tolist() == [0.0] * 5
    assert np.abs(robust_z(np.array([1.0] * 9 + [2.0]))).max() == pytest.approx(1 / (1.2533 * 0.1))


# --- trends, searches, flags ------------------------------------------------------------------------------


def test_the_spline_is_straight_outside_its_knots():
    """A restricted cubic spline has three columns, and no curvature beyond the outer knots."""
    clock = np.arange(1.0, 101.0)
    columns = trend_columns(clock, "spline")
    assert columns.shape == (100, 3)
    assert np.linalg.matrix_rank(columns) == 3
    bend = np.abs(np.diff(columns, n=2, axis=0)).sum(axis=1)
    assert bend[:3].max() < 1e-12
    assert bend[-3:].max() < 1e-12
    assert bend.max() > 1e-6
    assert trend_columns(np.ones(5), "spline").shape == (5, 1)


@pytest.mark.parametrize("trend", ["log", "linear", "exp", "spline", None])
def test_trends_are_centred(trend):
    """Centred columns leave the meaning of the other coefficients alone."""
    assert np.allclose(trend_columns(np.arange(1.0, 30.0), trend).sum(axis=0), 0)


@given(x=st.floats(-0.95, 0.95), y=st.floats(-0.95, 0.95), slant=st.floats(-0.95, 0.95))
def test_searches_find_the_bottom(x, y, slant):
    """A slanted valley is followed to its lowest point."""
    assert minimise(lambda a: (a - x) ** 2, -1, 1)[0] == pytest.approx(x, abs=1e-6)
    (a, b), _ = minimise_pair(
        lambda a, b: (a - x) ** 2 + 2 * slant * (a - x) * (b - y) + (b - y) ** 2, -1.0, 1.0
    )
    assert (a, b) == pytest.approx((x, y), abs=1e-3)


def test_a_search_ends_where_numbers_lie_further_apart_than_its_precision():
    """Bisecting scores of 1e9 to a millionth of a small spread ends, at one of two neighbours."""
    found = border(lambda x: x < 1e9 + 0.3, 1e9, 1e9 + 1.0, 1e-12)
    assert found < 1e9 + 0.3 <= math.nextafter(found, math.inf)


@pytest.mark.parametrize("step", [0.0, 5e-324, 1.0, math.inf, math.nan])
def test_a_walk_ends_whatever_its_step_is(step):
    """Steps of nothing, of everything and of no number are counted, not waited for."""
    assert len(outwards(step)) == 14
    assert math.isinf(edge(lambda _: True, 0.0, step, 1e-6))
    assert border(lambda x: x <= 0.0, 0.0, step, 0.0) == 0.0


def test_a_search_ends_on_ground_that_is_level_but_for_rounding():
    """The least value lies now on one edge, now on the other, and is never lower than before: the search ends."""
    calls = itertools.count()

    def rough(a, b):
        value = np.ones(a.size)
        value[(a == a.min() if next(calls) % 2 else a == a.max()) & (b == np.median(b))] = 0.5
        return value

    assert minimise_pair(rough, -1.0, 1.0)[1] == 0.5


def test_flags_are_explained():
    """Whatever lowers a claim is explained; a flag that nobody explains is refused."""
    assert set(FLAGS) >= LOWERING
    assert all(text and text[0].islower() and not text.endswith(".") for text in FLAGS.values())
    with pytest.raises(ValueError, match="unknown flag"):
        merged(("misspelt",))


def test_an_effect_makes_no_outliers_and_no_bound_is_hidden():
    """Scores are compared with their own condition, for outliers and for the ends of the scale."""
    far = frame_of(alternating(6), days=5, sd=0.5, effect=40.0)
    assert data_flags(far, ("on", "off")) == ()
    frame = frame_of(alternating(6), days=5, sd=0.5)
    top = (frame["condition"] == "on") & (frame["session"] % 5 < 2)  # 12 of 30, and 12 of 60
    found = data_flags(frame.assign(value=frame["value"].mask(top, 20.0)), ("on", "off"), (0.0, 20.0))
    assert "floor_or_ceiling" in found


def test_a_condition_that_never_varies_is_implausibly_exact():
    """All scores of one condition equal, those of the other not: their scatter cannot be trusted."""
    frame = frame_of(alternating(6), days=5)
    on = frame["condition"] == "on"
    assert "implausibly_exact" in data_flags(frame.assign(value=frame["value"].mask(on, 9.0)), ("on", "off"))
    few = frame.assign(value=frame["value"].mask(on, 9.0).mask(on & (frame.index > 12)))
    assert few.loc[on, "value"].notna().sum() > 4
    few = few.assign(value=few["value"].mask(on & (frame.index > 3)))
    assert "implausibly_exact" not in data_flags(few, ("on", "off"))


def test_a_change_of_scatter_is_seen():
    """More than twice the scatter in one half is told, in whichever; with few scores nothing is."""
    steady = frame_of(alternating(35, seed=2), days=1, sp=0.0)
    assert not variance_changed(steady, ("on", "off"))
    late = steady["session"] > 35
    for factor in (0.2, 5.0):
        scattered = steady["value"].mask(late, 5 + factor * (steady["value"] - 5))
        assert variance_changed(steady.assign(value=scattered), ("on", "off"), None)
    assert not variance_changed(steady.assign(value=scattered).iloc[26:44], ("on", "off"), None)


def test_a_period_is_worth_no_more_days_than_it_has():
    """Days that alternate are not counted as more than they are."""
    assert effective_days(7, -0.18) == 7
    assert effective_days(7, 0.3) == pytest.approx(4.16, abs=0.01)
