"""The calendar of what is due: times and kits, no condition, and the same names for the same entries."""

from __future__ import annotations

from datetime import UTC

import pytest
from icalendar import Calendar

from nof1.errors import WorkspaceError
from nof1.workflow.export_calendar import calendar_of, export_calendar
from nof1.workflow.move import shift_trial


def entries(text: bytes) -> dict[str, object]:
    """Return the entries by their names."""
    return {str(entry["uid"]): entry for entry in Calendar.from_ical(text).walk("VEVENT")}


def test_what_is_due_from_today_on(running):
    """Every session that is left at its time, every new box on its day."""
    running.put(3, "12:00")
    found = entries(calendar_of(running.trial, running.clock()))
    trial = running.trial
    left = [s for s in trial.schedule.sessions if s.on >= trial.study_date(running.clock())]
    sessions = [e for uid, e in found.items() if uid.startswith("session-")]
    assert [e["dtstart"].dt for e in sessions] == [s.at.astimezone(UTC) for s in left]
    boxes = [str(e["summary"]) for uid, e in found.items() if uid.startswith("period-")]
    assert len(boxes) == sum(p.starts_on >= trial.study_date(running.clock()) for p in trial.schedule.periods)
    assert all("K-" in box for box in boxes)


def test_no_condition_and_no_title(running):
    """Calendars lie in the cloud of other people."""
    text = calendar_of(running.trial, running.clock()).decode()
    for word in ("caffeine", "cellulose", "SUMMARY:on", "Does it do anything"):
        assert word not in text


def test_after_a_shift_the_same_entries_move(running):
    """A calendar that reads the file again changes what it has, and adds nothing."""
    running.put(1, "09:00")
    before = entries(calendar_of(running.trial, running.clock()))
    shift_trial(running.folder, 3, "travel", running.context, from_period=2)
    after = entries(calendar_of(running.trial, running.clock()))
    assert before.keys() == after.keys()
    assert (
        before["session-1." + next(iter(before)).split(".", 1)[1]]["dtstart"].dt
        == after["session-1." + next(iter(after)).split(".", 1)[1]]["dtstart"].dt
    )
    moved = [uid for uid in before if before[uid]["dtstart"].dt != after[uid]["dtstart"].dt]
    assert moved


def test_a_file_that_calendars_read(running, tmp_path):
    """Lines end as RFC 5545 asks; nothing is written over."""
    path = export_calendar(running.folder, tmp_path / "calendar", running.context)
    data = path.read_bytes()
    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    with pytest.raises(WorkspaceError, match="not empty"):
        export_calendar(running.folder, tmp_path / "calendar", running.context)
