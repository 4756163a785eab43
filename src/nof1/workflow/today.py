"""What is due on a day: the box to open, the sessions, what is done. A condition is named in open_label alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import Stage
from nof1.terms import Mode, PeriodKind
from nof1.workflow.openings import guesses_due
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
    asks_guess : int or None
        The last period whose end has come, where nothing was guessed about it.
    asks_expectation : bool
        The trial is open, and what the person expects was not told yet.
    condition : str or None
        What is taken, in open_label alone.
    taken_at : tuple of str
        When the dose of the day is planned, where all conditions have the same times.
    constants : tuple of str
        What is taken in every period.
    sessions : tuple of DueSession
        In order.
    starts_on, ends_on : date
        First and last day of the trial.
    takes_scores : bool
        It is not locked.
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
    asks_guess: int | None
    asks_expectation: bool
    condition: str | None
    taken_at: tuple[str, ...]
    constants: tuple[str, ...]
    sessions: tuple[DueSession, ...]
    starts_on: date
    ends_on: date
    takes_scores: bool
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
        asks_guess=_asks_guess(trial, day),
        asks_expectation=trial.mode is Mode.OPEN_LABEL and not trial.state.of(events.ExpectationRecorded),
        condition=_open_condition(trial, period),
        taken_at=shared_times(trial) if period and period.kind is PeriodKind.TREATMENT else (),
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
        takes_scores=trial.state.position.stage is Stage.RUNNING,
        is_paused=trial.state.position.is_paused,
        is_stopped=trial.state.position.is_stopped,
        paused_on=schedule.paused_on,
    )


def _asks_guess(trial: Trial, day: date) -> int | None:
    """Return the last period that is over, or ends today, where nothing was guessed about it."""
    over = [p.index for p in trial.schedule.periods if p.kind is PeriodKind.TREATMENT and p.ends_on <= day]
    return over[-1] if over and over[-1] in guesses_due(trial, day) else None


def shared_times(trial: Trial) -> tuple[str, ...]:
    """Return the times of the doses; none where conditions differ, since that would tell which one it is.

    Parameters
    ----------
    trial : Trial
        Any.

    Returns
    -------
    tuple of str
        As the protocol has them.
    """
    every = {condition.times for condition in trial.protocol.conditions.values()}
    return every.pop() if len(every) == 1 else ()


def _open_condition(trial: Trial, period: Period | None) -> str | None:
    if period is None or period.kind is not PeriodKind.TREATMENT or trial.mode is not Mode.OPEN_LABEL:
        return None
    code = trial.open_sequence[period.index - 1]
    condition = trial.protocol.conditions[code]
    taken = ", ".join(condition.times)
    return " ".join(filter(None, (condition.name, condition.dose, f"at {taken}" if taken else None)))
