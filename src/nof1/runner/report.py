"""A report, from a data folder to a folder of files: one run of the notebook, and everything made from it."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nof1.errors import ReportError
from nof1.files.reports import add_file, add_json, begin_report, finish_report, folder_digests
from nof1.runner.displayed import displayed_letter, displayed_results
from nof1.runner.execute import Progress, run_notebook
from nof1.runner.helper import HelperError
from nof1.runner.html import marks_of, notebook_html
from nof1.runner.notebooks import NotebookSource, find_notebook
from nof1.runner.pdf import letter_pdf, report_pdf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from nof1.runner.helper import Helper

_PROGRAMS: Final = (
    *("nof1", "numpy", "scipy", "pandas", "statsmodels", "pingouin", "matplotlib"),
    *("papermill", "nbconvert", "ipykernel", "weasyprint"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeReport:
    """A finished report.

    Attributes
    ----------
    folder : Path
        Where all of it lies.
    html : Path
        The page.
    results : dict
        results.json.
    is_modified : bool
        Whether the notebook was not the one that ships with nof1.
    """

    folder: Path
    html: Path
    results: dict[str, object]
    is_modified: bool


def make_report(
    data: Path | Mapping[str, bytes],
    *,
    to: Path,
    at: datetime,
    notebook: NotebookSource | None = None,
    with_pdf: bool = True,
    timeout: float = 600.0,
    progress: Progress | None = None,
    beside: Mapping[str, bytes] | None = None,
    helper: Helper | None = None,
) -> MadeReport:
    """Run a notebook on a data folder, and make the folder of a report: page, PDFs, results.json, notebook, manifest.

    Parameters
    ----------
    data : Path or mapping of str to bytes
        A locked data folder, which is only read; or the files of one, which become ``data/`` of the report.
    to : Path
        The report's folder: new or empty.
    at : datetime
        When [aware, UTC].
    notebook : NotebookSource, optional
        From `find_notebook`; by default the primary analysis that ships with nof1.
    with_pdf : bool
        Whether report.pdf and letter.pdf are made, which takes about as long as all the rest.
    timeout : float
        Longest time for one cell [s].
    progress : callable, optional
        Is told what is being done.
    beside : mapping of str to bytes, optional
        Further files of the folder, such as what proves the trial: name, with slashes, to content.
    helper : Helper, optional
        Makes the PDFs, and what else need not wait for its turn, in a process of its own.

    Returns
    -------
    MadeReport
        Where it is, and what it found.

    Raises
    ------
    NotebookError
        If the notebook fails; the run is kept in a folder beside `to`, and the text names it.
    ReportError
        If the page holds what it must not, or the data changed during the run.
    WorkspaceError
        If there is no data folder, or something is at `to` already.
    """
    source = notebook or find_notebook("primary_analysis")
    if isinstance(data, Path):
        before = folder_digests(data)
        unfinished = begin_report(to)
    else:
        unfinished = begin_report(to)
        data = _written(unfinished / "data", data)
        before = folder_digests(data)
    executed = run_notebook(
        source.path,
        unfinished / "analysis.ipynb",
        data=_from_folder(data, unfinished),
        in_process=not source.is_modified,
        timeout=timeout,
        progress=progress,
        helper=helper,
    )
    if progress is not None:
        progress("Writing the report")
    results = displayed_results(executed, source.path.name)
    letter = displayed_letter(executed)
    of_letter = elsewhere(helper, letter_pdf, letter) if letter and with_pdf else None
    html = notebook_html(executed, results, note=_note(source))
    if folder_digests(data) != before:
        raise ReportError(f"{data}: the data changed while the report was made; make it again")
    add_file(unfinished / "report.html", html.encode())
    lacks = _write_pdfs(unfinished, html, results, of_letter, helper) if with_pdf else ""
    if lacks and progress is not None:
        progress(f"Not every PDF could be made: {lacks}")
    add_json(unfinished / "results.json", results)
    for name, content in (beside or {}).items():
        add_file(unfinished / name, content)
    add_json(
        unfinished / "manifest.json",
        {
            "nof1": results.get("nof1"),
            "trial": results.get("trial"),
            "made_at": at.isoformat(timespec="seconds"),
            "notebook": {
                "name": source.path.name,
                "sha256": source.sha256,
                "is_modified": source.is_modified,
            },
            "files": folder_digests(unfinished),
            "data": {"folder": _from_folder(data, unfinished), "files": before},
            "versions": _versions(),
        },
    )
    finish_report(unfinished, to)
    return MadeReport(folder=to, html=to / "report.html", results=results, is_modified=source.is_modified)


def _written(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        add_file(folder / name, content)
    return folder


def _write_pdfs(
    folder: Path,
    html: str,
    results: Mapping[str, object],
    letter: Callable[[], bytes] | None,
    helper: Helper | None,
) -> str:
    """Set page and letter on paper; return why not, where this machine cannot: the page comes all the same."""
    head = f"N-of-1 trial {results.get('trial')} · {results.get('title') or ''}".rstrip("· ")
    try:
        add_file(
            folder / "report.pdf", elsewhere(helper, report_pdf, html, head=head, marks=marks_of(results))()
        )
        if letter is not None:
            add_file(folder / "letter.pdf", letter())
    except ReportError as error:
        return str(error)
    return ""


def elsewhere(
    helper: Helper | None, function: Callable[..., bytes], *values: object, **named: object
) -> Callable[[], bytes]:
    """Let the helper do something, and do it here where there is none, or where it does not answer.

    Parameters
    ----------
    helper : Helper or None
        Who may do it.
    function : callable
        Defined at the top of a module.
    *values, **named : object
        Its arguments.

    Returns
    -------
    callable
        Waits until it is done, and returns what came of it.
    """
    answer = (
        None if helper is None else helper.ask(f"{function.__module__}:{function.__name__}", *values, **named)
    )

    def result() -> bytes:
        if answer is not None:
            with suppress(HelperError):
                return bytes(answer())
        return function(*values, **named)

    return result


def _from_folder(data: Path, folder: Path) -> str:
    """Write the way to the data so that neither page nor notebook tells where on this machine they lie."""
    return os.path.relpath(data.resolve(), folder.resolve()).replace(os.sep, "/")


def _note(source: NotebookSource) -> str:
    if not source.is_modified:
        return ""
    return (
        f"The notebook was modified. This report comes from a copy of {source.path.name} that differs from the one "
        f"that ships with nof1 (SHA-256 of its cells: {source.sha256[:16]}…)."
    )


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for program in _PROGRAMS:
        try:
            found[program] = version(program)
        except PackageNotFoundError:  # an extra that is not installed
            continue
    return found
