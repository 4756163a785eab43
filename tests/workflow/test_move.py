"""Shift, pause, resume, stop: dates of what has not begun move; nothing else does, and nothing half."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.errors import EntryError, Nof1Error, StageError, WorkspaceError
from nof1.files.tables import read_schedule
from nof1.workflow.move import pause_trial, resume_trial, shift_trial, stop_trial
from nof1.workflow.record import record_dose
from nof1.workflow.status import trial_status
from nof1.workflow.today import due_today
from nof1.workflow.verify import Outcome, verify_trial

from .playing import START, quick_folder


def day(number):
    """Return the date of a day of the study."""
    return START + timedelta(days=number - 1)


def starts(schedule):
    """Return the first study day of every period."""
    return [(period.starts_on - START).days + 1 for period in schedule.periods]


def test_shift_moves_what_has_not_begun(running):
    """On day 4 periods 1 and 2 have begun; the others move, keep order, kits and length."""
    running.put(4)
    kits = [period.kit for period in running.trial.schedule.periods]
    schedule = shift_trial(running.folder, 3, "travel", running.context)
    assert starts(schedule) == [1, 3, 8, 10, 12, 14]
    assert [period.kit for period in schedule.periods] == kits
    assert {period.n_days for period in schedule.periods} == {2}
    assert [row["starts_on"] for row in read_schedule(running.folder / "schedule.csv")] == [
        str(period.starts_on) for period in schedule.periods
    ]


def test_a_clock_that_was_set_back_moves_nothing_that_was_recorded(running):
    """What has scores or doses has begun, whatever the clock says now; a dose outside of the calendar holds up nothing."""
    running.enter_session(5)
    running.put(6)
    record_dose(running.folder, running.context)
    running.put(400)
    record_dose(running.folder, running.context)
    running.put(1)
    before = running.trial.schedule
    with pytest.raises(
        StageError, match="period 2 has begun or does not exist; the first that can move is 4"
    ):
        shift_trial(running.folder, 3, "travel", running.context, from_period=2)
    assert running.trial.schedule == before
    assert starts(shift_trial(running.folder, 3, "travel", running.context)) == [1, 3, 5, 10, 12, 14]


def test_shift_from_a_later_period(running):
    """What stands before the named period stays."""
    running.put(1)
    assert starts(shift_trial(running.folder, 1, "visit", running.context, from_period=5)) == [
        1,
        3,
        5,
        7,
        10,
        12,
    ]


def test_a_trial_that_has_not_begun_moves_as_a_whole(richly):
    """The run-in is a period too: before its first day everything moves, and day 1 with it."""
    richly.put(-2)
    schedule = shift_trial(richly.folder, 5, "the parcel is late", richly.context)
    assert schedule.start_on == day(6)
    assert schedule.periods[0].starts_on == day(6)
    assert schedule.sessions[0].day == 1


@pytest.mark.parametrize(
    ("days", "from_period", "sentence"),
    [
        (-1, None, "period 3 cannot begin on 2026-03-05: what comes before it lasts until 2026-03-05"),
        (2, 2, "period 2 has begun or does not exist; the first that can move is 3"),
        (2, 7, "period 7 has begun or does not exist; the first that can move is 3"),
        (0, None, "found 0 days, which moves nothing; write how far, such as 3"),
        (1001, None, "found 1001 days; write at most 1000, or stop the trial with nof1 stop coffee"),
        (-1001, None, "found -1001 days; write at most 1000, or stop the trial with nof1 stop coffee"),
    ],
)
def test_a_shift_that_cannot_be_is_not_stored(running, days, from_period, sentence):
    """A refused shift leaves the record as it was, and the trial readable."""
    running.put(4)
    before = running.rows()
    with pytest.raises((StageError, EntryError)) as refused:
        shift_trial(running.folder, days, "x", running.context, from_period=from_period)
    assert str(refused.value) == sentence
    assert running.rows() == before
    assert starts(running.trial.schedule) == [1, 3, 5, 7, 9, 11]


def test_no_period_moves_into_the_past(running):
    """Nothing stands before period 1, so only the calendar can say that its day has passed."""
    running.put(-3)
    with pytest.raises(StageError) as refused:
        shift_trial(running.folder, -30, "x", running.context)
    assert (
        str(refused.value)
        == "period 1 cannot begin on 2026-01-31, which has passed; it can begin on 2026-02-26 at the earliest"
    )
    assert starts(shift_trial(running.folder, -4, "earlier", running.context))[0] == -3


def test_when_all_has_begun_nothing_moves(running):
    """The last period is under way."""
    running.put(11)
    with pytest.raises(StageError) as refused:
        shift_trial(running.folder, 3, "x", running.context)
    assert str(refused.value) == "every period of coffee has begun; nothing is left to move"


def test_a_shift_needs_a_reason(running):
    """The report shows why dates were moved."""
    before = running.rows()
    with pytest.raises(EntryError, match="a shift of the schedule needs a reason"):
        shift_trial(running.folder, 3, " ", running.context)
    assert running.rows() == before


def test_what_was_entered_stays_with_its_session_when_dates_move(running):
    """A shift renumbers no session."""
    running.enter_session(2)
    shift_trial(running.folder, 4, "x", running.context)
    assert {score.entry.session for score in running.trial.state.scores} == {2}
    assert running.enter(7, day__mood="5").sessions == (3,)


def test_pause_and_resume(running):
    """The period under way keeps its dates; the next begins on the day of the resumption."""
    running.put(4)
    pause_trial(running.folder, None, "flu", running.context)
    assert running.trial.schedule.paused_on == day(4)
    running.put(9)
    assert starts(resume_trial(running.folder, None, running.context)) == [1, 3, 9, 11, 13, 15]


def test_the_day_of_a_move_is_that_of_the_study(richly):
    """At half past one at night the day before has not turned yet."""
    richly.put(day(3), "01:30")
    pause_trial(richly.folder, None, "flu", richly.context)
    assert richly.trial.schedule.paused_on == day(2)


def test_resume_before_the_rest_is_not_stored(running):
    """A refused resumption leaves the trial paused and readable."""
    running.put(5, "08:00")
    pause_trial(running.folder, None, "flu", running.context)
    before = running.rows()
    with pytest.raises(StageError) as refused:
        resume_trial(running.folder, day(3), running.context)
    assert str(refused.value) == "the trial rests since 2026-03-06; it cannot go on before, on 2026-03-04"
    assert running.rows() == before
    assert trial_status(running.folder, running.context).is_paused


def test_what_waits_is_not_due(running):
    """While the trial rests no box is to be opened, nothing counts as missed, and no score fills a waiting session."""
    running.play_days(4)
    running.put(5, "08:00")
    pause_trial(running.folder, None, "flu", running.context)
    running.put(6, "10:00")
    today = due_today(running.folder, running.context)
    assert (today.period, today.kit, today.sessions, today.is_paused) == (None, None, (), True)
    status = trial_status(running.folder, running.context)
    assert (status.period, status.n_due, status.n_entered) == (None, 12, 12)
    assert running.enter(6, day__mood="5").flags == ("unplanned",)
    assert record_dose(running.folder, running.context).event.kit is None
    running.put(9, "08:00")
    resume_trial(running.folder, None, running.context)
    assert running.enter(9, day__mood="6").sessions == (5,)


def test_a_rest_cannot_begin_before_something_that_was_recorded(running):
    """Period 3 began on day 5: a pause from day 5 on would move what was measured under its kit."""
    running.play_days(5)
    running.put(6, "20:00")
    before = running.rows()
    with pytest.raises(StageError) as refused:
        pause_trial(running.folder, day(5), "flu", running.context)
    assert str(refused.value) == (
        "period 3 has begun: something was recorded on 2026-03-06; write --on 2026-03-07 or a later day"
    )
    assert running.rows() == before
    pause_trial(running.folder, day(6), "flu", running.context)
    assert running.trial.schedule.paused_on == day(6)


def test_a_rest_can_begin_in_the_past_where_nothing_was_recorded(running):
    """Whoever lay ill for two days says so afterwards; the boxes of those days are still closed."""
    running.play_days(4)
    running.put(7)
    pause_trial(running.folder, day(5), "flu", running.context)
    assert starts(resume_trial(running.folder, day(8), running.context)) == [1, 3, 8, 10, 12, 14]


def test_pause_twice_and_resume_twice(running):
    """Each says what to do instead."""
    running.put(3)
    pause_trial(running.folder, None, "flu", running.context)
    with pytest.raises(StageError) as refused:
        pause_trial(running.folder, None, "flu", running.context)
    assert str(refused.value) == "coffee is paused already; go on with: nof1 resume coffee"
    resume_trial(running.folder, None, running.context)
    with pytest.raises(StageError) as refused:
        resume_trial(running.folder, None, running.context)
    assert str(refused.value) == "coffee is not paused; there is nothing to resume"


def test_stop_ends_the_calendar(running):
    """The period under way is cut short; what lies behind the day is gone."""
    running.play_days(4)
    running.put(5)
    schedule = stop_trial(running.folder, None, "enough", running.context)
    assert (starts(schedule), schedule.periods[-1].ends_on) == ([1, 3, 5], day(5))
    status = trial_status(running.folder, running.context)
    assert (status.is_stopped, status.n_periods, status.ends_on) == (True, 3, day(5))


def test_nobody_chooses_afterwards_which_scores_count(running):
    """A stop in the past ends the trial with the last day on which something of it was recorded."""
    running.play_days(5)
    running.put(6, "08:00")
    record_dose(running.folder, running.context)
    running.put(8)
    schedule = stop_trial(running.folder, day(2), "no longer", running.context)
    assert schedule.stopped_on == day(6)
    status = trial_status(running.folder, running.context)
    assert (status.n_due, status.n_entered) == (18, 15)


def test_a_stop_in_the_past_where_nothing_was_recorded_since(running):
    """Whoever stopped long ago says so now."""
    running.play_days(2)
    running.put(9)
    assert stop_trial(running.folder, day(3), "long ago", running.context).stopped_on == day(3)


def test_stop_while_paused_keeps_no_period_that_never_began(running):
    """Boxes that stayed closed during the rest are no periods of the trial."""
    running.play_days(4)
    running.put(5, "08:00")
    pause_trial(running.folder, None, "flu", running.context)
    running.put(9)
    schedule = stop_trial(running.folder, None, "still ill", running.context)
    assert (starts(schedule), len(schedule.sessions)) == ([1, 3], 4)
    assert not trial_status(running.folder, running.context).is_paused


def test_after_a_stop_dates_move_no_more(running):
    """Every move says that the trial is over, and what comes next."""
    running.put(3)
    stop_trial(running.folder, None, "enough", running.context)
    sentence = "coffee was stopped; its dates move no more. Next: nof1 lock coffee"
    for move in (
        lambda: shift_trial(running.folder, 3, "x", running.context, from_period=2),
        lambda: pause_trial(running.folder, None, "x", running.context),
        lambda: resume_trial(running.folder, None, running.context),
        lambda: stop_trial(running.folder, None, "x", running.context),
    ):
        before = running.rows()
        with pytest.raises(StageError) as refused:
            move()
        assert str(refused.value) == sentence
        assert running.rows() == before


@pytest.mark.parametrize("when", ["before", "on the first day", "paused", "in the middle"])
def test_a_stopped_trial_can_be_locked_opened_and_verified(running, when):
    """Stopping is never refused, and what there is goes all the way."""
    player = running
    player.put(1, "08:00")
    if when == "in the middle":
        player.play_days(5)
    if when == "paused":
        pause_trial(player.folder, day(1), "x", player.context)
    stop_trial(player.folder, day(-5) if when == "before" else None, "enough", player.context)
    n_scores = 15 if when == "in the middle" else 0
    assert player.lock().n_scores == n_scores
    assert player.unblind().n_kits == 8
    assert {check.outcome for check in verify_trial(player.folder)} == {Outcome.PASS, Outcome.NOT_PROVABLE}


def test_a_file_that_cannot_be_written_does_not_hide_that_the_move_is_stored(running):
    """The event is in the record; the message says so and how to get the file."""
    schedule = running.folder / "schedule.csv"
    schedule.unlink()
    schedule.mkdir()
    (schedule / "in the way").touch()
    with pytest.raises(WorkspaceError) as refused:
        shift_trial(running.folder, 3, "travel", running.context, from_period=2)
    assert str(refused.value).startswith(
        "the shift is stored, but a file that follows from it was not written ("
    )
    assert str(refused.value).endswith("; next: nof1 verify coffee --repair")
    assert running.kinds()[-1] == "schedule_shifted"


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("shift"), st.integers(-4, 5), st.one_of(st.none(), st.integers(0, 7))),
        st.tuples(st.just("pause"), st.integers(-3, 2), st.none()),
        st.tuples(st.just("resume"), st.integers(-3, 4), st.none()),
        st.tuples(st.just("enter"), st.integers(0, 3), st.none()),
        st.tuples(st.just("stop"), st.integers(-3, 3), st.none()),
    ),
    max_size=8,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_whatever_moves_the_trial_stays_whole(registered, moves):
    """Order, kits and length of periods stay; nothing overlaps; what was entered keeps its session; a refusal adds nothing."""
    with quick_folder(registered.root) as root:
        player = registered.copy(root)
        planned = [(period.kit, period.n_days) for period in player.trial.schedule.periods]
        number = 1
        for what, days, period in moves:
            number += 1
            player.put(number, "12:00")
            before, on = player.rows(), day(number + days)
            steps = {
                "shift": lambda: shift_trial(player.folder, days, "x", player.context, from_period=period),  # noqa: B023
                "pause": lambda: pause_trial(player.folder, on, "x", player.context),  # noqa: B023
                "resume": lambda: resume_trial(player.folder, on, player.context),  # noqa: B023
                "stop": lambda: stop_trial(player.folder, on, "x", player.context),  # noqa: B023
                "enter": lambda: player.enter(number, "12:00", day__mood=str(days)),  # noqa: B023
            }
            try:
                steps[what]()
            except Nof1Error:
                assert player.rows() == before
            periods = player.trial.schedule.periods
            if player.trial.state.position.is_stopped:
                assert [p.kit for p in periods] == [kit for kit, _ in planned[: len(periods)]]
            else:
                assert [(p.kit, p.n_days) for p in periods] == planned
            assert all(a.ends_on < b.starts_on for a, b in itertools.pairwise(periods))
        for score in player.trial.state.scores:
            if score.entry.session is not None:
                (session,) = [s for s in player.trial.schedule.sessions if s.number == score.entry.session]
                assert session.day == score.entry.day
        assert not any(check.outcome is Outcome.FAIL for check in verify_trial(player.folder))
