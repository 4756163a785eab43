"""Register a trial: protocol, draw and commitment become one event, and the schedule follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nof1.audit import events
from nof1.battery.rules import asks_about_suicide
from nof1.errors import EntryError, StageError, WorkspaceError
from nof1.files.protocols import parse_protocol, read_protocol_text
from nof1.files.workspace import check_trial_id, local_zone
from nof1.protocol.digest import canonical_protocol, protocol_sha256
from nof1.safety.exclusions import exclusion_question, require_not_excluded
from nof1.terms import Mode
from nof1.version import __version__
from nof1.workflow.drawn import draw_now, draw_order, take_drawn
from nof1.workflow.public import write_public_file
from nof1.workflow.register import refuse_used, register_kits
from nof1.workflow.trial import (
    Trial,
    anchor_head,
    changing,
    create_trial_store,
    read_trial,
    remains_of,
    require_place,
    stored,
    write_schedule,
)

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from nof1.schedule.calendar import Schedule
    from nof1.storage.store import Store
    from nof1.workflow.context import Context
    from nof1.workflow.register import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What was registered.

    Attributes
    ----------
    trial : Trial
        As it stands.
    schedule : Schedule
        Its calendar.
    line : str
        The line to publish before the first dose.
    """

    trial: Trial
    schedule: Schedule
    line: str


def randomize_trial(
    protocol_path: Path,
    folder: Path,
    start_on: date,
    context: Context,
    *,
    zone: str | None = None,
    kits: Path | None = None,
    participant_id: str | None = None,
    acknowledged: str | None = None,
    exclusions: str | None = None,
    ask: Ask | None = None,
    allow_synced: bool = False,
) -> Registered:
    """Register a trial and make its schedule; where no preparer did it, draw the order as well.

    In self_blinded the labels are registered first, in a transaction of their own: before it is committed no
    entropy for the draw is taken. A run that was cut short in between goes on with the draw when it is repeated
    with the same kits, and asks nothing again.

    Parameters
    ----------
    protocol_path : Path
        The protocol file.
    folder : Path
        The trial's folder, which does not exist yet; its name is the trial id.
    start_on : date
        First day, of the run-in if there is one.
    context : Context
        Clock and entropy; the store, if trials are kept on a server.
    zone : str or None
        IANA zone at home; that of this machine by default.
    kits : Path or None
        public.json of the preparer (third_party), or the folder that `kit plan` made (self_blinded).
    participant_id : str or None
        Pseudonym; random by default.
    acknowledged : str or None
        What the person typed below the statement that the protocol asks to be acknowledged.
    exclusions : str or None
        What was answered to the exclusions of the protocol; None: nobody was asked, and the report says so.
    ask : callable or None
        Puts one question of the registration (self_blinded) and returns the checked answer.
    allow_synced : bool
        Accept a folder that is synchronised or on a network.

    Returns
    -------
    Registered
        Trial, schedule, and the line to publish.

    Raises
    ------
    ProtocolError
        If the protocol is refused.
    StageError
        If the kits belong to another trial, or an answer says that something went wrong in packing.
    StoreError
        If there is a trial in the folder already: a second draw would be a choice.
    DocumentError
        If the kits do not fit the protocol.
    EntryError
        If the zone is not known, the statement is not acknowledged, or an answer is missing; if a trial on a server would
        ask for thoughts of death.
    """
    text = read_protocol_text(protocol_path)  # once: the file may change while questions are answered
    protocol = parse_protocol(text, str(protocol_path))
    mode = protocol.blinding.mode
    home = _zone(zone)
    check_trial_id(folder.name)
    if remains := remains_of(folder):
        raise WorkspaceError(
            f"{folder} holds {', '.join(remains)} of a trial whose record is gone; a second draw would be a choice. "
            "Restore a backup (nof1 restore FILE), or take another folder"
        )
    require_place(folder, context)
    if context.store_url and (asking := asks_about_suicide(protocol)):
        raise EntryError(
            f"{protocol_path}: {', '.join(asking)} asks for thoughts of death, and nobody reads the answers of a shared store "
            "as they come, though a participant may think so; take phq8, which does not ask, or leave --store out (NOF1_STORE too)"
        )
    statement = protocol.safety.acknowledge if protocol.safety else None
    if statement and not (acknowledged or "").strip():
        raise EntryError(
            f"{protocol.id} asks to be acknowledged first: {statement} Say so with --acknowledge TEXT"
        )
    question = exclusion_question(protocol)
    if question is not None and exclusions is not None:
        require_not_excluded(protocol, exclusions)
    if mode is Mode.OPEN_LABEL and kits is not None:
        raise EntryError(
            f"{protocol_path}: blinding.mode is open_label, so there are no kits; leave --kits out"
        )
    digest = protocol_sha256(protocol)
    store: Store | None = None
    labels: events.KitsRegistered | None = None
    simulated = context.simulated
    if mode is Mode.SELF_BLINDED:
        packed = register_kits(protocol, folder, kits, ask, context, allow_synced=allow_synced)
        store, simulated = packed.store, packed.simulated
        labels = packed.registered
        drawn = draw_order(protocol, digest, labels, context)  # registered: entropy may be taken
    else:
        drawn = (
            draw_now(protocol, digest, context)
            if mode is Mode.OPEN_LABEL
            else take_drawn(protocol, digest, kits)
        )
        refuse_used(drawn.root, folder, context)
        store = create_trial_store(folder, context, allow_synced=allow_synced)
    event = events.TrialRandomized(
        trial_id=folder.name,
        participant_id=participant_id or _random_name(context),
        mode=mode.value,
        start_on=start_on.isoformat(),
        zone=home,
        day_starts=protocol.day_starts,
        protocol_text=text,
        protocol_canonical=canonical_protocol(protocol).decode(),
        protocol_sha256=digest,
        kits=drawn.kits,
        leaves=drawn.leaves,
        root=drawn.root,
        commitment=drawn.commitment,
        published_line=drawn.line,
        secret=drawn.secret,
        simulated=simulated,
        version=__version__,
    )
    said = tuple(
        events.Acknowledged(statement=asked, typed=typed, protocol_sha256=digest)
        for asked, typed in ((statement, acknowledged), (question, exclusions))
        if asked and typed
    )
    return _register(folder, event, store, said, context, labels=labels)


def _register(
    folder: Path,
    event: events.TrialRandomized,
    store: Store,
    acknowledged: tuple[events.Acknowledged, ...],
    context: Context,
    *,
    labels: events.KitsRegistered | None,
) -> Registered:
    with changing(folder, context, store) as change:
        if labels is not None and change.trial.state.of(events.KitsRegistered)[-1].event != labels:
            raise StageError(
                "another terminal registered other labels meanwhile, so nothing was drawn here; begin again"
            )
        done = change.record(event, key=f"randomize/{folder.name}")
        for one in acknowledged if not done.duplicate else ():
            change.record(one)
    trial = read_trial(folder)
    with stored("the registration", trial.name):
        write_public_file(trial)
        write_schedule(trial)
        anchor_head(trial, "randomized")
    return Registered(trial=trial, schedule=trial.schedule, line=done.event.published_line)


def _zone(given: str | None) -> str:
    name = given or local_zone()
    try:
        ZoneInfo(name or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise EntryError(
            f"the zone {name!r} is not known; write its IANA name, such as --zone Europe/Berlin"
        ) from None
    return str(name)


def _random_name(context: Context) -> str:
    alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    number = int.from_bytes(context.entropy(8), "big")
    return "".join(alphabet[number // 31**place % 31] for place in range(8))
