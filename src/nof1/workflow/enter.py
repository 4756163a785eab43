"""Take scores by name and value; what is saved is said only when it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.audit.stage import require
from nof1.encoding import canonical_json, sha256_hex
from nof1.errors import EntryError
from nof1.scores.checks import read_scores
from nof1.terms import PeriodKind, ScoreName
from nof1.workflow.entry import (
    SAY_WHY,
    EntryReceipt,
    occasion_of,
    offset_text,
    place_of,
    require_past,
    says_again,
    stored_at,
    utc_seconds,
)
from nof1.workflow.trial import RECEIPT_LENGTH, Change, Trial, changing, read_trial
from nof1.workflow.watch import observed_score, watch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from nof1.audit.scores import ScoreHistory
    from nof1.battery.spec import ScoreSpec
    from nof1.safety.observed import Observed
    from nof1.schedule.calendar import Session
    from nof1.scores.model import Score
    from nof1.terms import EventId
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
    run_in : tuple of Decimal
        Its values in the run-in: far from them one should ask again.
    """

    spec: ScoreSpec
    session: Session
    last_entered: datetime | None
    run_in: tuple[Decimal, ...]


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
        session = occasion_of(trial, name, moment, context).session
        if (
            session is not None
            and name in trial.scores_in(session)
            and (name, session.number) not in trial.entered
        ):
            due.append(
                Due(
                    spec=spec,
                    session=session,
                    last_entered=_last_entered(trial, name),
                    run_in=_run_in(trial, name),
                )
            )
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
        scores = read_scores(trial.specs, _full_names(given, instrument))
        moment = at or context.now()
        require_past(trial, moment, context.now())
        groups: dict[tuple[int | None, tuple[str, ...]], list[Score]] = {}
        known: list[ScoreHistory] = []
        problems = []
        for score in scores:
            occasion = occasion_of(trial, score.name, moment, context)
            stored = stored_at(trial, score, occasion, moment)
            if stored is None:
                number = occasion.session.number if occasion.session else None
                groups.setdefault((number, occasion.flags), []).append(score)
            elif says_again(stored, score):
                known.append(stored)
            else:
                holder = (
                    f"session {stored.entry.session}" if stored.entry.session is not None else "this time"
                )
                problems.append(
                    f"{score.name}: {holder} holds another value already; replace it with "
                    f"nof1 correct {trial.name} {place_of(trial, stored)} {score.name}=VALUE, or give --at another time"
                )
        if problems:
            raise EntryError("\n".join(problems))
        return _save(change, groups, known, moment, context, prompted=prompted)


def _full_names(given: Mapping[str, str], instrument: str | None) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, text in given.items():
        full = f"{instrument}.{name}" if instrument and "." not in name else name
        if full in named:
            raise EntryError(f"{full}: found twice; give it once")
        if not text.strip():
            raise EntryError(f"{full}: found nothing; {SAY_WHY}")
        named[full] = text
    return named


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
    day = trial.schedule.day_number(trial.study_date(moment))
    new: list[Observed] = []
    about: EventId | None = None
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
            day=day,
            observed_at=utc_seconds(moment),
            observed_local=local.replace(tzinfo=None).isoformat(timespec="seconds"),
            observed_offset=offset_text(local),
            values=values,
            flags=flags,
            source="hand" if prompted else "option",
        )
        # The same values for the same session are the same attempt, whoever tries again and whenever.
        what = [v.to_payload() for v in values]
        which = str(number) if number is not None else event.observed_at
        done = change.record(event, key=f"enter/{which}/{sha256_hex(canonical_json(what))}")
        if not done.duplicate:
            n_saved += len(scores)
            about = done.event_id
            seen = (observed_score(trial, score.name, day, score.value) for score in scores)
            new += [one for one in seen if one is not None]
        receipt = receipt or done.event_id[:RECEIPT_LENGTH]
        saved_at = saved_at or done.recorded_at
    if receipt is None and known:
        receipt, saved_at = known[0].event_id[:RECEIPT_LENGTH], known[0].versions[0].recorded_at
    sessions = {number for number, _ in groups if number is not None}
    sessions |= {held.entry.session for held in known if held.entry.session is not None}
    return EntryReceipt(
        n_saved=n_saved,
        n_known=len(known) + sum(len(s) for s in groups.values()) - n_saved,
        sessions=tuple(sorted(sessions)),
        flags=tuple(sorted({flag for _, flags in groups for flag in flags})),
        receipt=receipt or "",
        saved_at=trial.local(saved_at or context.now()),
        told=watch(change, about, new) if about else (),
    )


def _last_entered(trial: Trial, name: str) -> datetime | None:
    times = [s.entry.observed_at for s in trial.state.scores if s.entry.score == name and s.entry.observed_at]
    return trial.local(datetime.fromisoformat(max(times))) if times else None


def _run_in(trial: Trial, name: ScoreName) -> tuple[Decimal, ...]:
    practice = [s.number for s in trial.sessions_of[name] if s.kind is PeriodKind.RUN_IN]
    held = (trial.entered.get((name, number)) for number in practice)
    return tuple(Decimal(one.value) for one in held if one is not None and one.value is not None)
