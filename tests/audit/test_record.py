"""A stored row is read as the event that it is, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.audit import events
from nof1.audit.record import read_record, utc_text
from nof1.errors import ChainError, StoreError

from .strategies import unsealed

OPENED = unsealed(events.KitOpened(period=1, kit="K-N2PQH5"))


def test_a_record_says_who_and_when():
    """The event and its envelope are read together."""
    recorded = read_record(OPENED, {})
    assert recorded.event == events.KitOpened(period=1, kit="K-N2PQH5")
    assert recorded.recorded_at == datetime(2026, 4, 3, 8, tzinfo=UTC)
    assert (recorded.actor, recorded.channel, recorded.event_id) == ("participant", "test", "0" * 32)
    assert not recorded.duplicate


@pytest.mark.parametrize("change", [{"kind": "kit_thrown_away"}, {"version": 2}])
def test_what_a_later_version_wrote_is_not_guessed(change):
    """An older nof1 says that it is too old."""
    with pytest.raises(StoreError, match="update nof1"):
        read_record(replace(OPENED, **change), {})


@pytest.mark.parametrize("payload", ["", "[]", '{"kit":"K-N2PQH5"}', '{"kit":"K-N2PQH5","period":"one"}'])
def test_a_payload_that_was_changed_is_told(payload):
    """The message names the event and what to do."""
    with pytest.raises(ChainError, match=r"event 0 cannot be read.*nof1 verify"):
        read_record(replace(OPENED, payload=payload), {})


@given(moments=st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2), hours=st.integers(-12, 14))
def test_times_as_text_sort_as_times(moments, hours):
    """The order of two texts must not depend on their zone or on a missing fraction."""
    zone = timezone(timedelta(hours=hours))
    zoned = [
        m.replace(microsecond=m.microsecond // 1000 * 1000).astimezone(zone)
        for m in moments
        if 1 < m.year < 9999
    ]
    assert sorted(map(utc_text, zoned)) == [utc_text(moment) for moment in sorted(zoned)]
    assert [datetime.fromisoformat(utc_text(moment)) for moment in zoned] == zoned


def test_a_time_without_a_zone_is_refused():
    """A local time of unknown place is no moment."""
    with pytest.raises(ValueError, match="zone"):
        utc_text(datetime(2026, 4, 3, 8))  # noqa: DTZ001 - that is the point
