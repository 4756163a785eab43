"""What the sections say, where the trial is not the usual one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nof1.analysis.blinding_summary import BlindingSummary, GuessTest
from nof1.analysis.day_records import EventRecord
from nof1.analysis.result import (
    AdherenceSummary,
    AdverseEventSummary,
    Autocorrelation,
    IntervalResult,
    RandomizationResult,
    SequenceSummary,
)
from nof1.protocol.load import load_protocol
from nof1.report import appendix, course, prose, tables
from nof1.report.letter import paragraphs_of
from nof1.report.methods import methods
from nof1.report.record import facts, pairs, provenance
from nof1.report.view import view_of
from nof1.report.words import condition_names, counted, listed

CAFFEINE = Path(__file__).parents[2] / "protocols" / "caffeine-vigilance.yaml"


@pytest.mark.usefixtures("no_figures")
def test_serious_events_are_named(make_results):
    """A clinician must not have to look for them in a table."""
    events = (
        EventRecord(
            term="Fainted", day=9, period=2, day_in_period=1, condition="on", severity=3, serious=True
        ),
        EventRecord(
            term="Itch", day=10, period=2, day_in_period=2, condition="on", severity=1, serious=False
        ),
    )
    counts = (AdverseEventSummary(condition="on", n_events=2, n_serious=1, worst_severity=3),)
    results = make_results(events=events, adverse_events=counts)
    names = condition_names(results)
    assert "2 adverse events were recorded, 1 called serious; the worst was of grade 3 of 5." in prose.harms(
        results
    )
    told = prose.serious(results, names)
    assert told == "Called serious: Fainted (grade 3, day 9, under capsule)."
    assert any(told in paragraph.sentences for paragraph in paragraphs_of(view_of(results), results))
    one = replace(results, events=(), adverse_events=(replace(counts[0], n_events=1, n_serious=0),))
    assert "1 adverse event was recorded, none called serious; it was of grade 3 of 5." in prose.harms(one)
    assert prose.serious(one, names) == ""


def test_harms_are_never_called_safe(make_results):
    """Nothing seen in one person over some weeks shows that nothing can happen."""
    nothing = prose.harms(make_results(harms=(), adverse_events=()))
    assert "does not show that nothing can happen" in nothing
    for text in (nothing, prose.harms(make_results()), *prose.limits(make_results())):
        assert "safe" not in text.lower()
        assert "well tolerated" not in text.lower()


def test_imported_trial_claims_nothing_for_us(make_results):
    """What was done elsewhere is told as somebody else's account."""
    text = " ".join(prose.done(make_results(imported=True)))
    assert "is taken to be one of 64 possible orders" in text
    assert "By its own account it was self-blinded" in text
    assert any("taken on trust" in limit for limit in prose.limits(make_results(imported=True)))


def test_large_spaces_and_fixed_orders(make_results):
    """A count with thirty digits is told by its size; an order that was not drawn is not told as drawn."""
    huge = SequenceSummary(kind="balanced", size="1" + "0" * 30)
    assert "about 10³⁰ possible orders" in " ".join(prose.done(make_results(sequence=huge)))
    fixed = SequenceSummary(kind="fixed", size="1")
    text = " ".join(prose.done(make_results(sequence=fixed)))
    assert "not randomized" in text
    assert "drawn" not in text


def test_adherence(make_results):
    """Counts, and nothing where nothing was planned."""
    assert prose.adherence(make_results(adherence=AdherenceSummary())) == ()
    complete = AdherenceSummary(n_planned=10, n_entered=10, n_doses_recorded=3)
    assert prose.adherence(make_results(adherence=complete)) == (
        "Of 10 planned scores, 10 were entered (100\N{NO-BREAK SPACE}%).",
        "3 doses were recorded as taken, none as missed.",
    )


