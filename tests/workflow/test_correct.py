"""Corrections: a new value beside the old one, which every report can show."""

from __future__ import annotations

import pytest

from nof1.errors import EntryError, StageError
from nof1.workflow.correct import correct_score
from nof1.workflow.enter_table import enter_table
from nof1.workflow.status import entered_scores, trial_status


def correct(player, target, value, score=None, reason="typed the line above"):
    """Correct one score."""
    return correct_score(
        player.folder, player.context, target=target, score=score, value=value, reason=reason
    )


def refusal(player, *args, **options):
    """Return the sentence with which a correction is refused; nothing may be stored."""
    before = player.rows()
    with pytest.raises(EntryError) as refused:
        correct(player, *args, **options)
    assert player.rows() == before
    return str(refused.value)


@pytest.fixture
def entered(running):
    """Return the pairs with two sessions entered."""
    running.enter_session(1)
    running.enter(2, day__mood="6")
    return running


def test_the_old_value_stays(entered):
    """All values are kept in order, with reason and actor."""
    done = correct(entered, "1", "7", "day.mood")
    assert (done.score, done.session, done.old, done.new) == ("day.mood", 1, "5", "7")
    again = correct(entered, "1", "8", "mood", reason="again")
    assert (again.old, again.new) == ("7", "8")
    history = next(s for s in entered.trial.state.scores if s.entry.score == "day.mood")
    assert [version.value for version in history.versions] == ["5", "7", "8"]
    assert [version.reason for version in history.versions] == [None, "typed the line above", "again"]
    assert trial_status(entered.folder, entered.context).n_corrected == 1


def test_a_score_is_found_by_any_of_its_receipts(entered):
    """That of the entry, and that of a correction."""
    receipt = entered.trial.state.scores[0].event_id[:8]
    first = correct(entered, receipt.upper(), "51", "points")
    assert (first.session, first.new) == (1, "51")
    assert correct(entered, first.receipt, "52").new == "52"


def test_the_name_can_be_left_out_where_only_one_is_meant(entered):
    """Session 2 holds one score."""
    assert correct(entered, "2", "4").score == "day.mood"


def test_a_value_becomes_missing_and_comes_back(entered):
    """A reason stands in the place of the value."""
    assert correct(entered, "2", "technical").new is None
    assert entered.trial.state.scores[-1].missing_reason == "technical"
    assert correct(entered, "2", "5").old is None


@pytest.mark.parametrize(
    ("target", "value", "score", "sentence"),
    [
        ("9", "5", "mood", "nothing was entered for session 9; nof1 status coffee --scores lists what was"),
        ("2", "5", "calm", "session 2 holds no day.calm; nof1 enter adds it"),
        ("1", "5", None, "session 1 holds app.points, day.mood, day.calm; say which one, as SCORE=VALUE"),
        ("1", "5", "joy", "the protocol has no score 'joy'; known are day.mood, day.calm, app.points"),
        ("2", "11", None, "day.mood: found 11; the range is 0 to 10 points"),
        (
            "2",
            "",
            None,
            "day.mood: found nothing; write a value, or why it is missing: forgot, ill, technical, refused, other",
        ),
        ("2", "6", None, "day.mood is 6 already; nothing was added. See nof1 status coffee --scores"),
        ("", "5", None, "found ''; give the number of a session, or the 8 characters of a receipt"),
        ("abc", "5", None, "found 'abc'; give the number of a session, or the 8 characters of a receipt"),
        (
            "3f09a1c7:x",
            "5",
            None,
            "found '3f09a1c7:x'; give the number of a session, or the 8 characters of a receipt",
        ),
        (
            "ffffffff",
            "5",
            None,
            "nothing was entered for receipt ffffffff; nof1 status coffee --scores lists what was",
        ),
    ],
)
def test_what_cannot_be_corrected(entered, target, value, score, sentence):
    """The sentence says what to give instead."""
    assert refusal(entered, target, value, score) == sentence


def test_a_correction_needs_a_reason(entered):
    """Blanks are none."""
    assert (
        refusal(entered, "2", "5", reason="  ")
        == "a correction of day.mood needs a reason; found none. Write in a few words why"
    )


def test_the_same_correction_again_adds_nothing(entered):
    """Whoever tries again after an interruption is told that it is done."""
    correct(entered, "2", "technical")
    assert (
        refusal(entered, "2", "technical")
        == "day.mood is missing (technical) already; nothing was added. See nof1 status coffee --scores"
    )


def test_scores_that_one_file_brought_beside_the_plan_can_be_told_apart(running):
    """Two unplanned values of one score share a receipt; the row tells which is meant."""
    running.put(60)
    file = running.root / "scores.csv"
    file.write_text("at,app.points\n2026-04-10 10:00,5\n2026-04-11 10:00,6\n")
    enter_table(running.folder, file, running.context)
    receipt = running.trial.state.scores[0].event_id[:8]
    assert [name for _, name in entered_scores(running.folder)] == [f"{receipt}:1", f"{receipt}:2"]
    assert refusal(running, receipt, "7", "points") == (
        f"receipt {receipt} holds 2 values of app.points; say which one by its session or its receipt, "
        "as nof1 status coffee --scores lists them"
    )
    assert correct(running, f"{receipt}:2", "7").old == "6"


def test_what_was_corrected_cannot_be_entered_again(entered):
    """The first value is known, another one needs a correction."""
    correct(entered, "2", "4")
    assert entered.enter(2, day__mood="6").n_known == 1
    assert entered.trial.state.scores[-1].value == "4"


def test_after_the_lock_no_score_changes(locked):
    """Neither before nor after the opening."""
    for sentence in (
        "coffee is locked: no score can be entered",
        "coffee is unblinded: nothing that the analysis",
    ):
        before = locked.rows()
        with pytest.raises(StageError, match=sentence):
            correct(locked, "1", "4", "mood")
        assert locked.rows() == before
        if "locked" in sentence:
            locked.unblind()
