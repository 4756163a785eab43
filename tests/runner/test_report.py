"""A report folder, from one run: page, results, notebook and manifest."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import nbformat
import pytest

from nof1.errors import NotebookError, ReportError, WorkspaceError
from nof1.files.reports import report_place
from nof1.report.render import RESULTS_MIME
from nof1.runner.notebooks import NotebookSource, notebook_digest
from nof1.runner.report import make_report

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def source_of(path, *, is_modified=False):
    return NotebookSource(path=path, sha256=notebook_digest(path), is_modified=is_modified)


@pytest.fixture
def to(tmp_path):
    return tmp_path / "reports" / "small" / f"{AT:%Y-%m-%dT%H-%M-%SZ}"


@pytest.fixture
def made(write_notebook, data_folder, to, show):
    """Make a report from a notebook that displays fixed results."""
    return make_report(data_folder, to=to, at=AT, notebook=source_of(write_notebook(show)))


def test_folder_holds_everything_and_the_manifest_covers_it(made, data_folder, to):
    """A sceptic recomputes every digest from the folder and from the data."""
    assert made.folder == to
    assert to.name == "2026-03-01T09-30-00Z"
    names = sorted(path.name for path in to.iterdir())
    assert names == [
        *("analysis.ipynb", "letter.pdf", "manifest.json", "report.html", "report.pdf", "results.json")
    ]
    manifest = json.loads((to / "manifest.json").read_text(encoding="utf-8"))
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((to / name).read_bytes()).hexdigest() == digest
    assert sorted(manifest["files"]) == [name for name in names if name != "manifest.json"]
    assert sorted(manifest["data"]["files"]) == ["notes/more.csv", "scores.csv"]
    assert manifest["data"]["folder"] == "../../../data/small/locked"
    assert manifest["made_at"] == "2026-03-01T09:30:00+00:00"
    assert manifest["notebook"]["is_modified"] is False
    assert "papermill" in manifest["versions"]


def test_results_are_those_of_the_page(made, to):
    """File and page come from one output of one run."""
    executed = nbformat.read(to / "analysis.ipynb", as_version=4)
    displayed = executed.cells[-1].outputs[0].data[RESULTS_MIME]
    assert json.loads((to / "results.json").read_text(encoding="utf-8")) == displayed == made.results


def test_nothing_tells_where_it_was_made(made, to, tmp_path):
    """A report is shown to others; the folders of this machine are none of their business."""
    for path in to.iterdir():
        assert str(tmp_path).encode() not in path.read_bytes()
    executed = nbformat.read(to / "analysis.ipynb", as_version=4)
    assert executed.metadata.papermill.parameters["data"] == "../../../data/small/locked"


def test_modified_notebook_is_told(write_notebook, data_folder, to, show):
    """A reader must know that the analysis is not the shipped one."""
    made = make_report(data_folder, to=to, at=AT, notebook=source_of(write_notebook(show), is_modified=True))
    assert "The notebook was modified." in made.html.read_text(encoding="utf-8")
    assert made.is_modified


def test_failed_run_stays_beside_and_takes_no_name(write_notebook, data_folder, to, show):
    """A half-made report must never look like a report."""
    notebook = source_of(write_notebook("raise KeyError('x')"))
    with pytest.raises(NotebookError, match="unfinished"):
        make_report(data_folder, to=to, at=AT, notebook=notebook)
    assert not to.exists()
    assert (to.parent / "2026-03-01T09-30-00Z.unfinished" / "analysis.ipynb").is_file()
    make_report(data_folder, to=to, at=AT, notebook=source_of(write_notebook(show)))
    assert to.is_dir()


def test_report_is_never_written_over(made, write_notebook, data_folder, to, tmp_path, show):
    """What was shown to somebody stays as it was."""
    with pytest.raises(WorkspaceError, match="there is something already"):
        make_report(data_folder, to=to, at=AT, notebook=source_of(write_notebook(show)))
    with report_place(None, tmp_path / "reports", "small", AT) as place:
        assert place.name == "2026-03-01T09-30-00Z-2"


def test_data_that_change_meanwhile_are_refused(write_notebook, data_folder, to, show):
    """Digests in the manifest must be those of the data that were analysed."""
    change = "from pathlib import Path; Path(data, 'scores.csv').write_text('changed')"
    with pytest.raises(ReportError, match="the data changed while the report was made"):
        make_report(data_folder, to=to, at=AT, notebook=source_of(write_notebook(change, show)))
    assert not to.exists()


def test_missing_data_folder_is_refused_first(write_notebook, tmp_path, to, show):
    """No kernel is started for data that are not there."""
    with pytest.raises(WorkspaceError, match="there is no data folder"):
        make_report(tmp_path / "nothing", to=to, at=AT, notebook=source_of(write_notebook(show)))
    assert not to.parent.exists()
