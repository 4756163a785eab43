"""Changes of dates: illness and travel move periods that have not begun, never their order or length.

Every function is pure, so a schedule is always what follows from the protocol, the start and the list of
changes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from nof1.errors import StageError
from nof1.schedule.timetable import dated
from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.schedule.timetable import Schedule
    from nof1.terms import KitCode


def shift(schedule: Schedule, from_period: int, days: int) -> Schedule:
    """Move one period and all after it.

    Parameters
    ----------
    schedule : Schedule
        As it stands.
    from_period : int
        Number of the first period that moves; 0 is the run-in.
    days : int
        How far; negative: earlier, as far as there is room.

    Returns
    -------
    Schedule
        All that came before is unchanged; a washout stays with the period that it follows.

    Raises
    ------
    StageError
        If there is no such period, no room, or the trial has ended.
    """
    _check_running(schedule)
    return _moved(schedule, _place(schedule, from_period), days)


def pause(schedule: Schedule, on: date) -> Schedule:
    """Let the trial rest from a day on; periods that have not begun by then wait for `resume`.

    Parameters
    ----------
    schedule : Schedule
        As it stands.
    on : date
        First day of rest.

    Returns
    -------
    Schedule
        With the same dates: how far they move is known when the trial goes on.

    Raises
    ------
    StageError
        If it rests already or has ended.
    """
    _check_running(schedule)
    if schedule.paused_on is not None:
        raise StageError(f"the trial rests since {schedule.paused_on}; write nof1 resume first")
    return replace(schedule, paused_on=on)


def resume(schedule: Schedule, on: date) -> Schedule:
    """Go on after a rest: the first period that had not begun begins on a day, or later if that was planned.

    Parameters
    ----------
    schedule : Schedule
        That rests.
    on : date
        First day again.

    Returns
    -------
    Schedule
        The period that was under way keeps its dates.

    Raises
    ------
    StageError
        If it does not rest, or the day lies before the rest.
    """
    _check_running(schedule)
    if schedule.paused_on is None:
        raise StageError("the trial does not rest; nothing to resume")
    if on < schedule.paused_on:
        raise StageError(f"the trial rests since {schedule.paused_on}; it cannot go on before, on {on}")
    waiting = [
        place
        for place, period in enumerate(schedule.periods)
        if period.kind is not PeriodKind.WASHOUT and period.starts_on >= schedule.paused_on
    ]
    going = replace(schedule, paused_on=None)
    if not waiting:
        return going
    return _moved(going, waiting[0], max(0, (on - going.periods[waiting[0]].starts_on).days))


def stop(schedule: Schedule, on: date) -> Schedule:
    """End the trial before its plan does.

    Parameters
    ----------
    schedule : Schedule
        As it stands.
    on : date
        Last day.

    Returns
    -------
    Schedule
        What lies after that day is gone.

    Raises
    ------
    StageError
        If it has ended already.
    """
    _check_running(schedule)
    return replace(
        schedule,
        periods=tuple(
            replace(
                period,
                ends_on=min(period.ends_on, on),
                first_analysed_on=first if (first := period.first_analysed_on) and first <= on else None,
            )
            for period in schedule.periods
            if period.starts_on <= on
        ),
        sessions=tuple(session for session in schedule.sessions if session.on <= on),
        paused_on=None,
        stopped_on=on,
    )


def replace_block(schedule: Schedule, block: int, kits: Sequence[KitCode]) -> Schedule:
    """Let the kits of a spare block take the place of those of a block that has not begun.

    Parameters
    ----------
    schedule : Schedule
        As it stands.
    block : int
        Whose kits were lost.
    kits : sequence of KitCode
        Of the spare block, in order of use.

    Returns
    -------
    Schedule
        With the same dates.

    Raises
    ------
    StageError
        If there is no such block, it has another number of periods, or the trial has ended.
    """
    _check_running(schedule)
    places = [place for place, period in enumerate(schedule.periods) if period.block == block]
    places = [place for place in places if schedule.periods[place].kind is PeriodKind.TREATMENT]
    if len(places) != len(kits):
        raise StageError(f"block {block} has {len(places)} periods, and {len(kits)} kits were given")
    given = dict(zip(places, kits, strict=True))
    return replace(
        schedule,
        periods=tuple(
            replace(period, kit=given[place]) if place in given else period
            for place, period in enumerate(schedule.periods)
        ),
    )


def leave_empty(schedule: Schedule, period: int, on: date) -> Schedule:
    """Let a period stay empty from a day on, because its kit is lost.

    Parameters
    ----------
    schedule : Schedule
        As it stands.
    period : int
        From 1.
    on : date
        First day without the kit.

    Returns
    -------
    Schedule
        With the same dates; nothing is due in the period any more, and all other numbers stay.

    Raises
    ------
    StageError
        If there is no such period.
    """
    _place(schedule, period)
    return replace(
        schedule,
        sessions=tuple(
            session
            for session in schedule.sessions
            if session.kind is not PeriodKind.TREATMENT or session.period != period or session.on < on
        ),
    )


def _check_running(schedule: Schedule) -> None:
    if schedule.stopped_on is not None:
        raise StageError(f"the trial ended on {schedule.stopped_on}; its dates do not move any more")


def _place(schedule: Schedule, index: int) -> int:
    for place, period in enumerate(schedule.periods):
        if period.index == index and period.kind is not PeriodKind.WASHOUT:
            return place
    last = max((period.index for period in schedule.periods), default=0)
    raise StageError(f"there is no period {index}; the last one is {last}")


def _moved(schedule: Schedule, place: int, days: int) -> Schedule:
    if days == 0:
        return schedule
    by = timedelta(days=days)
    first = schedule.periods[place]
    if place and first.starts_on + by <= schedule.periods[place - 1].ends_on:
        raise StageError(
            f"period {first.index} cannot begin on {first.starts_on + by}: what comes before it lasts until "
            f"{schedule.periods[place - 1].ends_on}"
        )
    # The study begins with its first day: where everything moves, so does day 1.
    moved = replace(
        schedule,
        periods=(*schedule.periods[:place], *(period.moved(days) for period in schedule.periods[place:])),
        start_on=schedule.start_on if place else schedule.start_on + by,
    )
    return replace(
        moved,
        sessions=tuple(
            session if session.on < first.starts_on else dated(moved, session, session.on + by)
            for session in schedule.sessions
        ),
    )
