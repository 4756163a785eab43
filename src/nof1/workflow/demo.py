"""A whole simulated trial, played through the same commands that a person would use, with a known effect."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from nof1.files.atomic import write_atomically
from nof1.files.protocols import library_text
from nof1.files.secrets import read_packing_list
from nof1.files.workspace import init_workspace
from nof1.terms import Channel
from nof1.workflow.context import Context

if TYPE_CHECKING:
    from pathlib import Path

TRUE_EFFECT = 0.25
"""What caffeine does to the simulated participant's speed of reaction [1/s]."""
PROTOCOL = "caffeine-vigilance"
TRIAL = "demo"
_START = date(2026, 3, 2)
_SEED = b"nof1 demo, version 1"

Run = Callable[[Sequence[str], Context], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Where the demo wrote what.

    Attributes
    ----------
    participant, preparer : Path
        The two folders: what either of them would have on their own computer.
    report : Path
        The finished page.
    """

    participant: Path
    preparer: Path
    report: Path


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
    """Play both roles of a third_party trial in two folders, from protocol to report.

    Parameters
    ----------
    to : Path
        A folder that does not exist yet or is empty.
    context : Context
        For its progress; clock and entropy are simulated.
    run : callable
        Runs one command line of nof1 with a context.

    Returns
    -------
    Played
        The folders and the report.

    Raises
    ------
    WorkspaceError
        If something is in the folder already.
    """
    clock = SimulatedClock(datetime.combine(_START, time(6), UTC))
    me = to / "participant"
    preparer = to / "preparer"
    init_workspace(me)
    preparer.mkdir(mode=0o700, parents=True)
    mine = replace(
        context,
        workspace=me,
        now=clock,
        entropy=simulated_entropy(_SEED),
        channel=Channel.CLI,
        simulated=True,
    )
    theirs = replace(
        mine, workspace=preparer, entropy=simulated_entropy(_SEED + b" preparer"), actor="preparer"
    )

    # The library's protocol is for a lone person; here a preparer packs, so that the demo needs no printed sheets.
    text = library_text(PROTOCOL).replace("mode: self_blinded", "mode: third_party")
    protocol = me / "protocols" / f"{PROTOCOL}.yaml"
    write_atomically(protocol, text.encode())
    write_atomically(preparer / protocol.name, text.encode())

    run(["protocol", "check", str(protocol)], mine)
    run(["kit", "draw", str(preparer / protocol.name), "--to", str(preparer / "kits")], theirs)
    public = preparer / "kits" / "for-participant" / "public.json"
    received = me / "public.json"
    write_atomically(received, public.read_bytes())
    trial = me / "data" / TRIAL
    start = ["--start", _START.isoformat(), "--zone", "UTC", "--kits", str(received)]
    run(["randomize", str(protocol), "--trial", str(trial), *start], mine)

    contents = read_packing_list(preparer / "kits" / "preparer-only" / "packing-list.csv")
    days = _enter_everything(trial, contents, clock, mine, run)

    clock.put(_START + timedelta(days=days), time(9))
    run(["lock", TRIAL, "--yes"], mine)
    run(["unblind", TRIAL, "--secret", str(preparer / "kits" / "preparer-only" / "secret.txt")], mine)
    run(["verify", TRIAL], mine)
    run(["report", TRIAL], mine)
    report = max((me / "reports" / TRIAL).glob("*/report.html"))
    return Played(participant=me, preparer=preparer, report=report)


def _enter_everything(
    trial: Path, contents: Mapping[str, str], clock: SimulatedClock, context: Context, run: Run
) -> int:
    """Take the first sessions by option, the others from a file; return the number of days."""
    rows, guesses = _simulate(trial, contents)
    first, *others = rows
    clock.put(_START, time(10, 30))
    values = [f"--set={name}={first[name]}" for name in first if name != "at"]
    run(["enter", TRIAL, "--at", first["at"], *values], context)
    table = io.StringIO()
    writer = csv.DictWriter(table, fieldnames=list(first), lineterminator="\n")
    writer.writeheader()
    writer.writerows(others)
    last = datetime.fromisoformat(others[-1]["at"]).date()
    clock.put(last, time(22))
    file = context.workspace / "scores.csv"
    write_atomically(file, table.getvalue().encode())
    run(["enter", TRIAL, "--csv", str(file)], context)
    for period, percent in guesses.items():
        run(["record", TRIAL, "guess", "--period", str(period), "--percent", f"on={percent}"], context)
    run(
        ["record", TRIAL, "event", "--term", "light headache", "--severity", "1", "--on", last.isoformat()],
        context,
    )
    run(["record", TRIAL, "note", "Everything here is simulated."], context)
    return (last - _START).days + 1


def _simulate(trial: Path, contents: Mapping[str, str]) -> tuple[list[dict[str, str]], dict[int, int]]:
    """Draw the participant: practice, days that resemble the day before, and the effect."""
    rng = random.Random(_SEED)  # noqa: S311 - a simulated person, not a secret
    rows: list[dict[str, str]] = []
    guesses: dict[int, int] = {}
    day_error = 0.0
    with (trial / "schedule.csv").open(encoding="utf-8", newline="") as file:
        periods = [row for row in csv.DictReader(file) if row["kind"] != "washout"]
    for row in periods:
        is_on = contents.get(row["kit"]) == "on"
        first, last = date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"])
        for offset in range((last - first).days + 1):
            day_error = 0.3 * day_error + rng.gauss(0, 0.15)
            for hour in (10, 15):
                if len(rows) > 4 and rng.random() < 0.04:
                    continue  # now and then a session is missed
                speed = (
                    3.55
                    + 0.05 * math.log(len(rows) + 1)
                    + is_on * TRUE_EFFECT
                    + day_error
                    + rng.gauss(0, 0.1)
                )
                rows.append(_session(first + timedelta(days=offset), hour, speed, rng))
        if row["kind"] == "treatment":
            guesses[int(row["period"])] = min(
                95, max(5, round(50 + (25 if is_on else -25) * rng.random() + rng.gauss(0, 15)))
            )
    return rows, guesses


def _session(on: date, hour: int, speed: float, rng: random.Random) -> dict[str, str]:
    at = datetime.combine(on, time(hour, rng.randrange(0, 25)))
    return {
        "at": at.isoformat(timespec="minutes"),
        "vigil.speed": f"{speed:.3f}",
        "vigil.lapses": str(max(0, round(4 - 3 * (speed - 3.6) + rng.gauss(0, 1)))),
    }
