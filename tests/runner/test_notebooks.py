"""Which notebook is run, and when it counts as modified."""

from __future__ import annotations

import nbformat
import pytest

from nof1.errors import NotebookError
from nof1.runner import notebooks
from nof1.runner.notebooks import find_notebook, notebook_digest


@pytest.fixture
def packaged(write_notebook, monkeypatch):
    """Put a notebook in the place of the one of the installation."""
    path = write_notebook("1 + 1", name="primary_analysis.ipynb")
    monkeypatch.setattr(notebooks, "_packaged", lambda name: path if name == "primary_analysis" else None)
    return path


def workspace_copy(tmp_path, packaged, change=lambda notebook: None):
    folder = tmp_path / "workspace" / "notebooks"
    folder.mkdir(parents=True)
    notebook = nbformat.read(packaged, as_version=4)
    change(notebook)
    nbformat.write(notebook, folder / "primary_analysis.ipynb")
    return tmp_path / "workspace"


def test_packaged_notebook_is_the_default(packaged, tmp_path):
    """Without a copy of one's own, the shipped analysis runs."""
    found = find_notebook("primary_analysis", tmp_path / "workspace")
    assert (found.path, found.is_modified) == (packaged, False)


def test_copy_in_the_workspace_wins(packaged, tmp_path):
    """A person who changed the notebook gets their own, and the reader is told."""

    def change(notebook):
        notebook.cells[-1].source = "2 + 2"

    workspace = workspace_copy(tmp_path, packaged, change)
    found = find_notebook("primary_analysis", workspace)
    assert found.path == workspace / "notebooks" / "primary_analysis.ipynb"
    assert found.is_modified
    assert found.sha256 != notebook_digest(packaged)


def test_looking_at_a_copy_does_not_modify_it(packaged, tmp_path):
    """Jupyter rewrites outputs, counters and metadata when a notebook is only opened and run."""

    def change(notebook):
        notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", text="2")]
        notebook.cells[-1].execution_count = 7
        notebook.metadata["language_info"] = {"name": "python", "version": "3.13"}

    found = find_notebook("primary_analysis", workspace_copy(tmp_path, packaged, change))
    assert not found.is_modified


def test_notebook_of_ones_own_counts_as_modified(packaged, tmp_path):
    """What nof1 does not ship cannot be unmodified."""
    workspace = workspace_copy(tmp_path, packaged)
    (workspace / "notebooks" / "primary_analysis.ipynb").rename(workspace / "notebooks" / "mine.ipynb")
    assert find_notebook("mine", workspace).is_modified


def test_unknown_notebook_is_refused(packaged, tmp_path):
    """A name that leads nowhere gets a sentence."""
    with pytest.raises(NotebookError, match=r"nothing\.ipynb is not part of this installation"):
        find_notebook("nothing", tmp_path)


def test_checkout_is_asked_before_the_installed_copy(root):
    """A notebook that was just edited must not run in its old form."""
    found = find_notebook("primary_analysis", root)
    assert found.path == root / "notebooks" / "primary_analysis.ipynb"
    assert not found.is_modified


def test_installed_copy_is_found(tmp_path, monkeypatch, write_notebook):
    """In a wheel the notebooks lie beside the package."""
    monkeypatch.setattr(notebooks, "__file__", str(tmp_path / "site" / "nof1" / "runner" / "notebooks.py"))
    folder = tmp_path / "nof1_share"
    monkeypatch.setattr(notebooks.resources, "files", lambda name: tmp_path / name)
    (folder / "notebooks").mkdir(parents=True)
    write_notebook("1").rename(folder / "notebooks" / "primary_analysis.ipynb")
    assert find_notebook("primary_analysis").path == folder / "notebooks" / "primary_analysis.ipynb"


def test_installation_without_notebooks_is_told(tmp_path, monkeypatch):
    """A broken installation is told, not guessed around."""
    monkeypatch.setattr(notebooks, "__file__", str(tmp_path / "site" / "nof1" / "runner" / "notebooks.py"))
    monkeypatch.setattr(
        notebooks.resources, "files", lambda name: (_ for _ in ()).throw(ModuleNotFoundError(name))
    )
    with pytest.raises(NotebookError, match="install nof1 anew"):
        find_notebook("primary_analysis")


@pytest.mark.parametrize(
    "name", ["../mine", "{}/mine", "a/b", "", ".", "-x", "mine\n", "primary_analysis.ipynb"]
)
def test_only_a_bare_name_is_looked_for(packaged, tmp_path, name):
    """A name can come from a stranger's manifest, and what it leads to is run."""
    (tmp_path / "workspace").mkdir()
    nbformat.write(nbformat.read(packaged, as_version=4), tmp_path / "workspace" / "mine.ipynb")
    with pytest.raises(NotebookError, match="is no name of a notebook"):
        find_notebook(name.format(tmp_path / "workspace"), tmp_path / "workspace")
