"""Forms of the page: ratings, questionnaires, and any score that is typed; one form is one event."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from nof1.audit import events
from nof1.audit.stage import require
from nof1.battery.catalogue import planned_scores
from nof1.battery.questions import questionnaire_texts, rating_flags, score_questionnaire, shuffled_items
from nof1.battery.ratings import RATINGS
from nof1.battery.seeds import FormKey
from nof1.encoding import decimal_text
from nof1.errors import ConflictError, EntryError
from nof1.scores.checks import MISSING_REASONS, read_score
from nof1.scores.occasion import find_occasion
from nof1.terms import MissingReason, ScoreName
from nof1.workflow.entry import offset_text, says_again, utc_seconds
from nof1.workflow.steps import label_of, occasion_number, require_begun, session_of
from nof1.workflow.trial import RECEIPT_LENGTH, changing, read_trial
from nof1.workflow.watch import observed_values, watch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from nof1.audit.scores import ScoreHistory
    from nof1.battery.spec import ScoreSpec
    from nof1.schedule.calendar import Session
    from nof1.scores.model import Score
    from nof1.workflow.context import Context
    from nof1.workflow.trial import Trial

SKIP = "skip"
"""What a form says of a question that a person does not want to answer."""
REASONS = tuple(r for r in MISSING_REASONS if r != MissingReason.NOT_GIVEN)


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
        ``scale``: one of whole numbers in a row; ``choice``: one of some words; ``number``: a number that is typed.
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
    kind: Literal["scale", "choice", "number"]
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
    elapsed_ms: int | None = None,
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
    elapsed_ms : int or None
        How long the form was open [ms].

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
                shows_card=_is_watched(trial, part, answers),
            )
        flags = _flags(session, now, form, answers, elapsed_ms)
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
                    {
                        "items": [i.name for i in form.items],
                        "answers": dict(answers),
                        "elapsed_ms": elapsed_ms,
                    }
                ),
            ),
            key=f"web/{key}",
        )
        shows_card = _is_watched(trial, part, answers)
        if shows_card and not done.duplicate:
            change.record(
                events.SafetyCardShown(instrument=part.partition(":")[0], about=done.event_id),
                key=f"web/{key}/card",
            )
        if not done.duplicate:
            seen = observed_values(trial, done.event.day, done.event.values)
            watch(change, done.event_id, seen, has_card=True)
        return Answered(
            receipt=done.event_id[:RECEIPT_LENGTH],
            saved_at=trial.local(done.recorded_at),
            flags=flags,
            is_duplicate=done.duplicate,
            shows_card=shows_card,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyCard:
    """What is shown after an answer about thoughts of death.

    Attributes
    ----------
    plan : str
        Of the protocol: who is told, and which number is called.
    emergency_contact : str or None
        Of the protocol.
    """

    plan: str
    emergency_contact: str | None


def safety_card(folder: Path) -> SafetyCard:
    """Return the card with the plan of the protocol.

    Parameters
    ----------
    folder : Path
        The trial's folder.

    Returns
    -------
    SafetyCard
        The protocol's own words.
    """
    safety = read_trial(folder).protocol.safety
    return SafetyCard(
        plan=(safety.suicidality_plan if safety else None) or "Call your local emergency number.",
        emergency_contact=safety.emergency_contact if safety else None,
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
    stem = notice = ""
    shown = questionnaire_texts().get(instrument.questionnaire or "")
    if shown is not None:
        stem, notice = shown.stem, shown.notice
        options = tuple((str(value), text) for value, text in enumerate(shown.options))
        items = tuple(
            Item(
                name=f"item{n}", text=text, kind="choice", options=options, lowest="0", highest=options[-1][0]
            )
            for n, text in enumerate(shown.items, 1)
        )
    elif instrument.ratings is not None:
        texts = {
            f"{name}.{r if isinstance(r, str) else r.id}": (
                (RATINGS[r].low, RATINGS[r].high) if isinstance(r, str) else (r.low, r.high)
            )
            for r in instrument.ratings
        }
        key = FormKey(
            trial_id=trial.registration.trial_id,
            instrument=name,
            session=session.number,
            occasion=occasion_number(trial, session, name),
        )
        by_name = {str(spec.name): spec for spec in specs}
        items = tuple(_scale(by_name[one], *texts[one]) for one in shuffled_items(key, tuple(by_name)))
    else:
        items = tuple(_number(spec, is_optional=spec.name not in planned) for spec in specs)
    return AnswerForm(
        session=session.number,
        part=part,
        label=label_of(name, instrument, which),
        stem=stem,
        notice=notice,
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
    wrong = [
        f"{item.text}: no answer yet; choose one, or skip it"
        for item in form.items
        if not item.is_optional and not answers.get(item.name, "").strip()
    ]
    questionnaire = trial.protocol.instruments[form.part.partition(":")[0]].questionnaire
    if questionnaire in questionnaire_texts():
        if wrong:
            raise EntryError("\n".join(wrong))
        return _score(trial, form, str(questionnaire), answers)
    scores = []
    for item in form.items:
        text = answers.get(item.name, "").strip()
        if not text:
            continue
        reason = MissingReason.REFUSED if text == SKIP else text if text in REASONS else ""
        try:
            spec = trial.specs[ScoreName(item.name)]
            scores.append(read_score(spec, "" if reason else text, missing_reason=reason))
        except EntryError as error:
            wrong.append(f"{item.text}: {error}")
    if wrong:
        raise EntryError("\n".join(wrong))
    if not scores:
        raise EntryError("nothing was filled in yet")
    return scores


def _score(trial: Trial, form: AnswerForm, questionnaire: str, answers: Mapping[str, str]) -> list[Score]:
    """Compute the scores of a questionnaire from its answers."""
    name = form.part.partition(":")[0]
    try:
        found = score_questionnaire(questionnaire, _numbers(form, answers))
    except ValueError as error:
        raise EntryError(str(error)) from None
    return [
        read_score(
            trial.specs[ScoreName(f"{name}.{one.score}")],
            "" if one.value is None else decimal_text(one.value),
            missing_reason=MissingReason.REFUSED if one.value is None else "",
        )
        for one in found
    ]


def _numbers(form: AnswerForm, answers: Mapping[str, str]) -> list[int | None]:
    """Return the answers of scales in the order in which they were asked; None: skipped."""
    texts = [answers.get(item.name, "").strip() for item in form.items if item.kind != "number"]
    return [int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None for text in texts]


def _is_watched(trial: Trial, part: str, answers: Mapping[str, str]) -> bool:
    """Whether an answer about thoughts of death is above zero."""
    shown = questionnaire_texts().get(trial.protocol.instruments[part.partition(":")[0]].questionnaire or "")
    if shown is None or shown.watched_item is None:
        return False
    return answers.get(f"item{shown.watched_item + 1}", "0") not in {"0", SKIP}


def _refuse_conflicts(
    trial: Trial, scores: list[Score], held: Mapping[ScoreName, ScoreHistory | None]
) -> None:
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
    session: Session, now: datetime, form: AnswerForm, answers: Mapping[str, str], elapsed_ms: int | None
) -> tuple[str, ...]:
    placed = find_occasion((session,), now, on=session.on, recorded_at=now, is_taken=lambda _: False)
    numbers = _numbers(form, answers)
    quality = rating_flags(numbers, float("inf") if elapsed_ms is None else elapsed_ms) if numbers else ()
    return (*placed.flags, *quality)


def _value(score: Score) -> events.EnteredValue:
    return events.EnteredValue(
        score=score.name,
        value=score.value,
        missing_reason=score.missing_reason.value if score.missing_reason else None,
    )
