"""Whether the scores are there that the comparison needs, and under each condition alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.contrasts import ContrastLike, contrast_weights, moving

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from nof1.analysis.result import ConditionSummary

LEAST_SHARE: Final = 0.5
FULL_PERIOD: Final = 3
"""Scores that make a period one that counts, where it plans as many."""
FEWEST_FULL_PERIODS: Final = 2
UNEQUAL_SHARE: Final = 0.2
UNEQUAL_SCORES: Final = 3


def balance_flags(
    frame: pd.DataFrame, contrast: ContrastLike, summaries: Sequence[ConditionSummary]
) -> tuple[str, ...]:
    """Look for conditions of which too little was measured, or less than of the others.

    A score that is missing because the day was bad makes its condition look better than it is; no model of the
    scores that are there can tell.

    Parameters
    ----------
    frame : DataFrame
        What the estimate is made from, with a row for every planned score as far as there is one.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    summaries : sequence of ConditionSummary
        Planned and measured scores of each condition.

    Returns
    -------
    tuple of str
        Keys of `nof1.analysis.flags.FLAGS`.
    """
    codes = moving(contrast_weights(contrast))
    held = [one for one in summaries if one.condition in codes and one.n_planned]
    if len(held) < len(codes) or not all(one.n_sessions for one in held):
        return ()  # told as a condition without any score
    flags = []
    if any(one.n_sessions < LEAST_SHARE * one.n_planned for one in held) or _few_full_periods(frame, codes):
        flags.append("condition_mostly_missing")
    shares = [one.n_missing / one.n_planned for one in held]
    missing = [one.n_missing for one in held]
    if np.ptp(shares) >= UNEQUAL_SHARE and np.ptp(missing) >= UNEQUAL_SCORES:
        flags.append("unequal_missing")
    return tuple(flags)


def _few_full_periods(frame: pd.DataFrame, codes: Sequence[str]) -> bool:
    periods = frame.groupby("period").agg(
        planned=("value", "size"), seen=("value", "count"), condition=("condition", "first")
    )
    if periods["planned"].median() < FULL_PERIOD:
        return False
    return any(
        int((periods.loc[periods["condition"] == code, "seen"] >= FULL_PERIOD).sum()) < FEWEST_FULL_PERIODS
        for code in codes
    )
