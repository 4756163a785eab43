"""What the record of the trial (trial.json) says about its course, in sentences and as facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import scipy

from nof1.report.cautions import caution
from nof1.report.words import capitalised, counted, listed, was

if TYPE_CHECKING:
    from nof1.analysis.result import Results


_ON_THE_WAY: Final[Mapping[str, str]] = {
    "unknown_kit": "Box and card are gone, and the orders are compared without what was in {}",
    "by_elimination": "The card is gone, and only the other kits of the block tell what was in {}",
    "drift": "Of the imported days: {}",
    "excluded": "Left out, {}",
    "stop_rule_fired": "A stop rule was met on {}",
    "safety_card_shown": "The card with the participant's own plan was shown on {}",
    "look": "Looked at before the end: {}",
    "unlocked": "Data entry was opened again: {}",
    "stopped": "Stopped on {}",
    "shifted": "Moved: {}",
    "paused": "Paused on {}",
    "resumed": "Resumed on {}",
    "corrected": "Scores corrected, the old ones kept: {}",
    "amended": "The protocol was amended {}",
    "extended": "The trial was extended by {}",
    "opened_after_the_lock": "After data entry was closed: {}",
    "early": "{}",
}
"""Facts that are told among the departures, each as a sentence."""


_ELSEWHERE: Final = frozenset({"protocol_sha256", "expectation", "stop_rule_fired"})
"""Facts that have a place of their own in the report."""


_FACTS: Final[Mapping[str, str]] = {
    "file_name": "File",
    "file_sha256": "File (SHA-256)",
    "n_rows": "Rows in the file",
    "start_on": "Day 1",
    "day_starts": "A day starts at",
    "shuffled_by": "The packs were shuffled by",
    "spoilt_labels": "Labels that were spoilt and replaced",
}
"""Facts whose names do not speak for themselves."""


def pairs(value: object) -> tuple[tuple[str, str], ...]:
    """Read names and texts from what JSON made of them.

    Parameters
    ----------
    value : object
        A mapping, or a list of two-element lists; anything else is no pairs.

    Returns
    -------
    tuple of (str, str)
        In their order.
    """
    if isinstance(value, Mapping):
        return tuple((str(name), str(text)) for name, text in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(
            (str(item[0]), str(item[1])) for item in value if isinstance(item, Sequence) and len(item) == 2
        )
    return ()


def provenance(results: Results) -> tuple[str, ...]:
    """Say what happened on the way that a reader must know: deviations, late entries, findings of the import.

    Parameters
    ----------
    results : Results
        With its `record`.

    Returns
    -------
    tuple of str
        Sentences.
    """
    told = set(results.flags)
    late = results.adherence.n_late
    n = len(results.deviations)
    if results.imported and not n:
        sentences = ["The file carries no record of departures from the protocol."]
    else:
        sentences = [f"{capitalised(counted(n, 'departure'))} from the protocol {was(n)} recorded."]
    sentences += _not_recorded(results)
    if late:
        sentences.append(f"{late:,} of the scores {was(late)} entered late.")
    flags = results.record.get("flags")
    if isinstance(flags, Sequence) and not isinstance(flags, str):
        sentences += [caution(str(flag)) for flag in flags if flag not in told]
    sentences += [
        _ON_THE_WAY[name].format(_ended(text))
        for name, text in pairs(results.record.get("facts"))
        if name in _ON_THE_WAY
    ]
    return tuple(sentences)


def stop_rules(results: Results) -> tuple[str, ...]:
    """Tell which of the protocol's own rules to pause or stop were met, and when.

    Parameters
    ----------
    results : Results
        With its `record`.

    Returns
    -------
    tuple of str
        One sentence per time.
    """
    told = [text for name, text in pairs(results.record.get("facts")) if name == "stop_rule_fired"]
    return tuple(_ended(text) for text in told)


def rules_to_stop(results: Results) -> str:
    """Tell the protocol's own rules to pause or stop, and whether one was met.

    Parameters
    ----------
    results : Results
        With protocol and record.

    Returns
    -------
    str
        Empty where the protocol has none.
    """
    safety = None if results.protocol is None else results.protocol.safety
    if safety is None or not safety.stop_rules:
        return ""
    told = "; ".join(f"{rule.do} when {rule.when}" for rule in safety.stop_rules)
    met = "Whether one was met, the file does not tell." if results.imported else "None was met."
    return f"Rules to pause or stop, by the protocol: {told}.{'' if stop_rules(results) else f' {met}'}"


def _not_recorded(results: Results) -> list[str]:
    """Say what departed from the plan without anybody having written it down as a departure."""
    kept = results.adherence
    missing = [
        (kept.n_missing, "planned score", "has no value", "have no value"),
        (kept.n_doses_without_record or 0, "planned dose", "has no record", "have no record"),
        (max(0, kept.n_guesses_planned - kept.n_guesses), "period", "has no guess", "have no guess"),
    ]
    parts = [f"{counted(n, what)} {one if n == 1 else many}" for n, what, one, many in missing if n]
    return [f"Besides, {listed(parts)}."] if parts else []


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def facts(results: Results) -> tuple[tuple[str, str], ...]:
    """List what identifies the trial, its protocol and its history.

    Parameters
    ----------
    results : Results
        With its `record`.

    Returns
    -------
    tuple of (str, str)
        Name and text.
    """
    found = [("Trial", results.trial), ("Protocol (SHA-256)", results.protocol_sha256)]
    rank = "" if results.sequence.rank is None else f", number {results.sequence.rank}"
    found.append(
        ("Sequence", f"{results.sequence.kind.replace('_', ' ')}, one of {results.sequence.size}{rank}")
    )
    found += [
        (f"{stage.replace('_', ' ').capitalize()} at", at)
        for stage, at in pairs(results.record.get("stages"))
        if not (results.imported and stage in {"locked", "unblinded"})  # made in one go, so they say nothing
    ]
    if results.record.get("chain_head"):
        found.append(("Head of the history", str(results.record["chain_head"])))
    found += [
        (_FACTS.get(name, name.replace("_", " ").capitalize()), text)
        for name, text in pairs(results.record.get("facts"))
        if name not in _ON_THE_WAY and name not in _ELSEWHERE
    ]
    found.append(("nof1", results.nof1))
    found += [(module.__name__, module.__version__) for module in (np, scipy, pd)]
    found += [
        (name, version)
        for name, version in pairs(results.record.get("versions"))
        if name not in {"nof1", "numpy", "scipy", "pandas"}
    ]
    return tuple(found)
