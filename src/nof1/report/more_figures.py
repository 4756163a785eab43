"""Figures beside the verdict: reference set, practice, guesses, harms, and the calendar of what came in."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from matplotlib.ticker import MaxNLocator

from nof1.report.drawing import (
    NARROW,
    WIDE,
    add_legend,
    axes_of,
    label_axes,
    looks,
    marker_of,
    shortened,
    with_unit,
)
from nof1.report.svg import CONDITION_COLOURS, INK, LINE, MUTED, PAPER, Drawing
from nof1.report.words import capitalised

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from nof1.analysis.day_records import DayRecord
    from nof1.analysis.result import OutcomeResult, Results

_WEEKS_WIDE: Final = 6
_WEEKS_NARROW: Final = 3
_MANY_ROWS: Final = 7


def plot_reference(outcome: OutcomeResult, *, width: float = WIDE) -> Figure:
    """Draw how the statistic falls over the orders that could have been drawn, and where the drawn one lies.

    Parameters
    ----------
    outcome : OutcomeResult
        With its `reference_values`.
    width : float
        [inches]

    Returns
    -------
    Figure
        Bars that are at least as far from zero as the drawn order are dark.
    """
    figure = Drawing(figsize=(width, 1.9), layout="constrained")
    axes = axes_of(figure)
    found = outcome.reference_values
    if found is not None:
        size = abs(found.observed)
        for low, high, count in zip(found.edges, found.edges[1:], found.counts, strict=False):
            is_far = (
                min(abs(low), abs(high)) >= size
                or low <= found.observed <= high
                or low <= -found.observed <= high
            )
            axes.bar(
                *((low + high) / 2, count),
                width=0.9 * (high - low),
                color=CONDITION_COLOURS[0] if is_far else LINE,
                lw=0,
            )
        axes.axvline(found.observed, color=INK, lw=1.4, ls=(0, (3, 2)))
        (top,) = axes.plot(found.observed, max(found.counts), "v", color=INK, ms=5, clip_on=False)
        figure.tell(top, [f"the order that was drawn: {found.observed:.3g}"])
    label_axes(axes, x="Statistic of the randomization test", y="Orders")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    return figure


def plot_practice(outcome: OutcomeResult, names: Mapping[str, str], *, width: float = WIDE) -> Figure:
    """Draw the days that count, and what the planned practice term makes of them.

    Parameters
    ----------
    outcome : OutcomeResult
        With its residuals.
    names : mapping of str to str
        Condition code to name, in the order of the protocol.
    width : float
        [inches]

    Returns
    -------
    Figure
        Occasions on the horizontal axis; the condition is taken out of the points.
    """
    figure = Drawing(figsize=(width, 2.0), layout="constrained")
    axes = axes_of(figure)
    left = outcome.residuals
    if left is not None and left.practice:
        look = looks(tuple(names))
        condition = dict(zip(outcome.series.period, outcome.series.condition, strict=True))
        points = [rest + curve for rest, curve in zip(left.value, left.practice, strict=True)]
        for code in dict.fromkeys(condition[period] for period in left.period):
            places = [place for place, period in enumerate(left.period) if condition[period] == code]
            style = marker_of(look[code], 3.2) if code in look else {"marker": ".", "color": MUTED}
            (line,) = axes.plot(
                [left.session[place] for place in places], [points[place] for place in places], lw=0, **style
            )
            figure.tell(line, [f"occasion {left.session[p]:g}: {points[p]:.3g}" for p in places])
        axes.plot(left.session, left.practice, color=INK, lw=1.6, zorder=4)
    label_axes(axes, x="Occasion, run-in counted", y=with_unit("Without condition", outcome.unit))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    return figure


def plot_guesses(results: Results, names: Mapping[str, str], *, width: float = WIDE) -> Figure:
    """Draw how likely the first condition seemed in every period, by what it was.

    Parameters
    ----------
    results : Results
        With its guesses.
    names : mapping of str to str
        Condition code to name, in the order of the protocol.
    width : float
        [inches]

    Returns
    -------
    Figure
        Above the dashed line the first condition seemed more likely than by chance.
    """
    figure = Drawing(figsize=(width, 2.0), layout="constrained")
    axes = axes_of(figure)
    look = looks(tuple(names))
    axes.axhline(100 / max(2, len(names)), color=MUTED, lw=0.9, ls=(0, (3, 2)))
    for code, style in look.items():
        held = [
            (one.period, 100 * one.probability)
            for one in results.blinding.guesses
            if one.condition == code and one.probability is not None
        ]
        if held:
            (line,) = axes.plot(
                [x for x, _ in held],
                [y for _, y in held],
                lw=0,
                label=names[code],
                **marker_of(style, 5),
                clip_on=False,
            )
            figure.tell(line, [f"period {x}, it was {names[code]}: {y:.0f} %" for x, y in held])
    axes.set_ylim(0, 100)
    axes.set_xlim(0.4, max((one.period or 0 for one in results.blinding.guesses), default=1) + 0.6)
    label_axes(axes, x="Period", y="Guess [%]")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10 if width > NARROW else 6))
    add_legend(figure, axes.get_legend_handles_labels()[0])
    return figure


def plot_harms(results: Results, names: Mapping[str, str], *, width: float = WIDE) -> Figure:
    """Draw mean and highest rating of every harm by condition.

    Parameters
    ----------
    results : Results
        With its harms.
    names : mapping of str to str
        Condition code to name, in the order of the protocol.
    width : float
        [inches]

    Returns
    -------
    Figure
        One lane per harm and condition; while blinded one per harm.
    """
    rows = [row for row in results.harms if row.mean is not None and row.maximum is not None]
    labels = list(dict.fromkeys(row.label for row in rows))
    codes: tuple[str | None, ...] = tuple(dict.fromkeys(row.condition for row in rows))
    figure = Drawing(figsize=(width, 0.75 + 0.16 * len(rows) + 0.22 * len(labels)), layout="constrained")
    axes = axes_of(figure)
    axes.grid(visible=True, axis="x", color=LINE, lw=0.6)
    axes.grid(visible=False, axis="y")
    look = looks(tuple(names))
    for code in codes:
        held = [row for row in rows if row.condition == code]
        ys = [labels.index(row.label) + 0.26 * (codes.index(code) - (len(codes) - 1) / 2) for row in held]
        style = look.get(code or "")
        colour = style.colour if style else MUTED
        for row, y in zip(held, ys, strict=True):
            axes.plot([row.mean or 0, row.maximum or 0], [y, y], color=colour, lw=0.9, zorder=2)
            axes.plot([row.maximum or 0] * 2, [y - 0.08, y + 0.08], color=colour, lw=0.9, zorder=2)
        shape = marker_of(style, 4.5) if style else {"marker": "o", "color": MUTED}
        name = "any condition" if code is None else names.get(code, code)
        (line,) = axes.plot(
            [row.mean or 0 for row in held], ys, lw=0, zorder=3, label=name, clip_on=False, **shape
        )
        figure.tell(
            line, [f"{row.label}, {name}: mean {row.mean:.2g}, highest {row.maximum:g}" for row in held]
        )
    room = 34 if width > NARROW else 17
    folded = ["\n".join(textwrap.wrap(shortened(capitalised(text), 2 * room - 4), room)) for text in labels]
    axes.set_yticks(range(len(labels)), folded, parse_math=False)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlim(left=0)
    label_axes(axes, x="Rating")
    add_legend(figure, axes.get_legend_handles_labels()[0])
    return figure


def plot_adherence(results: Results, *, width: float = WIDE) -> Figure:
    """Draw a square for every day: full where every score came, half where some did, a cross where none did.

    Parameters
    ----------
    results : Results
        With its `days`.
    width : float
        [inches]

    Returns
    -------
    Figure
        Weeks of the trial side by side; no condition is shown.
    """
    in_row = 7 * (_WEEKS_WIDE if width > NARROW else _WEEKS_NARROW)
    last = max((one.day for one in results.days), default=1)
    n_rows = -(-last // in_row)
    figure = Drawing(
        figsize=(width, 0.62 + (0.26 if n_rows < _MANY_ROWS else 0.18) * n_rows), layout="constrained"
    )
    axes = axes_of(figure)
    axes.grid(visible=False)
    shapes: dict[str, dict[str, object]] = {
        "all": {"marker": "s", "mfc": CONDITION_COLOURS[0], "mec": CONDITION_COLOURS[0]},
        "some": {"marker": "s", "mfc": PAPER, "mec": CONDITION_COLOURS[0], "fillstyle": "full"},
        "late": {"marker": "D", "mfc": PAPER, "mec": CONDITION_COLOURS[1]},
        "none": {"marker": "x", "mec": MUTED},
    }
    names = {"all": "every score", "some": "some", "late": "some late", "none": "none"}
    for kind, shape in shapes.items():
        held = [one for one in results.days if _kind(one) == kind]
        if not held:
            continue
        xs = [(one.day - 1) % in_row + 1 for one in held]
        ys = [(one.day - 1) // in_row for one in held]
        (line,) = axes.plot(xs, ys, lw=0, ms=5.2, mew=1.1, label=names[kind], clip_on=False, **shape)  # type: ignore[arg-type]
        figure.tell(line, [_day_tip(one) for one in held])
    axes.set_yticks(range(n_rows), [f"from day {1 + row * in_row}" for row in range(n_rows)])
    axes.set_ylim(n_rows - 0.5, -0.5)
    axes.set_xlim(0.3, in_row + 0.7)
    axes.set_xticks(range(1, in_row + 1, 7))
    axes.tick_params(axis="both", length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    add_legend(figure, axes.get_legend_handles_labels()[0])
    return figure


def _kind(one: DayRecord) -> str:
    if not one.n_entered:
        return "none"
    if one.n_late:
        return "late"
    return "all" if one.n_entered == one.n_planned else "some"


def _day_tip(one: DayRecord) -> str:
    late = f", {one.n_late} late" if one.n_late else ""
    return f"day {one.day}: {one.n_entered} of {one.n_planned} scores{late}"
