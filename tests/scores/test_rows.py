"""Scores of a trial from CSV files of three shapes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.errors import EntryError
from nof1.scores.moments import DateOrder
from nof1.scores.rows import read_score_table
from nof1.scores.table import Limits
from nof1.terms import MissingReason

from .strategies import CELLS, csv_bytes, plain_numbers


def flat(table):
    """Return every score of a table as (row, when, session, name, value or reason)."""
    assert table.problems == ()
    return [
        (row, entry.moment.text, entry.session, score.name, score.value or score.missing_reason)
        for entry in table.entries
        for row, score in zip(entry.rows, entry.scores, strict=True)
    ]


def lines(table):
    """Return the problems of a refused table; a refused table holds nothing."""
    assert table.entries == ()
    assert table.n_scores == 0
    return [str(problem) for problem in table.problems]


LONG = b"""at,session,score,value,missing_reason
2026-04-03 08:00,,day.mood,7,
2026-04-03 08:00,,day.calm,,forgot
2026-04-04T08:00+02:00,3,points,12.50,
2026-04-04T08:00+02:00,3,day.mood,,
"""


def test_the_long_shape(protocol):
    """One row for each score; those of one time belong together."""
    table = read_score_table(LONG, protocol)
    assert flat(table) == [
        (2, "2026-04-03 08:00", None, "day.mood", "7"),
        (3, "2026-04-03 08:00", None, "day.calm", MissingReason.FORGOT),
        (4, "2026-04-04T08:00+02:00", 3, "recall.points", "12.50"),
        (5, "2026-04-04T08:00+02:00", 3, "day.mood", MissingReason.OTHER),
    ]
    assert [entry.instrument for entry in table.entries] == ["day", None]
    assert table.entries[0].moment.at == datetime.fromisoformat("2026-04-03T08:00")
    assert table.entries[1].moment.has_offset
    assert table.n_scores == 4


def test_the_wide_shape(protocol):
    """One column for each score; an empty cell was not given, unless a reason says why."""
    data = b"Date,day.mood,calm,missing_reason\n2026-04-03,7,,\n2026-04-04,,,\n2026-04-05,,3,ill\n"
    assert flat(read_score_table(data, protocol)) == [
        (2, "2026-04-03", None, "day.mood", "7"),
        (4, "2026-04-05", None, "day.mood", MissingReason.ILL),
        (4, "2026-04-05", None, "day.calm", "3"),
    ]


def test_the_wide_shape_within_an_instrument(protocol):
    """Short names belong to the instrument that was named."""
    data = b"date;mood\n2026-04-03;-1,5\n"
    table = read_score_table(data, protocol, instrument="night")
    assert flat(table) == [(2, "2026-04-03", None, "night.mood", "-1.5")]
    assert table.has_decimal_commas


def test_the_file_of_another_program(protocol):
    """The protocol names the columns; the others are left alone, whatever they hold."""
    data = b"Player,Played,Final score,Level\nme,03.04.2026 21:15,88,\xc3\xa9\nme,04.04.2026 21:30,90,=1+1\n"
    table = read_score_table(data, protocol, instrument="recall", order=DateOrder.DAYFIRST)
    assert [(e.moment.on, s.name, s.number.value) for e in table.entries for s in e.scores] == [
        (date(2026, 4, 3), "recall.points", Decimal(88)),
        (date(2026, 4, 4), "recall.points", Decimal(90)),
    ]


def test_a_mapped_column_that_is_not_there(protocol):
    """The nearest column of the file is named."""
    found = lines(read_score_table(b"Played,Final scores\n2026-04-03,8\n", protocol, instrument="recall"))
    assert found == [
        "row 1: the protocol reads the column 'Final score' of this file, which is not there; did you mean 'Final scores'?"
    ]


def test_an_own_file_for_a_mapped_instrument(protocol):
    """Who keeps the external scores in our shape may do so."""
    assert flat(read_score_table(b"date,points\n2026-04-03,8\n", protocol, instrument="recall"))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_decimal_signs_by_separator(protocol, separator, encoding, decimal):
    """A decimal comma is read where commas part no cells; elsewhere it is explained."""
    data = f"date{separator}points\n2026-04-03{separator}7{decimal}5\n2026-04-04{separator}8\n".encode(
        encoding
    )
    table = read_score_table(data, protocol)
    if separator == decimal:
        assert lines(table)[0].startswith("row 2: found '2026-04-03,7,5'; 3 cells where the header has 2")
    else:
        assert [value for *_, value in flat(table)] == ["7.5", "8"]
        assert table.has_decimal_commas == (decimal == ",")


def test_a_quoted_decimal_comma_between_commas_is_refused(protocol):
    """Where commas part the cells, a number with a comma has no certain reading."""
    assert lines(read_score_table(b'date,points\n2026-04-03,"7,5"\n', protocol)) == [
        "row 2, points: found '7,5'; write 7.5"
    ]


def test_commas_and_points_in_one_file_are_refused(protocol):
    """1.234 may be a thousand in such a file."""
    found = lines(read_score_table(b"date;points\n2026-04-03;7,5\n2026-04-04;1.234\n", protocol))
    assert found == [
        "row 3, points: found '1.234'; row 2 writes '7,5'; write all numbers with a point, or all with a comma"
    ]


def test_commas_that_may_part_thousands_are_refused(protocol):
    """A file with nothing but 1,234 does not say what its comma is."""
    assert lines(read_score_table(b"date\tpoints\n2026-04-03\t1,234\n", protocol)) == [
        "row 2, points: found '1,234'; write 1234, or 1.234 if that is meant"
    ]


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("1-Mar", "a spreadsheet has made a date of it"),
        ("2.3E+46", "this is how a spreadsheet writes large numbers"),
        ("2026-03-01", "this is a date or a time"),
        ("101", "the range is 0 to 100 points"),
        ("#DIV/0!", "an error of a spreadsheet"),
        ("nan", "leave the value empty"),
        ("٧", "with the digits 0 to 9: 7"),
        ("1_0", "write 10"),
    ],
)
def test_what_spreadsheets_do_to_values_is_named(protocol, cell, sentence):
    """Row, column, found, expected."""
    data = f"date,score,value\n2026-04-03,recall.points,{cell}\n".encode()
    (found,) = lines(read_score_table(data, protocol))
    assert found.startswith("row 2, value (recall.points): found ")
    assert sentence in found


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("46115", "this is how Excel stores 2026-04-03"),
        ("1-Mar", "a spreadsheet shows dates so"),
        ("03/04/2026", "it may be 2026-04-03 or 2026-03-04"),
        ("", "write a date such as"),
    ],
)
def test_what_spreadsheets_do_to_dates_is_named(protocol, cell, sentence):
    """One problem for the cell, not one for each score of the row."""
    (found,) = lines(read_score_table(f"date,mood,calm\n{cell},1,2\n".encode(), protocol, instrument="day"))
    assert found.startswith("row 2, date: ")
    assert sentence in found


def test_all_problems_of_a_file_come_at_once(protocol):
    """Nothing of the file is taken, though some rows are fine."""
    data = b"at,session,score,value,missing_reason\n2026-04-03,1,day.mood,7,\n2026-04-31,0,day.mod,77,\n2026-04-04,x,day.mood,77,\n2026-04-05,2,day.calm,7,ill\n"
    assert lines(read_score_table(data, protocol)) == [
        "row 3, at: found '2026-04-31'; the calendar has no day 31 in month 4 of 2026",
        "row 3, session: found '0'; write the number of a session, from 1, or leave it empty",
        "row 3, score: the protocol has no score 'day.mod'; did you mean 'day.mood'?",
        "row 4, session: found 'x'; write the number of a session, from 1, or leave it empty",
        "row 4, value (day.mood): found 77; the range is 0 to 10 points",
        "row 5, value (day.calm): found the value '7' and the reason 'ill' why it is missing; give one of them",
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"at,date,mood\n", "give one of the columns 'at' and 'date', not both"),
        (b"day,score,value\n", "a column 'at' or 'date' is needed; found day, score, value"),
        (b"date,score,value,valeu\n", "row 1, valeu: no such column; did you mean 'value'?"),
        (b"date,session\n2026-04-03,1\n", "no column holds a score"),
        (b"date,calm,Mood\n", "row 1, Mood: the protocol has no score 'Mood'; did you mean 'day.mood'?"),
        (b"date,calm,day.calm\n2026-04-03,1,1\n", "row 1, day.calm: two columns give day.calm; keep one"),
        (b"date,calm,notes\n", "row 1, notes: the protocol has no score 'notes'"),
        (b"date,calm\n", "the file holds no score below its header"),
        (b"date,calm\n2026-04-03,\n", "the file holds no score below its header"),
    ],
)
def test_headers_that_do_not_fit(protocol, data, sentence):
    """Unknown, double and missing columns are told with what is near."""
    assert any(sentence in line for line in lines(read_score_table(data, protocol)))


def test_the_same_score_twice_at_one_time(protocol):
    """The second one is named with the row of the first; a session or a time tells two apart."""
    data = b"date,score,value\n2026-04-03,day.mood,1\n2026-04-03,day.mood,1\n"
    assert lines(read_score_table(data, protocol)) == [
        "row 3: day.mood stands at 2026-04-03 in row 2 too; give each its time (at) or its session"
    ]
    data = (
        b"at,score,value\n2026-04-03 08:00,day.mood,1\n2026-04-03T08:00,mood,1\n2026-04-03T08:00,day.mood,2\n"
    )
    assert "one of them is too many" in lines(read_score_table(data, protocol))[-1]
    data = b"date,session,score,value\n2026-04-03,1,day.mood,1\n2026-04-03,2,day.mood,1\n"
    assert [session for _, _, session, *_ in flat(read_score_table(data, protocol))] == [1, 2]


def test_an_unknown_instrument_is_refused(protocol):
    """Before the file is looked at."""
    with pytest.raises(EntryError, match="no instrument 'recal'; did you mean 'recall'"):
        read_score_table(b"", protocol, instrument="recal")


def test_limits_reach_the_reader(protocol):
    """A page can refuse what a command would take."""
    assert (
        "more than 10" in lines(read_score_table(LONG, protocol, limits=Limits(n_bytes=10, n_rows=None)))[0]
    )


@given(
    values=st.lists(plain_numbers(low=0, high=100), min_size=1, max_size=8),
    separator=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_good_rows_come_out_as_typed(protocol, values, separator, encoding):
    """No digit is lost on the way."""
    rows = [(f"2026-01-{day:02}", value) for day, value in enumerate(values, start=1)]
    table = read_score_table(
        csv_bytes(("date", "points"), rows, separator=separator, encoding=encoding), protocol
    )
    assert [value for *_, value in flat(table)] == values


@given(
    good=st.lists(plain_numbers(low=0, high=100), min_size=1, max_size=5),
    cell=CELLS.filter(str.strip),
    place=st.integers(0, 5),
)
def test_one_bad_cell_refuses_the_file(protocol, good, cell, place):
    """All rows or none, wherever the bad one stands."""
    cells = [*good[:place], cell, *good[place:]]
    rows = [(f"2026-01-{day:02}", value) for day, value in enumerate(cells, start=1)]
    table = read_score_table(csv_bytes(("date", "points"), rows), protocol)
    assert bool(table.entries) != bool(table.problems)
    if table.entries:
        assert table.n_scores == len(cells)
        assert Decimal(0) <= Decimal(cell.strip(" \t")) <= 100
