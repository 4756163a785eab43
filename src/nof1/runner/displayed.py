"""What an executed notebook displayed: results.json is taken from there, so that page and file cannot differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.errors import NotebookError
from nof1.report.render import LETTER_MIME, RESULTS_MIME

if TYPE_CHECKING:
    import nbformat


def displayed_results(notebook: nbformat.NotebookNode, name: str) -> dict[str, object]:
    """Take the results out of the one output that displays them.

    Parameters
    ----------
    notebook : NotebookNode
        After its run.
    name : str
        How an error calls it.

    Returns
    -------
    dict
        results.json.

    Raises
    ------
    NotebookError
        If no cell displays results, or several display different ones.
    """
    found = [
        dict(output.data[RESULTS_MIME])
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if RESULTS_MIME in output.get("data", {})
    ]
    if not found:
        raise NotebookError(f"{name} displays no results; end a cell with nof1.render(nof1.analyse(…))")
    if any(other != found[0] for other in found[1:]):
        raise NotebookError(f"{name} displays results that differ from one another; display one of them")
    return found[0]


def displayed_letter(notebook: nbformat.NotebookNode) -> str:
    """Take the letter out of the output that displays the results.

    Parameters
    ----------
    notebook : NotebookNode
        After its run.

    Returns
    -------
    str
        A whole page of HTML; empty where the notebook displays results without one.
    """
    found = [
        str(output.data[LETTER_MIME])
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if LETTER_MIME in output.get("data", {})
    ]
    return found[0] if found else ""