def test_what_is_not_known_is_told(make_results):
    """Doses without a record, scores missing in practice, periods without a guess; an import is told as a file."""
    kept = AdherenceSummary(
        n_planned=238,
        n_entered=231,
        n_missing=7,
        n_missing_in_run_in=5,
        missing_by_condition={"on": 0, "off": 2},
        n_doses_recorded=30,
        n_doses_planned=32,
        n_doses_without_record=2,
        n_guesses_planned=32,
        n_guesses=30,
    )
    text = " ".join(prose.adherence(make_results(adherence=kept)))
    assert "Missing: 5 during practice, 0 under capsule and 2 under placebo." in text
    assert "Of 32 planned doses, 30 were recorded as taken, none as missed; 2 have no record" in text
    assert "A guess was recorded for 30 of 32 periods." in text
    departures = provenance(make_results(adherence=kept, deviations=()))
    assert "Besides, 7 planned scores have no value, 2 planned doses have no record" in departures[1]
    none = replace(kept, n_doses_recorded=0, n_doses_without_record=32)
    assert "nothing is known of what was taken" in " ".join(prose.adherence(make_results(adherence=none)))
    imported = make_results(adherence=none, imported=True, deviations=())
    told = prose.adherence(imported)
    assert told[0].startswith("Of 238 planned scores, 231 are in the file")
    assert not any("beyond the plan" in text for text in told)
    more = replace(imported, adherence=replace(none, n_rows=240, missing_by_reason={"no_row": 7}))
    assert prose.adherence(more)[1] == "The file holds 9 beyond the plan."
    assert provenance(imported)[0] == "The file carries no record of departures from the protocol."


def test_closed_early_is_told_as_such(make_results):
    """Periods that had not come were not gone through."""
    record = {
        "zone": "Europe/Berlin",
        "stages": [["locked", "2026-03-01T23:30:00.000Z"]],  # in Berlin this is the second of March
        "facts": [["start_on", "2026-03-01"]],
    }
    results = make_results(record=record)
    text = " ".join(prose.done(results))
    assert "was to go through 12 periods" in text
    assert "When data entry was closed, on day 2, none had ended" in text
    assert course.days_left(results) == 88
    assert "It was planned from 1 March 2026 to 29 May 2026." in course.who_and_when(results)
    whole = make_results(record=record | {"stages": [["locked", "2026-06-01T10:00:00.000Z"]]})
    assert "One person went through 12 periods" in " ".join(prose.done(whole))


def test_guesses_better_than_chance_stand_under_the_verdict(make_results):
    """A difference that expectation may have made is not told without saying so."""
    right = GuessTest(
        statistic=12, n_as_extreme=1, n_sequences=64, p_value=1 / 64, smallest_p=1 / 64, exact=True
    )
    results = make_results()
    assert not any("could often tell" in text for text in prose.lead_cautions(results, (), ()))
    seen = make_results(blinding=replace(results.blinding, correct_test=right))
    assert any("could often tell" in text for text in prose.lead_cautions(seen, (), ()))


def test_cautions_say_how_many_and_nothing_twice(make_results):
    """Counts stand beside a flag of missing scores; what the verdict has told is not repeated."""
    told = prose.lead_cautions(make_results(), ("unequal_missing", "outliers"), ("outliers",))
    assert len(told) == 1
    assert "Missing: 1 of 30 under capsule and 1 of 30 under placebo." in told[0]
    constant = prose.lead_cautions(make_results(), ("interval_not_attainable", "constant_outcome"), ())
    assert constant == ("The score never varied, so there is nothing to compare.",)


def test_a_period_is_worth_no_more_than_its_days(make_outcome):
    """Where neighbours differ more than chance, the formula counts more days than there are."""
    negative = make_outcome(autocorrelation=Autocorrelation(lag1=-0.2, rho=-0.18, effective_days=9.5))
    text = " ".join(prose.practice(negative, {}, trend="log"))
    assert "9.5" not in text
    assert "of 4.4 days with scores on average, is then worth about 4.4 independent days" in text


