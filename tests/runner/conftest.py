"""Small notebooks, and data folders to run them on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHOW = """
from nof1.report.render import LETTER_MIME, RESULTS_MIME

class Shown:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {RESULTS_MIME: {"nof1": "0.1.0", "trial": "small", "title": "A <i>title</i>", "mode": "self_blinded",
                               "simulated": True, "value": 0.5},
                "text/html": "<article class='nof1'><svg role='img' viewBox='0 0 1 1'></svg><p>ours</p></article>",
                "text/plain": "ours",
                LETTER_MIME: "<html><head><title>A letter</title></head><body><p>Dear doctor</p></body></html>"}

Shown()
"""


def a_notebook(
    *sources: str, parameters: str | None = 'data = "."', **tags: list[str]
) -> nbformat.NotebookNode:
    """Make a notebook: first the parameters cell, then the given code."""
    cells = []
    if parameters is not None:
        cells.append(nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    for place, source in enumerate(sources):
        made = nbformat.v4.new_markdown_cell if source.startswith("#md ") else nbformat.v4.new_code_cell
        cells.append(made(source.removeprefix("#md "), metadata={"tags": tags.get(f"cell{place}", [])}))
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    kernel = {"name": "some-other-kernel", "language": "python", "display_name": "Not installed"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a notebook and returns its path."""

    def write(*sources: str, name: str = "small.ipynb", **options: object) -> Path:
        path = tmp_path / "notebooks" / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(a_notebook(*sources, **options), path)
        return path

    return write


@pytest.fixture
def show() -> str:
    """Return the code of a cell that displays fixed results."""
    return SHOW


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """Return a folder with two files in it."""
    folder = tmp_path / "data" / "small" / "locked"
    (folder / "notes").mkdir(parents=True)
    (folder / "scores.csv").write_text("score,value\nwm.dprime,1\n", encoding="utf-8")
    (folder / "notes" / "more.csv").write_text("a\n", encoding="utf-8")
    return folder
