"""Write the data of a trial as tables for other programs; no condition before unblinding, as everywhere."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.errors import WorkspaceError
from nof1.files.atomic import make_folder, write_atomically
from nof1.files.export import export_csv
from nof1.files.locked import locked_bytes
from nof1.terms import Mode
from nof1.workflow.tables import locked_tables, without_guesses
from nof1.workflow.trial import read_trial

if TYPE_CHECKING:
    from nof1.scores.locked_tables import LockedTables

_TOLD = {
    "acknowledged", "adverse_event_after_the_lock", "amended", "excluded", "expectation", "extended", "opened_after_the_lock",
    "paused", "shifted", "stopped", "unlocked",
}  # fmt: skip
_NUMBERS = {"session", "day", "period", "day_in_period", "block", "value", "percent", "severity"}


def export_tables(folder: Path, to: Path, *, raw: bool = False, with_notes: bool = True) -> tuple[Path, ...]:
    """Write every table of a trial as CSV.

    Parameters
    ----------
    folder : Path
        The trial's folder; at any stage.
    to : Path
        A new or empty folder.
    raw : bool
        Leave texts as they are, for a program; otherwise what a spreadsheet would run as a formula is made harmless.
    with_notes : bool
        Include what people wrote in their own words.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    WorkspaceError
        If the folder is not empty.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise WorkspaceError(f"{to} is a file, or not empty; take another folder")
    trial = read_trial(folder)
    tables = locked_tables(trial)
    if trial.mode is not Mode.OPEN_LABEL and trial.state.unblinding is None:
        tables = without_guesses(tables)
    make_folder(to)
    written = []
    if with_notes:
        noted = [
            (r.record.recorded_at, r.event.on or "", r.event.text)
            for r in trial.state.of(events.NoteRecorded)
        ]
        path = to / "notes.csv"
        write_atomically(path, export_csv(("recorded_at", "on", "text"), noted, raw=raw))
        written.append(path)
    for name, data in locked_bytes(tables if with_notes else _without_words(tables)).items():
        path = to / Path(name).name
        if path.suffix == ".csv":
            header, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
            data = export_csv(header, rows, numeric=_NUMBERS, raw=raw)  # noqa: PLW2901 - the same table, made safe
        write_atomically(path, data)
        written.append(path)
    return tuple(written)


def _without_words(tables: LockedTables) -> LockedTables:
    """Leave out what people wrote in their own words; that something was written stays."""
    return replace(
        tables,
        trial=replace(
            tables.trial,
            facts=tuple((name, "") if name in _TOLD else (name, text) for name, text in tables.trial.facts),
        ),
        guesses=tuple(replace(row, reason=None) for row in tables.guesses),
        doses=tuple(replace(row, text=None) for row in tables.doses),
        adverse_events=tuple(
            replace(row, term="", related=None, action=None, outcome=None) for row in tables.adverse_events
        ),
        deviations=tuple(replace(row, text="") for row in tables.deviations),
    )
