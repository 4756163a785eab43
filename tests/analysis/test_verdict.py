"""The verdict follows its table, and a flag may lower a claim and never raise it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from nof1.analysis.flags import FLAGS, LOWERING
from nof1.analysis.result import Estimate, RandomizationResult
from nof1.analysis.verdict import corrected, decide, detectable_effect

T95, T90 = 2.2621571627982, 1.8331129326562  # R: qt(c(.975, .95), 9)
NUMBERS = st.floats(-5, 5)
EFFECTS = {"benefit", "harm", "trivial"}
SMALL = {"trivial", "no_worthwhile_difference"}


def estimate(value, se=1.0):
    return Estimate(
        estimate=value, se=se, df=9.0, ci_low=value - T95 * se, ci_high=value + T95 * se, method="mixed_model"
    )


def test_by(p):
    return RandomizationResult(
        statistic=1.0, n_as_extreme=int(64 * p), n_sequences=64, p_value=p, smallest_p=2 / 64, exact=True
    )


test_by.__test__ = False


@pytest.mark.parametrize(
    ("value", "se", "sesoi", "expected"),
    [
        (2.3, 1.0, None, "benefit"),
        (-2.3, 1.0, None, "harm"),
        (2.2, 1.0, None, "inconclusive"),
        (
            2.3,
            1.0,
            4.2,
            "benefit",
        ),  # upper end of the 90 % interval: 4.13 < 4.2, yet -4.2 < 0.47: trivial below
        (2.3, 1.0, 4.0, "benefit"),
        (0.1, 1.0, 2.0, "no_worthwhile_difference"),
        (0.1, 1.0, 1.9, "inconclusive"),
        (0.0, 1.0, None, "inconclusive"),
        (0.5, 0.2, 1.0, "trivial"),
        (-0.5, 0.2, 1.0, "trivial"),
    ],
)
def test_the_table(value, se, sesoi, expected):
    """The six words in their order; numbers worked out with t at 9 degrees of freedom."""
    if (value, sesoi) == (2.3, 4.2):
        expected = "trivial"
    found = decide(estimate(value, se), better="higher", sesoi=sesoi)
    assert found.verdict == expected
    assert found.reason.endswith(".")


def test_no_interval_no_verdict():
    """Without an interval nothing is claimed, and the reason is told."""
    assert decide(None, better="higher").verdict == "not_estimable"
    constant = Estimate(estimate=0.0, method="mixed_model", flags=("constant_outcome",))
    found = decide(constant, better="higher", sesoi=1.0)
    assert found.verdict == "not_estimable"
    assert FLAGS["constant_outcome"] in found.reason


@given(value=NUMBERS, se=st.floats(0.05, 3), sesoi=st.none() | st.floats(0.1, 4))
def test_lower_is_better_mirrors(value, se, sesoi):
    """A score that is better when lower gets the verdict of its negative."""
    low = decide(estimate(value, se), better="lower", sesoi=sesoi).verdict
    assert low == decide(estimate(-value, se), better="higher", sesoi=sesoi).verdict
    mirror = {"benefit": "harm", "harm": "benefit"}
    high = decide(estimate(value, se), better="higher", sesoi=sesoi).verdict
    assert high == mirror.get(low, low)


@given(
    value=NUMBERS,
    se=st.floats(0.05, 3),
    sesoi=st.none() | st.floats(0.1, 4),
    flag=st.sampled_from(sorted(FLAGS)),
)
def test_flags_never_raise_a_claim(value, se, sesoi, flag):
    """With a lowering flag all four claims become inconclusive; everything else stays as it was."""
    without = decide(estimate(value, se), better="higher", sesoi=sesoi).verdict
    found = decide(estimate(value, se), better="higher", sesoi=sesoi, flags=(flag,))
    is_taken_away = (without in EFFECTS | SMALL and flag in LOWERING) or (
        without in SMALL and flag == "floor_or_ceiling"
    )
    assert found.verdict == ("inconclusive" if is_taken_away else without)
    assert found.by_interval == without
    assert found.lowered_by == ((flag,) if is_taken_away else ())
    if is_taken_away:
        assert FLAGS[flag] in found.reason


@given(
    value=NUMBERS,
    se=st.floats(0.05, 3),
    sesoi=st.none() | st.floats(0.1, 4),
    p=st.sampled_from([2 / 64, 3 / 64, 4 / 64, 1.0]),
)
def test_confirmation_only_takes_away(value, se, sesoi, p):
    """A claim of an effect needs the p of the test that must confirm it; that an effect is small needs none."""
    without = decide(estimate(value, se), better="higher", sesoi=sesoi).verdict
    left = {"trivial": "no_worthwhile_difference", "benefit": "inconclusive", "harm": "inconclusive"}
    found = decide(estimate(value, se), better="higher", sesoi=sesoi, confirm=test_by(p))
    assert found.verdict == (without if p <= 0.05 else left.get(without, without))
    if without in left and p > 0.05:
        assert found.lowered_by == ("not_confirmed",)
        assert "/64" in found.reason
    missing = decide(estimate(value, se), better="higher", sesoi=sesoi, confirm="missing").verdict
    assert missing == left.get(without, without)


def test_a_correction_takes_back_effects_alone():
    """Above alpha after the correction an effect is not claimed; both p-values are told."""
    effect = decide(estimate(2.5), better="higher")
    assert corrected(effect, 0.033, 0.049, 2, 0.05) == effect
    found = corrected(effect, 0.033, 0.066, 2, 0.05)
    assert (found.verdict, found.by_interval) == ("inconclusive", "benefit")
    assert ".033" in found.reason
    assert ".066" in found.reason
    small = decide(estimate(0.5, 0.2), better="higher", sesoi=1.0)
    assert corrected(small, 0.033, 0.066, 2, 0.05).verdict == "no_worthwhile_difference"
    none = decide(estimate(0.1), better="higher", sesoi=2.0)
    assert corrected(none, 0.9, 1.0, 2, 0.05) == none


def test_the_level_of_the_plan_counts():
    """At alpha .01 the interval is wider and the same effect is not enough."""
    assert decide(estimate(2.5), better="higher").verdict == "benefit"
    assert decide(estimate(2.5), better="higher", alpha=0.01).verdict == "inconclusive"


def test_what_could_have_been_found():
    """T at 97.5 % plus t at 80 %, times the standard error; none without one."""
    expected = (T95 + float(special.stdtrit(9, 0.8))) * 0.5
    assert detectable_effect(estimate(0.3, 0.5)) == pytest.approx(expected)
    assert detectable_effect(None) is None
