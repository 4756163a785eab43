"""What stands below the calendar: guesses, doses that were left out, adverse events; each row with its own shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nof1.report.drawing import Look, marker_of
from nof1.report.svg import CONDITION_COLOURS, MUTED, PAPER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from nof1.analysis.result import Results
    from nof1.report.svg import Drawing

_UNSURE: Final = "?"
_SHAPES: Final[Mapping[str, str]] = {"left out": "x", "events": "v"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One sign on a day.

    Attributes
    ----------
    day : float
        Where it stands.
    code : str
        Condition that was guessed, ``?`` for none, or empty for what is no guess.
    tip : str
        What it tells when it is pointed at.
    """

    day: float
    code: str
    tip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """A row of signs under its name."""

    name: str
    marks: tuple[Mark, ...]


def marks_of(results: Results, names: Mapping[str, str]) -> tuple[Marks, ...]:
    """Collect what happened besides scores, where the days are known.

    Parameters
    ----------
    results : Results
        With its calendar.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    tuple of Marks
        Rows that are not empty.
    """
    if any(period.last_day is None for period in results.periods):
        return ()
    ends = {period.period: period.last_day for period in results.periods if period.period > 0}
    guesses = tuple(
        Mark(
            day=float(ends[one.period] or 0),
            code=one.guess or _UNSURE,
            tip=f"period {one.period}, guess: "
            + (names.get(one.guess, one.guess) if one.guess else "don’t know"),
        )
        for one in results.blinding.guesses
        if one.period in ends and not results.blinded_review  # told once everything is opened
    )
    left_out = tuple(
        Mark(day=float(one.day), code="", tip=f"day {one.day}: {one.n_doses_left_out} left out")
        for one in results.days
        if one.n_doses_left_out
    )
    events = tuple(
        Mark(day=float(one.day), code="", tip=f"day {one.day}: {one.term}, grade {one.severity}")
        for one in results.events
        if one.day is not None
    )
    rows = (("guesses", guesses), ("left out", left_out), ("events", events))
    return tuple(Marks(name=name, marks=marks) for name, marks in rows if marks)


def draw_marks(figure: Drawing, axes: Axes, row: Marks, y: float, look: Mapping[str, Look]) -> None:
    """Draw a row of signs.

    Parameters
    ----------
    figure : Drawing
        Whose points tell what they are.
    axes : Axes
        Changed in place.
    row : Marks
        What to draw.
    y : float
        Where.
    look : mapping of str to Look
        How each condition looks.
    """
    for code in dict.fromkeys(mark.code for mark in row.marks):
        held = [mark for mark in row.marks if mark.code == code]
        xs, ys = [mark.day for mark in held], [y] * len(held)
        if code and code in look:
            (line,) = axes.plot(xs, ys, lw=0, clip_on=False, **marker_of(look[code], 4.0))
        elif code:
            (line,) = axes.plot(xs, ys, ".", color=MUTED, ms=4, clip_on=False)
        else:
            (line,) = axes.plot(
                xs, ys, _SHAPES[row.name], mec=CONDITION_COLOURS[3], mfc=PAPER, ms=4.5, mew=1.1, clip_on=False
            )
        figure.tell(line, [mark.tip for mark in held])
