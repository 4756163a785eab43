"""Figures with what they show in words, ready for a section; None where there is nothing to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.report import digits, more_figures
from nof1.report.drawn import draw
from nof1.report.part import Part
from nof1.report.words import capitalised, counted, label_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.result import OutcomeResult, Results


def reference(outcome: OutcomeResult) -> Part | None:
    """Show where the order that was drawn lies among those that could have been drawn.

    Parameters
    ----------
    outcome : OutcomeResult
        With its reference values.

    Returns
    -------
    Part or None
        A figure.
    """
    if outcome.primary is None or outcome.primary.estimate is None:
        return None
    found = outcome.reference_values
    if found is None:
        return None
    n = sum(found.counts)
    which = (
        f"all {n:,} orders"
        if found.exact
        else f"{n:,} of the possible orders, drawn by the design’s own rule"
    )
    drawn = draw(
        lambda width: more_figures.plot_reference(outcome, width=width),
        key="reference",
        label=f"Histogram of the statistic over {which}; the order that was drawn has {found.observed:.3g}.",
        caption=f"The statistic for {which}. Dashed: the order that was drawn. Coloured: at least as far from 0.",
    )
    return Part(kind="figure", figure=drawn)


def practice(outcome: OutcomeResult, names: Mapping[str, str]) -> Part | None:
    """Show what practice makes of the score by the planned term.

    Parameters
    ----------
    outcome : OutcomeResult
        With its residuals.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Part or None
        A figure.
    """
    left = outcome.residuals
    if left is None or not left.practice or max(left.practice) - min(left.practice) < 1e-12:
        return None
    places = digits.estimate_decimals(outcome.primary)
    first, last = (digits.number(value, places) for value in (left.practice[0], left.practice[-1]))
    drawn = draw(
        lambda width: more_figures.plot_practice(outcome, names, width=width),
        key="practice",
        label=(
            f"Scores of {label_in(outcome)} without the effect of condition, with the practice curve from {first} "
            f"to {digits.with_unit(last, outcome.unit)}."
        ),
        caption=(
            f"{capitalised(outcome.label)} with the effect of condition taken out. Line: practice and time, the planned term "
            "fitted by least squares."
        ),
    )
    return Part(kind="figure", figure=drawn)


def guesses(results: Results, names: Mapping[str, str]) -> Part | None:
    """Show the guess of every period beside what it was.

    Parameters
    ----------
    results : Results
        With its guesses.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Part or None
        A figure; None while blinded, and where nothing was to be guessed.
    """
    seen = [
        one for one in results.blinding.guesses if one.probability is not None and one.condition is not None
    ]
    if not seen or results.mode == "open_label" or results.blinded_review:
        return None
    first = next(iter(names.values()), "")
    drawn = draw(
        lambda width: more_figures.plot_guesses(results, names, width=width),
        key="guesses",
        label=f"How likely {first} seemed in each of {counted(len(seen), 'period')}, by what it was.",
        caption=(
            f"How likely {first} seemed in each period; colour and shape tell what it was. Dashed: as likely as by chance."
        ),
    )
    return Part(kind="figure", figure=drawn)


def harms(results: Results, names: Mapping[str, str]) -> Part | None:
    """Show mean and highest rating of every harm.

    Parameters
    ----------
    results : Results
        With its harms.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    Part or None
        A figure.
    """
    rows = [row for row in results.harms if row.mean is not None and row.maximum is not None]
    if not rows:
        return None
    by = "over all conditions" if results.blinded_review else "by condition"
    drawn = draw(
        lambda width: more_figures.plot_harms(results, names, width=width),
        key="harms",
        label=f"Mean and highest rating of {counted(len({row.label for row in rows}), 'harm')} {by}; numbers in the table.",
        caption=f"Ratings of harm {by}: the mean, and a line to the highest.",
    )
    return Part(kind="figure", figure=drawn)


def adherence(results: Results) -> Part | None:
    """Show on which days scores came in.

    Parameters
    ----------
    results : Results
        With its days.

    Returns
    -------
    Part or None
        A figure, without conditions.
    """
    if not results.days:
        return None
    lacks = results.adherence.missing_by_reason.get("no_row", 0)
    undrawn = lacks if sum(one.n_planned for one in results.days) < results.adherence.n_planned else 0
    n = len(results.days)
    whole = sum(one.n_entered == one.n_planned for one in results.days)
    none = sum(not one.n_entered for one in results.days)
    told = f": {whole} of {counted(n, 'day')} complete, {none} without any"
    if undrawn:
        have = "has" if undrawn == 1 else "have"
        told = f"; {counted(undrawn, 'planned score')} {have} no row in the file and cannot be drawn"
    drawn = draw(
        lambda width: more_figures.plot_adherence(results, width=width),
        key="adherence",
        label=f"Calendar of {counted(n, 'day')} with scores{told}.",
        caption=f"Which scores came in, day by day{told}.",
    )
    return Part(kind="figure", figure=drawn)
