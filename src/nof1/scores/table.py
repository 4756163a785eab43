"""The bytes of a CSV file as a table of texts: encoding, separator, quotes and limits, before any cell is read."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.encoding import sha256_hex
from nof1.errors import EntryError
from nof1.scores.columns import columns_of
from nof1.scores.decode import decode
from nof1.scores.problems import CellProblem, cell_problem, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.errors import Problem

MOST_COLUMNS = 1_000
"""No table of scores is wider."""
MAX_FIELD_BYTES = 65_536
"""No cell of a table of scores is longer."""

_SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas"}
_Row = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a file may be.

    Attributes
    ----------
    n_bytes : int
        Size of the file [bytes].
    n_rows : int or None
        Rows without the header; None: as many as there are.
    """

    n_bytes: int
    n_rows: int | None


COMMAND_LIMITS = Limits(n_bytes=1_000_000_000, n_rows=None)
"""For a file that is named to the command."""
PAGE_LIMITS = Limits(n_bytes=10_000_000, n_rows=100_000)
"""For a file that is sent to the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainTable:
    """A table of texts by column, of a file in which nothing had to be passed over and nothing is wrong.

    Attributes
    ----------
    columns : dict of str to list of str
        Cells by the name of the column in small letters; the first stand in row 2, as a spreadsheet counts.
    n_rows : int
        Rows below the header.
    separator, sha256 : str
        As in `Table`.
    """

    columns: dict[str, list[str]]
    n_rows: int
    separator: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of texts, all rows as long as the header; or what is wrong with it.

    Attributes
    ----------
    header : tuple of str
        Names of the columns, without blanks around them.
    rows : tuple of (int, tuple of str)
        Row number as a spreadsheet counts (the header is 1), and the cells. Blank rows are left out.
    separator, encoding : str
        As detected.
    sha256 : str
        Digest of the bytes.
    problems : tuple of Problem
        If there is any, there are no rows.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    separator: str
    encoding: str
    sha256: str
    problems: tuple[Problem, ...]

    @property
    def may_have_decimal_commas(self) -> bool:
        """Whether a comma inside a cell can be a decimal comma: only where commas do not part the cells."""
        return self.separator != ","


def read_table(data: bytes, *, limits: Limits = COMMAND_LIMITS) -> Table:
    """Read the bytes of a CSV file.

    UTF-8 with or without a byte order mark and UTF-16 with one are read; commas, semicolons and tabs are told apart by the
    header. Everything that makes cells uncertain refuses the whole file.

    Parameters
    ----------
    data : bytes
        The file.
    limits : Limits
        How large it may be.

    Returns
    -------
    Table
        Rows or problems.
    """
    digest = sha256_hex(data)
    try:
        if len(data) > limits.n_bytes:
            raise EntryError(f"{len(data):,} bytes are more than {limits.n_bytes:,}; split the file")  # noqa: TRY301 - one way out
        text, encoding = decode(data)
    except EntryError as error:
        problem = _whole(str(error))
        return Table(header=(), rows=(), separator=",", encoding="", sha256=digest, problems=(problem,))
    separator, skip = _separator(text)
    names, rows, problems = _parse(text, separator, skip)
    if limits.n_rows is not None and len(rows) > limits.n_rows:
        problems.append(
            _whole(f"{len(rows):,} rows are more than {limits.n_rows:,}; split the file or use the command")
        )
    return Table(
        header=names,
        rows=() if problems else tuple(rows),
        separator=separator,
        encoding=encoding,
        sha256=digest,
        problems=told(problems),
    )


def read_plain_table(data: bytes, *, limits: Limits = COMMAND_LIMITS) -> PlainTable | None:
    """Read the bytes of a CSV file by column, if nothing about it needs a word; `read_table` reads every other.

    Parameters
    ----------
    data : bytes
        The file.
    limits : Limits
        How large it may be.

    Returns
    -------
    PlainTable or None
        None: `read_table` says what is the matter, or passes over what is blank. Cells that are far too long for a score are
        still there.
    """
    try:
        text = decode(data)[0] if len(data) <= limits.n_bytes else ""
    except EntryError:
        return None
    separator, skip = _separator(text)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        names = _names(next(records, []))
        columns = columns_of(records)
    except (csv.Error, ValueError):
        return None
    n_rows = len(columns[0]) if columns else 0
    is_too_long = limits.n_rows is not None and n_rows > limits.n_rows
    is_ragged = len(columns) != len(names)
    if skip or not n_rows or is_ragged or is_too_long or any(_header_problems(1, names)):
        return None
    if _has_blank_row(columns):
        return None
    return PlainTable(
        columns={name.lower(): column for name, column in zip(names, columns, strict=True)},
        n_rows=n_rows,
        separator=separator,
        sha256=sha256_hex(data),
    )


def _has_blank_row(columns: list[list[str]]) -> bool:
    may_have = any(not cell.strip() for cell in set(columns[0]))
    return may_have and not all("".join(cells).strip() for cells in zip(*columns, strict=True))


def _parse(text: str, separator: str, skip: int) -> tuple[tuple[str, ...], list[_Row], list[CellProblem]]:
    records = _records(text, separator, skip)
    names: tuple[str, ...] = ()
    rows: list[_Row] = []
    problems: list[CellProblem] = []
    row = 0
    try:
        row, header = next(records, (1, []))
        names = _names(header)
        problems += _header_problems(row, names)
        for row, cells in records:
            if len(cells) < len(names) or any(cells[len(names) :]):
                problems.append(_ragged(row, cells, names, separator))
            else:
                rows.append((row, tuple(cells[: len(names)])))
    except csv.Error as error:
        problems.append(_quoting(row + 1, error))
    return names, rows, problems + _too_long(rows, names)


def _names(header: list[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in header)
    while names and not names[-1]:
        names = names[:-1]  # spreadsheets write columns that once held something
    return names


def _whole(expected: str) -> CellProblem:
    return cell_problem(None, "", "", expected)


def _separator(text: str) -> tuple[str, int]:
    """Return what parts the cells (whatever parts the header most often), and how many leading records are no header."""
    line = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    if len(line) == 5 and line.startswith("sep=") and line[4] in _SEPARATORS:
        return line[4], 1  # a hint that Excel writes and reads
    outside = "".join(line.split('"')[::2])
    best = max(_SEPARATORS, key=outside.count)
    return (best if best in outside else ","), 0


def _records(text: str, separator: str, skip: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not blank, with the number that a spreadsheet gives them."""
    for row, cells in enumerate(
        csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), start=1
    ):
        if not "".join(cells).strip():
            continue
        if skip:
            skip -= 1
            continue
        yield row, cells


