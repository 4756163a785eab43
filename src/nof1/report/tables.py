"""The tables of the report as plain cells; the template draws them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nof1.report import digits
from nof1.report.verdicts import verdict_word
from nof1.report.words import METHODS, capitalised, comparison, contrast_name, percent, told_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nof1.analysis.day_records import EventRecord
    from nof1.analysis.result import (
        Estimate,
        OutcomeResult,
        RandomizationResult,
        Results,
        SensitivityRow,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells and what they are.

    Attributes
    ----------
    caption : str
        What the table shows.
    columns : tuple of str
        Heads; the first column names the row.
    rows : tuple of tuple of str
        Cells, as long as `columns`.
    n_text_columns : int
        How many columns from the left hold words; the others hold numbers.
    emphasis : int or None
        Row that stands in front of the others.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_text_columns: int = 1
    emphasis: int | None = None


def condition_table(outcome: OutcomeResult, names: Mapping[str, str]) -> Table | None:
    """Describe the scores under each condition.

    Parameters
    ----------
    outcome : OutcomeResult
        With its `by_condition`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Table or None
        None where nothing is known by condition.
    """
    if not outcome.by_condition:
        return None
    spread = min((row.sd for row in outcome.by_condition if row.sd), default=None)
    decimals = digits.decimals_for(spread)
    rows = tuple(
        (
            names.get(row.condition, row.condition),
            f"{row.n_periods}",
            f"{row.n_sessions}",
            f"{row.n_missing}",
            *(digits.number(value, decimals) for value in (row.mean, row.sd)),
            digits.interval(row.minimum, row.maximum, decimals),
        )
        for row in outcome.by_condition
    )
    columns = ("Condition", "Periods", "Scores", "Missing", "Mean", "SD", "Range")
    return Table(caption=f"{_titled(outcome)} by condition, days that count", columns=columns, rows=rows)


def methods_table(outcome: OutcomeResult) -> Table | None:
    """Put the planned estimate beside what other methods say about the same question.

    Parameters
    ----------
    outcome : OutcomeResult
        With whatever was computed.

    Returns
    -------
    Table or None
        None where the planned method gave no estimate.
    """
    first = outcome.primary
    others = (outcome.mixed_model, outcome.daily_model, outcome.period_means, outcome.paired_blocks)
    found = [first, *(estimate for estimate in others if estimate is not first)]
    places = digits.estimate_decimals(first)
    rows = [_estimate_cells(METHODS.get(e.method, e.method), e, places) for e in found if e is not None]
    rows += _randomization_interval_cells(outcome)
    if first is None or first.estimate is None:
        return None  # where there is nothing to compare, no row says anything
    columns = ("Method", "Difference", "Interval", "t", "df", "p")
    return Table(
        caption=f"{_titled(outcome)}: the planned method and others",
        columns=columns,
        rows=tuple(rows),
        emphasis=0,
    )


def others_table(outcomes: Sequence[OutcomeResult], names: Mapping[str, str]) -> Table | None:
    """Tell every outcome and comparison beside the primary one.

    Parameters
    ----------
    outcomes : sequence of OutcomeResult
        Without the primary one.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Table or None
        None where there is none.
    """
    if not outcomes:
        return None
    rows = tuple(_other_cells(outcome, names) for outcome in outcomes)
    columns = (
        *("Outcome", "Comparison", "Verdict", "Difference (interval)"),
        *("p", "p, Holm", "Randomization", "Randomization, all outcomes"),
    )
    table = Table(
        caption="The other outcomes and comparisons of the plan", columns=columns, rows=rows, n_text_columns=3
    )
    if all(outcome.max_t_test is None for outcome in outcomes):
        table = _without_column(table, len(columns) - 1)
    return table if len({row[1] for row in rows}) > 1 else _without_column(table, 1)


def sensitivity_table(rows: Sequence[SensitivityRow], names: Mapping[str, str]) -> Table | None:
    """Put every alternative in numbers.

    Parameters
    ----------
    rows : sequence of SensitivityRow
        Of one score and contrast, the planned one first.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Table or None
        None where there is none.
    """
    if not rows:
        return None
    cells = tuple(
        _estimate_cells(_told_row(row, names), row.estimate)[:3] + _estimate_cells("", row.estimate)[5:]
        for row in rows
    )
    columns = ("Analysis", "Difference", "Interval", "p")
    return Table(
        caption="The same question, one thing done otherwise", columns=columns, rows=cells, emphasis=0
    )


def _told_row(row: SensitivityRow, names: Mapping[str, str]) -> str:
    """Name an alternative, and say why it has no number."""
    label = capitalised(row.label)
    note = told_note(row.estimate, names)
    return f"{label}: {note}" if note and row.estimate.estimate is None else label


def harms_table(results: Results, names: Mapping[str, str]) -> Table | None:
    """Tell the ratings of harm by condition.

    Parameters
    ----------
    results : Results
        With its `harms`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Table or None
        None where the protocol rates none.
    """
    rows = tuple(
        (
            capitalised(row.label),
            _condition(row.condition, names),
            f"{row.n_sessions}",
            digits.brief(row.mean),
            digits.brief(row.maximum),
            f"{row.n_days_above_zero}",
        )
        for row in results.harms
    )
    columns = ("Harm", "Condition", "Ratings", "Mean", "Highest", "Days above 0")
    return Table(caption="Ratings of harm", columns=columns, rows=rows, n_text_columns=2) if rows else None


def adverse_events_table(results: Results, names: Mapping[str, str]) -> Table | None:
    """Count the adverse events by condition.

    Parameters
    ----------
    results : Results
        With its `adverse_events`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Table or None
        None where none was recorded.
    """
    if not any(row.n_events for row in results.adverse_events):
        return None
    rows = tuple(
        (
            _condition(row.condition, names),
            f"{row.n_events}",
            f"{row.n_serious}",
            digits.NOTHING if row.worst_severity is None else f"{row.worst_severity}",
        )
        for row in results.adverse_events
    )
    columns = ("Began under", "Events", "Serious", "Worst grade (1 to 5)")
    return Table(caption="Adverse events", columns=columns, rows=rows)


def events_table(results: Results, names: Mapping[str, str]) -> Table | None:
    """List every adverse event by itself.

    Parameters
    ----------
    results : Results
        With its `events`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Table or None
        None where none was recorded. While blinded no event has a condition.
    """
    if not results.events:
        return None
    rows = tuple(
        (
            capitalised(one.term),
            _began(one),
            _under(one, names),
            f"{one.severity}{', serious' if one.serious else ''}",
            digits.NOTHING if one.n_days is None else f"{one.n_days} d",
            ", ".join(text for text in (one.related, one.action, one.outcome) if text) or digits.NOTHING,
        )
        for one in results.events
    )
    columns = (
        "Event",
        "Began on",
        "Under",
        "Grade (1 to 5)",
        "Lasted",
        "Thought related; what was done; outcome",
    )
    table = Table(
        caption="Adverse events one by one",
        columns=columns,
        rows=rows,
        n_text_columns=len(columns),
    )
    return _without_column(table, 2) if results.blinded_review else table


def _began(one: EventRecord) -> str:
    if one.day is None:
        return digits.NOTHING
    if not one.period:
        return f"day {one.day}, {'run-in' if one.period == 0 else 'outside all periods'}"
    inside = "" if one.day_in_period is None else f" (day {one.day_in_period} of it)"
    return f"day {one.day}, period {one.period}{inside}"


def _under(one: EventRecord, names: Mapping[str, str]) -> str:
    if one.condition is not None:
        return names.get(one.condition, one.condition)
    return "no condition" if one.period == 0 else "not known"


def guesses_table(results: Results, names: Mapping[str, str]) -> Table | None:
    """Count what was guessed against what it was.

    Parameters
    ----------
    results : Results
        With its `blinding`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Table or None
        None without guesses, or while nothing is opened.
    """
    counts = results.blinding.counts
    if not results.blinding.n_guesses or not counts or results.mode == "open_label":
        return None
    heads = list(dict.fromkeys([*names, *(guess for row in counts.values() for guess in row)]))
    rows = tuple(
        (names.get(code, code), *(f"{row.get(guess, 0)}" for guess in heads), f"{sum(row.values())}")
        for code, row in counts.items()
    )
    columns = ("It was", *(f"Guess: {_guess(guess, names)}" for guess in heads), "All")
    return Table(caption="Guesses, one for each period", columns=columns, rows=rows)


def deviations_table(results: Results) -> Table | None:
    """List every departure from the protocol.

    Parameters
    ----------
    results : Results
        With its `deviations`.

    Returns
    -------
    Table or None
        None where none was recorded.
    """
    if not results.deviations:
        return None
    keys = list(dict.fromkeys(key for row in results.deviations for key, value in row.items() if value))
    rows = tuple(tuple(row.get(key) or "" for key in keys) for row in results.deviations)
    columns = tuple(capitalised(key.replace("_", " ")) for key in keys)
    return Table(caption="Departures from the protocol", columns=columns, rows=rows, n_text_columns=len(keys))


def interventions_table(rows: Sequence[tuple[str, ...]]) -> Table | None:
    """Say what was taken under each condition.

    Parameters
    ----------
    rows : sequence of tuple of str
        From `nof1.report.course.interventions`.

    Returns
    -------
    Table or None
        None where nothing is known.
    """
    columns = ("Condition", "Dose of one intake", "Times", "Form")
    return (
        Table(caption="What was to be taken", columns=columns, rows=tuple(rows), n_text_columns=4)
        if rows
        else None
    )


def effect_sizes_table(outcome: OutcomeResult, names: Mapping[str, str]) -> Table | None:
    """Tell the effects without a unit, for readers who compare trials.

    Parameters
    ----------
    outcome : OutcomeResult
        With its `effect_sizes`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Table or None
        None where there is none.
    """
    sizes = outcome.effect_sizes
    if sizes is None:
        return None
    sides = comparison(outcome, names)
    within = "" if outcome.primary_method == "daily_model" else " within periods"
    told = (
        (f"Difference in standard deviations of a day{within} (d)", sizes.d_within),
        ("The same, corrected for small samples (Hedges’ g)", sizes.g_within),
        ("Mean over standard deviation of the block differences (d of z; not comparable with d)", sizes.d_z),
        (f"Chance that a score under {sides.first} is higher than one under {sides.second} (NAP)", sizes.nap),
    )
    rows = tuple((name, digits.number(value, 2)) for name, value in told if value is not None)
    if sizes.log_response_ratio is not None:
        ratio = digits.brief(math.exp(sizes.log_response_ratio))
        size = digits.number(sizes.log_response_ratio, 3)
        se = digits.number(sizes.log_response_ratio_se, 3)
        rows += (("Ratio of the means (its logarithm, standard error)", f"{ratio} ({size}, {se})"),)
    return (
        Table(caption="Effect sizes without a unit", columns=("Measure", "Value"), rows=rows)
        if rows
        else None
    )


def sources_table(results: Results) -> Table | None:
    """List the facts that the protocol rests on, with who says so.

    Parameters
    ----------
    results : Results
        With its protocol.

    Returns
    -------
    Table or None
        None where the protocol names no source.
    """
    if results.protocol is None or not results.protocol.sources:
        return None
    rows = tuple((one.fact, one.source, one.date or digits.NOTHING) for one in results.protocol.sources)
    return Table(
        caption="Sources of the protocol, in its own words",
        columns=("What is said", "Who says it", "Of when"),
        rows=rows,
        n_text_columns=3,
    )


def facts_table(caption: str, facts: Iterable[tuple[str, str]]) -> Table:
    """Put names and what they stand for below one another.

    Parameters
    ----------
    caption : str
        What they are.
    facts : iterable of (str, str)
        Name and text.

    Returns
    -------
    Table
        Two columns of words.
    """
    return Table(caption=caption, columns=("What", "Value"), rows=tuple(facts), n_text_columns=2)


def _estimate_cells(name: str, estimate: Estimate, decimals: int | None = None) -> tuple[str, ...]:
    places = digits.estimate_decimals(estimate) if decimals is None else decimals
    p = digits.p_value(estimate.p_value)
    return (
        name,
        digits.number(estimate.estimate, places),
        digits.interval(estimate.ci_low, estimate.ci_high, places),
        digits.number(estimate.statistic, 2),
        digits.number(estimate.df, 1),
        p.removeprefix("p ").removeprefix("= "),
    )


def _randomization_interval_cells(outcome: OutcomeResult) -> list[tuple[str, ...]]:
    test, inverted = outcome.randomization_test, outcome.randomization_interval
    if test is None or test.p_value is None or outcome.verdict == "not_estimable":
        return []
    places = digits.estimate_decimals(outcome.primary)
    ends = digits.NOTHING if inverted is None else digits.interval(inverted.low, inverted.high, places)
    if inverted is not None and not inverted.attainable:
        is_finite = math.isfinite(inverted.low) or math.isfinite(inverted.high)
        ends = f"{ends} ({percent(inverted.level)})" if is_finite else "not attainable"
    return [
        ("Randomization test", digits.NOTHING, ends, digits.NOTHING, digits.NOTHING, digits.fraction(test))
    ]


def _other_cells(outcome: OutcomeResult, names: Mapping[str, str]) -> tuple[str, ...]:
    estimate = outcome.primary
    cells = ("", *[digits.NOTHING] * 5) if estimate is None else _estimate_cells("", estimate)
    adjusted = digits.p_value(outcome.adjusted_p_value).removeprefix("p ").removeprefix("= ")
    sides = comparison(outcome, names)
    size = digits.with_unit(cells[1], outcome.unit if cells[1] != digits.NOTHING else "")
    return (
        capitalised(outcome.label),
        sides.difference if sides.is_pair else contrast_name(outcome.contrast.name),
        verdict_word(outcome),
        size if cells[2] == digits.NOTHING else f"{size} ({cells[2]})",
        cells[5],
        adjusted,
        _randomization_cell(outcome, outcome.randomization_test),
        _randomization_cell(outcome, outcome.max_t_test),
    )


def _randomization_cell(outcome: OutcomeResult, test: RandomizationResult | None) -> str:
    if outcome.verdict == "not_estimable":
        return digits.NOTHING  # what is described only has no p
    if test is None or test.p_value is None or test.exact:
        return digits.fraction(test)
    return digits.related(test.p_value, exact=False)  # the counts of a sample are long, and in results.json


def _without_column(table: Table, place: int) -> Table:
    """Leave out a column that says the same in every row."""

    def shortened(cells: tuple[str, ...]) -> tuple[str, ...]:
        return cells[:place] + cells[place + 1 :]

    return replace(
        table,
        columns=shortened(table.columns),
        rows=tuple(shortened(row) for row in table.rows),
        n_text_columns=table.n_text_columns - (place < table.n_text_columns),
    )


def _titled(outcome: OutcomeResult) -> str:
    label = capitalised(outcome.label)
    return f"{label} [{outcome.unit}]" if outcome.unit else label


def _condition(code: str | None, names: Mapping[str, str]) -> str:
    return "any condition" if code is None else names.get(code, code)


def _guess(code: str, names: Mapping[str, str]) -> str:
    return names.get(code, "don’t know" if code in {"dont_know", "don't know", ""} else code)
