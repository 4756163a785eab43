"""A store on a server: a client may be killed, the server may stop at once, the line may break; nothing acknowledged is lost."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import suppress

import pytest

from nof1.errors import OutcomeUnknownError, StoreError
from nof1.storage.database import Session
from nof1.storage.on_server import OnServer
from nof1.storage.store import create_shared_store, open_store

from ...storage.server import Clinic, serving  # noqa: TID252 - tests have no absolute names
from ...storage.trial import DRAWN, TRIAL_ID, Writer, entry  # noqa: TID252
from .campaign import Zygote, kill, kill_writers


def begin(folder, clinic) -> Writer:
    """Return a writer to a trial that was drawn."""
    writer = Writer(create_shared_store(folder / "caffeine" / "store.json", clinic.writer, TRIAL_ID))
    writer.write(DRAWN)
    return writer


@pytest.fixture
def writer(tmp_path, clinic):
    """Return a writer on the server that all tests share."""
    return begin(tmp_path, clinic)


@pytest.fixture(scope="module")
def mortal():
    """Return a server that may be stopped; it serves nobody else."""
    with serving() as server:
        yield server


@pytest.fixture
def struck(tmp_path, mortal):
    """Return a writer on the server that may be stopped."""
    return begin(tmp_path, Clinic(mortal))


@pytest.mark.parametrize("n_kills", [5, pytest.param(200, marks=pytest.mark.sim)])
def test_no_acknowledged_entry_is_lost_with_its_client(writer, by_store, n_kills):
    """Two writers are killed again and again; each life repeats what its forerunner was not told about."""
    tally = kill_writers(by_store, writer.store.path, n_kills=n_kills, seed=1, longest_wait=0.02)
    assert tally.n_kills == n_kills
    assert len(tally.acknowledged) > n_kills
    assert (tally.lost, tally.doubled, tally.faults) == (set(), set(), ())
    assert len(tally.unacknowledged) <= 2


@pytest.mark.sim
def test_a_program_that_acknowledges_too_early_is_caught(writer, and_hope):
    """The same campaign loses entries of a wrong program: so it can see a loss."""
    tally = kill_writers(and_hope, writer.store.path, n_kills=100, seed=2, longest_wait=0.02)
    assert tally.lost
    assert tally.faults == ()


@pytest.mark.parametrize("n_stops", [2, pytest.param(30, marks=pytest.mark.sim)])
def test_no_acknowledged_entry_is_lost_with_the_server(struck, mortal, by_store, n_stops):
    """Two writers write while the server stops at once, as in a failure of power; it comes back whole."""
    chance = random.Random(n_stops)  # noqa: S311 - moments of stops are no secret
    with Zygote(by_store, struck.store.path) as zygote:
        for _ in range(n_stops):
            pids = []
            for name in ("ann", "bob"):
                start = max(zygote.keys_of(name), default=-1) + 1
                pids.append(int(zygote.ask(f"write {name} {start}", "pid")))
            zygote.await_entries(chance.randint(2, 6))
            time.sleep(chance.uniform(0, 0.02))
            mortal.stop()
            mortal.start()
            for pid in pids:  # one that was refused has ended; one that was told in the end goes on
                with suppress(ProcessLookupError):
                    kill(pid)
            zygote.ask("mark", "mark")
            zygote.told = None
            assert struck.store.faults() == ()
            stored = Counter(score.entry.score.removeprefix("day.") for score in struck.store.state().scores)
            assert set(zygote.acknowledged) <= set(stored)
            assert set(stored.values()) <= {1}
            assert len(set(stored) - set(zygote.acknowledged)) <= 2


def test_a_server_that_is_away_is_told_with_its_place(struck, mortal):
    """Where, what, and what to do; what was typed can be entered again."""
    mortal.stop()
    try:
        for attempt in (lambda: struck.write(entry(), "form 1"), lambda: open_store(struck.store.path)):
            with pytest.raises(StoreError) as caught:
                attempt()
            told = str(caught.value)
            assert str(mortal.folder) in told
            assert "see that the server runs, that this computer reaches it" in told
        with pytest.raises(StoreError, match=r"^not saved: .*Nothing was stored; enter it again after that"):
            struck.write(entry(), "form 1")
    finally:
        mortal.start()
    assert not struck.write(entry(), "form 1").duplicate


def write_while(writer, something) -> None:
    """Enter a form, and let something happen before the transaction ends."""
    with writer.store.writing(writer.entropy) as transaction:
        writer.append(transaction, entry(), "form 1")
        something()


def test_a_server_that_stops_in_the_middle_and_comes_back(struck, mortal):
    """The transaction is gone, and that is what is said; not that nobody knows."""
    before = struck.store.rows()

    def restart():
        mortal.stop()
        mortal.start()

    with pytest.raises(StoreError, match=r"^not saved"):
        write_while(struck, restart)
    assert struck.store.rows() == before
    assert not struck.write(entry(), "form 1").duplicate


def test_a_server_that_stops_and_stays_away_leaves_a_rescue_file(struck, mortal, monkeypatch):
    """Nobody knows then; the entry is kept, and stored once from there."""
    monkeypatch.setattr(OnServer, "look_again_after", (0, 0))
    try:
        with pytest.raises(OutcomeUnknownError, match="kept in") as caught:
            write_while(struck, mortal.stop)
        assert str(mortal.folder) in str(caught.value)
    finally:
        mortal.start()
    (rescue,) = struck.store.path.parent.glob("*.rescue-*.json")
    assert [echo.duplicate for echo in struck.store.take_rescued(rescue, struck.entropy)] == [False]
    assert [echo.duplicate for echo in struck.store.take_rescued(rescue, struck.entropy)] == [True]


def test_a_commit_that_arrives_after_the_line_broke_is_waited_for(writer, monkeypatch):
    """The server may still be about to commit what its client has lost: before that nothing is said."""
    commit, abandon = Session.commit, Session.abandon
    lost = []

    def break_line(session):
        lost.append(session)
        threading.Timer(0.3, commit, [session]).start()
        raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr(Session, "commit", break_line)
    monkeypatch.setattr(Session, "abandon", lambda session: None if session in lost else abandon(session))
    echo = writer.write(entry(), "form 1")
    assert writer.store.records()[-1] == echo
