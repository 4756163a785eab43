"""A whole simulated trial, played through the same commands that a person would use, with a known effect."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from nof1.errors import WorkspaceError
from nof1.files.atomic import write_atomically
from nof1.files.protocols import library_text
from nof1.files.reports import primary_effect
from nof1.files.tables import read_schedule
from nof1.files.workspace import init_workspace
from nof1.terms import Channel
from nof1.workflow.context import Context
from nof1.workflow.hands import pack

if TYPE_CHECKING:
    from pathlib import Path

TRUE_EFFECT = 0.25
"""What caffeine does to the simulated participant's speed of reaction [1/s]."""
PROTOCOL = "caffeine-vigilance"
TRIAL = "demo"
_START = date(2026, 3, 2)
_SEED = b"nof1 demo, version 2"
_SHEETS = b" sheets"

_MISSED = 0.03
_AFTERNOON = 15
_DAYS_SHOWN = 2

Run = Callable[[Sequence[str], Context, bool], None]
"""Runs one command line with a context; the last argument asks for silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Where the demo wrote what.

    Attributes
    ----------
    participant : Path
        The folder: what a person would have on their own computer.
    report : Path
        The finished page.
    found : str
        What the analysis says about the effect, in numbers.
    """

    participant: Path
    report: Path
    found: str


class SimulatedClock:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        """Return the time; a second passes with every look."""
        self._now += timedelta(seconds=1)
        return self._now

    def put(self, on: date, at: time) -> None:
        """Put the clock on a moment [UTC].

        Parameters
        ----------
        on : date
            The day.
        at : time
            The time of day.
        """
        self._now = datetime.combine(on, at, UTC)


def simulated_entropy(seed: bytes) -> Callable[[int], bytes]:
    """Return a source of bytes that gives the same again; whoever uses it marks the trial as simulated.

    Parameters
    ----------
    seed : bytes
        Any bytes.

    Returns
    -------
    callable
        ``entropy(n)`` gives n bytes.
    """
    state = [0]

    def entropy(n: int) -> bytes:
        state[0] += 1
        return hashlib.shake_256(seed + state[0].to_bytes(8, "big")).digest(n)

    return entropy


def play(to: Path, context: Context, run: Run) -> Played:
    """Play somebody who is alone: packs, shuffles, takes, tests, and reads the slips at the end.

    Parameters
    ----------
    to : Path
        A folder that does not exist yet or is empty.
    context : Context
        For its progress; clock, entropy and hands are simulated.
    run : callable
        Runs one command line of nof1.

    Returns
    -------
    Played
        The folder and the report.

    Raises
    ------
    WorkspaceError
        If something is in the folder already.
    """
    clock = SimulatedClock(datetime.combine(_START, time(6), UTC))
    me = to / "participant"
    if me.exists():
        raise WorkspaceError(f"{to} holds a demo already; give another folder with --to")
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise WorkspaceError(f"{to} is a file, or not empty; take another folder")
    init_workspace(me)
    mine = replace(
        context,
        workspace=me,
        now=clock,
        entropy=simulated_entropy(_SEED),
        channel=Channel.CLI,
        simulated=True,
    )
    protocol = me / "protocols" / f"{PROTOCOL}.yaml"
    write_atomically(protocol, library_text(PROTOCOL).encode())

    run(["protocol", "check", str(protocol)], mine, False)
    kits = me / "kits"
    at_the_printer = replace(mine, entropy=simulated_entropy(_SEED + _SHEETS))
    run(["kit", "plan", str(protocol), "--to", str(kits)], at_the_printer, False)
    context.progress("(simulated hands fill, shuffle and label the packs, and answer what randomize asks)")
    boxes = pack(protocol, simulated_entropy(_SEED + _SHEETS), random.Random(_SEED + b" hands"))  # noqa: S311 - made-up hands
    answers = me / "answers.json"
    write_atomically(answers, json.dumps(boxes.answers, indent=1).encode())
    trial = me / "data" / TRIAL
    start = ["--start", _START.isoformat(), "--zone", "UTC", "--kits", str(kits), "--answers", str(answers)]
    run(["randomize", str(protocol), "--trial", str(trial), *start], mine, False)
    run(["today", TRIAL, "--on", (_START + timedelta(days=2)).isoformat()], mine, False)

    last = _live_through(trial, boxes.contents, clock, mine, run)

    clock.put(last + timedelta(days=1), time(9))
    run(["lock", TRIAL, "--yes"], mine, False)
    slips = me / "slips.txt"
    write_atomically(slips, boxes.cards.encode())
    run(["unblind", TRIAL, "--cards", str(slips)], mine, False)
    run(["verify", TRIAL], mine, False)
    run(["report", TRIAL], mine, False)
    report = max((me / "reports" / TRIAL).glob("*/report.html"))
    low, estimate, high = primary_effect(report.parent)
    return Played(
        participant=me,
        report=report,
        found=f"{estimate:.3f}, with a 95 % interval from {low:.3f} to {high:.3f}",
    )


