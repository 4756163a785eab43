"""A trial as a data package for an archive: what every file and column holds, and how to cite it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nof1.encoding import decimal_text, sha256_hex

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nof1.battery.spec import ScoreSpec
    from nof1.encoding import Json
    from nof1.protocol.model import Protocol
    from nof1.scores.locked_tables import TrialRecord

CODEBOOK_COLUMNS = (
    "score",
    "label",
    "unit",
    "better",
    "lowest",
    "highest",
    "whole",
    "source",
    "is_harm",
    "role",
    "sesoi",
)
"""What is told of every score."""
_ABOUT = {
    "session": "planned occasion, from 1, the run-in counted",
    "day": "study day, from 1",
    "period": "period, from 1; 0 is the run-in, empty a washout",
    "day_in_period": "day of the period, from 1",
    "block": "block (cycle) of the period",
    "kind": "run_in, treatment or washout",
    "analysed": "whether the plan counts this row",
    "score": "name of a score, explained in codebook.csv",
    "value": "the number; empty: missing",
    "missing_reason": "why there is no value",
    "at": "when it was measured, local time in ISO format with its offset",
    "on": "local day in ISO format",
    "late": "whether it was entered after its window",
    "flags": "short codes, parted by blanks",
    "source": "by which way it came",
    "scorer_version": "version of what computed it; empty: typed",
    "condition": "code of a condition, explained in protocol.json",
    "percent": "how likely the participant thought the condition was [percent]",
    "kit": "code on the package; says nothing about its content",
    "severity": "1 mild, 2 moderate, 3 severe, 4 life-threatening, 5 death",
    "serious": "death, danger to life, hospital, or otherwise medically important",
    "text": "in the participant's own words",
    "term": "what happened, in the participant's own words",
    "battery": "what is given, parted by blanks",
}


def codebook(protocol: Protocol, specs: Mapping[str, ScoreSpec]) -> list[tuple[str, ...]]:
    """Explain every score.

    Parameters
    ----------
    protocol : Protocol
        Names the outcomes.
    specs : mapping of str to ScoreSpec
        Every score of the trial.

    Returns
    -------
    list of tuple of str
        A row for each, under `CODEBOOK_COLUMNS`.
    """
    roles = {outcome.score: (role, outcome) for role, outcome in protocol.outcome_list()}
    rows: list[tuple[str, ...]] = []
    for name, spec in specs.items():
        role, outcome = roles.get(name, ("", None))
        sesoi = "" if outcome is None or outcome.sesoi is None else decimal_text(outcome.sesoi)
        low, high = (decimal_text(bound) for bound in spec.range)
        rows.append((
            str(name), spec.label, spec.unit, spec.better.value, low, high, str(spec.whole).lower(), spec.source,
            str(spec.is_harm).lower(), role, sesoi,
        ))  # fmt: skip
    return rows


def datapackage(
    trial: TrialRecord,
    protocol: Protocol,
    files: Mapping[str, bytes],
    headers: Mapping[str, Sequence[str]],
    numeric: Collection[str],
) -> bytes:
    """Describe the files as a Frictionless data package.

    Parameters
    ----------
    trial : TrialRecord
        Which trial.
    protocol : Protocol
        Title and question.
    files : mapping of str to bytes
        Every file of the package, as it is written.
    headers : mapping of str to sequence of str
        Columns of those that are tables.
    numeric : collection of str
        Columns that hold numbers.

    Returns
    -------
    bytes
        datapackage.json, with the digest of every file.
    """
    resources: list[Json] = []
    for name, data in files.items():
        about: dict[str, Json] = {
            "name": name.replace(".", "-").replace("_", "-").lower(),
            "path": name,
            "bytes": len(data),
            "hash": f"sha256:{sha256_hex(data)}",
        }
        if name in headers:
            about |= {
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [
                        {
                            "name": column,
                            "type": "number" if column in numeric else "string",
                            "description": _ABOUT.get(column, column.replace("_", " ")),
                        }
                        for column in headers[name]
                    ],
                    "missingValues": [""],
                },
            }
        resources.append(about)
    described: dict[str, Json] = {
        "profile": "data-package",
        "name": trial.id,
        "id": dict(trial.facts).get("protocol_sha256", ""),
        "title": protocol.title,
        "description": (
            f"{protocol.rationale} One participant, under a pseudonym ({trial.participant}). Texts that a spreadsheet "
            "would run as formulas begin with an apostrophe. Whoever publishes it adds a licence."
        ).strip(),
        "simulated": trial.is_simulated,
        "resources": resources,
    }
    return (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()


def citation(trial: TrialRecord, protocol: Protocol) -> bytes:
    """Say how to cite the data, in the Citation File Format.

    Parameters
    ----------
    trial : TrialRecord
        Which trial; the participant is its author, under the pseudonym.
    protocol : Protocol
        Its title.

    Returns
    -------
    bytes
        CITATION.cff; every value is quoted, so that none can be read as anything else.
    """
    lines = [
        ("cff-version", "1.2.0"),
        ("message", "If these data are used, please cite them as below."),
        ("type", "dataset"),
        ("title", f"{protocol.title} (data of {trial.id})"),
        ("version", dict(trial.facts).get("protocol_sha256", trial.id)[:12]),
    ]
    text = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in lines)
    text += f"authors:\n  - alias: {json.dumps(trial.participant, ensure_ascii=False)}\n"
    return text.encode()
