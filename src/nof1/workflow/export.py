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
from nof1.files.export import csv_of_columns, export_csv
from nof1.files.locked import locked_bytes
from nof1.scores import package, redcap
from nof1.scores.columns import columns_of
from nof1.terms import Mode
from nof1.workflow.tables import locked_tables, without_guesses
from nof1.workflow.trial import read_trial

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.scores.locked_tables import LockedTables

_TOLD = {
    "acknowledged", "adverse_event_after_the_lock", "amended", "excluded", "expectation", "extended", "opened_after_the_lock",
    "paused", "shifted", "stopped", "unlocked",
}  # fmt: skip
_NUMBERS = {"session", "day", "period", "day_in_period", "block", "value", "percent", "severity"}
_BOUNDED = {"lowest", "highest", "sesoi"}
_BOUNDS = {"Text Validation Min", "Text Validation Max"}


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
    tables, notes = _tables(folder, to, with_notes=with_notes)
    files = _csv_files(tables, notes, raw=raw)
    return _write(to, files)


def export_redcap(folder: Path, to: Path, *, raw: bool = False, with_notes: bool = True) -> tuple[Path, ...]:
    """Write a trial as a REDCap project: its data dictionary, and its data.

    Parameters
    ----------
    folder, to, raw, with_notes
        As for `export_tables`.

    Returns
    -------
    tuple of Path
        redcap_dictionary.csv and redcap_data.csv.

    Raises
    ------
    WorkspaceError
        If the folder is not empty.
    """
    tables, _ = _tables(folder, to, with_notes=with_notes)
    trial = read_trial(folder)
    specs = {str(name): spec for name, spec in trial.specs.items()}
    fields = redcap.dictionary(trial.protocol, specs)
    columns, rows = redcap.records(tables, fields, specs)
    numeric = [field.name for field in fields if field.check in {"integer", "number"}]
    files = {
        "redcap_dictionary.csv": export_csv(redcap.COLUMNS, [field.row() for field in fields], numeric=_BOUNDS, raw=raw),
        "redcap_data.csv": export_csv(
            columns, [tuple(row[name] for name in columns) for row in rows], numeric=numeric, raw=raw
        ),
    }  # fmt: skip
    return _write(to, files)


def export_package(folder: Path, to: Path, *, raw: bool = False, with_notes: bool = True) -> tuple[Path, ...]:
    """Write a trial as a data package for an archive: tables, codebook, datapackage.json, CITATION.cff.

    Parameters
    ----------
    folder, to, raw, with_notes
        As for `export_tables`.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    WorkspaceError
        If the folder is not empty.
    """
    tables, notes = _tables(folder, to, with_notes=with_notes)
    trial = read_trial(folder)
    files = _csv_files(tables, notes, raw=raw)
    rows = package.codebook(trial.protocol, {str(name): spec for name, spec in trial.specs.items()})
    files["codebook.csv"] = export_csv(package.CODEBOOK_COLUMNS, rows, numeric=_BOUNDED, raw=raw)
    headers = {
        name: next(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        for name, data in files.items()
        if name.endswith(".csv")
    }
    files["CITATION.cff"] = package.citation(tables.trial, trial.protocol)
    files["datapackage.json"] = package.datapackage(
        tables.trial, trial.protocol, files, headers, _NUMBERS | _BOUNDED
    )
    return _write(to, files)


def _tables(
    folder: Path, to: Path, *, with_notes: bool
) -> tuple[LockedTables, list[tuple[str, str, str]] | None]:
    """Return what may leave the trial now, and its notes."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise WorkspaceError(f"{to} is a file, or not empty; take another folder")
    trial = read_trial(folder)
    tables = locked_tables(trial)
    if trial.mode is not Mode.OPEN_LABEL and trial.state.unblinding is None:
        tables = without_guesses(tables)
    if not with_notes:
        return _without_words(tables), None
    return tables, [
        (r.record.recorded_at, r.event.on or "", r.event.text) for r in trial.state.of(events.NoteRecorded)
    ]


def _csv_files(
    tables: LockedTables, notes: list[tuple[str, str, str]] | None, *, raw: bool
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    if notes is not None:
        files["notes.csv"] = export_csv(("recorded_at", "on", "text"), notes, raw=raw)
    for name, written in locked_bytes(tables).items():
        data = written
        if name.endswith(".csv"):
            columns = columns_of(csv.reader(io.StringIO(data.decode(), newline="")))
            header, cells = [column[0] for column in columns], [column[1:] for column in columns]
            data = csv_of_columns(header, cells, numeric=_NUMBERS, raw=raw)
        files[Path(name).name] = data
    return files


def _write(to: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    make_folder(to)
    for name, data in files.items():
        write_atomically(to / name, data)
    return tuple(to / name for name in files)


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
