"""What the looks that a protocol plans make of its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.report import digits
from nof1.report.words import listed, percent

if TYPE_CHECKING:
    from nof1.analysis.result import OutcomeResult, Results


def planned_looks(results: Results) -> str:
    """Say which looks the protocol planned, and what this analysis is held to because of them.

    Parameters
    ----------
    results : Results
        With its `looks`.

    Returns
    -------
    str
        Empty where none were planned.
    """
    looks = results.looks
    if looks is None:
        return ""
    if looks.method == "e_value":
        return (
            "The protocol allowed a look by condition after any block. So that looking often does not make chance look like "
            f"an effect, an effect is claimed only if the evidence of the differences within blocks (e-value) reached "
            f"{digits.brief(1 / looks.alpha)} after some block."
        )
    blocks = listed([f"{block}" for block in looks.at_blocks])
    return (
        f"The protocol planned looks by condition after {blocks} of {looks.n_blocks} blocks. So that they do not make chance "
        f"look like an effect, each is held to a stricter level (Lan–DeMets, O’Brien–Fleming type). This analysis rests on "
        f"{min(looks.n_done, looks.n_blocks)} of {looks.n_blocks} blocks and is tested at {digits.level(looks.level)} instead of "
        f"{digits.level(looks.alpha)}, with intervals at {percent(1 - looks.level)}."
    )


def evidence_sentence(outcome: OutcomeResult) -> str:
    """Give the evidence that holds whenever one stops.

    Parameters
    ----------
    outcome : OutcomeResult
        With its `evidence`.

    Returns
    -------
    str
        Empty where the plan asks for none.
    """
    found = outcome.evidence
    if found is None:
        return ""
    needed = digits.brief(1 / (1 - found.level))
    if found.largest_at is None:
        return f"There are too few complete blocks for an e-value; an effect is claimed from {needed} on."
    most = (
        ""
        if found.largest_at == found.n_blocks
        else f", and at most {digits.brief(found.largest)} after block {found.largest_at}"
    )
    places = digits.estimate_decimals(outcome.paired_blocks or outcome.primary)
    ends = digits.interval(found.ci_low, found.ci_high, places)
    return (
        f"By the differences within {found.n_blocks} complete blocks the e-value is {digits.brief(found.value)}{most}; an effect "
        f"is claimed from {needed} on. The {percent(found.level)} interval that holds whenever one stops goes from {ends}."
    )


def evidence_short(outcome: OutcomeResult) -> str:
    """Say that the evidence does not bear what the interval alone would have claimed.

    Parameters
    ----------
    outcome : OutcomeResult
        With its `evidence`.

    Returns
    -------
    str
        Half a sentence.
    """
    found = outcome.evidence
    largest = "" if found is None else f" (e-value at most {digits.brief(found.largest)})"
    return f"looks were allowed after any block, and the evidence that holds then is too little{largest}"
