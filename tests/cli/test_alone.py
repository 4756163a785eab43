"""A whole trial of somebody who is alone, by the commands that they would type, with the questions that they are asked."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from nof1.workflow.demo import simulated_entropy
from nof1.workflow.hands import pack

from ..workflow.playing import START, ZONE, Player, self_blinded  # noqa: TID252 - tests have no absolute names

if TYPE_CHECKING:
    from .terminal import Terminal

SHEETS = b"sheets"


@pytest.fixture
def player(tmp_path) -> Player:
    """Return somebody with a protocol, and nothing else."""
    player = Player(tmp_path, self_blinded())
    player.context = replace(player.context, entropy=simulated_entropy(SHEETS))
    return player


@pytest.fixture
def at_a_terminal(monkeypatch):
    """Let the commands see a person."""
    for module in ("randomize", "asking", "enter", "unblind", "record"):
        monkeypatch.setattr(
            f"nof1.cli.{module}.sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
        )


@pytest.fixture
def packed(nof1, player):
    """Plan and print, and let simulated hands pack."""
    planned = nof1("kit", "plan", player.protocol, "--to", "kits")
    assert planned.code == 0, planned.err
    assert planned.out.startswith("Planned: 8 kits, shuffled in 4 blocks, one after the other.\n")
    assert "Next: print, pack and shuffle as the sheets say" in planned.err
    sheets = {path.name for path in (player.workspace / "kits" / "sheets").iterdir()}
    assert sheets == {
        "instructions.pdf", "sheet-1.pdf", "sheet-2.pdf", "block-numbers.pdf", "labels.pdf", "wallet-card.pdf",
    }  # fmt: skip
    return pack(player.protocol, simulated_entropy(SHEETS), random.Random(7))  # noqa: S311 - made-up hands


@pytest.mark.usefixtures("at_a_terminal")
def test_from_the_sheets_to_the_opening(nof1, player, packed):
    """Registration, draw, boxes, scores, lock, slips: each question, each answer, and a slip of the finger at each."""
    plan = json.loads((player.workspace / "kits" / "kits.json").read_text())
    start = (
        "randomize", player.protocol, "--trial", player.folder, "--start", START.isoformat(), "--zone", ZONE, "--kits", "kits",
    )  # fmt: skip
    before = nof1(*start, typed="0\n0\n0\n0\nnone\n")  # closes the terminal at the boxes
    assert before.code == 1
    assert not player.folder.exists()

    codes = {block["block"]: block["codes"] for block in plan["blocks"]}
    order = _asked_blocks(nof1, start, codes)
    lines = [
        "few",
        "0",
        "0",
        "0",
        "0",
        "none",
        *(" ".join(codes[block]) for block in order),
        "after",
        "none",
        "me",
    ]
    nof1.context = replace(nof1.context, entropy=simulated_entropy(b"later"))
    done = nof1(*start, typed="\n".join(lines) + "\n")
    assert done.code == 0, done.err
    assert "write a number, 0 if nothing is left" in done.err
    assert "Put the boxes in this order; the first one comes first:" in done.out
    assert done.out.splitlines()[-1].startswith("nof1/1 self_blinded ")
    periods = [str(period.kit) for period in player.trial.schedule.periods]
    assert f"  block 1: {periods[0]} {periods[1]}" in done.out

    player.put(1)
    wrong = nof1("record", "coffee", "kit", periods[3])
    assert (wrong.code, wrong.err.startswith(f"{periods[3]} is for period 4. Put it back unopened")) == (
        1,
        True,
    )
    entered = nof1("enter", "coffee", typed=f"{periods[3]}\n{periods[0]}\n5\n5\n50\n")
    assert f"{periods[3]} is for period 4. Put it back unopened" in entered.err
    assert entered.out.startswith("Saved")
    player.put(3)
    told = nof1("record", "coffee", "kit", periods[1])
    assert told.out.startswith(f"Recorded: box {periods[1]} is open, period 2")

    player.put(13, "09:00")
    locked = nof1("lock", "coffee", "--yes")
    assert "Next: read the slips in the boxes: nof1 unblind coffee --cards -" in locked.err
    kits = [kit.partition("/")[2] for kit in player.trial.registration.kits]
    keys = [packed.keys[kit] for kit in kits]
    typed = [keys[0], keys[0], keys[2], *keys[1:]]
    opened = nof1("unblind", "coffee", "--cards", "-", typed="\n".join(typed) + "\n")
    assert opened.code == 0, opened.err
    assert f"already typed for {kits[0]}" in opened.err
    assert "this slip belongs to block 2, the box is of block 1" in opened.err
    assert opened.out.startswith(
        "Unblinded: 8 kits. Every card is one of those that were published before the trial."
    )
    allocation = player.trial.state.unblinding.event.allocation
    assert {kit.kit: kit.condition for kit in allocation} == packed.contents
    verified = nof1("verify", "coffee")
    assert (verified.code, "FAIL" in verified.out) == (0, False)


def _asked_blocks(nof1: Terminal, start: tuple, codes: dict[str, list[str]]) -> list[str]:
    """Return the blocks that are turned over, by answering for one more at each attempt."""
    order: list[str] = []
    while True:
        nof1.context = replace(nof1.context, entropy=simulated_entropy(b"later"))
        lines = ["0", "0", "0", "0", "none", *(" ".join(codes[block]) for block in order)]
        told = nof1(*start, typed="\n".join(lines) + "\n").err
        asked = [part.partition(":")[0] for part in told.split("Turn over the boxes with block number ")[1:]]
        if len(asked) == len(order):
            return order
        order = asked


def test_a_program_answers_from_a_file(nof1, player):
    """A script has the same questions; what it forgot is named."""
    nof1("kit", "plan", player.protocol, "--to", "kits", "--paper", "none")
    packed = pack(player.protocol, simulated_entropy(SHEETS), random.Random(7))  # noqa: S311 - made-up hands
    file = player.workspace / "answers.json"
    start = (
        "randomize",
        player.protocol,
        "--trial",
        player.folder,
        "--start",
        START.isoformat(),
        "--zone",
        ZONE,
    )
    file.write_text(json.dumps({"capsules_1": 0}))
    refused = nof1(*start, "--kits", "kits", "--answers", file)
    assert (refused.code, refused.err) == (1, "capsules_2: not answered: Capsules left in tub 2?\n")
    file.write_text(json.dumps(packed.answers))
    done = nof1(*start, "--kits", "kits", "--answers", file, "--json")
    assert done.json["mode"] == "self_blinded"


def test_new_labels(nof1, player):
    """The sheet of labels alone is printed again."""
    nof1("kit", "plan", player.protocol, "--to", "kits", "--paper", "none")
    again = nof1("kit", "plan", player.protocol, "--to", "kits", "--relabel", "--json")
    assert again.json["sheets"] == ["kits/sheets/labels.pdf"]
    assert [path.name for path in (player.workspace / "kits" / "sheets").iterdir()] == ["labels.pdf"]


def test_the_preparer_reads_the_secret_back(nof1, player):
    """Typed from the sheet; with it the sheet is known to be right."""
    other = player.preparer / "protocol.yaml"
    other.write_text(player.text.replace("mode: self_blinded", "mode: third_party"))
    folder = player.preparer / "kits"
    drawn = nof1("kit", "draw", other, "--to", folder)
    assert drawn.code == 0, drawn.err
    names = {path.name for path in (folder / "preparer-only").iterdir()}
    assert {"recovery-sheet.pdf", "cards.pdf", "labels.pdf", "packing-list.pdf", "secret.txt"} <= names
    assert {path.name for path in (folder / "for-participant").iterdir()} == {
        "public.json",
        "wallet-card.pdf",
    }
    typed = (folder / "preparer-only" / "secret.txt").read_text()
    done = nof1("kit", "check", folder, typed=typed)
    assert done.out.startswith("The sheet gives all 8 kits, and the line that was published.")
    wrong = nof1("kit", "check", folder, typed="0" + typed[1:] if typed[0] != "0" else "1" + typed[1:])
    assert wrong.code == 1
    assert "this secret does not fit what was published" in wrong.err
