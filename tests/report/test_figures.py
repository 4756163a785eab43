"""Figures: the same bytes every time, every point drawn, texts that stay texts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

from nof1.analysis.result import PeriodSummary, Series
from nof1.report.drawing import NARROW, WIDE, looks
from nof1.report.figures import (
    plot_estimate,
    plot_estimates,
    plot_periods,
    plot_scores,
    plot_sensitivity,
)
from nof1.report.page import check_page
from nof1.report.svg import CONDITION_COLOURS, svg
from nof1.report.timeline import spells_of, times_of

HOSTILE = '</text><script>x()</script> $\\frac{1}{2}$ & "quoted" \x27 url(#a) #0072b2 \U0001f40d 漢字'


def parsed(text):
    return ET.fromstring(text)  # noqa: S314 - written by the code under test


def figures(results, width=WIDE):
    return {
        "scores": plot_scores(results.primary, results.conditions, width=width),
        "periods": plot_periods(results, width=width),
        "estimate": plot_estimate(results.primary, results.conditions, width=width),
        "estimates": plot_estimates(results.outcomes, results.conditions, width=width),
        "sensitivity": plot_sensitivity(results.sensitivity, unit="d′", sesoi=0.3, width=width),
    }


def test_same_figure_same_bytes(make_results):
    """Two reports of one trial must not differ; nothing in a picture may come from the clock or from chance."""
    once = {
        name: svg(figure, key=name, label="x") for name, figure in figures(make_results(), NARROW).items()
    }
    again = {
        name: svg(figure, key=name, label="x") for name, figure in figures(make_results(), NARROW).items()
    }
    assert once == again
    for text in once.values():
        assert "matplotlib" not in text.lower()
        assert "<metadata" not in text


def test_figures_are_still_and_colours_follow_the_page(make_results):
    """Every picture passes the page check, has a text alternative, and takes its colours from the style sheet."""
    for name, figure in figures(make_results()).items():
        text = svg(figure, key=name, label="what is <seen>", css_class="nof1-wide")
        root = parsed(text)
        assert check_page(text) == ()
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"] == "what is <seen>"
        assert "width" not in root.attrib
        assert "var(--nof1-c0, #0072b2)" in text or name == "periods"
        assert "DejaVu" not in text


def test_ids_belong_to_one_figure(make_results):
    """Several pictures stand in one page; an id of one must not be drawn by another."""
    ids = [
        {
            element.attrib["id"]
            for element in parsed(svg(figure, key=name, label="x")).iter()
            if "id" in element.attrib
        }
        for name, figure in figures(make_results()).items()
    ]
    assert len(set().union(*ids)) == sum(len(group) for group in ids)
    assert ids[0]


def test_hostile_names_stay_text(make_results):
    """Names come from a protocol that somebody else may have written."""
    results = make_results()
    outcome = replace(results.primary, label=HOSTILE, unit=HOSTILE)
    rows = tuple(replace(row, label=HOSTILE) for row in results.sensitivity)
    results = replace(
        results,
        outcomes=(outcome, outcome),
        sensitivity=rows,
        conditions={"on": HOSTILE, "off": "$x$"},
    )
    for name, figure in figures(results).items():
        text = svg(figure, key=name, label=HOSTILE)
        assert check_page(text) == ()
        assert "<script" not in text
        words = "".join(parsed(text).itertext())
        assert ("</text><script>" in words) or ("$x$" in words)


def test_every_point_is_drawn(make_results):
    """As many markers as scores: nothing is hidden, nothing is invented."""
    results = make_results()
    series = results.primary.series
    seen = sum(value is not None for value in series.value)
    axes = plot_scores(results.primary, results.conditions).axes[0]
    drawn = sum(len(line.get_xdata()) for line in axes.lines if line.get_marker() not in {"None", "x"})
    missing = next(line for line in axes.lines if line.get_marker() == "x")
    assert drawn == seen
    assert len(missing.get_xdata()) == len(series.value) - seen


def test_gaps_stay_gaps(make_results):
    """A line never bridges a score that is not there."""
    axes = plot_scores(make_results().primary).axes[0]
    lines = [line for line in axes.lines if line.get_marker() == "None"]
    assert any(value != value for line in lines for value in line.get_ydata())  # noqa: PLR0124 - NaN
    assert all(max(line.get_xdata()) - min(line.get_xdata()) < 7.5 for line in lines)  # within one period


def test_series_without_days_or_scores_is_drawn(make_outcome):
    """Bad luck in the data raises nothing."""
    sessions = Series(
        session=(1, 2),
        day=(None, None),
        period=(1, 2),
        condition=("on", "off"),
        value=(1.0, None),
        analysed=(True, True),
    )
    figure = plot_scores(make_outcome(series=sessions))
    assert figure.axes[0].get_xlabel() == "Session"
    plot_scores(make_outcome(series=Series(), by_condition=()))
    nothing = make_outcome(mixed_model=None, sesoi=None, verdict="not_estimable")
    svg(plot_estimate(nothing), key="a", label="x")
    svg(plot_estimates([nothing]), key="b", label="x")


def test_several_scores_of_one_day_stand_apart():
    """Three prompts a day are three points, all within their day."""
    series = Series(
        session=(1, 2, 3, 4), day=(5, 5, 5, 6), period=(1, 1, 1, 2), condition=("on",) * 3 + ("off",),
        value=(1.0,) * 4, analysed=(True,) * 4,
    )  # fmt: skip
    times, has_days = times_of(series)
    assert has_days
    assert len(set(times)) == 4
    assert all(4.5 < time < 5.5 for time in times[:3])
    spells = spells_of(series, times)
    assert [(spell.condition, spell.start, spell.end) for spell in spells] == [
        ("on", 4.5, 5.5),
        ("off", 5.5, 6.5),
    ]


def test_blinded_calendar_shows_one_lane(make_results):
    """Before unblinding a calendar must not part the periods."""
    results = make_results()
    periods = tuple(replace(period, condition=None) for period in results.periods)
    figure = plot_periods(replace(results, blinded_review=True, periods=periods))
    assert len(figure.axes[0].get_yticks()) == 1
    colours = {tuple(patch.get_edgecolor()) for patch in figure.axes[0].patches}
    assert len(colours) == 1


def test_calendar_without_days_counts_periods(make_results):
    """Imported trials may know their periods only."""
    periods = tuple(
        PeriodSummary(period=number, condition="on" if number % 2 else "off") for number in range(1, 5)
    )
    figure = plot_periods(make_results(periods=periods))
    assert figure.axes[0].get_xlabel() == "Period"
    plot_periods(make_results(periods=()))


def test_conditions_differ_by_shape_as_well():
    """Whoever cannot tell the colours apart can tell the marks apart; the reference is hollow."""
    found = looks(tuple("abcdefgh"))
    assert len({look.marker for look in found.values()}) == 8
    assert len({look.colour for look in found.values()}) == len(CONDITION_COLOURS) == 8
    assert [code for code, look in found.items() if not look.is_filled] == ["h"]


def test_figure_displays_itself_in_a_notebook(make_results):
    """Without pyplot a bare figure would show its name only."""
    shown = plot_periods(make_results())._repr_svg_()
    assert shown.startswith("<svg")
    assert 'xmlns="http://www.w3.org/2000/svg"' in shown
