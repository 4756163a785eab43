"""Reports of many: file for file those that are made one by one, in whatever order, process or company."""

from __future__ import annotations

import importlib.util
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nof1.scores.importers import ImportForm
from nof1.workflow.context import Context
from nof1.workflow.import_trial import import_trial
from nof1.workflow.report import report_trial
from nof1.workflow.reports import report_trials

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
TEA = Path(__file__).parent / "data_protocols" / "tea.yaml"
PEOPLE = {
    "anna": "0889f7fb-64b3-4f02-a517-0754b69cb6df",
    "ben": "c8bafe93-7744-4345-834a-fc121bf61334",
    "carla": "b6a716a4-bef2-49a5-9808-8bb5d93c3704",
}
HAS_DASK = importlib.util.find_spec("distributed") is not None
pytestmark = pytest.mark.sim


def context_in(workspace):
    return Context(workspace=workspace, now=lambda: AT)


def files_of(folder):
    """Return every file of a report; of the executed notebook what does not carry the time of the run."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in {"analysis.ipynb", "manifest.json"}:
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    notebook = json.loads((folder / "analysis.ipynb").read_bytes())
    for place in (notebook, *notebook["cells"]):
        for name in ("papermill", "execution"):
            place["metadata"].pop(name, None)
    return found | {"analysis.ipynb": notebook}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, shared_data):
    """Return a workspace with three trials, and one whose heads are damaged."""
    root = tmp_path_factory.mktemp("many")
    (root / "protocols").mkdir()
    data = shared_data / "studyu" / "measurements.csv"
    for name, who in PEOPLE.items():
        folder = root / "data" / name
        import_trial(TEA, data, folder, context_in(root), participant=who, form=ImportForm.STUDYU)
    shutil.copytree(root / "data" / "anna", root / "data" / "broken")
    (root / "data" / "broken" / "heads.txt").write_text("what\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def single(workspace, tmp_path_factory):
    """Make every report alone, in a copy of the workspace."""
    root = shutil.copytree(workspace, tmp_path_factory.mktemp("single") / "w")
    return {name: files_of(report_trial(root / "data" / name, context_in(root)).folder) for name in PEOPLE}


def many(workspace, root, names, **where):
    shutil.copytree(workspace, root)
    return report_trials([root / "data" / name for name in names], context_in(root), **where)


@pytest.mark.parametrize(
    ("names", "n_processes"),
    [(("broken", "carla", "anna", "ben"), 1), (("ben", "broken", "anna", "carla"), 2)],
)
def test_each_is_the_same_as_alone(workspace, single, tmp_path, names, n_processes):
    """Page, PDFs, results, proof: byte for byte, in another order, behind a neighbour that failed, in two processes."""
    done = many(workspace, tmp_path / "w", names, n_processes=n_processes)
    assert list(done.made) == [name for name in names if name != "broken"]
    assert list(done.failed) == ["broken"]
    for name, one in done.made.items():
        found = files_of(one.folder)
        assert {"report.html", "report.pdf", "letter.pdf", "results.json"} < set(found)
        assert found == single[name]


@pytest.mark.skipif(not HAS_DASK, reason="Dask, an extra, is not installed")
def test_each_is_the_same_on_a_cluster(workspace, single, tmp_path):
    """Two workers of two threads each, reached by address: reports of one worker wait for one another."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
    ) as cluster:
        done = many(workspace, tmp_path / "w", (*PEOPLE, "broken"), address=cluster.scheduler_address)
    assert list(done.failed) == ["broken"]
    assert {name: files_of(one.folder) for name, one in done.made.items()} == single
