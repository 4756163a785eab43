"""An emergency: say at once what to open and where, check a card where one was typed, and record that it was read.

Nothing here refuses. What cannot be read is told and gone round; what cannot be written is told with the command that
records it later. The record holds which kit, when and who learned; never a condition, and never a key.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from nof1.audit import events
from nof1.blinding.kits import is_kit_code, read_kit_code
from nof1.blinding.opening import read_card
from nof1.blinding.public import PublicKits
from nof1.errors import EntryError, OpeningError
from nof1.files.plain import read_bytes_if_there
from nof1.files.protocols import library, read_protocol
from nof1.protocol.digest import protocol_from_canonical, protocol_sha256
from nof1.terms import Mode, PeriodKind
from nof1.workflow.parts import parts_of
from nof1.workflow.trial import changing, read_trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nof1.audit.record import Recorded
    from nof1.protocol.model import Protocol
    from nof1.workflow.context import Context

UNKNOWN = "unknown"
"""What stands for a code that cannot be one: free words might name a condition."""
Who = Literal["participant", "others"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box of the calendar.

    Attributes
    ----------
    kit : str
        Its code.
    starts_on, ends_on : date
        Days on which it is in use.
    first_analysed_on : date or None
        First day on which nothing of the box before is expected any more.
    """

    kit: str
    starts_on: date
    ends_on: date
    first_analysed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTold:
    """What is told of a card.

    Attributes
    ----------
    text : str
        What it says, verified; or that it cannot be verified, and to go by the card.
    kit : str
        The box that was opened, as far as code and card tell.
    is_read : bool
        The text says what a genuine card says, so somebody knows it now.
    """

    text: str
    kit: str
    is_read: bool = False


def what_to_open(folder: Path | None, kit: str, context: Context) -> tuple[str, ...]:
    """Say which boxes matter now, what they may hold, and whom to call.

    Parameters
    ----------
    folder : Path or None
        The trial's folder; None where it was not found.
    kit : str
        The code that was given.
    context : Context
        Clock and workspace.

    Returns
    -------
    tuple of str
        Lines; none names what a box holds.
    """
    if folder is None:
        return ()
    boxes = _boxes(folder)
    today = context.now().astimezone().date()
    lines = [*_in_use(boxes, today), *_other_box(boxes, kit, today)]
    protocol = _protocol(folder, context)
    if protocol is None:
        return (
            *lines,
            "The protocol of this trial cannot be read here; the wallet card and the slip say the rest.",
        )
    held = [_content(protocol, code) for code in protocol.conditions]
    lines.append(f"Every box holds one of these: {'; or '.join(held)}.")
    if protocol.constant:
        always = [" ".join(filter(None, (one.name, one.dose))) for one in protocol.constant]
        lines.append(f"Taken as well, in every period: {', '.join(always)}.")
    contact = protocol.safety.emergency_contact if protocol.safety else None
    lines.append(f"Contact: {contact}" if contact else "The protocol names no emergency contact.")
    if protocol.blinding.mode is Mode.THIRD_PARTY:
        lines.append(
            "If the box is gone: whoever prepared the kits, or the contact, can read this one line of the list."
        )
    return tuple(lines)


