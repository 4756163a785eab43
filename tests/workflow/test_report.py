"""The report as a step: when it may be made, and what is recorded; its content is tested with whole trials."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from nof1.errors import ChainError, NotebookError, StageError, WorkspaceError
from nof1.files.locked import read_locked
from nof1.workflow import report as step
from nof1.workflow.report import report_trial, review_trial


@pytest.fixture
def made(monkeypatch):
    """Stand in for the run of the notebook, which takes seconds; return what it was asked for."""
    asked = SimpleNamespace(calls=[])

    def make_report(data, *, to, at, notebook, with_pdf, progress, beside=None, helper=None):
        asked.calls.append((data, to, read_locked(data) if isinstance(data, Path) else None))
        asked.beside = beside
        to.mkdir(parents=True)
        (to / "report.html").write_text("page")
        (to / "results.json").write_text("{}")
        return SimpleNamespace(folder=to, html=to / "report.html", results={"verdict": "inconclusive"})

    monkeypatch.setattr(step, "make_report", make_report)
    return asked


def test_a_report_carries_its_proof(unblinded, made):
    """verify.py, all events with their hashes, the heads and every locked file; no free text is in it."""
    report_trial(unblinded.folder, unblinded.context)
    names = set(made.beside)
    assert {"verify.py", "evidence/events.jsonl", "evidence/heads.txt", "evidence/locked/scores.csv"} <= names
    assert len(made.beside["evidence/events.jsonl"].splitlines()) == len(unblinded.rows()) - 1


def test_a_report_is_recorded(unblinded, made):
    """By its folder and the digest of its results; the head is written down."""
    done = report_trial(unblinded.folder, unblinded.context)
    assert done.verdict == "inconclusive"
    assert done.folder.parent == unblinded.workspace / "reports" / "coffee"
    last = unblinded.trial.state.records[-1]
    assert (last.event.folder, last.event.blinded) == (done.folder.name, False)
    assert (unblinded.folder / "heads.txt").read_text().splitlines()[-1].endswith(" report")


def test_nobody_analyses_a_changed_copy(unblinded, made):
    """The tables are made again from the record."""
    path = unblinded.folder / "locked" / "scores.csv"
    path.write_text("score\n")
    report_trial(unblinded.folder, unblinded.context)
    (_, _, tables) = made.calls[0]
    assert len(tables.scores) == 36


def test_an_open_trial_is_reported_after_its_lock(openly, made):
    """Nothing has to be opened."""
    with pytest.raises(StageError, match="openly is not locked yet; next: nof1 lock openly"):
        report_trial(openly.folder, openly.context)
    openly.lock()
    assert report_trial(openly.folder, openly.context).verdict == "inconclusive"


def test_not_before_the_opening(played, made):
    """Each stage says what comes next."""
    for stage, sentence in (
        ("running", "coffee is not locked yet; next: nof1 lock coffee"),
        ("locked", "coffee is locked but not unblinded; next: nof1 unblind coffee"),
    ):
        if stage == "locked":
            played.lock()
        before = played.rows()
        with pytest.raises(StageError, match=sentence):
            report_trial(played.folder, played.context)
        assert played.rows() == before
    assert made.calls == []


def test_a_notebook_that_stops_leaves_no_event(unblinded, monkeypatch):
    """There is no report then."""

    def fails(*args, **options):
        raise NotebookError("cell 3 stopped")

    monkeypatch.setattr(step, "make_report", fails)
    before = unblinded.rows()
    with pytest.raises(NotebookError):
        report_trial(unblinded.folder, unblinded.context)
    assert unblinded.rows() == before


def test_two_reports_of_one_second_stand_beside_each_other(unblinded, made):
    """None replaces another."""
    first = report_trial(unblinded.folder, unblinded.context)
    unblinded.put(13, "09:00")
    again = [report_trial(unblinded.folder, unblinded.context).folder for _ in range(2)]
    assert len({first.folder, *again}) == 3


def test_heads_that_cannot_be_read_stop_it_before_it_begins(unblinded, made):
    """Minutes of work are not thrown away at the end."""
    (unblinded.folder / "heads.txt").write_text("what\n")
    with pytest.raises(ChainError):
        report_trial(unblinded.folder, unblinded.context)
    assert made.calls == []


def test_a_folder_that_is_given(unblinded, made, tmp_path):
    """Another place than reports/."""
    to = tmp_path / "elsewhere"
    assert report_trial(unblinded.folder, unblinded.context, to=to).html == to / "report.html"


def test_a_report_is_not_written_over(unblinded):
    """What is there stays."""
    to = Path(unblinded.root) / "elsewhere"
    (to / "x").mkdir(parents=True)
    before = unblinded.rows()
    with pytest.raises(
        WorkspaceError, match="there is something already; name a folder that is new or empty"
    ):
        report_trial(unblinded.folder, unblinded.context, to=to)
    assert unblinded.rows() == before


def test_a_blinded_review_gets_no_condition(played, made):
    """Neither an allocation nor what was guessed is among the files that its notebook reads; the event says blinded."""
    review_trial(played.folder, played.context)
    ((files, _, _),) = made.calls
    assert "allocation.csv" not in files
    assert {"scores.csv", "guesses.csv", "trial.json"} < set(files)
    guesses = files["guesses.csv"].decode().splitlines()
    assert all(line.split(",")[1:3] == ["", ""] for line in guesses[1:])
    assert played.trial.state.records[-1].event.blinded


def test_no_blinded_review_once_the_conditions_are_known(unblinded, made):
    """What is known cannot be reviewed blind."""
    with pytest.raises(StageError, match="next: nof1 report coffee"):
        review_trial(unblinded.folder, unblinded.context)


def test_an_open_trial_is_reviewed_without_its_order(openly, made):
    """Its order is no secret, but a review by condition would be a look at the result."""
    openly.lock()
    review_trial(openly.folder, openly.context)
    assert "allocation.csv" not in made.calls[0][0]
