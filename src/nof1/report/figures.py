"""The figures: the calendar, every score, and estimates with their intervals; draws and returns, saves nothing."""

from __future__ import annotations

import math
import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from nof1.report import digits
from nof1.report.drawing import (
    NARROW,
    SMALL,
    TEXT,
    WIDE,
    Look,
    add_legend,
    axes_of,
    dress,
    label_axes,
    looks,
    marker_of,
    shortened,
    with_unit,
)
from nof1.report.marks import draw_marks, marks_of
from nof1.report.svg import CONDITION_COLOURS, INK, LINE, MUTED, PAPER, Drawing
from nof1.report.timeline import Spell, spells_of, times_of
from nof1.report.words import capitalised, comparison, condition_names, contrast_name, label_in, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nof1.analysis.result import Estimate, OutcomeResult, PeriodSummary, Results, SensitivityRow, Series


def plot_scores(
    outcome: OutcomeResult, names: Mapping[str, str] | None = None, *, width: float = WIDE
) -> Figure:
    """Draw every score against time, shaded by condition; what is missing stays a gap with a tick below.

    Parameters
    ----------
    outcome : OutcomeResult
        Its `series` holds every planned occasion.
    names : mapping of str to str, optional
        Condition code to name, in the order of the protocol; without it the codes stand.
    width : float
        [inches]

    Returns
    -------
    Figure
        Days on the horizontal axis (sessions where there are no days), the score on the other.
    """
    series = outcome.series
    names = names or {summary.condition: summary.condition for summary in outcome.by_condition}
    seen = set(series.condition)
    look = {code: style for code, style in looks(tuple(names)).items() if code in seen}
    figure = Drawing(figsize=(width, 3.0 if width > NARROW else 2.8), layout="constrained")
    axes = axes_of(figure)
    times, has_days = times_of(series)
    for spell in spells_of(series, times):
        shade = look[spell.condition].colour if spell.condition in look else MUTED
        axes.axvspan(spell.start, spell.end, facecolor=shade, alpha=0.13, lw=0, zorder=0)
    for spell in spells_of(series, times):
        for line, places in _draw_spell(axes, series, times, spell, look.get(spell.condition or "")):
            figure.tell(line, [_tip(outcome, names, place) for place in places])
    missing = [time for time, value in zip(times, series.value, strict=True) if value is None]
    axes.plot(
        missing,
        [0.035] * len(missing),
        "x",
        color=MUTED,
        ms=3.2,
        mew=0.9,
        transform=axes.get_xaxis_transform(),
        zorder=2,
    )
    label_axes(
        axes, x="Day of the trial" if has_days else "Session", y=with_unit(outcome.label, outcome.unit)
    )
    if times:
        axes.set_xlim(min(times) - 0.7, max(times) + 0.7)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10 if width > NARROW else 6))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    has_run_in = bool(look) and any(period == 0 for period in series.period)
    _score_legend(figure, look, names, n_missing=len(missing), has_run_in=has_run_in)
    return figure


def plot_periods(results: Results, *, width: float = WIDE) -> Figure:
    """Draw the calendar: one lane per condition, one bar per period.

    Parameters
    ----------
    results : Results
        Its `periods` hold first and last day of each period.
    width : float
        [inches]

    Returns
    -------
    Figure
        Days on the horizontal axis; while blinded, one lane for all.
    """
    lanes = tuple(results.conditions) or ("",)
    if results.blinded_review:
        lanes = ("",)
    look = looks(lanes)
    names = condition_names(results)
    marks = marks_of(results, names)
    figure = Drawing(figsize=(width, 0.62 + 0.27 * len(lanes) + 0.2 * len(marks)), layout="constrained")
    axes = axes_of(figure)
    axes.grid(visible=False)
    periods = _calendar(results.periods)
    block_ends = [
        (one[2] + other[1]) / 2
        for one, other in pairwise(periods)
        if one[0].block != other[0].block and one[0].period > 0
    ]
    for end in block_ends:
        axes.axvline(end, color=LINE, lw=0.8, zorder=0)
    for period, first, last in periods:
        lane = lanes.index(period.condition) if period.condition in lanes else None
        if lane is None and not results.blinded_review:  # run-in or washout: all lanes, in grey
            axes.barh(
                (len(lanes) - 1) / 2,
                last - first + 0.86,
                left=first - 0.43,
                height=len(lanes) - 0.3,
                color=MUTED,
                alpha=0.18,
                lw=0,
            )
            continue
        style = look[lanes[lane or 0]]
        axes.barh(
            lane or 0,
            last - first + 0.86,
            left=first - 0.43,
            height=0.66,
            facecolor=style.colour if style.is_filled else PAPER,
            edgecolor=style.colour,
            lw=1.0,
        )
    labels = [names.get(lane, "periods") for lane in lanes]
    folded = ["\n".join(textwrap.wrap(shortened(label, 32), 17)) for label in labels]
    below = [len(lanes) + 0.75 * place for place in range(len(marks))]
    for row, y in zip(marks, below, strict=True):
        draw_marks(figure, axes, row, y, look)
    axes.set_yticks([*range(len(lanes)), *below], [*folded, *(row.name for row in marks)], parse_math=False)
    axes.set_ylim(len(lanes) - 0.5 + 0.75 * len(marks), -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    has_days = all(period.first_day is not None for period in results.periods)
    label_axes(axes, x="Day of the trial" if has_days else "Period")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=12 if width > NARROW else 6))
    if periods:
        axes.set_xlim(periods[0][1] - 0.9, periods[-1][2] + 0.9)
    return figure


