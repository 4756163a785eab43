"""Many reports: each by the step of a single one, failures named, the rest finished."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from nof1.workflow import report as step
from nof1.workflow.context import Context
from nof1.workflow.reports import report_trials, reportable_trials


@pytest.fixture
def made(monkeypatch):
    """Stand in for the run of the notebook, which takes seconds."""

    def make_report(data, *, to, at, notebook, with_pdf, progress, beside=None):
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
    assert "File exists" in again.failed["coffee"]
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
