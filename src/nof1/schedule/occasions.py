"""Occasions: what is due at which times of one day, as the protocol plans it, before there are dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.protocol.scalars import clock, duration
from nof1.protocol.sessions import StartTime, days_due, entries_of, in_run_in, start_times
from nof1.schedule.clock import since_turn

if TYPE_CHECKING:
    from datetime import timedelta

    from nof1.protocol.model import Protocol, SessionPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What is done at one time of one day.

    Attributes
    ----------
    clock : StartTime or None
        When; None: at any time of the day.
    window : timedelta or None
        How much later, or earlier, it may be; None: the whole day.
    due : tuple of str
        ``instrument`` or ``instrument:part``, in order, each once.
    """

    clock: StartTime | None
    window: timedelta | None
    due: tuple[str, ...]


def of_day(protocol: Protocol, day_in_period: int) -> tuple[Occasion, ...]:
    """Return the occasions of one day of a period.

    Parameters
    ----------
    protocol : Protocol
        Its `sessions`.
    day_in_period : int
        From 1.

    Returns
    -------
    tuple of Occasion
        In the order of the day. What has no time of its own joins the last of them.
    """
    days = protocol.design.period_days
    return _occasions(protocol, [plan for plan in protocol.sessions if day_in_period in days_due(plan, days)])


def of_run_in(protocol: Protocol) -> tuple[Occasion, ...]:
    """Return the occasions of any day of the run-in: whatever is not bound to days of a period.

    Parameters
    ----------
    protocol : Protocol
        Its `sessions`.

    Returns
    -------
    tuple of Occasion
        In the order of the day.
    """
    return _occasions(protocol, [plan for plan in protocol.sessions if in_run_in(plan)])


def _occasions(protocol: Protocol, plans: list[SessionPlan]) -> tuple[Occasion, ...]:
    turn = clock(protocol.day_starts)
    any_time: list[SessionPlan] = []
    timed: dict[timedelta, tuple[StartTime, list[SessionPlan]]] = {}
    for plan in plans:
        for at in start_times(plan):
            if at is None:
                any_time.append(plan)
            else:
                timed.setdefault(since_turn(at, turn), (at, []))[1].append(plan)
    if not timed:
        return (Occasion(clock=None, window=None, due=_due(protocol, any_time)),) if any_time else ()
    last = max(timed)
    return tuple(
        Occasion(
            clock=at,
            window=_window(held),
            due=_due(protocol, [*held, *any_time] if since == last else held),
        )
        for since, (at, held) in sorted(timed.items(), key=lambda item: item[0])
    )


def _window(plans: list[SessionPlan]) -> timedelta | None:
    """Return the widest window: a session is in time as long as any part of it is."""
    windows = [duration(plan.window) for plan in plans if plan.window]
    return max(windows) if len(windows) == len(plans) else None


def _due(protocol: Protocol, plans: list[SessionPlan]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry for plan in plans for entry in entries_of(plan, protocol.batteries)))