def plot_estimate(
    outcome: OutcomeResult, names: Mapping[str, str] | None = None, *, width: float = WIDE
) -> Figure:
    """Draw one effect: the estimate, its 90 and 95 % interval, no effect, and what is too small to matter.

    Parameters
    ----------
    outcome : OutcomeResult
        With the planned estimate.
    names : mapping of str to str, optional
        Condition code to name.
    width : float
        [inches]

    Returns
    -------
    Figure
        The difference, in the unit of the score, on the horizontal axis.
    """
    figure = Drawing(figsize=(width, 1.35), layout="constrained")
    axes = axes_of(figure)
    _draw_effect(axes, outcome, names or {}, is_large=True, width=width)
    return figure


def plot_estimates(
    outcomes: Sequence[OutcomeResult], names: Mapping[str, str] | None = None, *, width: float = WIDE
) -> Figure:
    """Draw several effects below one another, each in its own unit.

    Parameters
    ----------
    outcomes : sequence of OutcomeResult
        At least one.
    names : mapping of str to str, optional
        Condition code to name.
    width : float
        [inches]

    Returns
    -------
    Figure
        One strip per outcome.
    """
    figure = Drawing(figsize=(width, 0.12 + 0.68 * len(outcomes)), layout="constrained")
    has_several = len({outcome.contrast.name for outcome in outcomes}) > 1
    strips = figure.subplots(len(outcomes), 1, squeeze=False)[:, 0]
    for axes, outcome in zip(strips, outcomes, strict=True):
        dress(axes)
        _draw_effect(axes, outcome, names or {}, is_large=False, width=width)
        title = outcome.label
        if has_several:
            sides = comparison(outcome, names or {})
            title = f"{title}: {sides.difference if sides.is_pair else contrast_name(outcome.contrast.name)}"
        unit = shortened(f"[{outcome.unit}]", 24) if outcome.unit else ""
        room = (88 if width > NARROW else 42) - len(unit)
        axes.set_title(
            f"{shortened(title, room)} {unit}".rstrip(),
            loc="left",
            fontsize=TEXT,
            color=INK,
            pad=3,
            parse_math=False,
        )
    return figure


def plot_sensitivity(
    rows: Sequence[SensitivityRow], *, unit: str, sesoi: float | None = None, width: float = WIDE
) -> Figure:
    """Draw the planned analysis in front and every alternative behind it, none left out.

    Parameters
    ----------
    rows : sequence of SensitivityRow
        Of one score and contrast, the planned one first.
    unit : str
        Of the effect.
    sesoi : float or None
        Smallest effect size of interest [unit].
    width : float
        [inches]

    Returns
    -------
    Figure
        One line per analysis, its name beside it, or above it where there is little room.
    """
    is_wide = width > NARROW
    room = 50 if is_wide else 44
    names = ["\n".join(textwrap.wrap(shortened(capitalised(row.label), 3 * room), room)) for row in rows]
    base, line_height = (0.07, 0.145) if is_wide else (0.21, 0.15)  # [inches]
    heights = [base + line_height * (1 + name.count("\n")) for name in names]
    figure = Drawing(figsize=(width, 0.55 + sum(heights)), layout="constrained")
    axes = axes_of(figure)
    _draw_band(axes, sesoi)
    bottoms = [sum(heights[: place + 1]) for place in range(len(heights))]
    ys = [bottom - (height / 2 if is_wide else 0.09) for bottom, height in zip(bottoms, heights, strict=True)]
    for row, y, name, height in zip(rows, ys, names, heights, strict=True):
        _draw_interval(
            *(axes, row.estimate),
            y=y,
            weight=2.6 if row.is_planned else 1.4,
            level=row.estimate.level,
            name=capitalised(row.label),
            unit=unit,
        )
        reach = height / 2 if is_wide else 0.05  # no line through a name
        axes.vlines(0, y - reach, y + reach, color=MUTED, lw=0.9, zorder=1)
        axes.text(
            *((-0.02, y, name) if is_wide else (0.0, y - 0.08, name)),
            transform=axes.get_yaxis_transform(),
            fontsize=SMALL,
            color=INK if row.is_planned else MUTED,
            fontweight="bold" if row.is_planned else "normal",
            ha="right" if is_wide else "left",
            va="center" if is_wide else "bottom",
            linespacing=1.15,
            parse_math=False,
        )
    axes.set_ylim(sum(heights) + 0.03, -0.03)
    _only_x(axes, [end for row in rows for end in (row.estimate.ci_low, row.estimate.ci_high)], sesoi, width)
    label_axes(axes, x=with_unit("Difference", unit))
    return figure


