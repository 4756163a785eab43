"""Scores by name and value: where they go, when they are refused, and what is said about what was saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from nof1.errors import EntryError, StageError
from nof1.storage.database import Session as DatabaseSession
from nof1.workflow.enter import due_scores, enter_scores
from nof1.workflow.entry import read_when

from .playing import START


def stored(player):
    """Return every stored score as name, session, value, flags."""
    return [
        (score.entry.score, score.entry.session, score.value, score.entry.flags)
        for score in player.trial.state.scores
    ]


def test_scores_go_to_the_session_of_the_day(running):
    """The receipt names session and event; the value is stored as it was typed."""
    receipt = running.enter(3, app__points="50.50", day__mood="7")
    assert (receipt.n_saved, receipt.n_known, receipt.sessions, receipt.flags) == (2, 0, (3,), ())
    assert stored(running) == [("app.points", 3, "50.50", ()), ("day.mood", 3, "7", ())]
    assert receipt.receipt == running.trial.state.scores[0].event_id[:8]
    assert f"{receipt.saved_at:%H:%M}" == "10:00"


def test_one_act_is_one_event(running):
    """However many numbers a form has, it is committed as one."""
    n_before = len(running.rows())
    running.enter_session(1)
    assert len(running.rows()) == n_before + 1


def test_a_short_name_belongs_to_the_instrument(running):
    """Within an instrument, or where only one instrument has it, the short name is enough."""
    running.put(1)
    enter_scores(running.folder, {"mood": "7"}, running.context, instrument="day")
    enter_scores(running.folder, {"points": "50"}, running.context)
    assert [name for name, *_ in stored(running)] == ["day.mood", "app.points"]


def test_the_actor_is_the_participant_unless_named(running):
    """Every event says who acted."""
    running.put(1)
    enter_scores(running.folder, {"day.mood": "7"}, running.context)
    enter_scores(running.folder, {"day.calm": "7"}, running.context.acting_as("a nurse"))
    assert [row.actor for row in running.rows()][-2:] == ["participant", "a nurse"]


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(minutes=30)])
def test_the_same_values_again_add_nothing(running, later):
    """Whoever tries again, soon or later, gets the receipt and the time of the first attempt."""
    first = running.enter_session(1)
    before = running.rows()
    moment = running.put(1) + later
    again = enter_scores(
        running.folder,
        {"app.points": "50", "day.mood": "5", "day.calm": "5"},
        replace(running.context, now=lambda: moment),
    )
    assert (again.n_saved, again.n_known, again.sessions) == (0, 3, (1,))
    assert (again.receipt, again.saved_at) == (first.receipt, first.saved_at)
    assert running.rows() == before


def test_what_is_new_is_saved_beside_what_is_known(running):
    """A form that is filled in again with one field more."""
    running.enter(1, day__mood="5")
    receipt = running.enter(1, day__mood="5", day__calm="4")
    assert (receipt.n_saved, receipt.n_known) == (1, 1)


def test_another_value_is_refused_with_the_way_to_correct_it(running):
    """Nothing is overwritten, and nothing of the form is stored."""
    running.enter_session(1)
    before = running.rows()
    with pytest.raises(EntryError) as refused:
        running.enter(1, app__points="60", day__mood="6", day__calm="5")
    assert str(refused.value) == (
        "app.points: session 1 holds another value already; replace it with nof1 correct coffee 1 app.points=VALUE, "
        "or give --at another time\n"
        "day.mood: session 1 holds another value already; replace it with nof1 correct coffee 1 day.mood=VALUE, "
        "or give --at another time"
    )
    assert running.rows() == before


def test_an_unplanned_value_is_named_by_its_receipt(running):
    """Without a session the receipt is what `correct` takes."""
    receipt = running.enter(40, app__points="3").receipt
    with pytest.raises(EntryError) as refused:
        running.enter(40, app__points="4")
    assert str(refused.value) == (
        f"app.points: this time holds another value already; replace it with nof1 correct coffee {receipt} "
        "app.points=VALUE, or give --at another time"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "found no score; give at least one, such as --set day.mood=7"),
        (
            {"day.mood": " "},
            "day.mood: found nothing; write a value, or why it is missing: forgot, ill, technical, refused, other",
        ),
        ({"day.mood": "11"}, "day.mood: found 11; the range is 0 to 10 points"),
        ({"day.mood": "6,5"}, "day.mood: found '6,5'; write 6.5"),
        ({"day.mood": "6.5"}, "day.mood: found 6.5; a whole number is needed"),
        (
            {"day.mood": "x", "app.points": "-1"},
            "day.mood: found 'x'; write a number such as 7 or -3.5\napp.points: found -1; the range is 0 to 100 points",
        ),
        (
            {"day.joy": "1"},
            "day.joy: the protocol has no score 'day.joy'; did you mean 'day.mood'?",
        ),
        ({"mood": "7", "day.mood": "8"}, "day.mood: found twice; give it once"),
    ],
)
def test_what_cannot_be_a_value_is_refused_whole(running, given, sentence):
    """Every wrong field is told; none is stored."""
    running.put(1)
    before = running.rows()
    with pytest.raises(EntryError) as refused:
        enter_scores(running.folder, given, running.context)
    assert str(refused.value) == sentence
    assert running.rows() == before


def test_two_names_of_one_score_within_an_instrument_are_refused(running):
    """`mood` and `day.mood` are the same score: neither value may silently win."""
    running.put(1)
    before = running.rows()
    with pytest.raises(EntryError) as refused:
        enter_scores(running.folder, {"mood": "7", "day.mood": "8"}, running.context, instrument="day")
    assert str(refused.value) == "day.mood: found twice; give it once"
    assert running.rows() == before


def test_a_reason_declares_a_score_missing(running):
    """A reason is a value of its own: another reason does not vanish behind it."""
    assert running.enter(1, day__mood="forgot").n_saved == 1
    history = running.trial.state.scores[0]
    assert (history.value, history.missing_reason) == (None, "forgot")
    assert running.enter(1, day__mood="forgot").n_known == 1
    with pytest.raises(EntryError, match=r"day\.mood: session 1 holds another value already"):
        running.enter(1, day__mood="ill")
    with pytest.raises(EntryError, match=r"day\.mood: session 1 holds another value already"):
        running.enter(1, day__mood="7")


def test_what_has_not_come_yet_is_refused(running):
    """Clocks that differ by five minutes do no harm."""
    now = running.put(1)
    enter_scores(running.folder, {"day.mood": "7"}, running.context, at=now + timedelta(minutes=5))
    before = running.rows()
    with pytest.raises(EntryError) as refused:
        enter_scores(running.folder, {"day.calm": "7"}, running.context, at=now + timedelta(minutes=6))
    assert str(refused.value) == "2026-03-02 10:06 has not come yet; give the time at which it happened"
    assert running.rows() == before


@pytest.mark.parametrize(
    ("day", "at", "typed_after", "session", "flags"),
    [
        (1, "10:00", timedelta(0), 1, ()),
        (1, "09:15", timedelta(0), 1, ()),
        (1, "09:14", timedelta(0), 1, ("outside_window",)),
        (1, "10:46", timedelta(0), 1, ("outside_window",)),
        (1, "10:00", timedelta(hours=36), 1, ()),
        (1, "10:00", timedelta(hours=36, minutes=1), 1, ("late",)),
        (1, "22:00", timedelta(days=5), 1, ("late", "outside_window")),
        (0, "10:00", timedelta(0), None, ("unplanned",)),
        (13, "10:00", timedelta(0), None, ("unplanned",)),
        (13, "10:00", timedelta(days=2), None, ("late", "unplanned")),
    ],
)
def test_no_score_is_refused_for_its_time(running, day, at, typed_after, session, flags):
    """Early, late, beside the plan: it is stored, and marked."""
    moment = running.put(day, at)
    context = replace(running.context, now=lambda: moment + typed_after)
    receipt = enter_scores(running.folder, {"day.mood": "7"}, context, at=moment)
    assert receipt.flags == flags
    assert stored(running) == [("day.mood", session, "7", flags)]


@pytest.mark.parametrize(
    ("at", "session"),
    [
        ("10:00", 5),
        ("12:59", 5),
        ("13:01", 6),
        ("16:00", 6),
        ("23:59", 6),
        ("00:10", 4),
        ("03:59", 4),
        ("04:00", 5),
    ],
)
def test_of_two_sessions_a_day_the_nearest_time_counts(richly, at, session):
    """Day 4 has sessions 5 and 6; before four in the morning it is still the day before, whose run-in floats on."""
    receipt = richly.enter(4, at, day__mood="5")
    assert receipt.sessions == (session if session > 4 else 1,)


def test_a_late_evening_belongs_to_the_day_before(richly):
    """Half past one at night on the calendar's day 5 is day 4 of the study."""
    assert richly.enter(5, "01:30", day__mood="5").sessions == (6,)
    assert richly.trial.state.scores[0].entry.day == 4
    assert richly.trial.state.scores[0].entry.observed_local == "2026-03-06T01:30:00"


