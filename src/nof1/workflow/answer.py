"""Forms of the page: ratings, questionnaires, and any score that is typed; one form is one event."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from nof1.audit import events
from nof1.audit.stage import require
from nof1.battery.catalogue import planned_scores
from nof1.battery.ratings import RATINGS
from nof1.battery.seeds import Stream, form_seed
from nof1.encoding import decimal_text
from nof1.errors import ConflictError, EntryError
from nof1.scores.checks import MISSING_REASONS, read_score
from nof1.scores.occasion import find_occasion
from nof1.terms import MissingReason
from nof1.workflow.entry import offset_text, says_again, utc_seconds
from nof1.workflow.steps import label_of, require_begun, session_of
from nof1.workflow.trial import RECEIPT_LENGTH, changing, read_trial

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from nof1.audit.history import ScoreHistory
    from nof1.battery.spec import ScoreSpec
    from nof1.schedule.calendar import Session
    from nof1.scores.model import Score
    from nof1.terms import ScoreName
    from nof1.workflow.context import Context
    from nof1.workflow.trial import Trial

SKIP = "skip"
"""What a form says of a question that a person does not want to answer."""
REASONS = tuple(r for r in MISSING_REASONS if r != MissingReason.NOT_GIVEN)
_SECONDS_PER_ITEM = 1.0
_MANY_ITEMS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question of a form.

    Attributes
    ----------
    name : str
        Under which the answer comes.
    text : str
        What is asked.
    kind : str
        ``scale``: one of whole numbers in a row; ``number``: a number that is typed.
    low, high : str
        What the ends mean.
    lowest, highest : str
        Of the range.
    options : tuple of (str, str)
        Value and label, in order, of a scale.
    unit : str
        What one is one of.
    is_optional : bool
        It may be left empty, and nothing is missing then.
    """

    name: str
    text: str
    kind: Literal["scale", "number"]
    low: str = ""
    high: str = ""
    lowest: str
    highest: str
    options: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    is_optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """A form, as the page shows it: never with a value that is stored.

    Attributes
    ----------
    session : int
        Planned session.
    part : str
        Which instrument.
    label : str
        Its name.
    stem, notice : str
        What is asked before the questions; whose they are.
    items : tuple of Item
        In the order of the day.
    is_done : bool
        All of it is stored.
    is_practice : bool
        The session belongs to the run-in.
    """

    session: int
    part: str
    label: str
    stem: str
    notice: str
    items: tuple[Item, ...]
    is_done: bool
    is_practice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was saved.

    Attributes
    ----------
    receipt : str
        First digits of the event's name.
    saved_at : datetime
        Local time of the first saving.
    flags : tuple of str
        Short codes.
    is_duplicate : bool
        It had been saved before.
    shows_card : bool
        An answer about thoughts of death was above zero.
    """

    receipt: str
    saved_at: datetime
    flags: tuple[str, ...]
    is_duplicate: bool = False
    shows_card: bool = False


def answer_form(folder: Path, number: int, part: str, context: Context) -> AnswerForm:
    """Return the form of an instrument in a session.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    number : int
        Planned session, from 1.
    part : str
        ``day``, or ``words:delayed``.
    context : Context
        Clock.

    Returns
    -------
    AnswerForm
        In the order that the public seed of the session gives.

    Raises
    ------
    StageError
        If no score can be entered any more.
    EntryError
        If there is no such form, or its day has not come.
    """
    trial = read_trial(folder)
    require(trial.state.position, events.ScoresEntered)
    session = _session_with(trial, number, part, context.now())
    return _form(trial, session, part)


def save_answers(
    folder: Path,
    number: int,
    part: str,
    answers: Mapping[str, str],
    context: Context,
    *,
    key: str,
    elapsed_s: float | None = None,
) -> Answered:
    """Save a form.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    number : int
        Planned session, from 1.
    part : str
        As in `answer_form`.
    answers : mapping of str to str
        Name of an item to a number as typed, a reason why there is none, or ``skip``.
    context : Context
        Actor and clock.
    key : str
        Names the form as it was opened: sent twice, it is stored once.
    elapsed_s : float or None
        How long the form was open [s].

    Returns
    -------
    Answered
        Said only after the commit.

    Raises
    ------
    StageError
        If no score can be entered any more.
    EntryError
        If an answer is missing or cannot be; nothing is saved then.
    ConflictError
        If another window stored another value meanwhile.
    """
    with changing(folder, context) as change:
        trial = change.trial
        require(trial.state.position, events.ScoresEntered)
        now = context.now()
        session = _session_with(trial, number, part, now)
        form = _form(trial, session, part)
        scores = _read(trial, form, answers)
        held = {s.name: trial.entered.get((s.name, number)) for s in scores}
        known = [one for one in held.values() if one is not None]
        _refuse_conflicts(trial, scores, held)
        new = [score for score in scores if held[score.name] is None]
        if not new:
            first = known[0]
            return Answered(
                receipt=first.event_id[:RECEIPT_LENGTH],
                saved_at=trial.local(first.versions[0].recorded_at),
                flags=first.entry.flags,
                is_duplicate=True,
            )
        flags = _flags(session, now, form, scores, elapsed_s)
        local = trial.local(now)
        done = change.record(
            events.ScoresEntered(
                instrument=part.partition(":")[0],
                session=number,
                day=trial.schedule.day_number(trial.study_date(now)),
                observed_at=utc_seconds(now),
                observed_local=local.replace(tzinfo=None).isoformat(timespec="seconds"),
                observed_offset=offset_text(local),
                values=tuple(_value(score) for score in new),
                flags=flags,
                source="web",
                raw=json.dumps(
                    {"items": [i.name for i in form.items], "answers": dict(answers), "elapsed_s": elapsed_s}
                ),
            ),
            key=f"web/{key}",
        )
        return Answered(
            receipt=done.event_id[:RECEIPT_LENGTH],
            saved_at=trial.local(done.recorded_at),
            flags=flags,
            is_duplicate=done.duplicate,
        )


def _session_with(trial: Trial, number: int, part: str, now: datetime) -> Session:
    session = session_of(trial, number)
    require_begun(trial, session, now)
    if part not in session.due:
        raise EntryError(f"session {number} has no {part}; it has {', '.join(session.due)}")
    return session


def _form(trial: Trial, session: Session, part: str) -> AnswerForm:
    name, _, which = part.partition(":")
    instrument = trial.protocol.instruments[name]
    planned = planned_scores(trial.protocol, part)
    specs = [spec for spec in trial.specs.values() if spec.name.startswith(f"{name}.")]
    specs = [spec for spec in specs if not which or spec.part == which]
    if instrument.ratings is not None:
        texts = {
            f"{name}.{r if isinstance(r, str) else r.id}": (
                (RATINGS[r].low, RATINGS[r].high) if isinstance(r, str) else (r.low, r.high)
            )
            for r in instrument.ratings
        }
        # The seed names trial, instrument and session, and nothing that is hidden.
        seed = form_seed(trial.name, name, session.number)
        items = tuple(
            _scale(spec, *texts[spec.name]) for spec in Stream(seed, "order of the items").shuffled(specs)
        )
    else:
        items = tuple(_number(spec, is_optional=spec.name not in planned) for spec in specs)
    return AnswerForm(
        session=session.number,
        part=part,
        label=label_of(name, instrument, which),
        stem="",
        notice="",
        items=items,
        is_done=bool(planned) and all((n, session.number) in trial.entered for n in planned),
        is_practice=session.kind == "run_in",
    )


def _scale(spec: ScoreSpec, low: str, high: str) -> Item:
    lowest, highest = spec.range
    is_short = spec.whole and highest - lowest <= 10
    return Item(
        name=spec.name,
        text=spec.label,
        kind="scale" if is_short else "number",
        low=low,
        high=high,
        lowest=decimal_text(lowest),
        highest=decimal_text(highest),
        options=tuple((str(n), str(n)) for n in range(int(lowest), int(highest) + 1)) if is_short else (),
        unit="" if is_short else spec.unit,
    )


def _number(spec: ScoreSpec, *, is_optional: bool) -> Item:
    return Item(
        name=spec.name,
        text=spec.label,
        kind="number",
        lowest=decimal_text(spec.range[0]),
        highest=decimal_text(spec.range[1]),
        unit=spec.unit,
        is_optional=is_optional,
    )


def _read(trial: Trial, form: AnswerForm, answers: Mapping[str, str]) -> list[Score]:
    """Read every answer, and tell all that is wrong at once."""
    asked = {item.name: item for item in form.items}
    if unknown := [name for name in answers if name not in asked]:
        raise EntryError(f"this form has no {unknown[0]}; load the page again")
    scores, wrong = [], []
    for item in form.items:
        text = answers.get(item.name, "").strip()
        if not text:
            if not item.is_optional:
                wrong.append(f"{item.text}: no answer yet; choose one, or skip it")
            continue
        reason = MissingReason.REFUSED if text == SKIP else text if text in REASONS else ""
        try:
            spec = trial.specs[item.name]  # type: ignore[index]  # the name of an item is that of a score here
            scores.append(read_score(spec, "" if reason else text, missing_reason=reason))
        except EntryError as error:
            wrong.append(f"{item.text}: {error}")
    if wrong:
        raise EntryError("\n".join(wrong))
    if not scores:
        raise EntryError("nothing was filled in yet")
    return scores


def _refuse_conflicts(trial: Trial, scores: list[Score], held: Mapping[ScoreName, ScoreHistory | None]) -> None:
    rows = []
    for score in scores:
        stored = held[score.name]
        if stored is not None and not says_again(stored, score):
            rows.append(
                (
                    trial.specs[score.name].label,
                    stored.value if stored.value is not None else f"({stored.missing_reason})",
                    score.value if score.value is not None else f"({score.missing_reason})",
                )
            )
    if rows:
        raise ConflictError(
            tuple(rows),
            f"The stored values stay. To replace one: nof1 correct {trial.name} SESSION SCORE=VALUE --reason TEXT",
        )


def _flags(
    session: Session, now: datetime, form: AnswerForm, scores: list[Score], elapsed_s: float | None
) -> tuple[str, ...]:
    placed = find_occasion((session,), now, on=session.on, recorded_at=now, is_taken=lambda _: False)
    flags = list(placed.flags)
    is_scale = all(item.kind == "scale" for item in form.items) and len(form.items) >= _MANY_ITEMS
    if elapsed_s is not None and is_scale and elapsed_s < _SECONDS_PER_ITEM * len(form.items):
        flags.append("duration_outlier")
    if is_scale and len({score.value for score in scores}) == 1 and scores[0].value is not None:
        flags.append("straight_lining")
    return tuple(flags)


def _value(score: Score) -> events.EnteredValue:
    return events.EnteredValue(
        score=score.name,
        value=score.value,
        missing_reason=score.missing_reason.value if score.missing_reason else None,
    )
