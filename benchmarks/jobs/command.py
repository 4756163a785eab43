"""Start of the command, and one score that is on the disk when the command comes back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.race import Race, Runner, Target, agree, clocked

if TYPE_CHECKING:
    from collections.abc import Callable

NOF1 = str(Path(sys.executable).with_name("nof1"))
HEAVY = ("numpy", "pandas", "scipy")
TEA = """\
nof1: 1
id: made-up
title: Does tea help?
conditions: {on: {name: tea}, off: {name: water}}
design: {kind: randomized_blocks, blocks: 6, period_days: 7}
blinding: {mode: open_label}
instruments: {day: {ratings: [mood]}}
sessions: [{battery: [day]}]
outcomes: {primary: {score: day.mood, sesoi: 1}}
safety: {status: Made up., exclusions: [none]}
"""


def race(room: Path) -> Race:
    """Check that help loads no numpy, and that a score which was entered is there."""
    heavy = [name for name in HEAVY if name in _modules("from nof1.cli.main import cli")]
    agreement = [agree("heavy libraries that the command loads", len(heavy), 0)]
    _called(NOF1, "init", str(room), cwd=room)
    (room / "protocols" / "tea.yaml").write_text(TEA)
    began = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}"
    _called(
        NOF1, "randomize", "protocols/tea.yaml", "--trial", "data/tea", "--start", began, "--zone", "UTC",
        "--acknowledge", "yes", "--exclusions", "none", cwd=room,
    )  # fmt: skip
    shutil.copytree(room / "data" / "tea", room / "kept")

    def entered() -> float:
        shutil.rmtree(room / "data" / "tea")
        shutil.copytree(room / "kept", room / "data" / "tea")
        start = time.perf_counter()
        _called(NOF1, "enter", "tea", "day", "--set", "mood=5", cwd=room)
        return time.perf_counter() - start

    entered()
    saved = _called(NOF1, "export", "tea", "--json", cwd=room, check=False) + _called(
        NOF1, "status", "tea", cwd=room
    )
    agreement.append(agree("scores that are lost", 0 if "1 " in saved else 1, 0))
    return Race(
        unit="call",
        runners=[
            Runner(
                name="nof1 --help", run=_best(clocked(lambda: _called(NOF1, "--help", cwd=room), wall=True))
            ),
            Runner(name="nof1 enter", run=_best(entered)),
            Runner(
                name="python -c pass",
                run=_best(clocked(lambda: _called(sys.executable, "-c", "pass", cwd=room), wall=True)),
            ),
        ],
        targets=[
            Target(of="nof1 --help", slower_than="python -c pass", most_times=6),
            Target(of="nof1 enter", slower_than="python -c pass", most_times=40),
        ],
        agreement=agreement,
        notes=["All three with byte-compiled modules, as after an installation"],
    )


def _best(run: Callable[[], float], times: int = 5) -> Callable[[], float]:
    return lambda: min(run() for _ in range(times))


def _called(*command: str, cwd: Path, check: bool = True) -> str:
    return subprocess.run(
        command, cwd=cwd, env=compiled(cwd), capture_output=True, text=True, check=check
    ).stdout


def compiled(room: Path) -> dict[str, str]:
    """Return an environment in which Python keeps what it has compiled, as it does once a package is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(room.resolve() / "compiled")}


def _modules(code: str) -> set[str]:
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(told.stdout.split())
