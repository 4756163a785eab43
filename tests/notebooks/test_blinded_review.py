"""The blinded review: the shipped notebook on data without conditions, and the refusal of data with one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.notebooks.conftest import some_tables

from nof1.errors import NotebookError, WorkspaceError
from nof1.files.locked import locked_bytes, read_blinded, write_locked
from nof1.runner.notebooks import NotebookSource, notebook_digest
from nof1.runner.report import make_report
from nof1.workflow.tables import without_guesses

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def made_from(root, to, tables):
    path = root / "notebooks" / "blinded_review.ipynb"
    source = NotebookSource(path=path, sha256=notebook_digest(path), is_modified=False)
    return make_report(locked_bytes(tables), to=to, at=AT, notebook=source)


def test_review_tells_quality_and_nothing_by_condition(root, tmp_path):
    """Gaps, lateness and values are there; no allocation in its folder, no comparison, no letter, and it says what it is."""
    report = made_from(root, tmp_path / "review", replace(without_guesses(some_tables()), allocation=None))
    names = {
        path.relative_to(report.folder).as_posix() for path in report.folder.rglob("*") if path.is_file()
    }
    assert {"report.html", "report.pdf", "results.json", "analysis.ipynb", "data/trial.json"} < names
    assert not {"letter.pdf", "data/allocation.csv"} & names
    page = report.html.read_text(encoding="utf-8")
    for text in ("Blinded review", "Are the data in order?", "came late", "Mean, last quarter"):
        assert text in page
    for text in (
        "shaded by condition",
        "by condition;",
        "Colour and shape tell the condition",
        "could not be made",
    ):
        assert text not in page
    results = json.loads((report.folder / "results.json").read_text(encoding="utf-8"))
    assert results["blinded_review"]
    assert results["verdict"] == "not_estimable"
    assert all(period["condition"] is None for period in results["periods"])
    assert all(one["condition"] is None for one in results["harms"] + results["adverse_events"])
    assert not any(code for outcome in results["outcomes"] for code in outcome["series"]["condition"])
    assert results["sensitivity"] == results["blinding"]["guesses"] == []


def test_a_planted_allocation_is_refused(root, tmp_path):
    """Whoever puts conditions into the folder gets no review, with or without their digest."""
    blind = replace(without_guesses(some_tables()), allocation=None)
    write_locked(tmp_path / "beside", blind)
    (tmp_path / "beside" / "allocation.csv").write_text("period,kit,condition\n1,K,on\n", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="put there afterwards"):
        read_blinded(tmp_path / "beside")
    write_locked(tmp_path / "named", replace(blind, allocation=some_tables().allocation))
    with pytest.raises(WorkspaceError, match="tells the conditions"):
        read_blinded(tmp_path / "named")
    write_locked(tmp_path / "guessed", replace(some_tables(), allocation=None))
    with pytest.raises(WorkspaceError, match="tells what was guessed"):
        read_blinded(tmp_path / "guessed")
    with pytest.raises(NotebookError, match="tells the conditions"):
        made_from(root, tmp_path / "planted", replace(blind, allocation=some_tables().allocation))
