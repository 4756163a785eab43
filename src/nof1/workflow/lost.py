"""Kits that go astray: a lost kit, a spare block in its place or at the end, a box without a label."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import require
from nof1.blinding.kits import read_kit_code
from nof1.errors import EntryError, StageError
from nof1.safety.limits import require_within_total
from nof1.terms import Mode, PeriodKind
from nof1.workflow.move import day_reached
from nof1.workflow.trial import Change, Trial, changing, read_trial, stored, write_schedule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from nof1.audit.record import AnyRecorded
    from nof1.schedule.calendar import Period
    from nof1.terms import KitCode
    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What a lost kit does to the trial.

    Attributes
    ----------
    recorded : Recorded
        The record.
    kit : KitCode
        Its code.
    period : int or None
        Period that stays empty from now on.
    spare, kits : str or None, tuple of KitCode
        Spare block that takes the place of one that had not begun, and its kits in order of use.
    block : int or None
        The block whose place it takes.
    next_spare : str or None
        Spare block that may be added at the end, because a period stays empty.
    """

    recorded: AnyRecorded
    kit: KitCode
    period: int | None
    spare: str | None = None
    kits: tuple[KitCode, ...] = ()
    block: int | None = None
    next_spare: str | None = None


def record_lost_kit(folder: Path, context: Context, kit: str, reason: str, *, on: date | None = None) -> Loss:
    """Record that a kit is lost. If its block has not begun, the next spare block takes its place as a whole.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    kit : str
        Code on the label, as typed.
    reason : str
        How it was lost.
    on : date or None
        Day from which it is missing; this day of the study by default.

    Returns
    -------
    Loss
        What follows.

    Raises
    ------
    EntryError
        If the trial has no such kit, it is recorded as lost already, or the day has not come.
    """
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.KitLost)
        code = _kit_of(trial, kit)
        today = day_reached(trial, context.now())
        day = on or today
        if day > today:
            raise EntryError(f"{day} has not come yet; give the day from which the kit is missing")
        if code in _lost(trial):
            raise EntryError(f"{code} is recorded as lost already; nothing was recorded now")
        period = _planned_period(trial, code)
        is_over = period is None or period.ends_on < day or trial.state.position.is_stopped
        begun = period is not None and _block_begins(trial, period) <= today
        spare = None if is_over or begun or period is None or period.block is None else _next_spare(trial)
        empty = None if is_over or spare is not None or period is None else period.index
        done = change.record(events.KitLost(kit=code, on=day.isoformat(), period=empty, reason=reason))
        block = period.block if period is not None and spare is not None else None
        if spare is not None and block is not None:
            change.record(events.SpareBlockUsed(spare=spare, block=block, is_added=False))
        _follow(change)
        now = change.trial
        loss = Loss(
            recorded=done,
            kit=code,
            period=empty,
            spare=spare,
            kits=now.spare_kits(spare) if spare else (),
            block=block,
            next_spare=_next_spare(now) if _may_add(now) else None,
        )
    _write(folder, "the loss")
    return loss


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedBlock:
    """A spare block at the end.

    Attributes
    ----------
    recorded : Recorded
        The record.
    spare : str
        Its name.
    periods : tuple of Period
        Its periods, washouts left out.
    """

    recorded: AnyRecorded
    spare: str
    periods: tuple[Period, ...]


def add_spare_block(folder: Path, context: Context) -> AddedBlock:
    """Add the next spare block at the end, where a period in the middle of a block stayed empty.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.

    Returns
    -------
    AddedBlock
        Name of the spare block and its periods.

    Raises
    ------
    StageError
        If no period is empty for which none was added, no spare block is left, or the participant's own
        ceiling of days on in all would be passed.
    """
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.SpareBlockUsed)
        if not _may_add(trial):
            raise StageError(
                f"no period of {trial.name} stayed empty that a further block was not added for; spare blocks have no "
                "other use"
            )
        spare = _next_spare(trial)
        if spare is None:
            raise StageError(f"no spare block of {trial.name} is left; the period stays missing")
        block = max(period.block or 0 for period in trial.schedule.periods) + 1
        require_within_total(trial.protocol, n_blocks=block)
        done = change.record(events.SpareBlockUsed(spare=spare, block=block, is_added=True))
        _follow(change)
        added = [p for p in change.trial.schedule.periods if p.block == block]
        today = trial.study_date(context.now())
        late = (today + timedelta(days=1) - added[0].starts_on).days
        if late > 0:
            reason = f"{spare} was added when the last period was over"
            change.record(events.ScheduleShifted(from_period=added[0].index, days=late, reason=reason))
            _follow(change)
            added = [p for p in change.trial.schedule.periods if p.block == block]
    _write(folder, "the added block")
    return AddedBlock(recorded=done, spare=spare, periods=tuple(added))


