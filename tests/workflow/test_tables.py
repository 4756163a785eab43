"""The tables of a trial: a row for every planned score, and the same for the same events."""

from __future__ import annotations

from dataclasses import replace

from nof1.files.locked import locked_bytes
from nof1.terms import PeriodKind
from nof1.workflow.enter import enter_scores
from nof1.workflow.move import pause_trial, resume_trial, shift_trial
from nof1.workflow.record import record_dose, record_guess
from nof1.workflow.tables import locked_tables
from nof1.workflow.trial import read_trial

from .playing import Player, third_party


def test_the_same_events_give_the_same_tables(played):
    """Byte for byte, however often they are added up."""
    first = locked_bytes(locked_tables(read_trial(played.folder)))
    assert locked_bytes(locked_tables(read_trial(played.folder))) == first


def test_every_planned_score_has_one_row(richly):
    """Two ratings a day, one more on the last day of a period, four in the run-in."""
    tables = locked_tables(richly.trial)
    names = [row.score for row in tables.scores]
    assert (names.count("day.mood"), names.count("week.sleepiness")) == (4 + 4 * 6, 4)
    assert len({(row.score, row.session) for row in tables.scores}) == len(tables.scores)
    assert [row.session for row in tables.sessions] == list(range(1, 29))
    assert {row.value for row in tables.scores} == {None}


def test_where_a_row_belongs(richly):
    """Period, day of the period, block and kind as the calendar has them."""
    rows = {row.session: row for row in locked_tables(richly.trial).scores if row.score == "day.mood"}
    assert (rows[1].kind, rows[1].period, rows[1].block, rows[1].analysed) == (
        PeriodKind.RUN_IN,
        0,
        None,
        False,
    )
    assert (rows[5].day, rows[5].period, rows[5].day_in_period, rows[5].block) == (4, 1, 1, 1)
    assert [rows[number].analysed for number in (5, 6, 7, 8, 9, 10)] == [False, False, True, True, True, True]
    assert (rows[11].day, rows[11].period, rows[11].block) == (8, 2, 1)


def test_practice_that_floated_keeps_the_day_on_which_it_was_done(richly):
    """The calendar clock is that of the measurement, the practice clock that of the session."""
    richly.enter(3, "11:00", day__mood="5")
    (row,) = [row for row in locked_tables(richly.trial).scores if row.value]
    assert (row.session, row.day, row.at) == (1, 3, "2026-03-04T11:00:00+01:00")


def test_what_was_not_planned_stands_apart(richly):
    """With its day and its period, and in no session."""
    richly.enter(5, week__sleepiness="5")
    richly.enter(40, day__mood="4")
    tables = locked_tables(richly.trial)
    assert {row.value for row in tables.scores} == {None}
    told = [(row.score, row.day, row.period, row.kind, row.value) for row in tables.unplanned_scores]
    assert told == [
        ("week.sleepiness", 5, 1, PeriodKind.TREATMENT, "5"),
        ("day.mood", 40, None, None, "4"),
    ]


def test_flags_that_the_protocol_leaves_out(tmp_path):
    """They are decided on before anyone has seen a score; the row stays."""
    text = third_party().replace("analysis: {", "analysis: {exclude_flags: [late], ")
    player = Player(tmp_path, text)
    player.randomize()
    player.enter(1, day__mood="4")
    moment = player.put(2)
    player.put(6)
    enter_scores(player.folder, {"day.mood": "5"}, player.context, at=moment)
    rows = [row for row in locked_tables(player.trial).scores if row.value]
    assert [(row.value, row.late, row.analysed) for row in rows] == [("4", False, True), ("5", True, False)]


def test_moves_are_facts_of_the_record(running):
    """With the reasons that were given."""
    running.put(1)
    shift_trial(running.folder, 2, "travel", running.context, from_period=3)
    pause_trial(running.folder, None, "flu", running.context)
    running.put(4)
    resume_trial(running.folder, None, running.context)
    told = [
        fact
        for fact in locked_tables(running.trial).trial.facts
        if fact[0] in {"shifted", "paused", "resumed"}
    ]
    assert told == [
        ("shifted", "period 3 on, by 2 days: travel"),
        ("paused", "2026-03-02: flu"),
        ("resumed", "2026-03-05"),
    ]


def test_guesses_and_doses(running):
    """A row for every condition of a guess, by period; one for every dose."""
    running.put(3, "20:00")
    record_guess(running.folder, running.context, percent={"on": "30"})
    record_guess(running.folder, running.context, period=1)
    record_dose(running.folder, running.context, taken=False, text="forgot")
    tables = locked_tables(running.trial)
    assert [(row.period, row.condition, row.percent) for row in tables.guesses] == [
        (1, None, None),
        (2, "on", "30"),
        (2, "off", "70"),
    ]
    (dose,) = tables.doses
    assert (dose.day, dose.period, dose.taken, dose.text) == (3, 2, False, "forgot")


def test_a_clock_that_went_back_is_flagged(running):
    """The chain orders events; whoever reads the report learns of the clock."""
    running.enter_session(3)
    running.put(1)
    enter_scores(running.folder, {"day.mood": "4"}, replace(running.context), at=running.put(1))
    assert "clock_back" in locked_tables(running.trial).trial.flags


def test_an_imported_trial(imported):
    """Days of the period count from its first measurement."""
    tables = locked_tables(imported.trial)
    assert [row.day_in_period for row in tables.scores] == [1, 2, 3] * 4
    assert {row.analysed for row in tables.scores} == {True}
    assert [row.session for row in tables.sessions] == list(range(1, 13))
    assert ("file_name", "brought.csv") in tables.trial.facts
