"""Rules about tasks, ratings, questionnaires and scores: what a protocol names must be in the catalogue."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from nof1.battery.catalogue import scores_of, scores_of_part
from nof1.battery.questionnaires import QUESTIONNAIRES
from nof1.battery.ratings import RATINGS
from nof1.battery.tasks import TASKS
from nof1.protocol.finding import Finding
from nof1.protocol.stop_rules import EVENT, stop_condition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nof1.protocol.model import Instrument, Protocol
    from nof1.protocol.yaml_text import Path


def battery_problems(protocol: Protocol) -> Iterator[Finding]:
    """Find what a protocol names and the catalogue does not have.

    Parameters
    ----------
    protocol : Protocol
        Sound in itself.

    Yields
    ------
    Finding
        In the order of the document, instruments before the scores that rest on them.
    """
    wrong = [finding for name, one in protocol.instruments.items() for finding in _instrument(name, one)]
    yield from wrong
    yield from _parts(protocol)
    if not wrong:
        yield from _scores(protocol)


def _instrument(name: str, instrument: Instrument) -> Iterator[Finding]:
    path: Path = ("instruments", name)
    if instrument.task is not None:
        task = TASKS.get(instrument.task)
        if task is None:
            yield Finding((*path, "task"), _unknown("task", instrument.task, TASKS))
            return
        for param in instrument.params:
            if param not in task.params:
                yield Finding((*path, "params", param), _unknown("parameter", param, task.params), at="key")
    elif instrument.questionnaire is not None and instrument.questionnaire not in QUESTIONNAIRES:
        yield Finding(
            (*path, "questionnaire"), _unknown("questionnaire", instrument.questionnaire, QUESTIONNAIRES)
        )
    for place, item in enumerate(instrument.ratings or ()):
        if isinstance(item, str) and item not in RATINGS:
            advice = _unknown("rating", item, RATINGS)
            yield Finding(
                (*path, "ratings", place), f"{advice}, or {{id: {item}, text: …, low: …, high: …, better: …}}"
            )


def _parts(protocol: Protocol) -> Iterator[Finding]:
    places: list[tuple[Path, str]] = []
    for name, entries in protocol.batteries.items():
        places += [(("batteries", name, place), entry) for place, entry in enumerate(entries)]
    for index, plan in enumerate(protocol.sessions):
        if isinstance(plan.battery, str):
            places.append((("sessions", index, "battery"), plan.battery))
        else:
            places += [
                (("sessions", index, "battery", place), entry) for place, entry in enumerate(plan.battery)
            ]
    for path, entry in places:
        instrument, colon, part = entry.partition(":")
        if not colon or instrument not in protocol.instruments:
            continue
        task = TASKS.get(protocol.instruments[instrument].task or "")
        parts = task.parts if task is not None else ()
        if part not in parts:
            write = " or ".join(f"{instrument}:{known}" for known in parts) or instrument
            yield Finding(path, f"{instrument} has no part {part!r}; write {write}")


def _scores(protocol: Protocol) -> Iterator[Finding]:
    known = scores_of(protocol)
    named: list[tuple[Path, str]] = [(("outcomes", "primary", "score"), protocol.outcomes.primary.score)]
    named += [
        (("outcomes", "secondary", place, "score"), outcome.score)
        for place, outcome in enumerate(protocol.outcomes.secondary)
    ]
    run_in = protocol.design.run_in
    if run_in is not None and run_in.stop_when is not None:
        named.append((("design", "run_in", "stop_when", "score"), run_in.stop_when.score))
    for path, score in named:
        if score not in known:
            yield Finding(path, _unknown("score", score, known))
    for place, rule in enumerate(protocol.safety.stop_rules if protocol.safety else ()):
        yield from _stop_rule(protocol, ("safety", "stop_rules", place, "when"), rule.when)


def _stop_rule(protocol: Protocol, path: Path, text: str) -> Iterator[Finding]:
    try:
        condition = stop_condition(text)
    except ValueError:
        return  # told by the rules of the document
    if condition.instrument == EVENT or condition.instrument not in protocol.instruments:
        return
    known = scores_of_part(protocol, condition.instrument)
    name = f"{condition.instrument}.{condition.score}"
    if condition.score != "*" and name not in known:
        yield Finding(path, _unknown("score", name, known))


def _unknown(kind: str, found: str, known: Collection[str]) -> str:
    near = get_close_matches(found, list(known), n=1)
    if near:
        return f"found {found!r}, which is no {kind}; did you mean {near[0]}?"
    shown = ", ".join(sorted(known)[:8]) + (", …" if len(known) > 8 else "")
    return f"found {found!r}, which is no {kind}; write one of {shown or 'none'}"