def test_run_in_sessions_float(richly):
    """Who practises on a spare day of the run-in fills the earliest session that is free, until period 1 begins."""
    assert richly.enter(1, "10:00", day__mood="5").sessions == (1,)
    assert richly.enter(3, "10:00", day__mood="4").sessions == (2,)
    assert richly.enter(3, "11:00", day__mood="3").sessions == (3,)
    assert richly.enter(3, "12:00", day__mood="2").sessions == (4,)
    assert richly.enter(3, "13:00", day__mood="1").flags == ("unplanned",)
    assert [score.entry.day for score in richly.trial.state.scores] == [1, 3, 3, 3, 3]


def test_a_day_between_periods_has_no_session(richly):
    """Day 7 is washout: what is measured then is kept apart."""
    assert richly.enter(7, day__mood="5").flags == ("unplanned",)


def test_a_score_of_the_last_day_is_unplanned_on_others(richly):
    """The weekly question is due on the last day of a period alone."""
    assert richly.enter(5, week__sleepiness="5").flags == ("unplanned",)
    assert richly.enter(6, week__sleepiness="4").sessions == (10,)


def test_without_times_any_hour_is_in_the_window(rated):
    """A session without a clock time lasts the whole day of the study."""
    for day, at in ((1, "23:59"), (2, "04:00"), (4, "03:59")):
        assert rated.enter(day, at, day__mood="5").flags == ()
    assert [score.entry.session for score in rated.trial.state.scores] == [1, 2, 3]


