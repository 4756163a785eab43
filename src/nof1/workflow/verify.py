"""Check a trial: the chain, the draw, the files. Each line is PASS, FAIL, or NOT PROVABLE by any computer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.chain import check_anchors, find_break
from nof1.blinding.open_label import draw_openly
from nof1.blinding.opening import Allocated, Allocation, open_with_secret
from nof1.blinding.public import PublicKits
from nof1.blinding.sealed import Secret
from nof1.encoding import sha256_hex
from nof1.errors import Nof1Error, StoreError
from nof1.files.locked import ALLOCATION, locked_bytes, read_locked
from nof1.files.plain import read_bytes_if_there
from nof1.protocol.digest import canonical_protocol, protocol_from_canonical
from nof1.schedule.design import space_of
from nof1.schedule.printed import schedule_csv
from nof1.terms import ConditionCode, KitCode, Mode
from nof1.workflow.lock import refresh_locked
from nof1.workflow.parts import parts_of
from nof1.workflow.public import public_document, redraw_order, write_public_file
from nof1.workflow.tables import locked_tables
from nof1.workflow.trial import (
    HEADS,
    Trial,
    anchor_head,
    open_trial_store,
    read_heads,
    read_trial,
    write_schedule,
)
from nof1.workflow.unblind import open_part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from nof1.workflow.parts import DrawnPart


class Outcome(StrEnum):
    """What a check found."""

    PASS = "PASS"  # noqa: S105 - the word, not a password
    FAIL = "FAIL"
    NOT_PROVABLE = "NOT PROVABLE"
    NOT_YET = "NOT YET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the verification.

    Attributes
    ----------
    name : str
        What was checked.
    outcome : Outcome
        What was found.
    text : str
        In a sentence.
    """

    name: str
    outcome: Outcome
    text: str


_REPAIR = "nof1 verify --repair writes again what follows from the record"
_ONLY_REGISTERED = (
    "the labels of the kits are registered, and nothing is drawn; repeat nof1 randomize with the same kits"
)
_FAULTS_SHOWN = 5
_LIMITS = {
    Mode.OPEN_LABEL: "that the order was drawn once, and not again until it pleased",
    Mode.THIRD_PARTY: "that the preparer drew once, told nobody, and packed what the list says",
    Mode.SELF_BLINDED: "that boxes were neither opened nor exchanged, and that the order was drawn once",
}


def verify_trial(folder: Path, *, repair: bool = False) -> tuple[Check, ...]:
    """Check everything that can be checked, and name what cannot.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    repair : bool
        Write projections and files that follow from the events again where they differ.

    Returns
    -------
    tuple of Check
        The store first; where it fails, what rests on it is not looked at.
    """
    try:
        first = _record(folder, repair=repair)
        if first.outcome is Outcome.FAIL:
            return (first,)
        trial = read_trial(folder)
    except StoreError as error:
        return (Check(name="record", outcome=Outcome.FAIL, text=str(error)),)
    if trial.state.registration is None:
        return (first, Check(name="draw", outcome=Outcome.NOT_YET, text=_ONLY_REGISTERED))
    if repair:
        _repair(trial)
    looks: dict[str, Callable[[], Check | None]] = {}
    for part in parts_of(trial):
        looks |= {
            f"protocol{part.label}": partial(_protocol, part.drawn, part.label),
            f"commitment{part.label}": partial(_commitment, part),
            f"draw{part.label}": partial(_draw, trial, part),
        }
    if trial.is_imported:
        looks["protocol"] = partial(_protocol, trial.registration)
    looks |= {
        "sequence": partial(_imported_sequence if trial.is_imported else _sequence, trial), "cards": partial(_cards, trial), "order of events": partial(_order, trial),
        "schedule.csv": partial(_schedule, trial),
        **{part.file_name: partial(_public_file, trial, part) for part in parts_of(trial)},
        "locked data": partial(_locked, trial), "kits": partial(_kits, trial),
    }  # fmt: skip
    found = [_look(name, look) for name, look in looks.items()]
    return (first, *(check for check in found if check is not None), _limit(trial))


def _look(name: str, look: Callable[[], Check | None]) -> Check | None:
    try:
        return look()
    except Nof1Error as error:
        return Check(name=name, outcome=Outcome.FAIL, text=str(error))
    except (LookupError, TypeError, ValueError) as error:  # the owner of the file can write anything into it
        text = f"an event holds what nof1 never writes: {error}"
        return Check(name=name, outcome=Outcome.FAIL, text=text)


