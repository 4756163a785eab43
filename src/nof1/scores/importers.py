"""A finished trial that was run elsewhere, from its file; read as a whole or refused as a whole."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nof1.battery.catalogue import scores_of
from nof1.scores import studyu
from nof1.scores.columns import Columns
from nof1.scores.import_checks import assembled
from nof1.scores.imported import ImportTable
from nof1.scores.long_rows import LongRow, header_problems, read_long_columns, read_long_rows
from nof1.scores.moments import DateOrder
from nof1.scores.problems import CellProblem, cell_problem, told
from nof1.scores.table import COMMAND_LIMITS, Limits, Table, read_plain_table, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.protocol.model import Protocol
    from nof1.scores.imported import ImportedTrial
    from nof1.scores.table import PlainTable


class ImportForm(StrEnum):
    """What kind of file a finished trial comes in."""

    LONG = "long"
    """The long table: one row for each score."""
    STUDYU = "studyu"
    """An export of the StudyU app."""


def read_import(
    data: bytes,
    protocol: Protocol,
    *,
    form: ImportForm = ImportForm.LONG,
    participant: str | None = None,
    order: DateOrder = DateOrder.ISO,
    limits: Limits = COMMAND_LIMITS,
) -> ImportTable:
    """Read a finished trial.

    Columns of the long table: ``session`` (from 1, in order of time), ``period`` (from 1; 0 is the run-in), ``condition``
    (a code of the protocol), ``score``, ``value`` (empty: missing), and where known ``block``, ``day``, ``at``, ``participant``,
    ``guess_probability`` (of the first condition, 0 to 1), ``excluded`` (a reason; empty: counted), ``missing_reason``.

    Parameters
    ----------
    data : bytes
        The file.
    protocol : Protocol
        What the trial promised.
    form : ImportForm
        The long table, or the export of another program that is brought into its shape first.
    participant : str or None
        Whose rows to take from a file of several people.
    order : DateOrder
        How dates that are not ISO are read.
    limits : Limits
        How large the file may be.

    Returns
    -------
    ImportTable
        The trial, or all problems.
    """
    if form is ImportForm.LONG:
        plain = read_plain_table(data, limits=limits)
        found = None if plain is None else _plain_trial(plain, protocol, order, participant)
        if plain is not None and found is not None:
            return ImportTable(trial=found, n_rows=plain.n_rows, sha256=plain.sha256, problems=())
    table = read_table(data, limits=limits)
    n_rows = len(table.rows)  # of the file, before its wide rows become long ones
    if form is ImportForm.STUDYU and not table.problems:
        table = studyu.long_table(table, protocol, participant)
    problems = (
        list(table.problems) or header_problems(table.header) or _participant_problems(table, participant)
    )
    trial: ImportedTrial | None = None
    if not problems:
        rows, unreadable = read_long_rows(
            table, scores_of(protocol), protocol.condition_codes, order, participant=participant
        )
        problems = list(unreadable)
        if not problems and not rows:
            problems = [cell_problem(None, "", "", "the file holds no row below its header")]
        if not problems:
            trial, wrong = assembled(Columns.of(LongRow, rows), protocol)
            problems = list(wrong)
    return ImportTable(
        trial=None if problems else trial,
        n_rows=n_rows,
        sha256=table.sha256,
        problems=told(problems),
    )


def _plain_trial(
    table: PlainTable, protocol: Protocol, order: DateOrder, participant: str | None
) -> ImportedTrial | None:
    """Return the trial that a file holds in which nothing is wrong; None: it is read again, row by row, to say what is."""
    if header_problems(tuple(table.columns)):
        return None
    if _whose_problems(table.columns.get("participant"), participant):
        return None
    rows = read_long_columns(
        table, scores_of(protocol), protocol.condition_codes, order, participant=participant
    )
    return None if rows is None else assembled(rows, protocol)[0]


def _participant_problems(table: Table, participant: str | None) -> list[CellProblem]:
    names = [name.lower() for name in table.header]
    place = names.index("participant") if "participant" in names else None
    return _whose_problems(None if place is None else [cells[place] for _, cells in table.rows], participant)


def _whose_problems(texts: Sequence[str] | None, participant: str | None) -> list[CellProblem]:
    if texts is None:
        return [] if participant is None else [cell_problem(1, "", "", "there is no column 'participant'")]
    found = list(dict.fromkeys(text.strip(" \t") for text in dict.fromkeys(texts)))
    if participant is not None and participant not in found:
        return [
            cell_problem(None, "participant", "", f"nobody is called {participant!r}; found {_listed(found)}")
        ]
    if participant is None and len(found) > 1:
        text = (
            f"the file holds {len(found)} participants ({_listed(found)}); import them one at a time, by name"
        )
        return [cell_problem(None, "participant", "", text)]
    return []


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