def check_card(folder: Path | None, kit: str, typed: str, context: Context) -> CardTold:
    """Check the key of a card against the published leaves; needs no network and writes nothing.

    Parameters
    ----------
    folder : Path or None
        The trial's folder.
    kit : str
        The code that was given.
    typed : str
        Key of the card, as typed.
    context : Context
        Workspace.

    Returns
    -------
    CardTold
        Of one card. Which box a slip of somebody alone lay in only the box can tell: none is named that was not typed.
    """
    protocol = _protocol(folder, context) if folder else None
    publics = _publics(folder) if folder else ()
    if protocol is None or not publics:
        return CardTold(
            text="The card cannot be checked here, because the record of the trial cannot be read; go by the card.",
            kit=kit,
        )
    code = _code(kit)
    every = [(public, one) for public in publics for one in public.kits]
    known = [(public, one) for public, one in every if one.code == code]
    why = ""
    for public, candidate in known or every:
        try:
            condition = read_card(public, candidate.code, typed, tuple(protocol.conditions))
        except OpeningError as error:
            why = str(error)
            continue
        held, place = _content(protocol, condition), f"block {candidate.block}"
        if public.mode is Mode.SELF_BLINDED and not known:
            text = f"verified: a genuine card of {place} says {held}; in which of its boxes it lay only the box can tell"
            return CardTold(text=text, kit=kit, is_read=True)
        text = f"verified: {candidate.code} contains {held}"
        if public.mode is Mode.SELF_BLINDED:
            text += f" (a genuine card of {place}; that it lay in this box only the box can tell)"
        return CardTold(text=text, kit=candidate.code, is_read=True)
    if why.startswith("this slip belongs"):
        return CardTold(text=f"{why}; go by the card that lay in the box", kit=kit)
    return CardTold(text="this key is not a card of this trial; go by the card", kit=kit)


def record_emergency(
    folder: Path,
    context: Context,
    kit: str,
    who: Who,
    *,
    at: datetime | None = None,
    reason: str | None = None,
) -> Recorded[events.BlindBroken]:
    """Record that a kit was opened in an emergency, and who learned what it holds.

    Parameters
    ----------
    folder : Path
        The trial's folder; at any stage.
    context : Context
        Actor and clock.
    kit : str
        The code, as typed.
    who : {"participant", "others"}
        ``others``: the participant still does not know.
    at : datetime or None
        When [aware]; now by default.
    reason : str or None
        Now, or later by the same call with a reason.

    Returns
    -------
    Recorded
        The record; that of before where the same opening is told again without anything new.

    Raises
    ------
    StoreError
        If the store cannot be read or written.
    """
    code = _code(kit)
    moment = (at or context.now()).astimezone(UTC)
    with changing(folder, context) as change:
        same = [
            r
            for r in change.trial.state.of(events.BlindBroken)
            if (r.event.kit, r.event.who_learned) == (code, who)
        ]
        earlier = same[-1] if same else None
        if earlier is not None and not reason:
            return earlier
        is_later_reason = earlier is not None and earlier.event.reason is None
        return change.record(
            events.BlindBroken(
                kit=code,
                who_learned=who,
                on=earlier.event.on if earlier is not None and is_later_reason else _utc(moment),
                reason=reason or None,
                replaces=earlier.event_id if earlier is not None and is_later_reason else None,
            )
        )


def later_command(trial: str, kit: str, who: str, at: datetime) -> str:
    """Return the command that records an opening later, with its time.

    Parameters
    ----------
    trial, kit, who : str
        As they were given.
    at : datetime
        When it was [aware].

    Returns
    -------
    str
        To be typed where the trial can be written.
    """
    return f"nof1 emergency {trial} {_code(kit)} --who {who} --at {_utc(at)}"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _code(kit: str) -> str:
    try:
        return read_kit_code(kit)
    except EntryError:
        return UNKNOWN


def _first(*ways: Callable[[], T | None]) -> Iterator[T]:
    """Yield what can be read, in the order of trust; in an emergency no damaged file may stand in the way."""
    for way in ways:
        try:
            found = way()
        except Exception:  # noqa: BLE001, S112 - whatever is broken, the next way is tried
            continue
        if found is not None:
            yield found


def _protocol(folder: Path, context: Context) -> Protocol | None:
    """Return the protocol: from the store, else from the locked data, else the file that the published digest names."""
    ways = (
        lambda: read_trial(folder).protocol,
        lambda: protocol_from_canonical(read_bytes_if_there(folder / "locked" / "protocol.json") or b""),
        lambda: _by_digest(folder, context),
    )
    return next(_first(*ways), None)


