"""Amendments: from a day on, bound to nothing that was drawn."""

from __future__ import annotations

import pytest

from nof1.analysis.dataset import Dataset
from nof1.errors import EntryError, ProtocolError, StageError
from nof1.files.locked import read_locked
from nof1.workflow.amend import amend_trial
from nof1.workflow.enter import enter_scores
from nof1.workflow.status import trial_status
from nof1.workflow.tables import locked_tables
from nof1.workflow.verify import Outcome, verify_trial


def amended(player, *changes: tuple[str, str], name: str = "second.yaml"):
    text = player.text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = player.workspace / "protocols" / name
    path.write_text(text, encoding="utf-8")
    return path


FOCUS = (
    ("  app:\n", "  eve: {ratings: [focus]}\n  app:\n"),
    ("battery: [day, app]", "battery: [day, app, eve]"),
    ("secondary: [{score: day.mood, sesoi: 1}]", "secondary: [{score: eve.focus, sesoi: 1}]"),
)


def test_what_is_due_changes_from_a_day_on(running):
    """Today has scores already, so it holds from tomorrow; earlier sessions keep their number and their dues."""
    running.play_days(3)
    before = running.trial
    done = amend_trial(running.folder, amended(running, *FOCUS), "focus matters more", running.context)
    now = running.trial
    assert now.schedule.day_number(done.effective_on) == 4
    assert now.schedule.sessions[:3] == before.schedule.sessions[:3]
    assert [len(now.scores_in(session)) for session in now.schedule.sessions] == [3] * 3 + [4] * 9
    assert now.registration.protocol_sha256 == before.registration.protocol_sha256 != done.sha256
    assert trial_status(running.folder, running.context).n_entered == 9
    moment = running.put(4)
    given = {"app.points": "50", "day.mood": "5", "day.calm": "5", "eve.focus": "6"}
    enter_scores(running.folder, given, running.context, at=moment)
    assert running.trial.entered["eve.focus", now.schedule.sessions[3].number].value == "6"


def test_without_scores_it_holds_today(running):
    """On the first morning everything is due by the new plan."""
    running.put(1, "07:00")
    amend_trial(running.folder, amended(running, *FOCUS), "before anything was measured", running.context)
    assert {len(running.trial.scores_in(session)) for session in running.trial.schedule.sessions} == {4}


def test_what_is_frozen_is_refused_as_a_whole(running):
    """All that differs is listed, and nothing is recorded."""
    n = len(running.rows())
    path = amended(
        running, ("dose: 100 mg", "dose: 50 mg"), ("blocks: 3", "blocks: 4"), ("sesoi: 5", "sesoi: 4")
    )
    with pytest.raises(ProtocolError) as refused:
        amend_trial(running.folder, path, "less", running.context)
    said = str(refused.value)
    assert all(where in said for where in ("conditions.on.dose", "design.blocks", "outcomes.primary.sesoi"))
    for change, said in (
        (("max_daily_dose: 100 mg", "max_daily_dose: 200 mg"), "a ceiling may fall, never rise"),
        (("range: [0, 100]", "range: [0, 200]"), "app.points would mean something else"),
    ):
        with pytest.raises(ProtocolError, match=said):
            amend_trial(running.folder, amended(running, change), "other", running.context)
    with pytest.raises(StageError, match="says the same"):
        amend_trial(running.folder, running.protocol, "nothing", running.context)
    with pytest.raises(EntryError, match="needs a reason"):
        amend_trial(running.folder, path, " ", running.context)
    assert len(running.rows()) == n


def test_the_analysis_takes_the_amended_outcomes_and_the_first_digest(running):
    """The folder holds both texts; the draw is verified by the first."""
    running.play_days(3)
    amend_trial(running.folder, amended(running, *FOCUS), "focus matters more", running.context)
    running.lock()
    running.unblind()
    tables = read_locked(running.folder / "locked")
    assert tables == locked_tables(running.trial)
    dataset = Dataset.from_tables(tables)
    assert [str(outcome.score) for _, outcome in dataset.protocol.outcome_list()] == [
        "app.points",
        "eve.focus",
    ]
    assert dataset.protocol_sha256 == running.trial.registration.protocol_sha256
    assert dict(tables.trial.facts)["amended"].endswith("Reason: focus matters more")
    checks = verify_trial(running.folder)
    assert not [check for check in checks if check.outcome is Outcome.FAIL]


def test_after_the_lock_nothing_is_amended(locked):
    """The data are closed."""
    with pytest.raises(StageError, match="is locked"):
        amend_trial(locked.folder, amended(locked, *FOCUS), "too late", locked.context)
