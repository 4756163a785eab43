"""The planned model with the guess beside the condition: what is left of the effect once belief is held equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.daily_model import fit_daily_designs
from nof1.analysis.design import fixed_effects, usable_trend
from nof1.analysis.estimation import Estimation
from nof1.analysis.mixed_model import fit_period_designs
from nof1.analysis.observed import observe
from nof1.analysis.result import Estimate
from nof1.analysis.trend import Trend, time_constants

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def fit_guess_adjusted(
    frame: pd.DataFrame,
    contrast: ContrastLike,
    trend: Trend | None,
    expected: Mapping[int, float],
    *,
    is_daily: bool,
    block_effect: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Fit the planned model with what the participant expected of the contrast as a further column.

    It answers how much of the difference goes with the condition rather than with the belief. A condition
    that works can itself be the reason for the guess; then this takes away part of what it did, so it is a
    sensitivity analysis and never replaces the planned one.

    Parameters
    ----------
    frame : DataFrame
        As for `fit_mixed_model`.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights of the conditions.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term.
    expected : mapping of int to float
        For each period that was guessed at, what was expected of the contrast; others count as undecided (0).
    is_daily : bool
        Whether one-day periods call for the daily model.
    block_effect : bool
        Adds ``(1 | block)``; not in the daily model.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        ``not_estimable`` where the guesses follow the condition without fail, so that nothing tells them apart.

    Raises
    ------
    ValueError
        If the frame or the contrast cannot be meant.
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    estimation = Estimation(
        observed=observed, method="daily_model" if is_daily else "mixed_model", level=level
    )
    weights = estimation.weights(wanted)
    if isinstance(weights, Estimate):
        return weights
    trend, flags = usable_trend(observed, trend)
    belief = np.array([expected.get(int(period), 0.0) for period in observed.label])[observed.period]
    designs = [
        fixed_effects(observed, weights, trend, constant, belief) for constant in time_constants(trend)
    ]
    if not any(designs):
        note = "the guesses and the practice term follow the condition too closely to be told from it"
        return estimation.described((*flags, "not_estimable"), note=note)
    if is_daily:
        return fit_daily_designs(estimation, weights, designs, flags=flags)
    return fit_period_designs(estimation, weights, designs, flags=flags, block_effect=block_effect)
