"""The figures beside the verdict: hover texts, no condition while blinded, and nothing drawn where nothing is known."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from nof1.analysis.blinding_summary import GuessRow
from nof1.analysis.day_records import DayRecord, EventRecord
from nof1.analysis.randomization_result import ReferenceValues
from nof1.report import figure_parts, more_figures
from nof1.report.drawing import NARROW
from nof1.report.figures import plot_estimate, plot_periods, plot_scores, plot_sensitivity
from nof1.report.leftover import plot_residuals
from nof1.report.page import check_page
from nof1.report.render import render
from nof1.report.svg import svg
from nof1.report.words import VERDICTS

NAMES = {"on": "capsule", "off": "placebo"}
HOSTILE = "<script>x()</script>"


def titles(figure):
    root = ET.fromstring(svg(figure, key="k", label="x"))  # noqa: S314 - written by the code under test
    return [element.text for element in root.iter() if element.tag == "title"]


@pytest.fixture
def full(make_results, make_outcome):
    """Return results with everything that a figure can show."""
    outcome = make_outcome(
        reference_values=ReferenceValues(
            edges=(-1.5, -0.5, 0.5, 1.5), counts=(10, 44, 10), observed=0.9, exact=True
        )
    )
    left = replace(outcome.residuals, practice=tuple(2.0 + 0.01 * place for place in range(60)))
    results = make_results(outcomes=(replace(outcome, residuals=left),))
    guesses = (
        GuessRow(period=1, condition="on", guess="on", probability=0.7),
        GuessRow(period=2, condition="off", guess=None, probability=None),
    )
    return replace(
        results,
        blinding=replace(results.blinding, guesses=guesses),
        days=(
            *(DayRecord(day=day, period=0, n_planned=2, n_entered=2) for day in range(1, 44)),
            DayRecord(day=44, period=1, n_planned=2, n_entered=1, n_doses_left_out=1),
            DayRecord(day=45, period=1, n_planned=2, n_entered=0),
            DayRecord(day=46, period=1, n_planned=2, n_entered=2, n_late=1),
        ),
        events=(
            EventRecord(
                term=HOSTILE,
                day=44,
                period=6,
                day_in_period=3,
                condition="on",
                severity=2,
                serious=True,
                action="rest",
            ),
        ),
    )


def test_every_score_tells_itself_without_a_script(full):
    """A reader points at a dot and learns day, condition and value."""
    found = titles(plot_scores(full.primary, NAMES))
    assert len(found) == sum(value is not None for value in full.primary.series.value)
    assert "day 1, run-in, 2.68 d′ (not analysed)" in found or any("run-in" in text for text in found)
    assert any(text.startswith("day 9, capsule, ") for text in found)


def test_estimates_and_what_is_left_tell_themselves(full):
    """Every estimate tells its number and interval, every residual its occasion."""
    assert titles(plot_estimate(full.primary, NAMES)) == [
        "capsule − placebo: 0.42 d′ (95\N{NO-BREAK SPACE}% interval 0.08 to 0.76)".replace(
            " d′", "\N{NO-BREAK SPACE}d′"
        ),
        "posterior mean: 0.33 d′ (95\N{NO-BREAK SPACE}% interval 0.06 to 0.61)".replace(
            " d′", "\N{NO-BREAK SPACE}d′"
        ),
    ]
    rows = [row for row in full.sensitivity if row.estimate.estimate is not None]
    found = titles(plot_sensitivity(rows, unit="d′", width=NARROW))
    assert len(found) == len(rows)
    assert found[1].startswith("Linear practice trend: 0.30")
    left = titles(plot_residuals(full.primary))
    assert (len(left), left[0]) == (60, "occasion 9, period 1: 0")


def test_doses_of_one_name_have_lanes_of_their_own(full):
    """Two lanes called alike tell nothing."""
    named = replace(full, conditions={"on": "capsule", "off": "capsule"})
    axes = plot_periods(named).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()][:2] == ["capsule (on)", "capsule (off)"]
    assert "period 1, guess: capsule (on)" in titles(plot_periods(named))


def test_calendar_shows_guesses_doses_and_events(full):
    """What happened stands below the period in which it happened, in words when pointed at."""
    found = titles(plot_periods(full))
    assert "period 1, guess: capsule" in found
    assert "period 2, guess: don’t know" in found
    assert "day 44: 1 left out" in found
    assert f"day 44: {HOSTILE}, grade 2" in found


def test_figures_of_practice_guesses_harms_adherence_and_reference(full):
    """Each figure draws every point that it has, and passes the check of the page."""
    made = {
        "reference": more_figures.plot_reference(full.primary),
        "practice": more_figures.plot_practice(full.primary, NAMES),
        "guesses": more_figures.plot_guesses(full, NAMES, width=NARROW),
        "harms": more_figures.plot_harms(full, NAMES),
        "adherence": more_figures.plot_adherence(full),
    }
    n = {name: len(titles(figure)) for name, figure in made.items()}
    assert n == {"reference": 1, "practice": 60, "guesses": 1, "harms": 2, "adherence": 46}
    assert all(check_page(svg(figure, key=name, label="x")) == () for name, figure in made.items())


def test_days_differ_by_shape_and_words(full):
    """A day without scores, with some, and with late ones is told apart without colours."""
    found = titles(more_figures.plot_adherence(full, width=NARROW))
    for text in ("day 44: 1 of 2 scores", "day 45: 0 of 2 scores", "day 46: 2 of 2 scores, 1 late"):
        assert text in found


def test_report_holds_the_figures_and_every_event(full):
    """Each figure has a caption and a text alternative; an event is told with its day, grade and what was done."""
    html = render(full).html
    assert html.count("<figure>") == html.count("<figcaption>") == html.count("</figure>") >= 9
    assert HOSTILE not in html
    for text in ("day 44, period 6 (day 3 of it)", "2, serious", ">rest<", "Adverse events one by one"):
        assert text in html
    assert check_page(html) == ()


def test_nothing_by_condition_while_blinded(full):
    """Before the lock no figure and no list may tell a condition."""
    blinded = replace(full, blinded_review=True, events=(replace(full.events[0], condition=None),))
    assert figure_parts.guesses(blinded, NAMES) is None
    report = render(blinded)
    assert "Under" not in report.html.split("Adverse events one by one")[1].split("</thead>")[0]
    assert "(grade 2, day 44)" in report.html


def test_a_blinded_review_has_no_verdict(full):
    """Nothing was compared: not even “not estimable” is said, on the page or in the terminal."""
    report = render(replace(full, blinded_review=True))
    lead = report.html[report.html.index('<section class="nof1-verdict') :].split("</section>")[0]
    assert "Nothing compared yet" in lead
    assert "nothing has been compared and there is no verdict" in report.text
    assert not any(word.lower() in f"{lead}{report.text}".lower() for word in VERDICTS.values())


def test_no_figure_of_what_is_not_there(make_results, make_outcome):
    """An empty figure says nothing and takes a page."""
    results = make_results(harms=(), days=())
    assert figure_parts.harms(results, NAMES) is None
    assert figure_parts.adherence(results) is None
    assert figure_parts.reference(make_outcome()) is None
    assert figure_parts.practice(make_outcome(residuals=None), NAMES) is None
    assert figure_parts.guesses(replace(results, mode="open_label"), NAMES) is None
