"""Record what else happened: doses, guesses, adverse events, deviations, notes, looks. None of it is ever refused for being late."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.blinding.kits import read_kit_code
from nof1.encoding import decimal_text
from nof1.errors import ConflictError, EntryError
from nof1.scores.number import read_number
from nof1.terms import Mode, PeriodKind
from nof1.workflow.entry import require_past
from nof1.workflow.openings import opened_since
from nof1.workflow.trial import RECEIPT_LENGTH, changing, read_trial
from nof1.workflow.watch import observed_event, watch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from pathlib import Path

    from nof1.audit.record import AnyRecorded, Recorded
    from nof1.workflow.context import Context
    from nof1.workflow.trial import Trial


def record_dose(
    folder: Path,
    context: Context,
    *,
    at: datetime | None = None,
    taken: bool = True,
    kit: str | None = None,
    text: str | None = None,
    key: str | None = None,
    based_on: str | None = None,
) -> AnyRecorded:
    """Record that a dose was taken, or left out.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    at : datetime or None
        When [aware]; now by default.
    taken : bool
        False: left out.
    kit : str or None
        Code on the package, as typed; that of the day's period by default. Another one is a deviation as well.
    text : str or None
        What the person wants to say about it.
    key : str or None
        Names the attempt; a retry with the same key adds nothing.
    based_on : str or None
        What was known of the day when the person was asked, as `state_of_doses` says it.

    Returns
    -------
    Recorded
        The record.

    Raises
    ------
    EntryError
        If the time has not come yet, or the code is none.
    ConflictError
        If another dose of the day was recorded meanwhile.
    """
    with changing(folder, context) as change:
        if earlier := change.earlier(events.DoseRecorded, key):
            return earlier
        trial = change.trial
        moment = at or context.now()
        require_past(trial, moment, context.now())
        if kit and trial.mode is Mode.OPEN_LABEL:
            raise EntryError(f"{trial.name} is open_label, so it has no kits; leave --kit out")
        kit = read_kit_code(kit) if kit else None
        on = trial.study_date(moment)
        _require_known(trial, on, based_on, moment)
        period = trial.period_on(on)
        planned = period.kit if period is not None else None
        local = trial.local(moment)
        done = change.record(
            events.DoseRecorded(
                taken_on=on.isoformat(),
                taken_at=_utc(moment),
                observed_offset=local.strftime("%z"),
                period=trial.period_number(on),
                kit=kit or planned,
                taken=taken,
                text=text or None,
            ),
            key=key,
        )
        if taken and kit and kit != planned:
            which = f"the kit of this period is {planned}" if planned else "no kit was planned for that day"
            change.record(
                events.DeviationRecorded(
                    text=f"A dose was taken from {kit}; {which}.",
                    category="wrong_kit",
                    on=on.isoformat(),
                    period=trial.period_number(on),
                )
            )
        return done


def record_guess(
    folder: Path,
    context: Context,
    *,
    period: int | None = None,
    percent: Mapping[str, str] | None = None,
    reason: str | None = None,
    key: str | None = None,
    is_first: bool = False,
) -> AnyRecorded:
    """Record what the person believes about a period, before anything is opened.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    period : int or None
        From 1; the last that has begun by default.
    percent : mapping of str to str, or None
        Condition to how likely it was [percent]; of two conditions one is enough. None: don't know.
    reason : str or None
        What the guess rests on.
    key : str or None
        Names the attempt; a retry with the same key adds nothing.
    is_first : bool
        The person knows of no earlier guess about the period.

    Returns
    -------
    Recorded
        The record; a later guess about the same period replaces it.

    Raises
    ------
    EntryError
        If a number is no percentage, or they do not add to 100.
    ConflictError
        If there is an earlier guess after all.
    """
    with changing(folder, context) as change:
        if before := change.earlier(events.GuessRecorded, key):
            return before
        trial = change.trial
        begun = [
            p.index
            for p in trial.schedule.periods
            if p.kind is PeriodKind.TREATMENT and p.starts_on <= trial.study_date(context.now())
        ]
        about = period if period is not None else (begun[-1] if begun else None)
        if about is None or about not in begun:
            raise EntryError(
                f"period {about if about is not None else 1} has not begun; a guess is about a period that one knows"
            )
        # A guess made after its box was opened is kept and flagged, and never takes the place of an honest one.
        opened = opened_since(trial, about)
        earlier = [
            r
            for r in trial.state.of(events.GuessRecorded)
            if r.event.period == about and (opened is None or r.seq > opened)
        ]
        shares = _probabilities(tuple(trial.protocol.conditions), percent) if percent else ()
        if is_first and earlier:
            raise ConflictError(
                ((f"Guess about period {about}", _told(earlier[-1].event.probabilities), _told(shares)),),
                f"A later guess replaces it: nof1 record {trial.name} guess --period {about}",
            )
        return change.record(
            events.GuessRecorded(
                period=about,
                probabilities=shares,
                dont_know=not percent,
                reason=reason or None,
                replaces=earlier[-1].event_id if earlier else None,
            ),
            key=key,
        )


def record_expectation(
    folder: Path, context: Context, *, effect: str | None = None, reason: str | None = None
) -> AnyRecorded:
    """Record what the person expects of the first comparison of the plan; asked once, at the start of an open trial.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    effect : str or None
        Expected difference in the unit of the primary outcome, as typed; None: don't know.
    reason : str or None
        What it rests on.

    Returns
    -------
    Recorded
        The record; a later one replaces it, and the report says when it was made.

    Raises
    ------
    EntryError
        If it is no number, or the trial is blinded: there the guesses are asked.
    """
    with changing(folder, context) as change:
        trial = change.trial
        if trial.mode is not Mode.OPEN_LABEL:
            raise EntryError(
                f"{trial.name} is blinded; what you believe is told by guesses: nof1 record {trial.name} guess"
            )
        earlier = trial.state.of(events.ExpectationRecorded)
        return change.record(
            events.ExpectationRecorded(
                contrast=next(iter(trial.protocol.contrasts)),
                effect=decimal_text(read_number(effect).value) if effect else None,
                reason=reason or None,
                replaces=earlier[-1].event_id if earlier else None,
            )
        )


def record_adverse_event(
    folder: Path,
    context: Context,
    *,
    term: str,
    severity: int,
    serious: bool,
    started_on: date | None = None,
    ended_on: date | None = None,
    related: str | None = None,
    action: str | None = None,
    outcome: str | None = None,
    key: str | None = None,
) -> AnyRecorded:
    """Record that something untoward happened, whatever caused it.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    term : str
        In the person's own words.
    severity : int
        1 mild, 2 moderate, 3 severe, 4 life-threatening, 5 death.
    serious : bool
        Death, danger to life, hospital, or otherwise medically important.
    started_on, ended_on : date or None
        Local days; it began today by default.
    related, action, outcome : str or None
        The person's own guess at the cause; what was done; how it ended.
    key : str or None
        Names the attempt; a retry with the same key adds nothing.

    Returns
    -------
    Recorded
        The record.

    Raises
    ------
    EntryError
        If the days cannot be, or nothing is said.
    """
    _require_text(term, "what happened")
    with changing(folder, context) as change:
        today = change.trial.local(context.now()).date()
        began = started_on or today
        if began > today:
            raise EntryError(f"{began} has not come yet; give the day on which it began")
        if ended_on is not None and ended_on < began:
            raise EntryError(f"it cannot have ended on {ended_on}, before it began on {began}")
        event = events.AdverseEventRecorded(
            term=term,
            started_on=began.isoformat(),
            ended_on=ended_on.isoformat() if ended_on else None,
            severity=severity,
            serious=serious,
            related=related or None,
            action=action or None,
            outcome=outcome or None,
        )
        done = change.record(event, key=key)
        if not done.duplicate and not change.trial.is_imported:
            watch(change, done.event_id, [observed_event(change.trial, event)])
        return done


def record_deviation(folder: Path, context: Context, text: str, on: date | None = None) -> AnyRecorded:
    """Record that the trial departed from its protocol.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    text : str
        What happened.
    on : date or None
        Local day; today by default.

    Returns
    -------
    Recorded
        The record.
    """
    _require_text(text, "how the trial departed from its protocol")
    with changing(folder, context) as change:
        day = on or change.trial.study_date(context.now())
        return change.record(
            events.DeviationRecorded(text=text, on=day.isoformat(), period=change.trial.period_number(day))
        )


def record_note(folder: Path, context: Context, text: str, *, key: str | None = None) -> AnyRecorded:
    """Record a remark; allowed at every stage.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    text : str
        The remark.
    key : str or None
        Names the attempt; a retry with the same key adds nothing.

    Returns
    -------
    Recorded
        The record.
    """
    _require_text(text, "the note")
    with changing(folder, context) as change:
        on = change.trial.local(context.now()).date()
        return change.record(events.NoteRecorded(text=text, on=on.isoformat()), key=key)


def record_look(folder: Path, context: Context, *, after_block: int | None = None) -> AnyRecorded:
    """Record that the scores were looked at by condition before the end, by whoever knows the conditions.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Actor and clock.
    after_block : int or None
        Whole blocks that the look rests on; needed where the design has blocks.

    Returns
    -------
    Recorded
        The record. What was seen is no part of it.

    Raises
    ------
    EntryError
        If the block is not one of the design.
    """
    with changing(folder, context) as change:
        n_blocks = change.trial.protocol.design.blocks
        if n_blocks is None and after_block is not None:
            raise EntryError("the design has no blocks; leave --after-block out")
        if n_blocks is not None and (after_block is None or not 1 <= after_block <= n_blocks):
            found = "none" if after_block is None else after_block
            raise EntryError(f"--after-block: found {found}; write after which block, 1 to {n_blocks}")
        return change.record(
            events.LookTaken(
                what="scores by condition"
                if after_block is None
                else f"scores by condition after block {after_block}",
                n_scores=sum(value is not None for value in change.trial.state.scores.values()[0]),
                after_block=after_block,
            )
        )


def _probabilities(codes: tuple[str, ...], percent: Mapping[str, str]) -> tuple[events.Probability, ...]:
    unknown = [code for code in percent if code not in codes]
    if unknown:
        raise EntryError(f"found {unknown[0]!r}; the conditions are {', '.join(codes)}")
    numbers: dict[str, Decimal] = {}
    for code, text in percent.items():
        try:
            number = numbers[code] = read_number(text).value
        except EntryError as error:
            raise EntryError(f"{code}: {error}") from None
        if not 0 <= number <= 100:
            raise EntryError(f"{code}: found {text}; write 0 to 100 percent")
    if len(codes) == 2 and len(numbers) == 1:
        (told,) = numbers
        other = next(code for code in codes if code != told)
        numbers[other] = 100 - numbers[told]
    total = sum(numbers.values())
    if set(numbers) != set(codes) or total != 100:
        raise EntryError(
            f"found {decimal_text(total)} in all; give one number for each of {', '.join(codes)}, 100 together"
        )
    return tuple(events.Probability(condition=code, percent=decimal_text(numbers[code])) for code in codes)


def doses_taken(folder: Path, on: str) -> tuple[str, ...]:
    """Tell the doses that are recorded as taken on a day.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    on : str
        Day of the study, YYYY-MM-DD.

    Returns
    -------
    tuple of str
        Local times, in the order in which they were recorded.
    """
    trial = read_trial(folder)
    taken = (r.event.taken_at for r in _doses_of(trial, on) if r.event.taken and r.event.taken_at)
    return tuple(f"{trial.local(datetime.fromisoformat(at)):%H:%M}" for at in taken)


def state_of_doses(trial: Trial, on: date) -> str:
    """Return a word that changes when a dose of a day is recorded.

    Parameters
    ----------
    trial : Trial
        As it stands.
    on : date
        Day of the study.

    Returns
    -------
    str
        Receipt of the last one; ``none``.
    """
    held = _doses_of(trial, on.isoformat())
    return held[-1].event_id[:RECEIPT_LENGTH] if held else "none"


def _doses_of(trial: Trial, on: str) -> list[Recorded[events.DoseRecorded]]:
    return [r for r in trial.state.of(events.DoseRecorded) if r.event.taken_on == on]


def _require_known(trial: Trial, on: date, based_on: str | None, moment: datetime) -> None:
    """Refuse a dose that may be one that another window recorded."""
    if based_on is None or based_on == state_of_doses(trial, on):
        return
    held = _doses_of(trial, on.isoformat())
    at = held[-1].event.taken_at if held else None
    stored = f"{trial.local(datetime.fromisoformat(at)):%H:%M}" if at else "another one"
    raise ConflictError(
        (("Dose", stored, f"{trial.local(moment):%H:%M}"),),
        "If this is one more dose, record it again; the page now knows of the other one",
    )


def _told(shares: tuple[events.Probability, ...]) -> str:
    return ", ".join(f"{p.condition} {p.percent} %" for p in shares) or "don’t know"


def _require_text(text: str, what: str) -> None:
    if not text.strip():
        raise EntryError(f"found no text; write {what}")


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
