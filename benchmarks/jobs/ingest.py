"""A finished trial from one long table: all rows checked, none twice, stored with the hash chain, locked, read back."""

from __future__ import annotations

import csv
import gc
import os
import random
import shutil
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

from benchmarks.race import Race, Runner, Target, agree, clocked
from nof1.__main__ import _OLDER, _YOUNG
from nof1.workflow.context import Context
from nof1.workflow.import_trial import import_trial
from nof1.workflow.trial import read_trial

if TYPE_CHECKING:
    from pathlib import Path

RATINGS = (
    "mood",
    "calm",
    "focus",
    "energy",
    "motivation",
    "mental_clarity",
    "low_mood",
    "anxiety",
    "irritability",
    "nervousness",
)
N_ROWS = int(os.environ.get("NOF1_BENCH_ROWS", "100000"))
LIMIT = 6e-6
"""Seconds for one row: 6 s for a million."""
PROTOCOL = f"""\
nof1: 1
id: made-up
title: Does tea help?
conditions: {{on: {{name: tea}}, off: {{name: water}}}}
design: {{kind: randomized_blocks, blocks: 6, period_days: 7}}
blinding: {{mode: open_label}}
instruments: {{day: {{ratings: [{", ".join(RATINGS)}]}}}}
sessions: [{{battery: [day]}}]
outcomes: {{primary: {{score: day.mood, sesoi: 1}}}}
"""


def race(room: Path) -> Race:
    """Check that every row is stored with its value."""
    plan, table = room / "tea.yaml", room / "tea.csv"
    plan.write_text(PROTOCOL)
    rows = _written(table)
    context = Context(workspace=room)
    folder = room / "data" / "tea"

    def imported() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        import_trial(plan, table, folder, context)

    n_rows = len(rows)
    imported()
    agreement = [agree(f"rows of {n_rows:,} that are stored with another value", _n_wrong(folder, rows), 0)]
    rows.clear()  # the collector of circles would look at each of them, whoever runs
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)  # as the command does
    return Race(
        unit="row",
        runners=[
            Runner(name="nof1 import", run=clocked(imported, n_rows)),
            Runner(name="row by row: csv, checks, a unique index in SQLite, one commit", run=clocked(lambda: _plainly(room, table), n_rows)),
            Runner(name="nof1 import, by the clock on the wall", run=clocked(imported, n_rows, wall=True)),
            Runner(name="limit: csv.reader alone", run=clocked(lambda: sum(1 for _ in csv.reader(table.open())), n_rows)),
        ],
        targets=[Target(of="nof1 import", most_seconds=LIMIT)],
        agreement=agreement,
        notes=[f"{n_rows:,} rows; NOF1_BENCH_ROWS=1000000 for a million. The limit of 6 s for a million is 6 µs for a row"],
    )  # fmt: skip


def _n_wrong(folder: Path, rows: list[tuple[int, int, str, int, str, str]]) -> int:
    entered = read_trial(folder).entered
    wrong = sum(str(entered[score, session].value) != value for session, _, _, _, score, value in rows)
    return wrong + len(rows) - len(entered)


def _written(table: Path) -> list[tuple[int, int, str, int, str, str]]:
    draw = random.Random(1)
    order = [code for _ in range(6) for code in draw.sample(["on", "off"], 2)]
    n_sessions = N_ROWS // len(RATINGS)
    rows = []
    for session in range(1, n_sessions + 1):
        day = (session - 1) * 84 // n_sessions + 1
        period = (day - 1) // 7 + 1
        rows += [
            (session, period, order[period - 1], day, f"day.{name}", str(draw.randint(0, 10)))
            for name in RATINGS
        ]
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("session", "period", "condition", "day", "score", "value"), *rows])
    return rows


def _plainly(room: Path, table: Path) -> None:
    """Do what most tools do: no hash chain, no plan, no locked copy."""
    path = room / "plain.sqlite"
    path.unlink(missing_ok=True)
    base = sqlite3.connect(path)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=FULL")
    base.execute(
        "CREATE TABLE score (session INTEGER, period INTEGER, condition TEXT, day INTEGER, score TEXT, value REAL, at TEXT)"
    )
    base.execute("CREATE UNIQUE INDEX once ON score (score, session)")
    with table.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        now = datetime.now().isoformat()
        for session, period, condition, day, score, value in rows:
            if condition not in {"on", "off"} or not 0 <= float(value) <= 10:
                raise ValueError(value)
            base.execute(
                "INSERT INTO score VALUES (?, ?, ?, ?, ?, ?, ?)",
                (int(session), int(period), condition, int(day), score, float(value), now),
            )
    base.commit()
    base.close()
