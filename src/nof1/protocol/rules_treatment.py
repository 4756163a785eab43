"""Rules about participant, conditions, design and blinding."""

from __future__ import annotations

import re
from datetime import date
from math import comb
from typing import TYPE_CHECKING

from nof1.protocol.facts import n_days, n_periods
from nof1.protocol.finding import Finding, names
from nof1.protocol.scalars import hours
from nof1.protocol.sentences import found, nearest
from nof1.protocol.sessions import in_run_in, start_times
from nof1.terms import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.protocol.model import Protocol
    from nof1.protocol.yaml_text import Path

MOST_DAYS = 3660
MOST_PERIODS = 1000
MOST_STATES = 100_000
"""Of the automaton that counts orders with a longest run: less than a second."""
# Windows gives these names to devices, with any ending.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_LENGTH_KEYS = {
    "randomized_blocks": ("blocks",),
    "balanced": ("periods",),
    "williams": ("blocks", "periods"),
    "counterbalanced": ("blocks", "periods"),
    "fixed": ("sequence",),
}
# What a participant sees: it must not tell one condition from another.
_SEEN = ("times", "capsules", "form", "route")


def treatment_findings(protocol: Protocol) -> Iterator[Finding]:
    """Find what does not agree in the sections about the treatment.

    Parameters
    ----------
    protocol : Protocol
        As the model read it.

    Yields
    ------
    Finding
        One for each mistake.
    """
    yield from _names(protocol)
    yield from _participant(protocol)
    yield from _conditions(protocol)
    yield from _alike(protocol)
    yield from _factors(protocol)
    yield from _constants(protocol)
    yield from _length(protocol)
    yield from _longest_run(protocol)
    yield from _sequence(protocol)
    yield from _days(protocol)
    yield from _run_in(protocol)
    yield from _blinding(protocol)


def _names(protocol: Protocol) -> Iterator[Finding]:
    if protocol.id in _RESERVED:
        yield Finding(
            ("id",),
            f"found {found(protocol.id)}, which Windows keeps for a device; write {protocol.id}-trial",
        )


def _participant(protocol: Protocol) -> Iterator[Finding]:
    person = protocol.participant
    if person.consent_on is not None and not _is_date(person.consent_on):
        yield Finding(
            ("participant", "consent_on"),
            f"found {found(person.consent_on)}; write a date such as 2026-03-01",
        )
    if not person.is_owner:
        for key, write in (
            ("consent", "what was agreed to, and how"),
            ("consent_on", "the date, such as 2026-03-01"),
        ):
            if getattr(person, key) is None:
                yield Finding(
                    ("participant", key),
                    f"missing; the participant is not the owner of this trial, so write {write}",
                    needs=(("participant", "is_owner"),),
                )


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _conditions(protocol: Protocol) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], str] = {}
    for code, condition in protocol.conditions.items():
        path: Path = ("conditions", code)
        if condition.dose is not None and not condition.times:
            yield Finding(
                (*path, "times"),
                'missing; it has a dose, so write when it is taken, such as times: ["08:00"]',
                needs=((*path, "dose"),),
            )
        yield from _each_once((*path, "times"), condition.times)
        if condition.half_life is not None:
            yield from _half_life((*path, "half_life"), condition.half_life)
        same = (condition.name, condition.dose, tuple(sorted(condition.factors.items())), condition.times)
        if same in seen:
            yield Finding(
                path,
                f"the same as conditions.{seen[same]}; write another name or dose, or leave one of them out",
                needs=(("conditions", seen[same]),),
            )
        seen.setdefault(same, code)


def _each_once(path: Path, times: tuple[str, ...]) -> Iterator[Finding]:
    for index, at in enumerate(times):
        if at in times[:index]:
            yield Finding((*path, index), f"found {found(at)} again; write each time once")


def _half_life(path: Path, text: str) -> Iterator[Finding]:
    try:
        hours(text)
    except ValueError:
        yield Finding(path, f"found {found(text)}; write a time in min, h or d such as 5 h")


