"""What entering by name and entering from a file share: the occasion, what is stored already, moments with a zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.errors import EntryError
from nof1.scores.moments import Moment, read_moment
from nof1.scores.occasion import find_occasion
from nof1.terms import ScoreName
from nof1.workflow.trial import Trial, read_trial

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nof1.audit.history import ScoreHistory
    from nof1.scores.model import Score
    from nof1.scores.occasion import Occasion
    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReceipt:
    """What was saved.

    Attributes
    ----------
    n_saved : int
        Scores that are now stored by this call.
    n_known : int
        Scores that had been stored before, with the same value.
    sessions : tuple of int
        The sessions they belong to.
    flags : tuple of str
        ``late``, ``outside_window``, ``unplanned``.
    receipt : str
        First digits of the event's name; `correct` takes them.
    saved_at : datetime
        Local time of the first saving.
    """

    n_saved: int
    n_known: int
    sessions: tuple[int, ...]
    flags: tuple[str, ...]
    receipt: str
    saved_at: datetime


def read_when(folder: Path, text: str, context: Context) -> datetime:
    """Read a moment as a person types it.

    Parameters
    ----------
    folder : Path
        The trial's folder, for its zone.
    text : str
        ``HH:MM`` of today, or a date with a time, with or without offset.
    context : Context
        Clock.

    Returns
    -------
    datetime
        Aware.

    Raises
    ------
    EntryError
        If it is no time, or does not exist because clocks were moved.
    """
    trial = read_trial(folder)
    if len(text) <= 5 and ":" in text:
        text = f"{trial.local(context.now()).date()} {text.zfill(5)}"
    return aware(trial, read_moment(text))


def occasion_of(
    trial: Trial,
    name: str,
    moment: datetime,
    context: Context,
    taken: Mapping[tuple[str, int], int] | None = None,
) -> Occasion:
    """Find the occasion to which a measurement belongs.

    Parameters
    ----------
    trial : Trial
        As it stands.
    name : str
        The score.
    moment : datetime
        When it was measured [aware].
    context : Context
        Clock.
    taken : mapping, optional
        Sessions that the same file has filled already, by score and session.

    Returns
    -------
    Occasion
        With its flags.
    """
    return find_occasion(
        trial.sessions_of[ScoreName(name)],
        moment,
        on=trial.study_date(moment),
        recorded_at=context.now(),
        is_taken=lambda s: (name, s.number) in trial.entered or (name, s.number) in (taken or {}),
    )


def stored_at(trial: Trial, score: Score, occasion: Occasion, moment: datetime) -> ScoreHistory | None:
    """Return what is stored for the same occasion.

    Parameters
    ----------
    trial : Trial
        As it stands.
    score : Score
        A score that somebody wants to enter.
    occasion : Occasion
        Where it belongs.
    moment : datetime
        When it was measured [aware]; tells unplanned scores apart.

    Returns
    -------
    ScoreHistory or None
        None: nothing.
    """
    if occasion.session is not None:
        return trial.entered.get((score.name, occasion.session.number))
    return next(
        (
            held
            for held in trial.state.scores
            if held.entry.session is None
            and held.entry.score == score.name
            and held.entry.observed_at == utc_seconds(moment)
        ),
        None,
    )


def says_again(held: ScoreHistory, score: Score) -> bool:
    """Whether a score says again what is stored, or was before a correction.

    Parameters
    ----------
    held : ScoreHistory
        What is stored.
    score : Score
        What somebody wants to enter.

    Returns
    -------
    bool
        True: nothing needs to be stored.
    """
    return score.value in {version.value for version in held.versions}


def score_row(trial: Trial, score: Score, occasion: Occasion, moment: datetime) -> events.ScoreRow:
    """Return a score with everything that is known about its measurement.

    Parameters
    ----------
    trial : Trial
        Its zone and its calendar.
    score : Score
        Name and value.
    occasion : Occasion
        Where it belongs.
    moment : datetime
        When it was measured [aware].

    Returns
    -------
    ScoreRow
        As the store keeps it.
    """
    local = trial.local(moment)
    return events.ScoreRow(
        score=score.name,
        session=occasion.session.number if occasion.session else None,
        day=trial.schedule.day_number(trial.study_date(moment)),
        observed_at=utc_seconds(moment),
        observed_local=local.replace(tzinfo=None).isoformat(timespec="seconds"),
        observed_offset=offset_text(local),
        value=score.value,
        missing_reason=score.missing_reason.value if score.missing_reason else None,
        flags=occasion.flags,
    )


def aware(trial: Trial, moment: Moment) -> datetime:
    """Return a moment with its zone; a date alone is taken at noon.

    Parameters
    ----------
    trial : Trial
        Its zone at home.
    moment : Moment
        As it was written.

    Returns
    -------
    datetime
        Aware.

    Raises
    ------
    EntryError
        If clocks skipped that time.
    """
    at = moment.at
    if at is None:
        at = datetime.combine(moment.on, datetime.min.time()).replace(hour=12)
    if at.tzinfo is not None:
        return at
    aware = at.replace(tzinfo=trial.zone)
    if aware.astimezone(UTC).astimezone(trial.zone).replace(tzinfo=None) != at:
        raise EntryError(
            f"{moment.text} does not exist in {trial.zone.key}: clocks were moved forward then; give the offset, such as +02:00"
        )
    return aware


def utc_seconds(moment: datetime) -> str:
    """Write a moment as UTC, to the second.

    Parameters
    ----------
    moment : datetime
        Aware.

    Returns
    -------
    str
        ISO 8601 with a final ``Z``.
    """
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def offset_text(local: datetime) -> str:
    """Write how far a local time is from UTC.

    Parameters
    ----------
    local : datetime
        Aware.

    Returns
    -------
    str
        Such as ``+02:00``.
    """
    text = f"{local:%z}"
    return f"{text[:3]}:{text[3:5]}"
