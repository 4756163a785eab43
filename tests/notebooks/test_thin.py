"""The notebooks that ship: imports, calls, prose; one parameter; nothing displayed yet."""

from __future__ import annotations

import ast

import nbformat
import pytest

import nof1
from nof1.runner.notebooks import check_parameters

LOGIC = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.If,
    ast.Try,
    ast.With,
    ast.comprehension,
)


@pytest.fixture(scope="module")
def notebooks(root):
    """Read every notebook of the repository."""
    found = {
        path.name: nbformat.read(path, as_version=4) for path in sorted((root / "notebooks").glob("*.ipynb"))
    }
    assert "primary_analysis.ipynb" in found
    return found


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_notebooks_hold_no_logic(notebooks):
    """What is computed is computed in the package, where it is tested."""
    for name, notebook in notebooks.items():
        for cell in code(notebook):
            nodes = list(ast.walk(ast.parse(cell.source)))
            assert not [node for node in nodes if isinstance(node, LOGIC)], (name, cell.source)


def test_notebooks_take_the_data_folder_and_nothing_else(notebooks):
    """One cell tagged parameters, one parameter."""
    for name, notebook in notebooks.items():
        check_parameters(notebook, name)


def test_notebooks_import_only_nof1(notebooks):
    """The notebook is an index to the package."""
    for notebook in notebooks.values():
        for cell in code(notebook):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    assert [alias.name for alias in node.names] == ["nof1"]
                assert not isinstance(node, ast.ImportFrom)


def test_outputs_are_stripped(notebooks):
    """An output would be somebody's data."""
    for name, notebook in notebooks.items():
        nbformat.validate(notebook)
        for cell in code(notebook):
            assert cell.outputs == [], name
            assert cell.execution_count is None, name
        assert set(notebook.metadata) <= {"kernelspec", "language_info"}, name


def test_notebooks_call_names_that_exist(notebooks):
    """A renamed function would be noticed only by the person who makes a report."""
    for name, notebook in notebooks.items():
        for cell in code(notebook):
            for node in ast.walk(ast.parse(cell.source)):
                if (
                    isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "nof1"
                ):
                    assert callable(getattr(nof1, node.attr)), (name, node.attr)
