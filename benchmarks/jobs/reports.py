"""The reports of many trials in two processes that stay warm."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from benchmarks.jobs.report import brought_in
from benchmarks.race import Race, Runner, Target, agree, clocked
from nof1.workflow.context import Context
from nof1.workflow.reports import report_trials

if TYPE_CHECKING:
    from pathlib import Path

N = 8


def race(room: Path) -> Race:
    """Check that the same trial gets the same results from every worker."""
    folders = [brought_in(room, f"tea-{n:02d}") for n in range(N)]
    context = Context(workspace=room)

    def made(n_processes: int) -> list[str]:
        shutil.rmtree(room / "reports", ignore_errors=True)
        done = report_trials(folders, context, with_pdf=False, n_processes=n_processes)
        if done.failed:
            raise RuntimeError(str(done.failed))
        results = (json.loads(path.read_text()) for path in room.glob("reports/**/results.json"))
        return [json.dumps(one["outcomes"], sort_keys=True) for one in results]

    several = made(2)
    agreement = [
        agree(f"reports of {N} that are lacking", N - len(several), 0),
        agree("results that differ between workers", len(set(several)) - 1, 0),
    ]
    return Race(
        unit="report",
        runners=[Runner(name=f"nof1, {N} reports, 2 processes", run=clocked(lambda: made(2), N, wall=True))],
        targets=[Target(of=f"nof1, {N} reports, 2 processes", most_seconds=0.6)],
        agreement=agreement,
        notes=["Start of both processes included; reports without PDF"],
    )
