"""From a frame of scores to the arrays that every model starts from: one value a day, periods in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from nof1.analysis.contrasts import moving
from nof1.analysis.flags import merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.trend import Floats

Ints = npt.NDArray[np.int64]
NEEDED = ("session", "period", "condition", "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Scores with a value, a row per day, in time order.

    Attributes
    ----------
    value : ndarray of shape (n,)
        Day means [unit].
    clock : ndarray of shape (n,)
        Occasions of this score so far, this one counted, several on a day counting as one.
    day : ndarray of shape (n,)
        Calendar day.
    period : ndarray of shape (n,)
        Place of the period in `label` and `block`.
    condition : ndarray of shape (n,)
        Place of the condition in `conditions`.
    conditions : tuple of str
        Those with a value, sorted.
    label : ndarray of shape (n_periods,)
        The period's own number.
    block : ndarray of shape (n_periods,), or None
        Block of each period with data.
    sets : int
        Complete sets: how often, block by block, every condition of the contrast has a period with data.
    n_sessions : int
        Scores with a value before averaging.
    flags : tuple of str
        What had to be done to the frame, and what it lacks.
    """

    value: Floats
    clock: Floats
    day: Ints
    period: Ints
    condition: Ints
    conditions: tuple[str, ...]
    label: Ints
    block: Ints | None
    sets: int
    n_sessions: int
    flags: tuple[str, ...]

    @property
    def n_periods(self) -> int:
        """Number of periods with data."""
        return self.label.size

    @property
    def period_condition(self) -> Ints:
        """Condition of every period, shape (n_periods,)."""
        of = np.zeros(self.n_periods, dtype=np.int64)
        of[self.period] = self.condition
        return of

    @property
    def spread(self) -> float:
        """Standard deviation of the values [unit]."""
        return float(self.value.std()) if self.value.size else 0.0

    @property
    def is_constant(self) -> bool:
        """Whether the values do not vary beyond rounding."""
        return self.spread <= 1e-8 * float(np.abs(self.value).max(initial=0.0)) or self.spread == 0.0

    def weights(self, contrast: Mapping[str, float]) -> Floats | None:
        """Line a contrast up with `conditions`; None if a condition of it has no score."""
        if any(code not in self.conditions for code in moving(contrast)):
            return None
        return np.array([contrast.get(code, 0.0) for code in self.conditions])

    def period_mean(self, values: Floats) -> Floats:
        """Average over the days of each period; rows of `values` are days.

        Parameters
        ----------
        values : ndarray of shape (n,) or (n, q)
            One row per day.

        Returns
        -------
        ndarray of shape (n_periods,) or (n_periods, q)
            One row per period.
        """
        days = np.bincount(self.period, minlength=self.n_periods)
        sums = np.zeros((self.n_periods, *values.shape[1:]))
        np.add.at(sums, self.period, values)
        return np.asarray(sums / days.reshape((-1,) + (1,) * (values.ndim - 1)))


