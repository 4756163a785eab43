"""From a protocol and a first day to the timetable of a trial, and what may change in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nof1.errors import StageError
from nof1.protocol.scalars import clock
from nof1.schedule.changes import leave_empty, pause, replace_block, resume, shift, stop
from nof1.schedule.design import space_of
from nof1.schedule.occasions import of_day, of_run_in
from nof1.schedule.timetable import Period, Schedule, Session, instants, study_day
from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from nof1.protocol.model import Protocol
    from nof1.schedule.occasions import Occasion
    from nof1.terms import KitCode

__all__ = [
    "Period",
    "Schedule",
    "Session",
    "add_block",
    "leave_empty",
    "pause",
    "plan",
    "replace_block",
    "replan",
    "resume",
    "shift",
    "stop",
    "study_day",
]


def plan(protocol: Protocol, start_on: date, zone: str, kits: Sequence[KitCode] = ()) -> Schedule:
    """Lay out a trial from its first day.

    Parameters
    ----------
    protocol : Protocol
        Without problems.
    start_on : date
        First day, of the run-in if there is one.
    zone : str
        IANA name of the zone at home.
    kits : sequence of KitCode
        One for each treatment period in order of use; none at all where nothing is packed.

    Returns
    -------
    Schedule
        Names no condition.

    Raises
    ------
    ValueError
        If the number of kits is wrong or the zone is unknown.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{zone!r} is not a time zone; write an IANA name such as Europe/Berlin") from None
    blocks = space_of(protocol).blocks
    if kits and len(kits) != len(blocks):
        raise ValueError(f"the design has {len(blocks)} periods, and {len(kits)} kits were given")
    design = protocol.design
    periods = []
    begin = start_on
    if design.run_in is not None:
        begin += timedelta(days=design.run_in.within_days)
        periods.append(
            Period(index=0, kind=PeriodKind.RUN_IN, starts_on=start_on, ends_on=begin - timedelta(days=1))
        )
    given = kits or (None,) * len(blocks)
    for index, (block, kit) in enumerate(zip(blocks, given, strict=True), start=1):
        if index > 1 and design.washout_days:
            periods.append(_washout(protocol, index - 1, begin))
            begin += timedelta(days=design.washout_days)
        periods.append(_treatment(protocol, index, begin, block or None, kit))
        begin += timedelta(days=design.period_days)
    schedule = Schedule(
        periods=tuple(periods),
        sessions=(),
        zone=zone,
        start_on=start_on,
        day_starts=clock(protocol.day_starts),
    )
    return _with_sessions(schedule, protocol, schedule.periods)


def add_block(schedule: Schedule, protocol: Protocol, kits: Sequence[KitCode | None]) -> Schedule:
    """Add a block at the end: a spare one, where a kit was lost in the middle of a block, or one of an extension.

    Parameters
    ----------
    schedule : Schedule
        As it stands.
    protocol : Protocol
        Of the trial.
    kits : sequence of (KitCode or None)
        Of the block, in order of use; None for each period where nothing is packed.

    Returns
    -------
    Schedule
        With one more block; nothing else changes.

    Raises
    ------
    StageError
        If the trial has ended or the design has no blocks.
    """
    done = [period.block for period in schedule.periods if period.block is not None]
    if schedule.stopped_on is not None or not done:
        raise StageError("a block can be added only to blocks, and only while the trial goes on")
    last = schedule.periods[-1]
    begin = last.ends_on + timedelta(days=1)
    periods = []
    for index, kit in enumerate(kits, start=last.index + 1):
        if protocol.design.washout_days:
            periods.append(_washout(protocol, index - 1, begin))
            begin += timedelta(days=protocol.design.washout_days)
        periods.append(_treatment(protocol, index, begin, max(done) + 1, kit))
        begin += timedelta(days=protocol.design.period_days)
    longer = replace(schedule, periods=(*schedule.periods, *periods))
    return _with_sessions(longer, protocol, periods)


def replan(schedule: Schedule, protocol: Protocol, on: date) -> Schedule:
    """Let an amended protocol say what is due from a day on.

    Parameters
    ----------
    schedule : Schedule
        As it stands.
    protocol : Protocol
        The amended one, with the same design.
    on : date
        Day of the study from which it holds.

    Returns
    -------
    Schedule
        With the same periods; sessions before that day stay, those from it on get numbers of their own.
    """
    kept = tuple(session for session in schedule.sessions if session.on < on)
    due = [
        (period, day, occasion)
        for period, day, occasion in _planned(protocol, schedule.periods)
        if period.starts_on + timedelta(days=day - 1) >= on
    ]
    return _numbered(replace(schedule, sessions=kept), due)


def _with_sessions(schedule: Schedule, protocol: Protocol, periods: Sequence[Period]) -> Schedule:
    return _numbered(schedule, _planned(protocol, periods))


def _numbered(schedule: Schedule, planned: Iterable[tuple[Period, int, Occasion]]) -> Schedule:
    """Append sessions under numbers that none had before."""
    new = [
        _session(schedule, number, period, day, occasion)
        for number, (period, day, occasion) in enumerate(planned, start=schedule.last_number + 1)
    ]
    return replace(schedule, sessions=(*schedule.sessions, *new), last_number=schedule.last_number + len(new))


def _planned(protocol: Protocol, periods: Sequence[Period]) -> Iterator[tuple[Period, int, Occasion]]:
    """Yield what is planned, in the order of time: period, day of the period, occasion."""
    for period in periods:
        if period.kind is PeriodKind.RUN_IN and protocol.design.run_in is not None:
            practice = [(day, one) for day in range(1, period.n_days + 1) for one in of_run_in(protocol)]
            yield from ((period, day, one) for day, one in practice[: protocol.design.run_in.sessions])
        elif period.kind is PeriodKind.TREATMENT:
            for day in range(1, period.n_days + 1):
                yield from ((period, day, one) for one in of_day(protocol, day))


def _session(schedule: Schedule, number: int, period: Period, day: int, occasion: Occasion) -> Session:
    on = period.starts_on + timedelta(days=day - 1)
    at, opens, closes, quirk = instants(schedule, on, occasion.clock, occasion.window)
    return Session(
        number=number,
        day=schedule.day_number(on),
        on=on,
        period=period.index,
        day_in_period=day,
        block=period.block,
        kind=period.kind,
        due=occasion.due,
        clock=occasion.clock,
        window=occasion.window,
        at=at,
        opens=opens,
        closes=closes,
        quirk=quirk,
    )


def _treatment(protocol: Protocol, index: int, begin: date, block: int | None, kit: KitCode | None) -> Period:
    design = protocol.design
    return Period(
        index=index,
        kind=PeriodKind.TREATMENT,
        block=block,
        kit=kit,
        starts_on=begin,
        ends_on=begin + timedelta(days=design.period_days - 1),
        first_analysed_on=begin + timedelta(days=design.onset_days),
    )


def _washout(protocol: Protocol, index: int, begin: date) -> Period:
    last = begin + timedelta(days=protocol.design.washout_days - 1)
    return Period(index=index, kind=PeriodKind.WASHOUT, starts_on=begin, ends_on=last)
