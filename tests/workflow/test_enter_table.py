"""Scores from a CSV file: all rows or none, every problem at once, and never twice."""

from __future__ import annotations

import pytest

from nof1.audit import events
from nof1.errors import EntryError, StageError, TableError, WorkspaceError
from nof1.scores.moments import DateOrder
from nof1.workflow.enter_table import enter_table
from nof1.workflow.move import pause_trial

from .playing import START


@pytest.fixture
def late(running):
    """Return the pairs at the evening of their last day."""
    running.put(12, "20:00")
    return running


def read(player, text, **options):
    """Enter a file with the given text; columns are parted by commas and rows by lines."""
    file = player.root / "scores.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return enter_table(player.folder, file, player.context, **options)


def refusal(player, text, **options):
    """Return the problems for which a file is refused; nothing may be stored."""
    before = player.rows()
    with pytest.raises(TableError) as refused:
        read(player, text, **options)
    assert player.rows() == before
    return [str(problem) for problem in refused.value.problems]


def stored(player):
    """Return every stored score as name, session, value."""
    return [(score.entry.score, score.entry.session, score.value) for score in player.trial.state.scores]


GAP = "2026-03-29 02:30 does not exist in Europe/Berlin: clocks were moved forward then; give the offset, such as +02:00"
WIDE = "at,app.points,day.mood\n2026-03-02 10:00,50,5\n2026-03-03 10:05,60,\n2026-03-04 09:50,70.5,7\n"


def test_a_wide_file(late):
    """A column for every score; an empty cell was not given."""
    receipt = read(late, WIDE)
    assert (receipt.n_saved, receipt.n_known, receipt.sessions) == (5, 0, (1, 2, 3))
    assert stored(late) == [
        ("app.points", 1, "50"),
        ("day.mood", 1, "5"),
        ("app.points", 2, "60"),
        ("app.points", 3, "70.5"),
        ("day.mood", 3, "7"),
    ]
    assert late.kinds()[-1] == "scores_imported"


def test_a_long_file_with_sessions_and_reasons(late):
    """A row for every score; the session is named, the reason stands in its own column."""
    receipt = read(
        late,
        "session,at,score,value,missing_reason\n4,2026-03-05 08:00,day.mood,6,\n4,2026-03-05 08:00,day.calm,,ill\n",
    )
    assert (receipt.n_saved, receipt.sessions) == (2, (4,))
    assert stored(late) == [("day.mood", 4, "6"), ("day.calm", 4, None)]
    assert late.trial.state.scores[1].missing_reason == "ill"


def test_the_file_of_another_program(late):
    """The protocol names its columns; others are left alone."""
    receipt = read(late, "id,date,score\n7,2026-03-02 10:00,55\n8,2026-03-03 10:00,56\n", instrument="app")
    assert (receipt.n_saved, receipt.sessions) == (2, (1, 2))


def test_the_same_file_twice_adds_nothing(late):
    """The receipt is that of the first time."""
    first = read(late, WIDE)
    before = late.rows()
    again = read(late, WIDE)
    assert (again.n_saved, again.n_known, again.receipt, again.saved_at) == (
        0,
        5,
        first.receipt,
        first.saved_at,
    )
    assert late.rows() == before


def test_a_file_that_grows_adds_what_is_new(late):
    """A cumulative export brings all old rows again."""
    read(late, WIDE)
    receipt = read(late, WIDE + "2026-03-05 10:00,80,8\n")
    assert (receipt.n_saved, receipt.n_known, receipt.sessions) == (2, 5, (4,))
    assert len(stored(late)) == 7


def test_a_file_knows_what_was_typed(running):
    """The same value by hand and by file is one value."""
    running.enter(1, app__points="50", day__mood="5")
    running.put(12, "20:00")
    assert read(running, WIDE).n_known == 2


def test_an_empty_cell_with_a_reason_says_no_more_than_is_known(running):
    """A file that knows only that there is no value does not contradict who knows why."""
    running.enter(1, day__mood="ill")
    running.put(12, "20:00")
    long = "at,score,value,missing_reason\n2026-03-02 10:00,day.mood,,{}\n"
    assert read(running, long.format("other")).n_known == 1
    assert read(running, long.format("")).n_known == 1
    assert len(refusal(running, long.format("forgot"))) == 1


