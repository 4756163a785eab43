"""Extend a running trial: further blocks, drawn and committed for an amended protocol, at the end of the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.event import require_reason
from nof1.audit.stage import require
from nof1.encoding import sha256_hex
from nof1.errors import EntryError, Problem, ProtocolError, StageError
from nof1.files.protocols import parse_protocol, read_protocol_text
from nof1.protocol.amendment import differences
from nof1.protocol.digest import canonical_protocol, protocol_sha256
from nof1.terms import Mode
from nof1.workflow.drawn import draw_now, draw_order, take_drawn
from nof1.workflow.parts import is_planned, parts_of, space_to_draw
from nof1.workflow.public import write_public_file
from nof1.workflow.register import hold_dialog, is_of, read_plan, refuse_used
from nof1.workflow.trial import anchor_head, changing, read_trial, stored, write_schedule

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.protocol.model import Protocol
    from nof1.schedule.calendar import Period
    from nof1.workflow.context import Context
    from nof1.workflow.register import Ask
    from nof1.workflow.trial import Change, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """Blocks that were added.

    Attributes
    ----------
    trial : Trial
        As it stands.
    periods : tuple of Period
        The new ones, washouts left out.
    is_planned : bool
        The protocol that was registered allows for so many.
    line : str
        The line to publish before the first of them begins.
    """

    trial: Trial
    periods: tuple[Period, ...]
    is_planned: bool
    line: str


def extend_trial(
    folder: Path,
    path: Path,
    reason: str,
    context: Context,
    *,
    kits: Path | None = None,
    ask: Ask | None = None,
) -> Extended:
    """Add the blocks by which an amended protocol is longer; nothing else may differ in it.

    They are drawn for themselves and bound to the digest of the amended protocol. What was drawn before stays as it
    is, and the space of the trial is the product. In self_blinded the labels are registered first, in a transaction of
    their own; a run that was cut short in between goes on with the draw when it is repeated with the same kits.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    path : Path
        The protocol in force with a larger ``design.blocks``.
    reason : str
        Why.
    context : Context
        Actor, clock, entropy.
    kits : Path or None
        public.json of the preparer's second draw, or the folder of a second `kit plan`.
    ask : callable or None
        Puts one question of the registration (self_blinded) and returns the checked answer.

    Returns
    -------
    Extended
        The new periods, and the line to publish.

    Raises
    ------
    ProtocolError
        If the file is no valid protocol, or differs in anything but the number of blocks.
    StageError
        If the trial is not running, rests, or cannot be extended; or an answer says that something went wrong.
    DocumentError
        If the kits do not fit the amended protocol.
    EntryError
        If kits or answers are missing, or a code is one of the trial already.
    """
    require_reason(reason, "an extension")
    text = read_protocol_text(path)  # once: the file may change while questions are answered
    protocol = parse_protocol(text, str(path))
    trial = read_trial(folder)
    after = _require_possible(trial, protocol, path)
    canonical = canonical_protocol(protocol)
    digest = sha256_hex(canonical)
    mode, simulated = trial.mode, context.simulated
    if mode is Mode.OPEN_LABEL and kits is not None:
        raise EntryError(f"{trial.name} is open_label, so there are no kits; leave --kits out")
    if mode is Mode.SELF_BLINDED:
        registered = _register(folder, protocol, after, kits, ask=ask, context=context)
        simulated = simulated or registered.simulated
        drawn = draw_order(protocol, digest, registered, context)  # registered: entropy may be taken
    elif mode is Mode.OPEN_LABEL:
        drawn = draw_now(protocol, digest, context, after)
    else:
        drawn = take_drawn(protocol, digest, kits, after)
        refuse_used(drawn.root, folder, context)
        _refuse_known_codes(trial, [kit.partition("/")[2] for kit in drawn.kits])
    with changing(folder, context) as change:
        trial = change.trial
        _require_possible(trial, protocol, path)  # also in the moment in which it is recorded
        n_before = max(period.index for period in trial.schedule.periods)
        change.record(
            events.TrialExtended(
                protocol_text=text,
                protocol_canonical=canonical.decode(),
                protocol_sha256=digest,
                amends_sha256=_in_force(trial),
                after=after,
                kits=drawn.kits,
                leaves=drawn.leaves,
                root=drawn.root,
                commitment=drawn.commitment,
                published_line=drawn.line,
                secret=drawn.secret,
                simulated=simulated,
                reason=reason,
            ),
            key=f"extend/{digest}",
        )
        change.refresh()
        _begin_tomorrow(change, n_before, context)
    trial = read_trial(folder)
    with stored("the extension", trial.name):
        write_public_file(trial)
        write_schedule(trial)
        anchor_head(trial, "extended")
    return Extended(
        trial=trial,
        periods=_added(trial, n_before),
        is_planned=is_planned(trial),
        line=drawn.line,
    )


def _require_possible(trial: Trial, protocol: Protocol, path: Path) -> int:
    """Return how many blocks were drawn before; refuse what is no extension of this trial."""
    position = trial.state.position
    require(position, events.TrialExtended)
    if trial.is_imported:
        raise StageError(f"{trial.name} was run elsewhere; only a trial that runs here can be extended")
    if position.is_paused:
        raise StageError(f"{trial.name} is paused; go on first: nof1 resume {trial.name}")
    before = trial.protocol
    if before.design.kind != "randomized_blocks":
        raise StageError(
            f"{trial.name}: {before.design.kind} has no blocks that could be added. Run a second trial by the same "
            "protocol, and pool both"
        )
    if before.analysis.looks != "none":
        raise StageError(
            f"{trial.name}: the looks before the end share the error among {before.design.blocks} blocks, so none can "
            "be added. Run a second trial by the same protocol, and pool both"
        )
    found = differences(before, protocol)
    problems = [
        Problem(
            where=one.path, message="an extension changes design.blocks alone; set it back, or see nof1 amend"
        )
        for one in found
        if one.path != "design.blocks"
    ]
    after, n_blocks = before.design.blocks or 0, protocol.design.blocks or 0
    if n_blocks <= after:
        problems.append(
            Problem(
                where="design.blocks",
                message=f"found {n_blocks}, and {after} are drawn already; write the number of all blocks, with those "
                "that are added",
            )
        )
    if problems:
        raise ProtocolError(str(path), problems)
    _require_below_ceiling(trial, protocol, n_blocks - after)
    space_to_draw(protocol, after)
    return after


def _require_below_ceiling(trial: Trial, protocol: Protocol, n_more: int) -> None:
    """Count spare blocks that were added at the end as well; the protocol itself knows nothing of them."""
    ceiling = protocol.safety.max_total_days_on if protocol.safety else None
    if ceiling is None:
        return
    design = protocol.design
    n_blocks = max((period.block or 0 for period in trial.schedule.periods), default=0) + n_more
    n_active = sum(condition.is_active for condition in protocol.conditions.values())
    days = n_blocks * design.per_block * n_active * design.period_days
    if days > ceiling:
        raise StageError(
            f"safety.max_total_days_on is {ceiling}, and {n_blocks} blocks have {days} days on a condition with a dose; "
            "add fewer"
        )


def _register(
    folder: Path,
    protocol: Protocol,
    after: int,
    kits: Path | None,
    *,
    ask: Ask | None,
    context: Context,
) -> events.ExtensionRegistered:
    """Ask what must be asked, and commit the answers; nothing is drawn here."""
    digest = protocol_sha256(protocol)
    if kits is None:
        raise EntryError(
            f"the new blocks need packed kits: --kits DIR, the folder that nof1 kit plan FILE --after {after} --to DIR made"
        )
    plan = read_plan(kits, protocol, digest, after)
    refuse_used(plan.root, folder, context)
    trial = read_trial(folder)
    _refuse_known_codes(trial, [code for block in plan.blocks for code in block.every_code])
    waiting = [
        r.event for r in trial.state.of(events.ExtensionRegistered) if r.event.protocol_sha256 == digest
    ]
    if waiting and is_of(waiting[-1], plan):
        return waiting[-1]
    settled = hold_dialog(plan, len(protocol.conditions), ask, context)
    event = events.ExtensionRegistered(
        protocol_sha256=digest,
        after=after,
        kits=tuple(map(str, settled.kits)),
        retired=settled.retired,
        leaves=plan.leaves,
        answers=tuple(events.Answer(question=q, answer=a) for q, a in settled.answers),
        simulated=context.simulated or any(one.simulated for one in waiting),
    )
    with changing(folder, context) as change:
        _require_possible(change.trial, protocol, kits)
        change.record(event)
    with stored("the registration of the kits", trial.name):
        anchor_head(read_trial(folder), "kits registered")
    return event


def _refuse_known_codes(trial: Trial, codes: list[str]) -> None:
    """Let no two boxes of a trial carry one code; by chance this happens once in many thousand extensions."""
    known = {str(kit.code) for part in parts_of(trial) for kit in part.public.kits}
    known |= {code for part in parts_of(trial) for _, event in part.registered for code in event.retired}
    if twice := sorted(known.intersection(codes)):
        raise EntryError(
            f"{', '.join(twice)}: a box of {trial.name} carries this code already; draw or plan the new kits again"
        )


def _in_force(trial: Trial) -> str:
    held = trial.state.protocol
    return held.protocol_sha256 if held else trial.registration.protocol_sha256


def _added(trial: Trial, n_before: int) -> tuple[Period, ...]:
    return tuple(period for period in trial.schedule.periods if period.block and period.index > n_before)


def _begin_tomorrow(change: Change, n_before: int, context: Context) -> None:
    """Move the new periods where the last one is over; what the calendar cannot follow is not recorded."""
    first = _added(change.trial, n_before)[0]
    late = (change.trial.study_date(context.now()) + timedelta(days=1) - first.starts_on).days
    if late > 0:
        reason = "the extension was drawn when the last period was over"
        change.record(events.ScheduleShifted(from_period=first.index, days=late, reason=reason))
        change.refresh()
        _ = change.trial.schedule
