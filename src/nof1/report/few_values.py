"""Ratings, counts, yes and no in words and tables: how often, how much, and what cannot be excluded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from nof1.report import digits
from nof1.report.tables import Table
from nof1.report.words import capitalised, contrast_name, counted, percent, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.analysis.discrete_result import DiscreteComparison, Measure, MeasureName, Side
    from nof1.analysis.result import OutcomeResult, Results

ADVERSE_EVENTS: Final = "adverse_events"
MANY_AT_LOW_END: Final = 0.25
"""Share of scores at the low end from which on shares of days are told of an outcome."""
RARELY: Final = 0.05
KINDS: Final[Mapping[str, str]] = {
    "binary": "is yes or no",
    "count": "is a count",
    "ordinal": "takes few values, or many at an end of its scale",
}
MEASURES: Final[Mapping[MeasureName, str]] = {
    "mean_difference": "mean, difference",
    "mean_ratio": "mean, ratio",
    "share_difference": "days above {low}, difference",
    "share_ratio": "days above {low}, ratio",
    "superiority": "chance of the higher day",
}


def harm_sentences(results: Results, names: Mapping[str, str]) -> tuple[str, ...]:
    """Say of every harm how often it came under two conditions, and what cannot be excluded. Never a verdict.

    Parameters
    ----------
    results : Results
        With its `harm_comparisons`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    tuple of str
        One entry per harm, for the first comparison of the plan where that is one of two conditions.
    """
    contrast = results.harm_comparisons[0].contrast if results.harm_comparisons else ""
    told = []
    for found in results.harm_comparisons:
        first, second = found.side(found.first), found.side(found.second)
        if found.contrast != contrast or first is None or second is None:
            continue
        pair = (names.get(found.first, found.first), names.get(found.second, found.second))
        tell = _events if found.score == ADVERSE_EVENTS else _rating
        told.append(f"{capitalised(found.label)}: {tell(found, (first, second), pair)}")
    return tuple(told)


def harms_note(results: Results) -> str:
    """Say how the comparisons of harms must be read.

    Parameters
    ----------
    results : Results
        With its `harm_comparisons`.

    Returns
    -------
    str
        Empty where there is none.
    """
    if not results.harm_comparisons:
        return ""
    return (
        "All days of a period count here, the first ones too. Nothing is corrected for the number of harms, because a harm "
        "that is missed weighs more than a false alarm; and a large p does not show that a harm is absent."
    )


def harm_comparison_tables(results: Results, names: Mapping[str, str]) -> tuple[Table, ...]:
    """Put the comparison of every harm in numbers: absolute, relative, and by mean.

    Parameters
    ----------
    results : Results
        With its `harm_comparisons`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    tuple of Table
        One for each comparison of the plan.
    """
    rows: dict[str, list[tuple[str, ...]]] = {}
    for found in results.harm_comparisons:
        if found.score != ADVERSE_EVENTS and found.measures:
            cells = (
                capitalised(found.label),
                *_of(found.measure("share_difference"), as_points=True),
                _of(found.measure("share_ratio"))[0],
                *_of(found.measure("mean_difference")),
            )
            rows.setdefault(_compared(found, names), []).append(cells)
    columns = (
        *("Harm", "Days above the low end, difference in % (interval)", "Randomization"),
        *("Ratio (interval)", "Mean rating, difference (interval)", "Randomization, mean"),
    )
    return tuple(
        Table(
            caption=f"Ratings of harm, {compared}; every period counts the same",
            columns=columns,
            rows=tuple(cells),
        )
        for compared, cells in rows.items()
    )


def few_values_sentences(outcome: OutcomeResult, names: Mapping[str, str]) -> tuple[str, ...]:
    """Ask the question of an outcome again without a model, where its scores are ratings, counts, yes and no.

    Parameters
    ----------
    outcome : OutcomeResult
        With its `discrete`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    tuple of str
        Sentences; empty for scores that vary smoothly.
    """
    found = outcome.discrete
    if found is None or not found.measures:
        return ()
    why = (
        f"This score {KINDS[found.kind]}, so the question is asked once more without a model of how scores are distributed: "
        "each period counts the same, and only the draw of the order is relied on."
    )
    first, second = found.side(found.first), found.side(found.second)
    if first is None or second is None:
        return (why,)
    pair = (names.get(found.first, found.first), names.get(found.second, found.second))
    tell = {"binary": _rating, "count": _count, "ordinal": _superiority}[found.kind]
    return why, capitalised(tell(found, (first, second), pair))


def few_values_table(outcomes: Sequence[OutcomeResult], names: Mapping[str, str]) -> Table | None:
    """Put the comparisons without a model in numbers.

    Parameters
    ----------
    outcomes : sequence of OutcomeResult
        With their `discrete`.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Table or None
        None where there is none.
    """
    rows = [
        (
            capitalised(outcome.label),
            _compared(outcome.discrete, names),
            MEASURES[measure.name].format(low=digits.brief(outcome.discrete.low)),
            *_of(measure, as_points=measure.name == "share_difference"),
        )
        for outcome in outcomes
        if outcome.discrete is not None
        for measure in outcome.discrete.measures
        if _is_telling(outcome.discrete, measure)
    ]
    columns = ("Outcome", "Comparison", "Measure", "Value (interval)", "Randomization")
    caption = "Ratings, counts, yes and no, compared by the draw of the order alone"
    return Table(caption=caption, columns=columns, rows=tuple(rows), n_text_columns=3) if rows else None


def _is_telling(found: DiscreteComparison, measure: Measure) -> bool:
    """Leave out how often a score lies above a low end at which it hardly ever is."""
    is_share = measure.name in {"share_difference", "share_ratio"}
    return not is_share or found.kind == "binary" or found.share_low >= MANY_AT_LOW_END


def _rating(found: DiscreteComparison, sides: tuple[Side, Side], pair: tuple[str, str]) -> str:
    first, second = sides
    low = digits.brief(found.low)
    if not first.n_days_above and not second.n_days_above:
        rare = 1.0 - RARELY ** (1.0 / first.n_periods)
        return (
            f"never above {low} in {counted(first.n_days + second.n_days, 'day')} with a rating. Had {share(rare)} of all "
            f"periods with {pair[0]} brought it, {counted(first.n_periods, 'period')} without it would still come up once in "
            "twenty times."
        )
    difference = found.measure("share_difference")
    value = 0.0 if difference is None or difference.estimate is None else difference.estimate
    how = (
        "about as often"
        if abs(value) < 0.005
        else f"{_more(value)} with {pair[0]}, by {_points(abs(value))}{_times(found.measure('share_ratio'))}"
    )
    return (
        f"above {low} on {share(first.share_above)} of the days with {pair[0]} ({first.n_days_above} of {first.n_days}) and "
        f"on {share(second.share_above)} with {pair[1]} ({second.n_days_above} of {second.n_days}): {how}"
        f"{_counted_orders(difference)}. {_open(difference, pair)}"
    )


def _events(found: DiscreteComparison, sides: tuple[Side, Side], pair: tuple[str, str]) -> str:
    first, second = sides
    difference = found.measure("mean_difference")
    totals = [round(side.mean * side.n_periods) for side in sides]
    text = (
        f"{totals[0]} in {counted(first.n_periods, 'period')} with {pair[0]}, {totals[1]} in "
        f"{counted(second.n_periods, 'period')} with {pair[1]}{_counted_orders(difference)}."
    )
    if difference is None or difference.test is None:
        return text
    if difference.ci_high is None or difference.ci_low is None:
        return f"{text} How many more or fewer there may be with {pair[0]}, so few cannot tell."
    ends = digits.interval(difference.ci_low, difference.ci_high, 1)
    return f"{text} Per period they fit a difference of {ends} ({percent(difference.level)} interval)."


def _count(found: DiscreteComparison, sides: tuple[Side, Side], pair: tuple[str, str]) -> str:
    difference, ratio = found.measure("mean_difference"), found.measure("mean_ratio")
    places = digits.decimals_for(abs(sides[0].mean - sides[1].mean) or sides[0].mean or None)
    text = (
        f"on average {digits.number(sides[0].mean, places)} a day with {pair[0]} and {digits.number(sides[1].mean, places)} "
        f"with {pair[1]}{_times(ratio)}{_counted_orders(difference)}."
    )
    if difference is None or difference.ci_low is None:
        return text
    ends = digits.interval(difference.ci_low, difference.ci_high, places)
    return f"{text} The data fit a difference of {ends} ({percent(difference.level)} interval)."


def _superiority(found: DiscreteComparison, sides: tuple[Side, Side], pair: tuple[str, str]) -> str:  # noqa: ARG001  (one signature)
    chance = found.measure("superiority")
    value = 0.5 if chance is None or chance.estimate is None else chance.estimate
    return (
        f"a day with {pair[0]} has the higher score than a day with {pair[1]} with a chance of {share(value)} "
        f"(50{digits.NBSP}%: neither; ties count half){_counted_orders(chance)}."
    )


def _open(difference: Measure | None, pair: tuple[str, str]) -> str:
    """Say what the data leave open, the worse end first."""
    if difference is None or difference.test is None:
        return "The order was not drawn, so there is no test of it."
    low, high = difference.ci_low, difference.ci_high
    if low is None or high is None:
        return f"How much more or less often it may come with {pair[0]}, these data cannot tell."
    level = f"{percent(difference.level)} interval"
    if math.isinf(high) or math.isinf(low):
        return f"How much more or less often it comes with {pair[0]} is not limited on both sides ({level})."
    if low > 0.0 or high < 0.0:
        ends = sorted(max(1, round(100 * abs(end))) for end in (low, high))
        return f"The data fit {ends[0]} to {ends[1]} percentage points {_more(high + low)} with {pair[0]} ({level})."
    return f"The data cannot exclude that it comes {_end(high)} with {pair[0]}, nor {_end(low)} ({level})."


def _end(value: float) -> str:
    return "as often" if abs(value) < 0.005 else f"{_points(abs(value))} {_more(value)}"


def _more(value: float) -> str:
    return "more often" if value > 0 else "less often"


def _points(value: float) -> str:
    n = max(1, round(100 * value))
    return counted(n, "percentage point")


def _times(ratio: Measure | None) -> str:
    if ratio is None or ratio.estimate is None or ratio.estimate <= 0.0:
        return ""
    return f" ({digits.brief(ratio.estimate, 2)} times as many)"


def _counted_orders(measure: Measure | None) -> str:
    if measure is None or measure.test is None:
        return ""
    return f"; randomization {digits.fraction(measure.test)}"


def _compared(found: DiscreteComparison, names: Mapping[str, str]) -> str:
    if not found.first:
        return f"“{contrast_name(found.contrast)}”"
    first, second = (names.get(code, code) for code in (found.first, found.second))
    return f"{first} against {second}"


def _of(measure: Measure | None, *, as_points: bool = False) -> tuple[str, str]:
    """Write a value with its interval, and its count of orders."""
    if measure is None or measure.estimate is None:
        return digits.NOTHING, digits.NOTHING if measure is None else digits.fraction(measure.test)
    factor, places = (100.0, 0) if as_points else (1.0, 2)
    text = digits.number(factor * measure.estimate, places)
    if measure.ci_low is not None and measure.ci_high is not None:
        ends = digits.interval(factor * measure.ci_low, factor * measure.ci_high, places)
        level = "" if math.isclose(measure.level, 0.95) else f"; {percent(measure.level)}"
        text = f"{text} ({ends}{level})"
    return text, digits.fraction(measure.test)