def _alike(protocol: Protocol) -> Iterator[Finding]:
    """Whatever the participant sees must be the same in all conditions, or it tells them apart."""
    if protocol.blinding.mode is Mode.OPEN_LABEL:
        return
    first, *others = protocol.conditions
    for code in others:
        for key in _SEEN:
            here = getattr(protocol.conditions[code], key)
            there = getattr(protocol.conditions[first], key)
            if (sorted(here) != sorted(there)) if key == "times" else (here != there):
                yield Finding(
                    ("conditions", code, key),
                    f"found {_shown(here)}, and {_shown(there)} in conditions.{first}: what differs tells them apart; "
                    "write the same in both, or blinding.mode: open_label",
                    needs=(("conditions", first, key), ("blinding", "mode")),
                )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return found(value)


def _factors(protocol: Protocol) -> Iterator[Finding]:
    first, *others = protocol.conditions
    names = set(protocol.conditions[first].factors)
    for code in others:
        here = set(protocol.conditions[code].factors)
        if here != names:
            wanted = ", ".join(sorted(names)) or "none"
            yield Finding(
                ("conditions", code, "factors"),
                f"found {', '.join(sorted(here)) or 'none'}, and {wanted} in conditions.{first}; "
                "write the same factors in every condition, or in none",
                needs=(("conditions", first, "factors"),),
            )
    cells: dict[tuple[tuple[str, str], ...], str] = {}
    for code, condition in protocol.conditions.items():
        cell = tuple(sorted(condition.factors.items()))
        if cell and cell in cells:
            yield Finding(
                ("conditions", code, "factors"),
                f"the same levels as conditions.{cells[cell]}; write each combination once",
                needs=(("conditions", cells[cell], "factors"),),
            )
        cells.setdefault(cell, code)


def _constants(protocol: Protocol) -> Iterator[Finding]:
    for index, constant in enumerate(protocol.constant):
        yield from _each_once(("constant", index, "times"), constant.times)


def _length(protocol: Protocol) -> Iterator[Finding]:
    """Each kind of design is told its length by a key of its own."""
    design = protocol.design
    keys = _LENGTH_KEYS[design.kind]
    wanted = " or ".join(keys)
    given = [key for key in ("blocks", "periods", "sequence") if getattr(design, key) is not None]
    kind: tuple[Path, ...] = (("design", "kind"),)
    for key in given:
        if key not in keys and not (design.kind == "fixed" and key == "periods"):
            yield Finding(("design", key), f"{design.kind} has no {key}; write {wanted}", needs=kind)
    fitting = [key for key in keys if key in given]
    if not fitting:
        codes = list(protocol.conditions)
        example = {
            "blocks": "blocks: 6",
            "periods": "periods: 12",
            "sequence": f"sequence: [{', '.join(codes * 2)}]",
        }
        yield Finding(
            ("design", keys[0]), f"missing; {design.kind} needs it: write {example[keys[0]]}", needs=kind
        )
    elif len(fitting) > 1:
        yield Finding(
            ("design", "periods"),
            "blocks says the length already; leave out one of them",
            needs=(*kind, ("design", "blocks")),
        )
    if design.per_block > 1 and design.kind != "randomized_blocks":
        yield Finding(
            ("design", "per_block"),
            f"{design.kind} has no per_block; leave it out, or write kind: randomized_blocks",
            needs=kind,
        )
    if design.max_run is not None and design.kind != "balanced":
        yield Finding(
            ("design", "max_run"),
            f"{design.kind} has no max_run; leave it out, or write kind: balanced",
            needs=kind,
        )
    k = len(protocol.conditions)
    if design.periods is not None and design.kind in {"balanced", "counterbalanced"} and design.periods % k:
        below, above = design.periods // k * k, (design.periods // k + 1) * k
        yield Finding(
            ("design", "periods"),
            f"found {design.periods}, and each of {k} conditions must come equally often; "
            f"write {f'{below} or {above}' if below else above}",
            needs=(*kind, names("conditions")),
        )


def _longest_run(protocol: Protocol) -> Iterator[Finding]:
    """See that the orders that keep a longest run can be counted while somebody waits."""
    design, k = protocol.design, len(protocol.conditions)
    if design.kind != "balanced" or design.periods is None or design.max_run is None:
        return
    each = design.periods // k
    # What is left of the last condition and, in any order, of the others; times the ways to go on.
    per_run = (each + 1) * comb(each + k - 1, k - 1) * k
    if design.max_run < each and per_run * design.max_run > MOST_STATES:
        most = MOST_STATES // per_run
        yield Finding(
            ("design", "max_run"),
            f"found {design.max_run} over {design.periods} periods: too many orders to count; "
            f"write {f'{most} or less, ' if most else ''}fewer periods, or leave it out",
            needs=(("design", "periods"), ("design", "kind"), names("conditions")),
        )


