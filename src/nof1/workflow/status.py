"""Where a trial stands, and which trials there are. Conditions only in open_label."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.errors import Nof1Error
from nof1.files.workspace import trial_names
from nof1.scores.columns import column_of
from nof1.scores.practice import PracticeCurve, practice_curve
from nof1.terms import PeriodKind, ScoreName
from nof1.workflow.parts import parts_of
from nof1.workflow.tables import locked_tables
from nof1.workflow.trial import Trial, other_record, read_trial

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from nof1.audit.scores import ScoreHistory
    from nof1.scores.locked_tables import ScoreRow
    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a trial stands.

    Attributes
    ----------
    name, title, mode, stage : str
        What it is and how far it has come.
    is_paused, is_stopped, is_simulated, is_imported : bool
        Its course.
    day, n_days : int or None
        Study day today and the last one planned.
    period, n_periods : int or None
        Period today (0: run-in) and how many are planned.
    ends_on : date or None
        Last planned day.
    n_due, n_entered, n_late, n_corrected, n_conflicts : int
        Planned scores up to today, and what is known of them.
    head : str
        Head of the chain.
    warning : str or None
        What heads.txt says against this record; nothing more can be locked, opened or reported then.
    published : tuple of str
        The lines to publish before the first dose, one for each draw; empty for an imported trial.
    practice : PracticeCurve or None
        How much the last sessions of the run-in still gained; None where the protocol does not watch it.
    practice_score : str or None
        The score that it watches.
    """

    name: str
    title: str
    mode: str
    stage: str
    is_paused: bool
    is_stopped: bool
    is_simulated: bool
    is_imported: bool
    day: int | None
    n_days: int | None
    period: int | None
    n_periods: int | None
    ends_on: date | None
    n_due: int
    n_entered: int
    n_late: int
    n_corrected: int
    n_conflicts: int
    head: str
    warning: str | None
    published: tuple[str, ...]
    practice: PracticeCurve | None
    practice_score: str | None


def trial_status(folder: Path, context: Context) -> Status:
    """Say where a trial stands.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Clock.

    Returns
    -------
    Status
        Without scores and, unless open_label, without conditions.
    """
    return _status(read_trial(folder), context)


def entered_scores(folder: Path) -> tuple[tuple[ScoreHistory, str], ...]:
    """Return every score that was entered, with all its values, and its receipt.

    Parameters
    ----------
    folder : Path
        The trial's folder.

    Returns
    -------
    tuple of (ScoreHistory, str)
        In the order of entry.
    """
    trial = read_trial(folder)
    return tuple((score, trial.receipt(score)) for score in trial.state.scores)


def all_trials(context: Context) -> tuple[Status | tuple[str, str], ...]:
    """Say where all trials of the workspace stand.

    Parameters
    ----------
    context : Context
        Workspace and clock.

    Returns
    -------
    tuple of (Status or (name, problem))
        By name; a trial that cannot be read is named with the reason, and the others are told all the same.
    """
    told: list[Status | tuple[str, str]] = []
    for name in trial_names(context.workspace):
        try:
            told.append(trial_status(context.workspace / "data" / name, context))
        except (Nof1Error, ValueError, OverflowError) as error:
            told.append((name, str(error)))
    return tuple(told)


def _status(trial: Trial, context: Context) -> Status:
    state = trial.state
    begun = trial.registration
    rows = locked_tables(trial).scores
    day = n_days = period = n_periods = None
    ends_on = None
    if isinstance(begun, events.TrialRandomized):
        today = trial.study_date(context.now())
        schedule = trial.schedule
        ends_on = trial.ends_on
        n_days = schedule.day_number(ends_on)
        day = schedule.day_number(today)
        treatment = [p for p in schedule.periods if p.kind == "treatment"]
        n_periods = len(treatment)
        period = trial.period_number(today)
        waits_from = schedule.day_number(trial.waits_from) if trial.waits_from else None
        rows = tuple(
            row
            for row in rows
            if row.day is not None and row.day <= day and (waits_from is None or row.day < waits_from)
        )
    return Status(
        name=trial.name,
        title=trial.protocol.title,
        mode=trial.mode.value,
        stage=state.position.stage.value,
        is_paused=state.position.is_paused,
        is_stopped=state.position.is_stopped,
        is_simulated=trial.is_simulated,
        is_imported=trial.is_imported,
        day=day,
        n_days=n_days,
        period=period,
        n_periods=n_periods,
        ends_on=ends_on,
        n_due=len(rows),
        n_entered=len(rows) - column_of(rows, "value").count(None),
        n_late=sum(column_of(rows, "late")),
        n_corrected=len(state.scores.corrected),
        n_conflicts=len(state.conflicts),
        head=state.records[-1].hash,
        warning=_warning(trial),
        published=tuple(part.drawn.published_line for part in parts_of(trial)),
        practice=_practice(trial, rows),
        practice_score=_watched(trial),
    )


def _warning(trial: Trial) -> str | None:
    try:
        return other_record(trial)
    except Nof1Error as error:
        return str(error)


def _watched(trial: Trial) -> str | None:
    run_in = trial.protocol.design.run_in
    return run_in.stop_when.score if run_in is not None and run_in.stop_when is not None else None


def _practice(trial: Trial, rows: Sequence[ScoreRow]) -> PracticeCurve | None:
    """Look at the run-in alone: no condition was taken in it, so its scores tell of none."""
    run_in = trial.protocol.design.run_in
    watched = run_in.stop_when if run_in is not None else None
    if watched is None:
        return None
    values = [
        (row.session, Decimal(row.value))
        for row in rows
        if row.kind is PeriodKind.RUN_IN and row.score == watched.score and row.value is not None
    ]
    better = trial.specs[ScoreName(watched.score)].better
    return practice_curve(values, better, slope_below=Decimal(watched.slope_below), last=watched.last)
