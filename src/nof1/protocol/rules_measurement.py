"""Rules about instruments, batteries and sessions that need no catalogue."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from nof1.protocol.finding import Finding
from nof1.protocol.measurement import KINDS
from nof1.protocol.model import RatingItem
from nof1.protocol.scalars import clock, duration
from nof1.protocol.sentences import found, nearest
from nof1.protocol.sessions import MAX_ENTRIES, days_due, entries_of, expand, start_times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from nof1.protocol.model import External, Protocol, SessionPlan
    from nof1.protocol.yaml_text import Path


def measurement_findings(protocol: Protocol) -> Iterator[Finding]:
    """Find what does not agree in the sections about the battery.

    Parameters
    ----------
    protocol : Protocol
        As the model read it.

    Yields
    ------
    Finding
        One for each mistake.
    """
    yield from _instruments(protocol)
    yield from _batteries(protocol)
    for index, plan in enumerate(protocol.sessions):
        yield from _given(protocol, index, plan)
        yield from _days(protocol, index, plan)
        yield from _times(protocol, index, plan)
    yield from _twice(protocol)


def _instruments(protocol: Protocol) -> Iterator[Finding]:
    for name, instrument in protocol.instruments.items():
        path: Path = ("instruments", name)
        kinds = [kind for kind in KINDS if getattr(instrument, kind) is not None]
        if not kinds:
            yield Finding(path, f"is nothing yet; write one of {', '.join(KINDS)}")
        elif len(kinds) > 1:
            yield Finding(
                path, f"found {' and '.join(kinds)}; an instrument is one of them, so write two instruments"
            )
        if instrument.task is None:
            for key in ("params", "input"):
                if getattr(instrument, key):
                    yield Finding(
                        (*path, key), f"only a task has {key}; leave it out", needs=((*path, "task"),)
                    )
        yield from _ratings((*path, "ratings"), instrument.ratings or ())
        if instrument.external is not None:
            yield from _external((*path, "external"), instrument.external)


def _ratings(path: Path, items: Sequence[str | RatingItem]) -> Iterator[Finding]:
    ids = [item.id if isinstance(item, RatingItem) else item for item in items]
    for index, item in enumerate(items):
        if ids[index] in ids[:index]:
            yield Finding((*path, index), f"found {found(ids[index])} again; write each rating once")
        if isinstance(item, RatingItem) and item.range is not None:
            yield from _range((*path, index, "range"), item.range)


def _external(path: Path, external: External) -> Iterator[Finding]:
    for name, score in external.scores.items():
        if name == "time":
            yield Finding(
                (*path, "scores", name), "time is the column of dates; write another name", at="key"
            )
        yield from _range((*path, "scores", name, "range"), score.range)
    if external.csv is None:
        return
    for name in external.csv:
        if name != "time" and name not in external.scores:
            yield Finding(
                (*path, "csv", name),
                f"no score is called {found(name)}; {nearest(name, dict.fromkeys(['time', *external.scores]))}",
                needs=((*path, "scores"),),
                at="key",
            )
    if "time" not in external.csv:
        yield Finding(
            (*path, "csv", "time"), "missing; write which column holds the date, such as time: date"
        )
    columns = list(external.csv.items())
    for index, (name, column) in enumerate(columns):
        if column in [other for _, other in columns[:index]]:
            yield Finding(
                (*path, "csv", name), f"found the column {found(column)} again; write each column once"
            )


def _range(path: Path, bounds: tuple[Decimal, Decimal]) -> Iterator[Finding]:
    low, high = bounds
    if low >= high:
        yield Finding(
            path, f"found [{found(low)}, {found(high)}]; write the lower number first, and a higher one"
        )


def _batteries(protocol: Protocol) -> Iterator[Finding]:
    for name, held in protocol.batteries.items():
        path: Path = ("batteries", name)
        if name in protocol.instruments:
            yield Finding(
                path, "an instrument has this name; write another", needs=(("instruments", name),), at="key"
            )
        for index, entry in enumerate(held):
            yield from _entry(protocol, (*path, index), entry)
        if _holds_itself(protocol, name):
            yield Finding(path, f"holds itself; leave {name} out of what it holds")


def _holds_itself(protocol: Protocol, name: str) -> bool:
    seen: set[str] = set()
    waiting = list(protocol.batteries[name])
    while waiting:
        entry = waiting.pop()
        if entry == name:
            return True
        if entry not in seen:
            seen.add(entry)
            waiting += protocol.batteries.get(entry, ())
    return False


def _entry(protocol: Protocol, path: Path, entry: str) -> Iterator[Finding]:
    name, _, part = entry.partition(":")
    if part and name in protocol.batteries and name not in protocol.instruments:
        yield Finding(path, f"{name} is a battery, and only an instrument has parts; write {name}")
    elif name not in protocol.instruments and name not in protocol.batteries:
        yield Finding(
            path,
            f"no instrument or battery is called {found(name)}; "
            f"{nearest(name, [*protocol.batteries, *protocol.instruments])}",
            needs=(("instruments", name), ("batteries", name)),
        )


def _given(protocol: Protocol, index: int, plan: SessionPlan) -> Iterator[Finding]:
    path: Path = ("sessions", index, "battery")
    if isinstance(plan.battery, str):
        yield from _entry(protocol, path, plan.battery)
    else:
        for place, entry in enumerate(plan.battery):
            yield from _entry(protocol, (*path, place), entry)
    entries = entries_of(plan, protocol.batteries)
    needs: tuple[Path, ...] = (("batteries",),)
    if len(entries) > MAX_ENTRIES:
        yield Finding(path, f"gives more than {MAX_ENTRIES} instruments at once; write fewer", needs=needs)
        return
    given = entries
    for place, entry in enumerate(given):
        if entry in given[:place]:
            yield Finding(path, f"gives {entry} twice in one session; write it once", needs=needs)
            return


def _days(protocol: Protocol, index: int, plan: SessionPlan) -> Iterator[Finding]:
    path: Path = ("sessions", index)
    length = protocol.design.period_days
    period: tuple[Path, ...] = (("design", "period_days"),)
    for key, days in (("days", plan.days or ()), ("not_days", plan.not_days)):
        for place, day in enumerate(days):
            if day != "last" and day > length:
                yield Finding(
                    (*path, key, place),
                    f"found {day}, and a period has {_counted(length, 'day')}; write 1 to {length}, or last",
                    needs=period,
                )
            elif _number(day, length) in [_number(earlier, length) for earlier in days[:place]]:
                yield Finding(
                    (*path, key, place),
                    f"found day {_number(day, length)} again; write each day once",
                    needs=period,
                )
    if plan.days is not None and plan.not_days:
        yield Finding(
            (*path, "not_days"), "days says it already; leave one of them out", needs=((*path, "days"),)
        )
    elif not days_due(plan, length):
        yield Finding(
            (*path, "not_days"), "leaves no day on which it is due; leave out some of them",
            needs=((*path, "days"), *period),
        )  # fmt: skip


def _number(day: object, length: int) -> object:
    return length if day == "last" else day


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _times(protocol: Protocol, index: int, plan: SessionPlan) -> Iterator[Finding]:
    path: Path = ("sessions", index)
    if plan.window is not None:
        yield from _window((*path, "window"), plan)
    if plan.at is None:
        return
    if not isinstance(plan.at, str):
        for place, text in enumerate(plan.at):
            if text in plan.at[:place]:
                yield Finding((*path, "at", place), f"found {found(text)} again; write each time once")
        return
    try:
        (start,) = start_times(plan)
    except ValueError as error:
        yield Finding((*path, "at"), str(error))
        return
    taken = {clock(at) for one in protocol.conditions.values() for at in one.times}
    taken |= {clock(at) for one in protocol.constant for at in one.times}
    if start is not None and start.is_dose and start.clock not in taken:
        times = ", ".join(f"{at:%H:%M}" for at in sorted(taken))
        yield Finding(
            (*path, "at"),
            f"found {found(plan.at)}, and nothing is taken at {start.clock:%H:%M}; "
            + (f"write one of {times}" if times else "write a time of day such as 10:30"),
            needs=(*(("conditions", code, "times") for code in protocol.conditions), ("constant",)),
        )


def _window(path: Path, plan: SessionPlan) -> Iterator[Finding]:
    try:
        length = duration(plan.window or "")
    except ValueError:
        yield Finding(path, f"found {found(plan.window)}; write a time in min or h such as 45 min")
        return
    if not 0 < length.total_seconds() <= 24 * 3600:
        yield Finding(path, f"found {found(plan.window)}; write more than 0 and up to 24 h")
    if plan.at is None:
        yield Finding(
            path,
            "there is no time from which it counts; write at, or leave window out",
            needs=((*path[:-1], "at"),),
        )


def _twice(protocol: Protocol) -> Iterator[Finding]:
    """Two plans must not ask for the same thing at the same time."""
    length = protocol.design.period_days
    for (one, first), (other, second) in combinations(enumerate(protocol.sessions), 2):
        # Two plans can agree for a part of their times only.
        texts = [text for text in _texts(second) if text in _texts(first)]
        days = sorted(set(days_due(first, length)) & set(days_due(second, length)))
        shared = _shared(protocol, first, second)
        if texts and days and shared:
            at = f" at {texts[0]}" if texts[0] else ""
            yield Finding(
                ("sessions", other),
                f"gives {shared[0]} on day {days[0]}{at}, as sessions[{one + 1}] does; "
                f"write not_days: [{', '.join(map(str, days[:10]))}{', …' if len(days) > 10 else ''}] in one of them",
                needs=(("sessions", one), ("batteries",), ("design", "period_days")),
            )


def _texts(plan: SessionPlan) -> Sequence[str | None]:
    return [plan.at] if plan.at is None or isinstance(plan.at, str) else plan.at


def _shared(protocol: Protocol, first: SessionPlan, second: SessionPlan) -> list[str]:
    there = set(entries_of(first, protocol.batteries))
    return [entry for entry in expand(entries_of(second, protocol.batteries), {}) if entry in there]
