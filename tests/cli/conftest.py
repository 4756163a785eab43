"""Trials behind a terminal."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from ..workflow.playing import Player, open_label, quick_folder, rich  # noqa: TID252 - tests have no absolute names
from .terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def quick_root(tmp_path_factory) -> Iterator[Path]:
    """Return a folder in memory for all trials: these tests wait for the disk thousands of times otherwise."""
    with quick_folder(tmp_path_factory.getbasetemp()) as folder:
        yield folder


@pytest.fixture
def tmp_path(quick_root) -> Iterator[Path]:
    """Return a folder of its own for every test, gone afterwards."""
    with TemporaryDirectory(dir=quick_root) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def _running(quick_root) -> Player:
    player = Player(quick_root / "running")
    player.randomize()
    return player


@pytest.fixture(scope="session")
def _richly(quick_root) -> Player:
    player = Player(quick_root / "richly", text=rich(), name="richly")
    player.randomize()
    return player


@pytest.fixture(scope="session")
def _openly(quick_root) -> Player:
    player = Player(quick_root / "openly", text=open_label(), name="openly")
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
