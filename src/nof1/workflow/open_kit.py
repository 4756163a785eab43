"""A period begins: the code on the box is typed, so that no wrong box is opened unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.blinding.kits import read_kit_code
from nof1.errors import EntryError
from nof1.terms import Mode, PeriodKind
from nof1.workflow.parts import part_with_kit
from nof1.workflow.trial import changing, read_trial

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.audit.record import AnyRecorded
    from nof1.schedule.calendar import Period
    from nof1.terms import KitCode
    from nof1.workflow.context import Context
    from nof1.workflow.trial import Trial


def open_kit(folder: Path, context: Context, typed: str, *, taken: bool = False) -> AnyRecorded:
    """Record which box is open from now on.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    typed : str
        Code on the box.
    taken : bool
        It was opened or taken from already: another period's box is then a deviation, and not refused.

    Returns
    -------
    Recorded
        The record, or the deviation; typed again, the same record.

    Raises
    ------
    EntryError
        If it is no kit of this trial, or that of another period, which goes back unopened.
    """
    with changing(folder, context) as change:
        trial = change.trial
        if trial.mode is Mode.OPEN_LABEL:
            raise EntryError(f"{trial.name} is open_label, so it has no kits")
        code = read_kit_code(typed)
        today = trial.study_date(context.now())
        period = _period(trial, context)
        planned = period.kit if period is not None else None
        if code == planned and period is not None:
            event = events.KitOpened(period=period.index, kit=code, on=today.isoformat())
            return change.record(event, key=f"kit/{period.index}/{code}")
        place = _place(trial, code)
        now = f"the box of this period is {planned}" if planned else "no box is open today"
        if not taken:
            raise EntryError(
                f"{code} {place}. Put it back unopened; {now}. If it was taken from already, say so with --taken"
            )
        when = today.isoformat() if period is None else period.index
        if period is not None:
            change.record(
                events.KitOpened(period=period.index, kit=code, on=today.isoformat()),
                key=f"kit/{when}/{code}",
            )
        return change.record(
            events.DeviationRecorded(
                text=f"{code} was opened; it {place}, {now}.",
                category="wrong_kit",
                on=today.isoformat(),
                period=period.index if period else None,
            ),
            key=f"kit/{when}/{code}/wrong",
        )


def kit_to_open(folder: Path, context: Context) -> KitCode | None:
    """Return the code that should be typed now; None where none is asked for.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Clock.

    Returns
    -------
    KitCode or None
        None in an open trial, outside the periods, and where a code was typed for this period.
    """
    trial = read_trial(folder)
    if trial.is_imported or trial.mode is Mode.OPEN_LABEL:
        return None
    period = _period(trial, context)
    if (
        period is None
        or trial.is_empty_on(period.index, trial.study_date(context.now()))
        or any(recorded.event.period == period.index for recorded in trial.state.of(events.KitOpened))
    ):
        return None
    return period.kit


def _period(trial: Trial, context: Context) -> Period | None:
    period = trial.period_on(trial.study_date(context.now()))
    return period if period is not None and period.kind is PeriodKind.TREATMENT else None


def _place(trial: Trial, code: KitCode) -> str:
    """Say where a kit belongs, as the rest of a sentence."""
    periods = {period.kit: period.index for period in trial.schedule.periods if period.kit}
    if code in periods:
        return f"is for period {periods[code]}"
    part = part_with_kit(trial, code)
    kit = part.public.kit(code) if part is not None else None
    if kit is None:
        raise EntryError(f"{code} is not a kit of this trial; read the label again")
    return f"is of spare block {kit.block}" if kit.is_spare else "is for no period that is left"
