"""What happened on each day, and each adverse event by itself: the data behind calendar and list, nothing computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from nof1.analysis.expected_counts import scores_of_period
from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from nof1.analysis.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRecord:
    """One day of the plan.

    Attributes
    ----------
    day : int
        Day of the trial, from 1.
    period : int or None
        0 is the run-in; None in a washout.
    n_planned, n_entered, n_late : int
        Scores that were due, that have a value, and that came late.
    n_doses, n_doses_left_out : int
        Doses recorded as taken, and as left out.
    """

    day: int
    period: int | None
    n_planned: int
    n_entered: int
    n_late: int = 0
    n_doses: int = 0
    n_doses_left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One adverse event.

    Attributes
    ----------
    term : str
        In the words of the participant.
    day, period, day_in_period : int or None
        When it began: day of the trial, period (0 is the run-in), and day of that period, from 1.
    condition : str or None
        What was taken then; None in the run-in, and while blinded.
    severity : int
        From 1, mild, to 5, death.
    serious : bool
        Whether it was serious.
    n_days : int or None
        How long it lasted [days]; None where its end is not recorded.
    related, action, outcome : str or None
        What was thought of its cause, what was done, and how it ended.
    """

    term: str
    day: int | None
    period: int | None
    day_in_period: int | None
    condition: str | None
    severity: int
    serious: bool
    n_days: int | None = None
    related: str | None = None
    action: str | None = None
    outcome: str | None = None


def days_of(dataset: Dataset) -> tuple[DayRecord, ...]:
    """Count for every day of the plan what was due and what came.

    Parameters
    ----------
    dataset : Dataset
        The trial; it may be blinded.

    Returns
    -------
    tuple of DayRecord
        In order of time; empty where the data have no days.
    """
    rows = dataset.scores[dataset.scores["day"].notna()]
    doses = dataset.doses[dataset.doses["day"].notna()]
    taken = doses["taken"].astype(bool)
    swallowed, left_out = doses.loc[taken, "day"].value_counts(), doses.loc[~taken, "day"].value_counts()
    least = _least_of_day(dataset)
    found = []
    for _, held in rows.groupby("day", sort=True):
        day = int(held["day"].iloc[0])
        period = held["period"].iloc[0]
        is_washout = (held["kind"] == PeriodKind.WASHOUT).all() or pd.isna(period)
        found.append(
            DayRecord(
                day=day,
                period=None if is_washout else int(period),
                n_planned=max(len(held), 0 if is_washout or not period else least),
                n_entered=int(held["value"].notna().sum()),
                n_late=int(held["late"].astype(bool).sum()),
                n_doses=int(swallowed.get(day, 0)),
                n_doses_left_out=int(left_out.get(day, 0)),
            )
        )
    return tuple(found)


def _least_of_day(dataset: Dataset) -> int:
    """Return how many scores a day of an imported trial plans, where a period is a day: its file may lack rows."""
    if not dataset.trial["is_imported"] or dataset.protocol.design.period_days > 1:
        return 0
    return sum(scores_of_period(dataset.protocol, str(score)) for score in dataset.scores["score"].unique())


def events_of(dataset: Dataset) -> tuple[EventRecord, ...]:
    """List every adverse event with the day of its period on which it began.

    Parameters
    ----------
    dataset : Dataset
        The trial; while blinded no event has a condition.

    Returns
    -------
    tuple of EventRecord
        In order of their days, those without a day last.
    """
    firsts = dataset.sessions[dataset.sessions["day_in_period"].notna()]
    starts = {
        int(held["period"].iloc[0]): int((held["day"] - held["day_in_period"]).min())
        for _, held in firsts[firsts["period"].notna() & firsts["day"].notna()].groupby("period")
    }
    found = []
    for row in dataset.adverse_events.to_dict(orient="records"):
        day, period = _whole(row["day"]), _whole(row["period"])
        began = None if period is None else starts.get(period)
        found.append(
            EventRecord(
                term=str(row["term"]),
                day=day,
                period=period,
                day_in_period=None if day is None or began is None else day - began,
                condition=None if period is None else dataset.condition_of.get(period),
                severity=int(row["severity"]),
                serious=bool(row["serious"]),
                n_days=_length(row["started_on"], row["ended_on"]),
                related=_text(row["related"]),
                action=_text(row["action"]),
                outcome=_text(row["outcome"]),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.day is None, one.day or 0)))


def _whole(value: object) -> int | None:
    number = float(str(value)) if value is not None else float("nan")
    return None if math.isnan(number) else int(number)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _length(start: object, end: object) -> int | None:
    first, last = _text(start), _text(end)
    if first is None or last is None:
        return None
    days = (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days
    return days + 1 if days >= 0 else None
