"""Where a day index and the calendar part; it is told, never mended."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from nof1.scores.columns import column_of
from nof1.scores.imported import DriftFinding
from nof1.scores.moments import study_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, time

    from nof1.scores.imported import ImportedSession
    from nof1.scores.moments import Moment


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
    named = (column_of(sessions, name) for name in ("session", "day", "moment"))
    known = [
        (session, day, _date(moment, day_starts))
        for session, day, moment in zip(*named, strict=True)
        if day is not None and moment is not None
    ]
    findings: list[DriftFinding] = []
    total = 0
    for (_, day_before, on_before), (session, day, on) in pairwise(known):
        by = (on - on_before).days - (day - day_before)
        total += by
        if by:
            findings.append(
                DriftFinding(
                    session=session,
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
