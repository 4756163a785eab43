"""What the record of the trial (trial.json) says about its course, in sentences and as facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nof1.report.cautions import CAUTIONS, caution

if TYPE_CHECKING:
    from nof1.analysis.result import Results


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
    late = results.adherence.n_late
    sentences = [
        f"{len(results.deviations)} recorded."
        if results.deviations
        else "No departure from the protocol was recorded."
    ]
    if late:
        sentences.append(f"{late:,} of the scores were entered late.")
    flags = results.record.get("flags")
    if isinstance(flags, Sequence) and not isinstance(flags, str):
        sentences += [
            caution(str(flag)) for flag in flags if str(flag) in CAUTIONS and flag not in results.flags
        ]
    return tuple(sentences)


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
    ]
    if results.record.get("chain_head"):
        found.append(("Head of the history", str(results.record["chain_head"])))
    found += [
        (name.replace("_", " ").capitalize(), text) for name, text in pairs(results.record.get("facts"))
    ]
    found.append(("nof1", results.nof1))
    found += [(name, version) for name, version in pairs(results.record.get("versions")) if name != "nof1"]
    return tuple(found)