def _score_legend(
    figure: Figure, look: Mapping[str, Look], names: Mapping[str, str], *, n_missing: int, has_run_in: bool
) -> None:
    handles = [
        Line2D([], [], label=names[code], color=style.colour, **marker_of(style), lw=0)
        for code, style in look.items()
    ]
    if has_run_in:
        handles.append(Line2D([], [], color=MUTED, marker=".", ms=6, lw=0, label="run-in"))
    if n_missing:
        handles.append(Line2D([], [], color=MUTED, marker="x", ms=3.2, mew=0.9, lw=0, label="missing"))
    add_legend(figure, handles)


def _tip(outcome: OutcomeResult, names: Mapping[str, str], place: int) -> str:
    """Tell a score: when, under what, how much."""
    series = outcome.series
    day, code, value = series.day[place], series.condition[place], series.value[place]
    when = f"session {series.session[place]}" if day is None else f"day {day}"
    under = names.get(code, code) if code else "run-in" if series.period[place] == 0 else ""
    counted = "" if series.analysed[place] else " (not analysed)"
    told = [when, under, f"{value:g} {outcome.unit}".rstrip()]
    return ", ".join(text for text in told if text) + counted


def _draw_spell(
    axes: Axes, series: Series, times: Sequence[float], spell: Spell, style: Look | None
) -> list[tuple[Line2D, list[int]]]:
    drawn: list[tuple[Line2D, list[int]]] = []
    xs = [times[place] for place in spell.places]
    ys = [series.value[place] for place in spell.places]
    colour = style.colour if style else MUTED
    if len(xs) > 1:  # a missing score breaks the line
        axes.plot(xs, [math.nan if y is None else y for y in ys], color=colour, lw=0.8, alpha=0.55, zorder=2)
    for is_analysed in (False, True):
        seen = [
            (x, y, place)
            for x, y, place in zip(xs, ys, spell.places, strict=True)
            if y is not None and series.analysed[place] == is_analysed
        ]
        if not seen:
            continue
        points = ([x for x, _, _ in seen], [y for _, y, _ in seen])
        if style is None:
            (line,) = axes.plot(*points, ".", color=MUTED, ms=5, zorder=3)
        else:
            small = marker_of(style, 3.6 if len(times) < 150 else 2.4)
            (line,) = axes.plot(*points, lw=0, alpha=1.0 if is_analysed else 0.35, zorder=3, **small)
        drawn.append((line, [place for _, _, place in seen]))
    return drawn


def _calendar(periods: Sequence[PeriodSummary]) -> list[tuple[PeriodSummary, float, float]]:
    """Give every period its first and last place on the axis: days, else its number."""
    if all(period.first_day is not None and period.last_day is not None for period in periods):
        return [(period, float(period.first_day or 0), float(period.last_day or 0)) for period in periods]
    return [(period, float(period.period), float(period.period)) for period in periods]


