"""The likelihood of people who were put together is that of everybody."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nof1.analysis.collapsed import collapse
from nof1.analysis.people import people_of
from nof1.analysis.pooled_reml import state_of

SPREAD = np.array([[0.9, 0.3], [0.3, 0.6]])


def people(n, missing):
    """Return scores of people with three blocks of two periods of three days."""
    rng = np.random.default_rng(5)
    order = rng.permuted(np.tile([0, 1], (n, 3, 1)), axis=2).reshape(n, 6).repeat(3, axis=1)
    value = rng.standard_normal((n, 18)) + rng.standard_normal((n, 1)) + 0.5 * order
    value[rng.random(value.shape) < missing] = np.nan
    session = np.tile(np.arange(1, 19), n)
    frame = pd.DataFrame(
        {
            "participant": np.repeat([f"p{one:02d}" for one in range(n)], 18),
            "session": session,
            "period": (session - 1) // 3 + 1,
            "condition": np.array(["off", "on"])[order.ravel()],
            "value": value.ravel(),
        }
    )
    return people_of(frame, "log")


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_nothing_is_lost(missing):
    """Value and variance of a day as from person to person, slopes as from differences; many people are few rows."""
    everybody = people(40, missing)
    few = collapse(everybody, 2)
    value, day, by_period, by_spread = few.deviance(0.4, SPREAD)
    state = state_of(everybody, 1.0, 0.4, SPREAD)
    assert day == pytest.approx(state.rest / few.n_left, rel=1e-12)
    log_size = few.n_left * np.log(state.rest) + state.log_size - np.linalg.slogdet(state.phi)[1]
    assert value == pytest.approx(log_size, rel=1e-12)
    step = 1e-6
    up, down = few.deviance(0.4 + step, SPREAD)[0], few.deviance(0.4 - step, SPREAD)[0]
    assert by_period == pytest.approx((up - down) / (2 * step), rel=1e-4)
    for a, b in ((0, 0), (0, 1), (1, 1)):
        unit = np.zeros((2, 2))
        unit[a, b] = unit[b, a] = step
        up, down = few.deviance(0.4, SPREAD + unit)[0], few.deviance(0.4, SPREAD - unit)[0]
        slope = by_spread[a, b] * (1 if a == b else 2)
        assert slope == pytest.approx((up - down) / (2 * step), rel=1e-4)
    assert few.members.sum() == 40
    assert few.rows.shape[1] == (16 if missing == 0.0 else 40)