def _record(folder: Path, *, repair: bool) -> Check:
    anchors = read_heads(folder / HEADS)
    store = open_trial_store(folder)
    faults = store.faults(anchors)
    rows = store.rows()
    # Only a whole chain says what the score table should be; beside a broken one the table is evidence.
    is_whole = find_break(rows) is None and not check_anchors(rows, anchors)
    if repair and faults and is_whole:
        store.rebuild()
        faults = store.faults(anchors)
    if repair and not anchors and not faults:
        anchor_head(read_trial(folder), "repaired")
    elif not anchors:
        faults = (
            *faults,
            "no head was kept: heads.txt is missing or empty, so an older copy could not be told",
        )
    wrong = "; ".join(faults[:_FAULTS_SHOWN])
    if len(faults) > _FAULTS_SHOWN:
        wrong += f"; and {len(faults) - _FAULTS_SHOWN} more"
    return _check(
        "record",
        not faults,
        f"{len(rows)} events, chain whole, {len(anchors)} heads of heads.txt in it, score table as rebuilt",
        f"{wrong}; {_REPAIR}" if is_whole and not repair else wrong,
    )


def _check(name: str, is_fine: bool, fine: str, wrong: str) -> Check:  # noqa: FBT001 - the finding itself
    return Check(
        name=name, outcome=Outcome.PASS if is_fine else Outcome.FAIL, text=fine if is_fine else wrong
    )


def _protocol(
    begun: events.TrialRandomized | events.TrialImported | events.TrialExtended, label: str = ""
) -> Check:
    digest = sha256_hex(begun.protocol_canonical.encode())
    again = canonical_protocol(protocol_from_canonical(begun.protocol_canonical.encode())).decode()
    return _check(
        f"protocol{label}",
        digest == begun.protocol_sha256 and again == begun.protocol_canonical,
        f"its canonical bytes give the digest {digest[:12]}…",
        f"its canonical bytes give {digest[:12]}…, registered was {begun.protocol_sha256[:12]}…",
    )


def _commitment(part: DrawnPart) -> Check | None:
    if part.protocol.blinding.mode is Mode.OPEN_LABEL:
        return None  # checked with the draw
    given = part.public
    computed = PublicKits.of(
        given.mode, given.protocol_sha256, given.kits, [bytes.fromhex(leaf) for leaf in given.leaves]
    )
    differing = [
        name for name in ("leaves", "root", "commitment") if getattr(computed, name) != getattr(given, name)
    ]
    if computed.line != part.drawn.published_line:
        differing.append("published line")
    return _check(
        f"commitment{part.label}",
        not differing,
        f"{len(given.kits)} kits and leaves give the root and the published line",
        f"kits and leaves give another {', '.join(differing)} than was registered",
    )


def _imported_sequence(trial: Trial) -> Check:
    space, opened = space_of(trial.protocol), trial.state.unblinding
    sequence = [kit.condition for kit in opened.event.allocation] if opened else []
    return _check(
        "sequence",
        tuple(sequence) in space,
        f"number {space.rank(sequence)} of {space.size}; it was drawn elsewhere, by a way that nof1 did not see",
        "the order that was imported is none of those that the design allows",
    )


def _draw(trial: Trial, part: DrawnPart) -> Check:
    drawn, mode, name = part.drawn, part.protocol.blinding.mode, f"draw{part.label}"
    if mode is Mode.OPEN_LABEL:
        again = draw_openly(
            Secret(bytes.fromhex(drawn.secret or "")), drawn.protocol_sha256, part.space, part.spares
        )
        told = tuple(code for one in (again.sequence, *again.spares) for code in one)
        return _check(
            name,
            told == drawn.kits and again.line == drawn.published_line,
            f"the public secret gives the order, number {again.rank} of {part.space.size}, and the published line",
            "the public secret does not give the order that was registered",
        )
    if mode is Mode.SELF_BLINDED:
        return _order_of_codes(part)
    opened = trial.state.unblinding
    if opened is None:
        return Check(
            name=name,
            outcome=Outcome.NOT_YET,
            text="the secret is not known yet; unblind, then verify again",
        )
    event = opened.event
    if event.secret is None:
        return Check(
            name=name,
            outcome=Outcome.NOT_PROVABLE,
            text="that chance made the order: the cards opened this trial, and without the secret nothing is redrawn",
        )
    secret = (event.secret, *event.more_secrets)[part.number - 1 : part.number]
    if not secret:
        return Check(name=name, outcome=Outcome.FAIL, text="the secret that opened it is not stored")
    allocation = open_with_secret(Secret(bytes.fromhex(secret[0])), part.public, part.space, part.spares)
    given = [(e.kit.code, e.condition, e.card_key) for e in allocation.entries]
    mine = {code for code, _, _ in given}
    stored = [(k.kit, k.condition, k.key) for k in event.allocation if k.kit in mine]
    rank = part.space.rank([code for code in allocation.sequence() if code is not None])
    return _check(
        name,
        stored == given,
        f"the secret gives every kit, card and the order, number {rank} of {part.space.size}",
        f"the secret does not give the allocation that was stored{_where(stored, given)}",
    )


