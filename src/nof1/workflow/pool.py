"""Pool finished trials of several people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nof1.analysis.pooled_trials import PooledTrials, pool_trials
from nof1.errors import Nof1Error, WorkspaceError
from nof1.files.locked import read_dataset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nof1.analysis.dataset import Dataset
    from nof1.workflow.context import Context


def pool(
    folders: Sequence[Path],
    context: Context,
    *,
    score: str | None = None,
    contrast: str | None = None,
    without_names: bool = False,
) -> PooledTrials:
    """Pool the locked data of trials.

    Parameters
    ----------
    folders : sequence of Path
        Folders of trials.
    context : Context
        For its progress.
    score, contrast, without_names
        As in `pool_trials`.

    Returns
    -------
    PooledTrials
        A trial whose data cannot be read is left out, and named.

    Raises
    ------
    WorkspaceError
        If none of them can be read.
    ValueError
        As `pool_trials`.
    """
    datasets: dict[str, Dataset] = {}
    unread: list[tuple[str, str]] = []
    for place, folder in enumerate(folders, start=1):
        context.progress(f"Reading {folder.name}, {place} of {len(folders)}")
        name = folder.name if folder.name not in datasets else str(folder)
        try:
            datasets[name] = read_dataset(folder / "locked")
        except Nof1Error as error:
            unread.append((name, str(error)))
    if not datasets:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in unread)
        raise WorkspaceError(f"none of these trials has locked data that can be read ({reasons})")
    pooled = pool_trials(datasets, score=score, contrast=contrast, without_names=without_names)
    return replace(pooled, left_out=(*unread, *pooled.left_out))
