"""The data folder of a trial: tables that notebooks, verify.py and outside analysts read, each under a digest.

The columns are the fields of the rows in `scores.locked_tables`, in that order:

=============================  ==================================================================================
file                           columns
=============================  ==================================================================================
scores.csv                     score, session, day, period, day_in_period, block, kind, analysed, at, value,
                               missing_reason, late, flags, source, scorer_version
sessions.csv                   session, day, on, period, day_in_period, block, kind, battery, due_at, at
guesses.csv                    period, condition, percent, at, reason
doses.csv                      on, at, day, period, kit, taken, text
adverse_events.csv             term, started_on, ended_on, day, period, severity, serious, related, action, outcome
deviations.csv                 on, day, period, category, text
allocation.csv                 period, kit, condition (only after unblinding)
notes/unplanned_scores.csv     score, day, period, day_in_period, kind, at, value, missing_reason, late, flags,
                               source, scorer_version
=============================  ==================================================================================

Beside them lie protocol.json (the canonical text to which the draw is bound), amended.json (that of the last amendment,
where there is one) and trial.json, which holds the SHA-256 of every other file and of
itself. UTF-8, LF, numbers as typed, ``true`` and ``false``, flags parted by a space, absent values empty.
"""

from __future__ import annotations

import csv
import io
import json
import os
import types
from contextlib import suppress
from dataclasses import fields
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from nof1.encoding import sha256_hex
from nof1.errors import WorkspaceError
from nof1.files.atomic import make_folder, sync_folder, write_atomically
from nof1.files.export import csv_of_columns, export_csv
from nof1.scores.columns import Columns, by_distinct, columns_of
from nof1.scores.locked_tables import (
    AdverseEventRow,
    AllocationRow,
    DeviationRow,
    DoseRow,
    GuessRow,
    LockedTables,
    ScoreRow,
    SessionRow,
    TrialRecord,
    UnplannedRow,
)
from nof1.terms import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nof1.analysis.dataset import Dataset

FORMAT = 1
"""Version of the folder's shape; a reader refuses a later one."""
TRIAL, PROTOCOL, AMENDED, ALLOCATION = "trial.json", "protocol.json", "amended.json", "allocation.csv"
"""Names of files that have a part of their own."""


class _TableFile(NamedTuple):
    name: str
    field: str
    row: type


_TABLES = (
    _TableFile("scores.csv", "scores", ScoreRow),
    _TableFile("sessions.csv", "sessions", SessionRow),
    _TableFile("guesses.csv", "guesses", GuessRow),
    _TableFile("doses.csv", "doses", DoseRow),
    _TableFile("adverse_events.csv", "adverse_events", AdverseEventRow),
    _TableFile("deviations.csv", "deviations", DeviationRow),
    _TableFile("notes/unplanned_scores.csv", "unplanned_scores", UnplannedRow),
    _TableFile(ALLOCATION, "allocation", AllocationRow),
)
_NAMES = (PROTOCOL, AMENDED, *(table.name for table in _TABLES))
_ADVICE = "restore the folder from a backup, or make it again with nof1 lock"
_Row = TypeVar("_Row")


def locked_bytes(
    tables: LockedTables, *, kept: Mapping[str, bytes] = MappingProxyType({})
) -> dict[str, bytes]:
    """Write every file of the data folder as bytes; the same tables give the same bytes on every machine.

    Parameters
    ----------
    tables : LockedTables
        What the folder holds.
    kept : mapping of str to bytes
        Files that were written of the same rows before; trial.json is always written anew.

    Returns
    -------
    dict of str to bytes
        File name (with ``/`` for a folder) to content; trial.json last.
    """
    files = {PROTOCOL: tables.protocol.encode()}
    if tables.amended is not None:
        files[AMENDED] = tables.amended.encode()
    for name, field, row in _TABLES:
        rows = getattr(tables, field)
        if rows is not None:
            files[name] = kept[name] if name in kept else _csv(row, rows)
    files[TRIAL] = _trial_json(tables.trial, {name: sha256_hex(data) for name, data in files.items()})
    return files


