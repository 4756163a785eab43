"""Small simulations with fixed seeds: the planned tests hold their level, and find what is there."""

from __future__ import annotations

import numpy as np
import pytest

from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.period_means import fit_period_means
from nof1.analysis.randomization_test import randomization_test
from nof1.schedule.space import randomized_blocks

from .made import alternating, balanced_days, frame_of

pytestmark = pytest.mark.sim
TRIALS = 500


def shares(fits, effect, **changes):
    """Share of trials in which each fit rejects at .05, and mean estimates."""
    rejected = dict.fromkeys(fits, 0)
    covered = dict.fromkeys(fits, 0)
    for seed in range(TRIALS):
        n = changes.get("n_days")
        sequence = balanced_days(n, seed) if n else alternating(6, seed=seed)
        options = {key: value for key, value in changes.items() if key != "n_days"}
        frame = frame_of(sequence, effect=effect, seed=seed + 10_000, **options)
        for name, fit in fits.items():
            found = fit(frame)
            rejected[name] += found.p_value <= 0.05
            covered[name] += found.ci_low <= effect <= found.ci_high if hasattr(found, "ci_low") else 0
    return {name: (rejected[name] / TRIALS, covered[name] / TRIALS) for name in fits}


def test_periods_hold_their_level():
    """Six blocks of two weeks, rho and period SD .3: Kenward-Roger near .04, period means near .05."""
    space = randomized_blocks(6, ("on", "off"))
    fits = {
        "mixed": fit_mixed_model,
        "means": fit_period_means,
        "randomization": lambda frame: randomization_test(frame, space),
    }
    found = shares(fits, 0.0, sp=0.3, rho=0.3)
    assert 0.02 < found["mixed"][0] < 0.065
    assert 0.03 < found["means"][0] < 0.07
    assert 0.015 < found["randomization"][0] < 0.05
    assert found["mixed"][1] == pytest.approx(1 - found["mixed"][0])


def test_periods_have_the_known_power():
    """An effect of .8 SD is found with about .59."""
    found = shares({"mixed": fit_mixed_model}, 0.8, sp=0.3, rho=0.3)
    assert 0.5 < found["mixed"][0] < 0.68
    assert found["mixed"][1] > 0.935


def test_days_hold_their_level():
    """Fifty days in balanced order, rho .6: the first-order Kenward-Roger near .05, power at .5 SD near .68."""
    level = shares({"daily": fit_daily_model}, 0.0, n_days=50, days=1, sp=0.0, rho=0.6, block=None)
    assert 0.03 < level["daily"][0] < 0.07
    power = shares({"daily": fit_daily_model}, 0.5, n_days=50, days=1, sp=0.0, rho=0.6, block=None)
    assert 0.6 < power["daily"][0] < 0.76
    assert power["daily"][1] > 0.93
    assert np.isfinite(power["daily"][0])
