"""What an emergency, a wrong box, an expectation do to the tables that the analysis reads."""

from __future__ import annotations

import pytest

from nof1.audit import events
from nof1.errors import EntryError
from nof1.report.guesses import guess_words
from nof1.workflow.emergency import record_emergency
from nof1.workflow.open_kit import open_kit
from nof1.workflow.record import record_dose, record_expectation, record_guess
from nof1.workflow.tables import locked_tables
from nof1.workflow.today import due_today


def flags(player) -> dict[int, tuple[str, ...]]:
    """Return the flags of the primary score by session."""
    return {row.session: row.flags for row in locked_tables(player.trial).scores if row.score == "app.points"}


def rows(player, category: str):
    return [row for row in locked_tables(player.trial).deviations if row.category == category]


def test_from_the_opening_on_a_pair_is_not_blind(running):
    """The period of the kit and its partner, what came before excepted; the flag of the trial stands."""
    running.play_days(5)
    running.put(5, "20:00")
    record_emergency(running.folder, running.context, str(running.trial.planned_kits[2]), "participant")
    for day in range(6, 11):
        running.enter_session(day)
    assert [n for n, held in flags(running).items() if "not_blind" in held] == [6, 7, 8]
    assert "unblinded_before_lock" in locked_tables(running.trial).trial.flags
    assert [row.period for row in rows(running, "emergency")] == [3]


def test_what_others_learned_leaves_the_participant_blind(running):
    """It is told, and no flag follows."""
    record_emergency(running.folder, running.context, str(running.trial.planned_kits[0]), "others")
    running.play_days(2)
    assert not any("not_blind" in held for held in flags(running).values())
    assert not locked_tables(running.trial).trial.flags
    assert "the participant stayed blind" in rows(running, "emergency_others")[0].text


def test_a_reason_after_the_lock_changes_no_locked_byte(running):
    """The opening counts from when it was; its reason stands in trial.json."""
    running.play_days(3)
    kit = str(running.trial.planned_kits[0])
    record_emergency(running.folder, running.context, kit, "participant")
    running.lock()
    before = locked_tables(running.trial)
    record_emergency(running.folder, running.context, kit, "participant", reason="fainted")
    after = locked_tables(running.trial)
    assert after.deviations == before.deviations
    assert after.trial.flags == before.trial.flags == ("unblinded_before_lock",)
    assert "Reason: fainted" in dict(after.trial.facts)["opened_after_the_lock"]


def test_a_guess_after_the_opening_is_none(running):
    """It is kept and told, and never takes the place of the honest one."""
    running.play_days(2)
    record_guess(running.folder, running.context, period=1, percent={"on": "60"})
    record_emergency(running.folder, running.context, str(running.trial.planned_kits[0]), "participant")
    record_guess(running.folder, running.context, period=1, percent={"on": "100"})
    assert {row.percent for row in locked_tables(running.trial).guesses} == {"60", "40"}
    assert len(rows(running, "guess_after_opening")) == 1
    assert len(running.trial.state.of(events.GuessRecorded)) == 2


def test_a_wrong_box_marks_its_days(running):
    """By the dose of the day, else by the box that was opened for the period."""
    kits = [str(code) for code in running.trial.planned_kits]
    running.enter_session(1)
    record_dose(running.folder, running.context, kit=kits[3])
    running.enter_session(2)
    running.put(3, "07:00")
    open_kit(running.folder, running.context, kits[4], taken=True)
    running.enter_session(3)
    running.enter_session(4)
    held = flags(running)
    assert (f"kit={kits[3]}" in held[1], "wrong_kit" in held[2]) == (True, False)
    assert all(f"kit={kits[4]}" in held[n] and "wrong_kit" in held[n] for n in (3, 4))


def test_what_is_expected_of_an_open_trial(openly):
    """Asked once, by `today`; told with when it was said. A blinded trial asks for guesses."""
    openly.put(1)
    assert due_today(openly.folder, openly.context).asks_expectation
    record_expectation(openly.folder, openly.context, effect="6", reason="it always did")
    assert not due_today(openly.folder, openly.context).asks_expectation
    told = dict(locked_tables(openly.trial).trial.facts)["expectation"]
    assert told == "6 points (on_off), told before any score was entered: it always did"
    with pytest.raises(EntryError):
        record_expectation(openly.folder, openly.context, effect="much")


def test_a_blinded_trial_asks_for_guesses(running):
    """Its expectation would be a guess."""
    with pytest.raises(EntryError, match="is blinded"):
        record_expectation(running.folder, running.context, effect="6")


def test_an_open_report_sets_the_expectation_beside_the_result(made_up_results):
    """Or says that it was not recorded."""
    said = guess_words(made_up_results, {}).found
    assert (
        said[1]
        == "What the participant expected was not recorded, so expectation cannot be set beside the result."
    )


@pytest.fixture
def made_up_results():
    from nof1.analysis.result import Results, SequenceSummary  # noqa: PLC0415 - pandas, for this test alone

    return Results(
        nof1="0",
        trial="a",
        protocol_sha256="",
        mode="open_label",
        sequence=SequenceSummary(kind="fixed", size="1"),
    )
