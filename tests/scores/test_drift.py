"""Day index against calendar."""

from __future__ import annotations

from datetime import date, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nof1.scores.drift import find_drift
from nof1.scores.imported import ImportedSession
from nof1.scores.moments import read_moment

FOUR = time(4)


def sessions_of(*rows):
    """Make sessions from (day, time as text or None)."""
    return [
        ImportedSession(session=n, period=1, day=day, moment=read_moment(at) if at else None)
        for n, (day, at) in enumerate(rows, start=1)
    ]


def test_an_index_that_follows_the_calendar_does_not_drift():
    """Gaps in both at once, and prompts after midnight, are no drift."""
    rows = [
        (1, "2026-01-01 22:00"),
        (1, "2026-01-02 01:30"),
        (4, "2026-01-04 10:00"),
        (None, None),
        (5, "2026-01-05"),
    ]
    assert find_drift(sessions_of(*rows), FOUR) == ()


def test_one_day_over_two_dates():
    """The finding says from which session on, by how much, and why."""
    rows = [
        (1, "2026-01-01 10:00"),
        (2, "2026-01-02 10:00"),
        (2, "2026-01-03 10:00"),
        (3, "2026-01-04 10:00"),
    ]
    (finding,) = find_drift(sessions_of(*rows), FOUR)
    assert (finding.session, finding.day, finding.on, finding.by_days, finding.total_days) == (
        3,
        2,
        date(2026, 1, 3),
        1,
        1,
    )
    assert str(finding) == (
        "From session 3 on (2026-01-03, day 2) the day index lies 1 day behind the calendar: "
        "day 2 covers 2026-01-02 and 2026-01-03. The index was kept as given."
    )


def test_an_index_that_runs_ahead_and_comes_back():
    """Two changes are two findings, and the second one says that all is well again."""
    rows = [(1, "2026-01-01"), (4, "2026-01-02"), (4, "2026-01-04")]
    ahead, back = find_drift(sessions_of(*rows), FOUR)
    assert "2 days ahead of the calendar" in str(ahead)
    assert str(back) == "From session 3 on (2026-01-04, day 4) the day index agrees with the calendar again."


def test_the_hour_at_which_a_day_turns_decides():
    """A prompt at two in the night belongs to the evening before only if the day turns later."""
    rows = [(1, "2026-01-01 22:00"), (1, "2026-01-02 02:00")]
    assert find_drift(sessions_of(*rows), FOUR) == ()
    assert len(find_drift(sessions_of(*rows), time(0))) == 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20))
def test_the_changes_add_up(steps):
    """The last finding's total is the whole distance, and no change goes untold."""
    day, on = 1, date(2026, 1, 1)
    rows, changes = [(day, on.isoformat())], 0
    for days, dates in steps:
        day, on = day + days, on + timedelta(days=dates)
        rows.append((day, on.isoformat()))
        changes += days != dates
    findings = find_drift(sessions_of(*rows), FOUR)
    assert len(findings) == changes
    if findings:
        assert findings[-1].total_days == sum(dates - days for days, dates in steps)
        assert sum(finding.by_days for finding in findings) == findings[-1].total_days