def write_locked(
    folder: Path, tables: LockedTables, *, kept: Mapping[str, bytes] = MappingProxyType({})
) -> None:
    """Write the data folder; trial.json comes last, so a folder that is half written is refused by its readers.

    Parameters
    ----------
    folder : Path
        Made if needed. What it holds of an earlier writing is replaced; where that is the same, no file is touched.
    tables : LockedTables
        What the folder holds.
    kept : mapping of str to bytes
        As for `locked_bytes`.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written.
    """
    files = locked_bytes(tables, kept=kept)
    if _holds(folder, files):  # somebody may be reading it
        return
    make_folder(folder)
    (folder / TRIAL).unlink(missing_ok=True)
    for name in _NAMES:
        if name not in files:
            (folder / name).unlink(missing_ok=True)
    for name, data in files.items():
        write_atomically(folder / name, data)


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Whether the files of a data folder are these, to the byte."""
    found = {name: folder / name for name in (TRIAL, *_NAMES) if os.path.lexists(folder / name)}
    return found.keys() == files.keys() and all(
        path.is_file() and not path.is_symlink() and path.read_bytes() == files[name]
        for name, path in found.items()
    )


def remove_locked(folder: Path) -> None:
    """Remove the data folder; files that are not ours stay, and their folder with them.

    Parameters
    ----------
    folder : Path
        Need not exist.
    """
    for name in (TRIAL, *_NAMES):
        (folder / name).unlink(missing_ok=True)
    for place in (folder / "notes", folder):
        with suppress(OSError):  # not empty, or not there
            place.rmdir()
    if folder.parent.is_dir():
        sync_folder(folder.parent)


def read_locked(folder: Path) -> LockedTables:
    """Read a data folder, and refuse it if a single byte is not what trial.json says.

    Parameters
    ----------
    folder : Path
        As `write_locked` wrote it.

    Returns
    -------
    LockedTables
        The same values.

    Raises
    ------
    WorkspaceError
        If a file is missing, was changed, or does not belong; the message names it.
    """
    record, digests = _read_trial_json(folder)
    texts = {name: _read_verified(folder, name, digest) for name, digest in digests.items()}
    for name in _NAMES:
        if name not in texts and (folder / name).exists():
            raise WorkspaceError(
                f"{folder / name} is not named in {TRIAL}: it was put there afterwards; {_ADVICE}"
            )
    lacking = [name for name in _NAMES if name not in texts and name not in {ALLOCATION, AMENDED}]
    if lacking:
        raise WorkspaceError(f"{folder / TRIAL} names no {lacking[0]}; {_ADVICE}")
    return LockedTables(
        trial=record,
        protocol=texts[PROTOCOL],
        amended=texts.get(AMENDED),
        scores=_rows(folder, texts, ScoreRow),
        sessions=_rows(folder, texts, SessionRow),
        guesses=tuple(_rows(folder, texts, GuessRow)),
        doses=tuple(_rows(folder, texts, DoseRow)),
        adverse_events=tuple(_rows(folder, texts, AdverseEventRow)),
        deviations=tuple(_rows(folder, texts, DeviationRow)),
        unplanned_scores=tuple(_rows(folder, texts, UnplannedRow)),
        allocation=tuple(_rows(folder, texts, AllocationRow)) if ALLOCATION in texts else None,
    )


def read_dataset(folder: str | Path) -> Dataset:
    """Read a data folder for the analysis; refused if a single byte is not what was locked.

    Parameters
    ----------
    folder : str or Path
        Written by `nof1 lock`, or the ``data`` folder of a blinded report.

    Returns
    -------
    Dataset
        Its tables as frames.

    Raises
    ------
    WorkspaceError
        As `read_locked`.
    """
    from nof1.analysis.dataset import Dataset  # noqa: PLC0415 - pandas, which no other reader of files needs

    return Dataset.from_tables(read_locked(Path(folder)))


def read_blinded(folder: str | Path) -> Dataset:
    """Read the data folder of a blinded report, and refuse it if anything in it tells a condition.

    Parameters
    ----------
    folder : str or Path
        The ``data`` folder of a report that `nof1 report TRIAL --blinded` made.

    Returns
    -------
    Dataset
        Its tables as frames; its allocation is None.

    Raises
    ------
    WorkspaceError
        As `read_locked`; and if there is an allocation, or a guess says what it was about.
    """
    from nof1.analysis.dataset import Dataset  # noqa: PLC0415 - as above

    tables = read_locked(Path(folder))
    what = (
        f"a blinded review must not know any condition; make it with nof1 report {tables.trial.id} --blinded"
    )
    if tables.allocation is not None:
        raise WorkspaceError(f"{Path(folder) / ALLOCATION} tells the conditions; {what}")
    if any(row.condition is not None for row in tables.guesses):
        raise WorkspaceError(f"{folder}: guesses.csv tells what was guessed; {what}")
    return Dataset.from_tables(tables)


def _csv(row: type, rows: Iterable[object]) -> bytes:
    header = [field.name for field in fields(row)]
    if isinstance(rows, Columns):
        return csv_of_columns(header, [rows.column(name) for name in header], _text, raw=True)
    values = attrgetter(*header)
    return export_csv(header, ([_text(value) for value in values(one)] for one in rows), raw=True)


def _text(value: object) -> str:
    if value is None:
        return ""
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return " ".join(value)
    return str(value)


def _trial_json(record: TrialRecord, digests: Mapping[str, str]) -> bytes:
    document: dict[str, object] = {
        "nof1": FORMAT,
        "id": record.id,
        "participant": record.participant,
        "mode": record.mode.value,
        "zone": record.zone,
        "stages": [list(stage) for stage in record.stages],
        "versions": dict(record.versions),
        "chain_head": record.chain_head,
        "imported": record.is_imported,
        "simulated": record.is_simulated,
        "flags": list(record.flags),
        "facts": [list(fact) for fact in record.facts],
        "files": dict(digests),
    }
    return _dumped({**document, "sha256": sha256_hex(_dumped(document))})


def _dumped(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _read_trial_json(folder: Path) -> tuple[TrialRecord, dict[str, str]]:
    path = folder / TRIAL
    data = _read_bytes(path)
    damaged = WorkspaceError(f"{path} was changed or damaged; {_ADVICE}")
    try:
        document = json.loads(data)
        is_whole = _dumped(document) == data
        digest = document.pop("sha256")
        is_whole = is_whole and sha256_hex(_dumped(document)) == digest
        version = document["nof1"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise damaged from None
    if not is_whole:
        raise damaged
    if version != FORMAT:
        raise WorkspaceError(f"{path} has format {version}, this version reads {FORMAT}; update nof1")
    try:
        record, digests = _record(document), dict(document["files"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged from None
    strange = [name for name in digests if name not in _NAMES]
    if strange:
        raise WorkspaceError(f"{path} names {strange[0]!r}, which is no file of a data folder; {_ADVICE}")
    return record, digests


def _record(document: Mapping[str, Any]) -> TrialRecord:
    return TrialRecord(
        id=document["id"],
        participant=document["participant"],
        mode=Mode(document["mode"]),
        zone=document["zone"],
        stages=tuple((stage, at) for stage, at in document["stages"]),
        versions=tuple(document["versions"].items()),
        chain_head=document["chain_head"],
        is_imported=document["imported"],
        is_simulated=document["simulated"],
        flags=tuple(document["flags"]),
        facts=tuple((name, text) for name, text in document["facts"]),
    )


def _read_verified(folder: Path, name: str, digest: str) -> str:
    data = _read_bytes(folder / name)
    if sha256_hex(data) != digest:
        raise WorkspaceError(f"{folder / name} is not what was locked: it was changed or damaged; {_ADVICE}")
    return data.decode()


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        if path.name == TRIAL:
            raise WorkspaceError(
                f"{path.parent} holds no {TRIAL}, so it is no data folder; it is written by nof1 lock"
            ) from None
        raise WorkspaceError(f"{path} cannot be read ({error.strerror or error}); {_ADVICE}") from None


def _rows(folder: Path, texts: Mapping[str, str], row: type[_Row]) -> Sequence[_Row]:
    name = next(table.name for table in _TABLES if table.row is row)
    readers = _readers(row)
    records = csv.reader(io.StringIO(texts[name], newline=""), strict=True)
    header = next(records, [])
    if header != list(readers):
        raise WorkspaceError(
            f"{folder / name} has the columns {', '.join(header)}; expected {', '.join(readers)}"
        )
    with suppress(ValueError, csv.Error):  # what is wrong is found again below, with its line
        columns = columns_of(csv.reader(io.StringIO(texts[name], newline=""), strict=True))
        return Columns(
            row,
            {
                column: by_distinct(read, cells[1:])
                for (column, read), cells in zip(readers.items(), columns, strict=True)
            },
        )
    try:
        return tuple(
            row(**{column: read(cell) for (column, read), cell in zip(readers.items(), cells, strict=True)})
            for cells in records
        )
    except (ValueError, csv.Error) as error:
        raise WorkspaceError(f"{folder / name}, line {records.line_num}: {error}; {_ADVICE}") from None


def _readers(row: type) -> dict[str, Callable[[str], object]]:
    hints = get_type_hints(row)
    return {field.name: _reader(hints[field.name]) for field in fields(row)}


def _reader(hint: object) -> Callable[[str], object]:
    if get_origin(hint) is types.UnionType:
        (inner,) = (part for part in get_args(hint) if part is not types.NoneType)
        read = _reader(inner)
        return lambda text: read(text) if text else None
    if get_origin(hint) is tuple:
        return lambda text: tuple(text.split())
    if hint is bool:
        return lambda text: text == "true"
    if isinstance(hint, type) and issubclass(hint, int | StrEnum):
        return hint
    return str
