"""Occasions on a line of time: where each stands, and which of them belong together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.analysis.result import Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A run of occasions of one period.

    Attributes
    ----------
    condition : str or None
        Its code; None where none was taken, or while blinded.
    period : int
        0 is the run-in.
    places : tuple of int
        Places in the series.
    start, end : float
        Where its shade begins and ends [days or sessions].
    """

    condition: str | None
    period: int
    places: tuple[int, ...]
    start: float
    end: float


def times_of(series: Series) -> tuple[list[float], bool]:
    """Place every occasion on the time axis; several of one day are spread over that day.

    Parameters
    ----------
    series : Series
        Every planned occasion of a score.

    Returns
    -------
    tuple of (list of float, bool)
        Place of each occasion, and whether places are days (else sessions).
    """
    days = [day for day in series.day if day is not None]
    if len(days) != len(series.day):
        return [float(session) for session in series.session], False
    seen: dict[int, int] = {}
    counts = {day: days.count(day) for day in set(days)}
    times = []
    for day in days:
        place = seen.get(day, 0)
        seen[day] = place + 1
        times.append(day + (place - (counts[day] - 1) / 2) * 0.8 / counts[day])
    return times, True


def spells_of(series: Series, times: Sequence[float]) -> list[Spell]:
    """Find the runs of occasions of one period and condition.

    Parameters
    ----------
    series : Series
        Every planned occasion of a score.
    times : sequence of float
        From `times_of`.

    Returns
    -------
    list of Spell
        In order of time; they cover every occasion once.
    """
    spells: list[Spell] = []
    order = sorted(range(len(times)), key=times.__getitem__)
    start = 0
    for stop in range(1, len(order) + 1):
        key = (series.period[order[start]], series.condition[order[start]])
        if stop < len(order) and (series.period[order[stop]], series.condition[order[stop]]) == key:
            continue
        places = tuple(order[start:stop])
        spells.append(
            Spell(
                condition=key[1],
                period=key[0],
                places=places,
                start=math.floor(times[places[0]] + 0.5) - 0.5,
                end=math.floor(times[places[-1]] + 0.5) + 0.5,
            )
        )
        start = stop
    return spells
