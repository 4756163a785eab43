"""Move the dates of periods that have not begun; never their order, never their length."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import require
from nof1.errors import EntryError, StageError
from nof1.terms import PeriodKind
from nof1.workflow.trial import Change, Trial, changing, read_trial, stored, write_schedule

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from nof1.audit.event import Event
    from nof1.schedule.calendar import Schedule
    from nof1.workflow.context import Context

_MOST_DAYS = 1000


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
        From 1, 0 for the run-in; the next one that has not begun by default.

    Returns
    -------
    Schedule
        The new calendar.

    Raises
    ------
    EntryError
        If the number of days cannot be.
    StageError
        If the period has begun, none is left, or there is no room; nothing is stored then.
    """
    if not days:
        raise EntryError("found 0 days, which moves nothing; write how far, such as 3")
    if abs(days) > _MOST_DAYS:
        raise EntryError(
            f"found {days} days; write at most {_MOST_DAYS}, or stop the trial with nof1 stop {folder.name}"
        )
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.ScheduleShifted)
        today = day_reached(trial, context.now())
        free = {
            period.index: period.starts_on
            for period in trial.schedule.periods
            if period.kind is not PeriodKind.WASHOUT and period.starts_on > today
        }
        if not free:
            raise StageError(f"every period of {trial.name} has begun; nothing is left to move")
        first = next(iter(free))
        period = from_period if from_period is not None else first
        if period not in free:
            raise StageError(
                f"period {period} has begun or does not exist; the first that can move is {first}"
            )
        begins = free[period] + timedelta(days=days)
        if begins < today:
            raise StageError(
                f"period {period} cannot begin on {begins}, which has passed; it can begin on {today} at the earliest"
            )
        _record(change, events.ScheduleShifted(from_period=period, days=days, reason=reason))
    return _moved(folder, "the shift")


def pause_trial(folder: Path, on: date | None, reason: str, context: Context) -> Schedule:
    """Let the trial rest from a day on; periods that have not begun wait for `resume`.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    on : date or None
        First day of rest, which may have passed; this day of the study by default.
    reason : str
        Why.
    context : Context
        Actor and clock.

    Returns
    -------
    Schedule
        The new calendar.

    Raises
    ------
    StageError
        If it rests already, or something was recorded in a period that would wait; nothing is stored then.
    """
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.Paused)
        first = on or trial.study_date(context.now())
        if (recorded := _last_recorded(trial, first)) is not None:
            raise StageError(
                f"period {trial.period_number(recorded)} has begun: something was recorded on {recorded}; "
                f"write --on {recorded + timedelta(days=1)} or a later day"
            )
        _record(change, events.Paused(on=first.isoformat(), reason=reason))
    return _moved(folder, "the pause")


def resume_trial(folder: Path, on: date | None, context: Context) -> Schedule:
    """Go on: the next period begins on a day.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    on : date or None
        First day again; this day of the study by default.
    context : Context
        Actor and clock.

    Returns
    -------
    Schedule
        The new calendar.

    Raises
    ------
    StageError
        If it does not rest, or not yet on that day; nothing is stored then.
    """
    with changing(folder, context) as change:
        first = on or change.trial.study_date(context.now())
        _record(change, events.Resumed(on=first.isoformat()))
    return _moved(folder, "the resumption")


def stop_trial(folder: Path, on: date | None, reason: str, context: Context) -> Schedule:
    """End the trial before its plan does. What was measured stays, and can be locked and reported.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    on : date or None
        Last day; this day of the study by default. Where something was recorded later, that day is the last: nobody
        chooses afterwards which scores count.
    reason : str
        Why.
    context : Context
        Actor and clock.

    Returns
    -------
    Schedule
        The calendar up to that day; periods that waited in a rest are not in it.
    """
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.Stopped)
        last = on or trial.study_date(context.now())
        last = max([last, *(day for day in _recorded_days(trial) if trial.period_on(day))])
        _record(change, events.Stopped(on=last.isoformat(), reason=reason))
    return _moved(folder, "the stop")


def _record(change: Change, event: Event) -> None:
    """Record a move only if the calendar can follow it: one that cannot would make the trial unreadable."""
    change.record(event)
    change.refresh()
    _ = change.trial.schedule


def day_reached(trial: Trial, now: datetime) -> date:
    """Return the day of the study that the trial has reached: a clock that was set back takes back nothing.

    Parameters
    ----------
    trial : Trial
        The trial.
    now : datetime
        What the clock says [aware].

    Returns
    -------
    date
        By the clock; or the last day of the calendar on which a score was measured or a dose taken, where that is later.
    """
    return max([trial.study_date(now), *(day for day in _recorded_days(trial) if trial.period_on(day))])


def _recorded_days(trial: Trial) -> set[date]:
    """Return the days of the study on which a score was measured or a dose taken."""
    days = {
        trial.schedule.start_on + timedelta(days=s.entry.day - 1) for s in trial.state.scores if s.entry.day
    }
    return days | {date.fromisoformat(dose.event.taken_on) for dose in trial.state.of(events.DoseRecorded)}


def _last_recorded(trial: Trial, rest: date) -> date | None:
    """Return the last day on which something was recorded in a period that begins in the rest."""
    days = _recorded_days(trial)
    waiting = [p for p in trial.schedule.periods if p.kind is not PeriodKind.WASHOUT and p.starts_on >= rest]
    return max((day for day in days if any(day in period for period in waiting)), default=None)


def _moved(folder: Path, what: str) -> Schedule:
    trial = read_trial(folder)
    with stored(what, trial.name):
        write_schedule(trial)
    return trial.schedule
