"""What entering by name and entering from a file share: the occasion, what is stored already, moments with a zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.errors import EntryError
from nof1.scores.checks import MISSING_REASONS
from nof1.scores.moments import Moment, read_moment
from nof1.scores.occasion import find_occasion
from nof1.terms import MissingReason, ScoreName
from nof1.workflow.trial import Trial, read_trial

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nof1.audit.scores import ScoreHistory
    from nof1.scores.model import Score
    from nof1.scores.occasion import Occasion
    from nof1.workflow.context import Context
    from nof1.workflow.watch import Told

_REASONS = [reason for reason in MISSING_REASONS if reason != MissingReason.NOT_GIVEN]
SAY_WHY = f"write a value, or why it is missing: {', '.join(_REASONS)}"
"""What to do about an empty value: it may be a slip, so it declares nothing."""
SLACK = timedelta(minutes=5)
"""Clocks differ: what lies less than this ahead has come."""


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
    told : tuple of Told
        Limits of the participant's own that were reached; what was entered is saved all the same.
    """

    n_saved: int
    n_known: int
    sessions: tuple[int, ...]
    flags: tuple[str, ...]
    receipt: str
    saved_at: datetime
    told: tuple[Told, ...] = ()


def read_when(folder: Path, text: str, context: Context) -> datetime:
    """Read a moment as a person types it.

    Parameters
    ----------
    folder : Path
        The trial's folder, for its zone.
    text : str
        ``HH:MM`` of today (after midnight also of the evening before, until the day turns), or a date with a time,
        with or without offset.
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
    if len(text) > 5 or ":" not in text:
        return aware(trial, read_moment(text))
    now = context.now()
    today = trial.local(now).date()
    moment = aware(trial, read_moment(f"{today} {text.zfill(5)}"))
    if moment > now + SLACK:
        # After midnight the day before has not turned yet: 23:50 was an hour ago.
        earlier = aware(trial, read_moment(f"{today - timedelta(days=1)} {text.zfill(5)}"))
        if trial.study_date(earlier) == trial.study_date(now):
            return earlier
    return moment


def require_past(trial: Trial, moment: datetime, now: datetime) -> None:
    """Refuse what has not happened yet.

    Parameters
    ----------
    trial : Trial
        Its zone.
    moment : datetime
        When it is said to have happened [aware].
    now : datetime
        The time [aware].

    Raises
    ------
    EntryError
        If it lies in the future; clocks that differ by some minutes do no harm.
    """
    if moment > now + SLACK:
        raise EntryError(
            f"{trial.local(moment):%Y-%m-%d %H:%M} has not come yet; give the time at which it happened"
        )


def condition_codes(folder: Path) -> tuple[str, ...]:
    """Return the codes of the conditions of a trial.

    Parameters
    ----------
    folder : Path
        The trial's folder.

    Returns
    -------
    tuple of str
        In the order of the protocol.
    """
    return tuple(read_trial(folder).protocol.conditions)


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


def stored_at(
    trial: Trial, score: Score, occasion: Occasion, moment: datetime, *, day_alone: bool = False
) -> ScoreHistory | None:
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
    day_alone : bool
        Of the moment only the day is known.

    Returns
    -------
    ScoreHistory or None
        None: nothing.
    """
    if occasion.session is not None:
        return trial.entered.get((score.name, occasion.session.number))
    when = _when(trial, moment, day_alone=day_alone)
    return next(
        (
            held
            for held in trial.state.scores
            if held.entry.session is None
            and held.entry.score == score.name
            and (held.entry.observed_at, held.entry.observed_local) == when[:2]
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
    if score.value is not None:
        return score.value in {version.value for version in held.versions}
    reasons = {version.missing_reason for version in held.versions if version.value is None}
    # An empty cell says no more than that there is no value.
    return bool(reasons) and score.missing_reason in {*reasons, MissingReason.OTHER, MissingReason.NOT_GIVEN}


def place_of(trial: Trial, held: ScoreHistory) -> str:
    """Return what `correct` takes to find a score.

    Parameters
    ----------
    trial : Trial
        As it stands.
    held : ScoreHistory
        What is stored.

    Returns
    -------
    str
        The number of its session, or its receipt, such as ``12`` or ``3f09a1c7``.
    """
    return str(held.entry.session) if held.entry.session is not None else trial.receipt(held)


def score_row(
    trial: Trial, score: Score, occasion: Occasion, moment: datetime, *, day_alone: bool = False
) -> events.ScoreRow:
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
    day_alone : bool
        Of the moment only the day is known: no time is made up, and none lies outside a window.

    Returns
    -------
    ScoreRow
        As the store keeps it.
    """
    observed_at, observed_local, observed_offset = _when(trial, moment, day_alone=day_alone)
    return events.ScoreRow(
        score=score.name,
        session=occasion.session.number if occasion.session else None,
        day=trial.schedule.day_number(trial.study_date(moment)),
        observed_at=observed_at,
        observed_local=observed_local,
        observed_offset=observed_offset,
        value=score.value,
        missing_reason=score.missing_reason.value if score.missing_reason else None,
        flags=tuple(flag for flag in occasion.flags if not (day_alone and flag == "outside_window")),
    )


def aware(trial: Trial, moment: Moment) -> datetime:
    """Return a moment with its zone; a day alone is placed by its noon.

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


def _when(trial: Trial, moment: datetime, *, day_alone: bool) -> tuple[str | None, str, str | None]:
    """Return UTC, local text and offset, as far as they are known."""
    local = trial.local(moment)
    if day_alone:
        return None, local.date().isoformat(), None
    return (
        utc_seconds(moment),
        local.replace(tzinfo=None).isoformat(timespec="seconds"),
        offset_text(local),
    )