def _sequence(trial: Trial) -> Check | None:
    """Place what was opened among all orders that could have been drawn for the blocks that were done."""
    opened = trial.state.unblinding
    if trial.is_imported or opened is None:
        return None
    event, parts = opened.event, parts_of(trial)
    known = [kit.kit for kit in event.allocation] == [k.code for part in parts for k in part.public.kits]
    entries = tuple(
        Allocated(
            kit=kit,
            condition=ConditionCode(one.condition) if one.condition else None,
            card_key=one.key,
        )
        for kit, one in zip((k for part in parts for k in part.public.kits), event.allocation, strict=False)
    )
    space = trial.space
    size, rank = Allocation(entries=entries).size_and_rank(space, trial.planned_kits[: space.n_periods])
    number = f"number {rank} of {size}" if rank is not None else f"one of {size} of the known periods"
    return _check(
        "sequence",
        known and (event.space_size, event.sequence_rank) == (size or 0, rank),
        f"{number} that the blocks which were done could have had",
        "kits, rank or size are not those of the allocation that was stored",
    )


def _order_of_codes(part: DrawnPart) -> Check:
    """Redraw the order of codes from the public secret, and see that the labels were registered before it."""
    wrong = []
    drawn = part.drawn
    if not part.registered or part.registered[-1][0] > part.seq:
        wrong.append("no registration of the labels stands before the draw")
    else:
        registered = part.registered[-1][1]
        secret = Secret(bytes.fromhex(drawn.secret or ""))
        kits = redraw_order(secret, part.protocol, drawn.protocol_sha256, registered)
        if tuple(map(str, kits)) != drawn.kits:
            wrong.append("the public secret does not give the order of codes that was registered")
        if registered.leaves != drawn.leaves or registered.protocol_sha256 != drawn.protocol_sha256:
            wrong.append("slips or protocol are not those that were registered before the draw")
    return _check(
        f"order of codes{part.label}",
        not wrong,
        f"{len(drawn.kits)} labels were registered first; then the public secret gives the order in which they are used",
        "; ".join(wrong),
    )


def _cards(trial: Trial) -> Check | None:
    """Read the cards again that opened the trial: each of its box or block, once, and what they add up to."""
    opened = trial.state.unblinding
    if trial.is_imported or opened is None or opened.event.how != "cards":
        return None
    event = opened.event
    typed = {KitCode(kit.kit): kit.key for kit in event.allocation if kit.kit and kit.key}
    entries = [entry for part in parts_of(trial) for entry in open_part(typed, part).entries]
    told = [(e.kit.code, e.condition or "", e.by_elimination) for e in entries]
    stored = [(k.kit, k.condition, k.by_elimination) for k in event.allocation]
    return _check(
        "cards",
        told == stored,
        f"{len(typed)} card keys give published leaves, each once, and an order of the design",
        f"the card keys do not give the allocation that was stored{_where(told, stored)}",
    )


def _where(one: Sequence[tuple[object, ...]], other: Sequence[tuple[object, ...]]) -> str:
    """Name the kits for which two lists differ; what they hold is public by then."""
    kits = dict.fromkeys(str(a[0]) for pair in zip_longest(one, other, fillvalue=("a missing kit",)) for a in pair
                         if pair[0] != pair[1])  # fmt: skip
    return f"; they differ for {', '.join(kits)}" if kits else ""