def _sequence(protocol: Protocol) -> Iterator[Finding]:
    design = protocol.design
    if design.kind != "fixed" or design.sequence is None:
        return
    for index, code in enumerate(design.sequence):
        if code not in protocol.conditions:
            yield Finding(
                ("design", "sequence", index),
                f"no condition is called {found(code)}; {nearest(code, protocol.conditions)}",
                needs=(("conditions", code),),
            )
    for code in protocol.conditions:
        if code not in design.sequence:
            yield Finding(
                ("design", "sequence"),
                f"{code} never comes; write it in, or leave conditions.{code} out",
                needs=(("conditions", code), ("design", "kind")),
            )
    if design.periods is not None and design.periods != len(design.sequence):
        yield Finding(
            ("design", "periods"),
            f"found {design.periods}, and {len(design.sequence)} in the sequence; leave it out",
            needs=(("design", "sequence"), ("design", "kind")),
        )


def _days(protocol: Protocol) -> Iterator[Finding]:
    design = protocol.design
    if design.onset_days >= design.period_days:
        most = design.period_days - 1
        yield Finding(
            ("design", "onset_days"),
            f"{design.onset_days} leaves no day to analyse in a {design.period_days}-day period; "
            f"write {f'{most} or less' if most else 0}",
            needs=(("design", "period_days"),),
        )
    k = len(protocol.conditions)
    periods, days = n_periods(design, k), n_days(design, k)
    key = "blocks" if design.blocks is not None else "periods"
    needs: tuple[Path, ...] = (("design",), names("conditions"))
    if periods is not None and periods > MOST_PERIODS:
        yield Finding(("design", key), f"makes {periods} periods; write {MOST_PERIODS} or fewer", needs=needs)
    elif days is not None and days > MOST_DAYS:
        yield Finding(
            ("design", key),
            f"makes {days} days, run-in and washouts counted; write {MOST_DAYS} or fewer",
            needs=needs,
        )


def _run_in(protocol: Protocol) -> Iterator[Finding]:
    run_in = protocol.design.run_in
    if run_in is None:
        return
    path: Path = ("design", "run_in")
    plans = [plan for plan in protocol.sessions if in_run_in(plan)]
    if not plans:
        yield Finding(
            path,
            "no session is due in the run-in, since all have days; leave days out in one of sessions, or leave run_in out",
            needs=(("sessions",),),
        )
        return
    try:
        a_day = sum(len(start_times(plan)) for plan in plans)
    except ValueError:
        return  # told where it stands
    if run_in.sessions > a_day * run_in.within_days:
        yield Finding(
            (*path, "sessions"),
            f"found {run_in.sessions}, and {run_in.within_days} days with {a_day} a day hold {a_day * run_in.within_days}; "
            f"write within_days: {-(-run_in.sessions // a_day)} or more",
            needs=((*path, "within_days"), ("sessions",)),
        )
    if run_in.stop_when is not None and run_in.stop_when.last > run_in.sessions:
        yield Finding(
            (*path, "stop_when", "last"),
            f"found {run_in.stop_when.last}, and the run-in has {run_in.sessions} sessions; write {run_in.sessions} or less"
            if run_in.sessions >= 3
            else f"found {run_in.stop_when.last}, and the run-in has {run_in.sessions} sessions; leave stop_when out",
            needs=((*path, "sessions"),),
        )


def _blinding(protocol: Protocol) -> Iterator[Finding]:
    blinding = protocol.blinding
    if blinding.mode is not Mode.OPEN_LABEL:
        return
    mode: tuple[Path, ...] = (("blinding", "mode"),)
    if blinding.guess != "none":
        yield Finding(
            ("blinding", "guess"),
            "in open_label everybody knows, so there is nothing to guess; write none",
            needs=mode,
        )
    if blinding.spare_blocks:
        yield Finding(
            ("blinding", "spare_blocks"),
            f"found {blinding.spare_blocks}, and open_label has no kits to replace; write 0",
            needs=mode,
        )
