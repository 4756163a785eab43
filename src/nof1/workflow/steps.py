"""What a planned session consists of, step by step: what is done, what can be done, what has to wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from nof1.battery.catalogue import CATALOGUE, minutes_of, params_of, planned_scores, scores_of_part
from nof1.errors import EntryError
from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from nof1.protocol.model import Instrument
    from nof1.schedule.calendar import Session
    from nof1.workflow.trial import Trial

Kind = Literal["task", "ratings", "questionnaire", "external"]
_IN_PROGRESS = timedelta(hours=6)
"""A session that was touched less than this ago goes on, also after the day has turned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One instrument, or one part of it, in a session.

    Attributes
    ----------
    part : str
        As the schedule names it: ``wm``, ``words:delayed``.
    instrument, which : str
        The instrument, and the part; empty where it has none.
    kind : str
        ``task``, ``ratings``, ``questionnaire`` or ``external``.
    task : str or None
        Of the catalogue.
    label : str
        In plain words.
    minutes : Decimal
        How long it takes.
    is_done : bool
        All its planned scores are there, or a run came to its end.
    n_aborted : int
        Runs that were not finished.
    opens_at, closes_at : datetime or None
        A later part: when it comes, local time; None before the first part was done, and where nothing waits.
    waits_for : str or None
        The part that must come first and is not done.
    """

    part: str
    instrument: str
    which: str
    kind: Kind
    task: str | None
    label: str
    minutes: Decimal
    is_done: bool
    n_aborted: int
    opens_at: datetime | None
    closes_at: datetime | None
    waits_for: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSteps:
    """A planned session.

    Attributes
    ----------
    number : int
        From 1.
    is_practice : bool
        It belongs to the run-in.
    at, opens, closes : datetime or None
        Local times; `at` is None where any time will do.
    is_catching_up : bool
        Planned for an earlier day of the run-in.
    steps : tuple of Step
        In the order in which they are given.
    """

    number: int
    is_practice: bool
    at: datetime | None
    opens: datetime
    closes: datetime
    is_catching_up: bool
    steps: tuple[Step, ...]

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return all(step.is_done for step in self.steps)

    @property
    def n_done(self) -> int:
        """How many steps are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def minutes(self) -> Decimal:
        """How long what is left takes."""
        return sum((step.minutes for step in self.steps if not step.is_done), Decimal(0))

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done; None: all are."""
        return next((step for step in self.steps if not step.is_done), None)


def session_of(trial: Trial, number: int) -> Session:
    """Return a planned session.

    Parameters
    ----------
    trial : Trial
        As it stands.
    number : int
        From 1.

    Returns
    -------
    Session
        Of the schedule.

    Raises
    ------
    EntryError
        If there is none.
    """
    found = next((s for s in trial.schedule.sessions if s.number == number), None)
    if found is None:
        raise EntryError(f"the trial has no session {number}; go back to Today")
    return found


def require_begun(trial: Trial, session: Session, now: datetime) -> None:
    """Refuse a session whose day has not come.

    Parameters
    ----------
    trial : Trial
        Its zone.
    session : Session
        Of the schedule.
    now : datetime
        The time [aware].

    Raises
    ------
    EntryError
        If it lies on a later day.
    """
    if session.on > trial.study_date(now):
        raise EntryError(f"session {session.number} is planned for {session.on}; it has not come yet")


def steps_of(trial: Trial, session: Session, now: datetime) -> SessionSteps:
    """Say what a session consists of, and what of it is done.

    Parameters
    ----------
    trial : Trial
        As it stands.
    session : Session
        Of the schedule.
    now : datetime
        The time [aware].

    Returns
    -------
    SessionSteps
        Without any value.
    """
    return SessionSteps(
        number=session.number,
        is_practice=session.kind is PeriodKind.RUN_IN,
        at=session.at,
        opens=session.opens,
        closes=session.closes,
        is_catching_up=session.kind is PeriodKind.RUN_IN and session.on < trial.study_date(now),
        steps=tuple(_step(trial, session, part) for part in session.due),
    )


def sessions_now(trial: Trial, now: datetime) -> tuple[SessionSteps, ...]:
    """Return the sessions that can be done now: those of the day, and one that was missed in the run-in.

    Parameters
    ----------
    trial : Trial
        As it stands.
    now : datetime
        The time [aware].

    Returns
    -------
    tuple of SessionSteps
        In order; also one that is under way while the day has turned.
    """
    today = trial.study_date(now)
    found = list(trial.sessions_on(today))
    earlier = [s for s in trial.schedule.sessions if s.on < today]
    found = [s for s in earlier if _is_under_way(trial, s, now)] + found
    period = trial.period_on(today)
    if not found and period is not None and period.kind is PeriodKind.RUN_IN:
        missed = (s for s in earlier if s.kind is PeriodKind.RUN_IN)
        found += [s for s in missed if not steps_of(trial, s, now).n_done][:1]
    return tuple(steps_of(trial, s, now) for s in found)


def occasion_number(trial: Trial, session: Session, instrument: str) -> int:
    """Count how many planned sessions up to one contain an instrument: what may not come twice is dealt by it.

    Parameters
    ----------
    trial : Trial
        As it stands.
    session : Session
        Of the schedule.
    instrument : str
        What the protocol calls it.

    Returns
    -------
    int
        From 1.
    """
    return sum(
        any(part.partition(":")[0] == instrument for part in s.due)
        for s in trial.schedule.sessions
        if s.number <= session.number
    )


def _step(trial: Trial, session: Session, part: str) -> Step:
    name, _, which = part.partition(":")
    instrument = trial.protocol.instruments[name]
    runs = trial.runs.get((session.number, part), ())
    waits_for, opens_at, closes_at = _delay(trial, session, name, which)
    return Step(
        part=part,
        instrument=name,
        which=which,
        kind=_kind(instrument),
        task=instrument.task,
        label=label_of(name, instrument, which),
        minutes=minutes_of(trial.protocol, part),
        is_done=_is_done(trial, session, part),
        n_aborted=sum(r.event.ended == "aborted" for r in runs),
        opens_at=opens_at,
        closes_at=closes_at,
        waits_for=waits_for,
    )


def label_of(name: str, instrument: Instrument, which: str = "") -> str:
    """Call an instrument by words that a person knows.

    Parameters
    ----------
    name : str
        What the protocol calls it.
    instrument : Instrument
        What it is.
    which : str
        A part of it, or empty.

    Returns
    -------
    str
        Such as ``Vigilance test``, or ``Word list: delayed``.
    """
    if instrument.task is not None:
        label = CATALOGUE.tasks[instrument.task].label
    elif instrument.questionnaire is not None:
        label = CATALOGUE.questionnaires[instrument.questionnaire].label
    elif instrument.ratings is not None:
        label = f"Ratings: {name.replace('_', ' ')}"
    else:
        label = name.replace("_", " ").capitalize()
    return f"{label}: {which}" if which else label


def _kind(instrument: Instrument) -> Kind:
    if instrument.task is not None:
        return "task"
    if instrument.ratings is not None:
        return "ratings"
    return "questionnaire" if instrument.questionnaire is not None else "external"


def _is_done(trial: Trial, session: Session, part: str) -> bool:
    planned = planned_scores(trial.protocol, part)
    if planned and all((name, session.number) in trial.entered for name in planned):
        return True
    return any(r.event.ended == "complete" for r in trial.runs.get((session.number, part), ()))


def _delay(
    trial: Trial, session: Session, name: str, which: str
) -> tuple[str | None, datetime | None, datetime | None]:
    """Say what a later part waits for, and between which times it comes."""
    instrument = trial.protocol.instruments[name]
    parts = CATALOGUE.tasks[instrument.task].parts if instrument.task else ()
    if not which or not parts or which == parts[0] or f"{name}:{parts[0]}" not in session.due:
        return None, None, None
    first = f"{name}:{parts[0]}"
    ended = _ended_at(trial, session, first)
    if ended is None:
        return first, None, None
    delay = params_of(instrument).get("delay_min")
    if not isinstance(delay, tuple):
        return None, None, None
    low, high = (timedelta(minutes=float(one)) for one in delay)
    return None, trial.local(ended + low), trial.local(ended + high)


def _ended_at(trial: Trial, session: Session, part: str) -> datetime | None:
    for recorded in trial.runs.get((session.number, part), ()):
        if recorded.event.ended == "complete":
            return datetime.fromisoformat(recorded.event.finished_at)
    names = scores_of_part(trial.protocol, part)
    held = (trial.entered.get((name, session.number)) for name in names)
    return next((one.versions[0].recorded_at for one in held if one is not None), None)


def _is_under_way(trial: Trial, session: Session, now: datetime) -> bool:
    """Whether something of an earlier session was done just now, and something is left."""
    touched = [
        score.versions[0].recorded_at
        for (_, number), score in trial.entered.items()
        if number == session.number
    ]
    touched += [r.recorded_at for part in session.due for r in trial.runs.get((session.number, part), ())]
    return bool(touched) and now - max(touched) < _IN_PROGRESS and not steps_of(trial, session, now).is_done