def test_clocks_that_are_moved_forward_skip_times(running):
    """Half past two on 29 March 2026 does not exist in Berlin; with an offset it does."""
    running.put(START + timedelta(days=27), "12:00")
    with pytest.raises(EntryError) as refused:
        read_when(running.folder, "2026-03-29 02:30", running.context)
    assert str(refused.value) == (
        "2026-03-29 02:30 does not exist in Europe/Berlin: clocks were moved forward then; give the offset, such as +02:00"
    )
    given = read_when(running.folder, "2026-03-29 02:30+01:00", running.context)
    assert given.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_clocks_that_are_moved_back_show_times_twice(running):
    """Half past two on 25 October 2026 is the first of the two, unless an offset says otherwise; the offset is stored."""
    first = read_when(running.folder, "2026-10-25 02:30", running.context)
    second = read_when(running.folder, "2026-10-25 02:30+01:00", running.context)
    assert second - first == timedelta(hours=1)
    running.put(datetime(2026, 10, 25).date(), "12:00")  # noqa: DTZ001 - only its date
    for moment, mood in ((first, "1"), (second, "2")):
        enter_scores(running.folder, {"day.mood": mood}, running.context, at=moment)
    rows = [score.entry for score in running.trial.state.scores]
    assert [(row.observed_local, row.observed_offset) for row in rows] == [
        ("2026-10-25T02:30:00", "+02:00"),
        ("2026-10-25T02:30:00", "+01:00"),
    ]


