"""Rules about tasks, ratings, questionnaires and scores: what a protocol names must be in the catalogue, and be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.catalogue import params_of, scores_of_instrument
from nof1.battery.parameters import param_problem, params_problem
from nof1.battery.questionnaires import QUESTIONNAIRES
from nof1.battery.ratings import RATINGS
from nof1.battery.tasks import FLAGS, TASKS
from nof1.encoding import decimal_text
from nof1.protocol.finding import Finding
from nof1.protocol.sentences import found, nearest
from nof1.protocol.sessions import days_due, entries_of
from nof1.protocol.stop_rules import EVENT, stop_condition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from nof1.battery.spec import ScoreSpec, Task
    from nof1.protocol.model import Instrument, Protocol
    from nof1.protocol.yaml_text import Path


def battery_problems(protocol: Protocol) -> Iterator[Finding]:
    """Find what a protocol names and the catalogue does not have, and outcomes that are never measured.

    Parameters
    ----------
    protocol : Protocol
        As the model read it.

    Yields
    ------
    Finding
        One for each mistake.
    """
    for name, instrument in protocol.instruments.items():
        yield from _instrument(name, instrument)
    for path, entry in _entries(protocol):
        yield from _part(protocol, path, entry)
    yield from _order(protocol)
    specs = {
        name: scores_of_instrument(name, one) for name, one in protocol.instruments.items() if _is_known(one)
    }
    for path, score in _named_scores(protocol):
        yield from _score(protocol, specs, path, score)
    yield from _measured(protocol, specs)
    yield from _stop_rules(protocol, specs)
    for index, flag in enumerate(protocol.analysis.exclude_flags):
        if flag not in FLAGS:
            yield Finding(
                ("analysis", "exclude_flags", index),
                f"no quality flag is called {found(flag)}; {nearest(flag, FLAGS)}",
            )


def _instrument(name: str, instrument: Instrument) -> Iterator[Finding]:
    path: Path = ("instruments", name)
    if instrument.task is not None:
        task = TASKS.get(instrument.task)
        if task is None:
            yield Finding(
                (*path, "task"),
                f"no task is called {found(instrument.task)}; {nearest(instrument.task, TASKS)}",
            )
        else:
            yield from _params_together(path, task, instrument)
            for param, value in instrument.params.items():
                if param not in task.params:
                    yield Finding(
                        (*path, "params", param), f"{task.id} has no parameter of this name; {nearest(param, task.params)}",
                        needs=((*path, "task"),), at="key",
                    )  # fmt: skip
                elif problem := param_problem(task, param, value):
                    yield Finding((*path, "params", param), problem, needs=((*path, "task"),))
    if instrument.questionnaire is not None and instrument.questionnaire not in QUESTIONNAIRES:
        yield Finding(
            (*path, "questionnaire"),
            f"no questionnaire is called {found(instrument.questionnaire)}; {nearest(instrument.questionnaire, QUESTIONNAIRES)}",
        )
    for index, item in enumerate(instrument.ratings or ()):
        if isinstance(item, str) and item not in RATINGS:
            own = f"{{id: {item}, text: …, low: …, high: …, better: …}}"
            known = nearest(item, RATINGS)
            known += (
                f" Otherwise write {own}" if known.endswith("?") else f", or one of your own such as {own}"
            )
            yield Finding((*path, "ratings", index), f"no rating is called {found(item)}; {known}")


def _params_together(path: Path, task: Task, instrument: Instrument) -> Iterator[Finding]:
    """See that parameters which are right one by one can be run together."""
    written = instrument.params
    if all(name in task.params and not param_problem(task, name, value) for name, value in written.items()):
        problem = params_problem(task, params_of(instrument))
        if problem is not None:
            name, text = problem
            place = name if name in written else next(iter(written), None)
            shown = text if place == name else f"{name}: {text}"
            yield Finding(
                (*path, "params", place) if place else (*path, "task"), shown, needs=((*path, "task"),)
            )


def _is_known(instrument: Instrument) -> bool:
    """Tell whether the scores of an instrument can be told."""
    if instrument.task is not None:
        return instrument.task in TASKS
    if instrument.questionnaire is not None:
        return instrument.questionnaire in QUESTIONNAIRES
    if instrument.ratings is not None:
        return all(not isinstance(item, str) or item in RATINGS for item in instrument.ratings)
    return instrument.external is not None


def _entries(protocol: Protocol) -> Iterator[tuple[Path, str]]:
    for name, held in protocol.batteries.items():
        for index, entry in enumerate(held):
            yield ("batteries", name, index), entry
    for number, plan in enumerate(protocol.sessions):
        if not isinstance(plan.battery, str):
            for index, entry in enumerate(plan.battery):
                yield ("sessions", number, "battery", index), entry


def _part(protocol: Protocol, path: Path, entry: str) -> Iterator[Finding]:
    name, _, part = entry.partition(":")
    if not part or name not in protocol.instruments:
        return
    instrument = protocol.instruments[name]
    parts = _parts(instrument)
    needs: tuple[Path, ...] = (("instruments", name),)
    if not parts and _is_known(instrument):
        yield Finding(path, f"{name} has no parts; write {name}", needs=needs)
    elif parts and part not in parts:
        choice = " or ".join(f"{name}:{known}" for known in parts)
        yield Finding(path, f"{name} has no part {found(part)}; write {choice}", needs=needs)


def _parts(instrument: Instrument) -> tuple[str, ...]:
    task = TASKS.get(instrument.task or "")
    return task.parts if task is not None else ()


def _order(protocol: Protocol) -> Iterator[Finding]:
    """See that what is recalled was learned before, in the same session, and once."""
    for number, plan in enumerate(protocol.sessions):
        given = entries_of(plan, protocol.batteries)
        for place, entry in enumerate(given):
            name, _, part = entry.partition(":")
            if name not in protocol.instruments or part not in _parts(protocol.instruments[name]):
                continue
            path: Path = ("sessions", number, "battery")
            needs: tuple[Path, ...] = (("batteries",), ("instruments", name))
            first = _parts(protocol.instruments[name])[0]
            if part != first and f"{name}:{first}" not in given[:place]:
                yield Finding(
                    path,
                    f"gives {entry} without {name}:{first} before it; write both, in this order",
                    needs=needs,
                )
            if name in given:
                yield Finding(path, f"gives {name} and {entry}; write the whole or its parts", needs=needs)


def _named_scores(protocol: Protocol) -> Iterator[tuple[Path, str]]:
    yield ("outcomes", "primary", "score"), protocol.outcomes.primary.score
    for index, outcome in enumerate(protocol.outcomes.secondary):
        yield ("outcomes", "secondary", index, "score"), outcome.score
    run_in = protocol.design.run_in
    if run_in is not None and run_in.stop_when is not None:
        yield ("design", "run_in", "stop_when", "score"), run_in.stop_when.score


def _score(
    protocol: Protocol, specs: Mapping[str, tuple[ScoreSpec, ...]], path: Path, score: str
) -> Iterator[Finding]:
    instrument, _, name = score.partition(".")
    needs: tuple[Path, ...] = (("instruments", instrument),)
    if instrument not in protocol.instruments:
        known = [spec.name for held in specs.values() for spec in held]
        yield Finding(
            path,
            f"no instrument is called {found(instrument)}; {_nearest_score(score, known, protocol)}",
            needs=needs,
        )
    elif instrument in specs and score not in {spec.name for spec in specs[instrument]}:
        own = [spec.name.partition(".")[2] for spec in specs[instrument]]
        yield Finding(path, f"{instrument} has no score {found(name)}; {nearest(name, own)}", needs=needs)


def _nearest_score(score: str, known: Sequence[str], protocol: Protocol) -> str:
    advice = nearest(score, known)
    return advice if advice.startswith("did") else nearest(score.partition(".")[0], protocol.instruments)


def _measured(protocol: Protocol, specs: Mapping[str, tuple[ScoreSpec, ...]]) -> Iterator[Finding]:
    """Each outcome is due on a day that counts, and its smallest effect can be."""
    known = {str(spec.name): spec for held in specs.values() for spec in held}
    design = protocol.design
    outcomes = [(("outcomes", "primary"), protocol.outcomes.primary)]
    outcomes += [(("outcomes", "secondary", i), one) for i, one in enumerate(protocol.outcomes.secondary)]  # type: ignore[misc]
    for path, outcome in outcomes:
        spec = known.get(outcome.score)
        if spec is None:
            continue
        days = _days_due(protocol, spec)
        needs: tuple[Path, ...] = (
            ("sessions",), ("batteries",), ("instruments", outcome.score.partition(".")[0]),
            ("design", "period_days"), ("design", "onset_days"),
        )  # fmt: skip
        if not days:
            yield Finding(
                (*path, "score"),
                f"{outcome.score} is never due; write its instrument into one of sessions",
                needs=needs,
            )
        elif max(days) <= design.onset_days:
            shown = ", ".join(map(str, sorted(days)[:10]))
            yield Finding(
                (*path, "score"),
                f"{outcome.score} is due on day {shown} of a period, and the first {design.onset_days} do not count; "
                "write a later day into sessions, or fewer onset_days",
                needs=needs,
            )
        width = spec.range[1] - spec.range[0]
        if outcome.sesoi is not None and outcome.sesoi >= width:
            yield Finding(
                (*path, "sesoi"),
                f"found {found(outcome.sesoi)}, and the whole range of {outcome.score} is {decimal_text(width)} {spec.unit}; "
                "write a smaller number",
                needs=(("instruments", outcome.score.partition(".")[0]),),
            )


def _days_due(protocol: Protocol, spec: ScoreSpec) -> set[int]:
    instrument = spec.name.partition(".")[0]
    giving = {instrument, f"{instrument}:{spec.part}"}
    return {
        day
        for plan in protocol.sessions
        if giving & set(entries_of(plan, protocol.batteries))
        for day in days_due(plan, protocol.design.period_days)
    }


def _stop_rules(protocol: Protocol, specs: Mapping[str, tuple[ScoreSpec, ...]]) -> Iterator[Finding]:
    for index, rule in enumerate(protocol.safety.stop_rules if protocol.safety else ()):
        try:
            condition = stop_condition(rule.when)
        except ValueError:
            continue  # told by the rules of the document
        if condition.instrument == EVENT or condition.instrument not in specs:
            continue
        path: Path = ("safety", "stop_rules", index, "when")
        needs: tuple[Path, ...] = (("instruments", condition.instrument),)
        watched = {spec.name.partition(".")[2]: spec for spec in specs[condition.instrument]}
        if condition.score not in {"*", *watched}:
            yield Finding(
                path, f"{condition.instrument} has no score {found(condition.score)}; {nearest(condition.score, ['*', *watched])}",
                needs=needs,
            )  # fmt: skip
            continue
        ranges = [spec.range for name, spec in watched.items() if condition.score in {"*", name}]
        low, high = min(one[0] for one in ranges), max(one[1] for one in ranges)
        if condition.from_baseline:
            low, high = low - high, high - low
        if not _can_be_met(condition.relation, condition.number, low, high):
            yield Finding(
                path,
                f"found {found(rule.when)}, which can never be: the range is {decimal_text(low)} to {decimal_text(high)}; "
                "write a number within it",
                needs=needs,
            )
    yield from _suicide_plan(protocol)


def _can_be_met(relation: str, number: Decimal, low: Decimal, high: Decimal) -> bool:
    match relation:
        case ">=":
            return number <= high
        case ">":
            return number < high
        case "<=":
            return number >= low
    return number > low


def asks_about_suicide(protocol: Protocol) -> tuple[str, ...]:
    """Name the instruments that ask for thoughts of death.

    Parameters
    ----------
    protocol : Protocol
        Any.

    Returns
    -------
    tuple of str
        Names in the protocol, such as one of PHQ-9.
    """
    given = (
        (name, QUESTIONNAIRES.get(one.questionnaire or "")) for name, one in protocol.instruments.items()
    )
    return tuple(name for name, found in given if found is not None and found.asks_about_suicide)


def _suicide_plan(protocol: Protocol) -> Iterator[Finding]:
    asking = asks_about_suicide(protocol)
    if asking and (protocol.safety is None or protocol.safety.suicidality_plan is None):
        yield Finding(
            ("instruments", asking[0], "questionnaire"),
            f"{protocol.instruments[asking[0]].questionnaire} asks for thoughts of death; write safety.suicidality_plan (who is "
            "told, which number is called), or phq8, which does not ask",
            needs=(("safety", "suicidality_plan"),),
        )
