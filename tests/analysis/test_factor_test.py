"""A factor that does nothing at either level of the other: 4^B orders, counted by hand and held to their level."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from nof1.analysis.analyse import analyse
from nof1.analysis.factor_test import factor_of, factor_randomization_test
from nof1.schedule.space import balanced, randomized_blocks

from .made import alternating, dataset, frame_of, protocol

CELLS = ("ab", "a", "b", "o")
FACTORS = {
    "ab": {"drug": "yes", "choline": "yes"},
    "a": {"drug": "yes", "choline": "no"},
    "b": {"drug": "no", "choline": "yes"},
    "o": {"drug": "no", "choline": "no"},
}
DRUG = {"ab": 0.5, "a": 0.5, "b": -0.5, "o": -0.5}
CHOLINE = {"ab": 0.5, "a": -0.5, "b": 0.5, "o": -0.5}
PAIRS = (("ab", "b"), ("a", "o"))


def by_hand(frame, n_blocks):
    """Exchange the levels of the drug at each level of choline, in every block, in a loop."""
    mean = frame.groupby("period")["value"].mean().to_numpy()
    first = frame.groupby("period")["condition"].first().to_numpy()
    swaps = [{}, {"ab": "b", "b": "ab"}, {"a": "o", "o": "a"}]
    swaps.append(swaps[1] | swaps[2])
    sizes = []
    for chosen in product(swaps, repeat=n_blocks):
        codes = [chosen[place // 4].get(code, code) for place, code in enumerate(first)]
        sizes.append(abs(sum(DRUG[code] * m for code, m in zip(codes, mean, strict=True))) / n_blocks)
    observed = abs(sum(DRUG[code] * m for code, m in zip(first, mean, strict=True))) / n_blocks
    return sum(size >= observed - 1e-9 for size in sizes)


@pytest.mark.parametrize("seed", range(3))
def test_every_exchange_is_counted(seed):
    """All 4^3 orders of three blocks, in a loop and by halves."""
    frame = frame_of(alternating(3, CELLS, seed=seed), days=2, block=4, seed=seed)
    found = factor_randomization_test(frame, randomized_blocks(3, CELLS), DRUG, PAIRS, None)
    assert (found.n_as_extreme, found.n_sequences) == (by_hand(frame, 3), 64)
    assert (found.permute, found.exact) == ("factor", True)


def test_three_blocks_are_enough():
    """A clear effect of the drug reaches 2/64, whatever choline does; reversing whole blocks would stop at 2/8."""
    frame = frame_of(alternating(3, CELLS, seed=5), days=4, block=4, sp=0.1, seed=5)
    frame["value"] += 5.0 * frame["condition"].isin(["ab", "a"]) + 9.0 * frame["condition"].isin(["ab", "b"])
    found = factor_randomization_test(frame, randomized_blocks(3, CELLS), DRUG, PAIRS, None)
    assert found.p_value == found.smallest_p == 2 / 64


def test_the_other_factor_does_not_matter():
    """What choline adds stays in place, so the count is the same without it; days may be missing."""
    frame = frame_of(alternating(4, CELLS, seed=2), days=3, block=4, seed=2)
    frame.loc[[4, 17, 18], "value"] = np.nan
    other = frame.assign(value=frame["value"] + 7.0 * frame["condition"].isin(["ab", "b"]))
    space = randomized_blocks(4, CELLS)
    first, second = (factor_randomization_test(one, space, DRUG, PAIRS, None) for one in (frame, other))
    assert first.n_sequences == second.n_sequences == 256
    assert first.statistic == pytest.approx(second.statistic)
    assert first.n_as_extreme == second.n_as_extreme


@pytest.mark.parametrize("trend", [None, "log"])
def test_every_order_is_as_likely_as_every_other(trend):
    """Over the orders that could have been drawn p is at most k/16 for at most k of 16: the level is exact."""
    frame = frame_of(alternating(2, CELLS, seed=3), days=2, block=4, sp=1.0, seed=3)
    space = randomized_blocks(2, CELLS)
    drawn = frame.groupby("period")["condition"].first().tolist()
    orders = space.exchanges(drawn, {"ab": "b", "b": "ab"}, {"a": "o", "o": "a"})
    found = [
        factor_randomization_test(
            frame.assign(condition=np.repeat(orders.unrank(rank), 2)), space, DRUG, PAIRS, trend
        ).p_value
        for rank in range(orders.size)
    ]
    assert all(np.mean(np.array(found) <= k / 16) <= k / 16 for k in range(1, 17))


def test_which_contrast_is_a_factor():
    """Main effects are found by the levels, in whatever order; interactions, pairs and doses are none."""
    assert factor_of(FACTORS, DRUG) == ("drug", PAIRS)
    assert factor_of(FACTORS, CHOLINE) == ("choline", (("ab", "a"), ("b", "o")))
    assert factor_of(FACTORS, {code: -weight for code, weight in DRUG.items()})[0] == "drug"
    assert factor_of(FACTORS, {"ab": 1, "a": -1, "b": -1, "o": 1}) is None
    assert factor_of(FACTORS, {"ab": 1, "o": -1}) is None
    assert factor_of(FACTORS, {"ab": 3, "a": 1, "b": -1, "o": -3}) is None
    assert factor_of({code: {} for code in CELLS}, DRUG) is None
    same_levels = FACTORS | {"o": {"drug": "yes", "choline": "no"}}
    assert factor_of(same_levels, DRUG) is None


def test_only_independent_blocks_have_it():
    """Among all balanced orders a block of its own does not exist."""
    frame = frame_of(alternating(2, CELLS, seed=1), days=2, block=None)
    assert factor_randomization_test(frame, balanced(8, CELLS), DRUG, PAIRS) is None
    nothing = frame_of(alternating(2, CELLS, seed=1), days=2, block=4).assign(value=np.nan)
    assert factor_randomization_test(nothing, randomized_blocks(2, CELLS), DRUG, PAIRS) is None


def test_the_plan_of_a_two_by_two_trial_gets_it():
    """Both main effects have the test beside the reversal, the interaction has not; it is in results.json."""
    plan = protocol(
        conditions={code: {"name": code, "factors": FACTORS[code]} for code in CELLS},
        design={"kind": "randomized_blocks", "blocks": 4, "period_days": 3},
        analysis={
            "sensitivity": "none",
            "contrasts": {"drug": DRUG, "choline": CHOLINE, "both": {"ab": 1, "a": -1, "b": -1, "o": 1}},
        },
        outcomes={"primary": {"score": "day.mood", "sesoi": 1}},
    )
    results = analyse(dataset(plan, index=77))
    drug, choline, both = results.outcomes
    assert drug.factor_test.n_sequences == choline.factor_test.n_sequences == 256
    assert (drug.randomization_test.n_sequences, both.factor_test) == (16, None)
    assert results.to_json()["outcomes"][0]["factor_test"]["permute"] == "factor"
