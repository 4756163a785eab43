"""Watch the participant's own limits at every entry: after what was entered is recorded, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.protocol.stop_rules import EVENT
from nof1.safety.observed import Observed
from nof1.safety.stop_rules import Met, rules_met
from nof1.safety.words import asked_about_death, card_lines, period_lines, rule_lines
from nof1.terms import PeriodKind
from nof1.workflow.trial import read_trial

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nof1.audit.scores import ScoreHistory
    from nof1.terms import EventId
    from nof1.workflow.trial import Change, Trial

_SEVERITY = f"{EVENT}.severity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is shown to the participant after an entry, which is saved already.

    Attributes
    ----------
    kind : str
        ``stop_rule`` or ``card``.
    lines : tuple of str
        What it says; text, never markup.
    """

    kind: str
    lines: tuple[str, ...]


def watch(
    change: Change,
    about: EventId,
    new: Iterable[Observed],
    *,
    is_in_trial: bool = False,
    has_card: bool = False,
) -> tuple[Told, ...]:
    """Record which stop rules are met now, and return what the participant is told.

    Nothing is refused, stopped or opened by it. It reads scores, their days and adverse events; an `Observed` has no
    place for a condition.

    Parameters
    ----------
    change : Change
        The transaction of the entry.
    about : EventId
        The entry.
    new : iterable of Observed
        What was just recorded.
    is_in_trial : bool
        Whether the `trial` of the change has been read again since, and holds it.
    has_card : bool
        Whether the card is shown and recorded by the door through which the entry came.

    Returns
    -------
    tuple of Told
        The card first, then the rules in the order of the protocol; empty on most days.
    """
    trial = change.trial
    if trial.is_imported:
        return ()
    protocol, added = trial.protocol, tuple(new)
    told = []
    card = None if has_card else asked_about_death(added, protocol)
    if card is not None:
        change.record(events.SafetyCardShown(instrument=card, about=about))
        told.append(Told(kind="card", lines=card_lines(trial.name, protocol)))
    rules = protocol.safety.stop_rules if protocol.safety else ()
    if not rules:
        return tuple(told)
    spent: dict[str, tuple[str, ...]] = {}
    for fired in trial.state.of(events.StopRuleFired):
        spent[fired.event.rule] = spent.get(fired.event.rule, ()) + fired.event.evidence
    for met in rules_met(rules, (*observed_in(trial), *(() if is_in_trial else added)), spent):
        change.record(
            events.StopRuleFired(rule=met.rule, action=met.action, day=met.day, evidence=met.evidence)
        )
        told.append(Told(kind="stop_rule", lines=rule_lines(met, trial.name, protocol)))
    return tuple(told)


def observed_in(trial: Trial) -> tuple[Observed, ...]:
    """Return what the stop rules of a trial may look at.

    Parameters
    ----------
    trial : Trial
        With a calendar of ours.

    Returns
    -------
    tuple of Observed
        Scores that have a value and a day, as they stand after corrections, and adverse events.
    """
    found = [one for score in trial.state.scores if (one := _of_score(trial, score)) is not None]
    found += [observed_event(trial, r.event) for r in trial.state.of(events.AdverseEventRecorded)]
    return tuple(found)


def _of_score(trial: Trial, score: ScoreHistory) -> Observed | None:
    return observed_score(trial, score.entry.score, score.entry.day, score.value)


def observed_score(trial: Trial, score: str, day: int | None, value: str | None) -> Observed | None:
    """Return a score as the stop rules see it.

    Parameters
    ----------
    trial : Trial
        Knows where the run-in ends.
    score : str
        Its name.
    day : int or None
        Study day.
    value : str or None
        As typed.

    Returns
    -------
    Observed or None
        None where there is no value or no day.
    """
    if day is None or value is None:
        return None
    first = next((p for p in trial.schedule.periods if p.kind is PeriodKind.TREATMENT), None)
    before = first is not None and day < trial.schedule.day_number(first.starts_on)
    return Observed(score=score, day=day, value=Decimal(value), in_run_in=before)


def observed_event(trial: Trial, event: events.AdverseEventRecorded) -> Observed:
    """Return an adverse event as the stop rules see it.

    Parameters
    ----------
    trial : Trial
        Counts the days.
    event : AdverseEventRecorded
        With the day on which it began.

    Returns
    -------
    Observed
        Its severity on that day.
    """
    began = date.fromisoformat(event.started_on) if event.started_on else trial.schedule.start_on
    return Observed(score=_SEVERITY, day=trial.schedule.day_number(began), value=Decimal(event.severity))


def told_since(folder: Path, seq: int) -> tuple[Told, ...]:
    """Return which stop rules an entry met, for a step that returns its record alone.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    seq : int
        Place of the entry in the record.

    Returns
    -------
    tuple of Told
        As `watch` returned it.
    """
    return told_with(read_trial(folder), seq)


def told_with(trial: Trial, seq: int) -> tuple[Told, ...]:
    """Return which stop rules an entry met, from what was recorded with it.

    Parameters
    ----------
    trial : Trial
        As it stands.
    seq : int
        Place of the entry in the record.

    Returns
    -------
    tuple of Told
        Empty on most days.
    """
    after = takewhile(
        lambda r: isinstance(r.event, events.StopRuleFired | events.SafetyCardShown),
        (r for r in trial.state.records if r.seq > seq),
    )
    return tuple(
        Told(kind="stop_rule", lines=rule_lines(_met(r.event), trial.name, trial.protocol))
        for r in after
        if isinstance(r.event, events.StopRuleFired)
    )


def _met(event: events.StopRuleFired) -> Met:
    return Met(
        rule=event.rule,
        action="stop" if event.action == "stop" else "pause",
        day=event.day or 0,
        evidence=event.evidence,
    )


def observed_values(
    trial: Trial, day: int | None, values: Iterable[events.EnteredValue]
) -> tuple[Observed, ...]:
    """Return the values of a form or a run as the stop rules see them.

    Parameters
    ----------
    trial : Trial
        Knows where the run-in ends.
    day : int or None
        Study day.
    values : iterable of EnteredValue
        As they were recorded.

    Returns
    -------
    tuple of Observed
        Without those that are missing.
    """
    seen = (observed_score(trial, one.score, day, one.value) for one in values)
    return tuple(one for one in seen if one is not None)


def said_at_period(folder: Path) -> tuple[str, ...]:
    """Return what is said when the box of a new period is opened; nothing is asked, and nothing is stored.

    Parameters
    ----------
    folder : Path
        The trial's folder.

    Returns
    -------
    tuple of str
        The exclusions of the participant's own protocol, neutrally.
    """
    trial = read_trial(folder)
    return period_lines(trial.name, trial.protocol)
