"""The printed schedule is pinned, and holds no condition in any mode."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from nof1.blinding.opening import follow
from nof1.blinding.sealed import Secret
from nof1.schedule.calendar import plan, shift
from nof1.schedule.design import space_of, spare_space
from nof1.schedule.printed import COLUMNS, schedule_csv

from .protocols import make_protocol


def _blinded():
    """Return the schedule of the published example: six pairs, prepared from the secret 00 … 1f."""
    protocol = make_protocol(
        {
            "blocks": 6,
            "period_days": 14,
            "onset_days": 7,
            "washout_days": 2,
            "run_in": {"sessions": 8, "within_days": 10},
        },
        blinding={"spare_blocks": 1},
    )
    opening = follow(Secret(bytes(range(32))), "ab" * 32, space_of(protocol), [spare_space(protocol)])
    kits = tuple(kit.code for kit in opening.public.main_kits)
    return plan(protocol, date(2026, 3, 2), "Europe/Berlin", kits), opening


def test_schedule_of_the_published_example(golden):
    """A released secret must give this schedule for ever: running trials depend on it."""
    schedule, _ = _blinded()
    golden("pairs_schedule.csv", schedule_csv(schedule))


def test_schedule_after_an_illness(golden):
    """Moved periods, the same kits in the same order."""
    schedule, _ = _blinded()
    golden("pairs_schedule_shifted.csv", schedule_csv(shift(schedule, 5, 9)))


@pytest.mark.parametrize("mode", ["open_label", "third_party", "self_blinded"])
def test_no_condition_in_any_mode(mode):
    """Not a column, not a word: the table can lie on the kitchen table."""
    schedule = plan(make_protocol(mode=mode), date(2026, 3, 2), "UTC")
    rows = list(csv.reader(io.StringIO(schedule_csv(schedule))))
    assert rows[0] == list(COLUMNS)
    assert "condition" not in rows[0]
    cells = {cell for row in rows[1:] for cell in row}
    assert not cells & {"on", "off", "caffeine", "cellulose"}


def test_lines_end_with_lf():
    """The same bytes on every system."""
    schedule, _ = _blinded()
    text = schedule_csv(schedule)
    assert "\r" not in text
    assert text.endswith("\n")
    assert text.count("\n") == 1 + len(schedule.periods)
