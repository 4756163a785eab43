"""Take scores: by name and value, or from a CSV file; what is saved is said only when it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import require
from nof1.encoding import canonical_json, sha256_hex
from nof1.errors import EntryError, Problem, TableError
from nof1.files.tables import read_bytes
from nof1.scores.checks import read_scores
from nof1.scores.moments import DateOrder, Moment, read_moment
from nof1.scores.occasion import Occasion, find_occasion
from nof1.scores.rows import read_score_table
from nof1.terms import ScoreName
from nof1.workflow.trial import Change, Trial, changing, read_trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from nof1.audit.history import ScoreHistory
    from nof1.battery.spec import ScoreSpec
    from nof1.schedule.calendar import Session
    from nof1.scores.model import Entry, Score
    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A score that could be entered now.

    Attributes
    ----------
    spec : ScoreSpec
        Label, unit, range.
    session : Session
        The planned occasion.
    last_entered : datetime or None
        When this score was last entered, local time. The value is not told: it would pull the next one.
    """

    spec: ScoreSpec
    session: Session
    last_entered: datetime | None


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
    return _aware(trial, read_moment(text))


def due_scores(
    folder: Path, context: Context, *, at: datetime | None = None, instrument: str | None = None
) -> tuple[Due, ...]:
    """Return what is due at a moment and not yet entered.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Clock.
    at : datetime or None
        When [aware]; now by default.
    instrument : str or None
        Only its scores.

    Returns
    -------
    tuple of Due
        In the order of the battery.

    Raises
    ------
    StageError
        If no score can be entered any more.
    EntryError
        If the protocol has no such instrument.
    """
    trial = read_trial(folder)
    require(trial.state.position, events.ScoresEntered)
    if instrument is not None and instrument not in trial.protocol.instruments:
        raise EntryError(
            f"the protocol has no instrument {instrument!r}; it has {', '.join(trial.protocol.instruments)}"
        )
    moment = at or context.now()
    due: list[Due] = []
    for name, spec in trial.specs.items():
        if instrument is not None and not name.startswith(f"{instrument}."):
            continue
        session = _occasion(trial, name, moment, context).session
        if (
            session is not None
            and name in trial.scores_in(session)
            and (name, session.number) not in trial.entered
        ):
            due.append(Due(spec=spec, session=session, last_entered=_last_entered(trial, name)))
    order = {name: place for place, name in enumerate(trial.specs)}
    return tuple(sorted(due, key=lambda d: (d.session.number, order[d.spec.name])))


def enter_scores(
    folder: Path,
    given: Mapping[str, str],
    context: Context,
    *,
    at: datetime | None = None,
    instrument: str | None = None,
    prompted: bool = False,
) -> EntryReceipt:
    """Save scores that were given by name.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    given : mapping of str to str
        Name of a score to its value as typed, or to the reason why it is missing.
    context : Context
        Actor and clock.
    at : datetime or None
        When they were measured [aware]; now by default.
    instrument : str or None
        The instrument to which short names belong.
    prompted : bool
        They were asked for one by one.

    Returns
    -------
    EntryReceipt
        Said only after the commit.

    Raises
    ------
    StageError
        If no score can be entered any more.
    EntryError
        If a value cannot be, or another value is stored for the same session; nothing is saved then.
    """
    if not given:
        raise EntryError("found no score; give at least one, such as --set day.mood=7")
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.ScoresEntered)
        named = {
            f"{instrument}.{name}" if instrument and "." not in name else name: text
            for name, text in given.items()
        }
        scores = read_scores(trial.specs, named)
        moment = at or context.now()
        if moment > context.now() + timedelta(minutes=5):
            raise EntryError(
                f"{trial.local(moment):%Y-%m-%d %H:%M} has not come yet; give the time at which it was measured"
            )
        groups: dict[tuple[int | None, tuple[str, ...]], list[Score]] = {}
        known: list[ScoreHistory] = []
        problems = []
        for score in scores:
            occasion = _occasion(trial, score.name, moment, context)
            stored = _stored(trial, score, occasion, moment)
            if stored is None:
                number = occasion.session.number if occasion.session else None
                groups.setdefault((number, occasion.flags), []).append(score)
            elif _is_same(stored, score):
                known.append(stored)
            else:
                problems.append(
                    f"{score.name}: session {stored.entry.session} holds another value already; "
                    f"replace it with nof1 correct {trial.name} {stored.entry.session} {score.name}=VALUE, or give --at another time"
                )
        if problems:
            raise EntryError("\n".join(problems))
        return _save(change, groups, known, moment, context, prompted=prompted)


