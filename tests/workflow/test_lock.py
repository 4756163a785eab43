"""Lock and unlock: what is closed, what is written, and what is said when a file cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nof1.errors import ChainError, EntryError, StageError, WorkspaceError
from nof1.files.locked import read_locked
from nof1.storage.store import open_store
from nof1.terms import Mode
from nof1.workflow.correct import correct_score
from nof1.workflow.enter import enter_scores
from nof1.workflow.lock import lock_trial, review, undo_lock
from nof1.workflow.record import record_dose, record_guess
from nof1.workflow.verify import Outcome, verify_trial


def files(player):
    """Return the names of all files in `locked/`."""
    folder = player.folder / "locked"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_review_counts_and_changes_nothing(running):
    """Entered, late, corrected, unplanned, missing, days still to come."""
    running.play_days(3)
    moment = running.put(4)
    running.put(6, "20:00")
    enter_scores(running.folder, {"day.mood": "5"}, running.context, at=moment)
    running.enter(30, app__points="1")
    correct_score(running.folder, running.context, target="1", score="calm", value="6", reason="x")
    running.put(6, "21:00")
    before = running.rows()
    seen = review(running.folder, running.context)
    assert (seen.n_planned, seen.n_entered, seen.n_late, seen.n_corrected, seen.n_unplanned) == (
        36,
        10,
        1,
        1,
        1,
    )
    assert seen.open_days == 6
    assert len(seen.missing) == 12
    assert seen.missing[:3] == ("day.calm, session 4", "app.points, session 4", "day.mood, session 5")
    assert running.rows() == before


def test_lock_closes_and_writes_the_tables(played):
    """The event holds the digests; a row stands for every planned score; no condition is among them."""
    played.put(2, "09:00")
    record_dose(played.folder, played.context)
    record_guess(played.folder, played.context, percent={"on": "70"})
    receipt = played.lock()
    assert (receipt.n_scores, receipt.n_missing, receipt.mode) == (36, 0, Mode.THIRD_PARTY)
    assert files(played) == {
        "adverse_events.csv", "deviations.csv", "doses.csv", "guesses.csv", "protocol.json", "scores.csv",
        "sessions.csv", "trial.json", "notes/unplanned_scores.csv",
    }  # fmt: skip
    tables = read_locked(played.folder / "locked")
    assert (len(tables.scores), len(tables.sessions), len(tables.doses), len(tables.guesses)) == (
        36,
        12,
        1,
        2,
    )
    assert tables.allocation is None
    assert tables.trial.is_simulated
    locked = played.trial.state.lock
    assert locked is not None
    assert {file.name for file in locked.event.files} == files(played) - {"trial.json"}
    assert receipt.line == f"nof1/1 locked coffee {locked.hash}"
    assert (played.folder / "heads.txt").read_text().splitlines()[-1].split()[1] == locked.hash


def test_missing_scores_have_a_row(running):
    """What was planned and not measured stands there empty, what was declared missing with its reason."""
    running.enter(1, day__mood="forgot", day__calm="3")
    receipt = running.lock()
    assert (receipt.n_scores, receipt.n_missing) == (1, 35)
    rows = {row.score: row for row in read_locked(running.folder / "locked").scores if row.session == 1}
    assert (rows["day.mood"].value, rows["day.mood"].missing_reason) == (None, "forgot")
    assert (rows["app.points"].value, rows["app.points"].missing_reason) == (None, None)


def test_a_corrected_score_says_so(running):
    """The table holds the value that counts, and a flag."""
    running.enter(1, day__mood="4")
    correct_score(running.folder, running.context, target="1", score=None, value="6", reason="x")
    running.lock()
    row = next(row for row in read_locked(running.folder / "locked").scores if row.value)
    assert (row.value, row.flags) == ("6", ("corrected",))


def test_onset_and_run_in_are_not_analysed(richly):
    """Day 1 of a period is onset; practice counts as session, not as data."""
    for day, at in ((1, "10:00"), (4, "10:00"), (5, "10:00")):
        richly.enter(day, at, day__mood="5")
    richly.lock()
    rows = [row for row in read_locked(richly.folder / "locked").scores if row.value]
    assert [(row.session, row.kind.value, row.analysed) for row in rows] == [
        (1, "run_in", False),
        (5, "treatment", False),
        (7, "treatment", True),
    ]


def test_lock_twice(locked):
    """The second says what comes next."""
    before = locked.rows()
    for again in (lock_trial, review):
        with pytest.raises(StageError) as refused:
            again(locked.folder, locked.context)
        assert str(refused.value) == "coffee is locked already; next: nof1 unblind coffee"
    assert locked.rows() == before


def test_undo_opens_and_takes_the_tables_away(locked):
    """A score can be corrected again, and the record tells the reason for ever."""
    undo_lock(locked.folder, "a page was forgotten", locked.context)
    assert not (locked.folder / "locked").exists()
    correct_score(locked.folder, locked.context, target="1", score="mood", value="9", reason="the page")
    locked.lock(14)
    tables = read_locked(locked.folder / "locked")
    assert "lock_undone" in tables.trial.flags
    assert ("unlocked", "a page was forgotten") in tables.trial.facts
    assert [stage for stage, _ in tables.trial.stages] == ["randomized", "locked", "unlocked", "locked"]
    assert not any(check.outcome is Outcome.FAIL for check in verify_trial(locked.folder))


def test_undo_needs_a_reason_and_a_lock(locked):
    """Each refusal has its sentence, and stores nothing."""
    before = locked.rows()
    with pytest.raises(EntryError) as refused:
        undo_lock(locked.folder, " ", locked.context)
    assert str(refused.value) == "undoing the lock needs a reason; found none. Write in a few words why"
    assert locked.rows() == before
    undo_lock(locked.folder, "x", locked.context)
    with pytest.raises(StageError) as refused:
        undo_lock(locked.folder, "x", locked.context)
    assert str(refused.value) == "coffee is not locked; there is no lock to undo"


def test_undo_is_over_once_opened(unblinded):
    """Whoever knows the allocation changes no score."""
    before = unblinded.rows()
    with pytest.raises(StageError) as refused:
        undo_lock(unblinded.folder, "x", unblinded.context)
    assert str(refused.value) == "coffee is unblinded; a lock cannot be undone once the allocation is known"
    assert unblinded.rows() == before
    assert (unblinded.folder / "locked" / "allocation.csv").exists()


def test_tables_that_cannot_be_written_do_not_hide_the_lock(played):
    """The event is stored; the message says so, and `verify --repair` writes them."""
    (played.folder / "locked").write_text("in the way")
    with pytest.raises(WorkspaceError) as refused:
        played.lock()
    assert str(refused.value).startswith(
        "the lock is stored, but a file that follows from it was not written ("
    )
    assert played.kinds()[-1] == "locked"
    (played.folder / "locked").unlink()
    assert not any(check.outcome is Outcome.FAIL for check in verify_trial(played.folder, repair=True))


@pytest.mark.parametrize("step", ["lock", "undo", "unblind"])
def test_heads_that_cannot_be_read_stop_a_step_before_it_begins(played, step):
    """Nothing is stored where the head could not be written down."""
    if step != "lock":
        played.lock()
    (played.folder / "heads.txt").write_text("what\n")
    before = played.rows()
    steps = {
        "lock": played.lock,
        "undo": lambda: undo_lock(played.folder, "x", played.context),
        "unblind": played.unblind,
    }
    with pytest.raises(ChainError) as refused:
        steps[step]()
    assert str(refused.value) == (
        f"{played.folder / 'heads.txt'}: heads, line 1: found 'what'; expected 'seq head time what'; "
        "set the line right, or keep the file elsewhere and remove it here"
    )
    assert played.rows() == before


def test_a_failure_while_tables_are_added_up_stores_nothing(played, monkeypatch):
    """No lock without its digests."""
    before = played.rows()

    def fails(*args, **options):
        raise RuntimeError("pulled out")

    monkeypatch.setattr("nof1.workflow.lock.locked_bytes", fails)
    with pytest.raises(RuntimeError, match="pulled out"):
        played.lock()
    monkeypatch.undo()
    assert played.rows() == before
    assert not (played.folder / "locked").exists()


def test_the_tables_carry_the_name_of_the_trial_not_of_its_folder(played):
    """A folder may be renamed; the trial keeps its name."""
    played.folder.rename(played.folder.with_name("moved"))
    played.name = "moved"
    played.lock()
    assert read_locked(played.folder / "locked").trial.id == "coffee"


def test_an_older_record_is_not_locked(running):
    """Whoever puts an older copy in the place of the record is told so before anything is closed or opened."""
    player = running
    before = (player.folder / "trial.sqlite").read_bytes()
    lock_trial(player.folder, player.context)
    (player.folder / "trial.sqlite").write_bytes(before)
    with pytest.raises(ChainError, match="the record is not the one of which heads"):
        lock_trial(player.folder, player.context)


def test_a_copy_is_made_before_and_was_read_back(played):
    """The record as it stood before the lock lies beside it, whole; the lock itself is not in it."""
    before = len(played.rows())
    played.lock()
    (copy,) = (played.folder / "copies").iterdir()
    store = open_store(copy, read_only=True)
    assert copy.name == f"before-lock-{before:04d}.nof1"
    assert (len(tuple(store.rows())), store.faults()) == (before, ())


def test_a_copy_that_cannot_be_made_holds_nobody_up(played):
    """A file lies where the folder would be: the lock goes on, and the person is told."""
    (played.folder / "copies").write_text("in the way")
    told = []
    lock_trial(played.folder, replace(played.context, progress=told.append))
    assert "goes on without" in told[0]
    assert (played.folder / "locked" / "scores.csv").exists()
