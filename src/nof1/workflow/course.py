"""The course of a trial as its events tell it: which kit is planned where, and the calendar as it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.protocol.digest import protocol_from_canonical
from nof1.schedule.calendar import (
    add_block,
    leave_empty,
    pause,
    plan,
    replace_block,
    replan,
    resume,
    shift,
    stop,
)
from nof1.terms import KitCode, Mode, PeriodKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nof1.audit.event import Event
    from nof1.protocol.model import Protocol
    from nof1.schedule.calendar import Schedule


def kits_of(
    begun: events.TrialRandomized | events.TrialExtended, spare: str = ""
) -> tuple[tuple[str, KitCode], ...]:
    """Return block and code of the registered kits, in order of use.

    Parameters
    ----------
    begun : TrialRandomized or TrialExtended
        What was drawn at once.
    spare : str
        A spare block such as ``S1``; empty for the kits that are none. Spare ones stay in their cupboard until one
        is needed.

    Returns
    -------
    tuple of (str, KitCode)
        In an open trial, where nothing is packed, the conditions stand in the place of codes.
    """
    parted = [(block, KitCode(code)) for block, _, code in (kit.partition("/") for kit in begun.kits)]
    return tuple((block, code) for block, code in parted if (block == spare if spare else block[:1] != "S"))


def spare_blocks(begun: events.TrialRandomized) -> tuple[str, ...]:
    """Return the spare blocks that were packed.

    Parameters
    ----------
    begun : TrialRandomized
        The registration.

    Returns
    -------
    tuple of str
        ``S1`` first: the order in which they are used.
    """
    return tuple(dict.fromkeys(kit.partition("/")[0] for kit in begun.kits if kit[:1] == "S"))


def planned_kits(begun: events.TrialRandomized, changes: Iterable[Event]) -> tuple[KitCode, ...]:
    """Return the kits by planned place, spare blocks where they took over, and those of extensions.

    Parameters
    ----------
    begun : TrialRandomized
        The registration.
    changes : iterable of Event
        In order; all but `SpareBlockUsed` and `TrialExtended` change nothing here.

    Returns
    -------
    tuple of KitCode
        First period first, with those that a stop left unopened.
    """
    kits = list(kits_of(begun))
    for change in changes:
        match change:
            case events.SpareBlockUsed(spare=spare, block=number, is_added=is_added):
                given = iter([code for _, code in kits_of(begun, spare)])
                if is_added:
                    kits += [(str(number), code) for code in given]
                else:
                    kits = [(block, next(given) if block == str(number) else code) for block, code in kits]
            case events.TrialExtended():
                done = max(int(block) for block, _ in kits)
                kits += [
                    (str(done + n), code)
                    for n, held in enumerate(_blocks_of(change), start=1)
                    for code in held
                ]
    return tuple(code for _, code in kits)


def _blocks_of(extended: events.TrialExtended) -> list[tuple[KitCode, ...]]:
    """Return the kits of an extension, block by block in order of use."""
    blocks: dict[str, list[KitCode]] = {}
    for block, code in kits_of(extended):
        blocks.setdefault(block, []).append(code)
    return [tuple(codes) for codes in blocks.values()]


def _extended(schedule: Schedule, protocol: Protocol, change: events.TrialExtended) -> Schedule:
    """Let the calendar go on after the last period."""
    if protocol.blinding.mode is Mode.OPEN_LABEL:
        length = protocol.design.per_block * len(protocol.conditions)
        blocks: list[tuple[KitCode | None, ...]] = [(None,) * length] * (len(change.kits) // length)
    else:
        blocks = [*_blocks_of(change)]
    for kits in blocks:
        schedule = add_block(schedule, protocol, kits)
    return schedule


def schedule_of(begun: events.TrialRandomized, changes: Iterable[Event]) -> Schedule:
    """Lay out the calendar with every change.

    Parameters
    ----------
    begun : TrialRandomized
        The registration.
    changes : iterable of Event
        In the order in which they apply.

    Returns
    -------
    Schedule
        As it stands.
    """
    protocol = protocol_from_canonical(begun.protocol_canonical.encode())
    kits = () if begun.mode == "open_label" else [code for _, code in kits_of(begun)]
    schedule = plan(protocol, date.fromisoformat(begun.start_on), begun.zone, kits)
    empty: list[tuple[int, date]] = []
    for change in changes:
        match change:
            case events.KitLost(period=int() as period, on=on):
                empty.append((period, date.fromisoformat(on)))
                schedule = leave_empty(schedule, *empty[-1])
            case events.SpareBlockUsed(spare=spare, block=block, is_added=is_added):
                given = [code for _, code in kits_of(begun, spare)]
                schedule = (
                    add_block(schedule, protocol, given)
                    if is_added
                    else replace_block(schedule, block, given)
                )
            case events.TrialExtended(protocol_canonical=text):
                protocol = protocol_from_canonical(text.encode())
                schedule = _extended(schedule, protocol, change)
            case events.ProtocolAmended(protocol_canonical=text, effective_on=on):
                protocol = protocol_from_canonical(text.encode())
                schedule = replan(schedule, protocol, date.fromisoformat(on))
                for lost in empty:  # a new plan does not bring a kit back
                    schedule = leave_empty(schedule, *lost)
            case _:
                schedule = _moved(schedule, change)
    return schedule


def waits_from(schedule: Schedule) -> date | None:
    """Return the first day of the first period that had not begun when the rest did.

    Parameters
    ----------
    schedule : Schedule
        As it stands.

    Returns
    -------
    date or None
        None while the trial goes on, and where nothing waits.
    """
    rest = schedule.paused_on
    later = (p.starts_on for p in schedule.periods if p.kind is not PeriodKind.WASHOUT)
    return None if rest is None else next((starts for starts in later if starts >= rest), None)


def _moved(schedule: Schedule, change: Event) -> Schedule:
    match change:
        case events.ScheduleShifted(from_period=period, days=days):
            return shift(schedule, period, days)
        case events.Paused(on=on):
            return pause(schedule, date.fromisoformat(on))
        case events.Resumed(on=on):
            return resume(schedule, date.fromisoformat(on))
        case events.Stopped(on=on):
            return stop(_begun(schedule), date.fromisoformat(on))
    return schedule


def _begun(schedule: Schedule) -> Schedule:
    """Leave out what waits: a period that never began is none of a trial that is stopped in a rest."""
    first = waits_from(schedule)
    if first is None:
        return schedule
    return replace(
        schedule,
        periods=tuple(period for period in schedule.periods if period.starts_on < first),
        sessions=tuple(session for session in schedule.sessions if session.on < first),
    )
