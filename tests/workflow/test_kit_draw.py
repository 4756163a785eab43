"""The preparer's draw: a secret and a list for the preparer, and what the participant may see."""

from __future__ import annotations

import json
import stat

import pytest

from nof1.errors import ProtocolError, StageError, WorkspaceError
from nof1.files.secrets import read_packing_list, read_secret
from nof1.workflow.kit_draw import draw_kits

from .playing import Player, open_label


def test_two_folders(player):
    """What is for whom lies apart, and all of it is for its owner alone."""
    drawn = player.draw()
    kits = player.preparer / "kits"
    assert {path.relative_to(kits).as_posix() for path in kits.rglob("*") if path.is_file()} == {
        "for-participant/public.json", "preparer-only/secret.txt", "preparer-only/packing-list.csv",
        "preparer-only/protocol.yaml",
    }  # fmt: skip
    assert (drawn.n_kits, drawn.hazard) == (8, "")
    assert len(read_secret(drawn.secret)) == 32
    assert stat.S_IMODE(drawn.secret.stat().st_mode) == 0o600


def test_the_list_says_what_to_pack_and_not_when(player):
    """As many of each as the design needs, sorted by code."""
    drawn = player.draw()
    packed = read_packing_list(drawn.packing_list)
    assert sorted(packed.values()) == ["off"] * 4 + ["on"] * 4
    assert list(packed) == sorted(packed)
    assert set(packed) == {kit.partition("/")[2] for kit in json.loads(drawn.public.read_text())["kits"]}


def test_the_public_part_names_no_condition(player):
    """Neither by name nor by code."""
    text = player.draw().public.read_text()
    assert "caffeine" not in text
    assert '"on"' not in text
    assert '"off"' not in text


def test_a_second_draw_would_be_a_choice(player):
    """The folder is left as it is."""
    drawn = player.draw()
    before = drawn.secret.read_bytes()
    with pytest.raises(WorkspaceError) as refused:
        player.draw()
    assert (
        str(refused.value)
        == f"{player.preparer / 'kits'} is not empty; a second draw would be a choice. Take another folder"
    )
    assert drawn.secret.read_bytes() == before


@pytest.mark.parametrize("place", ["kits", "data/kits", "data/coffee/kits", "data/coffee"])
def test_nothing_is_drawn_on_the_participants_side(running, place):
    """Inside the workspace, beside the trial, in its folder."""
    to = running.workspace / place
    before = set(running.workspace.rglob("*"))
    with pytest.raises(
        WorkspaceError, match="belongs to a participant; the preparer draws on a computer of their own"
    ):
        draw_kits(running.protocol, to, running.context)
    assert set(running.workspace.rglob("*")) == before


def test_only_for_a_preparer(tmp_path):
    """In the other modes nobody draws beforehand."""
    player = Player(tmp_path, open_label())
    with pytest.raises(StageError) as refused:
        player.draw()
    assert str(refused.value) == (
        f"{player.preparer / 'protocol.yaml'}: blinding.mode is open_label; a preparer draws only for third_party"
    )


def test_a_protocol_with_problems(player):
    """Refused before anything is drawn."""
    (player.preparer / "protocol.yaml").write_text("nof1: 1\n")
    with pytest.raises(ProtocolError):
        player.draw()
    assert not (player.preparer / "kits").exists()


def test_a_folder_that_another_program_copies_is_told(player):
    """It is drawn all the same; the preparer hears who else can read it."""
    player.preparer = player.root / "Dropbox"
    player.preparer.mkdir()
    (player.preparer / "protocol.yaml").write_text(player.text)
    assert player.draw().hazard == "is synchronised by another program (Dropbox)"