@pytest.mark.parametrize(
    ("now", "typed", "expected"),
    [
        ("10:30", "10:05", "03-05 10:05"),
        ("10:30", "9:05", "03-05 09:05"),
        ("10:30", "10:34", "03-05 10:34"),
        ("10:30", "22:00", "03-05 22:00"),
        ("10:30", "03:00", "03-05 03:00"),
        ("00:30", "23:50", "03-04 23:50"),
        ("00:30", "00:20", "03-05 00:20"),
        ("03:59", "04:00", "03-05 04:00"),
        ("03:50", "04:00", "03-04 04:00"),
    ],
)
def test_a_clock_time_is_of_today(richly, now, typed, expected):
    """After midnight, until the day turns, a time that has not come is one of the evening before."""
    richly.put(4, now)
    moment = read_when(richly.folder, typed, richly.context)
    assert f"{richly.trial.local(moment):%m-%d %H:%M}" == expected


@pytest.mark.parametrize("typed", ["noon", "25:00", "10:75", "2026-13-01 10:00", "03/04/2026 10:00", ""])
def test_a_time_that_cannot_be_read_is_refused(running, typed):
    """The sentence says what to write."""
    with pytest.raises(EntryError, match="found"):
        read_when(running.folder, typed, running.context)


def test_due_scores_are_those_of_the_session_now(richly):
    """In the order of the battery; what is entered is due no more, and the last value is not told."""
    richly.put(6, "15:50")
    assert [str(due.spec.name) for due in due_scores(richly.folder, richly.context)] == [
        "day.mood",
        "week.sleepiness",
    ]
    richly.enter(6, "15:50", day__mood="5")
    (left,) = due_scores(richly.folder, richly.context)
    assert (str(left.spec.name), left.session.number, left.last_entered) == ("week.sleepiness", 10, None)
    (later,) = due_scores(richly.folder, richly.context, at=richly.put(8, "10:00"))
    assert later.last_entered is not None
    assert f"{later.last_entered:%d %H:%M}" == "07 15:50"


def test_due_scores_bring_the_run_in(richly):
    """Values of the practice, to ask again where one lies far from them."""
    for day, at, mood in ((1, "10:00", "5"), (1, "16:00", "6"), (2, "10:00", "forgot")):
        richly.enter(day, at, day__mood=mood)
    (due,) = due_scores(richly.folder, richly.context, at=richly.put(4))
    assert due.run_in == (Decimal(5), Decimal(6))


def test_due_scores_of_one_instrument(running):
    """One that the protocol does not have is refused with those that it has."""
    running.put(1)
    due = due_scores(running.folder, running.context, instrument="app")
    assert [str(one.spec.name) for one in due] == ["app.points"]
    with pytest.raises(EntryError) as refused:
        due_scores(running.folder, running.context, instrument="apps")
    assert str(refused.value) == "the protocol has no instrument 'apps'; it has day, app"


def test_after_the_lock_nothing_is_due_and_nothing_is_taken(locked):
    """Both say why, and what would have to happen."""
    sentence = (
        "coffee is locked: no score can be entered or corrected, and its course is closed. "
        "Until it is unblinded this can be undone, which the report shows: nof1 lock coffee --undo"
    )
    before = locked.rows()
    for ask in (
        lambda: due_scores(locked.folder, locked.context),
        lambda: enter_scores(locked.folder, {"day.mood": "5"}, locked.context),
    ):
        with pytest.raises(StageError) as refused:
            ask()
        assert str(refused.value) == sentence
    assert locked.rows() == before


def test_a_failure_in_the_middle_stores_nothing(richly, monkeypatch):
    """A planned and an unplanned score are two events; where the second fails, the first is gone too."""
    moment = richly.put(5, "16:00")
    given = {"day.mood": "5", "week.sleepiness": "5"}
    before = richly.rows()
    add = DatabaseSession.add
    added = []

    def fails_at_the_second(session, recorded, blobs):
        added.append(recorded)
        if len(added) == 2:
            raise RuntimeError("pulled out")
        add(session, recorded, blobs)

    monkeypatch.setattr(DatabaseSession, "add", fails_at_the_second)
    with pytest.raises(RuntimeError, match="pulled out"):
        enter_scores(richly.folder, given, richly.context, at=moment)
    monkeypatch.undo()
    assert richly.rows() == before
    receipt = enter_scores(richly.folder, given, richly.context, at=moment)
    assert (receipt.n_saved, receipt.flags) == (2, ("unplanned",))
