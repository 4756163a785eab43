"""Where a trial stands; scores and conditions are not told."""

from __future__ import annotations

from datetime import timedelta

from nof1.cli.status import _lines
from nof1.workflow.correct import correct_score
from nof1.workflow.enter import enter_scores
from nof1.workflow.keep import backup_trial
from nof1.workflow.status import all_trials, entered_scores, trial_status

from .playing import START, Player, rich


def test_a_running_trial(running):
    """What was due until today, and what is known of it."""
    running.play_days(2)
    correct_score(running.folder, running.context, target="2", score="mood", value="9", reason="x")
    moment = running.put(3)
    running.put(6, "20:00")
    enter_scores(running.folder, {"day.mood": "5"}, running.context, at=moment)
    status = trial_status(running.folder, running.context)
    assert (status.name, status.mode, status.stage, status.is_simulated) == (
        "coffee",
        "third_party",
        "running",
        True,
    )
    assert (status.day, status.n_days, status.period, status.n_periods) == (6, 12, 3, 6)
    assert (status.n_due, status.n_entered, status.n_late, status.n_corrected) == (18, 7, 1, 1)
    assert status.ends_on == START + timedelta(days=11)
    assert status.head == running.rows()[-1].hash


def test_an_older_copy_in_the_place_of_the_record_is_told(running):
    """Recording is never refused, so whoever looks must learn that the record lacks what was written down of it."""
    older = (running.folder / "trial.sqlite").read_bytes()
    running.play_days(2)
    backup_trial(running.folder, running.folder.parent / "copy.sqlite")
    assert trial_status(running.folder, running.context).warning is None
    for path in running.folder.glob("trial.sqlite*"):
        path.unlink()
    (running.folder / "trial.sqlite").write_bytes(older)
    status = trial_status(running.folder, running.context)
    assert "an older copy was put in its place" in status.warning
    assert any("WARNING" in line and "nof1 verify coffee" in line for line in _lines(status))
    (running.folder / "heads.txt").write_text("nonsense")
    assert "heads.txt" in trial_status(running.folder, running.context).warning


def test_the_stages(played):
    """As the record says."""
    assert trial_status(played.folder, played.context).stage == "running"
    played.lock()
    assert trial_status(played.folder, played.context).stage == "locked"
    played.unblind()
    assert trial_status(played.folder, played.context).stage == "unblinded"


def test_before_the_start_nothing_is_due(running):
    """Day 0 and earlier."""
    running.put(-2)
    status = trial_status(running.folder, running.context)
    assert (status.day, status.period, status.n_due) == (-2, None, 0)


def test_practice_of_the_run_in(tmp_path):
    """The gain per session (two a day, of which one was done) over the last of the run-in; no date moves."""
    watched = "run_in: {sessions: 4, within_days: 3, stop_when: {score: day.mood, slope_below: 0.5, last: 3}}"
    player = Player(
        tmp_path, rich().replace("run_in: {sessions: 4, within_days: 3}", watched), name="watched"
    )
    player.randomize()
    before = trial_status(player.folder, player.context)
    assert (before.practice.n_sessions, before.practice.slope, before.practice.is_flat) == (0, None, None)
    for day, mood in enumerate(("3", "5", "7", "10"), 1):
        player.enter(day, day__mood=mood)
    after = trial_status(player.folder, player.context)
    assert (after.practice.n_sessions, after.practice.slope, after.practice.is_flat) == (3, 1, False)
    assert [session for session, _ in after.practice.values] == [1, 2, 3]
    assert after.ends_on == before.ends_on
    assert "gained 1 a session over the last 3 of the run-in, not yet below 0.5" in "\n".join(_lines(after))


def test_an_imported_trial(imported):
    """No calendar, all scores."""
    status = trial_status(imported.folder, imported.context)
    assert (status.is_imported, status.day, status.ends_on, status.stage) == (True, None, None, "unblinded")
    assert status.n_due == status.n_entered == 12


def test_a_trial_that_cannot_be_read_hides_no_other(running):
    """It is named with the reason."""
    broken = running.workspace / "data" / "broken"
    broken.mkdir()
    (broken / "trial.sqlite").write_bytes(b"hello")
    (running.workspace / "data" / "no-trial").mkdir()
    first, second = all_trials(running.context)
    assert isinstance(first, tuple)
    assert first[0] == "broken"
    assert "is damaged, or no store" in first[1]
    assert not isinstance(second, tuple)
    assert second.name == "coffee"


def test_no_trial(player):
    """An empty workspace."""
    assert all_trials(player.context) == ()


def test_scores_with_all_their_values(running):
    """In the order of entry, each with the receipt that `correct` takes."""
    receipt = running.enter(1, day__mood="5", day__calm="4").receipt
    correct_score(running.folder, running.context, target="1", score="calm", value="6", reason="x")
    found = entered_scores(running.folder)
    assert [(score.entry.score, [v.value for v in score.versions], name) for score, name in found] == [
        ("day.mood", ["5"], receipt),
        ("day.calm", ["4", "6"], receipt),
    ]


def test_the_line_to_publish_can_be_had_again(running, imported):
    """Whoever closed the terminal of `randomize` finds it here; what was run elsewhere published none."""
    (line,) = trial_status(running.folder, running.context).published
    assert line == running.trial.registration.published_line
    assert trial_status(imported.folder, imported.context).published == ()
