"""Trials to test the steps on: each is played once, and every test gets a copy of its own."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from nof1.workflow.import_trial import import_trial

from .playing import BROUGHT, Player, brought_table, open_label, quick_folder, ratings, rich

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


def _once(root, **options) -> Player:
    player = Player(root, **options)
    player.randomize()
    return player


@pytest.fixture
def player(tmp_path) -> Player:
    """Return a player of pairs that a preparer packs; nothing is registered yet."""
    return Player(tmp_path)


@pytest.fixture(scope="session")
def registered(quick_root) -> Player:
    return _once(quick_root / "running")


@pytest.fixture(scope="session")
def _played(registered, quick_root) -> Player:
    return registered.copy(quick_root / "played").play_days()


@pytest.fixture(scope="session")
def _locked(_played, quick_root) -> Player:
    player = _played.copy(quick_root / "locked")
    player.lock()
    return player


@pytest.fixture(scope="session")
def _unblinded(_locked, quick_root) -> Player:
    player = _locked.copy(quick_root / "unblinded")
    player.unblind()
    return player


@pytest.fixture(scope="session")
def _openly(quick_root) -> Player:
    return _once(quick_root / "openly", text=open_label(), name="openly")


@pytest.fixture(scope="session")
def _richly(quick_root) -> Player:
    return _once(quick_root / "richly", text=rich(), name="richly")


@pytest.fixture(scope="session")
def _rated(quick_root) -> Player:
    return _once(quick_root / "rated", text=ratings(), name="rated")


@pytest.fixture
def running(registered, tmp_path) -> Player:
    """Return pairs that were registered; nothing is entered yet."""
    return registered.copy(tmp_path)


@pytest.fixture
def played(_played, tmp_path) -> Player:
    """Return the same with everything entered."""
    return _played.copy(tmp_path)


@pytest.fixture
def locked(_locked, tmp_path) -> Player:
    """Return the same, locked."""
    return _locked.copy(tmp_path)


@pytest.fixture
def unblinded(_unblinded, tmp_path) -> Player:
    """Return the same, opened."""
    return _unblinded.copy(tmp_path)


@pytest.fixture
def openly(_openly, tmp_path) -> Player:
    """Return a registered trial in which nothing is hidden."""
    return _openly.copy(tmp_path)


@pytest.fixture
def richly(_richly, tmp_path) -> Player:
    """Return a registered trial with run-in, onset, washout and two prompts a day."""
    return _richly.copy(tmp_path)


@pytest.fixture
def rated(_rated, tmp_path) -> Player:
    """Return a registered trial of ratings at any time."""
    return _rated.copy(tmp_path)


@pytest.fixture
def imported(tmp_path) -> Player:
    """Return a finished trial that was run elsewhere."""
    player = Player(tmp_path, BROUGHT, name="brought")
    table = player.root / "brought.csv"
    table.write_text(brought_table())
    import_trial(player.protocol, table, player.folder, player.context)
    return player
