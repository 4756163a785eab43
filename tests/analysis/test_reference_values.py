"""The histogram of the randomization test agrees with the test itself."""

from __future__ import annotations

import numpy as np
import pytest
from tests.analysis.made import dataset, protocol

from nof1.analysis.randomization_test import randomization_test
from nof1.analysis.reference_values import reference_values


@pytest.mark.parametrize("trend", [None, "log"])
def test_every_sequence_is_in_the_histogram_and_the_observed_one_is_the_tests(trend):
    """Figure and p-value must not tell two stories."""
    data = dataset(protocol(), effect=1.0)
    frame = data.frame("day.mood")
    rng = np.random.default_rng(1)
    found = reference_values(
        frame,
        data.space,
        ("on", "off"),
        trend,
        permute="contrast",
        statistic="residual",
        rng=rng,
        sequence=data.sequence,
    )
    test = randomization_test(frame, data.space, ("on", "off"), trend, sequence=data.sequence)
    assert found.exact
    assert sum(found.counts) == test.n_sequences
    assert found.observed == pytest.approx(test.statistic)
    far = sum(
        count
        for low, high, count in zip(found.edges, found.edges[1:], found.counts, strict=False)
        if min(abs(low), abs(high)) >= abs(found.observed)
    )
    assert far <= test.n_as_extreme


def test_no_histogram_where_there_is_no_test():
    """Ranks and squares are not drawn; a constant score gives nothing to see."""
    data = dataset(protocol())
    frame = data.frame("day.mood")
    rng = np.random.default_rng(1)
    options = {"permute": "contrast", "rng": rng, "sequence": data.sequence}
    assert reference_values(frame, data.space, ("on", "off"), None, statistic="ranks", **options) is None
    flat = frame.assign(value=5.0)
    assert reference_values(flat, data.space, ("on", "off"), None, statistic="residual", **options) is None
