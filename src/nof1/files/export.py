"""Tables for spreadsheets: a text that a spreadsheet would run as a formula is made harmless; numbers stay numbers."""

from __future__ import annotations

import codecs
import re
from functools import partial
from typing import TYPE_CHECKING

from nof1.errors import EntryError
from nof1.scores.columns import by_distinct
from nof1.scores.number import read_number

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

FORMULA_STARTS = frozenset("=+-@\t\r\n\0＝＋－＠")
"""What begins a formula, a command, or hides one; with the full-width forms that some spreadsheets fold."""

# Where lists are parted by semicolons, a spreadsheet begins a new cell inside a quoted text.
_INNER_STARTS = re.compile(r"([;\t\r\n])(?=[ \t]*[=+\-@＝＋－＠])")
_BARE = re.compile(r"[A-Za-z0-9_.:+-]*")
_QUOTED = frozenset(',"\r\n\t\0;')


def export_csv(
    header: Sequence[str],
    rows: Iterable[Sequence[str | None]],
    *,
    numeric: Collection[str] = (),
    raw: bool = False,
) -> bytes:
    r"""Write a table as CSV for a spreadsheet, or for a program.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of sequence of (str or None)
        Cells; None: empty.
    numeric : collection of str
        Columns that hold numbers: a ``-3`` there is a number, anything else is text.
    raw : bool
        Leave every text as it is, for a program that reads it.

    Returns
    -------
    bytes
        UTF-8, LF; with a byte order mark unless raw, because Excel needs it.

    References
    ----------
    OWASP ASVS 5.0, 1.2.10 (CSV and formula injection).

    Examples
    --------
    >>> export_csv(["note", "value"], [["=1+1", "-3"]], numeric={"value"}, raw=True)
    b'note,value\n=1+1,-3\n'
    """
    is_number = [name in numeric for name in header]
    lines = [",".join(_cell(name, raw=raw, is_number=False) for name in header)]
    for row in rows:
        cells = [cell or "" for cell in row]
        if len(cells) != len(header):
            raise ValueError(f"a row has {len(cells)} cells, the header {len(header)}")
        if raw and _BARE.fullmatch("".join(cells)):  # most rows have nothing in them that needs a quote
            lines.append(",".join(cells))
            continue
        lines.append(
            ",".join(
                _cell(cell, raw=raw, is_number=number) for cell, number in zip(cells, is_number, strict=True)
            )
        )
    data = "".join(f"{line}\n" for line in lines).encode()
    return data if raw else codecs.BOM_UTF8 + data


def csv_of_columns(
    header: Sequence[str],
    columns: Sequence[Sequence[object]],
    text: Callable[[object], str] = str,
    *,
    numeric: Collection[str] = (),
    raw: bool = False,
) -> bytes:
    """Write a table that is kept by column; the bytes are those of `export_csv`.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    columns : sequence of sequence
        Values of each column, which can be hashed.
    text : callable
        Writes a value.
    numeric, raw
        As for `export_csv`.

    Returns
    -------
    bytes
        As `export_csv`.
    """

    def cell(value: object, *, is_number: bool) -> str:
        written = text(value)
        return written if raw and _BARE.fullmatch(written) else _cell(written, raw=raw, is_number=is_number)

    cells = (
        by_distinct(partial(cell, is_number=name in numeric), column)
        for name, column in zip(header, columns, strict=True)
    )
    names = ",".join(_cell(name, raw=raw, is_number=False) for name in header)
    lines = "\n".join(map(",".join, zip(*cells, strict=True)))
    data = (f"{names}\n{lines}\n" if lines or len(columns[0]) else f"{names}\n").encode()
    return data if raw else codecs.BOM_UTF8 + data


def safe_text(text: str) -> str:
    """Put an apostrophe before what a spreadsheet could run.

    Parameters
    ----------
    text : str
        One cell.

    Returns
    -------
    str
        The text, with ``'`` in front where it, or what follows its blanks, begins with one of `FORMULA_STARTS`; so too
        behind a semicolon, a tab or a line end inside it.

    Examples
    --------
    >>> safe_text("=HYPERLINK(1)"), safe_text("fine")
    ("'=HYPERLINK(1)", 'fine')
    """
    safe = _INNER_STARTS.sub(r"\1'", text)
    begins = text[:1] + text.lstrip()[:1]
    return f"'{safe}" if FORMULA_STARTS.intersection(begins) else safe


def _cell(text: str, *, raw: bool, is_number: bool) -> str:
    shown = text if raw or (is_number and _is_number(text)) else safe_text(text)
    if shown != text or _QUOTED.intersection(shown) or shown != shown.strip():
        return '"' + shown.replace('"', '""') + '"'
    return shown


def _is_number(text: str) -> bool:
    try:
        return read_number(text).text == text
    except EntryError:
        return False
