"""Ratings and counts as days: their mean, whether anything was there, and their place among all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.discrete_result import Side
from nof1.analysis.observed import Observed, observe

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from nof1.analysis.trend import Floats

MOST_ALIKE: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class DayScores:
    """The scores of each day in three versions.

    Attributes
    ----------
    observed : Observed
        The layout; its values are day means.
    above : ndarray of shape (n,)
        1 where any score of the day lies above the low end, else 0.
    place : ndarray of shape (n,)
        Share of all scores that lie below those of the day, ties by half.
    """

    observed: Observed
    above: Floats
    place: Floats

    def is_of(self, code: str) -> Floats:
        """Return 1 on the days of a condition, 0 on others."""
        return np.where(self.observed.condition == self.observed.conditions.index(code), 1.0, 0.0)

    def mean(self, values: Floats, code: str) -> float:
        """Average over the days of each period, then over the periods of a condition.

        Parameters
        ----------
        values : ndarray of shape (n,)
            One number a day.
        code : str
            A condition with scores.

        Returns
        -------
        float
            Every period counts the same.
        """
        is_of = self.observed.period_condition == self.observed.conditions.index(code)
        return float(self.observed.period_mean(values)[is_of].mean())

    def varies(self, values: Floats) -> bool:
        """Say whether periods differ enough for a statement about how much all of them would change.

        Parameters
        ----------
        values : ndarray of shape (n,)
            One number a day.

        Returns
        -------
        bool
            False where more than half of the periods have the same mean.
        """
        _, times = np.unique(self.observed.period_mean(values).round(9), return_counts=True)
        return bool(times.max(initial=0) <= MOST_ALIKE * self.observed.n_periods)

    def side(self, code: str) -> Side:
        """Describe a condition.

        Parameters
        ----------
        code : str
            A condition with scores.

        Returns
        -------
        Side
            Counts, mean and share.
        """
        is_of = self.is_of(code) > 0
        return Side(
            condition=code,
            n_days=int(is_of.sum()),
            n_periods=np.unique(self.observed.period[is_of]).size,
            mean=self.mean(self.observed.value, code),
            n_days_above=int(self.above[is_of].sum()),
            n_periods_above=np.unique(self.observed.period[is_of & (self.above > 0)]).size,
            share_above=self.mean(self.above, code),
        )


def day_scores(rows: pd.DataFrame, contrast: Mapping[str, float], low: float) -> DayScores:
    """Lay scores out by day.

    Parameters
    ----------
    rows : DataFrame
        As `checked` gives it.
    contrast : mapping of str to float
        Weights of the conditions.
    low : float
        Low end of the scale [unit].

    Returns
    -------
    DayScores
        May hold no day at all.
    """
    value, is_there = rows["value"], rows["value"].notna()
    highest = rows.groupby(["period", "day"])["value"].transform("max")
    place = value.copy()
    place[is_there] = places(rows[is_there])
    return DayScores(
        observed=observe(rows, contrast),
        above=observe(rows.assign(value=(highest > low).astype(float).where(is_there)), contrast).value,
        place=observe(rows.assign(value=place), contrast).value,
    )


def places(rows: pd.DataFrame) -> Floats:
    """Return for each score the share of all scores below it, ties by half.

    Every period weighs the same, and so does every day of a period. Then the mean place of one of two
    conditions minus that of the other is the chance of superiority minus one half, whatever their numbers.

    Parameters
    ----------
    rows : DataFrame
        Columns period, day, value, without missing ones.

    Returns
    -------
    ndarray of shape (n,)
        Between 0 and 1; the weighted mean of all is one half.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"period": [1, 1, 2], "day": [1, 2, 3], "value": [0.0, 4.0, 4.0]})
    >>> places(rows).tolist()
    [0.125, 0.625, 0.625]
    """
    prompts = rows.groupby(["period", "day"])["value"].transform("size").to_numpy(dtype=float)
    days = rows.groupby("period")["day"].transform("nunique").to_numpy(dtype=float)
    values, number = np.unique(rows["value"].to_numpy(dtype=float), return_inverse=True)
    weight = 1.0 / (prompts * days)
    share = np.bincount(number, weights=weight, minlength=values.size) / max(float(weight.sum()), 1.0)
    return np.asarray((np.cumsum(share) - share / 2.0)[number])