def test_conflicts_are_listed_and_nothing_is_overwritten(late):
    """Each with its row, and with the command that replaces the value."""
    read(late, WIDE)
    found = refusal(late, "at,app.points,day.mood\n2026-03-02 10:00,51,6\n2026-03-06 10:00,1,1\n")
    advice = "the value that session 1 holds already; nof1 correct coffee 1 replaces it"
    assert found == [f"row 2, app.points: found '51'; {advice}", f"row 2, day.mood: found '6'; {advice}"]


def test_a_conflict_beside_the_plan_is_named_by_its_receipt(running):
    """A score without a session is found by what `enter` printed."""
    receipt = running.enter(40, app__points="3").receipt
    assert refusal(running, "at,app.points\n2026-04-10 10:00,5\n") == [
        f"row 2, app.points: found '5'; the value that this time holds already; nof1 correct coffee {receipt} replaces it"
    ]


def test_two_rows_for_one_session(late):
    """On a day with one session two times cannot both be it."""
    assert refusal(late, "at,app.points\n2026-03-02 10:00,50\n2026-03-02 10:30,60\n") == [
        "row 3, app.points: found '60'; one row for session 1; row 2 belongs to it too: give a column session, or leave one out"
    ]


def test_every_problem_at_once(late):
    """Places of every kind, in the order of the file."""
    text = (
        "session,at,score,value\n"
        "1,2026-03-02 10:00,app.points,fifty\n"
        "99,2026-03-02 10:00,day.mood,5\n"
        "2,2026-03-99,day.mood,5\n"
        "3,2026-03-04 10:00,day.joy,5\n"
        "4,2026-03-05 10:00,day.mood,12\n"
    )
    assert refusal(late, text) == [
        "row 2, value (app.points): found 'fifty'; write a number such as 7 or -3.5",
        "row 4, at: found '2026-03-99'; the calendar has no day 99 in month 3 of 2026",
        "row 5, score: the protocol has no score 'day.joy'; did you mean 'day.mood'?",
        "row 6, value (day.mood): found 12; the range is 0 to 10 points",
    ]


def test_every_problem_of_place_and_time_at_once(late):
    """What can be read but cannot be placed."""
    text = (
        "session,at,score,value\n"
        "99,2026-03-02 10:00,day.mood,5\n"
        ",2026-03-29 02:30,day.mood,5\n"
        ",2026-05-01 10:00,day.calm,5\n"
    )
    late.put(START.replace(month=4), "12:00")
    assert refusal(late, text) == [
        "row 2, session: found '99'; a session in which day.mood is due",
        f"row 3, at: found '2026-03-29 02:30'; {GAP}",
        "row 4, at: found '2026-05-01 10:00'; a time that has come",
    ]


def test_decimal_commas(late):
    """Where semicolons part the columns a comma is a point; the store keeps a point."""
    read(late, "at;app.points\n2026-03-02 10:00;50,5\n2026-03-03 10:00;60,25\n")
    assert [value for *_, value in stored(late)] == ["50.5", "60.25"]


def test_dates_of_two_readings_need_to_be_told_apart(late):
    """The same file is refused, or read as it is said to be."""
    text = "date,app.points\n03.03.2026,50\n04.03.2026,60\n"
    found = refusal(late, text)
    assert found[-1] == (
        "row 3, date: found '04.03.2026'; it may be 2026-03-04 or 2026-04-03: write the date so, or say --dayfirst or --monthfirst"
    )
    assert read(late, text, order=DateOrder.DAYFIRST).sessions == (2, 3)


def test_flags_are_told_and_stored(late):
    """Late, outside the window, beside the plan: none of it is refused."""
    late.put(13, "20:00")
    receipt = read(late, "at,app.points\n2026-03-02 20:00,50\n2026-03-14 10:00,60\n")
    assert receipt.flags == ("late", "outside_window", "unplanned")
    assert [score.entry.flags for score in late.trial.state.scores] == [
        ("late", "outside_window"),
        ("unplanned",),
    ]


