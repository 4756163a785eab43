"""Thousands of made-up trials at once: practice, period effects and autocorrelated days, without any effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nof1.analysis.trend import Floats

PRACTICE = {"none": 0.0, "log": 0.4}
"""Size of the practice effect, times log(1 + session)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Trials of one design; the last axis counts trials.

    Attributes
    ----------
    condition : ndarray of shape (n_periods, n_trials)
        Number of the condition of each period, from 0.
    value : ndarray of shape (n_periods, days, n_trials)
        Scores [SD of a day].
    k : int
        Number of conditions.
    """

    condition: np.ndarray
    value: Floats
    k: int

    @property
    def session(self) -> Floats:
        """Number of each day, from 1, shape (n_periods, days)."""
        n_periods, days, _ = self.value.shape
        return np.arange(1.0, n_periods * days + 1).reshape(n_periods, days)

    def shifted(self, effect: float) -> Trials:
        """Return the same trials with an effect of condition 1."""
        moved = self.value + effect * (self.condition == 1)[:, None, :]
        return Trials(condition=self.condition, value=moved, k=self.k)


def randomized(rng: np.random.Generator, n_blocks: int, k: int, n_trials: int) -> np.ndarray:
    """Return orders in randomized blocks, every condition once a block, shape (n_blocks * k, n_trials)."""
    order = np.argsort(rng.random((n_blocks, k, n_trials)), axis=1)
    return order.reshape(n_blocks * k, n_trials)


def generate(
    rng: np.random.Generator,
    condition: np.ndarray,
    days: int,
    *,
    k: int,
    rho: float,
    practice: str,
    sp: float,
) -> Trials:
    """Return trials in which nothing has an effect.

    Score = practice + period effect, normal with SD `sp` + AR(1) day error with marginal SD 1, which goes on
    over the borders of periods.
    """
    n_periods, n_trials = condition.shape
    n_days = n_periods * days
    error = rng.standard_normal((n_days, n_trials))
    innovation = np.sqrt(1.0 - rho**2)
    for day in range(1, n_days):
        error[day] = rho * error[day - 1] + innovation * error[day]
    of_period = sp * rng.standard_normal((n_periods, 1, n_trials))
    learned = PRACTICE[practice] * np.log1p(np.arange(1.0, n_days + 1))
    value = error.reshape(n_periods, days, n_trials) + of_period + learned.reshape(n_periods, days, 1)
    return Trials(condition=condition, value=value, k=k)