def test_what_practice_brought_is_told(make_outcome):
    """Up or down, with its standard error; nothing where the model does not tell."""
    outcome = make_outcome()
    assert "moved the score" not in " ".join(prose.practice(outcome, {}, trend="log"))
    for change, word in ((0.61, "up"), (-0.61, "down")):
        details = {"practice_change": change, "practice_se": 0.2}
        told = replace(outcome, mixed_model=replace(outcome.mixed_model, details=details))
        text = " ".join(prose.practice(told, {}, trend="log"))
        assert f"moved the score {word} by 0.61\u00a0d′ from the first day" in text
        assert "(standard error 0.20)" in text
        unsure = replace(
            told, mixed_model=replace(outcome.mixed_model, details=details | {"practice_se": 0.5})
        )
        assert "(standard error 0.50, no more than chance may bring)" in " ".join(
            prose.practice(unsure, {}, trend="log")
        )
        assert appendix.variances_table(told).rows[-1][-1] == f"{change:.2f} (0.20)".replace("-", "−")


def test_course_of_the_trial_is_told(make_results):
    """Corrections, shifts and findings of the import stand among the departures, the rest among the facts."""
    record = {
        "stages": [["randomized", "2026-01-01T00:00:00Z"]],
        "facts": [
            ["protocol_sha256", "ab"],
            ["drift", "day 44 covers two dates {x}"],
            ["excluded", "session 12, day.mood: phone broken"],
            ["commitment", "cd"],
        ],
        "flags": ["lock_undone", "unplanned_look"],
        "versions": {"nof1": "0.1.0", "sqlalchemy": "2.1"},
        "chain_head": "ef",
    }
    results = make_results(record=record, flags=("unplanned_look",))
    told = provenance(results)
    assert "Of the imported days: day 44 covers two dates {x}." in told
    assert "Left out, session 12, day.mood: phone broken." in told
    assert any("opened again" in sentence for sentence in told)
    assert not any("looked at" in sentence for sentence in told)  # told with the verdict already
    listed_facts = dict(facts(results))
    assert listed_facts["Commitment"] == "cd"
    assert listed_facts["Head of the history"] == "ef"
    assert listed_facts["Randomized at"] == "2026-01-01T00:00:00Z"
    assert listed_facts["sqlalchemy"] == "2.1"
    assert "Drift" not in listed_facts
    assert pairs("text") == pairs(None) == ()


def test_tables_without_anything_are_left_out(make_results, make_outcome):
    """An empty table says nothing and is not shown."""
    results = make_results(
        harms=(),
        deviations=(),
        adverse_events=(AdverseEventSummary(condition=None, n_events=0, n_serious=0, worst_severity=None),),
        blinding=BlindingSummary(),
    )
    assert tables.harms_table(results, {}) is None
    assert tables.adverse_events_table(results, {}) is None
    assert tables.deviations_table(results) is None
    assert tables.guesses_table(results, {}) is None
    assert tables.others_table((), {}) is None
    assert tables.sensitivity_table((), {}) is None
    assert tables.condition_table(make_outcome(by_condition=()), {}) is None
    nothing = make_outcome(mixed_model=None, period_means=None, paired_blocks=None, randomization_test=None)
    assert tables.methods_table(nothing) is None


def test_interval_of_the_randomization_test(make_outcome):
    """Ends that the design cannot reach are told in words, not as numbers."""
    out = make_outcome(
        randomization_interval=IntervalResult(
            low=float("-inf"), high=float("inf"), level=0.95, attainable=False
        )
    )
    assert tables.methods_table(out).rows[-1][:3] == ("Randomization test", "–", "not attainable")
    half = make_outcome(
        randomization_interval=IntervalResult(low=0.1, high=float("inf"), level=0.95, attainable=True)
    )
    assert tables.methods_table(half).rows[-1][2] == "0.10 to no limit"
    less = make_outcome(randomization_interval=IntervalResult(low=0.1, high=0.7, level=0.9, attainable=False))
    assert tables.methods_table(less).rows[-1][2] == "0.10 to 0.70 (90\N{NO-BREAK SPACE}%)"


