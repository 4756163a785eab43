"""From a frame of scores to the arrays that every model starts from: one value a day, periods in order."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nof1.analysis.contrasts import moving
from nof1.analysis.flags import merged

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    import pandas as pd

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
    import pandas as pd  # noqa: PLC0415 - whoever simulates has arrays, and pandas takes a third of a second

    lacking = [column for column in NEEDED if column not in frame.columns]
    if lacking:
        raise ValueError(f"frame: column {lacking[0]!r} is missing; it needs {', '.join(NEEDED)}")
    if "participant" in frame.columns and len(frame["participant"].unique()) > 1:
        raise ValueError("frame: it holds several participants; give one at a time")
    value = pd.to_numeric(frame["value"]).to_numpy(dtype=float)
    session = pd.to_numeric(frame["session"]).to_numpy(dtype=float)
    if not np.all(session >= 1):
        raise ValueError("frame: every row needs a session number of 1 or more")
    numbers, times = np.unique(session, return_counts=True)
    twice = numbers[times > 1].astype(int)
    if twice.size:
        raise ValueError(
            f"frame: session {', '.join(map(str, twice[:5]))} is there twice; a score has one row per session"
        )
    if np.isinf(value).any():
        raise ValueError("frame: an infinite value; write NaN for a missing one")
    flags = []
    is_day_known = "day" in frame.columns and not frame["day"].isna().any()
    if not is_day_known:
        flags.append("day_absent")
    # Frames are cut and sorted again and again: arrays first, one frame in the end.
    in_period = frame["condition"].notna().to_numpy() & (pd.to_numeric(frame["period"]).to_numpy() >= 1)
    kept = np.flatnonzero(in_period)[np.argsort(session[in_period], kind="stable")]
    columns: dict[str, object] = {
        "session": session[kept],
        "day": frame["day"].to_numpy()[kept] if is_day_known else session[kept],
        "period": pd.to_numeric(frame["period"]).to_numpy()[kept],
        "condition": [str(code) for code in frame["condition"].to_numpy()[kept]],
        "value": value[kept],
    }
    if "block" in frame.columns:
        block = frame["block"].to_numpy()[kept]
        if not (pd.isna(block).any() or (block == 0).all()):
            columns["block"] = block
    rows = pd.DataFrame(columns)
    # A label such as "period 1 of each block" stands for several runs of days: number the runs.
    keys = list(
        zip(*(rows[key].tolist() for key in ("period", "condition", "block") if key in rows), strict=True)
    )
    run = np.cumsum([place == 0 or keys[place - 1] != key for place, key in enumerate(keys)])
    if (run[-1] if run.size else 0) != len(set(rows["period"].tolist())):
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
    day = _distinct(zip(rows["period"].tolist(), rows["day"].tolist(), strict=True))
    session, value = rows["session"].to_numpy(), rows["value"].to_numpy()
    last = np.zeros(day.max(initial=-1) + 1)
    np.maximum.at(last, day, session)
    clock = np.ceil(last[day] / _prompts_a_day(np.bincount(day)))
    seen = np.flatnonzero(~np.isnan(value))
    held = _distinct(day[seen].tolist())
    first = seen[np.unique(held, return_index=True)[1]]
    # Correctly rounded, so that a day mean is the same in whatever order its scores are added.
    scores: list[list[float]] = [[] for _ in first]
    for place, one in zip(held.tolist(), value[seen].tolist(), strict=True):
        scores[place].append(one)
    labels, codes = rows["period"].to_numpy(), rows["condition"].to_numpy(dtype=object)
    conditions = tuple(sorted(set(codes[first].tolist())))
    period = _distinct(labels[first].tolist())
    begins = first[np.unique(period, return_index=True)[1]]
    block = rows["block"].to_numpy()[begins].astype(np.int64) if "block" in rows.columns else None
    observed = Observed(
        value=np.array([math.fsum(of_day) / len(of_day) for of_day in scores], dtype=float),
        clock=clock[first],
        day=rows["day"].to_numpy()[first].astype(np.int64),
        period=period,
        condition=np.array([conditions.index(code) for code in codes[first]], dtype=np.int64),
        conditions=conditions,
        label=labels[begins].astype(np.int64),
        block=block,
        sets=0,
        n_sessions=seen.size,
        flags=(),
    )
    flags = merged(flags, _missing(observed, rows))
    return _with_counts(observed, rows, contrast, flags) if seen.size else replace(observed, flags=flags)


def _distinct(keys: Iterable[Hashable]) -> Ints:
    """Give keys numbers by their first appearance."""
    found: dict[Hashable, int] = {}
    return np.array([found.setdefault(key, len(found)) for key in keys], dtype=np.int64)


def _prompts_a_day(rows_per_day: Ints) -> int:
    """Return how many scores a day usually has; of two equally usual numbers the larger."""
    if not rows_per_day.size:
        return 1
    times = np.bincount(rows_per_day)
    return int(np.flatnonzero(times == times.max())[-1])


def _missing(observed: Observed, rows: pd.DataFrame) -> tuple[str, ...]:
    if not observed.n_sessions:
        return ("no_data",)
    planned = len(rows)
    flags = []
    if observed.n_sessions > observed.value.size:
        flags.append("prompts_averaged")
    if planned and 1 - observed.n_sessions / planned > 0.4:
        flags.append("many_missing")
    n_periods = len(set(rows["period"].tolist()))
    if n_periods > observed.n_periods and planned > n_periods:  # a one-day period is but a missing day
        flags.append("period_without_data")
    return tuple(flags)


def _with_counts(
    observed: Observed, rows: pd.DataFrame, contrast: Mapping[str, float], flags: tuple[str, ...]
) -> Observed:
    codes = moving(contrast)
    blocks = [0] * observed.n_periods if observed.block is None else observed.block.tolist()
    seen = [observed.conditions[code] for code in observed.period_condition]
    sets = _complete_sets(zip(blocks, seen, strict=True), codes)
    if "block" in rows.columns:
        first = np.unique(_distinct(rows["period"].tolist()), return_index=True)[1]
        columns = (rows[name].to_numpy()[first].tolist() for name in ("period", "block", "condition"))
        planned = list(zip(*columns, strict=True))
        if sets < _complete_sets(((block, code) for _, block, code in planned), codes):
            flags = merged(flags, ("block_incomplete",))
        place: dict[float, int] = {}
        in_block: Counter[float] = Counter()
        for period, own_block, _ in planned:
            place[period] = in_block[own_block]
            in_block[own_block] += 1
        places = np.array([place[period] for period in observed.label.tolist()], dtype=float)
        if len(in_block) > 1 and _order_confounded(observed, places, contrast):
            flags = merged(flags, ("order_confounded",))
    return replace(observed, sets=sets, flags=flags)


def _complete_sets(periods: Iterable[tuple[float, str]], codes: Sequence[str]) -> int:
    """Count, block by block, how often every condition of a contrast is there."""
    tallies: dict[float, Counter[str]] = {}
    for block, code in periods:
        tallies.setdefault(block, Counter())[code] += 1
    return sum(min(tally[code] for code in codes) for tally in tallies.values())


def _order_confounded(observed: Observed, place: Floats, contrast: Mapping[str, float]) -> bool:
    """Whether the place within the block cannot be told from the contrast."""
    weights = observed.weights(contrast)
    if weights is None or np.ptp(place) == 0:
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
