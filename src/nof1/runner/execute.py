"""Running a notebook: papermill with one parameter, on a kernel of our own or in this process; a failed run is kept."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError
from nbformat.warnings import MissingIDFieldWarning
from papermill.exceptions import PapermillExecutionError

from nof1.errors import NotebookError
from nof1.files.atomic import write_atomically
from nof1.runner.in_process import IN_PROCESS, ONE_AT_A_TIME
from nof1.runner.kernel import OwnKernel
from nof1.runner.notebooks import PARAMETER, check_parameters, read_notebook

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.runner.helper import Helper

Progress = Callable[[str], None]
_INJECTED: Final = "injected-parameters"
"""Tag of the cell that papermill puts in."""
_TERMINAL: Final = re.compile(r"\x1b\[[0-9;]*m")


def run_notebook(
    notebook: Path,
    output: Path,
    *,
    data: str,
    in_process: bool = False,
    timeout: float = 600.0,
    progress: Progress | None = None,
    helper: Helper | None = None,
) -> nbformat.NotebookNode:
    """Run a notebook on a data folder and keep the run.

    It works in the folder of `output`, so a relative `data` leads from the executed notebook to its
    data, today and when it is opened in Jupyter later.

    Parameters
    ----------
    notebook : Path
        What to run; stays as it is.
    output : Path
        Where the executed notebook goes; its folder exists.
    data : str
        The one parameter: path of a data folder, as seen from the folder of `output`.
    in_process : bool
        Whether to run it here, as befits a notebook that ships with nof1, and not on a kernel of its own. Other
        threads of this process that want the same wait.
    timeout : float
        Longest time for one cell [s]; with `in_process` in the main thread only.
    progress : callable, optional
        Is told which cell runs.
    helper : Helper, optional
        With `in_process`, computes what need not wait for its turn.

    Returns
    -------
    NotebookNode
        The executed notebook, as it was written to `output`.

    Raises
    ------
    NotebookError
        If the notebook asks for other parameters, or a cell fails or takes too long; the run is kept.
    """
    source = read_notebook(notebook)
    check_parameters(source, notebook.name)
    tags = [tag for cell in source.cells for tag in cell.metadata.get("tags", [])]
    n_cells = len(source.cells) + (_INJECTED not in tags)  # the cell that papermill puts in
    started: list[int] = []

    def tell(cell_index: int, **_: object) -> None:
        started.append(cell_index)
        if progress is not None:
            progress(f"{notebook.name}: cell {len(started)} of {n_cells}")

    try:
        with ONE_AT_A_TIME, _quiet():  # papermill changes the working folder for either
            executed: nbformat.NotebookNode = papermill.execute_notebook(
                notebook,
                output,
                engine_name=IN_PROCESS if in_process else None,
                parameters={PARAMETER: data},
                language="python",
                kernel_name="python3",
                cwd=output.parent,
                progress_bar=False,
                log_output=False,
                execution_timeout=timeout,
                kernel_manager_class=OwnKernel,
                shutdown_kernel="immediate",  # nothing is kept in the kernel that could be lost
                on_cell_start=tell,
                **({"helper": helper} if in_process else {}),
            )
    except PapermillExecutionError as error:
        what = _TERMINAL.sub("", f"{error.ename}: {error.evalue}").strip()
        raise NotebookError(
            f"{_place(notebook, started)} stopped with {what}; the run is kept in {output}"
        ) from error
    except CellTimeoutError as error:
        raise NotebookError(
            f"{_place(notebook, started)} took longer than {timeout:g} s and was stopped; the run is kept in {output}"
        ) from error
    except RuntimeError as error:  # the kernel did not start, or died
        raise NotebookError(f"{_place(notebook, started)}: {error}; what ran is kept in {output}") from error
    _forget_run(executed, notebook, output)
    write_atomically(output, f"{nbformat.writes(executed)}\n".encode())  # type: ignore[no-untyped-call]
    return executed


def _place(notebook: Path, started: list[int]) -> str:
    return f"{notebook.name}: cell {len(started)}" if started else f"{notebook.name}: the kernel"


def _forget_run(executed: nbformat.NotebookNode, notebook: Path, output: Path) -> None:
    """Keep names only of what papermill notes with the whole path on this machine, and no random name of its cell."""
    notes = executed.metadata.get("papermill", {})
    notes["input_path"], notes["output_path"] = notebook.name, output.name
    for cell in executed.cells:
        if _INJECTED in cell.metadata.get("tags", []):
            cell["id"] = _INJECTED


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep papermill's log from the terminal, where our own progress stands."""
    logger = logging.getLogger("papermill")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # Said about cells without an id, by the library that gives them one.
            warnings.filterwarnings("ignore", category=MissingIDFieldWarning)
            yield
    finally:
        logger.setLevel(level)
