"""The reports of many trials in two processes that stay warm, as the command makes them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from benchmarks.jobs.command import NOF1, compiled
from benchmarks.jobs.report import brought_in
from benchmarks.race import Race, Runner, Target, agree, clocked

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = tuple(int(n) for n in os.environ.get("NOF1_BENCH_REPORTS", "8,24,100").split(","))


def race(room: Path) -> Race:
    """Check that the same trial gets the same results from every worker."""
    folders = [brought_in(room, f"tea-{n:03d}") for n in range(max(NUMBERS))]

    def made(number: int) -> None:
        shutil.rmtree(room / "reports", ignore_errors=True)
        words = [NOF1, "report", *map(str, folders[:number]), "--jobs", "2", "--no-pdf"]
        subprocess.run(words, cwd=room, env=compiled(room), check=True, capture_output=True)

    made(NUMBERS[0])
    results = [json.loads(path.read_text())["outcomes"] for path in room.glob("reports/**/results.json")]
    agreement = [
        agree(f"reports of {NUMBERS[0]} that are lacking", NUMBERS[0] - len(results), 0),
        agree("results that differ between workers", sum(one != results[0] for one in results), 0),
    ]
    named = {number: f"nof1, {number} reports, 2 processes" for number in NUMBERS}
    return Race(
        unit="report",
        runners=[
            Runner(name=name, run=clocked(lambda number=number: made(number), number, wall=True))
            for number, name in named.items()
        ],
        targets=[Target(of=named[max(NUMBERS)], most_seconds=0.6)],
        agreement=agreement,
        notes=["Start of all processes included; reports without PDF"],
    )
