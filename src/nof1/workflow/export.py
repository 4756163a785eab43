"""Write the data of a trial as tables for other programs; no condition before unblinding, as everywhere."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from nof1.errors import WorkspaceError
from nof1.files.atomic import make_folder, write_atomically
from nof1.files.export import export_csv
from nof1.files.locked import locked_bytes
from nof1.workflow.tables import locked_tables
from nof1.workflow.trial import read_trial

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
    if to.exists() and any(to.iterdir()):
        raise WorkspaceError(f"{to} is not empty; take another folder")
    trial = read_trial(folder)
    make_folder(to)
    written = []
    for name, data in locked_bytes(locked_tables(trial)).items():
        path = to / Path(name).name
        if path.suffix == ".csv":
            header, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
            if not with_notes:
                rows = [_without_words(header, row) for row in rows]
            data = export_csv(header, rows, numeric=_NUMBERS, raw=raw)  # noqa: PLW2901 - the same table, made safe
        write_atomically(path, data)
        written.append(path)
    return tuple(written)


def _without_words(header: list[str], row: list[str]) -> list[str]:
    words = {"text", "term", "related", "action", "outcome", "reason"}
    return ["" if name in words else cell for name, cell in zip(header, row, strict=True)]
