"""Planned times meet real clocks: every zone, nights with a missing hour, nights with an hour twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.protocol.sessions import start_time
from nof1.schedule.clock import instant, later, resolve, since_turn, study_date

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Asia/Tokyo",
    "Asia/Kathmandu", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "UTC",
]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "wall", "at", "quirk"),
    [
        ("Europe/Berlin", "2026-03-29 01:59", "2026-03-29T01:59:00+01:00", None),
        ("Europe/Berlin", "2026-03-29 02:00", "2026-03-29T03:00:00+02:00", "gap"),
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29T03:00:00+02:00", "gap"),
        ("Europe/Berlin", "2026-03-29 03:00", "2026-03-29T03:00:00+02:00", None),
        ("Europe/Berlin", "2026-10-25 01:59", "2026-10-25T01:59:00+02:00", None),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00", "fold"),
        ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25T03:00:00+01:00", None),
        ("America/New_York", "2026-03-08 02:30", "2026-03-08T03:00:00-04:00", "gap"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01T01:30:00-04:00", "fold"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04T02:30:00+11:00", "gap"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-05T01:45:00+11:00", "fold"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-31T00:00:00+14:00", "gap"),
        ("Asia/Tokyo", "2026-03-29 02:30", "2026-03-29T02:30:00+09:00", None),
    ],
    ids=range(13),
)
def test_gaps_and_folds(zone, wall, at, quirk):
    """A missing time becomes the first instant that exists; of two the first is meant; both are told."""
    found, said = resolve(datetime.fromisoformat(wall), ZoneInfo(zone))
    assert found.isoformat() == at
    assert said == quirk


EVES = [
    "2026-03-28",
    "2026-10-24",
    "2026-03-07",
    "2026-10-31",
    "2026-04-04",
    "2026-10-03",
    "2011-12-29",
    "2018-11-03",
]


@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    eve=st.sampled_from(EVES).map(datetime.fromisoformat),
    minutes=st.integers(0, 3 * 24 * 60),
)
def test_resolved_times_equal_a_search(zone, eve, minutes):
    """Of all instants around it, the first at which the clock shows the time, or else has jumped over it."""
    wall = eve + timedelta(minutes=minutes)
    found, quirk = resolve(wall, zone)
    # All offsets of these zones are multiples of 15 minutes, so the grid meets every showing of the time.
    start = wall.replace(tzinfo=UTC) - timedelta(hours=28)
    grid = [start + timedelta(minutes=15 * step) for step in range(4 * 56)]
    shown = [at for at in grid if at.astimezone(zone).replace(tzinfo=None) == wall]
    if shown:
        assert found.astimezone(UTC) == shown[0]
        assert quirk == ("fold" if len(shown) == 2 else None)
    else:
        assert quirk == "gap"
        assert found.replace(tzinfo=None) > wall
        before = (found.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)
        assert before.replace(tzinfo=None) < wall


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"])
def test_every_gap_and_fold_of_two_years(zone):
    """Every transition is met, and a day of the study never loses or repeats a planned time."""
    tz = ZoneInfo(zone)
    quirks = set()
    planned = [start_time(f"{hour:02}:{minute:02}") for hour in range(24) for minute in (0, 15, 30, 45)]
    planned.sort(key=lambda at: since_turn(at, time(4)))
    day = date(2011, 1, 1)
    while day < date(2013, 1, 1):
        times = [instant(at, day, time(4), tz) for at in planned]
        instants = [at for at, _ in times]
        assert instants == sorted(instants)
        quirks |= {quirk for _, quirk in times}
        day += timedelta(days=1)
    assert quirks == {None, "gap", "fold"}


def test_a_dose_is_a_real_time_ago():
    """Ninety minutes after a dose are ninety minutes, also in the night when clocks change."""
    at, quirk = instant(start_time("01:00 dose + 90 min"), date(2026, 3, 29), time(0), BERLIN)
    assert at.isoformat() == "2026-03-29T03:30:00+02:00"
    assert quirk is None
    at, _ = instant(start_time("08:00 dose - 30 min"), date(2026, 4, 1), time(4), BERLIN)
    assert at.isoformat() == "2026-04-01T07:30:00+02:00"


def test_small_hours_belong_to_the_day_before():
    """What is due at 01:00 is due at the end of the day of the study."""
    at, _ = instant(start_time("01:00"), date(2026, 4, 1), time(4), BERLIN)
    assert at.isoformat() == "2026-04-02T01:00:00+02:00"
    at, _ = instant(start_time("04:00"), date(2026, 4, 1), time(4), BERLIN)
    assert at.isoformat() == "2026-04-01T04:00:00+02:00"


@pytest.mark.parametrize(
    ("local", "turns", "day"),
    [
        ("2026-04-03T03:59:59", "04:00", "2026-04-02"),
        ("2026-04-03T04:00:00", "04:00", "2026-04-03"),
        ("2026-04-03T00:00:00", "00:00", "2026-04-03"),
        ("2026-04-03T23:59:59", "00:00", "2026-04-03"),
        ("2026-04-03T12:00:00+09:00", "04:00", "2026-04-03"),
        ("2026-04-03T01:00:00-08:00", "04:00", "2026-04-02"),
    ],
    ids=range(6),
)
def test_the_day_turns_where_one_is(local, turns, day):
    """On a journey the clock of the place counts, not that at home."""
    assert study_date(datetime.fromisoformat(local), time.fromisoformat(turns)) == date.fromisoformat(day)


def test_later_counts_real_time():
    """Windows are hours of the world, not of the clock."""
    before = datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN)
    assert later(before, timedelta(hours=1)).isoformat() == "2026-03-29T03:30:00+02:00"
