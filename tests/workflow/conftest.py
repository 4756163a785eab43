"""Trials to test the steps on: each is played once, and every test gets a copy of its own."""

from __future__ import annotations

import pytest

from nof1.workflow.import_trial import import_trial

from .playing import BROUGHT, Player, brought_table, open_label, ratings, rich


def _once(root, **options) -> Player:
    player = Player(root, **options)
    player.randomize()
    return player


@pytest.fixture
def player(tmp_path) -> Player:
    """Return a player of pairs that a preparer packs; nothing is registered yet."""
    return Player(tmp_path)


@pytest.fixture(scope="session")
def _running(tmp_path_factory) -> Player:
    return _once(tmp_path_factory.mktemp("running"))


@pytest.fixture(scope="session")
def _played(_running, tmp_path_factory) -> Player:
    return _running.copy(tmp_path_factory.mktemp("played")).play_days()


@pytest.fixture(scope="session")
def _locked(_played, tmp_path_factory) -> Player:
    player = _played.copy(tmp_path_factory.mktemp("locked"))
    player.lock()
    return player


@pytest.fixture(scope="session")
def _unblinded(_locked, tmp_path_factory) -> Player:
    player = _locked.copy(tmp_path_factory.mktemp("unblinded"))
    player.unblind()
    return player


@pytest.fixture(scope="session")
def _openly(tmp_path_factory) -> Player:
    return _once(tmp_path_factory.mktemp("openly"), text=open_label(), name="openly")


@pytest.fixture(scope="session")
def _richly(tmp_path_factory) -> Player:
    return _once(tmp_path_factory.mktemp("richly"), text=rich(), name="richly")


@pytest.fixture(scope="session")
def _rated(tmp_path_factory) -> Player:
    return _once(tmp_path_factory.mktemp("rated"), text=ratings(), name="rated")


@pytest.fixture
def running(_running, tmp_path) -> Player:
    """Return pairs that were registered; nothing is entered yet."""
    return _running.copy(tmp_path)


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
