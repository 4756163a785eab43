"""Protocols are begun from the library, listed and shown."""

from __future__ import annotations

import json

import pytest

from nof1.errors import Nof1Error, WorkspaceError
from nof1.files.protocols import read_protocol
from nof1.terms import Mode
from nof1.workflow.protocols import list_protocols, new_protocol


def test_a_protocol_of_ones_own(player):
    """The text of the library, comments included, under another id; the schema lies beside it for editors."""
    path = new_protocol("my-coffee", "caffeine-vigilance", player.context)
    assert path == player.workspace / "protocols" / "my-coffee.yaml"
    assert read_protocol(path).id == "my-coffee"
    assert "# a day of the study turns here" in path.read_text()
    assert path.read_text().startswith("# yaml-language-server: $schema=nof1.schema.json")
    assert json.loads((path.parent / "nof1.schema.json").read_text())["$schema"].startswith(
        "https://json-schema"
    )


def test_a_protocol_can_be_begun_from_ones_own(player):
    """Those of the workspace are found as those of the library are."""
    path = new_protocol("second", "protocol", player.context)
    assert read_protocol(path).blinding.spare_blocks == 1


@pytest.mark.parametrize(
    ("name", "like", "sentence"),
    [
        ("Coffee", "caffeine-vigilance", "'Coffee' cannot name a trial"),
        ("protocol", "caffeine-vigilance", "exists; nothing was changed. Take another name"),
        ("my-tea", "tea", "there is no protocol 'tea'; there are caffeine-vigilance, melatonin-mood"),
    ],
)
def test_what_cannot_be_begun(player, name, like, sentence):
    """Nothing is written."""
    before = {path: path.read_bytes() for path in (player.workspace / "protocols").iterdir()}
    with pytest.raises(WorkspaceError, match=sentence):
        new_protocol(name, like, player.context)
    assert {path: path.read_bytes() for path in (player.workspace / "protocols").iterdir()} == before


def test_a_protocol_with_problems_hides_no_other(player):
    """The list shows all; the broken one stands there as an error."""
    (player.workspace / "protocols" / "broken.yaml").write_text("nof1: 1\n")
    found = {path.stem: protocol for path, protocol in list_protocols(player.context)}
    assert list(found) == sorted(found)
    assert isinstance(found["broken"], Nof1Error)
    assert not isinstance(found["protocol"], Nof1Error)
    assert {"caffeine-vigilance", "melatonin-mood", "nefiracetam-memory"} <= set(found)


@pytest.mark.parametrize("mode", [Mode.THIRD_PARTY, Mode.OPEN_LABEL])
@pytest.mark.parametrize("like", ["caffeine-vigilance", "nefiracetam-memory"])
def test_a_protocol_in_another_mode(player, mode, like):
    """Without a word to change by hand; where everybody knows nobody guesses."""
    protocol = read_protocol(new_protocol("mine", like, player.context, mode=mode))
    assert protocol.blinding.mode is mode
    assert (protocol.blinding.guess == "none") == (mode is Mode.OPEN_LABEL)
