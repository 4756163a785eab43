"""A lone person's computer: after every step nothing on it says which box holds what, printed sheets included."""

from __future__ import annotations

import pytest

from nof1.blinding.kits import read_card_key
from nof1.protocol.digest import canonical_protocol
from nof1.report.sheets.model import Paper
from nof1.workflow.keep import backup_trial
from nof1.workflow.record import record_note
from nof1.workflow.register import answers_from

from ..workflow.playing import Player, quick_folder, self_blinded  # noqa: TID252 - tests have no absolute names
from .leak_scan import Known, find_leaks

N_TRIALS = 20
N_PRINTED = 2
"""Trials whose sheets are printed and read again, squares included."""
TEXT = self_blinded(blocks=2, spares=1).replace("  on:", "  verum:").replace("  off:", "  sham:")
NAMES = ("verum", "sham", "caffeine", "cellulose")


def known_to_the_boxes(player: Player) -> Known:
    """Return what only the boxes know; keys may stand on the slips, and the secret is public."""
    boxes = player.pack()
    kits = {code: (str(boxes.contents[code]), read_card_key(boxes.keys[code])) for code in boxes.contents}
    texts = (player.text, canonical_protocol(player.trial.protocol).decode())
    return Known(secret=None, kits=kits, names=NAMES, protocol=texts, slips=r"sheet-[0-9]+\.pdf")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Return a folder in memory."""
    with quick_folder(tmp_path_factory.getbasetemp()) as folder:
        yield folder


@pytest.mark.parametrize("seed", range(N_TRIALS))
def test_nothing_on_the_computer_tells_which_box_is_which(root, seed):
    """After planning, registration, entry, notes, backup and lock; the slips name no code, the labels no condition."""
    player = Player(root / str(seed), TEXT, seed=f"hands {seed}", entropy=f"own {seed}".encode())
    planned = player.plan(paper=Paper.A4 if seed < N_PRINTED else None)
    sheets = set(player.workspace.rglob("sheet-[12].pdf"))
    assert len(sheets) == (2 if seed < N_PRINTED else 0)
    player.randomize(kits=planned.plan.parent, ask=answers_from(player.pack().answers))
    known = known_to_the_boxes(player)
    assert find_leaks(player.workspace, known) == []
    player.enter_session(1)
    record_note(player.folder, player.context, "slept badly")
    assert find_leaks(player.workspace, known) == []
    player.lock(13)
    backup_trial(player.folder, player.workspace / "coffee.nof1")
    assert find_leaks(player.workspace, known) == []
    (player.workspace / "kits" / "sheet-1.txt").write_text(next(iter(known.kits.values()))[1])
    assert find_leaks(player.workspace, known) != []
