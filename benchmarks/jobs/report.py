"""`nof1 report` beside a notebook that papermill runs and that only imports the same libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from benchmarks.jobs.command import compiled
from benchmarks.jobs.ingest import PROTOCOL
from benchmarks.jobs.pooled import people
from benchmarks.race import Race, Runner, Target, agree, clocked
from nof1.files.reports import primary_effect
from nof1.workflow.context import Context
from nof1.workflow.import_trial import import_trial

BIN = Path(sys.executable).parent
LIBRARIES = "import numpy, pandas, scipy.stats, scipy.optimize, matplotlib.figure"


def race(room: Path) -> Race:
    """Check that two reports of the same trial say the same."""
    folder = brought_in(room, "tea")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LIBRARIES)])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, room / "imports.ipynb")

    def reported() -> None:
        subprocess.run(
            [BIN / "nof1", "report", str(folder)],
            cwd=room,
            env=compiled(room),
            check=True,
            capture_output=True,
        )

    def papermill() -> None:
        command = [BIN / "papermill", str(room / "imports.ipynb"), str(room / "out.ipynb")]
        subprocess.run(command, cwd=room, env=compiled(room), check=True, capture_output=True)

    reported()
    reported()
    papermill()
    one, other = (primary_effect(path.parent) for path in sorted(room.glob("reports/**/results.json"))[:2])
    agreement = [agree("effects of two reports of one trial", 0 if one == other else 1, 0)]
    return Race(
        unit="report",
        runners=[
            Runner(name="nof1 report", run=clocked(reported, wall=True)),
            Runner(name="papermill, a notebook that only imports", run=clocked(papermill, wall=True)),
        ],
        targets=[
            Target(of="nof1 report", slower_than="papermill, a notebook that only imports", most_times=1.5)
        ],
        agreement=agreement,
    )


def brought_in(room: Path, name: str) -> Path:
    """Import a made-up trial of 84 days, and return its folder."""
    plan, table, folder = room / "tea.yaml", room / "tea.csv", room / "data" / name
    plan.write_text(PROTOCOL)
    frame = people(0.0).query("participant == 'p0000'").drop(columns="participant")
    frame.assign(score="day.mood", value=frame["value"].clip(0, 10).round()).to_csv(table, index=False)
    import_trial(plan, table, folder, Context(workspace=room))
    (room / "protocols").mkdir(exist_ok=True)
    return folder
