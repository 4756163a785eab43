"""Register a trial: protocol, draw and commitment become one event, and the schedule follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nof1.audit import events
from nof1.blinding.open_label import draw_openly
from nof1.blinding.public import PublicKits
from nof1.blinding.sealed import Secret
from nof1.errors import DocumentError, EntryError, Problem, WorkspaceError
from nof1.files.protocols import read_protocol, read_protocol_text
from nof1.files.secrets import read_public
from nof1.files.workspace import check_trial_id, local_zone
from nof1.protocol.digest import canonical_protocol, protocol_sha256
from nof1.safety.exclusions import exclusion_question, require_not_excluded
from nof1.schedule.design import space_of, spare_space
from nof1.storage.store import create_store
from nof1.terms import Mode, TrialId
from nof1.version import __version__
from nof1.workflow.public import redraw_order, write_public_file
from nof1.workflow.register import refuse_used, register_kits
from nof1.workflow.trial import (
    Trial,
    anchor_head,
    changing,
    read_trial,
    remains_of,
    store_path,
    stored,
    write_schedule,
)

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from nof1.protocol.model import Protocol
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
        Clock and entropy.
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
        If the zone is not known, the statement is not acknowledged, or an answer is missing.
    """
    protocol = read_protocol(protocol_path)
    mode = protocol.blinding.mode
    home = _zone(zone)
    check_trial_id(folder.name)
    if remains := remains_of(folder):
        raise WorkspaceError(
            f"{folder} holds {', '.join(remains)} of a trial whose record is gone; a second draw would be a choice. "
            "Restore a backup (nof1 restore FILE), or take another folder"
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
    simulated = context.simulated
    if mode is Mode.SELF_BLINDED:
        packed = register_kits(protocol, folder, kits, ask, context, allow_synced=allow_synced)
        store, simulated = packed.store, packed.simulated
        drawn = _draw_order(protocol, digest, packed.registered, context)  # registered: entropy may be taken
    else:
        drawn = _draw(protocol, digest, context) if mode is Mode.OPEN_LABEL else _take(protocol, digest, kits)
        refuse_used(drawn.root, folder, context)
        store = create_store(store_path(folder), TrialId(folder.name), allow_synced=allow_synced)
    event = events.TrialRandomized(
        trial_id=folder.name,
        participant_id=participant_id or _random_name(context),
        mode=mode.value,
        start_on=start_on.isoformat(),
        zone=home,
        day_starts=protocol.day_starts,
        protocol_text=read_protocol_text(protocol_path),
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
    return _register(folder, event, store, said, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """What is registered of a draw: in open_label the order itself, otherwise codes and hashes."""

    kits: tuple[str, ...]
    leaves: tuple[str, ...] = ()
    root: str | None = None
    commitment: str
    line: str
    secret: str | None = None

    @classmethod
    def of(cls, public: PublicKits, secret: Secret | None = None) -> Self:
        """Take over what is public of a blinded draw."""
        return cls(
            kits=tuple(str(kit) for kit in public.kits),
            leaves=public.leaves,
            root=public.root,
            commitment=public.commitment,
            line=public.line,
            secret=secret.value.hex() if secret else None,
        )


def _register(
    folder: Path,
    event: events.TrialRandomized,
    store: Store,
    acknowledged: tuple[events.Acknowledged, ...],
    context: Context,
) -> Registered:
    with changing(folder, context, store) as change:
        change.record(event, key=f"randomize/{folder.name}")
        for one in acknowledged:
            change.record(one)
    trial = read_trial(folder)
    with stored("the registration", trial.name):
        write_public_file(trial)
        write_schedule(trial)
        anchor_head(trial, "randomized")
    return Registered(trial=trial, schedule=trial.schedule, line=event.published_line)


def _draw(protocol: Protocol, digest: str, context: Context) -> _Drawn:
    secret = Secret(context.entropy(32))
    spares = [spare_space(protocol)] * protocol.blinding.spare_blocks
    drawn = draw_openly(secret, digest, space_of(protocol), spares)
    return _Drawn(
        kits=tuple(code for part in (drawn.sequence, *drawn.spares) for code in part),
        commitment=drawn.commitment,
        line=drawn.line,
        secret=secret.value.hex(),
    )


def _draw_order(
    protocol: Protocol, digest: str, registered: events.KitsRegistered, context: Context
) -> _Drawn:
    secret = Secret(context.entropy(32))
    kits = redraw_order(secret, protocol, digest, registered)
    leaves = [bytes.fromhex(leaf) for leaf in registered.leaves]
    return _Drawn.of(PublicKits.of(Mode.SELF_BLINDED, digest, kits, leaves), secret)


def _take(protocol: Protocol, digest: str, kits: Path | None) -> _Drawn:
    if kits is None:
        raise EntryError(
            "a third_party trial needs what the preparer drew: --kits public.json (the preparer makes it with nof1 kit draw)"
        )
    source, document = read_public(kits)
    public = PublicKits.from_dict(document, source=str(source))
    problems = _misfits(public, protocol, digest)
    if problems:
        raise DocumentError(str(source), problems)
    return _Drawn.of(public)


def _misfits(public: PublicKits, protocol: Protocol, digest: str) -> list[Problem]:
    found = []
    if public.mode is not protocol.blinding.mode:
        found.append(
            Problem(
                where="mode",
                message=f"found {public.mode.value}; the protocol says {protocol.blinding.mode.value}",
            )
        )
    if public.protocol_sha256 != digest:
        found.append(
            Problem(
                where="protocol_sha256",
                message=f"drawn for the protocol {public.protocol_sha256[:12]}…, this one is {digest[:12]}…; "
                "both sides need the same file, or the preparer draws again",
            )
        )
    blocks = [str(block) for block in space_of(protocol).blocks]
    for number in range(1, protocol.blinding.spare_blocks + 1):
        blocks += [f"S{number}"] * spare_space(protocol).n_periods
    if [kit.block for kit in public.kits] != blocks:
        found.append(
            Problem(
                where="kits",
                message=f"found {len(public.kits)} kits; this design needs {len(blocks)}, block by block",
            )
        )
    return found


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
