"""Which notebook is run: the one that ships with nof1, unless the workspace has a copy of its own."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import nbformat

from nof1.encoding import canonical_json, sha256_hex
from nof1.errors import NotebookError

PARAMETER: Final = "data"
"""The one parameter that a notebook of nof1 has: the data folder."""
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookSource:
    """A notebook that is about to be run.

    Attributes
    ----------
    path : Path
        Where it lies.
    sha256 : str
        Digest of its cells: what they say, not what they once displayed.
    is_modified : bool
        Whether it differs from the one that ships with nof1 under the same name; True for one that
        nof1 does not have.
    """

    path: Path
    sha256: str
    is_modified: bool


def find_notebook(name: str, workspace: Path | None = None) -> NotebookSource:
    """Find a notebook by name; a copy in the workspace wins, and is told apart from the original.

    Parameters
    ----------
    name : str
        Such as ``primary_analysis``: a bare name, for it may come out of a manifest that somebody else wrote.
    workspace : Path, optional
        Its ``notebooks/`` is looked into first.

    Returns
    -------
    NotebookSource
        What to run.

    Raises
    ------
    NotebookError
        If that is no bare name, there is no notebook of that name, or it cannot be read.
    """
    if not _NAME.fullmatch(name):
        raise NotebookError(
            f"{name[:80]!r} is no name of a notebook; write letters, digits, - and _, such as primary_analysis"
        )
    packaged = _packaged(name)
    own = None if workspace is None else workspace / "notebooks" / f"{name}.ipynb"
    if own is not None and own.is_file():
        digest = notebook_digest(own)
        return NotebookSource(
            path=own, sha256=digest, is_modified=packaged is None or digest != notebook_digest(packaged)
        )
    if packaged is None:
        raise NotebookError(f"{name}.ipynb is not part of this installation; install nof1 anew")
    return NotebookSource(path=packaged, sha256=notebook_digest(packaged), is_modified=False)


def notebook_digest(path: Path) -> str:
    """Compute the digest of what a notebook's cells say.

    Outputs, counters and metadata of the cells do not count: opening and running a notebook does not
    make it another one.

    Parameters
    ----------
    path : Path
        A notebook.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    NotebookError
        If the file is no notebook.
    """
    cells = [
        (cell.cell_type, cell.source, sorted(cell.metadata.get("tags", [])))
        for cell in read_notebook(path).cells
    ]
    return sha256_hex(canonical_json(cells))


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read a notebook.

    Parameters
    ----------
    path : Path
        Where it lies.

    Returns
    -------
    NotebookNode
        In version 4.

    Raises
    ------
    NotebookError
        If the file is not there or is no notebook.
    """
    try:
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise NotebookError(
            f"{path}: not a notebook that can be read ({error}); export it from Jupyter again"
        ) from error
    return notebook


def check_parameters(notebook: nbformat.NotebookNode, name: str) -> None:
    """Refuse a notebook that takes anything but the data folder.

    Papermill hands unknown parameters over without a word, and writes their names as code; so the only
    name that is ever passed is ours, and a notebook that asks for another one is not run.

    Parameters
    ----------
    notebook : NotebookNode
        What would be run.
    name : str
        How an error calls it.

    Raises
    ------
    NotebookError
        Unless there is one cell tagged ``parameters``, and all it does is set ``data``.
    """
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise NotebookError(f"{name}: found {len(cells)} cells tagged parameters; tag exactly one")
    try:
        statements = ast.parse(cells[0].source).body
    except SyntaxError as error:
        raise NotebookError(f"{name}: the cell tagged parameters is not Python ({error})") from error
    found = [_assigned(statement) for statement in statements]
    if found != [PARAMETER]:
        told = ", ".join(each or "something else" for each in found) or "nothing"
        raise NotebookError(f'{name}: the cell tagged parameters sets {told}; write only {PARAMETER} = "…"')


def _assigned(statement: ast.stmt) -> str | None:
    """Name what a statement sets, where it sets one name to a constant."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            return target.id
    return None


def _packaged(name: str) -> Path | None:
    """Find a notebook that ships: in the checkout that is run from, else where the wheel puts it."""
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file():  # an installed copy of it would be as old as the installation
        path = checkout / "notebooks" / f"{name}.ipynb"
        return path if path.is_file() else None
    try:
        path = Path(str(resources.files("nof1_share") / "notebooks" / f"{name}.ipynb"))
    except ModuleNotFoundError:
        return None
    return path if path.is_file() else None
