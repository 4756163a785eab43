"""Whether the data are in order, without any condition: gaps, lateness, values that repeat, practice."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from nof1.report import digits
from nof1.report.tables import Table
from nof1.report.words import capitalised, counted, percent

if TYPE_CHECKING:
    from nof1.analysis.result import OutcomeResult, Results


def quality_sentences(results: Results) -> tuple[str, ...]:
    """Say which days are missing, how long the longest gap is, and how much came late.

    Parameters
    ----------
    results : Results
        Of a blinded review.

    Returns
    -------
    tuple of str
        Sentences; nothing in them depends on a condition.
    """
    days = results.days
    if not days:
        return ("The data carry no days, so gaps cannot be told.",)
    empty = [one.day for one in days if not one.n_entered]
    longest = max(
        (len(list(run)) for is_empty, run in groupby(days, lambda one: not one.n_entered) if is_empty),
        default=0,
    )
    entered = sum(one.n_entered for one in days)
    late = sum(one.n_late for one in days)
    told = [f"Of {counted(len(days), 'day')} with scores due, {len(days) - len(empty)} have at least one."]
    if empty:
        told.append(f"The longest gap is {counted(longest, 'day')}.")
    if entered:
        told.append(
            f"{late:,} of {counted(entered, 'score')} came late ({percent(round(late / entered, 2))})."
        )
    told.append("First and last quarter tell practice and drift over all conditions together.")
    return tuple(told)


def quality_table(results: Results) -> Table | None:
    """Describe every score over all conditions.

    Parameters
    ----------
    results : Results
        Of a blinded review.

    Returns
    -------
    Table or None
        One row per score; None where no score has a value.
    """
    first = {outcome.score: outcome for outcome in reversed(results.outcomes)}
    scores = dict.fromkeys(outcome.score for outcome in results.outcomes)
    rows = tuple(cells for score in scores if (cells := _cells(first[score])))
    columns = (
        *("Score", "Planned", "Values", "Lowest", "Highest", "Different"),
        *("Longest run of one value", "Mean, first quarter", "Mean, last quarter"),
    )
    return Table(caption="The scores, all conditions together", columns=columns, rows=rows) if rows else None


def _cells(outcome: OutcomeResult) -> tuple[str, ...]:
    seen = [value for value in outcome.series.value if value is not None]
    if not seen:
        return ()
    quarter = max(1, len(seen) // 4)
    run = max(len(list(same)) for _, same in groupby(seen))
    name = capitalised(outcome.label)
    return (
        f"{name} [{outcome.unit}]" if outcome.unit else name,
        f"{len(outcome.series.value)}",
        f"{len(seen)}",
        *(digits.brief(value) for value in (min(seen), max(seen))),
        *(f"{len(set(seen))}", f"{run}"),
        *(digits.brief(sum(part) / len(part)) for part in (seen[:quarter], seen[-quarter:])),
    )
