"""What happened, in counts and means: by condition, by period, in entries and harms. No test, no model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nof1.analysis.result import (
    AdherenceSummary,
    AdverseEventSummary,
    ConditionSummary,
    HarmSummary,
    PeriodSummary,
    Series,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.analysis.dataset import Dataset


def conditions_of(frame: pd.DataFrame, codes: Sequence[str]) -> tuple[ConditionSummary, ...]:
    """Describe the scores under each condition.

    Parameters
    ----------
    frame : DataFrame
        As `Dataset.frame` gives it.
    codes : sequence of str
        Conditions, in the order of the protocol.

    Returns
    -------
    tuple of ConditionSummary
        One per condition; means of scores, not of periods. None where there are no scores.
    """
    found = []
    for code in codes:
        rows = frame[frame["condition"] == code]
        seen = rows[rows["value"].notna()]
        values = seen["value"]
        found.append(
            ConditionSummary(
                condition=code,
                n_planned=len(rows),
                n_sessions=len(seen),
                n_missing=len(rows) - len(seen),
                n_periods=int(seen["period"].nunique()),
                mean=float(values.mean()) if len(values) else None,
                sd=float(values.std()) if len(values) > 1 else None,
                minimum=float(values.min()) if len(values) else None,
                maximum=float(values.max()) if len(values) else None,
            )
        )
    return tuple(found)


def periods_of(dataset: Dataset, frame: pd.DataFrame | None = None) -> tuple[PeriodSummary, ...]:
    """Describe every period: where it lies, and the mean of a score in it.

    Parameters
    ----------
    dataset : Dataset
        The trial.
    frame : DataFrame, optional
        The scores that count; without them the calendar alone.

    Returns
    -------
    tuple of PeriodSummary
        The run-in (period 0) first, where there is one.
    """
    calendar = dataset.sessions[dataset.sessions["period"].notna()]
    kits = {}
    if dataset.allocation is not None:
        known = dataset.allocation.dropna(subset=["period"])
        kits = dict(zip(known["period"].astype(int), known["kit"], strict=True))
    found = []
    for period, rows in calendar.groupby("period"):
        number = int(str(int(float(str(period)))))
        scores = None if frame is None else frame.loc[frame["period"] == period, "value"].dropna()
        if frame is not None and number == 0:
            continue
        days = rows["day"].dropna()
        block = rows["block"].dropna()
        kit = kits.get(number)
        found.append(
            PeriodSummary(
                period=number,
                block=int(block.iloc[0]) if len(block) else None,
                condition=dataset.condition_of.get(number),
                kit=None if pd.isna(kit) else str(kit),
                first_day=int(days.min()) if len(days) else None,
                last_day=int(days.max()) if len(days) else None,
                n_sessions=len(rows) if scores is None else len(scores),
                mean=None if scores is None or scores.empty else float(scores.mean()),
            )
        )
    return tuple(found)


def series_of(dataset: Dataset, score: str) -> Series:
    """Return every planned occasion of a score, for figures.

    Parameters
    ----------
    dataset : Dataset
        The trial.
    score : str
        ``<instrument>.<score>``.

    Returns
    -------
    Series
        Columns of equal length; period 0 in the run-in and -1 in a washout.
    """
    rows = dataset.planned(score)
    return Series(
        session=tuple(int(n) for n in rows["session"]),
        day=tuple(None if pd.isna(day) else int(day) for day in rows["day"]),
        period=tuple(-1 if pd.isna(period) else int(period) for period in rows["period"]),
        condition=tuple(None if pd.isna(code) else str(code) for code in rows["condition"]),
        value=tuple(None if pd.isna(value) else float(value) for value in rows["value"]),
        analysed=tuple(bool(counted) for counted in rows["analysed"]),
    )


def adherence_of(dataset: Dataset) -> AdherenceSummary:
    """Count what was planned, entered, late, and swallowed.

    Parameters
    ----------
    dataset : Dataset
        The trial.

    Returns
    -------
    AdherenceSummary
        Over all scores of all planned sessions, run-in included.
    """
    rows = dataset.scores
    missing = rows[rows["value"].isna()]
    codes = [dataset.condition_of.get(int(p)) if pd.notna(p) else None for p in missing["period"]]
    taken = dataset.doses["taken"].astype(bool)
    return AdherenceSummary(
        n_planned=len(rows),
        n_entered=len(rows) - len(missing),
        n_missing=len(missing),
        n_late=int(rows["late"].astype(bool).sum()),
        missing_by_condition={
            code: codes.count(code) for code in dataset.protocol.condition_codes if not dataset.is_blinded
        },
        missing_by_reason={
            str(reason): int(n)
            for reason, n in missing["missing_reason"].fillna("not_given").value_counts(sort=False).items()
        },
        n_doses_recorded=len(taken),
        n_doses_missed=int((~taken).sum()),
    )


def harms_of(dataset: Dataset) -> tuple[HarmSummary, ...]:
    """Describe every rating of a harm by condition, onset days included; pooled while blinded.

    Parameters
    ----------
    dataset : Dataset
        The trial.

    Returns
    -------
    tuple of HarmSummary
        A day counts as above zero if any of its ratings is.
    """
    codes: tuple[str | None, ...] = (None,) if dataset.is_blinded else dataset.protocol.condition_codes
    found = []
    for score, meaning in dataset.meanings.items():
        if not meaning.is_harm or not (dataset.scores["score"] == score).any():
            continue
        rows = dataset.planned(score)
        rows = rows[rows["value"].notna() & rows["period"].notna() & (rows["period"] > 0)]
        for code in codes:
            held = rows if code is None else rows[rows["condition"] == code]
            above = held[held["value"] > 0]
            found.append(
                HarmSummary(
                    score=score,
                    label=meaning.label,
                    condition=code,
                    n_sessions=len(held),
                    mean=float(held["value"].mean()) if len(held) else None,
                    maximum=float(held["value"].max()) if len(held) else None,
                    n_days_above_zero=int(above["day"].fillna(above["session"]).nunique()),
                )
            )
    return tuple(found)


def adverse_events_of(dataset: Dataset) -> tuple[AdverseEventSummary, ...]:
    """Count adverse events by the condition under which they began; pooled while blinded.

    Parameters
    ----------
    dataset : Dataset
        The trial.

    Returns
    -------
    tuple of AdverseEventSummary
        A row per condition, and one with condition None for the rest, if there is any.
    """
    rows = dataset.adverse_events
    under = [dataset.condition_of.get(int(period)) if pd.notna(period) else None for period in rows["period"]]
    codes: list[str | None] = [] if dataset.is_blinded else list(dataset.protocol.condition_codes)
    if None in under or dataset.is_blinded:
        codes.append(None)
    found = []
    for code in codes:
        held = rows[np.array([one == code for one in under], dtype=bool)]
        found.append(
            AdverseEventSummary(
                condition=code,
                n_events=len(held),
                n_serious=int(held["serious"].astype(bool).sum()),
                worst_severity=int(held["severity"].max()) if len(held) else None,
            )
        )
    return tuple(found)
