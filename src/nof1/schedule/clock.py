"""Planned clock times on a real calendar: nights with a missing hour, and nights with an hour twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from nof1.protocol.sessions import StartTime

Quirk = Literal["gap", "fold"]


def since_turn(planned: StartTime, day_starts: time) -> timedelta:
    """Return how long after the turn of the day a time comes, on a day without surprises.

    Parameters
    ----------
    planned : StartTime
        Time of day, perhaps some time after a dose.
    day_starts : time
        When a day of the study turns.

    Returns
    -------
    timedelta
        Small hours before the turn come last.
    """
    gone = _since_midnight(planned.clock) - _since_midnight(day_starts)
    return (gone if gone >= timedelta(0) else gone + timedelta(days=1)) + planned.offset


def instant(planned: StartTime, day: date, day_starts: time, zone: tzinfo) -> tuple[datetime, Quirk | None]:
    """Return when a planned time comes on one day of the study.

    Parameters
    ----------
    planned : StartTime
        Time of day, perhaps some time after a dose: then it is the clock time of the dose that counts.
    day : date
        Day of the study; hours before its turn belong to the end of it.
    day_starts : time
        When a day of the study turns.
    zone : tzinfo
        Zone at home.

    Returns
    -------
    datetime
        In that zone [aware].
    Quirk or None
        What the clock does, see `resolve`.
    """
    midnight = day if planned.clock >= day_starts else day + timedelta(days=1)
    at, quirk = resolve(datetime.combine(midnight, planned.clock), zone)
    return later(at, planned.offset), quirk


def resolve(wall: datetime, zone: tzinfo) -> tuple[datetime, Quirk | None]:
    """Find the instant at which a clock on the wall shows a time.

    Parameters
    ----------
    wall : datetime
        What the clock shows [naive, local].
    zone : tzinfo
        Where it hangs.

    Returns
    -------
    datetime
        In that zone [aware]. In a gap the first instant that exists; of two, the first.
    Quirk or None
        ``gap`` if the clock jumps over this time, ``fold`` if it shows it twice.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> at, quirk = resolve(datetime(2026, 3, 29, 2, 30), ZoneInfo("Europe/Berlin"))
    >>> at.isoformat(), quirk
    ('2026-03-29T03:00:00+02:00', 'gap')
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first.astimezone(zone), None
    if first < second:
        return first.astimezone(zone), "fold"
    # In a gap fold 0 counts with the offset before it and so comes out later: the jump lies between.
    before, after = second, first
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.astimezone(zone), "gap"


def later(at: datetime, by: timedelta) -> datetime:
    """Return an instant some real time later, in the same zone.

    Parameters
    ----------
    at : datetime
        Aware.
    by : timedelta
        Real time, whatever the clock does meanwhile.

    Returns
    -------
    datetime
        Aware, in the same zone.
    """
    return (at.astimezone(UTC) + by).astimezone(at.tzinfo)


def study_date(local: datetime, day_starts: time) -> date:
    """Return the day of the study to which a time belongs, at the place where it happened.

    Parameters
    ----------
    local : datetime
        Time on the clock at that place; its offset, if any, is not used.
    day_starts : time
        When a day of the study turns.

    Returns
    -------
    date
        The date itself, or the one before if the day has not turned.

    Examples
    --------
    >>> study_date(datetime(2026, 4, 3, 1, 15), time(4))
    datetime.date(2026, 4, 2)
    """
    turned = local.time().replace(tzinfo=None) >= day_starts
    return local.date() if turned else local.date() - timedelta(days=1)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
