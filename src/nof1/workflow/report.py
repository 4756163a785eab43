"""Run the analysis that the protocol planned, and make the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.errors import StoreError
from nof1.files.locked import locked_bytes
from nof1.files.reports import folder_digests, report_place
from nof1.runner.notebooks import find_notebook
from nof1.runner.report import make_report
from nof1.workflow.evidence import trial_evidence
from nof1.workflow.lock import refresh_locked
from nof1.workflow.reportable import Reported, require_reportable
from nof1.workflow.tables import locked_tables, without_guesses
from nof1.workflow.trial import anchor_head, changing, open_trial_store, read_trial, require_heads, stored

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.runner.helper import Helper
    from nof1.workflow.context import Context
    from nof1.workflow.trial import Trial


def report_trial(
    folder: Path,
    context: Context,
    *,
    to: Path | None = None,
    with_pdf: bool = True,
    helper: Helper | None = None,
) -> Reported:
    """Make the report of a trial whose allocation is known.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Workspace, clock, progress.
    to : Path or None
        A new folder for the report; below reports/ of the workspace by default.
    with_pdf : bool
        Whether it is set on paper too.
    helper : Helper, optional
        A second process, where this one is cold; the report is the same.

    Returns
    -------
    Reported
        Page and verdict.

    Raises
    ------
    StageError
        If the trial is not locked, or not unblinded.
    NotebookError
        If the notebook stops; its run is kept.
    """
    trial = read_trial(folder)
    require_reportable(trial)
    require_heads(trial)
    refresh_locked(trial)  # made again from the record, so that nobody analyses a changed copy
    return _made(trial, context, folder / "locked", "primary_analysis", to, with_pdf=with_pdf, helper=helper)


def review_trial(
    folder: Path,
    context: Context,
    *,
    to: Path | None = None,
    with_pdf: bool = True,
    helper: Helper | None = None,
) -> Reported:
    """Make the report of a trial before anybody knows what was what: data quality, adherence, practice, harms.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Workspace, clock, progress.
    to : Path or None
        A new folder for the report; below reports/ of the workspace by default.
    with_pdf : bool
        Whether it is set on paper too.
    helper : Helper, optional
        A second process, where this one is cold; the report is the same.

    Returns
    -------
    Reported
        Page; its verdict is ``not_estimable``, for nothing is compared.

    Raises
    ------
    StageError
        If the allocation is known already.
    NotebookError
        If the notebook stops; its run is kept.
    """
    trial = read_trial(folder)
    require_reportable(trial, blinded=True)
    require_heads(trial)
    tables = replace(without_guesses(locked_tables(trial)), allocation=None)
    return _made(trial, context, locked_bytes(tables), "blinded_review", to, with_pdf=with_pdf, helper=helper)


def _made(
    trial: Trial,
    context: Context,
    data: Path | dict[str, bytes],
    notebook: str,
    to: Path | None,
    *,
    with_pdf: bool,
    helper: Helper | None,
) -> Reported:
    now, folder, blinded = context.now(), trial.folder, notebook == "blinded_review"
    if not open_trial_store(folder).may_add():
        raise StoreError(
            f"{trial.name}: its store can only be read from here, and a report is recorded there; make it by an address of "
            f"somebody who adds. What is locked can be analysed without: the notebooks take {folder / 'locked'}"
        )
    with report_place(to, context.workspace / "reports", trial.name, now) as place:
        made = make_report(
            data,
            to=place,
            at=now,
            notebook=find_notebook(notebook, workspace=context.workspace),
            with_pdf=with_pdf,
            progress=context.progress,
            beside=None if blinded else trial_evidence(folder),
            helper=helper,
        )
    digest = folder_digests(made.folder)["results.json"]
    with changing(folder, context) as change:
        change.record(events.ReportMade(folder=made.folder.name, results_sha256=digest, blinded=blinded))
    with stored(f"the report is at {made.html}; its event", trial.name):
        anchor_head(read_trial(folder), "report")
    return Reported(
        folder=made.folder, html=made.html, verdict=str(made.results.get("verdict")), results=made.results
    )
