"""Doses, guesses, harms, deviations, notes: what else happened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nof1.audit import events
from nof1.errors import EntryError, StageError
from nof1.files.locked import read_locked
from nof1.workflow.lock import refresh_locked
from nof1.workflow.record import (
    record_adverse_event,
    record_deviation,
    record_dose,
    record_guess,
    record_look,
    record_note,
)
from nof1.workflow.verify import Outcome, verify_trial

from .playing import START, Player, open_label, third_party


def day(number):
    """Return the date of a day of the study."""
    return START + timedelta(days=number - 1)


def kits(player):
    """Return the planned kits."""
    return [period.kit for period in player.trial.schedule.periods]


def deviations(player):
    """Return every deviation as text, category and period."""
    return [
        (r.event.text, r.event.category, r.event.period)
        for r in player.trial.state.of(events.DeviationRecorded)
    ]


def refused(player, record, **options):
    """Return the sentence with which a record is refused; nothing may be stored."""
    before = player.rows()
    with pytest.raises(EntryError) as refusal:
        record(player.folder, player.context, **options)
    assert player.rows() == before
    return str(refusal.value)


def with_looks(root, looks):
    """Return a running trial of six pairs with these looks in its plan."""
    text = third_party(blocks=6).replace("analysis: {", f"analysis: {{looks: {looks}, ")
    player = Player(root, text=text)
    player.randomize()
    return player


@pytest.mark.parametrize(
    ("looks", "blocks", "flagged"),
    [
        ("none", (), False),
        ("none", (4,), True),
        ("{method: e_value}", (3, 4, 5), False),
        ("{method: lan_demets, at_blocks: [3, 5]}", (3, 5), False),
        ("{method: lan_demets, at_blocks: [3, 5]}", (3, 4), True),
    ],
)
def test_a_look_that_was_not_planned_is_a_flag(tmp_path, looks, blocks, flagged):
    """Every look is told in the record of the trial; one beyond the plan makes its p-values exploratory."""
    player = with_looks(tmp_path, looks)
    for block in blocks:
        record_look(player.folder, player.context, after_block=block)
    player.lock()
    record = read_locked(player.folder / "locked").trial
    assert ("unplanned_look" in record.flags) == flagged
    told = [text for name, text in record.facts if name == "look"]
    assert [text.split(",")[0] for text in told] == [f"scores by condition after block {n}" for n in blocks]
    assert any(text.endswith("not planned") for text in told) == flagged


def test_a_look_holds_nothing_that_was_seen(running):
    """When, after which block, how many scores there were: no condition, no result."""
    running.enter_session(1)
    look = record_look(running.folder, running.context, after_block=2).event
    assert look == events.LookTaken(what="scores by condition after block 2", n_scores=3, after_block=2)


def test_a_look_is_taken_after_a_block_of_the_design(running, tmp_path):
    """Which block must be told, where there are blocks."""
    assert refused(running, record_look) == "--after-block: found none; write after which block, 1 to 3"
    assert refused(running, record_look, after_block=4).startswith("--after-block: found 4; write")
    text = open_label().replace("randomized_blocks, blocks: 3", "balanced, periods: 6")
    without = Player(tmp_path / "without", text=text)
    without.randomize()
    assert refused(without, record_look, after_block=1) == "the design has no blocks; leave --after-block out"
    assert record_look(without.folder, without.context).event.after_block is None


def test_a_dose_is_from_the_planned_kit(running):
    """Day 4 belongs to period 2."""
    running.put(4, "08:00")
    dose = record_dose(running.folder, running.context, text="with breakfast").event
    assert (dose.taken_on, dose.period, dose.kit, dose.taken, dose.text) == (
        "2026-03-05", 2, kits(running)[1], True, "with breakfast",
    )  # fmt: skip
    assert deviations(running) == []


def test_a_dose_after_midnight_is_of_the_evening_before(running):
    """The day of the study has not turned."""
    running.put(day(5), "01:00")
    assert record_dose(running.folder, running.context).event.taken_on == "2026-03-05"


def test_a_dose_from_another_kit_is_a_deviation(running):
    """Both stand in one transaction, and the verification finds the deviation."""
    running.put(2, "08:00")
    mine, other = kits(running)[:2]
    assert record_dose(running.folder, running.context, kit=f" {other.lower()} ").event.kit == other
    assert deviations(running) == [
        (f"A dose was taken from {other}; the kit of this period is {mine}.", "wrong_kit", 1)
    ]
    assert {check.outcome for check in verify_trial(running.folder)} <= {
        Outcome.PASS, Outcome.NOT_YET, Outcome.NOT_PROVABLE,
    }  # fmt: skip


def test_a_dose_on_a_day_without_a_kit_is_a_deviation(richly):
    """In the run-in no box is open."""
    richly.put(2, "08:00")
    code = kits(richly)[1]
    record_dose(richly.folder, richly.context, kit=code)
    assert deviations(richly) == [
        (f"A dose was taken from {code}; no kit was planned for that day.", "wrong_kit", 0)
    ]


def test_the_planned_kit_typed_in_small_letters_is_the_planned_kit(running):
    """No deviation comes from the way of typing."""
    running.put(2, "08:00")
    record_dose(running.folder, running.context, kit=kits(running)[0].lower())
    record_dose(running.folder, running.context, kit=kits(running)[1], taken=False)
    assert deviations(running) == []
    assert not any(check.outcome is Outcome.FAIL for check in verify_trial(running.folder))


def test_a_slip_of_the_finger_is_no_kit(running):
    """The check character finds it."""
    running.put(2, "08:00")
    assert refused(running, record_dose, kit="K-ABCDEF") == (
        "'K-ABCDEF' is not a kit code; read the label again: K- and six characters, there is no 0, 1, I, L or O"
    )


def test_an_open_trial_has_no_kits(openly):
    """Doses are recorded without."""
    openly.put(2, "08:00")
    assert (
        refused(openly, record_dose, kit="K-222222")
        == "openly is open_label, so it has no kits; leave --kit out"
    )
    assert record_dose(openly.folder, openly.context).event.kit is None


def test_a_dose_that_has_not_been_taken_yet(running):
    """The future is refused, the past never."""
    now = running.put(2, "08:00")
    assert (
        refused(running, record_dose, at=now + timedelta(hours=6))
        == "2026-03-03 14:00 has not come yet; give the time at which it happened"
    )
    assert record_dose(running.folder, running.context, at=now - timedelta(days=60)).event.period is None


def test_a_guess_about_two_conditions_needs_one_number(running):
    """The other one is what is left; the last period that has begun is meant."""
    running.put(4, "20:00")
    guess = record_guess(running.folder, running.context, percent={"off": "30.5"}, reason="a taste").event
    assert (guess.period, guess.reason) == (2, "a taste")
    assert [(p.condition, p.percent) for p in guess.probabilities] == [("on", "69.5"), ("off", "30.5")]


def test_a_guess_can_be_that_one_does_not_know(running):
    """It counts as an answer."""
    running.put(1)
    assert record_guess(running.folder, running.context).event.dont_know


def test_a_later_guess_replaces_an_earlier_one(running):
    """About the same period, and only there; the record keeps both."""
    running.put(4)
    for period, percent in ((1, "60"), (2, "70"), (1, "80")):
        record_guess(running.folder, running.context, period=period, percent={"on": percent})
    told = [
        (r.event.period, r.event.probabilities[0].percent)
        for r in running.trial.state.of(events.GuessRecorded)
    ]
    assert told == [(2, "70"), (1, "80")]
    assert running.kinds().count("guess_recorded") == 3


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"percent": {"on": "60", "off": "41"}},
            "found 101 in all; give one number for each of on, off, 100 together",
        ),
        ({"percent": {"on": "101"}}, "on: found 101; write 0 to 100 percent"),
        ({"percent": {"on": "-1"}}, "on: found -1; write 0 to 100 percent"),
        ({"percent": {"on": "half"}}, "on: found 'half'; write a number such as 7 or -3.5"),
        ({"percent": {"tea": "50"}}, "found 'tea'; the conditions are on, off"),
        ({"period": 3}, "period 3 has not begun; a guess is about a period that one knows"),
        ({"period": 99}, "period 99 has not begun; a guess is about a period that one knows"),
    ],
)
def test_a_guess_that_cannot_be(running, options, sentence):
    """Neither more nor less than a hundred, about what one knows."""
    running.put(4)
    assert refused(running, record_guess, **options) == sentence


def test_before_the_first_period_there_is_nothing_to_guess(richly):
    """The run-in has no kit."""
    richly.put(2)
    assert refused(richly, record_guess) == "period 1 has not begun; a guess is about a period that one knows"


def test_a_harm(running):
    """Began today unless said otherwise."""
    running.put(3)
    done = record_adverse_event(
        running.folder, running.context, term="headache", severity=2, serious=False, related="the heat"
    )
    assert (done.event.started_on, done.event.ended_on, done.event.related) == (
        "2026-03-04",
        None,
        "the heat",
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"started_on": day(4)}, "2026-03-05 has not come yet; give the day on which it began"),
        (
            {"started_on": day(3), "ended_on": day(2)},
            "it cannot have ended on 2026-03-03, before it began on 2026-03-04",
        ),
        ({"term": " "}, "found no text; write what happened"),
        ({"severity": 6}, "severity: found 6; write 1 (mild) to 5 (death)"),
    ],
)
def test_a_harm_that_cannot_be(running, options, sentence):
    """Days in order, a text, a degree."""
    running.put(3)
    given = {"term": "headache", "severity": 1, "serious": False, **options}
    assert refused(running, record_adverse_event, **given) == sentence


def test_a_harm_after_the_lock_changes_no_locked_table_and_is_told(locked):
    """What was locked stays as it was; the record of the trial tells the harm."""
    locked.put(20)
    for term, serious in (("headache", False), ("fainted", True)):
        record_adverse_event(locked.folder, locked.context, term=term, severity=3, serious=serious)
    locked.unblind()
    refresh_locked(locked.trial)
    tables = read_locked(locked.folder / "locked")
    assert tables.adverse_events == ()
    assert [text for name, text in tables.trial.facts if name == "adverse_event_after_the_lock"] == [
        "2026-03-21: headache, severity 3 of 5",
        "2026-03-21: fainted, severity 3 of 5, serious",
    ]
    assert not any(check.outcome is Outcome.FAIL for check in verify_trial(locked.folder))


def test_a_deviation_knows_its_day_and_period(running):
    """Today, or the day that is given."""
    running.put(5)
    record_deviation(running.folder, running.context, "slept at a friend's")
    record_deviation(running.folder, running.context, "forgot", day(2))
    assert [entry[2] for entry in deviations(running)] == [3, 1]
    assert (
        refused(running, record_deviation, text="")
        == "found no text; write how the trial departed from its protocol"
    )


def test_a_note_is_taken_at_every_stage(unblinded):
    """It changes nothing that the analysis rests on."""
    unblinded.put(30)
    record_note(unblinded.folder, unblinded.context, "the box was thrown away")
    assert unblinded.kinds()[-1] == "note_recorded"
    assert refused(unblinded, record_note, text="\t") == "found no text; write the note"


def test_after_the_lock_only_notes_and_harms_are_taken(locked):
    """Doses, guesses and deviations would change what was locked."""
    locked.put(20)
    before = locked.rows()
    for record, options in (
        (record_dose, {}),
        (record_guess, {}),
        (record_deviation, {"text": "x"}),
    ):
        with pytest.raises(StageError, match="coffee is locked: no score can be entered or corrected"):
            record(locked.folder, locked.context, **options)
    assert locked.rows() == before


def test_a_dose_and_its_deviation_are_stored_together_or_not_at_all(running, monkeypatch):
    """Where the deviation fails, the dose is not there either."""
    running.put(2, "08:00")
    before = running.rows()
    code = kits(running)[1]

    def fails(*args, **options):
        raise RuntimeError("pulled out")

    monkeypatch.setattr(events, "DeviationRecorded", fails)
    with pytest.raises(RuntimeError, match="pulled out"):
        record_dose(running.folder, running.context, kit=code)
    assert running.rows() == before
