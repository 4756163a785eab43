"""Many people at once: cross-products of each person, and the covariance that people, periods and days make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nof1.analysis.observed import NEEDED
from nof1.analysis.trend import trend_columns

if TYPE_CHECKING:
    from nof1.analysis.observed import Ints
    from nof1.analysis.trend import Floats, Trend


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
    rows = frame.loc[frame["condition"].notna() & (pd.to_numeric(frame["period"]) >= 1)]
    value = pd.to_numeric(rows["value"]).to_numpy(dtype=float)
    if np.isinf(value).any():
        raise ValueError("frame: an infinite value; write NaN for a missing one")
    person, names = pd.factorize(rows["participant"].astype(str), sort=True)
    session = pd.to_numeric(rows["session"]).to_numpy(dtype=float)
    day = rows["day"].to_numpy() if "day" in rows.columns and rows["day"].notna().all() else session
    if rows.duplicated(["participant", "session"]).any():
        raise ValueError("frame: a session of a participant is there twice; a score has one row per session")
    period = pd.to_numeric(rows["period"]).to_numpy(dtype=np.int64)
    code, conditions = pd.factorize(rows["condition"].astype(str), sort=True)
    table = pd.DataFrame(
        {"person": person, "period": period, "day": day, "session": session, "code": code, "value": value}
    )
    held = table.groupby(["person", "period", "day"], sort=True)
    if held.ngroups < len(table):
        sizes = held.size()
        usual = sizes.groupby("person").agg(lambda counts: counts.mode().max())
        table = held.agg(
            session=("session", "max"), code=("code", "first"), value=("value", "mean")
        ).reset_index()
        table["session"] = np.ceil(table["session"] / table["person"].map(usual))
    else:
        table = table.sort_values(["person", "period", "day"], kind="stable")
    table = table[table["value"].notna()]
    return _reduced(table, tuple(map(str, names)), tuple(map(str, conditions)), trend)


def _reduced(
    table: pd.DataFrame, names: tuple[str, ...], conditions: tuple[str, ...], trend: Trend | None
) -> People:
    if table.empty:
        nothing = np.zeros((0, 1, 1))
        return People(
            names=(), conditions=(), within=nothing, between=nothing[:, None], lengths=np.ones(1),
            periods=np.zeros((0, 1)), counts=np.zeros((0, 0), dtype=np.int64), days=np.zeros(0, dtype=np.int64), spread=0.0,
        )  # fmt: skip
    code, kept = np.unique(table["code"].to_numpy(), return_inverse=True)
    conditions = tuple(conditions[place] for place in code)
    person_code, person = np.unique(table["person"].to_numpy(), return_inverse=True)
    value = table["value"].to_numpy(dtype=float)
    spread = float(value.std())
    practice = trend_columns(table["session"].to_numpy(dtype=float), trend)
    scaled = (value - value.mean()) / (spread or 1.0)
    u = np.column_stack([np.eye(len(conditions))[kept], practice, scaled])
    key = np.stack([person, table["period"].to_numpy()])
    first = np.flatnonzero(np.any(np.diff(key, axis=1, prepend=-1) != 0, axis=0))
    length = np.diff(np.append(first, len(u)))
    mean = np.add.reduceat(u, first, axis=0) / length[:, None]
    apart = u - np.repeat(mean, length, axis=0)
    of_person = person[first]
    lengths, kind = np.unique(length, return_inverse=True)
    n, q = person_code.size, u.shape[1]
    starts = np.searchsorted(person, np.arange(n))
    within = np.add.reduceat(apart[:, :, None] * apart[:, None, :], starts, axis=0)
    between = np.zeros((n, lengths.size, q, q))
    np.add.at(between, (of_person, kind), length[:, None, None] * mean[:, :, None] * mean[:, None, :])
    periods = np.zeros((n, lengths.size))
    np.add.at(periods, (of_person, kind), 1.0)
    counts = np.zeros((n, len(conditions)), dtype=np.int64)
    np.add.at(counts, (of_person, kept[first]), 1)
    return People(
        names=tuple(names[place] for place in person_code),
        conditions=conditions,
        within=within,
        between=between,
        lengths=lengths.astype(float),
        periods=periods,
        counts=counts,
        days=np.bincount(person),
        spread=spread,
    )
