"""Amend the protocol of a running trial: what was promised stays, the rest changes from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.event import require_reason
from nof1.audit.stage import require
from nof1.battery.catalogue import scores_of
from nof1.encoding import sha256_hex
from nof1.errors import EntryError, Problem, ProtocolError, StageError
from nof1.files.protocols import parse_protocol, read_protocol_text
from nof1.protocol.amendment import CEILINGS, Difference, differences
from nof1.protocol.digest import canonical_protocol
from nof1.workflow.trial import anchor_head, changing, read_trial, stored, write_schedule

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.protocol.model import Protocol
    from nof1.workflow.context import Context
    from nof1.workflow.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """An amendment that was recorded.

    Attributes
    ----------
    changes : tuple of Difference
        What changed.
    effective_on : date
        First day of the study on which it holds.
    sha256 : str
        Digest of the amended protocol; the draw stays bound to the first one.
    line : str
        Head of the chain, for publication.
    """

    changes: tuple[Difference, ...]
    effective_on: date
    sha256: str
    line: str


def amend_trial(
    folder: Path, path: Path, reason: str, context: Context, *, acknowledged: str | None = None
) -> Amended:
    """Let another text of the protocol hold from this day on, or from tomorrow where today has scores already.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    path : Path
        The new protocol file.
    reason : str
        Why.
    context : Context
        Actor and clock.
    acknowledged : str or None
        What the person typed below the statement of the new text, where it says another thing than before.

    Returns
    -------
    Amended
        What changed, and from when on.

    Raises
    ------
    ProtocolError
        If the file is no valid protocol, or changes what is frozen; the message lists all of it.
    StageError
        If nothing changed, or the trial is not running.
    EntryError
        If the statement to be acknowledged is a new one, and nothing was typed.
    """
    require_reason(reason, "an amendment")
    text = read_protocol_text(path)
    protocol = parse_protocol(text, str(path))
    canonical = canonical_protocol(protocol)
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.ProtocolAmended)
        if trial.is_imported or trial.state.position.is_stopped:
            raise StageError(
                f"{trial.name} has ended; an amendment holds from a day on, and there is none left"
            )
        found = differences(trial.protocol, protocol)
        if problems := [*_frozen(found), *_other_meaning(trial, protocol)]:
            raise ProtocolError(str(path), problems)
        if not found:
            raise StageError(f"{path} says the same as the protocol in force; nothing was recorded")
        said = _acknowledged(trial, protocol, acknowledged, sha256_hex(canonical))
        held = trial.state.protocol
        effective_on = _effective_on(trial, trial.study_date(context.now()))
        change.record(
            events.ProtocolAmended(
                protocol_text=text,
                protocol_canonical=canonical.decode(),
                protocol_sha256=sha256_hex(canonical),
                amends_sha256=held.protocol_sha256 if held else trial.registration.protocol_sha256,
                effective_on=effective_on.isoformat(),
                changes=tuple(map(str, found)),
                reason=reason,
            )
        )
        if said is not None:
            change.record(said)
        change.refresh()
        _ = change.trial.schedule  # what the calendar cannot follow is not recorded
    trial = read_trial(folder)
    with stored("the amendment", trial.name):
        write_schedule(trial)
        line = anchor_head(trial, "amended")
    return Amended(changes=found, effective_on=effective_on, sha256=sha256_hex(canonical), line=line)


def _acknowledged(
    trial: Trial, protocol: Protocol, typed: str | None, sha256: str
) -> events.Acknowledged | None:
    """Ask for a statement once: again only where the amended text says another thing."""
    statement = protocol.safety.acknowledge if protocol.safety else None
    known = {recorded.event.statement for recorded in trial.state.of(events.Acknowledged)}
    if statement is None or statement in known:
        return None
    if not (typed or "").strip():
        raise EntryError(
            f"the amended protocol asks to be acknowledged: {statement} Say so with --acknowledge TEXT"
        )
    return events.Acknowledged(statement=statement, typed=str(typed), protocol_sha256=sha256)


def _frozen(found: tuple[Difference, ...]) -> list[Problem]:
    why = {
        "ceiling": "a ceiling may fall, never rise; set it back, or stop the trial and begin another",
        "blocks": "frozen when the order was drawn; set it back. Blocks are added with nof1 extend",
        "other": "frozen when the order was drawn; set it back, or stop the trial and begin another",
    }
    kinds = {"design.blocks": "blocks", **dict.fromkeys(CEILINGS, "ceiling")}
    return [
        Problem(where=one.path, message=why[kinds.get(one.path, "other")])
        for one in found
        if one.kind == "frozen"
    ]


def _other_meaning(trial: Trial, protocol: Protocol) -> list[Problem]:
    """Find scores that keep their name and get another meaning: under one name there is one scale."""
    return [
        Problem(
            where=f"instruments.{str(name).partition('.')[0]}",
            message=f"{name} would mean something else; take another name",
        )
        for name, spec in scores_of(protocol).items()
        if name in trial.specs and trial.specs[name] != spec
    ]


def _effective_on(trial: Trial, today: date) -> date:
    """Return the first day, from today on, after all that was measured."""
    measured = [day for day in trial.state.scores.column("day") if day is not None]
    after = trial.schedule.start_on + timedelta(days=max(measured, default=0))
    return max(today, after)