def enter_table(
    folder: Path,
    path: Path,
    context: Context,
    *,
    instrument: str | None = None,
    order: DateOrder = DateOrder.ISO,
) -> EntryReceipt:
    """Save the scores of a CSV file: all rows or none.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    path : Path
        The file.
    context : Context
        Actor and clock.
    instrument : str or None
        The instrument to which short names of columns belong.
    order : DateOrder
        How dates that are not ISO are read.

    Returns
    -------
    EntryReceipt
        A second time the same file saves nothing.

    Raises
    ------
    TableError
        With row, column, what was found and what was expected; nothing is saved then.
    StageError
        If no score can be entered any more.
    """
    data = read_bytes(path)
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.ScoresImported)
        table = read_score_table(data, trial.protocol, instrument=instrument, order=order)
        if table.problems:
            raise TableError(str(path), table.problems)
        rows, known, problems = _placed(trial, table.entries, context)
        if problems:
            raise TableError(str(path), problems)
        receipt = saved_at = None
        for part, start in enumerate(range(0, len(rows), events.ScoresImported.MAX_ROWS), start=1):
            kept = tuple(rows[start : start + events.ScoresImported.MAX_ROWS])
            n_parts = -(-len(rows) // events.ScoresImported.MAX_ROWS)
            digest = sha256_hex(canonical_json([row.to_payload() for row in rows]))
            done = change.record(
                events.ScoresImported(
                    file_name=path.name,
                    file_sha256=table.sha256,
                    rows_sha256=digest,
                    part=part,
                    n_parts=n_parts,
                    rows=kept,
                    source="csv",
                ),
                key=f"csv/{digest}/{part}",
            )
            receipt = receipt or done.event_id[:8]
            saved_at = saved_at or done.recorded_at
        flags = tuple(sorted({flag for row in rows for flag in row.flags}))
        sessions = tuple(sorted({row.session for row in rows if row.session is not None}))
        return EntryReceipt(
            n_saved=len(rows),
            n_known=known,
            sessions=sessions,
            flags=flags,
            receipt=receipt or "",
            saved_at=trial.local(saved_at or context.now()),
        )


def _save(
    change: Change,
    groups: Mapping[tuple[int | None, tuple[str, ...]], list[Score]],
    known: Sequence[ScoreHistory],
    moment: datetime,
    context: Context,
    *,
    prompted: bool,
) -> EntryReceipt:
    trial = change.trial
    local = trial.local(moment)
    receipt = saved_at = None
    n_saved = 0
    for (number, flags), scores in groups.items():
        instruments = sorted({score.name.partition(".")[0] for score in scores})
        values = tuple(
            events.EnteredValue(
                score=score.name,
                value=score.value,
                missing_reason=score.missing_reason.value if score.missing_reason else None,
            )
            for score in scores
        )
        event = events.ScoresEntered(
            instrument=" ".join(instruments),
            session=number,
            day=trial.schedule.day_number(trial.study_date(moment)),
            observed_at=_utc(moment),
            observed_local=local.replace(tzinfo=None).isoformat(timespec="seconds"),
            observed_offset=local.strftime("%z")[:3] + ":" + local.strftime("%z")[3:5],
            values=values,
            flags=flags,
            source="hand" if prompted else "option",
        )
        # The same values for the same session are the same attempt, whoever tries again and whenever.
        what = [v.to_payload() for v in values]
        which = str(number) if number is not None else event.observed_at
        done = change.record(event, key=f"enter/{which}/{sha256_hex(canonical_json(what))}")
        n_saved += 0 if done.duplicate else len(scores)
        receipt = receipt or done.event_id[:8]
        saved_at = saved_at or done.recorded_at
    if receipt is None and known:
        receipt, saved_at = known[0].event_id[:8], known[0].versions[0].recorded_at
    sessions = {number for number, _ in groups if number is not None}
    sessions |= {held.entry.session for held in known if held.entry.session is not None}
    return EntryReceipt(
        n_saved=n_saved,
        n_known=len(known) + sum(len(s) for s in groups.values()) - n_saved,
        sessions=tuple(sorted(sessions)),
        flags=tuple(sorted({flag for _, flags in groups for flag in flags})),
        receipt=receipt or "",
        saved_at=trial.local(saved_at or context.now()),
    )


def _placed(
    trial: Trial, entries: Iterable[Entry], context: Context
) -> tuple[list[events.ScoreRow], int, list[Problem]]:
    """Give every score of a file its session; return new rows, the number of known ones, and conflicts."""
    now = context.now()
    rows: list[events.ScoreRow] = []
    problems: list[Problem] = []
    taken: dict[tuple[str, int], int] = {}
    known = 0
    for entry in entries:
        moment = _aware(trial, entry.moment)
        local = trial.local(moment)
        for score, file_row in zip(entry.scores, entry.rows, strict=True):
            if moment > now + timedelta(days=1):
                problems.append(
                    Problem(
                        where=f"row {file_row}", message=f"found {entry.moment.text}, which has not come yet"
                    )
                )
                continue
            if entry.session is not None:
                occasion = _named_occasion(trial, score.name, entry.session, moment, now)
            else:
                occasion = _occasion(trial, score.name, moment, context, taken)
            if occasion is None:
                problems.append(
                    Problem(
                        where=f"row {file_row}, session",
                        message=f"found {entry.session}; {score.name} is not due in that session",
                    )
                )
                continue
            stored = _stored(trial, score, occasion, moment)
            if stored is not None:
                if _is_same(stored, score):
                    known += 1
                else:
                    problems.append(
                        Problem(
                            where=f"row {file_row}, {score.name}",
                            message=f"found {score.value}; session {stored.entry.session} holds another value already; "
                            "nof1 correct replaces it",
                        )
                    )
                continue
            number = occasion.session.number if occasion.session else None
            if number is not None and (score.name, number) in taken:
                problems.append(
                    Problem(
                        where=f"row {file_row}, {score.name}",
                        message=f"belongs to session {number}, and so does row {taken[score.name, number]}; "
                        "give the column session, or leave one out",
                    )
                )
                continue
            if number is not None:
                taken[score.name, number] = file_row
            rows.append(
                events.ScoreRow(
                    score=score.name,
                    session=number,
                    day=trial.schedule.day_number(trial.study_date(moment)),
                    observed_at=_utc(moment),
                    observed_local=local.replace(tzinfo=None).isoformat(timespec="seconds"),
                    observed_offset=local.strftime("%z")[:3] + ":" + local.strftime("%z")[3:5],
                    value=score.value,
                    missing_reason=score.missing_reason.value if score.missing_reason else None,
                    flags=occasion.flags,
                )
            )
    return rows, known, problems


def _occasion(
    trial: Trial,
    name: str,
    moment: datetime,
    context: Context,
    taken: Mapping[tuple[str, int], int] | None = None,
) -> Occasion:
    return find_occasion(
        trial.sessions_of[ScoreName(name)],
        moment,
        on=trial.study_date(moment),
        recorded_at=context.now(),
        is_taken=lambda s: (name, s.number) in trial.entered or (name, s.number) in (taken or {}),
    )


def _named_occasion(
    trial: Trial, name: ScoreName, number: int, moment: datetime, now: datetime
) -> Occasion | None:
    sessions = tuple(s for s in trial.sessions_of[name] if s.number == number)
    if not sessions:
        return None
    return find_occasion(sessions, moment, on=sessions[0].on, recorded_at=now, is_taken=lambda _: False)


def _stored(trial: Trial, score: Score, occasion: Occasion, moment: datetime) -> ScoreHistory | None:
    """Return what is stored for the same occasion."""
    if occasion.session is not None:
        return trial.entered.get((score.name, occasion.session.number))
    return next(
        (
            held
            for held in trial.state.scores
            if held.entry.session is None
            and held.entry.score == score.name
            and held.entry.observed_at == _utc(moment)
        ),
        None,
    )


def _is_same(held: ScoreHistory, score: Score) -> bool:
    """Return whether a score says again what is stored, or was before a correction."""
    return score.value in {version.value for version in held.versions}


def _last_entered(trial: Trial, name: str) -> datetime | None:
    times = [s.entry.observed_at for s in trial.state.scores if s.entry.score == name and s.entry.observed_at]
    return trial.local(datetime.fromisoformat(max(times))) if times else None


def _aware(trial: Trial, moment: Moment) -> datetime:
    """Return a moment with its zone; a date alone is taken at noon, a time that clocks skipped is refused."""
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


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