def _live_through(
    trial: Path, contents: Mapping[str, str], clock: SimulatedClock, context: Context, run: Run
) -> date:
    """Play every day as it comes: dose, tests, guess; the last two days come from a file. Return the last day."""
    days = _simulate(trial, contents)
    for place, day in enumerate(days[:-2]):
        quiet = place > _DAYS_SHOWN
        if place == _DAYS_SHOWN + 1:
            context.progress(f"… and {len(days) - place} more days like these")
        if day.is_treatment:
            clock.put(day.on, time(9))
            run(["record", TRIAL, "kit", day.kit], context, quiet)
            run(["record", TRIAL, "dose"], context, quiet)
        for session in day.sessions:
            at = datetime.fromisoformat(session["at"])
            clock.put(day.on, time(at.hour, at.minute + 4))
            values = [f"--set={name}={session[name]}" for name in session if name != "at"]
            run(["enter", TRIAL, "--at", f"{at:%H:%M}", *values], context, quiet)
        if day.is_treatment:
            clock.put(day.on, time(21))
            run(["record", TRIAL, "guess", "--percent", f"on={day.guess}"], context, quiet)
    last = days[-1].on
    clock.put(last, time(22))
    file = context.workspace / "last-days.csv"
    write_atomically(file, _table([session for day in days[-2:] for session in day.sessions]))
    run(["enter", TRIAL, "--csv", str(file)], context, False)
    happened = ["--term", "light headache", "--severity", "1", "--on", days[9].on.isoformat()]
    run(["record", TRIAL, "event", *happened], context, False)
    run(["status", TRIAL], context, False)
    return last


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """What the simulated participant did on one day."""

    on: date
    is_treatment: bool
    kit: str
    sessions: tuple[dict[str, str], ...]
    guess: int


def _simulate(trial: Path, contents: Mapping[str, str]) -> list[_Day]:
    """Draw the participant: practice, days that resemble the day before, and the effect."""
    rng = random.Random(_SEED)  # noqa: S311 - a simulated person, not a secret
    days: list[_Day] = []
    n_sessions = 0
    day_error = 0.0
    for row in read_schedule(trial / "schedule.csv"):
        is_on = contents.get(row["kit"]) == "on"
        first, last = date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"])
        for offset in range((last - first).days + 1):
            on = first + timedelta(days=offset)
            day_error = 0.3 * day_error + rng.gauss(0, 0.15)
            sessions = []
            for hour in (10, _AFTERNOON):
                n_sessions += 1
                practice = 0.05 * math.log(n_sessions)
                speed = 3.55 + practice + is_on * TRUE_EFFECT + day_error + rng.gauss(0, 0.1)
                at = datetime.combine(on, time(hour, rng.randrange(25)))
                if rng.random() > _MISSED:
                    sessions.append(
                        _session(at, speed, rng) | (_harms(is_on, rng) if hour == _AFTERNOON else {})
                    )
            felt = (25 if is_on else -25) * rng.random() + rng.gauss(0, 15)
            days.append(
                _Day(
                    on=on,
                    is_treatment=row["kind"] == "treatment",
                    kit=row["kit"],
                    sessions=tuple(sessions),
                    guess=min(95, max(5, round(50 + felt))),
                )
            )
    return days


def _session(at: datetime, speed: float, rng: random.Random) -> dict[str, str]:
    return {
        "at": at.isoformat(timespec="minutes"),
        "vigil.speed": f"{speed:.3f}",
        "vigil.lapses": str(max(0, round(4 - 3 * (speed - 3.6) + rng.gauss(0, 1)))),
    }


def _harms(is_on: bool, rng: random.Random) -> dict[str, str]:  # noqa: FBT001 - what was taken
    """Rate unwanted effects: mostly none; a little nervousness with caffeine."""
    felt = {"nervousness": 1.2 if is_on else 0.4, "restlessness": 0.6, "headache": 0.3}
    return {f"harms.{name}": str(min(10, int(rng.expovariate(1 / mean)))) for name, mean in felt.items()}


def _table(sessions: Sequence[dict[str, str]]) -> bytes:
    text = io.StringIO()
    names = dict.fromkeys(name for session in sessions for name in session)
    writer = csv.DictWriter(text, fieldnames=list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows(sessions)
    return text.getvalue().encode()
