"""Dates and times that people and programs write: ISO, or an order of day and month that was named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum

from nof1.errors import EntryError
from nof1.scores.number import shortened

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Years outside are slips of the keyboard, or dates that a program has spoilt."""

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NUMERIC = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}(?:[T ].*)?")
_CLOCK = re.compile(
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6})[0-9]*)?)?\s?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_SERIAL = re.compile(r"([3-7][0-9]{4})(?:[.,]([0-9]+))?")
_NAMED_MONTH = re.compile(r"[0-9]{1,2}[-. ][A-Za-zä]{3,9}(?:[-. ][0-9]{2,4})?|[A-Za-zä]{3,9}[-. ][0-9]{1,4}")
_SERIAL_ORIGIN = date(1899, 12, 30)


class DateOrder(StrEnum):
    """How dates that are not ISO are read."""

    ISO = "iso"
    DAYFIRST = "dayfirst"
    MONTHFIRST = "monthfirst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something was measured, as far as it was told.

    Attributes
    ----------
    text : str
        As typed.
    on : date
        The date on the calendar at that place.
    at : datetime or None
        With the time of day; without a zone [local time] or with its offset. None: only the date is known.
    """

    text: str
    on: date
    at: datetime | None

    @property
    def has_offset(self) -> bool:
        """Whether the distance from UTC is known."""
        return self.at is not None and self.at.tzinfo is not None

    def is_before(self, other: Moment) -> bool:
        """Whether it comes before another one, as far as both are known."""
        if self.at is None or other.at is None:
            return self.on < other.on
        return self.at < other.at


def read_moment(text: str, *, order: DateOrder = DateOrder.ISO) -> Moment:
    """Read a date, or a date with a time of day.

    Parameters
    ----------
    text : str
        ``2026-04-03``, ``2026-04-03 08:00``, ``2026-04-03T08:00:00+02:00``; with an order also ``3.4.2026`` and
        ``3/4/2026 8:00``.
    order : DateOrder
        What stands first in a date that is not ISO.

    Returns
    -------
    Moment
        The calendar date and, where given, the time.

    Raises
    ------
    EntryError
        If the text has no reading or more than one; the sentence says what to write.

    Examples
    --------
    >>> read_moment("2026-04-03 08:00").at
    datetime.datetime(2026, 4, 3, 8, 0)
    >>> read_moment("03/04/2026")
    Traceback (most recent call last):
    nof1.errors.EntryError: found '03/04/2026'; it may be 2026-04-03 or 2026-03-04: write the date so, or say --dayfirst or --monthfirst
    """
    typed = text.strip(" \t")
    day_text, gap, clock_text = _parted(typed)
    on = _read_date(typed, day_text, order)
    if not gap:
        return Moment(text=typed, on=on, at=None)
    return Moment(text=typed, on=on, at=_read_clock(typed, on, clock_text))


def study_date(moment: datetime, day_starts: time) -> date:
    """Return the date of the study day to which a local time belongs.

    Parameters
    ----------
    moment : datetime
        Local time; an offset is ignored.
    day_starts : time
        When a day of the study turns.

    Returns
    -------
    date
        The calendar date, or the one before where the day has not turned yet.

    Examples
    --------
    >>> study_date(datetime(2026, 4, 3, 2, 30), time(4))
    datetime.date(2026, 4, 2)
    """
    local = moment.replace(tzinfo=None)
    return (local - timedelta(hours=day_starts.hour, minutes=day_starts.minute)).date()


def _parted(typed: str) -> tuple[str, str, str]:
    """Part the date from the time at the ``T`` of ISO 8601 or at the first blank."""
    if len(typed) > 10 and typed[10] == "T":
        return typed[:10], "T", typed[11:]
    return typed.partition(" ")


def _read_date(typed: str, day_text: str, order: DateOrder) -> date:
    if match := _ISO.fullmatch(day_text):
        return _made(typed, int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMERIC.fullmatch(day_text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if order is DateOrder.DAYFIRST:
            return _made(typed, year, second, first)
        if order is DateOrder.MONTHFIRST:
            return _made(typed, year, first, second)
        raise EntryError(f"found {shortened(typed)!r}; {_order_advice(year, first, second)}")
    raise EntryError(f"found {shortened(typed)!r}; {_advice(typed)}")


def _made(typed: str, year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise EntryError(f"found {shortened(typed)!r}; write a year from {FIRST_YEAR} to {LAST_YEAR}")
    try:
        return date(year, month, day)
    except ValueError:
        raise EntryError(
            f"found {shortened(typed)!r}; the calendar has no day {day} in month {month} of {year}"
        ) from None


def _read_clock(typed: str, on: date, clock_text: str) -> datetime:
    match = _CLOCK.fullmatch(clock_text)
    if match is None:
        raise EntryError(
            f"found {shortened(typed)!r}; write the time on the 24-hour clock, such as {on.isoformat()} 08:00"
        )
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    micro = int((match[4] or "0").ljust(6, "0"))
    try:
        return datetime.combine(on, time(hour, minute, second, micro, tzinfo=_offset(match[5])))
    except ValueError:
        raise EntryError(
            f"found {shortened(typed)!r}; there is no such time of day, write 00:00 to 23:59"
        ) from None


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if int(digits[2:]) > 59:
        raise ValueError(text)
    return timezone(-distance if text[0] == "-" else distance)


def _order_advice(year: int, first: int, second: int) -> str:
    readings = {
        DateOrder.DAYFIRST: _iso_or_none(year, second, first),
        DateOrder.MONTHFIRST: _iso_or_none(year, first, second),
    }
    possible = {order: iso for order, iso in readings.items() if iso is not None}
    if len(set(possible.values())) == 2:
        return f"it may be {' or '.join(possible.values())}: write the date so, or say --dayfirst or --monthfirst"
    if not possible:
        return "there is no such date; write it as YYYY-MM-DD"
    order, iso = next(iter(possible.items()))
    return f"write {iso}, or say --{order}"


def _iso_or_none(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _advice(typed: str) -> str:
    """Say what to write instead of a text that is no date."""
    if not typed:
        return "write a date such as 2026-04-03, or a date with a time such as 2026-04-03 08:00"
    if match := _SERIAL.fullmatch(typed):
        real = (_SERIAL_ORIGIN + timedelta(days=int(match[1]))).isoformat()
        return f"this is how Excel stores {real}: format the column as YYYY-MM-DD and save again"
    if _SHORT_YEAR.fullmatch(typed):
        return "write the year with four digits, as YYYY-MM-DD"
    if _NAMED_MONTH.fullmatch(typed):
        return "a spreadsheet shows dates so: format the column as YYYY-MM-DD and save again"
    return "write a date such as 2026-04-03, or a date with a time such as 2026-04-03 08:00"
