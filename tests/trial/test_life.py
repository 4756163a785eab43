"""A third_party trial by the commands, with everything that can happen to it; its report read as a sceptic would."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from ..cli.terminal import Terminal  # noqa: TID252 - tests have no absolute names
from ..workflow.playing import Player, quick_folder, third_party  # noqa: TID252

pytestmark = pytest.mark.slow
TEXT = third_party(blocks=6, spares=2).replace("max_consecutive_days_on: 12", "max_consecutive_days_on: 99")


class Lived:
    """The trial, what the commands said, and its report."""

    def __init__(self, player: Player, nof1: Terminal) -> None:
        self.player, self.nof1 = player, nof1
        self.kits = [str(code) for code in player.trial.planned_kits]
        self.html = ""
        self.results: dict = {}

    def say(self, *words: str) -> str:
        """Run a command that must not be refused."""
        answer = self.nof1(*words)
        assert answer.code == 0, answer.err
        return answer.out

    def day(self, day: int) -> None:
        """Enter the scores of a day by the commands."""
        self.player.put(day, "10:00")
        points = 40 + (day * 7) % 11
        self.say(
            "enter", "coffee", "--set", f"app.points={points}", "--set", "day.mood=5", "--set", "day.calm=5"
        )


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    with quick_folder(tmp_path_factory.getbasetemp()) as root, pytest.MonkeyPatch.context() as patch:
        player = Player(root, TEXT)
        player.randomize()
        patch.chdir(player.workspace)
        one = Lived(player, Terminal(player.context, patch))
        _live(one)
        made = json.loads(one.say("report", "coffee", "--json"))
        one.html = (player.workspace / made["html"]).read_text(encoding="utf-8")
        one.results = json.loads((player.workspace / made["folder"] / "results.json").read_text())
        yield one


def _live(one: Lived) -> None:
    kits, player = one.kits, one.player
    for day in (1, 2):
        one.day(day)
    one.say("record", "coffee", "guess", "--percent", "on=70", "--reason", "slept badly")
    # A kit of a block that has not begun is lost: S1 takes the place of block 2.
    one.say("record", "coffee", "lost", kits[2], "--reason", "left on a train")
    # Day 3, period 2: the box of period 9 was taken by mistake, and the person falls ill: its slip is read.
    one.day(3)
    one.say("record", "coffee", "dose", "--kit", kits[8])
    player.put(3, "20:00")
    one.say("emergency", "coffee", kits[1], "--who", "participant", "--reason", "fainted")
    one.say("record", "coffee", "guess", "--percent", "on=100", "--period", "2")
    one.day(4)
    for day in (5, 6):
        one.day(day)
    amended = player.text.replace(
        "secondary: [{score: day.mood, sesoi: 1}]", "secondary: [{score: day.calm, sesoi: 1}]"
    )
    path = player.workspace / "protocols" / "second.yaml"
    path.write_text(amended, encoding="utf-8")
    one.say("amend", "coffee", str(path), "--reason", "calm matters more")
    # Day 7, block 4 has begun: its second box is lost, its period stays empty, S2 comes at the end.
    player.put(13, "09:00")
    for day in range(7, 14):
        one.day(day)
    one.say("record", "coffee", "lost", kits[7], "--reason", "fell into the sink")
    one.say("record", "coffee", "spare")
    for session in [s for s in player.trial.schedule.sessions if s.day > 13]:
        one.day(session.day)
    last = player.trial.schedule.day_number(player.trial.ends_on)
    player.put(last + 1, "09:00")
    one.say("lock", "coffee", "--yes")
    one.say("unblind", "coffee", "--secret", str(player.secret))


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_report_tells_everything_that_happened(lived):
    """Emergency, wrong kit, lost kits, spare blocks, the guess that was none, the amendment with its reason."""
    text, kits = plain(lived.html), lived.kits
    assert f"{kits[1]} was opened in an emergency, and the participant learned what it held." in text
    assert (
        "Period 2 is not blind from then on, nor what follows from it by the design: 1. Reason: fainted"
        in text
    )
    assert f"{kits[2]} was lost: left on a train." in text
    assert "Spare block S1 took the place of block 2, which had not begun." in text
    assert f"{kits[7]} was lost: fell into the sink. Period 8 stayed empty from then on." in text
    assert "Spare block S2 was added at the end as block 7." in text
    assert f"A dose was taken from {kits[8]}; the kit of this period is {kits[1]}." in text
    assert "What was told as a guess came after the box had been opened; it is kept, and not counted." in text
    assert re.search(
        r"The protocol was amended from \S+ on, outcomes.secondary \(forward\). Reason: calm matters more",
        text,
    )


def test_the_report_says_what_one_kit_gave_away(lived):
    """In pairs the partner with certainty, the others not at all."""
    text = plain(lived.html)
    assert "guesses another period right with up to 100 %, 54 % on average, instead of 50 %" in text
    assert "The kit of period 2, which the participant learned in an emergency, gave away up to 100 %" in text
    assert lived.results["disclosure"]["before"] == 0.5


def test_the_space_is_that_of_the_blocks_done(lived):
    """Six blocks and the one that was added: 2^7, and the drawn order has a rank in it."""
    assert lived.results["sequence"]["size"] == "128"
    assert 0 <= int(lived.results["sequence"]["rank"]) < 128


def test_the_strip_asks_as_taken_and_without_what_was_not_blind(lived):
    """As randomised in front; as taken, without the wrong kit and without what was not blind behind it."""
    names = [row["name"] for row in lived.results["sensitivity"] if row["contrast"] == "on_off"]
    assert names[0] == "planned"
    assert {"as_taken", "without_wrong_kit", "without_not_blind"} <= set(names)
    assert not any(name.startswith("without_kit=") for name in names)


def test_a_claim_is_not_made_after_the_blind_was_broken(lived):
    """The flag stands at the top, and the guess after the opening is not among the guesses."""
    assert "unblinded_before_lock" in lived.results["flags"]
    assert lived.results["blinding"]["n_guesses"] == 1


def test_the_record_still_verifies(lived):
    """Every check passes, with the spare blocks where they took over."""
    assert "FAIL" not in lived.say("verify", "coffee")


def test_the_secondary_outcome_is_that_of_the_amendment(lived):
    """Asked from the day of the amendment on, told as such."""
    assert [one["score"] for one in lived.results["outcomes"]] == ["app.points", "day.calm"]
