"""What is due, for a calendar: times, instruments and codes of kits. No condition; a calendar is read by many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from icalendar import Alarm, Calendar, Event

from nof1.errors import WorkspaceError
from nof1.files.atomic import make_folder, write_atomically
from nof1.terms import PeriodKind
from nof1.version import __version__
from nof1.workflow.steps import label_of, steps_of
from nof1.workflow.trial import Trial, read_trial

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.schedule.calendar import Period, Session
    from nof1.workflow.context import Context

_SHORTEST = timedelta(minutes=5)


def export_calendar(folder: Path, to: Path, context: Context) -> Path:
    """Write what is still due as an iCalendar file.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    to : Path
        A new or empty folder.
    context : Context
        Clock: what lies before today is left out.

    Returns
    -------
    Path
        The file. Written again after a shift it changes the same entries: their names stay.

    Raises
    ------
    WorkspaceError
        If the folder is not empty.
    StageError
        If the trial was run elsewhere.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise WorkspaceError(f"{to} is a file, or not empty; take another folder")
    trial = read_trial(folder)
    made = calendar_of(trial, context.now())
    make_folder(to)
    path = to / f"{trial.name}.ics"
    write_atomically(path, made)
    return path


def calendar_of(trial: Trial, now: datetime) -> bytes:
    """Return what is still due as iCalendar.

    Parameters
    ----------
    trial : Trial
        As it stands.
    now : datetime
        The time [aware].

    Returns
    -------
    bytes
        UTF-8; times in UTC, days as days.
    """
    today = trial.study_date(now)
    made = Calendar()
    made.add("prodid", f"-//nof1//{__version__}//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", trial.name)
    waits = trial.waits_from
    for period in trial.schedule.periods:
        is_waiting = waits is not None and period.starts_on >= waits
        if period.kind is PeriodKind.TREATMENT and period.starts_on >= today and not is_waiting:
            made.add_component(_new_box(trial, period, now))
    for session in trial.schedule.sessions:
        if session.on >= today and (waits is None or session.on < waits):
            made.add_component(_session(trial, session, now))
    written: bytes = made.to_ical()
    return written


def _session(trial: Trial, session: Session, now: datetime) -> Event:
    entry = _entry(trial, f"session-{session.number}", now)
    steps = steps_of(trial, session, now)
    what = ", ".join(
        label_of(step.instrument, trial.protocol.instruments[step.instrument], step.which)
        for step in steps.steps
    )
    entry.add("summary", f"{trial.name}: session {session.number}")
    entry.add("description", f"{what}. nof1 serve {trial.name}")
    if session.at is None:
        entry.add("dtstart", session.on)
        entry.add("dtend", session.on + timedelta(days=1))
        return entry
    begin = session.at.astimezone(UTC)
    length = max(_SHORTEST, timedelta(minutes=float(sum(step.minutes for step in steps.steps))))
    entry.add("dtstart", begin)
    entry.add("dtend", begin + length)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"{trial.name}: session {session.number}")
    alarm.add("trigger", timedelta(0))
    entry.add_component(alarm)
    return entry


def _new_box(trial: Trial, period: Period, now: datetime) -> Event:
    entry = _entry(trial, f"period-{period.index}", now)
    box = f"open the box {period.kit}, and no other" if period.kit else "a new period begins"
    entry.add("summary", f"{trial.name}: period {period.index}, {box}")
    entry.add("dtstart", period.starts_on)
    entry.add("dtend", period.starts_on + timedelta(days=1))
    return entry


def _entry(trial: Trial, name: str, now: datetime) -> Event:
    entry = Event()
    entry.add("uid", f"{name}.{trial.registration.protocol_sha256[:16]}@{trial.name}.nof1")
    entry.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    return entry
