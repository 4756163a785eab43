"""Sentences that a reader took for more, or for something else, than was meant: each stays mended."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.analysis.made import protocol

from nof1.analysis.blinding_summary import BlindingSummary
from nof1.analysis.estimation import NO_SCORE_UNDER
from nof1.analysis.randomization_result import ReferenceValues
from nof1.report import course, prose
from nof1.report.alternatives import absent_rows
from nof1.report.figure_parts import reference
from nof1.report.guesses import guess_words
from nof1.report.record import rules_to_stop
from nof1.report.render import render
from nof1.report.tables import effect_sizes_table, sensitivity_table
from nof1.report.verdicts import equivalence_sentence
from nof1.report.view import view_of
from nof1.report.words import comparison


def test_a_condition_without_scores_has_its_name(make_results, make_estimate):
    """A code means nothing to a reader, and one reason is told once for all that it stops."""
    rows = make_results().sensitivity[:3]
    none = make_estimate(None, note=NO_SCORE_UNDER.format(code="on"))
    rows = tuple(replace(row, estimate=none) for row in rows)
    told = absent_rows(rows, {"on": "green tea", "off": "water"})
    assert len(told) == 1
    assert told[0].endswith(
        "; " + rows[2].label[:1].upper() + rows[2].label[1:] + ": there is no score under green tea."
    )
    assert (
        sensitivity_table(rows, {"on": "green tea"}).rows[0][0]
        == "As planned: there is no score under green tea"
    )


def test_alternatives_that_failed_were_planned_all_the_same():
    """What could not be computed is not said never to have been planned."""
    assert (
        prose.sensitivity((), 12)
        == "12 alternatives to the planned analysis were tried, and there is a number for none."
    )
    assert prose.sensitivity(()) == "No alternative analysis was planned."


def test_doses_of_one_thing_are_told_apart(make_results):
    """Three doses are not caffeine, caffeine and caffeine."""
    doses = {"on": {"name": "caffeine", "dose": "200 mg"}, "off": {"name": "caffeine", "dose": "0 mg"}}
    results = make_results(
        protocol=protocol(conditions=doses), conditions={"on": "caffeine", "off": "caffeine"}
    )
    assert "comparing caffeine 200 mg and caffeine 0 mg" in " ".join(prose.done(results))


def test_nobody_goes_through_periods_without_a_score(make_results):
    """Whoever stopped after the fourth period did not go through all of them."""
    results = make_results()
    n = len(course.treatment_periods(results))
    for last, says in (
        (4, "From period 5 on no outcome has a score."),
        (n - 1, f"In the last one, period {n}, no"),
        (0, "In all of them no"),
    ):
        outcomes = tuple(_until(outcome, last) for outcome in results.outcomes)
        text = " ".join(prose.done(replace(results, outcomes=outcomes)))
        assert text.startswith("One person was to go through")
        assert says in text
    assert "was to go" not in " ".join(prose.done(results))


@pytest.mark.usefixtures("no_figures")
def test_the_protocols_own_rules_to_stop_are_told(make_results):
    """A reader must see which limits there were, whether or not one was met."""
    safety = {"stop_rules": [{"when": "adverse_event.severity >= 3", "do": "stop"}]}
    results = make_results(protocol=protocol(safety=safety))
    rules = "Rules to pause or stop, by the protocol: stop when adverse_event.severity >= 3."
    assert rules_to_stop(results) == f"{rules} None was met."
    assert rules_to_stop(replace(results, record={"facts": [["stop_rule_fired", "day 3"]]})) == rules
    assert rules_to_stop(replace(results, imported=True)).endswith("the file does not tell.")
    assert rules_to_stop(make_results()) == ""
    html = render(replace(results, sensitivity=(), outcomes=results.outcomes[:1])).html
    assert "None was met." in html[html.index("<h2>Harms") : html.index("<h2>Was the blind")]


def test_nothing_is_confirmed_where_nothing_was_estimated(make_results, make_outcome, make_estimate):
    """A condition that was never taken is compared with nothing, whatever the orders say of the others."""
    confirming = protocol(analysis={"confirm": "randomization_test"})
    values = ReferenceValues(edges=(-1.0, 0.0, 1.0), counts=(1, 1), observed=0.5, exact=True)
    absent = make_outcome(
        mixed_model=make_estimate(None, flags=("condition_absent",)),
        verdict="not_estimable",
        reference_values=values,
    )
    results = make_results(protocol=confirming, outcomes=(absent,))
    assert course.fixed_beforehand(results).endswith(
        "nothing was estimated, so there was nothing to confirm."
    )
    assert reference(absent) is None
    assert reference(make_outcome(reference_values=values)) is not None


def test_a_share_that_is_not_whole_is_not_called_whole(make_results):
    """1,210 of 1,211 are not 100 %."""
    kept = replace(make_results().adherence, n_planned=1211, n_entered=1210, n_missing=1)
    assert "(more than 99\N{NO-BREAK SPACE}%)" in prose.adherence(make_results(adherence=kept))[0]


def _until(outcome, last):
    series = outcome.series
    seen = tuple(
        value if period <= last else None for period, value in zip(series.period, series.value, strict=True)
    )
    return replace(outcome, series=replace(series, value=seen))


def test_when_imported_guesses_were_made_is_not_known(make_results):
    """A file does not show that a guess came before the opening."""
    results = make_results(imported=True, blinding=BlindingSummary(n_guesses=3))
    assert guess_words(results, {}).found[0].startswith("The file holds 3 guesses; nothing here shows")


def test_a_factor_is_told_by_its_conditions(make_outcome):
    """A main effect says what is averaged; a difference of differences has no average to tell."""
    names = {"ab": "both", "a": "caffeine alone", "b": "theanine alone", "o": "neither"}
    outcome = make_outcome()

    def first(**weights):
        return comparison(
            replace(outcome, contrast=replace(outcome.contrast, name="caffeine", weights=weights)), names
        )

    factor = first(o=-0.5, a=0.5, b=-0.5, ab=0.5)
    assert factor.first == (
        "the comparison “caffeine” (the average of caffeine alone and both against that of neither and theanine alone)"
    )
    assert factor.difference.startswith("0.5\u00a0×\u00a0caffeine alone + ")
    assert first(ab=1, a=-1, b=-1, o=1).first == "the comparison “caffeine”"


@pytest.mark.parametrize(
    ("onset", "washout", "says"),
    [
        (1, 0, "lies 1 day of onset"),
        (2, 0, "lie 2 days of onset"),
        (1, 1, "lie 1 day of onset left out and 1 day"),
    ],
)
def test_days_between_conditions_are_counted(make_results, onset, washout, says):
    """One day lies, two lie; and it is scores that were taken, not days."""
    design = {
        "kind": "randomized_blocks",
        "blocks": 6,
        "period_days": 7,
        "onset_days": onset,
        "washout_days": washout,
    }
    results = make_results(protocol=protocol(design=design))
    assert f"Between one condition and the next {says}" in course.carry_over(results)
    first = "the first day" if onset == 1 else "the first 2 days"
    assert f"Scores of {first} of every period were taken but not analysed" in " ".join(prose.done(results))


def test_effects_without_a_unit_name_their_sides(make_outcome):
    """Nobody knows which condition is the first; where a period is a day, no day lies within it."""
    names = {"on": "tea", "off": "water"}
    told = [row[0] for row in effect_sizes_table(make_outcome(), names).rows]
    assert "Chance that a score under tea is higher than one under water (NAP)" in told
    assert told[0] == "Difference in standard deviations of a day within periods (d)"
    daily = make_outcome(primary_method="daily_model")
    assert effect_sizes_table(daily, names).rows[0][0] == "Difference in standard deviations of a day (d)"


def test_what_an_interval_says_is_no_fact(make_outcome):
    """Equivalence is what the data say, not what is."""
    assert equivalence_sentence(make_outcome()).startswith(("By these data", "The difference may", "Whether"))


@pytest.mark.usefixtures("no_figures")
def test_a_warning_of_two_comparisons_stands_once(make_results):
    """The same sentence about the same outcome is not repeated for every comparison."""
    results = make_results()
    other = replace(results.primary, flags=("many_missing",))
    view = view_of(replace(results, outcomes=(results.primary, other, other)))
    notes = [
        sentence
        for section in view.sections
        for part in section.parts
        if part.title == "Of these"
        for sentence in part.sentences
    ]
    assert sum("More than 40 %" in sentence for sentence in notes) == 1