def checked(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Refuse a frame that cannot be meant, sort it by session, and leave out rows of no period and condition.

    Parameters
    ----------
    frame : DataFrame
        Columns session, period, condition, value (NaN = missing), and day, block, participant where known.

    Returns
    -------
    tuple of (DataFrame, tuple of str)
        Sorted copy with a column day, and flags.

    Raises
    ------
    ValueError
        If a column is missing, a session is there twice, a value is infinite, or there are several
        participants.
    """
    lacking = [column for column in NEEDED if column not in frame.columns]
    if lacking:
        raise ValueError(f"frame: column {lacking[0]!r} is missing; it needs {', '.join(NEEDED)}")
    if "participant" in frame.columns and len(frame["participant"].unique()) > 1:
        raise ValueError("frame: it holds several participants; give one at a time")
    rows = frame.copy().reset_index(drop=True)
    rows["value"] = pd.to_numeric(rows["value"]).astype(float)
    rows["session"] = pd.to_numeric(rows["session"]).astype(float)
    if rows["session"].isna().any() or (rows["session"] < 1).any():
        raise ValueError("frame: every row needs a session number of 1 or more")
    twice = rows.loc[rows["session"].duplicated(), "session"].astype(int).unique()
    if twice.size:
        raise ValueError(
            f"frame: session {', '.join(map(str, twice[:5]))} is there twice; a score has one row per session"
        )
    if np.isinf(rows["value"]).any():
        raise ValueError("frame: an infinite value; write NaN for a missing one")
    flags = []
    if "day" not in rows.columns or rows["day"].isna().any():
        rows["day"] = rows["session"]
        flags.append("day_absent")
    in_period = rows["condition"].notna() & (pd.to_numeric(rows["period"]) >= 1)
    rows = rows[in_period].sort_values("session", kind="stable", ignore_index=True)
    rows["condition"] = rows["condition"].astype(str)
    if "block" in rows.columns and (rows["block"].isna().any() or (rows["block"] == 0).all()):
        rows = rows.drop(columns="block")
    key = ["period", "condition", *(["block"] if "block" in rows.columns else [])]
    # A label such as "period 1 of each block" stands for several runs of days: number the runs.
    run = (rows[key] != rows[key].shift()).any(axis=1).cumsum()
    if run.nunique() != rows["period"].nunique():
        rows["period"] = run
        flags.append("period_reused")
    return rows, tuple(flags)


def observe(frame: pd.DataFrame, contrast: Mapping[str, float]) -> Observed:
    """Average several scores of a day, drop missing ones, and lay the rest out as arrays.

    Parameters
    ----------
    frame : DataFrame
        As in `checked`.
    contrast : mapping of str to float
        Weights of the conditions.

    Returns
    -------
    Observed
        May hold no value at all; the flags say so.

    Raises
    ------
    ValueError
        As `checked`.
    """
    rows, flags = checked(frame)
    planned = len(rows)
    held = rows.groupby(["period", "day"], sort=False)
    rows["clock"] = np.ceil(held["session"].transform("max") / _prompts_a_day(held.size()))
    seen = rows[rows["value"].notna()]
    days = (
        seen.groupby(["period", "day"], sort=False)
        .agg(value=("value", "mean"), clock=("clock", "first"), condition=("condition", "first"))
        .reset_index()
    )
    conditions = tuple(sorted(days["condition"].unique()))
    periods = list(dict.fromkeys(days["period"]))
    block = None
    if "block" in rows.columns:
        block_of = rows.drop_duplicates("period").set_index("period")["block"]
        block = np.array([block_of[period] for period in periods], dtype=np.int64)
    place = {period: index for index, period in enumerate(periods)}
    number = {code: index for index, code in enumerate(conditions)}
    observed = Observed(
        value=days["value"].to_numpy(dtype=float),
        clock=days["clock"].to_numpy(dtype=float),
        day=days["day"].to_numpy(dtype=np.int64),
        period=days["period"].map(place).to_numpy(dtype=np.int64),
        condition=days["condition"].map(number).to_numpy(dtype=np.int64),
        conditions=conditions,
        label=np.array(periods, dtype=np.int64),
        block=block,
        sets=0,
        n_sessions=len(seen),
        flags=(),
    )
    flags = merged(flags, _missing(observed, rows, planned))
    return _with_counts(observed, rows, contrast, flags) if len(seen) else replace(observed, flags=flags)


def _prompts_a_day(rows_per_day: pd.Series) -> int:
    """Return how many scores a day usually has; of two equally usual numbers the larger."""
    return int(rows_per_day.mode().max()) if len(rows_per_day) else 1


def _missing(observed: Observed, rows: pd.DataFrame, planned: int) -> tuple[str, ...]:
    if not observed.n_sessions:
        return ("no_data",)
    flags = []
    if observed.n_sessions > observed.value.size:
        flags.append("prompts_averaged")
    if planned and 1 - observed.n_sessions / planned > 0.4:
        flags.append("many_missing")
    n_periods = rows["period"].nunique()
    if n_periods > observed.n_periods and len(rows) > n_periods:  # a one-day period is but a missing day
        flags.append("period_without_data")
    return tuple(flags)


def _with_counts(
    observed: Observed, rows: pd.DataFrame, contrast: Mapping[str, float], flags: tuple[str, ...]
) -> Observed:
    codes = moving(contrast)
    counts: dict[int, dict[str, int]] = {}
    for place, code in enumerate(observed.period_condition):
        block = 0 if observed.block is None else int(observed.block[place])
        tally = counts.setdefault(block, {})
        tally[observed.conditions[code]] = tally.get(observed.conditions[code], 0) + 1
    sets = sum(min(tally.get(code, 0) for code in codes) for tally in counts.values())
    if "block" in rows.columns:
        planned = rows.drop_duplicates("period").groupby("block")["condition"].value_counts()
        whole = sum(
            min(int(tally.get(code, 0)) for code in codes)
            for _, tally in ((b, planned[b]) for b in rows["block"].unique())
        )
        if sets < whole:
            flags = merged(flags, ("block_incomplete",))
    if "block" in rows.columns and _order_confounded(observed, rows, contrast):
        flags = merged(flags, ("order_confounded",))
    return replace(observed, sets=sets, flags=flags)


def _order_confounded(observed: Observed, rows: pd.DataFrame, contrast: Mapping[str, float]) -> bool:
    """Whether the place within the block cannot be told from the contrast."""
    weights = observed.weights(contrast)
    if weights is None or rows["block"].nunique() < 2:
        return False
    planned = rows.drop_duplicates("period").set_index("period")
    place = planned.groupby("block").cumcount().reindex(observed.label.tolist()).to_numpy(dtype=float)
    if np.ptp(place) == 0:
        return False
    design = np.column_stack([np.eye(len(observed.conditions))[observed.period_condition], place])
    return not estimable(design, np.append(weights, 0.0))


def estimable(design: Floats, weights: Floats) -> bool:
    """Whether a weighted sum of coefficients is determined by a design.

    Parameters
    ----------
    design : ndarray of shape (n, p)
        Fixed effects; may be rank-deficient.
    weights : ndarray of shape (p,)
        One for each column.

    Returns
    -------
    bool
        Whether `weights` lie in the row space of `design`.
    """
    scale = np.sqrt((design**2).sum(axis=0))
    scale[scale == 0] = 1.0
    _, singular, rows = np.linalg.svd(design / scale, full_matrices=False)
    kept = rows[singular > 1e-9 * max(1.0, float(singular.max(initial=0.0)))]
    target = weights / scale
    return bool(np.linalg.norm(target - kept.T @ (kept @ target)) <= 1e-7 * np.linalg.norm(target))
