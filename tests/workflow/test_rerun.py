"""A report made again from its manifest: the same numbers, or a refusal that says what is not the same."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pytest
from tests.notebooks.conftest import a_protocol, some_tables

from nof1.errors import ReportError
from nof1.files.locked import write_locked
from nof1.runner.notebooks import find_notebook
from nof1.runner.report import make_report
from nof1.workflow.context import Context
from nof1.workflow.rerun import rerun_report

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """Return a workspace with a report on a small trial."""
    workspace = tmp_path_factory.mktemp("rerun")
    assert a_protocol().id == "small-trial"
    write_locked(workspace / "data" / "small-trial" / "locked", some_tables())
    to = workspace / "reports" / "small-trial" / "first"
    make_report(
        workspace / "data" / "small-trial" / "locked",
        to=to,
        at=AT,
        notebook=find_notebook("primary_analysis"),
    )
    return workspace


@pytest.fixture
def workspace(first, tmp_path):
    shutil.copytree(first, tmp_path / "again")
    return tmp_path / "again"


def again(workspace):
    manifest = workspace / "reports" / "small-trial" / "first" / "manifest.json"
    return rerun_report(manifest, Context(workspace=workspace, now=lambda: AT))


def test_the_same_data_give_the_same_numbers(workspace):
    """Elsewhere, on another day, results.json is the same to the byte; and a difference is named."""
    done = again(workspace)
    old = workspace / "reports" / "small-trial" / "first" / "results.json"
    assert (done.folder / "results.json").read_bytes() == old.read_bytes()
    assert done.different == done.versions == ()
    assert done.folder.parent == old.parent.parent


def test_what_is_not_the_same_is_named(workspace):
    """Other data, another result, another notebook: nothing is compared that was not the same to begin with."""
    folder = workspace / "reports" / "small-trial" / "first"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["notebook"]["sha256"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ReportError, match="not the notebook of that report"):
        again(workspace)
    (folder / "results.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ReportError, match="put the first file back"):
        again(workspace)
    (workspace / "data" / "small-trial" / "locked" / "scores.csv").write_text("score\n", encoding="utf-8")
    with pytest.raises(ReportError, match=r"scores\.csv: not as it was"):
        again(workspace)
    (folder / "manifest.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ReportError, match="not the manifest of a report"):
        again(workspace)
