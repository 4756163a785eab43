"""Stop rules are watched at every entry: it is saved first, the person is told, and nothing is done without them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nof1.audit import events
from nof1.errors import EntryError
from nof1.workflow.amend import amend_trial
from nof1.workflow.answer import save_answers
from nof1.workflow.correct import correct_score
from nof1.workflow.day import saved_as
from nof1.workflow.enter import enter_scores
from nof1.workflow.enter_table import enter_table
from nof1.workflow.record import record_adverse_event
from nof1.workflow.tables import locked_tables
from nof1.workflow.watch import told_since

from .playing import Player, ratings

RULES = """\
  stop_rules:
    - {when: day.mood <= 2 on 2 days, do: pause}
    - {when: adverse_event.severity >= 3, do: stop}
  suicidality_plan: "call my sister; local emergency number 112"
  emergency_contact: "my sister <b>Ann</b>, =HYPERLINK(1)"
"""
TEXT = (
    (ratings() + RULES)
    .replace("exclusions: [none]", "exclusions: [pregnancy, kidney disease]")
    .replace("instruments:\n", "instruments:\n  phq: {questionnaire: phq9}\n")
    .replace(
        "primary: {score: day.mood, sesoi: 1}",
        "primary: {score: day.mood, sesoi: 1}\n  secondary: [{score: phq.item9}]",
    )
    .replace("- {battery: [day]}", "- {battery: [day]}\n  - {battery: [phq], days: [last]}")
)


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    player = Player(tmp_path_factory.mktemp("watch"), TEXT)
    player.randomize()
    return player


@pytest.fixture
def coffee(begun, tmp_path):
    return begun.copy(tmp_path / "copy")


def on_day(player, day):
    """Put the clock to the evening of a study day."""
    at = player.trial.schedule.start_on + timedelta(days=day - 1)
    player.clock.put(at, player.clock().time().replace(hour=18, minute=0))


def fired(player):
    return [recorded.event for recorded in player.trial.state.of(events.StopRuleFired)]


def low(player, day, value="1"):
    on_day(player, day)
    return enter_scores(player.folder, {"day.mood": value}, player.context)


def test_a_rule_is_met_on_the_second_day(coffee):
    """The entry is saved, the event says what met it, and the person reads what their own rule says."""
    assert low(coffee, 1).told == ()
    receipt = low(coffee, 2)
    assert receipt.n_saved == 1
    (told,) = receipt.told
    assert "day.mood <= 2 on 2 days" in told.lines[0]
    assert "It says: pause. You decide: nof1 pause coffee" in told.lines[1]
    (event,) = fired(coffee)
    assert (event.action, event.day, event.evidence) == (
        "pause",
        2,
        ("day 1: day.mood 1", "day 2: day.mood 1"),
    )
    position = coffee.trial.state.position
    assert not position.is_paused
    assert not position.is_stopped
    assert low(coffee, 3).told == ()


def test_the_page_tells_it_with_the_receipt(coffee):
    """What the web page shows after saving is what the command says; after another entry nothing is left of it."""
    low(coffee, 1)
    receipt = low(coffee, 2)
    assert saved_as(coffee.folder, receipt.receipt).told == receipt.told
    assert saved_as(coffee.folder, low(coffee, 3).receipt).told == ()


def test_a_form_of_the_page_is_watched(coffee):
    """Ratings that come through the page meet the same rules."""
    for day in (1, 2):
        on_day(coffee, day)
        session = next(s for s in coffee.trial.schedule.sessions if s.day == day and "day" in s.due)
        answered = save_answers(
            coffee.folder,
            session.number,
            "day",
            {"day.mood": "1", "day.calm": "5"},
            coffee.context,
            key=f"{day:032x}",
        )
    (event,) = fired(coffee)
    assert event.evidence == ("day 1: day.mood 1", "day 2: day.mood 1")
    assert saved_as(coffee.folder, answered.receipt).told


def test_a_retry_tells_nothing_twice(coffee):
    """The same values once more are the same entry."""
    low(coffee, 1)
    low(coffee, 2)
    assert low(coffee, 2).told == ()
    assert len(fired(coffee)) == 1


def test_what_is_told_names_no_condition(coffee):
    """Neither the event nor the text, nor the tables of the locked folder."""
    low(coffee, 1)
    told = " ".join(line for one in low(coffee, 2).told for line in one.lines)
    facts = dict(locked_tables(coffee.trial).trial.facts)
    for text in (told, str(fired(coffee)), facts["stop_rule_fired"]):
        for word in ("caffeine", "cellulose", "K-"):
            assert word not in text


def test_a_file_is_watched_as_a_whole(coffee):
    """Many rows meet a rule once."""
    on_day(coffee, 5)
    start = coffee.trial.schedule.start_on
    file = coffee.workspace / "scores.csv"
    rows = [f"{start + timedelta(days=n)} 12:00,2" for n in range(4)]
    file.write_text("\n".join(["at,day.mood", *rows]) + "\n")
    receipt = enter_table(coffee.folder, file, coffee.context)
    assert (receipt.n_saved, len(receipt.told)) == (4, 1)
    assert len(fired(coffee)[0].evidence) == 4


def test_a_correction_is_watched(coffee):
    """A value that was mistyped meets the rule when it is right."""
    low(coffee, 1)
    low(coffee, 2, "8")
    done = correct_score(
        coffee.folder, coffee.context, target="2", score="day.mood", value="2", reason="mistyped"
    )
    assert len(done.told) == 1


def test_a_severe_event_meets_its_rule(coffee):
    """And the command can tell what followed the record."""
    on_day(coffee, 2)
    done = record_adverse_event(coffee.folder, coffee.context, term="palpitations", severity=3, serious=True)
    (told,) = told_since(coffee.folder, done.seq)
    assert "It says: stop." in told.lines[1]
    assert fired(coffee)[0].evidence == ("day 2: adverse_event.severity 3",)


def test_the_card_comes_after_the_answer_is_saved(coffee):
    """The person's own plan, no alarm, no refusal; said in the record, and not as a score."""
    on_day(coffee, 2)
    receipt = enter_scores(coffee.folder, {"phq.item9": "1"}, coffee.context)
    (card,) = receipt.told
    assert (receipt.n_saved, card.kind) == (1, "card")
    assert "Your answer is saved." in card.lines[0]
    assert "call my sister; local emergency number 112" in card.lines[1]
    assert any("Nobody is monitoring this device" in line for line in card.lines)
    (shown,) = coffee.trial.state.of(events.SafetyCardShown)
    assert shown.event.instrument == "phq"
    assert shown.event.about.startswith(receipt.receipt)
    on_day(coffee, 4)
    assert enter_scores(coffee.folder, {"phq.item9": "0"}, coffee.context).told == ()


