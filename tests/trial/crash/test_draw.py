"""Killed at any system call, `randomize` of somebody alone leaves no draw without a registration, and never two draws."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from nof1.errors import TrialNotFoundError
from nof1.storage.store import open_store
from nof1.workflow.demo import simulated_entropy
from nof1.workflow.kit_plan import plan_packing

from ...workflow.playing import Player, quick_folder, self_blinded  # noqa: TID252 - tests have no absolute names
from .campaign import HERE, FaultyDisk, Point, Zygote
from .draw_by_randomize import SHEETS, write_once

STEP = 9
"""In the normal run every ninth call of a kind; the long run looks at all of them."""


def kinds(store) -> list[str]:
    """Return what is recorded; nothing where there is no trial."""
    try:
        opened = open_store(store)
    except TrialNotFoundError:
        return []
    assert opened.faults() == ()
    return [row.kind for row in opened.rows()]


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """Return a workspace with packed kits, and the path of a store that is still empty."""
    with quick_folder(tmp_path_factory.getbasetemp()) as root:
        player = Player(root, self_blinded(blocks=2, spares=0))
        ours = replace(player.context, entropy=simulated_entropy(SHEETS))
        plan_packing(player.protocol, player.workspace / "kits", ours)
        player.folder.mkdir(mode=0o700)
        store = player.folder / "trial.sqlite"
        store.touch(mode=0o600)
        yield store


@pytest.mark.parametrize("step", [STEP, pytest.param(1, marks=pytest.mark.sim)])
def test_no_draw_without_a_registration(strace, planned, tmp_path, step):
    """Afterwards the same command ends what was begun; what was drawn stays drawn."""
    found = Counter()
    with Zygote(HERE / "draw_by_randomize.py", planned) as zygote:
        disk = FaultyDisk(zygote, planned, tmp_path)
        for call in sorted(disk.calls()):
            for number in range(1, 400, step):
                point = Point(call, str(number), "signal=KILL")
                told, died = disk.enter("key", f"trace={call} {point.injection}")
                if not died:
                    break
                left = kinds(planned)
                assert left in ([], ["kits_registered"], ["kits_registered", "trial_randomized"]), point
                found[len(left)] += 1
                if told == "saved":
                    assert len(left) == 2, point
                before = open_store(planned).rows() if left else ()
                again = write_once(planned, "again")
                assert again == "saved" if len(left) < 2 else "holds a trial already" in again, point
                assert kinds(planned) == ["kits_registered", "trial_randomized"], point
                assert open_store(planned).rows()[: len(before)] == before, point
    assert min(found[n] for n in range(3)) > 2
