"""Trials behind a terminal."""

from __future__ import annotations

import pytest

from ..workflow.playing import Player, open_label, rich  # noqa: TID252 - tests have no absolute names
from .terminal import Terminal


@pytest.fixture(scope="session")
def _running(tmp_path_factory) -> Player:
    player = Player(tmp_path_factory.mktemp("running"))
    player.randomize()
    return player


@pytest.fixture(scope="session")
def _richly(tmp_path_factory) -> Player:
    player = Player(tmp_path_factory.mktemp("richly"), text=rich(), name="richly")
    player.randomize()
    return player


@pytest.fixture(scope="session")
def _openly(tmp_path_factory) -> Player:
    player = Player(tmp_path_factory.mktemp("openly"), text=open_label(), name="openly")
    player.randomize()
    return player


@pytest.fixture
def player(_running, tmp_path) -> Player:
    """Return registered pairs, on the first morning."""
    player = _running.copy(tmp_path)
    player.put(1)
    return player


@pytest.fixture
def richly(_richly, tmp_path) -> Player:
    """Return a registered trial with run-in and two prompts a day."""
    return _richly.copy(tmp_path)


@pytest.fixture
def openly(_openly, tmp_path) -> Player:
    """Return a registered trial in which nothing is hidden."""
    return _openly.copy(tmp_path)


@pytest.fixture
def nof1(player, monkeypatch) -> Terminal:
    """Return a terminal in the participant's workspace."""
    monkeypatch.chdir(player.workspace)
    return Terminal(player.context, monkeypatch)
