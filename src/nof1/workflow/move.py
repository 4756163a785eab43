"""Move the dates of periods that have not begun; never their order, never their length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.errors import StageError
from nof1.terms import PeriodKind
from nof1.workflow.trial import changing, read_trial, write_schedule

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from nof1.schedule.calendar import Schedule
    from nof1.workflow.context import Context


def shift_trial(
    folder: Path, days: int, reason: str, context: Context, from_period: int | None = None
) -> Schedule:
    """Move all periods from one on that has not begun.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    days : int
        How far; negative: earlier.
    reason : str
        Why.
    context : Context
        Actor and clock.
    from_period : int or None
        From 1; the next one that has not begun by default.

    Returns
    -------
    Schedule
        The new calendar.

    Raises
    ------
    StageError
        If the period has begun, or none is left.
    """
    with changing(folder, context) as change:
        trial = change.trial
        today = trial.study_date(context.now())
        free = [
            p.index for p in trial.schedule.periods if p.kind is PeriodKind.TREATMENT and p.starts_on > today
        ]
        if not free:
            raise StageError(f"every period of {trial.name} has begun; nothing is left to move")
        period = from_period if from_period is not None else free[0]
        if period not in free:
            raise StageError(
                f"period {period} has begun or does not exist; the first that can move is {free[0]}"
            )
        change.record(events.ScheduleShifted(from_period=period, days=days, reason=reason))
    return _moved(folder)


def pause_trial(folder: Path, on: date, reason: str, context: Context) -> Schedule:
    """Let the trial rest from a day on; periods that have not begun wait for `resume`.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    on : date
        First day of rest.
    reason : str
        Why.
    context : Context
        Actor and clock.

    Returns
    -------
    Schedule
        The new calendar.
    """
    with changing(folder, context) as change:
        change.record(events.Paused(on=on.isoformat(), reason=reason))
        _ = change.trial.schedule
    return _moved(folder)


def resume_trial(folder: Path, on: date, context: Context) -> Schedule:
    """Go on: the next period begins on a day.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    on : date
        First day again.
    context : Context
        Actor and clock.

    Returns
    -------
    Schedule
        The new calendar.
    """
    with changing(folder, context) as change:
        change.record(events.Resumed(on=on.isoformat()))
    return _moved(folder)


def stop_trial(folder: Path, on: date, reason: str, context: Context) -> Schedule:
    """End the trial before its plan does. What was measured stays, and can be locked and reported.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    on : date
        Last day.
    reason : str
        Why.
    context : Context
        Actor and clock.

    Returns
    -------
    Schedule
        The calendar up to that day.
    """
    with changing(folder, context) as change:
        change.record(events.Stopped(on=on.isoformat(), reason=reason))
    return _moved(folder)


def _moved(folder: Path) -> Schedule:
    trial = read_trial(folder)
    write_schedule(trial)
    return trial.schedule
