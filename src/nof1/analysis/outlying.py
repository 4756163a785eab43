"""Scores that lie far from the others of their condition: named, never left out, and pulled in beside the plan."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from nof1.analysis.diagnostics import FAR, MODERATE, distances, pulled_in, within_conditions
from nof1.analysis.result import OutlyingScore

MOST_PULLED_IN: Final = 0.05
"""Share of the scores above which pulling them in would change the distribution, not tame outliers."""


def outlying(frame: pd.DataFrame) -> tuple[OutlyingScore, ...]:
    """Name the scores that lie far from the median of their condition.

    Parameters
    ----------
    frame : DataFrame
        What the estimate is made from.

    Returns
    -------
    tuple of OutlyingScore
        The farthest first; none where more than 5 % of the scores lie so far out: then their distribution is long.
    """
    rows = frame[frame["value"].notna() & frame["condition"].notna()]
    if rows.empty:
        return ()
    away = distances(rows)
    if np.mean(np.abs(away) > FAR) > MOST_PULLED_IN:
        return ()
    found = [
        OutlyingScore(
            session=int(row["session"]),
            day=None if pd.isna(row.get("day")) else int(row["day"]),
            period=int(row["period"]),
            condition=str(row["condition"]),
            value=float(row["value"]),
            distance=float(distance),
        )
        for (_, row), distance in zip(rows.iterrows(), away, strict=True)
        if abs(distance) > FAR
    ]
    return tuple(sorted(found, key=lambda one: -abs(one.distance)))


def with_outliers_pulled_in(frame: pd.DataFrame) -> pd.DataFrame | None:
    """Pull outliers in to the farthest score of all conditions that is none, as seen from the median of its own.

    Parameters
    ----------
    frame : DataFrame
        What the estimate is made from.

    Returns
    -------
    DataFrame or None
        A copy; None where there is no outlier, or where more than 5 % of the scores would have to move.
    """
    seen = frame["value"].notna() & frame["condition"].notna()
    if not seen.any():
        return None
    rest, centre = within_conditions(frame[seen])
    away = np.abs(distances(frame[seen]))
    if away.max() <= FAR or np.mean(away > MODERATE) > MOST_PULLED_IN:
        return None
    made = frame.copy()
    made.loc[seen, "value"] = pulled_in(rest) + centre
    return made


def why_not_pulled_in(frame: pd.DataFrame) -> str:
    """Say why `with_outliers_pulled_in` gives nothing.

    Parameters
    ----------
    frame : DataFrame
        What the estimate is made from.

    Returns
    -------
    str
        A reason, as part of a sentence.
    """
    rows = frame[frame["value"].notna() & frame["condition"].notna()]
    if rows.empty or np.abs(distances(rows)).max() <= FAR:
        return "no score lies far from the others of its condition"
    return f"more than {100 * MOST_PULLED_IN:.0f} % of the scores would have to move, so their distribution is long"
