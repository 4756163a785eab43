"""Dates and times that people and programs write."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.errors import EntryError
from nof1.scores.moments import DateOrder, read_moment, study_date

from .strategies import CELLS

CET = timezone(timedelta(hours=2))
local = datetime.fromisoformat


@pytest.mark.parametrize(
    ("text", "on", "at"),
    [
        ("2026-04-03", date(2026, 4, 3), None),
        ("2026-04-03 08:05", date(2026, 4, 3), local("2026-04-03T08:05")),
        ("2026-04-03T08:05:09", date(2026, 4, 3), local("2026-04-03T08:05:09")),
        ("2026-04-03 8:05", date(2026, 4, 3), local("2026-04-03T08:05")),
        ("2026-04-03T08:05:09.25Z", date(2026, 4, 3), datetime(2026, 4, 3, 8, 5, 9, 250000, UTC)),
        ("2026-04-03T23:30+02:00", date(2026, 4, 3), datetime(2026, 4, 3, 23, 30, tzinfo=CET)),
        ("2026-04-03 23:30 +0200", date(2026, 4, 3), datetime(2026, 4, 3, 23, 30, tzinfo=CET)),
    ],
)
def test_iso_is_read_as_it_stands(text, on, at):
    """Without an offset the time is local; with one, the date is that of the place."""
    moment = read_moment(text)
    assert (moment.on, moment.at, moment.text) == (on, at, text)
    assert moment.has_offset == (at is not None and at.tzinfo is not None)


@pytest.mark.parametrize("text", ["3.4.2026", "03/04/2026", "03-04-2026", "3.4.2026 08:00"])
def test_an_order_that_was_named_is_followed(text):
    """The same text is April or March by the option, never by a guess."""
    assert read_moment(text, order=DateOrder.DAYFIRST).on == date(2026, 4, 3)
    assert read_moment(text, order=DateOrder.MONTHFIRST).on == date(2026, 3, 4)
    assert read_moment("2026-04-03", order=DateOrder.MONTHFIRST).on == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (
            "03/04/2026",
            "it may be 2026-04-03 or 2026-03-04: write the date so, or say --dayfirst or --monthfirst",
        ),
        ("25/04/2026", "write 2026-04-25, or say --dayfirst"),
        ("04/25/2026", "write 2026-04-25, or say --monthfirst"),
        ("05/05/2026", "write 2026-05-05, or say --dayfirst"),
        ("45/45/2026", "there is no such date"),
        ("03/04/26", "write the year with four digits"),
        ("46115", "this is how Excel stores 2026-04-03"),
        ("46115.5", "this is how Excel stores 2026-04-03"),
        ("1-Mar", "a spreadsheet shows dates so"),
        ("Mar-26", "a spreadsheet shows dates so"),
        ("2026-02-30", "the calendar has no day 30 in month 2 of 2026"),
        ("2026-13-01", "the calendar has no day 1 in month 13"),
        ("0026-04-03", "write a year from 1970 to 2199"),
        ("20260403", "write a date such as"),
        ("2026-W14-5", "write a date such as"),
        ("٢٠٢٦-٠٤-٠٣", "write a date such as"),
        ("2026-04-03 25:00", "there is no such time of day"),
        ("2026-04-03 08:61", "there is no such time of day"),
        ("2026-04-03T08:00+99:00", "there is no such time of day"),
        ("2026-04-03T08:00+01:75", "there is no such time of day"),
        ("2026-04-03 8am", "24-hour clock"),
        ("2026-04-03 noon", "24-hour clock"),
        ("yesterday", "write a date such as"),
        ("", "write a date such as"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(text, advice):
    """Two readings, no reading, and what spreadsheets do to dates each have their own sentence."""
    with pytest.raises(EntryError) as refused:
        read_moment(text)
    assert advice in str(refused.value)


def test_an_order_that_does_not_fit_is_refused():
    """A month 25 shows that the option is wrong; it is not turned round silently."""
    with pytest.raises(EntryError, match="no day 4 in month 25"):
        read_moment("25/04/2026", order=DateOrder.MONTHFIRST)


@given(st.datetimes(local("1970-01-01"), local("2199-12-31")), st.sampled_from(["T", " "]))
def test_what_isoformat_writes_is_read_back(at, gap):
    """Every local time that Python writes is read as the same time."""
    assert read_moment(at.isoformat(sep=gap)).at == at


@given(CELLS, st.sampled_from(DateOrder))
def test_any_text_is_a_date_or_refused(text, order):
    """No other error ever comes out of a cell."""
    try:
        moment = read_moment(text, order=order)
    except EntryError:
        return
    assert moment.at is None or moment.at.date() == moment.on


@given(st.datetimes(local("2000-01-01"), local("2100-01-01")), st.times())
def test_a_study_day_turns_at_its_hour(at, turns):
    """From one turning to the next the date stays, and then moves by one."""
    day_starts = time(turns.hour, turns.minute)
    on = study_date(at, day_starts)
    begins = datetime.combine(on, day_starts)
    assert begins <= at < begins + timedelta(days=1)
