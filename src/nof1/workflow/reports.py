"""Make the reports of many trials: in processes that stay warm, and each as if it were the only one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.cluster.run import run_all
from nof1.errors import Nof1Error, StageError, WorkspaceError
from nof1.files.workspace import trial_names
from nof1.workflow.reportable import Reported, require_reportable
from nof1.workflow.trial import read_trial

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyReported:
    """What came of many reports.

    Attributes
    ----------
    made : dict of str to Reported
        Finished reports, by trial.
    failed : dict of str to str
        Why there is none, by trial.
    """

    made: dict[str, Reported]
    failed: dict[str, str]


def report_trials(
    folders: Sequence[Path],
    context: Context,
    *,
    blinded: bool = False,
    to: Path | None = None,
    with_pdf: bool = True,
    n_processes: int = 1,
    address: str | None = None,
) -> ManyReported:
    """Make a report of every trial; one that fails is named, and the rest is finished.

    Each is made by the step that makes a single one, so it is the same file for file.

    Parameters
    ----------
    folders : sequence of Path
        Folders of trials; one that is named twice is reported once.
    context : Context
        Workspace, clock, progress.
    blinded : bool
        Whether to make blinded reviews.
    to : Path, optional
        Gets a new folder for each trial; below reports/ of the workspace by default.
    with_pdf : bool
        Whether they are set on paper too.
    n_processes, address
        As in `run_all`. Workers elsewhere must see the same folders under the same paths.

    Returns
    -------
    ManyReported
        In the order of `folders`; a trial is called by its path where another one has its name.

    Raises
    ------
    WorkspaceError
        If the cluster cannot be reached; or, before anything is made, if two trials of one name want one folder in `to`.
    """
    named = _named(folders)
    if to is not None:
        places: dict[str, Path] = {}
        for folder in named.values():
            if places.setdefault(folder.name, folder) != folder:
                raise WorkspaceError(
                    f"{places[folder.name]} and {folder}: both reports would be {to / folder.name}; "
                    "leave one of them out, or leave out --to"
                )
    is_here = address is None and (n_processes == 1 or len(folders) < 2)
    sent = context.silent() if is_here else context.elsewhere()
    tasks = {
        name: _Task(
            folder=folder,
            context=sent,
            blinded=blinded,
            to=None if to is None else to / folder.name,
            with_pdf=with_pdf,
        )
        for name, folder in named.items()
    }
    done = run_all(_made, tasks, n_processes=n_processes, address=address, progress=context.progress)
    return ManyReported(
        made={name: one.value for name, one in done.items() if one.value is not None},
        failed={name: one.error for name, one in done.items() if one.error is not None},
    )


def reportable_trials(context: Context, *, blinded: bool = False) -> tuple[tuple[Path, ...], dict[str, str]]:
    """Find the trials of the workspace whose report can be made now.

    Parameters
    ----------
    context : Context
        Workspace.
    blinded : bool
        Whether blinded reviews are meant, which come before the opening.

    Returns
    -------
    tuple of (tuple of Path, dict of str to str)
        Their folders; and, by name, what the others wait for. One that cannot be read is among the first, so that
        its failure is told.
    """
    folders: list[Path] = []
    waiting: dict[str, str] = {}
    for name in trial_names(context.workspace):
        folder = context.workspace / "data" / name
        try:
            require_reportable(read_trial(folder), blinded=blinded)
        except StageError as error:
            waiting[name] = str(error)
            continue
        except Nof1Error:
            pass
        folders.append(folder)
    return tuple(folders), waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    folder: Path
    context: Context
    blinded: bool
    to: Path | None
    with_pdf: bool


def _made(task: _Task) -> Reported:
    from nof1.workflow.report import report_trial, review_trial  # noqa: PLC0415 - workers load it, all at once

    step = review_trial if task.blinded else report_trial
    return step(task.folder, task.context, to=task.to, with_pdf=task.with_pdf)


def _named(folders: Sequence[Path]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for folder in dict.fromkeys(folders):
        named[folder.name if folder.name not in named else str(folder)] = folder
    return named
