"""What is due on a day: the box to open, the sessions, what is done. A condition is named in open_label alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.terms import Mode, PeriodKind
from nof1.workflow.trial import Trial, read_trial

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from nof1.schedule.calendar import Period
    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSession:
    """A session of the day.

    Attributes
    ----------
    number : int
        From 1, over the whole trial.
    instruments : tuple of str
        In the order in which they are given.
    at, opens, closes : datetime or None
        Local times.
    n_scores, n_entered : int
        Scores that are due in it, and those that are there.
    """

    number: int
    instruments: tuple[str, ...]
    at: datetime | None
    opens: datetime | None
    closes: datetime | None
    n_scores: int
    n_entered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """One day of a trial.

    Attributes
    ----------
    trial : str
        Its name.
    on : date
        The study day's date.
    day : int
        Study day, from 1; below 1 before the start.
    period, block, day_in_period : int or None
        Where the day lies.
    kind : PeriodKind or None
        None before the start and after the end.
    kit : str or None
        Code of the box in use.
    is_first_day, is_kit_open : bool
        A new box is opened today; its code was typed.
    is_kit_lost : bool
        The box of the period is lost; nothing is taken.
    asks_expectation : bool
        The trial is open, and what the person expects was not told yet.
    condition : str or None
        What is taken, in open_label alone.
    constants : tuple of str
        What is taken in every period.
    sessions : tuple of DueSession
        In order.
    starts_on, ends_on : date
        First and last day of the trial.
    is_paused, is_stopped : bool
        Its course.
    paused_on : date or None
        First day of the rest.
    """

    trial: str
    on: date
    day: int
    period: int | None
    block: int | None
    day_in_period: int | None
    kind: PeriodKind | None
    kit: str | None
    is_first_day: bool
    is_kit_open: bool
    is_kit_lost: bool
    asks_expectation: bool
    condition: str | None
    constants: tuple[str, ...]
    sessions: tuple[DueSession, ...]
    starts_on: date
    ends_on: date
    is_paused: bool
    is_stopped: bool
    paused_on: date | None


def due_today(folder: Path, context: Context, on: date | None = None) -> Today:
    """Say what is due on a day.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Clock.
    on : date or None
        Date of the study day; the present one by default.

    Returns
    -------
    Today
        Period, kit, sessions.

    Raises
    ------
    StageError
        If the trial was run elsewhere.
    """
    trial = read_trial(folder)
    return today_of(trial, on or trial.study_date(context.now()))


def today_of(trial: Trial, day: date) -> Today:
    """Say what is due on a day of a trial that was read already.

    Parameters
    ----------
    trial : Trial
        As it stands.
    day : date
        Date of the study day.

    Returns
    -------
    Today
        Period, kit, sessions.
    """
    schedule = trial.schedule
    period = trial.period_on(day)
    return Today(
        trial=trial.name,
        on=day,
        day=schedule.day_number(day),
        period=period.index if period else None,
        block=period.block if period else None,
        day_in_period=(day - period.starts_on).days + 1 if period else None,
        kind=period.kind if period else None,
        kit=period.kit if period else None,
        is_first_day=period is not None and period.starts_on == day,
        is_kit_open=period is not None
        and any(r.event.period == period.index for r in trial.state.of(events.KitOpened)),
        is_kit_lost=period is not None and trial.is_empty_on(period.index, day),
        asks_expectation=trial.mode is Mode.OPEN_LABEL and not trial.state.of(events.ExpectationRecorded),
        condition=_open_condition(trial, period),
        constants=tuple(
            " ".join(filter(None, (c.name, c.dose, "at" if c.times else "", ", ".join(c.times))))
            for c in trial.protocol.constant
        ),
        sessions=tuple(
            DueSession(
                number=session.number,
                instruments=session.due,
                at=session.at,
                opens=session.opens,
                closes=session.closes,
                n_scores=len(trial.scores_in(session)),
                n_entered=sum((name, session.number) in trial.entered for name in trial.scores_in(session)),
            )
            for session in trial.sessions_on(day)
        ),
        starts_on=schedule.start_on,
        ends_on=trial.ends_on,
        is_paused=trial.state.position.is_paused,
        is_stopped=trial.state.position.is_stopped,
        paused_on=schedule.paused_on,
    )


def _open_condition(trial: Trial, period: Period | None) -> str | None:
    begun = trial.registration
    if period is None or period.kind is not PeriodKind.TREATMENT or trial.mode is not Mode.OPEN_LABEL:
        return None
    if not isinstance(begun, events.TrialRandomized):
        return None
    code = begun.kits[period.index - 1]
    condition = trial.protocol.conditions[code]
    taken = ", ".join(condition.times)
    return " ".join(filter(None, (condition.name, condition.dose, f"at {taken}" if taken else None)))
