"""A report made again from its manifest: the same numbers, or a refusal that says what is not the same."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import nbformat
import pytest
from tests.notebooks.conftest import a_protocol, some_tables
from tests.runner.conftest import a_notebook

from nof1.errors import NotebookError, ReportError
from nof1.files.locked import write_locked
from nof1.runner.notebooks import find_notebook, notebook_digest
from nof1.runner.report import make_report
from nof1.workflow.context import Context
from nof1.workflow.rerun import rerun_report

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """Return a workspace with a report on a small trial; nothing here reads its paper."""
    workspace = tmp_path_factory.mktemp("rerun")
    assert a_protocol().id == "small-trial"
    write_locked(workspace / "data" / "small-trial" / "locked", some_tables())
    to = workspace / "reports" / "small-trial" / "first"
    make_report(
        workspace / "data" / "small-trial" / "locked",
        to=to,
        at=AT,
        notebook=find_notebook("primary_analysis"),
        with_pdf=False,
    )
    return workspace


@pytest.fixture
def workspace(first, tmp_path):
    shutil.copytree(first, tmp_path / "again")
    return tmp_path / "again"


def again(workspace):
    manifest = workspace / "reports" / "small-trial" / "first" / "manifest.json"
    return rerun_report(manifest, Context(workspace=workspace, now=lambda: AT), with_pdf=False)


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


def rewritten(workspace, part, **changes):
    """Change the manifest, as a stranger can who hands the report on."""
    path = workspace / "reports" / "small-trial" / "first" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest[part].update(changes)
    path.write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize("way", ["absolute", "upwards"])
def test_a_manifest_cannot_have_a_strange_notebook_run(workspace, tmp_path, way):
    """Neither an absolute path nor one that climbs out of notebooks/, though its digest fits."""
    strange = tmp_path / "strange.ipynb"
    nbformat.write(a_notebook(f"open({str(tmp_path / 'was_run')!r}, 'w')"), strange)
    name = str(strange) if way == "absolute" else "../../strange.ipynb"
    assert (workspace / "notebooks" / name).resolve() == strange
    rewritten(workspace, "notebook", name=name, sha256=notebook_digest(strange))
    with pytest.raises(NotebookError, match="is no name of a notebook"):
        again(workspace)
    assert not (tmp_path / "was_run").exists()


@pytest.mark.parametrize("way", ["absolute", "upwards", "link"])
def test_a_manifest_cannot_have_strange_data_read(workspace, tmp_path, way):
    """They lie in the workspace, or in the folder that the person named; links are followed before that is asked."""
    strange = tmp_path / "strange"
    shutil.copytree(workspace / "data" / "small-trial" / "locked", strange)
    if way == "link":
        (workspace / "reports" / "small-trial" / "first" / "data").symlink_to(strange)
    named = {"absolute": str(strange), "upwards": "../../../../strange", "link": "data"}[way]
    rewritten(workspace, "data", folder=named)
    with pytest.raises(ReportError, match="names data outside of the workspace"):
        again(workspace)


def test_a_report_of_the_data_beside_it_can_be_made_again_anywhere(workspace, tmp_path):
    """A blinded report has its data in its own folder, and is made again without the PDFs where that is asked."""
    folder = tmp_path / "handed_on" / "report"
    shutil.copytree(workspace / "reports" / "small-trial" / "first", folder)
    shutil.copytree(workspace / "data" / "small-trial" / "locked", folder / "data")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["data"]["folder"] = "data"
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    context = Context(workspace=tmp_path / "own", now=lambda: AT)
    done = rerun_report(folder / "manifest.json", context, with_pdf=False)
    assert done.different == ()
    assert list(done.folder.glob("*.pdf")) == []
