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

if TYPE_CHECKING:
    from collections.abc import Callable

BIN = Path(sys.executable).parent
LIBRARIES = "import numpy, pandas, scipy.stats, scipy.optimize, matplotlib.figure"
ALL_LIBRARIES = f"{LIBRARIES}, statsmodels.regression.mixed_linear_model, statsmodels.stats.diagnostic, pingouin, weasyprint"
IMPORTING = "papermill, a notebook that only imports"


def race(room: Path) -> Race:
    """Check that two reports of the same trial say the same."""
    folder = brought_in(room, "tea")

    def called(name: str, *words: object) -> Callable[[], float]:
        command = [str(word) for word in (BIN / name, *words)]
        return clocked(
            lambda: subprocess.run(command, cwd=room, env=compiled(room), check=True, capture_output=True),
            wall=True,
        )

    def papermill(name: str, code: str) -> Callable[[], float]:
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(book, room / f"{name}.ipynb")
        return called("papermill", room / f"{name}.ipynb", room / "out.ipynb")

    runners = [
        Runner(name="nof1 report", run=called("nof1", "report", folder)),
        Runner(name=IMPORTING, run=papermill("imports", LIBRARIES)),
        Runner(
            name="the same, statsmodels, pingouin and weasyprint too", run=papermill("all", ALL_LIBRARIES)
        ),
        Runner(name="papermill, an empty notebook", run=papermill("empty", "pass")),
    ]
    for runner in (runners[0], *runners):  # what is compiled stays compiled
        runner.run()
    one, other = (primary_effect(path.parent) for path in sorted(room.glob("reports/**/results.json"))[:2])
    return Race(
        unit="report",
        runners=runners,
        targets=[Target(of="nof1 report", slower_than=IMPORTING, most_times=1.5)],
        agreement=[agree("effects of two reports of one trial", 0 if one == other else 1, 0)],
        notes=[
            "With both PDFs. The report loads statsmodels, pingouin and weasyprint too, in a second process where there are two processors; the notebook of the target does not"
        ],
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
