"""A clinic at its terminals: one store, made by its owner, written by one, read by another."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ..workflow.playing import START, ZONE, Player, open_label  # noqa: TID252 - tests have no absolute names
from .terminal import Terminal


@pytest.fixture
def nobody(tmp_path, monkeypatch):
    """Return a terminal in a workspace without a trial."""
    player = Player(tmp_path, open_label(blocks=2), name="openly")
    monkeypatch.chdir(player.workspace)
    terminal = Terminal(player.context, monkeypatch)
    terminal.player = player
    return terminal


def begin(terminal, *options, code=0):
    """Draw the trial."""
    protocol = terminal.player.protocol
    answer = terminal(
        "randomize", protocol, "--trial", "data/openly", "--start", START, "--zone", ZONE, *options
    )
    assert answer.code == code, answer.err
    return answer


def test_the_store_of_a_clinic(nobody, clinic, monkeypatch, tmp_path):
    """Made, written, listed, attached elsewhere, read; all by commands."""
    again = nobody("store", "init", clinic.owner, "--json").json
    assert (again["new"], again["writer"], again["reader"]) == (False, "nof1_writer", "nof1_reader")
    assert "CREATE ROLE anna LOGIN IN ROLE nof1_writer;" in nobody("store", "init", clinic.owner).out
    assert nobody("store", "trials", clinic.reader).out == "There is none yet.\n"
    begin(nobody, "--store", clinic.writer)
    assert nobody("store", "trials", clinic.reader, "--json").json == {"trials": ["openly"]}
    nobody.player.put(1)
    assert nobody("enter", "openly", "--set", "day.mood=5").code == 0
    assert [trial["name"] for trial in nobody("trials", "--json").json["trials"]] == ["openly"]
    nobody.context = replace(nobody.context, workspace=tmp_path / "there")
    attached = nobody("store", "attach", clinic.writer, "openly")
    assert (attached.code, attached.out) == (0, f"Attached: {tmp_path}/there/data/openly, 2 events.\n")
    assert nobody("verify", "openly").code == 0
    assert nobody("status", "openly", "--json").json["n_entered"] == 1


def test_the_environment_may_name_the_store(nobody, clinic, monkeypatch):
    """For new trials; what is there already stays where it is."""
    monkeypatch.setenv("NOF1_STORE", clinic.writer)
    begin(nobody)
    kept = json.loads((nobody.player.folder / "store.json").read_text())
    assert (kept["url"], kept["trial"]) == (clinic.writer, "openly")
    monkeypatch.setenv("NOF1_STORE", "postgresql:///elsewhere")
    nobody.player.put(1)
    assert nobody("enter", "openly", "--set", "day.mood=5").code == 0
    assert len(nobody.player.rows()) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("store", "init", "postgresql://a:hunter2@db/x"), "holds a password"),
        (("store", "trials", "postgresql:///x?host={here}"), "see that the server runs"),
        (("store", "attach", "clinic", "coffee"), "not the address of a store"),
        (("store", "init", "postgresql:///x", "--writer", "a-b"), "cannot name a role"),
        (("pool", "postgresql:///x?host={here}"), "see that the server runs"),
    ],
)
def test_a_refusal_is_a_line(nobody, words, told):
    """No traceback, no password; exit code 1."""
    answer = nobody(*(word.format(here=nobody.player.root) for word in words))
    assert (answer.code, answer.out) == (1, "")
    assert told in answer.err
    assert "hunter2" not in answer.err
    assert len(answer.err.strip().splitlines()) <= 2
