"""Boundaries of looks against published values, against trials by the hundred thousand, and their laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nof1.analysis.spending import lan_demets

SHARES = st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True).map(
    lambda blocks: [block / 40 for block in sorted(blocks)]
)


@pytest.mark.parametrize(
    ("fractions", "expected"),
    [
        ([1.0], [1.960]),
        ([1 / 3, 2 / 3, 1.0], [3.710, 2.511, 1.993]),
        ([1 / 2, 2 / 3, 5 / 6, 1.0], [2.963, 2.538, 2.252, 2.045]),
        ([1 / 2, 1.0], [2.963, 1.969]),
        ([1 / 4, 1 / 2, 3 / 4, 1.0], [4.333, 2.963, 2.359, 2.014]),
        ([1 / 5, 2 / 5, 3 / 5, 4 / 5, 1.0], [4.877, 3.357, 2.680, 2.290, 2.031]),
    ],
)
def test_published_boundaries(fractions, expected):
    """Two to five looks of the O'Brien-Fleming kind, to the three decimals of the tables."""
    found = lan_demets(fractions)
    assert [round(look.z, 3) for look in found] == pytest.approx(expected, abs=0.0011)
    for look in found:
        assert look.level == pytest.approx(2 * stats.norm.sf(look.z))
    assert found[-1].spent == pytest.approx(0.05)


def test_the_values_of_the_design():
    """Those that the plan was made with, to the last digit given."""
    assert [f"{look.z:.3f}" for look in lan_demets([1 / 3, 2 / 3, 1])] == ["3.710", "2.511", "1.993"]
    four = lan_demets([0.5, 4 / 6, 5 / 6, 1])
    assert [f"{look.z:.3f}" for look in four] == ["2.963", "2.538", "2.252", "2.045"]


def test_trials_by_the_hundred_thousand():
    """Brownian motion without drift crosses as often as was spent, at each look and in all."""
    fractions = np.array([0.4, 0.5, 0.8, 1.0])
    found = lan_demets(fractions.tolist())
    rng = np.random.default_rng(20260302)
    steps = rng.standard_normal((400_000, 4)) * np.sqrt(np.diff(fractions, prepend=0.0))
    z = np.cumsum(steps, axis=1) / np.sqrt(fractions)
    crossed = np.maximum.accumulate(np.abs(z) >= [look.z for look in found], axis=1).mean(axis=0)
    spent = np.array([look.spent for look in found])
    assert crossed == pytest.approx(spent, abs=4 * math.sqrt(0.05 / 400_000))


@settings(max_examples=40)
@given(SHARES, st.sampled_from([0.01, 0.05, 0.1, 0.2]))
def test_laws_of_the_boundaries(fractions, alpha):
    """Error is spent as the function says, never more than alpha, and no look is easier than the level of the plan."""
    found = lan_demets(fractions, alpha)
    for look, fraction in zip(found, fractions, strict=True):
        share = 4 * stats.norm.sf(stats.norm.isf(alpha / 4) / math.sqrt(fraction))
        assert look.spent == pytest.approx(share, rel=1e-9)
        assert look.level <= alpha + 1e-12
        assert look.z >= stats.norm.isf(alpha / 2) - 1e-9
    if len(found) == 1 and fractions == [1.0]:
        assert found[0].level == pytest.approx(alpha)


@settings(max_examples=40)
@given(SHARES, SHARES)
def test_looks_to_come_change_nothing(fractions, more):
    """The boundary of a look depends on what was looked at before, so later looks may be added or dropped."""
    later = [fraction for fraction in more if fraction > fractions[-1]]
    assert lan_demets([*fractions, *later])[: len(fractions)] == lan_demets(fractions)


def test_a_look_so_early_that_nothing_may_be_spent():
    """After one of two thousand blocks no statistic is enough, and the end is as without that look."""
    first, last = lan_demets([0.0005, 1.0])
    assert (first.z, first.level) == (math.inf, 0.0)
    assert last.z == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(
    ("fractions", "alpha"),
    [([0.5, 0.5], 0.05), ([0.0, 1.0], 0.05), ([1.2], 0.05), ([1.0], 1.0), ([1.0], 0.0)],
)
def test_what_is_no_plan_is_refused(fractions, alpha):
    """Shares that do not increase within (0, 1], and levels that are none."""
    with pytest.raises(ValueError, match="found"):
        lan_demets(fractions, alpha)