def _by_digest(folder: Path, context: Context) -> Protocol | None:
    wanted = json.loads(read_bytes_if_there(folder / "public.json") or b"")["protocol_sha256"]
    for path in library(workspace=context.workspace).values():
        found = next(_first(partial(read_protocol, path)), None)
        if found is not None and protocol_sha256(found) == wanted:
            return found
    return None


def _publics(folder: Path) -> tuple[PublicKits, ...]:
    """Return what was public of every draw: from the files, else from the store."""
    names = [path.name for path in sorted(folder.glob("public*.json"))]
    printed = tuple(found for name in names for found in _first(partial(_printed_public, folder, name)))
    if printed:
        return printed
    return next(_first(lambda: tuple(part.public for part in parts_of(read_trial(folder)))), ())


def _printed_public(folder: Path, name: str) -> PublicKits:
    document = json.loads(read_bytes_if_there(folder / name) or b"")
    document.pop("secret", None)  # of somebody who is alone: it only orders codes
    return PublicKits.from_dict(document)


def _boxes(folder: Path) -> tuple[Box, ...]:
    """Read the boxes of schedule.csv, or where that is gone of the store."""
    return next(_first(lambda: _printed_boxes(folder), lambda: _stored_boxes(folder)), ())


def _printed_boxes(folder: Path) -> tuple[Box, ...] | None:
    data = read_bytes_if_there(folder / "schedule.csv")
    if data is None:
        return None
    return tuple(
        Box(
            kit=row["kit"],
            starts_on=date.fromisoformat(row["starts_on"]),
            ends_on=date.fromisoformat(row["ends_on"]),
            first_analysed_on=date.fromisoformat(row["first_analysed_on"])
            if row["first_analysed_on"]
            else None,
        )
        for row in csv.DictReader(io.StringIO(data.decode()))
        if is_kit_code(row["kit"])
    )


def _stored_boxes(folder: Path) -> tuple[Box, ...]:
    return tuple(
        Box(
            kit=period.kit,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            first_analysed_on=period.first_analysed_on,
        )
        for period in read_trial(folder).schedule.periods
        if period.kit is not None and period.kind is PeriodKind.TREATMENT
    )


def _in_use(boxes: tuple[Box, ...], today: date) -> Iterator[str]:
    begun = [box for box in boxes if box.starts_on <= today]
    if not begun:
        if boxes:
            yield f"By the calendar no box is in use before {boxes[0].starts_on}."
        return
    last = begun[-1]
    if today > last.ends_on:
        yield f"By the calendar no box is in use today; the last one was {last.kit}, until {last.ends_on}."
        return
    yield f"By the calendar the box in use is {last.kit}, since {last.starts_on}."
    may_last = last.first_analysed_on is None or today < last.first_analysed_on
    if may_last and len(begun) > 1 and begun[-2].kit != last.kit:
        yield f"The box before it, {begun[-2].kit}, until {begun[-2].ends_on}, may still act: open its slip too."


def _other_box(boxes: tuple[Box, ...], kit: str, today: date) -> Iterator[str]:
    code = _code(kit)
    if code == UNKNOWN:
        yield f"{kit[:40]!r} is not a kit code; go by the box in your hand."
        return
    if boxes and code not in {box.kit for box in boxes}:
        yield f"{code} is no box of the calendar of this trial; go by the box in your hand."
    elif any(box.starts_on <= today <= box.ends_on and box.kit != code for box in boxes):
        yield f"You named {code}. What counts is what was taken: open the slip of the box that it came from."


def _content(protocol: Protocol, code: str) -> str:
    condition = protocol.conditions[code]
    taken = f"at {', '.join(str(time) for time in condition.times)}" if condition.times else ""
    amount = f"{condition.capsules} × {condition.form}" if condition.form and condition.capsules > 1 else ""
    return ", ".join(filter(None, (" ".join(filter(None, (condition.name, condition.dose))), amount, taken)))