def _header_problems(row: int, names: tuple[str, ...]) -> Iterator[CellProblem]:
    if not names:
        yield cell_problem(row, "", "", "the first row must name the columns")
    for place, name in enumerate(names, start=1):
        if not name:
            yield cell_problem(row, f"column {place}", "", "the column has no name; name it or delete it")
    if len(names) > MOST_COLUMNS:
        yield cell_problem(row, "", "", f"{len(names):,} columns; write at most {MOST_COLUMNS:,}")
        return
    first = {name.lower(): name for name in reversed(names)}
    for folded, number in Counter(name.lower() for name in names if name).items():
        if number > 1:
            name = first[folded]
            yield cell_problem(row, name, name, f"{number} columns have this name; give each its own")


def _ragged(row: int, cells: list[str], names: tuple[str, ...], separator: str) -> CellProblem:
    found = separator.join(cells)
    message = f"{len(cells)} cells where the header has {len(names)}"
    if separator == "," and len(cells) > len(names) and any(cell.strip().isdigit() for cell in cells[1:]):
        return cell_problem(
            row, "", found,
            f"{message}: where commas part the cells, a decimal comma makes two of one; write 7.5, or part the cells by semicolons",
        )  # fmt: skip
    return cell_problem(
        row, "", found, f"{message}, parted by {_SEPARATORS[separator]}; write one cell for each column"
    )


def _too_long(rows: list[_Row], names: tuple[str, ...]) -> list[CellProblem]:
    return [
        cell_problem(
            row, name, cell, f"the cell is longer than {MAX_FIELD_BYTES:,} bytes; a score is shorter"
        )
        for row, cells in rows
        if sum(map(len, cells)) > MAX_FIELD_BYTES // 4  # a character has at most four bytes
        for name, cell in zip(names, cells, strict=True)
        if len(cell.encode()) > MAX_FIELD_BYTES
    ]


def _quoting(row: int, error: csv.Error) -> CellProblem:
    if "field limit" in str(error):
        return cell_problem(
            row, "", "", f"a cell is longer than {MAX_FIELD_BYTES:,} bytes; is a quote not closed?"
        )
    return cell_problem(
        row, "", "", 'a quote (") is not closed, or stands inside a cell; write "" for a quote in a cell'
    )
