"""Several outcomes by the same sequences: counted as an independent loop counts, and never below the single test."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.analysis.analyse import analyse
from nof1.analysis.dataset import Dataset
from nof1.analysis.max_t import max_t_test
from nof1.analysis.multiplicity import adjust_p_values
from nof1.analysis.randomization_test import randomization_test
from nof1.schedule.space import balanced, randomized_blocks

from .made import MEANINGS, alternating, balanced_days, dataset, frame_of, protocol, tables_of

RANDOM = st.integers(0, 10_000)
SIX = randomized_blocks(6, ("on", "off"))


def three_frames(seed, sequence=None):
    """Return three outcomes of one trial, each with days of its own missing."""
    sequence = sequence or alternating(6, seed=seed)
    rng = np.random.default_rng(seed)
    frames = {}
    for name, effect in (("a", 0.8), ("b", 0.0), ("c", -0.3)):
        frame = frame_of(sequence, days=4, effect=effect, seed=int(rng.integers(1e6)))
        frame.loc[rng.random(len(frame)) < 0.2, "value"] = np.nan
        frames[name] = frame
    return frames


def brute_force(frames, sequences):
    """Count from the definition, one sequence after another, without a line of ours."""
    sizes = {}
    for name, frame in frames.items():
        rows = frame.dropna(subset="value")
        base = np.column_stack([np.ones(len(rows)), np.log(rows["session"].to_numpy(dtype=float))])
        y = rows["value"].to_numpy()
        rest = y - base @ np.linalg.lstsq(base, y, rcond=None)[0]
        means = {p: rest[rows["period"].to_numpy() == p].mean() for p in sorted(set(rows["period"]))}
        centre = np.mean(list(means.values()))
        drawn = tuple(frame.drop_duplicates("period")["condition"])
        t = [
            abs(
                sum(
                    (1 if s[p - 1] == "on" else -1) / s.count(s[p - 1]) * (e - centre)
                    for p, e in means.items()
                )
            )
            for s in [drawn, *sequences]
        ]
        spread = np.sqrt(np.mean(np.square(t[1:])))
        sizes[name] = np.array(t) / spread
    largest = np.max([every[1:] for every in sizes.values()], axis=0)
    return {name: int(np.sum(largest >= every[0] - 1e-9 * largest.max())) for name, every in sizes.items()}


@given(seed=RANDOM)
@settings(max_examples=15)
def test_counts_of_an_independent_loop(seed):
    """All 64 sequences, three outcomes, days missing: the same integers."""
    frames = three_frames(seed)
    sequences = [sum(choice, ()) for choice in product([("on", "off"), ("off", "on")], repeat=6)]
    found = max_t_test(frames, SIX)
    assert {name: test.n_as_extreme for name, test in found.items()} == brute_force(frames, sequences)
    assert {test.n_sequences for test in found.values()} == {64}
    assert all(test.smallest_p <= test.p_value for test in found.values())


@given(seed=RANDOM)
@settings(max_examples=10)
def test_between_the_single_test_and_bonferroni(seed):
    """Adjusting never lowers a p, and costs no more than all sequences of all outcomes together."""
    frames = three_frames(seed)
    found = max_t_test(frames, SIX)
    for name, frame in frames.items():
        single = randomization_test(frame, SIX)
        assert single.n_as_extreme <= found[name].n_as_extreme
        assert found[name].kind == "max_t"
    order = sorted(found, key=lambda name: -found[name].statistic)
    assert [found[name].p_value for name in order] == sorted(test.p_value for test in found.values())


def test_one_outcome_is_the_plain_test():
    """A family of one needs no adjustment; names, units and directions do not matter."""
    frame = frame_of(alternating(6), effect=0.7)
    alone = max_t_test({"a": frame}, SIX)["a"]
    assert alone.n_as_extreme == randomization_test(frame, SIX).n_as_extreme
    other = frame_of(alternating(6), effect=0.2, seed=5)
    pair = max_t_test({"a": frame, "b": other}, SIX)
    moved = max_t_test({"x": other.assign(value=3 - 20 * other["value"]), "y": frame}, SIX)
    assert (pair["a"].n_as_extreme, pair["b"].n_as_extreme) == (
        moved["y"].n_as_extreme,
        moved["x"].n_as_extreme,
    )


def test_outcomes_that_cannot_be_tested_do_not_count():
    """A constant outcome and one without scores have no p and take nothing from the others."""
    frame = frame_of(alternating(6), effect=0.7)
    frames = {"a": frame, "flat": frame.assign(value=1.0), "none": frame.assign(value=np.nan)}
    found = max_t_test(frames, SIX)
    assert set(found) == {"a"}
    assert found["a"].n_as_extreme == randomization_test(frame, SIX).n_as_extreme
    assert max_t_test({"none": frames["none"]}, SIX) == {}
    assert max_t_test({"flat": frames["flat"]}, SIX) == {}


def test_daily_trials_are_prewhitened_and_drawn():
    """Too many sequences to list: draws with the observed one added, the same at every rerun."""
    sequence = balanced_days(30, seed=2)
    frames = {
        name: frame_of(sequence, days=1, rho=0.5, sp=0.0, effect=effect, block=None, seed=seed)
        for name, effect, seed in (("a", 1.5, 1), ("b", 0.0, 2))
    }
    kwargs = {"statistic": "prewhitened", "n_draws": 999}
    found = max_t_test(frames, balanced(30, ("on", "off")), **kwargs)
    assert {(test.n_sequences, test.exact) for test in found.values()} == {(1000, False)}
    assert found == max_t_test(frames, balanced(30, ("on", "off")), **kwargs)
    single = randomization_test(
        frames["a"], balanced(30, ("on", "off")), statistic="prewhitened", n_draws=999
    )
    assert found["a"].p_value == pytest.approx(single.p_value, abs=0.02)
    assert found["b"].p_value > 0.05


def test_the_plan_gets_it_beside_holm():
    """Every outcome of a contrast has it; where the plan corrects nothing, nothing is corrected."""
    results = analyse(dataset(effect=2.0))
    primary, other = results.outcomes
    assert primary.max_t_p_value == primary.max_t_test.p_value == primary.max_t_test.n_as_extreme / 64
    assert primary.randomization_test.p_value <= primary.max_t_p_value < other.max_t_p_value
    assert results.to_json()["outcomes"][0]["max_t_p_value"] == primary.max_t_p_value
    plain = analyse(dataset(protocol(analysis={"multiplicity": "none"})))
    assert {outcome.max_t_p_value for outcome in plain.outcomes} == {None}
    alone = analyse(dataset(protocol(outcomes={"primary": {"score": "day.mood"}})))
    assert alone.primary.max_t_test is None


def test_an_outcome_without_scores_leaves_the_family():
    """Scores nobody entered have no adjusted p, and the others are adjusted without them."""
    secondary = [{"score": "day.calm"}, {"score": "day.headache"}]
    plan = protocol(outcomes={"primary": {"score": "day.mood"}, "secondary": secondary})
    tables = tables_of(plan, effect=2.0)
    rows = tuple(replace(row, value=None) if row.score == "day.calm" else row for row in tables.scores)
    data = Dataset.from_tables(replace(tables, scores=rows), protocol=plan, meanings=MEANINGS)
    primary, lost, headache = analyse(data).outcomes
    frames = {score: data.frame(score) for score in ("day.mood", "day.headache")}
    assert lost.max_t_p_value is None
    assert [primary.max_t_p_value, headache.max_t_p_value] == [
        test.p_value for test in max_t_test(frames, data.space).values()
    ]


def test_it_beats_holm_where_outcomes_go_together():
    """Four versions of one score: Holm multiplies by four, the same sequences do not."""
    frame = frame_of(alternating(6, seed=4), effect=1.5)
    rng = np.random.default_rng(1)
    frames = {
        f"{i}": frame.assign(value=frame["value"] + 0.1 * rng.normal(size=len(frame))) for i in range(4)
    }
    found = max_t_test(frames, SIX)
    holm = adjust_p_values([randomization_test(one, SIX).p_value for one in frames.values()])
    assert max(test.p_value for test in found.values()) < min(holm)
