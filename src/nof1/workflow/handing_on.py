"""A protocol for others: text for a register, and one page to sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.errors import WorkspaceError
from nof1.files.atomic import write_atomically
from nof1.files.protocols import read_protocol
from nof1.protocol.digest import protocol_sha256
from nof1.protocol.facts import facts_of
from nof1.report.preregistration import preregistration
from nof1.report.sheets.model import Paper
from nof1.report.sheets.sign import SignedPart, sheet_to_sign
from nof1.report.words import counted

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.protocol.model import Protocol


def preregister(path: Path) -> str:
    """Write what a register asks for.

    Parameters
    ----------
    path : Path
        The protocol file.

    Returns
    -------
    str
        Plain text that ends with the digest.

    Raises
    ------
    ProtocolError
        With all its problems.
    """
    protocol = read_protocol(path)
    return preregistration(protocol, protocol_sha256(protocol))


def print_to_sign(path: Path, to: Path, *, paper: Paper = Paper.A4) -> Path:
    """Print a protocol on one page, to be signed.

    Parameters
    ----------
    path : Path
        The protocol file.
    to : Path
        A new PDF.
    paper : Paper
        What is in the printer.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    WorkspaceError
        If there is a file of this name.
    ReportError
        If this machine lacks what PDFs need.
    """
    if to.exists():
        raise WorkspaceError(f"{to} exists; nothing was changed. Take another name")
    protocol = read_protocol(path)
    safety = protocol.safety
    signs = (
        ("Participant, date",)
        if protocol.participant.is_owner
        else ("Participant, date", "Owner of the trial, date")
    )
    pdf = sheet_to_sign(
        protocol.title,
        protocol_sha256(protocol),
        _parts(protocol),
        statement=(safety.acknowledge or "") if safety else "",
        signs=(*signs, "Another adult who knows of it, date"),
        paper=paper,
    )
    write_atomically(to, pdf)
    return to


def _parts(protocol: Protocol) -> tuple[SignedPart, ...]:
    facts, safety, design = facts_of(protocol), protocol.safety, protocol.design
    conditions = [
        ", ".join(filter(None, (one.name, one.dose, f"at {', '.join(one.times)}" if one.times else None)))
        for one in protocol.conditions.values()
    ]
    always = [
        f"in every period: {one.name}" + (f", {one.dose}" if one.dose else "") for one in protocol.constant
    ]
    course = (
        f"{facts.n_periods} periods of {counted(design.period_days, 'day')}, {facts.n_days} days in all; "
        f"{design.kind.replace('_', ' ')}, {protocol.blinding.mode.value.replace('_', ' ')}"
    )
    primary = protocol.outcomes.primary
    sesoi = f"; the smallest effect of interest is {primary.sesoi}" if primary.sesoi is not None else ""
    parts = [
        SignedPart(heading="What is compared", lines=(*conditions, *always)),
        SignedPart(heading="How long", lines=(course,)),
        SignedPart(
            heading="What decides", lines=(f"{primary.label or primary.score} ({primary.score}){sesoi}",)
        ),
    ]
    if safety:
        ceilings = [
            f"at most {limit}"
            for limit in (
                safety.max_daily_dose and f"{safety.max_daily_dose} a day",
                safety.max_consecutive_days_on and f"{safety.max_consecutive_days_on} days on in a row",
                safety.max_total_days_on and f"{safety.max_total_days_on} days on in all",
            )
            if limit
        ]
        rules = [f"{rule.when}: {rule.do}" for rule in safety.stop_rules]
        left_out = [f"left out: {', '.join(safety.exclusions)}"] if safety.exclusions else []
        if lines := (*ceilings, *left_out, *rules):
            parts.append(SignedPart(heading="My own limits", lines=lines))
        if safety.status:
            parts.append(SignedPart(heading="Status", lines=(" ".join(safety.status.split()),)))
        if safety.emergency_contact:
            parts.append(SignedPart(heading="In an emergency", lines=(safety.emergency_contact,)))
    parts.append(
        SignedPart(
            heading="At any time",
            lines=(
                "Stopping, recording and opening a box are always possible, and need no reason from anybody else.",
            ),
        )
    )
    return tuple(parts)
