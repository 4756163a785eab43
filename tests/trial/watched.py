"""A trial by its commands, with a look at all that the participant can read after each of them."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from nof1.blinding.kits import read_card_key
from nof1.files.protocols import read_protocol
from nof1.protocol.digest import canonical_protocol
from nof1.workflow.demo import simulated_entropy
from nof1.workflow.hands import Boxes, pack

from ..cli.terminal import Answer, Terminal  # noqa: TID252 - tests have no absolute names
from ..workflow.playing import START, ZONE, Player, open_label, self_blinded, third_party  # noqa: TID252
from .leak_scan import Known, Watch, leaks_in

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from nof1.workflow.context import Context

NAMES = ("verum", "sham", "caffeine", "cellulose")
SLIPS = r"sheet-[0-9]+\.pdf"
START_OPTIONS = ("--start", START.isoformat(), "--zone", ZONE)


def plain(text: str) -> str:
    """Name the conditions with words that stand nowhere by chance: `on` is also the name of a column."""
    return text.replace("  on:", "  verum:").replace("  off:", "  sham:")


TEXTS = {
    "self_blinded": plain(self_blinded(blocks=2, spares=1)),
    "third_party": plain(third_party(blocks=2, spares=1)),
}
OPEN = plain(open_label(blocks=2))


class Watched:
    """Somebody at a terminal; after every command the whole of their side is looked at, and what they were told.

    Attributes
    ----------
    player : Player
        Folders, clock and entropy.
    home : Path
        The home of the person, where programs keep what nobody asked for.
    answers : list of Answer
        What the commands gave.
    """

    def __init__(
        self,
        root: Path,
        mode: str,
        seed: int,
        monkeypatch: pytest.MonkeyPatch,
        *,
        paper: str = "none",
        store_url: str = "",
    ) -> None:
        self.mode, self._paper = mode, paper
        self.player = Player(root, TEXTS[mode], seed=f"{mode} {seed}", entropy=f"own {seed}".encode(),
                             store_url=store_url)  # fmt: skip
        self.home = root / "home"
        self.home.mkdir()
        monkeypatch.setenv("HOME", str(self.home))
        monkeypatch.chdir(self.player.workspace)
        self._sheets = f"sheets {seed}".encode()
        self._terminal = Terminal(self.player.context, monkeypatch)
        self.answers: list[Answer] = []
        self.known = self._begin()
        self.watch = Watch(
            [self.player.workspace, self.home, *([root / "received"] if mode == "third_party" else [])],
            self.known,
        )
        self.look("the kits")

    def _begin(self) -> Known:
        """Plan or draw by the command; return what only boxes or preparer know."""
        player, texts = self.player, self.player.text
        canonical = canonical_protocol(read_protocol(player.protocol)).decode()
        if self.mode == "third_party":
            theirs = replace(player.context, entropy=simulated_entropy(f"preparer {player.seed}".encode()))
            self.type(theirs, "kit", "draw", player.preparer / "protocol.yaml", "--to", player.preparer / "kits",
                       "--paper", "none")  # fmt: skip
            received = player.root / "received" / "public.json"
            received.parent.mkdir()
            received.write_bytes((player.preparer / "kits" / "for-participant" / "public.json").read_bytes())
            return Known.of(player.preparer / "kits", (texts, canonical), NAMES)
        self.type(
            replace(player.context, entropy=simulated_entropy(self._sheets)),
            "kit", "plan", player.protocol, "--to", "kits", "--paper", self._paper,
        )  # fmt: skip
        boxes = self.boxes()
        kits = {code: (str(boxes.contents[code]), read_card_key(boxes.keys[code])) for code in boxes.contents}
        return Known(secret=None, kits=kits, names=NAMES, protocol=(texts, canonical), slips=SLIPS)

    def boxes(self) -> Boxes:
        """Return what hands packed; the same every time."""
        hands = random.Random(self.player.seed)  # noqa: S311 - made-up hands
        return pack(self.player.protocol, simulated_entropy(self._sheets), hands)

    def type(self, context: Context, *words: object, typed: str = "", code: int = 0) -> Answer:
        """Type a command without looking afterwards."""
        self._terminal.context = context
        done = self._terminal(*words, typed=typed)
        assert done.code == code, (words, done.out, done.err)
        self.answers.append(done)
        return done

    def __call__(self, *words: object, typed: str = "", code: int = 0, tells: bool = False) -> Answer:
        """Type a command and look; `tells`: it is meant to say what a box holds."""
        done = self.type(self.player.context, *words, typed=typed, code=code)
        told = leaks_in(done.out, self.known) + leaks_in(done.err, self.known)
        assert bool(told) == tells, (words, told)
        self.look(*words)
        return done

    def look(self, *words: object) -> None:
        """Look at every file."""
        assert self.watch.look() == [], words

    @property
    def kits(self) -> list[str]:
        """Codes in order of use."""
        return [str(code) for code in self.player.trial.planned_kits]

    def opening(self) -> tuple[str, Path]:
        """Return what opens the trial: option and file, which lies on nobody's computer but the preparer's."""
        if self.mode == "third_party":
            return "--secret", self.player.secret
        cards = self.player.preparer / "cards.txt"
        cards.write_text(self.boxes().cards)
        return "--cards", cards

    def wrong_opening(self) -> tuple[str, Path]:
        """Return the same with one letter exchanged."""
        option, path = self.opening()
        text = path.read_text()
        at = len(text.rstrip()) - 1
        wrong = path.with_name("wrong.txt")
        wrong.write_text(text[:at] + ("2" if text[at] != "2" else "3") + text[at + 1 :])
        return option, wrong


def register(one: Watched) -> None:
    """Register the blinded trial."""
    player = one.player
    if one.mode == "third_party":
        kits = ("--kits", player.root / "received" / "public.json")
    else:
        answers = player.workspace / "answers.json"
        answers.write_text(json.dumps(one.boxes().answers))
        kits = ("--kits", "kits", "--answers", answers)
    one("randomize", player.protocol, "--trial", player.folder, *START_OPTIONS, *kits)


def blinded_life(one: Watched) -> None:
    """Type every command that there is before the opening."""
    register(one)
    player = one.player
    boxes, opening = one.kits, one.opening()
    player.put(1)
    one("today", "coffee", "--json")
    one("record", "coffee", "kit", boxes[2], code=1)
    one("record", "coffee", "kit", boxes[0])
    daily_life(one, "coffee")
    one("record", "coffee", "dose", "--kit", boxes[1])
    one("record", "coffee", "guess", "--percent", "verum=70", "--reason", "a taste")
    one("record", "coffee", "lost", boxes[2], "--reason", "left on a train")
    one("emergency", "coffee", boxes[0])
    key = one.known.kits[boxes[0]][1]
    one("emergency", "coffee", boxes[0], "--card", "--who", "others", typed=f"{key}\n", tells=True)
    one("emergency", "coffee", boxes[1], "--card", typed=f"{key[1:]}2\n")
    one("unblind", "coffee", *opening, code=1)
    player.put(14, "09:00")
    one("lock", "coffee", "--yes")
    one("report", "coffee", code=1)
    one("unblind", "coffee", *one.wrong_opening(), code=1)
    after_the_lock(one, "coffee")


def daily_life(one: Watched, trial: str) -> None:
    """Scores, what else happened, and plans that change: in any mode."""
    one("enter", trial, typed="5\n5\n50\n")
    one("correct", trial, "1", "mood=6", "--reason", "a slip")
    one("record", trial, "dose", "--at", "08:00")
    one("record", trial, "event", "--term", "headache", "--severity", "1")
    one("record", trial, "deviation", "two coffees")
    one("record", trial, "note", "slept badly")
    one("shift", trial, "--days", "2", "--reason", "travel")
    one("pause", trial, "--reason", "flu", "--on", "2026-03-04")
    one("resume", trial, "--on", "2026-03-05")
    one("status", trial, "--scores")


def after_the_lock(one: Watched, trial: str) -> None:
    """Copy, and check."""
    one("status", trial, "--json")
    one("export", trial, "--as", "csv", "--to", f"tables of {trial}")
    one("backup", trial, f"{trial}.nof1")
    one("verify", trial)
