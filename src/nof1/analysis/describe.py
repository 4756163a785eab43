"""What happened, in counts and means: by condition, by period, in entries and harms. No test, no model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nof1.analysis.expected_counts import scores_of_period, scores_of_run_in
from nof1.analysis.result import (
    AdherenceSummary,
    AdverseEventSummary,
    ConditionSummary,
    HarmSummary,
    PeriodSummary,
    Series,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.analysis.dataset import Dataset


def conditions_of(
    frame: pd.DataFrame, codes: Sequence[str], planned: Mapping[str, int] | None = None
) -> tuple[ConditionSummary, ...]:
    """Describe the scores under each condition.

    Parameters
    ----------
    frame : DataFrame
        As `Dataset.frame` gives it.
    codes : sequence of str
        Conditions, in the order of the protocol.
    planned : mapping of str to int, optional
        Scores that the protocol plans, where the frame may lack rows.

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
        n_planned = max(len(rows), (planned or {}).get(code, 0))
        found.append(
            ConditionSummary(
                condition=code,
                n_planned=n_planned,
                n_sessions=len(seen),
                n_missing=n_planned - len(seen),
                n_periods=int(seen["period"].nunique()),
                mean=float(values.mean()) if len(values) else None,
                sd=float(values.std()) if len(values) > 1 else None,
                minimum=float(values.min()) if len(values) else None,
                maximum=float(values.max()) if len(values) else None,
            )
        )
    return tuple(found)


def planned_by_condition(dataset: Dataset, score: str) -> dict[str, int]:
    """Return how many counted scores the protocol plans under each condition of an imported trial.

    The file of another program may have no row for what was never measured; in trials of our own every planned
    score has one.

    Parameters
    ----------
    dataset : Dataset
        The trial.
    score : str
        ``<instrument>.<score>``.

    Returns
    -------
    dict of str to int
        Empty where the rows themselves are the plan.
    """
    if not dataset.trial["is_imported"]:
        return {}
    in_period = scores_of_period(dataset.protocol, score, dataset.protocol.design.onset_days)
    held = list(dataset.condition_of.values())
    return {code: in_period * held.count(code) for code in set(held)}


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
    held = [_condition_at(dataset, period) for period in missing["period"]]
    absent = _absent(dataset)
    n_surplus = _surplus(dataset)
    n_planned = len(rows) - n_surplus + sum(absent.values())
    n_entered = len(rows) - len(missing) - n_surplus
    reasons = missing["missing_reason"].fillna("not_given").value_counts(sort=False)
    taken = dataset.doses["taken"].astype(bool)
    n_doses = _doses(dataset)
    return AdherenceSummary(
        n_planned=n_planned,
        n_rows=len(rows),
        n_entered=n_entered,
        n_missing=n_planned - n_entered,
        n_missing_in_run_in=int((missing["period"] == 0).sum()) + absent.get(None, 0),
        n_late=int(rows["late"].astype(bool).sum()),
        missing_by_condition={
            code: held.count(code) + absent.get(code, 0)
            for code in dataset.protocol.condition_codes
            if not dataset.is_blinded
        },
        missing_by_reason={str(reason): int(n) for reason, n in reasons.items()}
        | ({"no_row": sum(absent.values())} if sum(absent.values()) else {}),
        n_doses_recorded=len(taken),
        n_doses_missed=int((~taken).sum()),
        n_doses_planned=n_doses,
        n_doses_without_record=None if n_doses is None else max(0, n_doses - len(taken)),
        n_guesses_planned=_guesses_planned(dataset),
        n_guesses=int(dataset.guesses["period"].dropna().nunique()),
    )


def _condition_at(dataset: Dataset, period: float) -> str | None:
    return dataset.condition_of.get(int(period)) if period == period else None  # noqa: PLR0124  (NaN)


def _absent(dataset: Dataset) -> dict[str | None, int]:
    """Count the scores of an imported trial that are planned and have no row, by condition; None in the run-in."""
    if not dataset.trial["is_imported"]:
        return {}
    found: dict[str | None, int] = {}
    for score, rows in dataset.scores.groupby("score"):
        counts = rows["period"].value_counts()
        in_run_in = scores_of_run_in(dataset.protocol, str(score))
        found[None] = found.get(None, 0) + max(0, in_run_in - int(counts.get(0, 0)))
        in_period = scores_of_period(dataset.protocol, str(score))
        for period in range(1, dataset.space.n_periods + 1):
            code = dataset.condition_of.get(period)
            found[code] = found.get(code, 0) + max(0, in_period - int(counts.get(period, 0)))
    return found


def _surplus(dataset: Dataset) -> int:
    """Count the scores of an imported trial beyond what a period plans, such as those of a second date of one day."""
    if not dataset.trial["is_imported"]:
        return 0
    rows = dataset.scores[dataset.scores["value"].notna() & (dataset.scores["period"] > 0)]
    return sum(
        max(0, len(held) - scores_of_period(dataset.protocol, str(score)))
        for (score, _), held in rows.groupby(["score", "period"])
    )


def _doses(dataset: Dataset) -> int | None:
    """Return the doses that the plan asks for in all periods; None where nothing has a time, or it cannot be known."""
    conditions = {str(code): len(one.times) for code, one in dataset.protocol.conditions.items()}
    if dataset.trial["is_imported"] or not any(conditions.values()):
        return None
    days, periods = dataset.protocol.design.period_days, range(1, dataset.space.n_periods + 1)
    if len(set(conditions.values())) == 1:
        return next(iter(conditions.values())) * days * len(periods)
    if any(period not in dataset.condition_of for period in periods):
        return None
    return sum(conditions[dataset.condition_of[period]] * days for period in periods)


def _guesses_planned(dataset: Dataset) -> int:
    guess = dataset.protocol.blinding.guess
    return 0 if guess == "none" or dataset.trial["is_imported"] else dataset.space.n_periods


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
