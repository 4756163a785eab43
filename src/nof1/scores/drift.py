"""Where a day index and the calendar part; it is told, never mended."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from nof1.scores.moments import study_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, time

    from nof1.scores.imported import ImportedSession
    from nof1.scores.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFinding:
    """A session from which on the day index is further from the calendar than before.

    Attributes
    ----------
    session, day : int
        Where it happens.
    on : date
        The study day's date by the clock.
    by_days : int
        How far the calendar moved on more than the index did [days]; negative: less.
    total_days : int
        How far the index lies behind the calendar from here on, compared with the first session [days].
    previous : date
        Date of the session before.
    same_day : bool
        One day of the index covers both dates.
    """

    session: int
    day: int
    on: date
    by_days: int
    total_days: int
    previous: date
    same_day: bool

    def __str__(self) -> str:
        start = f"From session {self.session} on ({self.on.isoformat()}, day {self.day})"
        if self.total_days == 0:
            return f"{start} the day index agrees with the calendar again."
        n = abs(self.total_days)
        side = "behind" if self.total_days > 0 else "ahead of"
        text = f"{start} the day index lies {n} {'day' if n == 1 else 'days'} {side} the calendar"
        if self.same_day:
            text += f": day {self.day} covers {self.previous.isoformat()} and {self.on.isoformat()}"
        return f"{text}. The index was kept as given."


def find_drift(sessions: Sequence[ImportedSession], day_starts: time) -> tuple[DriftFinding, ...]:
    """Find where the day index and the calendar part.

    Parameters
    ----------
    sessions : sequence of ImportedSession
        In order of time; those without a day or a date are passed over.
    day_starts : time
        When a day of the study turns.

    Returns
    -------
    tuple of DriftFinding
        One for every change of the distance between index and calendar; empty where they move together.
    """
    known = [
        (s, s.day, _date(s.moment, day_starts))
        for s in sessions
        if s.day is not None and s.moment is not None
    ]
    findings: list[DriftFinding] = []
    total = 0
    for (_, day_before, on_before), (session, day, on) in pairwise(known):
        by = (on - on_before).days - (day - day_before)
        total += by
        if by:
            findings.append(
                DriftFinding(
                    session=session.session,
                    day=day,
                    on=on,
                    by_days=by,
                    total_days=total,
                    previous=on_before,
                    same_day=day == day_before,
                )
            )
    return tuple(findings)


def _date(moment: Moment, day_starts: time) -> date:
    return moment.on if moment.at is None else study_date(moment.at, day_starts)
