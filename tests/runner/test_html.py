"""The page: what is ours stays as it is, everything else is cleaned, and nothing can run."""

from __future__ import annotations

import nbformat
import pandas as pd
import pytest

from nof1.errors import NotebookError, ReportError
from nof1.report.page import check_page
from nof1.report.render import RESULTS_MIME
from nof1.runner.displayed import displayed_results
from nof1.runner.html import notebook_html, sanitised

HOSTILE = '<script>x()</script><img src="http://a.example/x"><b onclick="x()">bold</b><style>p{}</style><a href="javascript:x()">link</a>'
RESULTS = {"title": "</title><script>x()</script>", "simulated": True, "mode": "open_label"}


def shown(data, **metadata):
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    cell = nbformat.v4.new_code_cell("secret_code()", outputs=[output])
    return nbformat.v4.new_notebook(cells=[cell])


def page_of(*cells):
    return notebook_html(nbformat.v4.new_notebook(cells=list(cells)), RESULTS)


def test_ours_stays_and_code_goes():
    """The report fragment stands in the page as it was rendered, SVG and all; no code is shown."""
    svg = '<svg viewBox="0 0 1 1" role="img"><clipPath id="a"><path d="M 0 0"/></clipPath></svg>'
    page = notebook_html(shown({RESULTS_MIME: {}, "text/html": svg}), RESULTS)
    assert svg in page
    assert "secret_code" not in page


@pytest.mark.parametrize("kind", ["text/html", "text/markdown", "text/plain"])
def test_outputs_of_others_are_cleaned(kind):
    """What a cell of one's own displays may show, and nothing else."""
    page = notebook_html(shown({kind: HOSTILE}), RESULTS)
    assert check_page(page) == ()
    assert "bold" in page


def test_markdown_and_streams_are_cleaned():
    """Markdown is HTML in disguise; a stream is plain text."""
    page = page_of(
        nbformat.v4.new_markdown_cell(f"# Head\n\n{HOSTILE}\n\n[link](http://a.example)\n\n- *item*"),
        nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("stream", text=HOSTILE)]),
    )
    assert check_page(page) == ()
    assert "<h1" in page
    assert "<em>item</em>" in page
    assert "&lt;script&gt;" in page


def test_warnings_and_errors_stay_in_the_notebook():
    """What is meant for the analyst may tell of places on this machine."""
    page = page_of(
        nbformat.v4.new_code_cell(
            "", outputs=[nbformat.v4.new_output("stream", name="stderr", text="/somewhere/x.py: warning")]
        )
    )
    assert "/somewhere" not in page


def test_cells_for_the_notebook_only_are_left_out():
    """Figures that the report shows anyway are not shown twice."""
    cell = nbformat.v4.new_markdown_cell("only here", metadata={"tags": ["notebook-only"]})
    assert "only here" not in page_of(cell)


def test_page_stands_alone():
    """One file: its policy forbids whatever the check might have missed; phone and print are served."""
    page = page_of(nbformat.v4.new_markdown_cell("text"))
    assert page.startswith("<!doctype html>")
    assert (
        "Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\""
        in page
    )
    assert 'name="viewport"' in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert "&lt;/title&gt;" in page
    assert '<div class="nof1-running" aria-hidden="true">Simulated · Not blinded</div>' in page


def test_pictures_come_with_their_text():
    """A picture of a notebook keeps its text alternative, and is held by the page itself."""
    page = notebook_html(
        shown({"image/png": "iVBORw0KGgo=\n"}, **{"image/png": {"alt": 'a "plot"'}}), RESULTS
    )
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in page
    assert 'alt="a &#34;plot&#34;"' in page or 'alt="a &quot;plot&quot;"' in page


def test_page_that_could_run_something_is_refused():
    """A notebook that marks its own output as ours does not get past the check."""
    with pytest.raises(ReportError, match="<script>: found an element that runs"):
        notebook_html(shown({RESULTS_MIME: {}, "text/html": "<script>x()</script>"}), RESULTS)


def test_pandas_table_survives_the_cleaning():
    """The cross-check is a DataFrame; its table must stay one."""
    html = pd.DataFrame({"p": [0.1]}, index=["a<b"])._repr_html_()
    cleaned = sanitised(html)
    assert "<th>p</th>" in cleaned
    assert "vertical-align" not in cleaned
    assert "a&lt;b" in cleaned


def test_results_are_taken_from_the_one_output():
    """results.json is what the page shows: displayed once, or several times the same."""
    one, same = shown({RESULTS_MIME: {"a": 1}}), shown({RESULTS_MIME: {"a": 1}})
    assert displayed_results(one, "x") == {"a": 1}
    one.cells += same.cells
    assert displayed_results(one, "x") == {"a": 1}
    one.cells += shown({RESULTS_MIME: {"a": 2}}).cells
    with pytest.raises(NotebookError, match="results that differ"):
        displayed_results(one, "x")
    with pytest.raises(NotebookError, match="x displays no results"):
        displayed_results(nbformat.v4.new_notebook(), "x")
