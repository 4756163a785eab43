"""Running notebooks: one parameter, our own kernel, and failures that are kept."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest

from nof1.errors import NotebookError
from nof1.runner.execute import run_notebook

PROBE = """
import json, os, sys
print(json.dumps({"data": data, "cwd": os.getcwd(), "python": sys.executable,
                  "history": get_ipython().history_manager.enabled,
                  "profile": get_ipython().ipython_dir,
                  "config": json.load(open(__import__("ipykernel").get_connection_file()))["transport"]}))
"""


@pytest.fixture
def output(tmp_path):
    folder = tmp_path / "reports" / "small"
    folder.mkdir(parents=True)
    return folder / "analysis.ipynb"


def test_kernel_is_this_interpreter_and_private(write_notebook, output, tmp_path, monkeypatch):
    """The report must come from the very installation that was asked, whatever kernels and profiles lie about."""
    monkeypatch.setenv("HOME", str(tmp_path / "no-home"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "nothing"))
    told = []
    executed = run_notebook(
        write_notebook("#md text", PROBE), output, data='../o"d\nd$', progress=told.append
    )
    found = json.loads(executed.cells[-1].outputs[0].text)
    assert found["python"] == sys.executable
    assert found["config"] == "ipc"
    assert found["history"] is False
    assert found["data"] == '../o"d\nd$'
    assert os.path.realpath(found["cwd"]) == os.path.realpath(output.parent)
    assert "no-home" not in found["profile"]
    assert not Path(found["profile"]).exists()  # the private folder is gone with the kernel
    assert told[0] == "small.ipynb: cell 1 of 4"
    assert told[-1] == "small.ipynb: cell 4 of 4"


def test_executed_notebook_can_be_opened_and_tells_no_path(write_notebook, output, tmp_path):
    """What goes into a report folder must not tell where on this machine it was made."""
    run_notebook(write_notebook("1 + 1"), output, data="../../data")
    text = output.read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    read = nbformat.read(output, as_version=4)
    nbformat.validate(read)
    assert read.metadata.papermill.parameters == {"data": "../../data"}


def test_executed_notebook_runs_again(write_notebook, output, tmp_path):
    """The executed notebook is the analyst's copy: it runs as it is, with its data beside it."""
    (output.parent / "kept").mkdir()
    run_notebook(write_notebook("import os; os.listdir(data)"), output, data="kept")
    told = []
    again = run_notebook(output, output.parent / "again.ipynb", data="kept", progress=told.append)
    assert told[-1] == "analysis.ipynb: cell 3 of 3"
    assert [cell.metadata.tags for cell in again.cells].count(["injected-parameters"]) == 1


def test_failed_run_is_kept_and_named(write_notebook, output):
    """Whoever gets the error must be able to look at the run, its cell and its message."""
    with pytest.raises(NotebookError) as caught:
        run_notebook(write_notebook("x = 1", "raise ValueError('no such column')"), output, data=".")
    assert str(caught.value) == (
        f"small.ipynb: cell 4 stopped with ValueError: no such column; the run is kept in {output}"
    )
    kept = nbformat.read(output, as_version=4)
    assert any(out.output_type == "error" for cell in kept.cells for out in cell.get("outputs", []))


def test_slow_cell_is_stopped(write_notebook, output):
    """A cell that never ends must not hold the report for ever."""
    with pytest.raises(
        NotebookError, match="cell 3 took longer than 1 s and was stopped; the run is kept in"
    ):
        run_notebook(write_notebook("import time; time.sleep(60)"), output, data=".", timeout=1)
    assert output.exists()


def test_dead_kernel_is_told(write_notebook, output):
    """A kernel that dies is an error of one line, not a traceback of sockets."""
    with pytest.raises(NotebookError, match=r"cell 3: .*[Kk]ernel died"):
        run_notebook(write_notebook("import os; os._exit(1)"), output, data=".")
    assert output.exists()


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ('data = "x"\nother = 1', "sets data, other"),
        ('folder = "x"', "sets folder"),
        ('data = print("x")', "sets something else"),
        ("data = (", "is not Python"),
        ("", "sets nothing"),
        (None, "found 0 cells tagged parameters"),
    ],
)
def test_other_parameters_are_refused(write_notebook, output, parameters, told):
    """Papermill would take any name, and write it as code."""
    with pytest.raises(NotebookError, match=told.replace("(", r"\(")):
        run_notebook(write_notebook("1", parameters=parameters), output, data=".")
    assert not output.exists()


def test_file_that_is_no_notebook_is_refused(tmp_path, output):
    """A file that was damaged on the way gets a sentence."""
    path = tmp_path / "small.ipynb"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(NotebookError, match="not a notebook that can be read"):
        run_notebook(path, output, data=".")
