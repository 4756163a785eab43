"""What the events of a trial add up to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.audit import events
from nof1.audit.chain import seal
from nof1.audit.history import replay
from nof1.audit.record import Recorded
from nof1.errors import ChainError

from .strategies import parts, unsealed

START = datetime(2026, 4, 3, 8, tzinfo=UTC)


def recorded(*history):
    """Return events as a store would give them back."""
    found = []
    for place, event in enumerate(history):
        record = seal(unsealed(event, place), found[-1].record if found else None)
        found.append(Recorded(record=record, event=event))
    return found


def entered(*values, session=1):
    """Return a form with the scores a, b and so on."""
    named = tuple(events.EnteredValue(score=f"day.{chr(97 + i)}", value=v) for i, v in enumerate(values))
    times = {"observed_at": "", "observed_local": "", "observed_offset": ""}
    return events.ScoresEntered(
        instrument="day", session=session, day=session, values=named, source="hand", **times
    )


def corrected(place, row, value, reason="typo", **more):
    """Return a correction of the event at a place of the history."""
    return events.ScoreCorrected(
        replaces=f"{place:032x}", row=row, score=f"day.{chr(97 + row)}", value=value, reason=reason, **more
    )


def test_the_latest_correction_wins_and_all_values_stay():
    """A report can show the first value after any number of corrections, and who changed it when and why."""
    missing = events.ScoreCorrected(
        replaces="0" * 32, row=1, score="day.b", missing_reason="technical", reason="the screen froze"
    )
    state = replay(recorded(entered("3", "4"), corrected(0, 1, "5"), missing))
    first, second = state.scores
    assert (first.value, first.is_corrected) == ("3", False)
    assert (second.value, second.missing_reason, second.is_corrected) == (None, "technical", True)
    assert [version.value for version in second.versions] == ["4", "5", None]
    assert [version.reason for version in second.versions] == [None, "typo", "the screen froze"]
    assert second.versions[1].recorded_at == START + timedelta(minutes=1)
    assert (second.event_id, second.row, second.seq) == ("0" * 32, 1, 1)


@given(
    changes=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 9).map(str)), max_size=12
    ),
)
def test_corrections_agree_with_a_plain_table(changes):
    """A dict that is simply overwritten ends with the same values."""
    table = {(form, row): "0" for form in range(3) for row in range(2)}
    history = [entered("0", "0", session=form + 1) for form in range(3)]
    for form, row, value in changes:
        table[form, row] = value
        history.append(corrected(form, row, value))
    state = replay(recorded(*history))
    assert {(score.seq - 1, score.row): score.value for score in state.scores} == table
    assert sum(len(score.versions) - 1 for score in state.scores) == len(changes)


@pytest.mark.parametrize("wrong", [corrected(7, 0, "5"), corrected(0, 1, "5"), corrected(1, 0, "5")])
def test_a_correction_of_nothing_is_told(wrong):
    """The store never writes one; if it is there, the history was tampered with."""
    with pytest.raises(ChainError, match="event 3 corrects"):
        replay(recorded(entered("3"), events.NoteRecorded(text="x"), wrong))


def test_a_session_that_was_entered_twice_is_a_conflict():
    """The first entry counts; the second is listed, never silently taken."""
    unplanned = entered("9", session=None)
    state = replay(recorded(entered("3"), entered("4"), entered("5", session=2), unplanned, unplanned))
    assert [score.value for score in state.conflicts] == ["4"]
    assert state.score("day.a", 1).value == "3"
    assert state.score("day.a", 9) is None


def test_a_record_that_was_put_right_is_not_counted_twice():
    """A harm whose end became known is one harm."""
    harm = {"term": "headache", "started_on": "2026-04-03", "severity": 1, "serious": False}
    state = replay(
        recorded(
            events.AdverseEventRecorded(**harm),
            events.AdverseEventRecorded(**harm, ended_on="2026-04-04", replaces="0" * 32),
        )
    )
    assert [harm.event.ended_on for harm in state.of(events.AdverseEventRecorded)] == ["2026-04-04"]
    assert len(state.records) == 2


def test_schedule_changes_come_in_the_order_in_which_they_apply():
    """A shift before a pause is not a pause before a shift."""
    changes = [
        events.ScheduleShifted(from_period=2, days=3, reason="travel"),
        events.Paused(on="2026-04-05", reason="flu"),
        events.Resumed(on="2026-04-09"),
        events.KitLost(kit="K-N2PQH5", on="2026-04-10", period=2, reason="left on a train"),
        events.SpareBlockUsed(spare="S1", block=4, is_added=True),
        events.ScheduleShifted(from_period=3, days=-1, reason="back early"),
        events.Stopped(on="2026-05-01", reason="enough"),
    ]
    state = replay(recorded(*changes[:2], events.NoteRecorded(text="x"), *changes[2:]))
    assert [change.event for change in state.schedule_changes] == changes
    assert state.position.is_stopped


@given(
    registration=parts(events.TrialRandomized) | parts(events.TrialImported),
    amendment=parts(events.ProtocolAmended),
)
def test_the_protocol_in_force_is_the_last_one(registration, amendment):
    """The draw stays with the registration, reading and checking go by the amendment."""
    before, after = replay(recorded(registration)), replay(recorded(registration, amendment))
    assert before.registration.event is before.protocol is registration
    assert after.registration.event is registration
    assert after.protocol is amendment
    assert replay([]).registration is None
    assert replay([]).protocol is None


def test_a_lock_that_was_undone_does_not_hold():
    """`lock` is the one in force; all of them are in the history."""
    lock, undo = events.Locked(files=(), n_scores=1, n_missing=0), events.Unlocked(reason="a forgotten page")
    opened = events.Unblinded(how="cards", allocation=(), space_size=64)
    states = [
        replay(recorded(*history)) for history in ([lock], [lock, undo], [lock, undo, lock], [lock, opened])
    ]
    assert [state.lock.seq if state.lock else None for state in states] == [1, None, 3, 1]
    assert [state.unblinding is not None for state in states] == [False, False, False, True]
    assert len(states[2].of(events.Locked)) == 2


def test_a_clock_that_went_back_is_noticed():
    """The chain orders events; a clock that was set back is said, not believed."""
    first, second = recorded(events.NoteRecorded(text="a"), events.NoteRecorded(text="b"))
    assert replay([first, second]).clock_back == ()
    assert replay([second, first]).clock_back == (1,)
