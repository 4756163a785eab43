"""Notebooks in this process: what they show, what they leave behind, how they end."""

from __future__ import annotations

import signal
import sys
import warnings
from pathlib import Path
from threading import Thread

import nbformat
import pytest

from nof1.errors import NotebookError
from nof1.runner.execute import run_notebook

TALKS = """
import signal
import sys
print("one")
print("two")
print("three", file=sys.stderr)
"""


@pytest.fixture
def run(write_notebook, tmp_path):
    """Return a function that writes a notebook, runs it here, and returns its cells behind the two of parameters."""

    def do(*sources, **options):
        output = tmp_path / "reports" / "small" / "analysis.ipynb"
        output.parent.mkdir(parents=True, exist_ok=True)
        return run_notebook(write_notebook(*sources), output, data="..", in_process=True, **options).cells[2:]

    return do


def test_no_name_reaches_the_next(run):
    """A report knows nothing of the one before, whether that one came to its end or not."""
    run("left = data", "import json as also_left")
    with pytest.raises(NotebookError, match="cell 4 stopped with KeyError: 'x'"):
        run("broken = 1", "raise KeyError('x')")
    (cell,) = run("sorted(name for name in globals() if not name.startswith('__'))")
    assert cell.outputs[0].data["text/plain"] == "['data']"
    assert cell.execution_count == 3


def test_the_process_is_left_as_it_was(run):
    """Working folder, main module, output, and what warnings were shown: a worker makes many reports."""
    noisy = "import warnings; warnings.warn('same place')"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        before = Path.cwd(), sys.modules["__main__"], sys.stdout, sys.stderr, list(warnings.filters)
        shown = [run(noisy, "import os; os.path.basename(os.getcwd())") for _ in range(2)]
        assert (Path.cwd(), sys.modules["__main__"], sys.stdout, sys.stderr, list(warnings.filters)) == before
    assert shown[0][1].outputs[0].data["text/plain"] == "'small'"
    assert [str(one.message) for one in caught] == ["same place"] * 2  # the second run is warned as well


def test_a_cell_shows_its_last_value_and_what_it_prints(run):
    """As in Jupyter: pieces of one stream are one output; a semicolon keeps the value back; a figure is a picture."""
    figure = "from nof1.report.svg import Drawing; Drawing(figsize=(1, 1))"
    talks, value, kept, nothing, drawn = run(TALKS, "a = 2\na + 1", "a + 1;", "a = 1", figure)
    assert [(one.name, one.text) for one in talks.outputs] == [
        ("stdout", "one\ntwo\n"),
        ("stderr", "three\n"),
    ]
    assert (value.outputs[0].output_type, value.outputs[0].data) == ("execute_result", {"text/plain": "3"})
    assert kept.outputs == nothing.outputs == []
    assert drawn.outputs[0].data["image/svg+xml"].startswith("<svg")


@pytest.mark.parametrize("source", ["1 +", "def f(:", "raise KeyError('no such column')"])
def test_a_failed_run_is_kept(run, source, tmp_path):
    """With its error in the cell, and nothing behind it run."""
    with pytest.raises(NotebookError, match=r"cell 3 stopped with .*; the run is kept in"):
        run(source, "never = 1")
    kept = nbformat.read(tmp_path / "reports" / "small" / "analysis.ipynb", as_version=4)
    shown = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert [out.output_type for out in shown[2].outputs] == ["error"]
    assert shown[3].execution_count is None


def test_a_cell_that_never_ends_is_stopped(run):
    """In the main thread, where workers make their reports."""
    with pytest.raises(NotebookError, match=r"took longer than 0\.2 s and was stopped"):
        run("import time\nwhile True: time.sleep(0.01)", timeout=0.2)


def test_threads_wait_for_one_another(write_notebook, tmp_path):
    """A worker of a cluster may have several threads; the folder and the output of a process are one."""
    look = "import os, time; here = os.getcwd(); time.sleep(0.05); print(os.path.basename(here), here == os.getcwd())"
    source, found = write_notebook(look), {}

    def run(name):
        (tmp_path / name).mkdir()
        executed = run_notebook(source, tmp_path / name / "analysis.ipynb", data="..", in_process=True)
        found[name] = executed.cells[-1].outputs[0].text

    threads = [Thread(target=run, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: f"{name} True\n" for name in ("one", "two", "three")}


@pytest.mark.parametrize("caught", ["Exception", "BaseException"])
def test_a_cell_cannot_swallow_the_end_of_its_time(run, caught):
    """What it catches for reasons of its own is not the end that was set for it."""
    swallows = f"import time\ntry:\n    while True: time.sleep(0.01)\nexcept {caught}:\n    pass"
    with pytest.raises(NotebookError, match=r"took longer than 0\.2 s and was stopped"):
        run(swallows, timeout=0.2)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import sys; sys.exit()", r"SystemExit: a cell ended the program with no code"),
        ("raise SystemExit(0)", r"SystemExit: a cell ended the program with code 0"),
        ("raise KeyboardInterrupt('mine')", "KeyboardInterrupt: mine"),
    ],
)
def test_a_cell_does_not_end_the_command(run, source, why):
    """It failed, and says why; the reports of other trials go on."""
    with pytest.raises(NotebookError, match=f"cell 3 stopped with {why}"):
        run(source, "never = 1")


@pytest.mark.parametrize("caught", ["ZeroDivisionError", "BaseException"])
def test_the_person_ends_the_command(run, caught):
    """Ctrl+C in the middle of a cell is no failure of that cell, whatever the cell makes of it."""
    interrupts = f"import signal\ntry:\n    signal.raise_signal(signal.SIGINT)\nexcept {caught}:\n    pass"
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run(interrupts)
    assert signal.getsignal(signal.SIGINT) is before
