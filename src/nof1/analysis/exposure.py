"""Carry-over as a model: an effect that builds up and fades by halves, instead of being there or not.

Of what was there on one day the share q = 2^(-1 / half-life) is left on the next, and what is taken adds the rest:
E = q E(yesterday) + (1 - q) on days under a condition, and q E(yesterday) on others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.daily_model import METHOD as DAILY_METHOD
from nof1.analysis.daily_model import fit_daily_designs
from nof1.analysis.design import Design, reduced, usable_trend
from nof1.analysis.estimation import Estimation
from nof1.analysis.mixed_model import METHOD as MIXED_METHOD
from nof1.analysis.mixed_model import fit_period_designs
from nof1.analysis.observed import observe
from nof1.analysis.result import Estimate
from nof1.analysis.trend import Floats, Trend, time_constants, trend_columns
from nof1.protocol.scalars import hours
from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from nof1.analysis.dataset import Dataset


def fit_exposure_model(
    frame: pd.DataFrame,
    taken: Mapping[int, str],
    half_lives: Mapping[str, float],
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    daily: bool = False,
    block_effect: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Fit the planned model with exposures in place of conditions, as a sensitivity analysis for carry-over.

    The half-life is stated, never estimated: a test for carry-over first, and an analysis that depends on it, is
    wrong more often than either analysis alone. The estimate is the contrast of full effects.

    Parameters
    ----------
    frame : DataFrame
        As for `fit_mixed_model` or `fit_daily_model`, with days.
    taken : mapping of int to str
        Condition of every calendar day of the trial that has one, days without a score included.
    half_lives : mapping of str to float
        Condition to half-life of its effect [days]. The last condition of the contrast without one is what the
        others build up from and fade to; any other without one has its effect on the day itself.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights of the conditions.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term.
    daily : bool
        True for one-day periods.
    block_effect : bool
        As in `fit_mixed_model`.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        As the planned model gives it.

    Raises
    ------
    ValueError
        If the frame, the contrast or a half-life cannot be meant.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"session": range(1, 25), "period": [1 + i // 4 for i in range(24)],
    ...     "condition": (["on"] * 4 + ["off"] * 4) * 3, "day": range(1, 25),
    ...     "value": [3, 5, 6, 6, 5, 3, 3, 2, 4, 6, 6, 7, 5, 3, 2, 3, 5, 5, 6, 6, 5, 3, 3, 3]})
    >>> taken = dict(zip(frame["day"], frame["condition"]))
    >>> round(fit_exposure_model(frame, taken, {"on": 1.0}, trend=None).estimate, 1)
    4.5
    """
    wrong = [code for code, days in half_lives.items() if not days > 0.0]
    if wrong:
        raise ValueError(f"half_lives: found {half_lives[wrong[0]]} for {wrong[0]!r}; write days above 0")
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    method = DAILY_METHOD if daily else MIXED_METHOD
    estimation = Estimation(observed=observed, method=method, level=level)
    weights = estimation.weights(wanted)
    if isinstance(weights, Estimate):
        return weights
    unknown = sorted(set(observed.day.tolist()) - set(taken))
    if unknown:
        note = f"the condition of day {unknown[0]} is not known"
        return estimation.described(("not_estimable",), note=note)
    codes = [*sorted(set(taken.values()) - set(wanted)), *wanted]
    base = next((code for code in reversed(codes) if code not in half_lives), None)
    moving = [code for code in codes if code != base]
    held = exposures(taken, moving, half_lives, observed.day.tolist())
    trend, flags = usable_trend(observed, trend)
    target = np.array([0.0, *(wanted.get(code, 0.0) for code in moving)])

    def design(constant: float) -> Design | None:
        more = trend_columns(observed.clock, trend, constant)
        full = np.column_stack([np.ones(observed.value.size), held, more])
        return reduced(full, np.append(target, np.zeros(more.shape[1])))

    designs = [design(constant) for constant in time_constants(trend)]
    if daily:
        return fit_daily_designs(estimation, weights, designs, flags=flags)
    return fit_period_designs(estimation, weights, designs, flags=flags, block_effect=block_effect)


def exposures(
    taken: Mapping[int, str], codes: Sequence[str], half_lives: Mapping[str, float], days: Sequence[int]
) -> Floats:
    """Return how much of each condition's full effect is there on each day.

    Parameters
    ----------
    taken : mapping of int to str
        Condition of every calendar day that has one; before the first nothing was there.
    codes : sequence of str
        Conditions.
    half_lives : mapping of str to float
        As in `fit_exposure_model`; without one an effect is there on its own day alone.
    days : sequence of int
        Days that are asked for.

    Returns
    -------
    ndarray of shape (len(days), len(codes))
        0 to 1.

    Examples
    --------
    >>> exposures({1: "on", 2: "on", 3: "off"}, ["on"], {"on": 1.0}, [1, 2, 3, 4]).ravel().tolist()
    [0.5, 0.75, 0.375, 0.1875]
    """
    first, last = min(taken, default=0), max([*taken, *days], default=0)
    found = np.zeros((last - first + 1, len(codes)))
    for column, code in enumerate(codes):
        left = 2.0 ** (-1.0 / half_lives[code]) if code in half_lives else 0.0
        level = 0.0
        for day in range(first, last + 1):
            level = left * level + (1.0 - left) * (taken.get(day) == code)
            found[day - first, column] = level
    return found[np.array(days, dtype=np.int64) - first]


def taken_on(dataset: Dataset) -> dict[int, str]:
    """Return the condition of every day of every period, whether or not a score was planned on it.

    Parameters
    ----------
    dataset : Dataset
        The trial, unblinded.

    Returns
    -------
    dict of int to str
        Calendar day to condition; empty where the data name no days.
    """
    rows = dataset.sessions[dataset.sessions["kind"] == PeriodKind.TREATMENT].dropna(subset=["day", "period"])
    found: dict[int, str] = {}
    for period, sessions in rows.groupby("period"):
        code = dataset.condition_of.get(int(float(str(period))))
        start, end = int(sessions["day"].min()), int(sessions["day"].max())
        place = sessions["day"] - sessions["day_in_period"]
        if place.notna().any():
            start = int(place.min()) + 1
            end = max(end, start + dataset.protocol.design.period_days - 1)
        if code is not None:
            found |= dict.fromkeys(range(start, end + 1), code)
    return found


def half_lives_of(dataset: Dataset) -> dict[str, float]:
    """Return the half-lives that the protocol states.

    Parameters
    ----------
    dataset : Dataset
        The trial.

    Returns
    -------
    dict of str to float
        Condition to days; without the conditions that have none.
    """
    return {
        str(code): float(hours(condition.half_life)) / 24.0
        for code, condition in dataset.protocol.conditions.items()
        if condition.half_life is not None
    }