def test_exclusions_are_kept_where_they_were_asked(tmp_path):
    """With the question that was shown, beside the acknowledgement."""
    player = Player(tmp_path / "asked", TEXT)
    player.randomize(exclusions="declined")
    (said,) = player.trial.state.of(events.Acknowledged)
    assert said.event.typed == "declined"
    assert "Which of these hold for the participant" in said.event.statement


def test_an_exclusion_that_holds_draws_nothing(tmp_path):
    """The participant's own protocol leaves them out."""
    player = Player(tmp_path / "held", TEXT)
    with pytest.raises(EntryError, match="Nothing was drawn"):
        player.randomize(exclusions="pregnancy")
    assert not (player.folder / "trial.sqlite").exists()


def test_a_new_statement_is_asked_for_once(coffee):
    """By an amendment that brings it; one that keeps it asks nothing more."""
    path = coffee.workspace / "protocols" / "second.yaml"
    path.write_text(TEXT.replace("  status: Made up.", "  status: Made up.\n  acknowledge: I have read it."))
    with pytest.raises(EntryError, match="asks to be acknowledged: I have read it"):
        amend_trial(coffee.folder, path, "a statement was missing", coffee.context)
    amend_trial(coffee.folder, path, "a statement was missing", coffee.context, acknowledged="Yes.")
    assert [one.event.typed for one in coffee.trial.state.of(events.Acknowledged)] == ["Yes."]
    path.write_text(path.read_text().replace("Made for tests.", "Made for the tests."))
    amend_trial(coffee.folder, path, "a word", coffee.context)
    assert len(coffee.trial.state.of(events.Acknowledged)) == 1
