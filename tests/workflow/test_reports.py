"""Many reports: each by the step of a single one, failures named, the rest finished."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from nof1.errors import WorkspaceError
from nof1.workflow import report as step
from nof1.workflow.context import Context
from nof1.workflow.reports import report_trials, reportable_trials


@pytest.fixture
def made(monkeypatch):
    """Stand in for the run of the notebook, which takes seconds."""

    def make_report(data, *, to, at, notebook, with_pdf, progress, beside=None, helper=None):
        to.mkdir(parents=True)
        (to / "report.html").write_text("page")
        (to / "results.json").write_text("{}")
        return SimpleNamespace(folder=to, html=to / "report.html", results={"verdict": "inconclusive"})

    monkeypatch.setattr(step, "make_report", make_report)


@pytest.fixture
def several(unblinded):
    """Put a trial whose heads are damaged, and another good one, beside the first."""
    for name in ("broken", "tea"):
        shutil.copytree(unblinded.folder, unblinded.folder.parent / name)
    (unblinded.folder.parent / "broken" / "heads.txt").write_text("what\n")
    return [unblinded.folder.parent / name for name in ("coffee", "broken", "tea")]


def test_a_failure_is_named_and_the_rest_finished(several, unblinded, made):
    """In the order asked for; each report is recorded in its own trial."""
    told = []
    context = Context(workspace=unblinded.workspace, now=unblinded.context.now, progress=told.append)
    done = report_trials([*several, several[0]], context)
    assert list(done.made) == ["coffee", "tea"]
    assert "heads, line 1" in done.failed["broken"]
    assert [line.partition(":")[0] for line in told] == ["coffee", "broken", "tea"]
    assert told[-1] == "tea: done (3 of 3)"
    for name, one in done.made.items():
        assert one.folder.parent == unblinded.workspace / "reports" / name


def test_each_gets_a_folder_in_the_one_that_is_given(several, unblinded, made, tmp_path):
    """None is written over another."""
    done = report_trials(several, unblinded.context, to=tmp_path / "all")
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["coffee", "tea"]
    again = report_trials(several, unblinded.context, to=tmp_path / "all")
    assert again.made == {}
    assert "there is something already" in again.failed["coffee"]
    assert done.made["tea"].html.read_text() == "page"


def test_trials_that_cannot_be_reported_yet_are_told_apart(several, unblinded, openly):
    """A running trial is no failure; one that cannot be read is."""
    (unblinded.folder.parent / "tea" / "trial.sqlite").write_bytes(b"no store")
    folders, waiting = reportable_trials(unblinded.context)
    assert [folder.name for folder in folders] == ["broken", "coffee", "tea"]
    assert waiting == {"openly": "openly is not locked yet; next: nof1 lock openly"}
    folders, waiting = reportable_trials(unblinded.context, blinded=True)
    assert [folder.name for folder in folders] == ["openly", "tea"]
    assert waiting["coffee"].startswith("coffee is unblinded, so nothing can be reviewed blind")


def test_two_trials_of_one_name_are_told_before_anything_is_made(several, unblinded, made, tmp_path):
    """With one folder for both; without it each has a name of its own."""
    other = tmp_path / "other" / "coffee"
    shutil.copytree(unblinded.folder, other)
    with pytest.raises(WorkspaceError, match=r"both reports would be .*all/coffee"):
        report_trials([*several, other], unblinded.context, to=tmp_path / "all")
    assert not (tmp_path / "all").exists()
    assert list(report_trials([several[0], other], unblinded.context).made) == ["coffee", str(other)]


def test_a_report_leaves_the_data_of_another_alone(unblinded, made):
    """They are made again where they were changed, and else not touched: somebody else may be reading them."""
    locked = unblinded.folder / "locked"

    def written():
        return {path: path.stat().st_ino for path in locked.rglob("*.*")}

    before = written()
    step.report_trial(unblinded.folder, unblinded.context)
    assert written() == before
    whole = (locked / "scores.csv").read_bytes()
    (locked / "scores.csv").write_bytes(b"changed")
    step.report_trial(unblinded.folder, unblinded.context)
    assert (locked / "scores.csv").read_bytes() == whole


def test_a_store_file_of_endless_depth_fails_its_trial_alone(several, unblinded, made):
    """What cannot be read is named, and the others are finished."""
    deep = unblinded.folder.parent / "deep"
    deep.mkdir()
    (deep / "store.json").write_text("[" * 100_000)
    folders, _ = reportable_trials(unblinded.context)
    done = report_trials(folders, unblinded.context)
    assert list(done.made) == ["coffee", "tea"]
    assert "does not say where the trial is kept" in done.failed["deep"]