def test_a_session_of_another_period_contradicts_the_time(late):
    """What was measured under one kit cannot count under another; within the period the file may say which session."""
    text = "session,at,score,value\n5,2026-03-02 10:00,day.mood,5\n2,2026-03-02 10:00,day.calm,5\n2,2026-03-20 10:00,app.points,5\n"
    late.put(30)
    assert refusal(late, text) == [
        "row 2, session: found '5'; a session of the period in which 2026-03-02 lies; session 5 is one of 2026-03-06",
        "row 4, session: found '2'; a session of the period in which 2026-03-20 lies; session 2 is one of 2026-03-03",
    ]
    assert read(late, "session,at,score,value\n2,2026-03-02 10:00,day.calm,5\n").sessions == (2,)


def test_of_a_date_alone_no_time_is_made_up(late):
    """It belongs to the session of its day; an hour that is not known lies in no window and outside none."""
    text = "date,app.points\n2026-03-02,50\n2026-03-12,51\n"
    assert read(late, text).flags == ("late",)
    entry = late.trial.state.scores[0].entry
    assert (entry.session, entry.day, entry.observed_at, entry.observed_local) == (1, 1, None, "2026-03-02")
    assert read(late, text).n_known == 2


def test_a_date_alone_beside_the_plan(late):
    """The same day again is the same value again."""
    late.put(40, "20:00")
    text = "date,app.points\n2026-04-09,50\n"
    assert read(late, text).flags == ("unplanned",)
    assert read(late, text).n_known == 1
    assert "this time holds already" in refusal(late, text.replace("50", "51"))[0]


def test_a_session_that_waits_is_none(running):
    """While the trial rests a file cannot fill what has not begun."""
    running.put(3, "08:00")
    pause_trial(running.folder, None, "flu", running.context)
    running.put(4, "20:00")
    assert refusal(running, "session,at,score,value\n3,2026-03-04 10:00,day.mood,5\n") == [
        "row 2, session: found '3'; a session in which day.mood is due"
    ]


def test_a_large_file_is_stored_in_parts_that_belong_together(late, monkeypatch):
    """All parts carry the digest of all rows, and come in one transaction."""
    monkeypatch.setattr(events.ScoresImported, "MAX_ROWS", 2)
    assert read(late, WIDE).n_saved == 5
    parts = [recorded.event for recorded in late.trial.state.of(events.ScoresImported)]
    assert [(part.part, part.n_parts, len(part.rows)) for part in parts] == [(1, 3, 2), (2, 3, 2), (3, 3, 1)]
    assert len({part.rows_sha256 for part in parts}) == 1
    assert read(late, WIDE).n_known == 5


def test_a_failure_in_a_later_part_stores_nothing(late, monkeypatch):
    """Half a file never stands in the record."""
    monkeypatch.setattr(events.ScoresImported, "MAX_ROWS", 2)
    before = late.rows()
    build = events.ScoresImported.__post_init__

    def fails_at_the_third(event):
        build(event)
        if event.part == 3:
            raise RuntimeError("pulled out")

    monkeypatch.setattr(events.ScoresImported, "__post_init__", fails_at_the_third)
    with pytest.raises(RuntimeError, match="pulled out"):
        read(late, WIDE)
    monkeypatch.undo()
    assert late.rows() == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "row 1: the first row must name the columns"),
        (b"at,app.points\n", "the file holds no score below its header"),
        (b"\x00\x01\x02", "the file looks like UTF-16 without a byte order mark"),
        (b"time,app.points\n2026-03-02 10:00,5\n", "at"),
    ],
)
def test_what_is_no_table_is_refused(late, text, sentence):
    """With what is wrong with it."""
    assert sentence in " ".join(refusal(late, text))


def test_a_file_that_is_not_there(late):
    """Said as such."""
    with pytest.raises(WorkspaceError, match="cannot be read"):
        enter_table(late.folder, late.root / "none.csv", late.context)


def test_an_instrument_that_is_not_there(late):
    """With the nearest one that is."""
    with pytest.raises(EntryError, match="the protocol has no instrument 'ap'"):
        read(late, WIDE, instrument="ap")


def test_after_the_lock_no_file_is_taken(locked):
    """The lock holds for every way in."""
    before = locked.rows()
    with pytest.raises(StageError, match="coffee is locked: no score can be entered"):
        read(locked, WIDE)
    assert locked.rows() == before
