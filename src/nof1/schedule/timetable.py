"""The timetable of a trial as frozen values: periods and sessions with dates, and no condition anywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from nof1.protocol.sessions import StartTime
from nof1.schedule.clock import Quirk, instant, later, study_date
from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from nof1.terms import KitCode

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """An unbroken run of days under one kit, or the run-in, or a washout.

    Attributes
    ----------
    index : int
        Place among the treatment periods, counted from 1; 0 is the run-in; a washout has the number of
        the period that it follows.
    kind : PeriodKind
        What the days are for.
    block : int or None
        Block (cycle), from 1, where the design has any.
    kit : KitCode or None
        Code on the package. Never the condition: a schedule must be safe to print.
    starts_on, ends_on : date
        First and last day, both included [local calendar days].
    first_analysed_on : date or None
        First day after the onset; None where nothing is analysed.
    """

    index: int
    kind: PeriodKind
    block: int | None = None
    kit: KitCode | None = None
    starts_on: date
    ends_on: date
    first_analysed_on: date | None = None

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise ValueError(f"a period cannot end on {self.ends_on}, before it starts on {self.starts_on}")
        if self.kit is not None and self.kind is not PeriodKind.TREATMENT:
            raise ValueError(f"a {self.kind} has no kit")

    @property
    def n_days(self) -> int:
        """Length [days]."""
        return (self.ends_on - self.starts_on).days + 1

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    def moved(self, days: int) -> Self:
        """Return the same period on other dates.

        Parameters
        ----------
        days : int
            How far; negative: earlier.

        Returns
        -------
        Period
            Of the same length.
        """
        by = timedelta(days=days)
        first = self.first_analysed_on
        return replace(
            self,
            starts_on=self.starts_on + by,
            ends_on=self.ends_on + by,
            first_analysed_on=None if first is None else first + by,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A planned occasion of scores.

    Attributes
    ----------
    number : int
        From 1 in the order of time, run-in counted: the practice clock.
    day : int
        Day of the study, from 1: the calendar clock.
    on : date
        Its date; hours before the turn of the day belong to the end of it.
    period, day_in_period : int
        As in `Period.index`; day of the period, from 1.
    block : int or None
        As in `Period`.
    kind : PeriodKind
        What the day is for.
    due : tuple of str
        ``instrument`` or ``instrument:part``, in order.
    clock : StartTime or None
        Planned time of day; None: any time.
    window : timedelta or None
        How much later, or earlier, it may be; None: the whole day of the study.
    at : datetime or None
        When it is due [aware, zone at home].
    opens, closes : datetime
        From when to when it is in time [aware, zone at home].
    quirk : {"gap", "fold"} or None
        ``gap``: the clock jumps over the planned time on this day, and the first instant after the jump
        is taken; ``fold``: the clock shows it twice, and the first is taken.
    """

    number: int
    day: int
    on: date
    period: int
    day_in_period: int
    block: int | None
    kind: PeriodKind
    due: tuple[str, ...]
    clock: StartTime | None
    window: timedelta | None
    at: datetime | None
    opens: datetime
    closes: datetime
    quirk: Quirk | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The calendar of a trial.

    Attributes
    ----------
    periods : tuple of Period
        Run-in, treatment periods and washouts in the order of time.
    sessions : tuple of Session
        In the order of time.
    zone : str
        IANA name of the zone at home.
    start_on : date
        First day of the study.
    day_starts : time
        When a day of the study turns.
    paused_on, stopped_on : date or None
        First day of a rest that has not ended; last day of a trial that ended before its plan.
    last_number : int
        Highest number that a session has had; no number is ever given twice, so that a score keeps its session.
    """

    periods: tuple[Period, ...]
    sessions: tuple[Session, ...]
    zone: str
    start_on: date
    day_starts: time
    paused_on: date | None = None
    stopped_on: date | None = None
    last_number: int = 0

    def period_on(self, day: date) -> Period | None:
        """Return the period to which a day of the study belongs.

        Parameters
        ----------
        day : date
            As `study_date` gives it.

        Returns
        -------
        Period or None
            None before, after, and in a gap.
        """
        return next((period for period in self.periods if day in period), None)

    def sessions_on(self, day: date) -> tuple[Session, ...]:
        """Return what is planned for a day of the study.

        Parameters
        ----------
        day : date
            As `study_date` gives it.

        Returns
        -------
        tuple of Session
            In the order of time.
        """
        return tuple(session for session in self.sessions if session.on == day)

    def study_date(self, local: datetime) -> date:
        """Return the day of the study to which a time belongs, at the place where it happened.

        Parameters
        ----------
        local : datetime
            Time on the clock at that place.

        Returns
        -------
        date
            Turning at `day_starts`, not at midnight.
        """
        return study_date(local, self.day_starts)

    def day_number(self, day: date) -> int:
        """Return the number of a day of the study.

        Parameters
        ----------
        day : date
            As `study_date` gives it.

        Returns
        -------
        int
            From 1; 0 or less before the start.
        """
        return (day - self.start_on).days + 1


def instants(
    schedule: Schedule, on: date, clock: StartTime | None, window: timedelta | None
) -> tuple[datetime | None, datetime, datetime, Quirk | None]:
    """Work out when something is due on a day of the study.

    Parameters
    ----------
    schedule : Schedule
        Its zone and its turn of the day.
    on : date
        Day of the study.
    clock : StartTime or None
        Planned time; None: any time of the day.
    window : timedelta or None
        How much later, or earlier, it may be; None: the whole day of the study.

    Returns
    -------
    at : datetime or None
        When it is due [aware].
    opens, closes : datetime
        From when to when it is in time [aware].
    quirk : {"gap", "fold"} or None
        What the clock does at that time.
    """
    zone = ZoneInfo(schedule.zone)
    turn = StartTime(clock=schedule.day_starts)
    opens, _ = instant(turn, on, schedule.day_starts, zone)
    closes, _ = instant(turn, on + _ONE_DAY, schedule.day_starts, zone)
    if clock is None:
        return None, opens, closes, None
    at, quirk = instant(clock, on, schedule.day_starts, zone)
    if window is not None:
        opens, closes = later(at, -window), later(at, window)
    return at, min(at, opens), max(at, closes), quirk


def dated(schedule: Schedule, session: Session, on: date) -> Session:
    """Return a session on another date.

    Parameters
    ----------
    schedule : Schedule
        In which it stands.
    session : Session
        Of the schedule.
    on : date
        Day of the study.

    Returns
    -------
    Session
        With the instants of that date; its number stays.
    """
    at, opens, closes, quirk = instants(schedule, on, session.clock, session.window)
    day = schedule.day_number(on)
    return replace(session, on=on, day=day, at=at, opens=opens, closes=closes, quirk=quirk)


def study_day(local: datetime, schedule: Schedule) -> int:
    """Return the number of the day of the study to which a time belongs.

    Parameters
    ----------
    local : datetime
        Time on the clock at the place where it happened.
    schedule : Schedule
        Of the trial.

    Returns
    -------
    int
        From 1; 0 or less before the start.
    """
    return schedule.day_number(schedule.study_date(local))
