"""Whatever fails where a secret or a card becomes a condition: the error says nothing of either."""

from __future__ import annotations

import inspect
import sys
import traceback
from contextlib import contextmanager
from functools import cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

import pytest

from nof1.blinding import cards, commitment, kits, opening, order, packing, public, sealed
from nof1.blinding.opening import follow
from nof1.blinding.sealed import Secret
from nof1.files import protocols, secrets
from nof1.files.secrets import read_secret
from nof1.schedule.design import space_of, spare_space
from nof1.workflow import emergency, kit_check, kit_draw, unblind
from nof1.workflow.emergency import check_card
from nof1.workflow.kit_check import check_kits
from nof1.workflow.kit_draw import draw_kits
from nof1.workflow.kit_plan import plan_packing
from nof1.workflow.unblind import unblind_trial

from ..workflow.playing import Player, quick_folder  # noqa: TID252 - tests have no absolute names
from .leak_scan import Known, Watch, leaks_in
from .watched import NAMES, TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MODULES = (cards, commitment, kits, opening, order, packing, public, sealed, secrets, emergency, kit_check, kit_draw, unblind)
"""Everything that a secret, a card or a condition of a kit goes through."""
FILES = {module.__file__ for module in MODULES}


class Case:
    """A locked trial, and the calls in which it is drawn, read back and opened."""

    def __init__(self, root, mode) -> None:
        self.player = player = Player(root / mode, TEXTS[mode])
        player.play(2)
        player.lock(13)
        protocol = player.trial.protocol
        texts = (player.text, player.trial.registration.protocol_canonical)
        if mode == "third_party":
            self.known = Known.of(player.preparer / "kits", texts, NAMES)
            typed = " ".join(Secret(read_secret(player.secret)).sheet())
            self.calls: dict[str, Callable[[], object]] = {
                "kit draw": lambda: draw_kits(
                    player.preparer / "protocol.yaml", self.new("draw"), player.context
                ),
                "kit check": lambda: check_kits(player.preparer / "kits", typed),
                "unblind": lambda: unblind_trial(player.folder, player.context, secret=player.secret),
            }
        else:
            boxes = player.pack()
            held = {code: (str(boxes.contents[code]), boxes.keys[code].replace("-", "")) for code in boxes.keys}
            self.known = Known(secret=None, kits=held, names=NAMES, protocol=texts)
            self.calls = {
                "kit plan": lambda: plan_packing(player.protocol, self.new("plan"), player.context),
                "unblind": lambda: unblind_trial(player.folder, player.context, cards=boxes.cards),
            }
