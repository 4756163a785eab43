"""The primary analysis as a person gets it: the shipped notebook on a locked trial, through papermill to the page."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import nbformat
import pytest
from pypdf import PdfReader
from tests.notebooks.conftest import some_tables

from nof1.errors import NotebookError
from nof1.files.locked import write_locked
from nof1.files.reports import report_place
from nof1.report.page import check_page
from nof1.report.render import RESULTS_MIME
from nof1.runner.execute import run_notebook
from nof1.runner.helper import Helper
from nof1.runner.notebooks import NotebookSource, find_notebook, notebook_digest
from nof1.runner.report import make_report

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(workspace, root):
    """Make one report."""
    path = root / "notebooks" / "primary_analysis.ipynb"
    with report_place(None, workspace / "reports", "small-trial", AT) as to:
        return make_report(
            workspace / "data" / "small-trial" / "locked",
            to=to,
            at=AT,
            notebook=NotebookSource(path=path, sha256=notebook_digest(path), is_modified=False),
        )


@pytest.mark.sim
def test_a_second_process_changes_nothing(made, workspace, root, tmp_path):
    """What it checks and sets on paper comes out as if it had been done here, to the last byte."""
    path = root / "notebooks" / "primary_analysis.ipynb"
    helper = Helper()
    try:
        again = make_report(
            workspace / "data" / "small-trial" / "locked",
            to=tmp_path / "again",
            at=AT,
            notebook=NotebookSource(path=path, sha256=notebook_digest(path), is_modified=False),
            helper=helper,
        )
    finally:
        helper.close()
    for name in ("report.html", "results.json", "report.pdf", "letter.pdf"):
        assert (again.folder / name).read_bytes() == (made.folder / name).read_bytes()


@pytest.fixture(scope="module")
def page(made):
    return made.html.read_text(encoding="utf-8")


def test_page_and_file_hold_the_same_numbers(made, page):
    """results.json is what the page displayed, and its verdict is what the page says."""
    written = json.loads((made.folder / "results.json").read_text(encoding="utf-8"))
    executed = nbformat.read(made.folder / "analysis.ipynb", as_version=4)
    displayed = [
        output.data[RESULTS_MIME]
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if RESULTS_MIME in output.get("data", {})
    ]
    assert displayed == [written]
    primary = written["outcomes"][0]
    assert written["verdict"] == primary["verdict"] == "benefit"
    assert f"{primary['randomization_test']['n_as_extreme']}/64" in page
    assert f"{primary['mixed_model']['estimate']:.1f}" in page


def test_page_is_still_and_stands_alone(page):
    """Hostile names of the protocol are text; no code, no place of this machine, nothing that runs."""
    assert check_page(page) == ()
    assert "&lt;script&gt;x()&lt;/script&gt;" in page
    assert "nof1.analyse" not in page
    assert page.count("Simulated") > 10


def test_hostile_words_of_the_record_are_text_in_the_notebook(made, page):
    """Events, deviations, statements: nothing of them runs in the page, nor in the outputs of the notebook."""
    notebook = nbformat.read(made.folder / "analysis.ipynb", as_version=4)
    outputs = [
        str(output.get("data", {}).get(kind, ""))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for kind in ("text/html", "text/markdown", "image/svg+xml")
    ]
    assert any("&lt;script&gt;x()" in text for text in outputs)
    assert not any("<script>x()" in text for text in outputs)
    assert "A stop rule was met on day 3" in page
    assert "<script>x()" not in page


def test_hostile_words_are_text_on_paper(made):
    """Report and letter show markup, templates, formulas and commands as they were typed; no PDF holds anything active."""
    for name, least in (("report.pdf", 10), ("letter.pdf", 1)):
        content = (made.folder / name).read_bytes()
        text = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())
        assert text.count("<script>x()") >= least, name
        for typed in ("onerror=x()>", "{{ 7*7 }}", "=HYPERLINK(1)", "\\frac{1}{2}"):
            assert typed in text, (name, typed)
        for active in (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile"):
            assert active not in content, (name, active)


def test_nothing_tells_where_it_was_made(made, workspace):
    """Page, paper, results, notebook and manifest are shown to others."""
    for path in made.folder.iterdir():
        assert str(workspace).encode() not in path.read_bytes(), path.name
        if path.suffix == ".pdf":
            assert str(workspace) not in "".join(page.extract_text() for page in PdfReader(path).pages), (
                path.name
            )


def test_other_programs_agree(page):
    """The appendix holds numbers of statsmodels and pingouin, and they are ours."""
    assert page.count(">agrees<") >= 5
    assert ">differs<" not in page
    assert ">statsmodels<" in page
    assert ">pingouin<" in page


def test_cells_of_the_notebook_display_figures(made):
    """The analyst's copy shows the figures that the page has as its own."""
    executed = nbformat.read(made.folder / "analysis.ipynb", as_version=4)
    nbformat.validate(executed)
    shown = [output.data for cell in executed.cells for output in cell.get("outputs", [])]
    assert sum("image/svg+xml" in data for data in shown) == 3
    assert not [
        output
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]


def plain(notebook):
    """Return a notebook without what carries the time of the run."""
    told = json.loads(json.dumps(notebook))
    for place in (told, *told["cells"]):
        for name in ("papermill", "execution"):
            place["metadata"].pop(name, None)
    return told


def test_a_kernel_gives_the_same(made, page, tmp_path):
    """The executed notebook, run where it lies on a kernel, displays what this process displayed, to the byte."""
    folder = made.folder
    again = run_notebook(
        folder / "analysis.ipynb", folder / "again.ipynb", data="../../../data/small-trial/locked"
    )
    (folder / "again.ipynb").unlink()
    assert plain(again) == plain(nbformat.read(folder / "analysis.ipynb", as_version=4))
    html = [
        output.data["text/html"]
        for cell in again.cells
        for output in cell.get("outputs", [])
        if RESULTS_MIME in output.get("data", {})
    ]
    assert html[0] in page


def test_a_later_report_of_the_same_process_is_the_same(made, workspace, tmp_path):
    """After another trial and after one that failed; every file of it, byte for byte."""
    source = find_notebook("primary_analysis")
    write_locked(tmp_path / "locked", some_tables())
    (tmp_path / "locked" / "scores.csv").write_text("score\n", encoding="utf-8")
    with pytest.raises(NotebookError):
        make_report(tmp_path / "locked", to=tmp_path / "failed", at=AT, notebook=source)
    with report_place(None, workspace / "reports", "small-trial", AT) as to:
        again = make_report(workspace / "data" / "small-trial" / "locked", to=to, at=AT, notebook=source)
    for name in ("report.html", "report.pdf", "letter.pdf", "results.json"):
        assert (again.folder / name).read_bytes() == (made.folder / name).read_bytes(), name
    one, other = (nbformat.read(report.folder / "analysis.ipynb", as_version=4) for report in (made, again))
    assert plain(one) == plain(other)
