"""The question what a period was: conditions by name, and no kit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import require
from nof1.errors import ConflictError, EntryError
from nof1.terms import PeriodKind
from nof1.workflow.trial import read_trial

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessForm:
    """What is asked about a period.

    Attributes
    ----------
    period : int
        From 1.
    starts_on, ends_on : date
        Its days.
    conditions : tuple of (str, str)
        Codes and names of all conditions, in the order of the protocol: the same for every period.
    is_asked_by_one : bool
        There are two conditions, so one number is enough.
    """

    period: int
    starts_on: date
    ends_on: date
    conditions: tuple[tuple[str, str], ...]
    is_asked_by_one: bool


def guess_form(folder: Path, number: int, context: Context) -> GuessForm:
    """Return what is asked about a period.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    number : int
        Of the period, from 1.
    context : Context
        Clock.

    Returns
    -------
    GuessForm
        Without a kit, and without an earlier guess.

    Raises
    ------
    EntryError
        If the period has not begun.
    ConflictError
        If a guess was made already.
    StageError
        If none can be made any more.
    """
    trial = read_trial(folder)
    require(trial.state.position, events.GuessRecorded)
    today = trial.study_date(context.now())
    period = next(
        (p for p in trial.schedule.periods if p.kind is PeriodKind.TREATMENT and p.index == number), None
    )
    if period is None or period.starts_on > today:
        raise EntryError(f"period {number} has not begun; a guess is about a period that one knows")
    if any(r.event.period == number for r in trial.state.of(events.GuessRecorded)):
        raise ConflictError(
            ((f"Guess about period {number}", "made", "none yet"),),
            f"A later guess replaces it: nof1 record {trial.name} guess --period {number}",
        )
    codes = tuple((code, condition.name) for code, condition in trial.protocol.conditions.items())
    return GuessForm(
        period=number,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        conditions=codes,
        is_asked_by_one=len(codes) == 2,
    )
