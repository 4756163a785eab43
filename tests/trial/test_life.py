"""A blinded trial by the commands, with everything that can happen to it; its report read as a sceptic would."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest

from nof1.workflow.demo import simulated_entropy
from nof1.workflow.hands import pack

from ..cli.terminal import Terminal  # noqa: TID252 - tests have no absolute names
from ..report.verifying import verify  # noqa: TID252
from ..workflow.playing import Player, quick_folder, self_blinded, third_party  # noqa: TID252

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
MODES = {"third_party": third_party, "self_blinded": self_blinded}
MORE = b"tests, more sheets"


class Lived:
    """The trial, what the commands said, and its report."""

    def __init__(self, player: Player, nof1: Terminal) -> None:
        self.player, self.nof1 = player, nof1
        self.kits = [str(code) for code in player.trial.planned_kits]
        self.html = ""
        self.results: dict = {}
        self.verified: int | None = None

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


@pytest.fixture(scope="module", params=MODES)
def lived(request, tmp_path_factory):
    text = MODES[request.param](blocks=6, spares=2)
    text = text.replace("max_consecutive_days_on: 12", "max_consecutive_days_on: 99")
    with quick_folder(tmp_path_factory.getbasetemp()) as root, pytest.MonkeyPatch.context() as patch:
        player = Player(root, text)
        player.randomize()
        patch.chdir(player.workspace)
        one = Lived(player, Terminal(player.context, patch))
        _live(one, patch)
        paper = ("--no-pdf",) if player.is_alone else ()
        made = json.loads(one.say("report", "coffee", "--json", *paper))
        one.html = (player.workspace / made["html"]).read_text(encoding="utf-8")
        one.results = json.loads((player.workspace / made["folder"] / "results.json").read_text())
        one.verified = verify.main([player.workspace / made["folder"]])
        yield one


def _live(one: Lived, patch: pytest.MonkeyPatch) -> None:
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
    more = _extended(one, path, patch) if player.is_alone else ""
    for session in [s for s in player.trial.schedule.sessions if s.day > 13]:
        one.day(session.day)
    last = player.trial.schedule.day_number(player.trial.ends_on)
    player.put(last + 1, "09:00")
    one.say("lock", "coffee", "--yes")
    if not player.is_alone:
        one.say("unblind", "coffee", "--secret", str(player.secret))
        return
    slips = player.workspace / "slips.txt"
    slips.write_text(player.pack().cards + more, encoding="utf-8")
    one.say("unblind", "coffee", "--cards", str(slips))


def _extended(one: Lived, path: Path, patch: pytest.MonkeyPatch) -> str:
    """Whoever is alone plans, packs and adds one more block; returns what its slips will say."""
    path.write_text(path.read_text(encoding="utf-8").replace("blocks: 6", "blocks: 7"), encoding="utf-8")
    other = replace(one.player.context, entropy=simulated_entropy(MORE))
    planned = Terminal(other, patch)("kit", "plan", path, "--after", 6, "--to", "more", "--paper", "none")
    assert planned.code == 0, planned.err
    boxes = pack(path, simulated_entropy(MORE), random.Random("more"), after=6)  # noqa: S311 - made-up hands
    answers = one.player.workspace / "answers.json"
    answers.write_text(json.dumps(boxes.answers), encoding="utf-8")
    reason = "the blinded review showed more noise than was assumed"
    one.say("extend", "coffee", str(path), "--kits", "more", "--answers", str(answers), "--reason", reason)
    return boxes.cards


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


def test_days_and_periods_of_the_departures_are_whole_numbers(lived):
    """A column with gaps makes no fractions of them."""
    assert {row["period"] for row in lived.results["deviations"] if "period" in row} >= {"2", "8"}


def test_the_report_says_what_one_kit_gave_away(lived):
    """In pairs the partner with certainty, the others not at all."""
    text = plain(lived.html)
    mean = 53 if lived.player.is_alone else 54
    assert f"guesses another period right with up to 100 %, {mean} % on average, instead of 50 %" in text
    assert "The kit of period 2, which the participant learned in an emergency, gave away up to 100 %" in text
    assert lived.results["disclosure"]["before"] == 0.5


def test_the_space_is_that_of_the_blocks_done(lived):
    """Six blocks, the one that was added, and alone the extension: the drawn order has a rank in the product."""
    size = 256 if lived.player.is_alone else 128
    assert lived.results["sequence"]["size"] == str(size)
    assert 0 <= int(lived.results["sequence"]["rank"]) < size


def test_the_report_tells_an_extension(lived):
    """How far, that no rule foresaw it, why, and what was published; where there was none, nothing."""
    text = plain(lived.html)
    told = "The trial was extended by 1 block after block 6, unplanned, since the protocol has no rule for it"
    assert (told in text) == lived.player.is_alone
    if lived.player.is_alone:
        assert f"; decided when the participant had learned what was in {lived.kits[1]}." in text
        assert "Reason: the blinded review showed more noise than was assumed" in text
        assert lived.player.trial.extensions[0].published_line in text


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
    assert lived.verified == 0  # by verify.py of the report folder, which shares no code


def test_the_secondary_outcome_is_that_of_the_amendment(lived):
    """Asked from the day of the amendment on, told as such."""
    assert [one["score"] for one in lived.results["outcomes"]] == ["app.points", "day.calm"]
    told = "1 further comparison stands in the amended protocol, and did not stand so in the first."
    assert told in plain(lived.html)