def test_an_alternative_without_a_number_says_why(make_results, make_estimate):
    """A dash alone would look like something that went wrong."""
    rows = make_results().sensitivity[:2]
    none = replace(rows[1], estimate=make_estimate(None, note="no score lies far out"))
    table = tables.sensitivity_table((rows[0], none), {})
    assert table.rows[1][:2] == ("Linear practice trend: no score lies far out", "–")


def test_what_was_taken_measured_and_fixed(make_results):
    """Dose, times and form, the scale of the outcome, and whether a confirmation was asked for and came."""
    protocol = load_protocol(CAFFEINE.read_bytes(), CAFFEINE.name)
    results = make_results(protocol=protocol, conditions={"on": "caffeine", "off": "cellulose"})
    assert course.interventions(results, results.conditions)[0][:3] == ("caffeine", "200 mg", "09:00")
    assert "opaque capsule 00" in course.interventions(results, results.conditions)[1][3]
    assert course.rationale(results).startswith("Why, in the words of the protocol: ")
    assert "it did (2/64 = .031)" in course.fixed_beforehand(results)
    imported = replace(results, imported=True)
    assert "nothing here shows that it was written before" in course.fixed_beforehand(imported)
    assert "of caffeine about 4\N{NO-BREAK SPACE}% is left a day later" in course.carry_over(results)
    scored = replace(results.primary, score="vigil.speed", label="Response speed", unit="1/s")
    told = course.measured(replace(results, outcomes=(scored,)))
    assert "response speed (vigil.speed), on a scale from 0.03 to 10" in told
    nothing = make_results()
    assert course.interventions(nothing, {}) == ()
    assert course.rationale(nothing) == course.measured(nothing) == course.carry_over(nothing) == ""


def test_rows_are_as_long_as_heads(make_results, make_outcome):
    """No cell may slip under another head."""
    results = make_results()
    names = condition_names(results)
    made = [
        tables.condition_table(results.primary, names),
        tables.methods_table(results.primary),
        tables.others_table(results.outcomes[1:], names),
        tables.sensitivity_table(results.sensitivity, names),
        tables.harms_table(results, names),
        tables.adverse_events_table(results, names),
        tables.guesses_table(results, names),
        tables.deviations_table(results),
    ]
    for table in made:
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_several_outcomes_by_the_same_orders(make_results, make_outcome):
    """The column of max-T stands there where it was computed, and is explained."""
    test = RandomizationResult(
        statistic=1.5,
        n_as_extreme=6,
        n_sequences=64,
        p_value=6 / 64,
        smallest_p=2 / 64,
        exact=True,
        kind="max_t",
    )
    other = make_outcome(role="secondary", score="a.b", max_t_test=test, max_t_p_value=6 / 64)
    table = tables.others_table((other,), {})
    assert table.columns[-1] == "Randomization, all outcomes"
    assert table.rows[0][-1] == "6/64 = .094"
    assert table.n_text_columns == 2
    without = tables.others_table((make_outcome(role="secondary"),), {})
    assert without.columns[-1] == "Randomization"
    assert without.n_text_columns == 2
    results = make_results(outcomes=(make_outcome(), other))
    assert "largest difference that an order brings in any of them" in prose.secondary(results, 1)
    assert "max-T" in " ".join(method.text for method in methods(results))
    assert "max-T" not in " ".join(method.text for method in methods(make_results()))


def test_names_that_repeat_are_told_apart(make_results):
    """Four doses of one drug have one name; codes tell them apart where doses do not."""
    results = make_results(conditions={"a": "drug", "b": "drug", "c": "placebo"})
    assert condition_names(results) == {"a": "drug (a)", "b": "drug (b)", "c": "placebo (c)"}
    assert condition_names(replace(results, conditions={"a": " x\n y ", "b": "z"})) == {"a": "x y", "b": "z"}


def test_small_words():
    """Numbers and lists in sentences."""
    assert counted(1234, "draw") == "1,234 draws"
    assert listed(["a", "b"]) == "a and b"
