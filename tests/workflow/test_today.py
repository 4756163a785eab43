"""What is due on a day; a condition is named in an open trial alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nof1.errors import StageError, TrialNotFoundError
from nof1.terms import PeriodKind
from nof1.workflow.move import stop_trial
from nof1.workflow.today import due_today

from .playing import START


def test_the_first_day_of_a_period(running):
    """A new box is opened."""
    running.put(3, "07:00")
    today = due_today(running.folder, running.context)
    second = running.trial.schedule.periods[1]
    assert (today.day, today.period, today.block, today.day_in_period) == (3, 2, 1, 1)
    assert (today.kit, today.is_first_day, today.condition) == (second.kit, True, None)
    (session,) = today.sessions
    assert (session.number, session.instruments, session.n_scores, session.n_entered) == (
        3,
        ("day", "app"),
        3,
        0,
    )
    assert (f"{session.at:%H:%M}", f"{session.opens:%H:%M}", f"{session.closes:%H:%M}") == (
        "10:00",
        "09:15",
        "10:45",
    )


def test_what_is_entered_counts(running):
    """A reason counts as an answer."""
    running.enter(4, day__mood="5", day__calm="forgot")
    today = due_today(running.folder, running.context)
    assert (today.is_first_day, today.sessions[0].n_entered) == (False, 2)


def test_before_and_after(running):
    """No period, no session, no box."""
    for number in (0, 13):
        running.put(number)
        today = due_today(running.folder, running.context)
        assert (today.day, today.period, today.kind, today.kit, today.sessions) == (
            number,
            None,
            None,
            None,
            (),
        )


def test_another_day(running):
    """Any day of the calendar can be looked at."""
    assert due_today(running.folder, running.context, START + timedelta(days=5)).period == 3


def test_run_in_and_washout(richly):
    """No box is open, what is taken in every period is named."""
    richly.put(2)
    practice = due_today(richly.folder, richly.context)
    assert (practice.kind, practice.period, practice.kit) == (PeriodKind.RUN_IN, 0, None)
    assert practice.constants == ("choline 300 mg at 08:00",)
    assert [session.number for session in practice.sessions] == [3, 4]
    richly.put(7)
    rest = due_today(richly.folder, richly.context)
    assert (rest.kind, rest.kit, rest.sessions) == (PeriodKind.WASHOUT, None, ())


def test_after_midnight_it_is_still_the_day_before(richly):
    """Until four in the morning."""
    richly.put(5, "02:00")
    assert due_today(richly.folder, richly.context).day == 4


def test_an_open_trial_names_the_condition(openly):
    """With dose and time; a blinded one never does."""
    openly.put(1)
    code = openly.trial.registration.kits[0]
    assert (
        due_today(openly.folder, openly.context).condition
        == {
            "on": "caffeine 100 mg at 08:00",
            "off": "cellulose at 08:00",
        }[code]
    )


def test_a_blinded_trial_names_none_even_when_opened(unblinded):
    """The sheet of the day says boxes."""
    assert {
        due_today(unblinded.folder, unblinded.context, START + timedelta(days=n)).condition for n in range(14)
    } == {None}


def test_after_a_stop(running):
    """Nothing is due any more."""
    running.put(3)
    stop_trial(running.folder, None, "x", running.context)
    running.put(4)
    today = due_today(running.folder, running.context)
    assert (today.is_stopped, today.kind, today.sessions, today.ends_on) == (
        True,
        None,
        (),
        START + timedelta(days=2),
    )


def test_a_trial_that_is_not_there(tmp_path, running):
    """Said as such."""
    with pytest.raises(TrialNotFoundError) as refused:
        due_today(tmp_path / "none", running.context)
    assert (
        str(refused.value)
        == f"{tmp_path / 'none'} holds no trial; see nof1 trials, or begin with nof1 randomize"
    )


def test_an_imported_trial_has_no_calendar(imported):
    """It was over when it came."""
    with pytest.raises(StageError) as refused:
        due_today(imported.folder, imported.context)
    assert str(refused.value) == "brought was run elsewhere; it has no calendar of ours"