def record_lost_label(folder: Path, context: Context, seen: Sequence[str]) -> AnyRecorded:
    """Name the one box without a label, by the codes that are left.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    seen : sequence of str
        Codes on all other boxes that were not opened yet, spare ones included.

    Returns
    -------
    Recorded
        A `LabelInferred`: the code to write on the box.

    Raises
    ------
    EntryError
        If a code is none of this trial, or not exactly one is unaccounted for.
    """
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.LabelInferred)
        codes = sorted({_kit_of(trial, text) for text in seen})
        today = trial.study_date(context.now())
        opened: set[str] = {p.kit for p in trial.schedule.periods if p.kit and p.starts_on <= today}
        opened |= {r.event.kit for r in trial.state.of(events.KitOpened)}
        left = [c for c in _kits(trial) if c not in {*codes, *opened, *_lost(trial)}]
        if len(left) != 1:
            raise EntryError(_not_one(trial, left))
        return change.record(
            events.LabelInferred(kit=left[0], on=today.isoformat(), seen=tuple(map(str, codes)))
        )


def _not_one(trial: Trial, left: list[KitCode]) -> str:
    if not left:
        return (
            "every kit that was not opened is accounted for, so a box without a label is none of them; "
            "leave it shut. Nothing was recorded"
        )
    return (
        f"{len(left)} codes are unaccounted for: {', '.join(left)}; nobody can tell which box is which. Type the codes of "
        f"all boxes that are still shut; if two labels are gone, leave both boxes shut and record each of their codes: "
        f"nof1 record {trial.name} lost {left[0]}. Nothing was recorded"
    )


def _kits(trial: Trial) -> tuple[KitCode, ...]:
    spares = [code for spare in trial.spare_blocks for code in trial.spare_kits(spare)]
    return tuple(dict.fromkeys((*trial.registered_kits, *spares)))


def _kit_of(trial: Trial, typed: str) -> KitCode:
    if trial.mode is Mode.OPEN_LABEL:
        raise EntryError(f"{trial.name} is open_label, so it has no kits")
    code = read_kit_code(typed)
    if code not in _kits(trial):
        raise EntryError(f"{code} is not a kit of {trial.name}; read the label again")
    return code


def _lost(trial: Trial) -> set[str]:
    return {recorded.event.kit for recorded in trial.state.of(events.KitLost)}


def _planned_period(trial: Trial, code: KitCode) -> Period | None:
    return next((p for p in trial.schedule.periods if p.kit == code), None)


def _block_begins(trial: Trial, period: Period) -> date:
    """Return the first day of the block of a period, or of the period itself where there are no blocks."""
    return min(
        p.starts_on
        for p in trial.schedule.periods
        if p.kind is PeriodKind.TREATMENT and p.block == period.block and (p.block or p is period)
    )


def _next_spare(trial: Trial) -> str | None:
    """Return the first spare block that is whole and not in use: always S1, then S2."""
    used = {recorded.event.spare for recorded in trial.state.of(events.SpareBlockUsed)}
    lost = _lost(trial)
    return next(
        (s for s in trial.spare_blocks if s not in used and not lost.intersection(trial.spare_kits(s))), None
    )


def _may_add(trial: Trial) -> bool:
    """Whether more blocks have an empty period than were added for one."""
    empty = {recorded.event.period for recorded in trial.state.of(events.KitLost)} - {None}
    blocks = {p.block for p in trial.schedule.periods if p.index in empty and p.block}
    added = sum(recorded.event.is_added for recorded in trial.state.of(events.SpareBlockUsed))
    return len(blocks) > added and not trial.state.position.is_stopped


def _follow(change: Change) -> None:
    """Let the calendar follow before anything is committed: what it cannot follow is not recorded."""
    change.refresh()
    _ = change.trial.schedule


def _write(folder: Path, what: str) -> None:
    trial = read_trial(folder)
    with stored(what, trial.name):
        write_schedule(trial)
