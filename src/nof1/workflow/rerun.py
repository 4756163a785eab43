"""Make a report again from its manifest, and say whether every number is the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.errors import ReportError
from nof1.files.reports import folder_digests, read_manifest, report_place
from nof1.runner.notebooks import find_notebook
from nof1.runner.report import make_report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """A report that was made again.

    Attributes
    ----------
    folder, html : Path
        Where the new one is.
    different : tuple of str
        Where its results differ from those of the first, as paths in results.json; empty where all agree.
    versions : tuple of str
        Programs that have another version now, such as ``scipy 1.17.0, now 1.17.1``.
    """

    folder: Path
    html: Path
    different: tuple[str, ...]
    versions: tuple[str, ...]


def rerun_report(manifest: Path, context: Context, *, to: Path | None = None, with_pdf: bool = True) -> Rerun:
    """Run the same notebook on the same data, and compare the results.

    A manifest may come from anybody: it chooses among the notebooks that ship with nof1 and those of the person's own
    workspace, and among the data of that workspace and of the folder it lies in; nothing else is run or read.

    Parameters
    ----------
    manifest : Path
        manifest.json of a report.
    context : Context
        Workspace, clock, progress.
    to : Path or None
        A new folder; beside the first report by default.
    with_pdf : bool
        Whether it is set on paper too.

    Returns
    -------
    Rerun
        Where the new report is, and what differs.

    Raises
    ------
    ReportError
        If data or results are not those of the manifest, the data lie elsewhere, or its notebook is not at hand.
    WorkspaceError
        If there is no data folder, or something is at `to` already.
    NotebookError
        If the notebook stops; its run is kept.
    """
    first = read_manifest(manifest)
    data = _own_data(manifest, first.data, context.workspace)
    changed = sorted(name for name, _ in set(folder_digests(data).items()) ^ set(first.data_files.items()))
    if changed:
        raise ReportError(
            f"{data / changed[0]}: not as it was when {manifest} was written; put that data folder back"
        )
    written = folder_digests(manifest.parent).get("results.json")
    if written != first.results_sha256:
        raise ReportError(
            f"{manifest.parent / 'results.json'}: not as {manifest.name} says; put the first file back"
        )
    before = json.loads((manifest.parent / "results.json").read_text(encoding="utf-8"))
    notebook = find_notebook(first.notebook, workspace=context.workspace)
    if notebook.sha256 != first.notebook_sha256:
        raise ReportError(
            f"{notebook.path}: not the notebook of that report, whose cells had SHA-256 {first.notebook_sha256[:16]}…; "
            f"put it into notebooks/ of the workspace, or run {manifest.parent / 'analysis.ipynb'} in Jupyter"
        )
    now = context.now()
    beside = manifest.absolute().parent.parent
    with report_place(to, beside.parent, beside.name, now) as place:
        made = make_report(
            data,
            to=place,
            at=now,
            notebook=notebook,
            with_pdf=with_pdf,
            progress=context.progress,
        )
    versions = read_manifest(made.folder / "manifest.json").versions
    return Rerun(
        folder=made.folder,
        html=made.html,
        different=tuple(_different(before, json.loads((made.folder / "results.json").read_bytes()))),
        versions=tuple(
            f"{name} {old}, now {versions.get(name, 'absent')}"
            for name, old in first.versions.items()
            if versions.get(name) != old
        ),
    )


def _own_data(manifest: Path, named: str, workspace: Path) -> Path:
    """Find the data that a manifest names, and refuse what lies outside of the workspace and of its own folder."""
    data = manifest.parent / named
    found = data.resolve()
    if not any(found.is_relative_to(place.resolve()) for place in (workspace, manifest.parent)):
        raise ReportError(
            f"{manifest}: names data outside of the workspace {workspace} ({named}); nothing was read. If you trust "
            "it, run the command in the workspace in which those data lie"
        )
    return data


def _different(one: object, other: object, where: str = "") -> Iterator[str]:
    """Walk through two results side by side."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            yield from _different(one.get(name), other.get(name), f"{where}.{name}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _different(left, right, f"{where}[{place}]")
    elif one != other:
        yield where
