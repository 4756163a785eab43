"""Pairs of twins, a hundred in the long run, in each blinded mode, with short lives: what only the boxes know is in no byte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pytest

from nof1.files import protocols
from nof1.workflow.hands import Boxes
from nof1.workflow.open_kit import open_kit

from ..workflow.playing import Player, quick_folder, self_blinded, third_party  # noqa: TID252 - tests have no absolute names
from .test_twins import shown, sizes

if TYPE_CHECKING:
    from pathlib import Path

PAIRS = pytest.mark.parametrize("n_pairs", [20, pytest.param(100, marks=pytest.mark.sim)])
ALONE = self_blinded(blocks=2, spares=1)
PREPARED = third_party(blocks=2, spares=1)
OTHER = {"on": "off", "off": "on"}


@pytest.fixture(autouse=True)
def _read_once(monkeypatch):
    """Read a protocol once for all lives: what a text means does not depend on who reads it."""
    parse = protocols.parse_protocol
    remembered = cache(lambda text: parse(text, "protocol.yaml"))
    monkeypatch.setattr(protocols, "parse_protocol", lambda text, *_args, **_options: remembered(text))


@dataclass
class Opposite(Player):
    """Somebody in whose boxes lies what does not lie in those of the twin."""

    def pack(self) -> Boxes:
        """Exchange the slips of every pair of boxes, and what lies beside them."""
        boxes = super().pack()
        of = {code: kit.partition("/")[0] for kit in self.plan_of_kits() for code in [kit.partition("/")[2]]}
        partner = {a: next(b for b in of if b != a and of[b] == of[a]) for a in of}
        return Boxes(
            contents={code: boxes.contents[partner[code]] for code in of},
            keys={code: boxes.keys[partner[code]] for code in of},
            answers=boxes.answers,
        )

    def plan_of_kits(self) -> list[str]:
        """Return block and code of every box."""
        plan = json.loads((self.workspace / "kits" / "kits.json").read_text())
        return [f"{block['block']}/{code}" for block in plan["blocks"] for code in block["codes"]]


def live(player: Player) -> Player:
    """Play a short life, from the first sheet to the lock."""
    player.randomize()
    player.put(1)
    open_kit(player.folder, player.context, str(player.trial.schedule.periods[0].kit))
    player.enter_session(1)
    player.lock(9)
    return player


def tree(player: Player) -> dict[str, bytes]:
    """Return every file of the participant, byte by byte."""
    return {
        path.relative_to(player.workspace).as_posix(): path.read_bytes()
        for path in sorted(player.workspace.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def root(tmp_path_factory) -> Path:
    """Return a folder in memory."""
    with quick_folder(tmp_path_factory.getbasetemp()) as folder:
        yield folder


@PAIRS
def test_opposite_boxes_leave_the_same_bytes(root, n_pairs):
    """Alone, same entropy, opposite boxes: byte-identical until the slips are typed, and opposite afterwards."""
    orders = set()
    for number in range(n_pairs):
        seed, entropy = f"pair {number}", f"entropy {number}".encode()
        one, other = (
            live(kind(root / f"{number}" / name, ALONE, seed=seed, entropy=entropy))
            for kind, name in ((Player, "one"), (Opposite, "other"))
        )
        packed, opposite = one.pack().contents, other.pack().contents
        assert opposite == {code: OTHER[condition] for code, condition in packed.items()}
        left = tree(one)
        assert left == tree(other)
        assert {"data/coffee/trial.sqlite", "data/coffee/public.json", "kits/kits.json"} <= set(left)
        orders.add(tuple(packed[str(period.kit)] for period in one.trial.schedule.periods))
        if number < 3:
            one.unblind()
            other.unblind()
            told = [
                [kit.condition for kit in player.trial.state.unblinding.event.allocation]
                for player in (one, other)
            ]
            assert told[1] == [OTHER[condition] for condition in told[0]]
            assert tree(one) != tree(other)
    assert len(orders) == 4  # every order of the design was among them


def test_other_entropy_does_leave_other_bytes(root):
    """The comparison would see it."""
    one, other = (
        live(Player(root / name, ALONE, seed="a", entropy=name.encode())) for name in ("one", "two")
    )
    assert tree(one) != tree(other)


@pytest.mark.parametrize("n_pairs", [10, pytest.param(100, marks=pytest.mark.sim)])
def test_a_preparers_secret_leaves_nothing_but_what_follows_from_it(root, n_pairs):
    """Equal but for codes, leaves, hashes; of equal length."""
    first = live(Player(root / "first", PREPARED, seed="secret"))
    expected, lengths = shown(first, n_days=1), sizes(first)
    lines = {first.trial.registration.published_line}
    for number in range(n_pairs):
        other = live(Player(root / f"{number}", PREPARED, seed=f"secret {number}"))
        assert sizes(other) == lengths
        assert shown(other, n_days=1) == expected
        lines.add(other.trial.registration.published_line)
    assert len(lines) == n_pairs + 1
