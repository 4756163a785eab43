"""The closed test takes the largest p of all sets with a condition, counted against brute force."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from nof1.analysis.closed_test import closed_randomization_test
from nof1.analysis.randomization_test import randomization_test
from nof1.schedule.space import balanced, randomized_blocks

from .made import alternating, frame_of

CODES = ("high", "low", "none")


def test_against_every_sequence():
    """Three conditions: two tests of pairs and one of all, by definition."""
    sequence = alternating(4, CODES, seed=2)
    frame = frame_of(sequence, days=2, block=3)
    frame["value"] += 1.5 * (frame["condition"] == "high")
    space = randomized_blocks(4, CODES)
    found = closed_randomization_test(frame, space, "none", trend=None)
    means = frame.groupby("period")["value"].mean().to_numpy()
    blocks = list(permutations(CODES))

    def largest(order, chosen):
        mean = {code: np.mean([m for m, c in zip(means, order, strict=True) if c == code]) for code in CODES}
        return max(abs(mean[code] - mean["none"]) for code in chosen)

    every = [sum(choice, ()) for choice in product(blocks, repeat=4)]
    observed = largest(sequence, ("high", "low"))
    p_all = np.mean([largest(order, ("high", "low")) >= observed - 1e-9 for order in every])
    for code in ("high", "low"):
        pair = randomization_test(frame, space, (code, "none"), trend=None).p_value
        assert found[code].p_value == pytest.approx(max(pair, p_all))


def test_six_blocks_are_enough():
    """It reaches 2/2^6 where Holm on two tests of pairs never could."""
    frame = frame_of(alternating(6, CODES), days=5, block=3, sp=0.1, sd=0.2)
    frame["value"] += 5.0 * (frame["condition"] == "high")
    found = closed_randomization_test(frame, randomized_blocks(6, CODES), "none", n_draws=999)
    assert found["high"].p_value == 2 / 64
    assert found["low"].p_value > 0.05


def test_two_conditions_are_the_plain_test():
    """With one other condition there is nothing to adjust."""
    frame = frame_of(alternating(5), effect=0.5)
    space = randomized_blocks(5, ("on", "off"))
    found = closed_randomization_test(frame, space, "off")
    assert found["on"].p_value == randomization_test(frame, space).p_value


def test_arguments_and_impossible_orders():
    """The reference is a condition of the design; an order outside the space gives no result."""
    frame = frame_of(("on", "on", "off", "off"))
    with pytest.raises(ValueError, match="not a condition"):
        closed_randomization_test(frame, balanced(4, ("on", "off")), "never")
    assert closed_randomization_test(frame, randomized_blocks(2, ("on", "off")), "off") == {}