def _order(trial: Trial) -> Check | None:
    if trial.is_imported:
        return None
    state = trial.state
    measured = [seq for seq, _ in state.scores.places]
    begun = state.registration.seq if state.registration else 0
    lock, opened = state.lock, state.unblinding
    wrong = []
    if measured and min(measured) < begun:
        wrong.append("a score stands before the registration")
    if lock and measured and max(measured) > lock.seq:
        wrong.append("a score stands after the lock")
    if opened and (lock is None or opened.seq < lock.seq):
        wrong.append("the allocation was opened before the lock")
    doses = [r for r in state.of(events.DoseRecorded) if r.event.taken]
    start_on = (
        begun_event.start_on if isinstance(begun_event := trial.registration, events.TrialRandomized) else ""
    )
    if any(dose.seq < begun or dose.event.taken_on < start_on for dose in doses):
        wrong.append("a dose was taken before the line could be published")
    begun_at = state.records[0].record.recorded_at
    early = sum(_is_before(at, begun_at) for at in state.scores.column("observed_at"))
    if early:
        wrong.append(f"{early} scores were measured before the trial was registered")
    done = ["registered"]
    done += ["measured"] if measured else []
    done += ["locked"] if lock else []
    done += ["opened"] if opened else []
    broken = [r.event.kit for r in state.of(events.BlindBroken)]
    note = f"; emergency openings: {', '.join(broken)}" if broken else ""
    return _check(
        "order of events",
        not wrong,
        f"{', '.join(done)}, in this order{note}",
        "; ".join(wrong),
    )


def _is_before(observed_at: str | None, registered_at: str) -> bool:
    return observed_at is not None and datetime.fromisoformat(observed_at) < datetime.fromisoformat(
        registered_at
    )


def _schedule(trial: Trial) -> Check | None:
    if trial.is_imported:
        return None
    found = read_bytes_if_there(trial.folder / "schedule.csv")
    same = found == schedule_csv(trial.schedule).encode()
    return _check(
        "schedule.csv", same, "as it follows from the events", f"not as it follows from the events; {_REPAIR}"
    )


def _public_file(trial: Trial, part: DrawnPart) -> Check:
    found = read_bytes_if_there(trial.folder / part.file_name)
    try:
        same = found is not None and json.loads(found) == public_document(part)
    except (ValueError, RecursionError):  # no JSON, or no text
        same = False
    return _check(part.file_name, same, "as it was registered", f"not as it was registered; {_REPAIR}")


def _locked(trial: Trial) -> Check | None:
    lock = trial.state.lock
    if lock is None:
        return Check(name="locked data", outcome=Outcome.NOT_YET, text="data entry is open")
    wrong = []
    content = locked_bytes(locked_tables(trial))
    digests = {file.name: file.sha256 for file in lock.event.files}
    if ALLOCATION in content:  # came with the opening
        digests[ALLOCATION] = sha256_hex(content[ALLOCATION])
    for name, digest in digests.items():
        found = read_bytes_if_there(trial.folder / "locked" / name)
        if found is None:
            wrong.append(f"{name} is missing")
        elif sha256_hex(found) != digest:
            wrong.append(f"{name} is not what was locked")
        elif name not in content or sha256_hex(content[name]) != digest:
            wrong.append(f"{name} does not follow from the events")
    if not wrong:
        read_locked(trial.folder / "locked")  # trial.json, and files that do not belong there
    repair = f"; {_REPAIR}" if wrong and not any("follow" in text for text in wrong) else ""
    return _check(
        "locked data", not wrong, f"{len(digests)} tables as they were locked", "; ".join(wrong) + repair
    )


def _kits(trial: Trial) -> Check | None:
    if trial.is_imported or trial.mode is Mode.OPEN_LABEL:
        return None
    used = [r.event for r in trial.state.of(events.DoseRecorded) if r.event.kit and r.event.taken]
    planned = {period.index: period.kit for period in trial.schedule.periods}
    odd = sorted(
        {
            f"{dose.kit} in period {dose.period}"
            for dose in used
            if dose.period and planned.get(dose.period) != dose.kit
        }
    )
    told = len([r for r in trial.state.of(events.DeviationRecorded) if r.event.category == "wrong_kit"])
    return _check(
        "kits",
        not odd or told >= len(odd),
        "doses were recorded from the planned kits" + (f", except {', '.join(odd)}" if odd else ""),
        f"taken from another kit without a recorded deviation: {', '.join(odd)}",
    )


def _limit(trial: Trial) -> Check:
    if trial.is_imported:
        text = (
            "anything about how this trial was drawn, blinded and run; it was imported when it was finished"
        )
    else:
        text = _LIMITS[trial.mode]
    return Check(name="limits", outcome=Outcome.NOT_PROVABLE, text=text)


def _repair(trial: Trial) -> None:
    if not trial.is_imported:
        write_schedule(trial)
        write_public_file(trial)
    if trial.state.lock is not None:
        refresh_locked(trial)
    anchored = {anchor.seq for anchor in read_heads(trial.folder / HEADS)}
    if trial.state.records[-1].seq not in anchored:
        anchor_head(trial, "repaired")
