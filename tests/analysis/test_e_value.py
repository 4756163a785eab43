"""The e-value against integrals, against its own definition, and its error whenever one stops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from nof1.analysis.e_value import e_value

DIFFERENCES = st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=2, max_size=15).map(np.array)


def by_the_formula(differences, v=1.0):
    """Compute it as it stands in the literature, from t."""
    n = len(differences)
    t = np.mean(differences) / np.std(differences, ddof=1) * math.sqrt(n)
    x = t**2 / (n - 1)
    return (1 + n * v) ** -0.5 * ((1 + x) / (1 + x / (1 + n * v))) ** (n / 2)


@pytest.mark.parametrize("v", [1.0, 0.25])
def test_it_is_the_ratio_of_two_integrals(v):
    """Marginal likelihood with a normal effect over that without, the scale integrated out: nothing assumed but that."""
    d = [0.7, -0.2, 1.4, 0.9, 0.3]

    def normal(x, mean, sd):
        return math.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))

    def likelihood(log_sd, delta):
        sd = math.exp(log_sd)
        return math.prod(normal(x, delta * sd, sd) for x in d)

    with_effect, _ = integrate.dblquad(
        lambda log_sd, delta: likelihood(log_sd, delta) * normal(delta, 0, math.sqrt(v)), -8, 8, -5, 4
    )
    without, _ = integrate.quad(lambda log_sd: likelihood(log_sd, 0.0), -5, 4)
    assert e_value(np.array(d), prior_variance=v).value == pytest.approx(with_effect / without, rel=1e-5)
    assert e_value(np.array(d), prior_variance=v).value == pytest.approx(by_the_formula(np.array(d), v))


@given(DIFFERENCES.filter(lambda d: np.std(d) > 1e-3))
def test_block_by_block(differences):
    """The last value, the largest so far and where it was, each from the formula."""
    found = e_value(differences)
    values = [
        by_the_formula(differences[:n]) if np.std(differences[:n]) > 1e-9 else e_value(differences[:n]).value
        for n in range(2, len(differences) + 1)
    ]
    assert found.value == pytest.approx(values[-1], rel=1e-6)
    assert found.largest == pytest.approx(max(values), rel=1e-6)
    assert found.p_value == pytest.approx(min(1, 1 / max(values)), rel=1e-6)
    assert e_value(differences[: found.largest_at]).value == found.largest


@given(DIFFERENCES.filter(lambda d: np.std(d) > 1e-2), st.floats(0.01, 100), st.booleans())
def test_units_and_signs_do_not_matter(differences, scale, turned):
    """Points or milliseconds, on minus off or off minus on: the evidence is the same."""
    other = differences * (-scale if turned else scale)
    assert e_value(other).value == pytest.approx(e_value(differences).value, rel=1e-9)


@given(DIFFERENCES.filter(lambda d: np.std(d) > 1e-2), st.sampled_from([0.8, 0.9, 0.95]))
def test_the_interval_is_where_the_evidence_is_short(differences, level):
    """At either end the evidence is exactly 1 / (1 - level), inside it is less, outside more."""
    found = e_value(differences, level=level)
    if math.isinf(found.ci_low):
        far = e_value(differences - found.estimate - 1e6 * np.std(differences)).value
        assert far < 1 / (1 - level) * (1 + 1e-6)
        return
    width = found.ci_high - found.ci_low
    for end in (found.ci_low, found.ci_high):
        assert e_value(differences - end).value == pytest.approx(1 / (1 - level), rel=1e-6)
    assert e_value(differences - found.ci_high - 0.1 * width).value > 1 / (1 - level)
    assert e_value(differences - found.ci_high + 0.1 * width).value < 1 / (1 - level)


def test_at_its_corners():
    """Below two blocks there is no evidence; equal differences are as strong as so few blocks can be."""
    for few in (np.array([]), np.array([3.0])):
        found = e_value(few)
        assert (found.value, found.largest_at, found.p_value) == (1.0, None, 1.0)
        assert (found.ci_low, found.ci_high) == (-math.inf, math.inf)
    assert e_value(np.zeros(4)).value == pytest.approx(5**-0.5)
    equal = e_value(np.full(9, 2.5))
    assert equal.value == pytest.approx(10 ** (8 / 2))
    assert (equal.ci_low, equal.ci_high) == (2.5, 2.5)


def test_it_holds_its_error_at_every_block():
    """Looked at after each of twelve blocks, stopped at 20: well below .05, as the design measured (.013)."""
    rng = np.random.default_rng(20260303)
    trials = rng.standard_normal((4000, 12))
    stopped = np.mean([e_value(trial).largest >= 20 for trial in trials])
    assert 0.006 < stopped < 0.022
    assert stopped <= 0.05


def test_it_finds_a_large_effect():
    """With an effect of one standard deviation: .08 by block 6, .53 by block 12, as the design measured."""
    rng = np.random.default_rng(20260304)
    trials = 1.0 + rng.standard_normal((3000, 12))
    by_six = np.mean([e_value(trial[:6]).largest >= 20 for trial in trials])
    by_twelve = np.mean([e_value(trial).largest >= 20 for trial in trials])
    assert by_six == pytest.approx(0.08, abs=0.03)
    assert by_twelve == pytest.approx(0.53, abs=0.04)


@pytest.mark.parametrize("given_", [{"level": 1.0}, {"level": 0.0}, {"prior_variance": 0.0}])
def test_what_is_no_level_or_prior_is_refused(given_):
    """The message names what was found."""
    with pytest.raises(ValueError, match="found"):
        e_value(np.array([1.0, 2.0]), **given_)
