"""What the sessions section means: which days, which times of day, which instruments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

from nof1.protocol.scalars import clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.protocol.model import SessionPlan

MAX_ENTRIES = 100
"""More in one session than anybody could answer."""

_AT = re.compile(
    r"(?P<clock>[0-9]{2}:[0-9]{2})(?P<dose> dose(?: (?P<sign>[+-]) (?P<minutes>[0-9]{1,4}) min)?)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTime:
    """When a session is due.

    Attributes
    ----------
    clock : datetime.time
        Time of day, or of the dose [local time].
    is_dose : bool
        Whether it follows the intake at that time; where none is taken, its clock time stands in.
    offset : datetime.timedelta
        After the intake; negative: before.
    """

    clock: time
    is_dose: bool = False
    offset: timedelta = timedelta()


def start_time(text: str) -> StartTime:
    """Read when a session is due.

    Parameters
    ----------
    text : str
        ``08:00``, ``08:00 dose`` or ``08:00 dose + 90 min``.

    Returns
    -------
    StartTime
        Clock time, whether it is that of a dose, and the time after it.

    Raises
    ------
    ValueError
        If the text is none of these; says what to write.

    Examples
    --------
    >>> start_time("08:00 dose + 90 min").offset
    datetime.timedelta(seconds=5400)
    """
    match = _AT.fullmatch(text)
    if match is None:
        raise ValueError(f"found {text[:60]!r}; write a time such as 10:30, or 08:00 dose + 90 min")
    minutes = int(match["minutes"] or 0)
    if minutes >= 24 * 60:
        raise ValueError(f"found {minutes} min after a dose; write less than a day, 1439 min or fewer")
    offset = timedelta(minutes=-minutes if match["sign"] == "-" else minutes)
    return StartTime(clock=clock(match["clock"]), is_dose=match["dose"] is not None, offset=offset)


def start_times(plan: SessionPlan) -> tuple[StartTime | None, ...]:
    """Return the times of day of a plan, one for each prompt.

    Parameters
    ----------
    plan : SessionPlan
        One entry of `sessions`.

    Returns
    -------
    tuple of (StartTime or None)
        None where any time of the day will do.
    """
    if plan.at is None:
        return (None,)
    return tuple(start_time(text) for text in ((plan.at,) if isinstance(plan.at, str) else plan.at))


def days_due(plan: SessionPlan, period_days: int) -> tuple[int, ...]:
    """Return the days of a period on which a plan is due.

    Parameters
    ----------
    plan : SessionPlan
        One entry of `sessions`.
    period_days : int
        Days of a period.

    Returns
    -------
    tuple of int
        Ascending, from 1 to `period_days`.

    Examples
    --------
    >>> from nof1.protocol.model import SessionPlan
    >>> days_due(SessionPlan(battery="daily", not_days=(2, "last")), 4)
    (1, 3)
    """
    named = range(1, period_days + 1) if plan.days is None else plan.days
    days = {period_days if day == "last" else int(day) for day in named}
    days -= {period_days if day == "last" else int(day) for day in plan.not_days}
    return tuple(sorted(day for day in days if day <= period_days))


def in_run_in(plan: SessionPlan) -> bool:
    """Tell whether a plan is due in the run-in as well: those without `days` are.

    Parameters
    ----------
    plan : SessionPlan
        One entry of `sessions`.

    Returns
    -------
    bool
        True if it is.
    """
    return plan.days is None


def entries_of(plan: SessionPlan, batteries: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return what a plan gives, batteries replaced by what they hold.

    Parameters
    ----------
    plan : SessionPlan
        One entry of `sessions`.
    batteries : mapping of str to sequence of str
        Those of the protocol.

    Returns
    -------
    tuple of str
        ``instrument`` or ``instrument:part``, in order; no more than `MAX_ENTRIES` + 1.
    """
    names = [plan.battery] if isinstance(plan.battery, str) else list(plan.battery)
    return expand(names, batteries)


def expand(names: Sequence[str], batteries: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Replace batteries by what they hold.

    Parameters
    ----------
    names : sequence of str
        Batteries, instruments, parts of instruments.
    batteries : mapping of str to sequence of str
        Those of the protocol.

    Returns
    -------
    tuple of str
        In order; no more than `MAX_ENTRIES` + 1, and a battery that holds itself is left out.

    Examples
    --------
    >>> expand(["words:study", "daily", "words:delayed"], {"daily": ["day", "wm"]})
    ('words:study', 'day', 'wm', 'words:delayed')
    """
    found: list[str] = []
    waiting = [(name, frozenset[str]()) for name in reversed(names)]
    n_steps = 0
    while waiting and len(found) <= MAX_ENTRIES and n_steps <= 100 * MAX_ENTRIES:
        n_steps += 1
        name, inside = waiting.pop()
        if name not in batteries:
            found.append(name)
        elif name not in inside:
            waiting += [(held, inside | {name}) for held in reversed(batteries[name])]
    return tuple(found)
