"""Which planned session a measurement belongs to; a measurement is never refused for its time, only flagged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from nof1.schedule.calendar import Session

LATE_AFTER = timedelta(hours=36)
"""Recorded later than this after it was measured, a score is late: memory fills gaps (Stone 2003)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Where a measurement belongs.

    Attributes
    ----------
    session : Session or None
        None: no session was planned for it.
    flags : tuple of str
        ``late``, ``outside_window``, ``unplanned``.
    """

    session: Session | None
    flags: tuple[str, ...]


def find_occasion(
    sessions: tuple[Session, ...],
    at: datetime,
    *,
    on: date,
    recorded_at: datetime,
    is_taken: Callable[[Session], bool],
) -> Occasion:
    """Find the session that a measurement belongs to.

    On its study day it belongs to the session whose time is nearest; without times, to the first that is still free.
    Sessions of the run-in float: on a day of the run-in without a session of its own, the earliest free one is taken.

    Parameters
    ----------
    sessions : tuple of Session
        Those in which the score is due, in order.
    at : datetime
        When it was measured [aware].
    on : date
        Its study day.
    recorded_at : datetime
        When it is written down [aware].
    is_taken : callable of Session to bool
        Whether a session holds a value already.

    Returns
    -------
    Occasion
        The session may be taken: then the caller tells whether this is the same value again.
    """
    flags = ["late"] if recorded_at - at > LATE_AFTER else []
    session = _on_day([s for s in sessions if s.on == on], at, is_taken) or _floating(sessions, on, is_taken)
    if session is None:
        return Occasion(session=None, flags=(*flags, "unplanned"))
    if session.on == on and _outside(session, at):
        flags.append("outside_window")
    return Occasion(session=session, flags=tuple(flags))


def _on_day(today: list[Session], at: datetime, is_taken: Callable[[Session], bool]) -> Session | None:
    if not today:
        return None
    if all(session.at is None for session in today):
        return next((s for s in today if not is_taken(s)), today[-1])
    return min(today, key=lambda s: abs(s.at - at) if s.at is not None else timedelta.max)


def _floating(sessions: tuple[Session, ...], on: date, is_taken: Callable[[Session], bool]) -> Session | None:
    run_in = [s for s in sessions if s.kind is PeriodKind.RUN_IN]
    later = [s for s in sessions if s.kind is not PeriodKind.RUN_IN]
    if not run_in or on < run_in[0].on or (later and on >= later[0].on):
        return None
    return next((s for s in run_in if s.on < on and not is_taken(s)), None)


def _outside(session: Session, at: datetime) -> bool:
    return not session.opens <= at <= session.closes
