"""Bytes of CSV files: encodings, separators, quotes, limits."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.scores.problems import MOST_TOLD
from nof1.scores.table import MAX_FIELD_BYTES, Limits, read_table

from .strategies import CELLS, csv_bytes

HEADER = ("date", "note", "value")
ROWS = (("2026-04-03", "müde", "7"), ("2026-04-04", "x;y,z\tq", "8"), ("2026-04-05", 'he said "no"', "9"))


def the_problem(data, **options):
    """Return the only problem of a file, as text."""
    table = read_table(data, **options)
    assert table.rows == ()
    (problem,) = table.problems
    return str(problem)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_way_to_save_gives_the_same_table(separator, encoding, newline):
    """Encoding, separator and line ends are found out; the cells are the same."""
    bom = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    table = read_table(bom + csv_bytes(HEADER, ROWS, separator=separator, encoding=encoding, newline=newline))
    assert table.problems == ()
    assert table.header == HEADER
    assert table.rows == tuple(enumerate(ROWS, start=2))
    assert table.separator == separator
    assert table.may_have_decimal_commas == (separator != ",")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            "date,note\n2026-04-03,müde\n".encode("cp1252"),
            "line 2 holds the byte FC: this is not UTF-8, perhaps Windows-1252",
        ),
        ("date,value\n".encode("utf-16-le"), "looks like UTF-16 without a byte order mark"),
        ("date,value\n".encode("utf-32"), "this is UTF-32"),
        (codecs.BOM_UTF16_LE + b"d\x00a", "begins as UTF-16 and cannot be read"),
        (b"PK\x03\x04\x14\x00\x06\x00", "this is an Excel or OpenDocument workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is an old Excel workbook"),
        (b"%PDF-1.7", "this is a PDF"),
        (b"date,value\n2026-04-03,7\x00\n", "line 2 holds a NUL byte"),
    ],
)
def test_bytes_that_are_no_text_are_named(data, sentence):
    """The refusal says what the file is and how to save it."""
    found = the_problem(data)
    assert sentence in found
    assert "CSV UTF-8" in found


def test_the_mark_of_utf8_does_not_stick_to_the_header():
    """The first column is `date`, not an invisible character and `date`."""
    assert read_table(b"\xef\xbb\xbfdate,value\n2026-04-03,7\n").header == ("date", "value")


def test_a_hint_of_excel_names_the_separator():
    """A first line ``sep=;`` is no header."""
    table = read_table(b"sep=;\r\ndate;value\r\n2026-04-03;7,5\r\n")
    assert (table.header, table.separator, table.rows) == (
        ("date", "value"),
        ";",
        ((3, ("2026-04-03", "7,5")),),
    )


def test_a_decimal_comma_between_commas_is_explained():
    """Three cells in a file of two columns: the likely cause is said."""
    found = the_problem(b"date,value\n2026-04-03,7,5\n")
    assert found.startswith("row 2: found '2026-04-03,7,5'; 3 cells where the header has 2")
    assert "decimal comma" in found
    assert "semicolons" in found


def test_a_row_that_is_too_short_is_told():
    """A ragged row may have lost a cell anywhere."""
    assert "1 cells where the header has 2, parted by semicolons" in the_problem(b"date;value\n2026-04-03\n")


def test_what_a_spreadsheet_leaves_behind_is_passed_over():
    """Empty columns at the right and empty rows hold nothing; row numbers still count them."""
    table = read_table(b"date,value,,\n,,,\n2026-04-03,7,,\n\n2026-04-05,8,,\n")
    assert table.header == ("date", "value")
    assert table.rows == ((3, ("2026-04-03", "7")), (5, ("2026-04-05", "8")))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "must name the columns"),
        (b"\n\n", "must name the columns"),
        (b"date,Value,value\n", "Value: found 'Value'; 2 columns have this name"),
        (b"date,,value\n2026-04-03,1,2\n", "column 2: the column has no name"),
        (b'date,value\n"2026-04-03,7\n', 'row 2: a quote (") is not closed'),
        (b'date,value\n"2026"-04-03,7\n', "stands inside a cell"),
        (b"date,value\nx," + b"1" * (MAX_FIELD_BYTES + 1) + b"\n", "row 2, value"),
        (b"date,value\nx," + b"1" * 200_000 + b"\n", "longer than 65,536 bytes"),
        ("date,value\nx,{}\n".format("ü" * (MAX_FIELD_BYTES // 2 + 1)).encode(), "longer than 65,536 bytes"),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused(data, sentence):
    """Headers, quotes and cells each have their own refusal."""
    assert sentence in the_problem(data)


def test_limits_are_those_of_the_door():
    """The page takes less than the command."""
    data = csv_bytes(("a", "b"), [("1", "2")] * 5)
    assert "5 rows are more than 4" in the_problem(data, limits=Limits(n_bytes=1000, n_rows=4))
    assert "24 bytes are more than 20" in the_problem(data, limits=Limits(n_bytes=20, n_rows=None))
    assert len(read_table(data, limits=Limits(n_bytes=24, n_rows=5)).rows) == 5


def test_all_problems_come_at_once_and_a_flood_is_cut():
    """A file with one mistake in every row does not fill the screen."""
    table = read_table(csv_bytes(("a", "b"), [("1", "2", "3")] * (MOST_TOLD + 50)))
    assert len(table.problems) == MOST_TOLD + 1
    assert str(table.problems[-1]) == "and 50 more problems; mend these first"


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_is_read_back(rows, separator, encoding):
    """Any text survives any way of saving it; blank rows alone are dropped."""
    table = read_table(csv_bytes(HEADER, rows, separator=separator, encoding=encoding))
    assert table.problems == ()
    assert [cells for _, cells in table.rows] == [row for row in rows if "".join(row).strip()]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused(data):
    """No file brings the reader down, and rows never come with problems."""
    table = read_table(data)
    assert not (table.rows and table.problems)
    assert all(len(cells) == len(table.header) for _, cells in table.rows)
