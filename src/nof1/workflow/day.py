"""What the page may know of a trial: places in the calendar, codes of kits, what is done. No value, no condition.

Everything that a template is given is made here or in `steps`, so that what could name a condition beside a kit has no
way to the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import Stage
from nof1.terms import Mode, PeriodKind
from nof1.workflow.record import state_of_doses
from nof1.workflow.steps import SessionSteps, require_begun, session_of, sessions_now, steps_of
from nof1.workflow.today import Today, shared_times, today_of
from nof1.workflow.trial import RECEIPT_LENGTH, Trial, read_trial
from nof1.workflow.watch import Told, told_with

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Intakes:
    """What is to be taken today.

    Attributes
    ----------
    times : tuple of str
        Times of day, as the protocol writes them; empty where they differ between conditions.
    n_taken, n_left_out : int
        Recorded for today.
    last_at : datetime or None
        Local time of the last that was recorded.
    based_on : str
        State of the record: another window may have added one meanwhile.
    """

    times: tuple[str, ...]
    n_taken: int
    n_left_out: int
    last_at: datetime | None
    based_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPage:
    """One day, for the page.

    Attributes
    ----------
    today : Today
        Calendar, kit, rest; its condition is None unless the trial is open_label.
    now : datetime
        Local time.
    n_days, n_periods, period_days : int
        Of the plan.
    stage : str
        How far the trial has come.
    is_simulated : bool
        Its clock or its chance were not real.
    sessions : tuple of SessionSteps
        What can be done now.
    intakes : Intakes or None
        None: nothing is taken today.
    guesses_due : tuple of int
        Periods about which no guess was made and that are about to end, or have.
    next_on : date or None
        The next day with a session.
    emergency_contact : str or None
        Of the protocol.
    """

    today: Today
    now: datetime
    n_days: int
    n_periods: int
    period_days: int
    stage: str
    is_simulated: bool
    sessions: tuple[SessionSteps, ...]
    intakes: Intakes | None
    guesses_due: tuple[int, ...]
    next_on: date | None
    emergency_contact: str | None

    @property
    def is_running(self) -> bool:
        """Whether scores can be entered."""
        return self.stage == Stage.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodProgress:
    """A period on the way.

    Attributes
    ----------
    index : int
        From 1; 0: the run-in.
    kind : PeriodKind
        What its days are for.
    starts_on, ends_on : date
        First and last day.
    n_days : int
        Length.
    n_due, n_done : int
        Sessions until today, and those that are complete.
    is_now : bool
        Today lies in it.
    is_over : bool
        It has ended.
    """

    index: int
    kind: PeriodKind
    starts_on: date
    ends_on: date
    n_days: int
    n_due: int
    n_done: int
    is_now: bool
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a trial has come, without a score and without a kit.

    Attributes
    ----------
    title : str
        Of the protocol.
    day, n_days : int
        Study day and the last one.
    periods : tuple of PeriodProgress
        In order of time.
    n_due, n_done : int
        Sessions until today, and those that are complete.
    n_doses, n_left_out, n_events, n_guesses, n_notes : int
        What else was recorded.
    ends_on : date
        Last day.
    """

    title: str
    day: int
    n_days: int
    periods: tuple[PeriodProgress, ...]
    n_due: int
    n_done: int
    n_doses: int
    n_left_out: int
    n_events: int
    n_guesses: int
    n_notes: int
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a receipt stands for.

    Attributes
    ----------
    receipt : str
        First digits of the event's name.
    at : datetime
        Local time at which it was saved.
    flags : tuple of str
        Of scores.
    told : tuple of Told
        Stop rules of the participant's own that it met.
    """

    receipt: str
    at: datetime
    flags: tuple[str, ...]
    told: tuple[Told, ...] = ()


def day_page(folder: Path, context: Context) -> DayPage:
    """Say what a person needs on the day, for the page.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Clock.

    Returns
    -------
    DayPage
        Without any value.

    Raises
    ------
    StageError
        If the trial was run elsewhere.
    """
    trial = read_trial(folder)
    now = context.now()
    today = today_of(trial, trial.study_date(now))
    schedule = trial.schedule
    periods = [p for p in schedule.periods if p.kind is PeriodKind.TREATMENT]
    safety = trial.protocol.safety
    upcoming = (
        s.on
        for s in schedule.sessions
        if s.on > today.on and (trial.waits_from is None or s.on < trial.waits_from)
    )
    return DayPage(
        today=today,
        now=trial.local(now),
        n_days=schedule.day_number(trial.ends_on),
        n_periods=len(periods),
        period_days=trial.protocol.design.period_days,
        stage=trial.state.position.stage.value,
        is_simulated=trial.registration.simulated,
        sessions=sessions_now(trial, now),
        intakes=_intakes(trial, today),
        guesses_due=guesses_due(trial, now),
        next_on=next(upcoming, None),
        emergency_contact=safety.emergency_contact if safety else None,
    )


def session_page(folder: Path, number: int, context: Context) -> SessionSteps:
    """Say what a session consists of.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    number : int
        From 1.
    context : Context
        Clock.

    Returns
    -------
    SessionSteps
        Without any value.

    Raises
    ------
    EntryError
        If there is no such session, or its day has not come.
    """
    trial = read_trial(folder)
    session = session_of(trial, number)
    require_begun(trial, session, context.now())
    return steps_of(trial, session, context.now())


def progress_page(folder: Path, context: Context) -> Progress:
    """Say how far a trial has come.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Clock.

    Returns
    -------
    Progress
        Without a score and without a kit.
    """
    trial = read_trial(folder)
    now = context.now()
    today = trial.study_date(now)
    schedule = trial.schedule
    due = [
        s
        for s in schedule.sessions
        if s.on <= today and (trial.waits_from is None or s.on < trial.waits_from)
    ]
    done = {s.number for s in due if steps_of(trial, s, now).is_done}
    doses = trial.state.of(events.DoseRecorded)
    return Progress(
        title=trial.protocol.title,
        day=schedule.day_number(today),
        n_days=schedule.day_number(trial.ends_on),
        periods=tuple(
            PeriodProgress(
                index=p.index,
                kind=p.kind,
                starts_on=p.starts_on,
                ends_on=p.ends_on,
                n_days=p.n_days,
                n_due=sum(s.on in p for s in due),
                n_done=sum(s.on in p for s in due if s.number in done),
                is_now=today in p,
                is_over=p.ends_on < today,
            )
            for p in schedule.periods
        ),
        n_due=len(due),
        n_done=len(done),
        n_doses=sum(r.event.taken for r in doses),
        n_left_out=sum(not r.event.taken for r in doses),
        n_events=len(trial.state.of(events.AdverseEventRecorded)),
        n_guesses=len(trial.state.of(events.GuessRecorded)),
        n_notes=len(trial.state.of(events.NoteRecorded)),
        ends_on=trial.ends_on,
    )


def guesses_due(trial: Trial, now: datetime) -> tuple[int, ...]:
    """Return the periods about which a guess is due: asked from the last day on, once, before anything is opened.

    Parameters
    ----------
    trial : Trial
        As it stands.
    now : datetime
        The time [aware].

    Returns
    -------
    tuple of int
        From 1.
    """
    if trial.protocol.blinding.guess == "none" or trial.mode is Mode.OPEN_LABEL:
        return ()
    today = trial.study_date(now)
    made = {r.event.period for r in trial.state.of(events.GuessRecorded)}
    return tuple(
        p.index
        for p in trial.schedule.periods
        if p.kind is PeriodKind.TREATMENT and p.ends_on <= today and p.index not in made
    )


def saved_as(folder: Path, receipt: str) -> Saved | None:
    """Return what a receipt stands for.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    receipt : str
        First digits of an event's name.

    Returns
    -------
    Saved or None
        None: there is no such event.
    """
    if len(receipt) != RECEIPT_LENGTH or not receipt.isalnum():
        return None
    trial = read_trial(folder)
    for recorded in trial.state.records:
        if recorded.event_id.startswith(receipt):
            flags = getattr(recorded.event, "flags", ())
            return Saved(
                receipt=receipt,
                at=trial.local(recorded.recorded_at),
                flags=tuple(flags),
                told=told_with(trial, recorded.seq),
            )
    return None


def _intakes(trial: Trial, today: Today) -> Intakes | None:
    if today.kind is not PeriodKind.TREATMENT:
        return None
    times = shared_times(trial)
    held = [r for r in trial.state.of(events.DoseRecorded) if r.event.taken_on == today.on.isoformat()]
    if not times and not held and trial.mode is Mode.OPEN_LABEL:
        return None
    last = held[-1].event.taken_at if held else None
    return Intakes(
        times=times,
        n_taken=sum(r.event.taken for r in held),
        n_left_out=sum(not r.event.taken for r in held),
        last_at=trial.local(datetime.fromisoformat(last)) if last else None,
        based_on=state_of_doses(trial, today.on),
    )
