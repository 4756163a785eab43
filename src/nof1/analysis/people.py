"""Many people at once: cross-products of each person, and the covariance that people, periods and days make."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nof1.analysis.observed import NEEDED
from nof1.analysis.trend import trend_columns

if TYPE_CHECKING:
    import numpy.typing as npt

    from nof1.analysis.observed import Ints
    from nof1.analysis.trend import Floats, Trend

    Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Cross-products of [X y] for every person; X is one column per condition, then practice.

    Attributes
    ----------
    names : tuple of str
        The participants, sorted.
    conditions : tuple of str
        Those with a score, sorted.
    within : ndarray of shape (n, q, q)
        Of deviations from period means.
    between : ndarray of shape (n, v, q, q)
        Of the means of periods with `lengths[v]` days, times their days.
    lengths : ndarray of shape (v,)
        Days that periods have.
    periods : ndarray of shape (n, v)
        How many periods of each length.
    counts : ndarray of shape (n, k)
        Periods of each condition.
    days : ndarray of shape (n,)
        Observed days of each person.
    spread : float
        Standard deviation by which scores were divided [unit].
    """

    names: tuple[str, ...]
    conditions: tuple[str, ...]
    within: Floats
    between: Floats
    lengths: Floats
    periods: Floats
    counts: Ints
    days: Ints
    spread: float

    @property
    def n_days(self) -> int:
        """Observed days in all."""
        return int(self.days.sum())

    @property
    def has_long_periods(self) -> bool:
        """Whether a period has several days; else what a period has of its own is that of its day."""
        return bool(self.lengths.max() > 1)

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return int(self.within.shape[1]) - 1

    def at(self, day: float, period: float, power: int, times: int = 0) -> Floats:
        """Return U' V0^-power (PP')^times U for each person, U = [X y], V0 = day I + period PP'.

        Parameters
        ----------
        day, period : float
            Variance of a day, and of a period.
        power, times : int
            How often V0^-1, and how often PP', stand between.

        Returns
        -------
        ndarray of shape (n, q, q)
            P says to which period a day belongs.
        """
        share = self.lengths**times / (day + period * self.lengths) ** power
        inside = self.within / day**power if times == 0 else 0.0
        return np.asarray(inside + np.tensordot(self.between, share, axes=(1, 0)))


def people_of(frame: pd.DataFrame, trend: Trend | None) -> People:
    """Reduce the scores of several participants to cross-products.

    Parameters
    ----------
    frame : DataFrame
        Columns participant, session, period, condition, value (NaN = missing), day where known. Several scores of
        a day are averaged.
    trend : str or None
        Practice term, common to all.

    Returns
    -------
    People
        Of those who have a score.

    Raises
    ------
    ValueError
        If a column is missing, a value is infinite, or a session of a person is there twice.
    """
    lacking = [name for name in ("participant", *NEEDED) if name not in frame.columns]
    if lacking:
        raise ValueError(
            f"frame: column {lacking[0]!r} is missing; it needs participant, {', '.join(NEEDED)}"
        )
    person, names = _numbered(frame["participant"])
    code, conditions = _numbered(frame["condition"])
    period = pd.to_numeric(frame["period"]).to_numpy()
    taken = (period >= 1) & (code >= 0)
    rows = frame
    if not taken.all():
        rows, person, code, period = frame.loc[taken], person[taken], code[taken], period[taken]
    value = pd.to_numeric(rows["value"]).to_numpy(dtype=float)
    if np.isinf(value).any():
        raise ValueError("frame: an infinite value; write NaN for a missing one")
    session = pd.to_numeric(rows["session"]).to_numpy(dtype=float)
    period = period.astype(np.int64)
    has_day = "day" in rows.columns and rows["day"].notna().all()
    day = _days(rows["day"]) if has_day else session
    _require_once(person, session)
    order = _order(person, period, day)
    table = Rows(
        person=person[order], period=period[order], day=day[order], session=session[order], code=code[order], value=value[order]
    )  # fmt: skip
    return _reduced(_by_day(table), names, conditions, trend)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Scores as arrays of shape (n,), by person, period and day."""

    person: Ints
    period: Ints
    day: Floats
    session: Floats
    code: Ints
    value: Floats

    def take(self, which: Ints | Flags) -> Rows:
        """Return some of them."""
        return Rows(**{field.name: getattr(self, field.name)[which] for field in fields(self)})


def _heads(*columns: Any) -> Ints:
    """Return where runs of equal values begin."""
    changes = np.ones(len(columns[0]), dtype=bool)
    if changes.size:
        changes[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return np.flatnonzero(changes)


def _days(column: pd.Series) -> Floats:
    """Return days as numbers in their order, dates too."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=float)
    return np.asarray(pd.factorize(column, sort=True)[0], dtype=float)