def _draw_effect(
    axes: Axes, outcome: OutcomeResult, names: Mapping[str, str], *, is_large: bool, width: float
) -> None:
    _draw_references(axes, outcome.sesoi)
    estimate = outcome.primary
    if estimate is not None:
        weight = 3.2 if is_large else 2.2
        name = comparison(outcome, names).difference
        _draw_interval(
            axes, estimate, y=0.0, weight=weight, level=outcome.level, name=name, unit=outcome.unit
        )
    axes.set_ylim(-1, 1)
    believed = outcome.bayes.posterior if outcome.bayes is not None and is_large else None
    if outcome.bayes is not None and believed is not None:
        axes.plot([believed.ci_low, believed.ci_high], [-0.62, -0.62], color=MUTED, lw=1.2, zorder=3)
        (line,) = axes.plot(believed.mean, -0.62, "D", ms=4, mfc=PAPER, mec=MUTED, mew=1.1, zorder=4)
        places = digits.estimate_decimals(estimate)
        mean = digits.with_unit(digits.number(believed.mean, places), outcome.unit)
        ends = digits.interval(believed.ci_low, believed.ci_high, places)
        _tell(axes, line, f"posterior mean: {mean} ({percent(outcome.bayes.level)} interval {ends})")
    seen = [] if estimate is None else [estimate.ci_low, estimate.ci_high, estimate.estimate]
    seen += [] if believed is None else [believed.ci_low, believed.ci_high]
    _only_x(axes, seen, outcome.sesoi, width)
    if is_large:
        sides = _sides(outcome, names, room=30 if width > NARROW else 15)
        for x, side, text in ((0.0, "left", sides[0]), (1.0, "right", sides[1])):
            axes.text(
                x,
                1.0,
                text,
                transform=axes.transAxes,
                ha=side,
                va="bottom",
                fontsize=SMALL,
                color=MUTED,
                parse_math=False,
            )
        label_axes(axes, x=shortened(with_unit(f"Difference in {label_in(outcome)}", outcome.unit), 56))


def _sides(outcome: OutcomeResult, names: Mapping[str, str], room: int) -> tuple[str, str]:
    """Say what each side of zero means; a name that has no room is left to the caption."""
    sides = comparison(outcome, names)
    name = sides.first if sides.is_pair else contrast_name(outcome.contrast.name)
    who = f"{name} " if len(name) <= room else ""
    lower, higher = ("worse", "better") if outcome.better == "higher" else ("better", "worse")
    return f"← {who}{lower}", f"{who}{higher} →"


def _draw_band(axes: Axes, sesoi: float | None) -> None:
    axes.grid(visible=False)
    if sesoi:
        axes.axvspan(-sesoi, sesoi, facecolor=MUTED, alpha=0.16, lw=0, zorder=0)


def _draw_references(axes: Axes, sesoi: float | None) -> None:
    _draw_band(axes, sesoi)
    axes.axvline(0, color=MUTED, lw=0.9, ls=(0, (3, 2)), zorder=1)


def _tell(axes: Axes, line: Line2D, tip: str) -> None:
    """Let a point tell something, where the figure can."""
    if isinstance(axes.figure, Drawing):
        axes.figure.tell(line, [tip])


def _draw_interval(
    axes: Axes, estimate: Estimate, *, y: float, weight: float, level: float, name: str, unit: str
) -> None:
    if estimate.estimate is None:
        return
    colour = CONDITION_COLOURS[0] if weight > 2 else MUTED
    if estimate.ci_low is not None and estimate.ci_high is not None:
        axes.plot([estimate.ci_low, estimate.ci_high], [y, y], color=colour, lw=weight * 0.55, zorder=3)
        inner = estimate.interval(2 * level - 1) if weight > 2 else None
        if inner is not None:
            axes.plot(inner, [y, y], color=colour, lw=weight * 1.5, zorder=3, solid_capstyle="butt")
    (line,) = axes.plot(
        estimate.estimate, y, "o", ms=weight * 2.1 + 1, mfc=PAPER, mec=colour, mew=weight * 0.55, zorder=4
    )
    places = digits.estimate_decimals(estimate)
    value = digits.with_unit(digits.number(estimate.estimate, places), unit)
    ends = digits.interval(estimate.ci_low, estimate.ci_high, places)
    inside = "" if estimate.ci_low is None else f" ({percent(estimate.level)} interval {ends})"
    _tell(axes, line, f"{name}: {value}{inside}")


def _only_x(axes: Axes, ends: Sequence[float | None], sesoi: float | None, width: float) -> None:
    """Keep the horizontal axis alone, with zero always in sight and the whole band where there is one."""
    seen = [end for end in ends if end is not None and math.isfinite(end)]
    low, high = (
        min([0.0, *seen, *([-sesoi] if sesoi else [])]),
        max([0.0, *seen, *([sesoi] if sesoi else [])]),
    )
    margin = 0.08 * (high - low) or 1.0
    axes.set_xlim(low - margin, high + margin)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7 if width > NARROW else 5, steps=[1, 2, 2.5, 5, 10]))
