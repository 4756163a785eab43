"""The schedule as a table to print or to open in a spreadsheet. No mode ever has a column of conditions."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from datetime import date

    from nof1.schedule.timetable import Schedule

COLUMNS = ("period", "block", "kind", "kit", "starts_on", "ends_on", "first_analysed_on")


def schedule_csv(schedule: Schedule) -> str:
    """Write one row per period.

    Parameters
    ----------
    schedule : Schedule
        As it stands.

    Returns
    -------
    str
        CSV with a header and LF at line ends; the number of a washout is empty, as in the data.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for period in schedule.periods:
        is_washout = period.kind is PeriodKind.WASHOUT
        writer.writerow(
            (
                "" if is_washout else period.index,
                "" if period.block is None else period.block,
                period.kind.value,
                period.kit or "",
                period.starts_on.isoformat(),
                period.ends_on.isoformat(),
                _date(period.first_analysed_on),
            )
        )
    return text.getvalue()


def _date(day: date | None) -> str:
    return "" if day is None else day.isoformat()