def _numbered(column: pd.Series) -> tuple[Ints, tuple[str, ...]]:
    """Give numbers to the texts of a column in their order, -1 for none; in runs, so that few are looked up."""
    texts = column.to_numpy(dtype=object)
    first = _heads(texts)
    heads = texts[first]
    if not isinstance(column.dtype, pd.StringDtype):  # 1 and "1" are one name
        there = pd.notna(heads)
        heads[there] = heads[there].astype(str)
    number, names = pd.factorize(heads, sort=True)
    return np.repeat(number, np.diff(first, append=texts.size)), tuple(map(str, names))


def _require_once(person: Ints, session: Floats) -> None:
    """Refuse a session that a person has twice."""
    rises = (person[1:] > person[:-1]) | ((person[1:] == person[:-1]) & (session[1:] > session[:-1]))
    if not rises.all() and pd.DataFrame({"person": person, "session": session}).duplicated().any():
        raise ValueError("frame: a session of a participant is there twice; a score has one row per session")


def _order(*keys: Any) -> Ints | slice:
    """Return how rows are brought into the order of some keys, the first one above all."""
    tied, sorted_already = np.ones(max(0, keys[0].size - 1), dtype=bool), True
    for key in keys:
        sorted_already = sorted_already and not np.any(tied & (key[1:] < key[:-1]))
        tied &= key[1:] == key[:-1]
    return slice(None) if sorted_already else np.lexsort(keys[::-1])


def _by_day(rows: Rows) -> Rows:
    """Average several scores of a day; what is left has a value."""
    if not rows.value.size:
        return rows
    first = _heads(rows.person, rows.period, rows.day)
    if first.size < rows.value.size:
        size = np.diff(first, append=rows.value.size)
        seen = np.isfinite(rows.value)
        with np.errstate(invalid="ignore"):
            value = np.add.reduceat(np.where(seen, rows.value, 0.0), first) / np.add.reduceat(
                seen, first, dtype=np.int64
            )
        person = rows.person[first]
        times = np.zeros((person[-1] + 1, size.max() + 1), dtype=np.int64)
        np.add.at(times, (person, size), 1)
        # the most frequent number of scores; of two that are equally frequent, the larger one
        usual = times.shape[1] - 1 - np.argmax(times[:, ::-1], axis=1)
        session = np.ceil(np.maximum.reduceat(rows.session, first) / usual[person])
        rows = replace(rows.take(first), value=value, session=session)
    seen = np.isfinite(rows.value)
    return rows if seen.all() else rows.take(seen)


def _reduced(rows: Rows, names: tuple[str, ...], conditions: tuple[str, ...], trend: Trend | None) -> People:
    if not rows.value.size:
        nothing = np.zeros((0, 1, 1))
        return People(
            names=(), conditions=(), within=nothing, between=nothing[:, None], lengths=np.ones(1),
            periods=np.zeros((0, 1)), counts=np.zeros((0, 0), dtype=np.int64), days=np.zeros(0, dtype=np.int64), spread=0.0,
        )  # fmt: skip
    code, kept = _present(rows.code)
    conditions = tuple(conditions[place] for place in code)
    person_code, person = _present(rows.person)
    spread = float(rows.value.std())
    scaled = (rows.value - rows.value.mean()) / (spread or 1.0)
    k, n, total = len(conditions), person_code.size, person.size
    practice = trend_columns(rows.session, trend)
    first = _heads(person, rows.period)
    length = np.diff(first, append=total)
    columns = [*np.ascontiguousarray(practice.T), scaled]
    # One condition in a period: nothing of it lies within.
    is_one = len(_heads(person, rows.period, kept)) == first.size
    u = np.stack(columns if is_one else [*np.eye(k)[kept].T, *columns])
    mean = np.add.reduceat(u, first, axis=1) / length
    u -= np.repeat(mean, length, axis=1)
    starts = _heads(person)
    q, shift = k + len(columns), k if is_one else 0
    within = np.zeros((n, q, q))
    for i in range(len(u)):
        for j in range(i + 1):
            within[:, i + shift, j + shift] = within[:, j + shift, i + shift] = np.add.reduceat(
                u[i] * u[j], starts
            )
    if is_one:
        mean = np.concatenate([np.eye(k)[kept[first]].T, mean])
    of_person = person[first]
    lengths, kind = _present(length)
    cell, n_cells = of_person * lengths.size + kind, n * lengths.size
    between = np.empty((n_cells, q, q))
    for i in range(q):
        for j in range(i + 1):
            between[:, i, j] = between[:, j, i] = np.bincount(cell, length * mean[i] * mean[j], n_cells)
    return People(
        names=tuple(names[place] for place in person_code.tolist()),
        conditions=conditions,
        within=within,
        between=between.reshape(n, lengths.size, q, q),
        lengths=lengths.astype(float),
        periods=np.bincount(cell, minlength=n_cells).reshape(n, -1).astype(float),
        counts=np.bincount(of_person * k + kept[first], minlength=n * k).reshape(n, k),
        days=np.bincount(person),
        spread=spread,
    )


def _present(codes: Ints) -> tuple[Ints, Ints]:
    """Return the numbers that occur, and for each its place among them."""
    occurs = np.bincount(codes) > 0
    return np.flatnonzero(occurs), codes if occurs.all() else (np.cumsum(occurs) - 1)[codes]
