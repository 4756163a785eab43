"""Pool finished trials of several people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nof1.analysis.pooled_trials import PooledTrials, pool_trials
from nof1.errors import Nof1Error, WorkspaceError
from nof1.files.locked import read_dataset
from nof1.workflow.stored import stored_datasets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from nof1.analysis.dataset import Dataset
    from nof1.workflow.context import Context


def pool(
    places: Sequence[Path | str],
    context: Context,
    *,
    score: str | None = None,
    contrast: str | None = None,
    without_names: bool = False,
) -> PooledTrials:
    """Pool the locked data of trials.

    Parameters
    ----------
    places : sequence of Path or str
        Folders of trials, and addresses of stores: of each all trials that are locked.
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
    for number, place in enumerate(places, start=1):
        context.progress(
            f"Reading {place if isinstance(place, str) else place.name}, {number} of {len(places)}"
        )
        for own_name, found in stored_datasets(place) if isinstance(place, str) else _read(place):
            where = f"{place}/{own_name}" if isinstance(place, str) else str(place)
            name = where if own_name in datasets else own_name
            if isinstance(found, Nof1Error):
                unread.append((name, str(found)))
            else:
                datasets[name] = found
    if not datasets:
        reasons = (
            "; ".join(f"{name}: {reason}" for name, reason in unread) or f"none is finished in {places[0]}"
        )
        raise WorkspaceError(f"none of these trials has locked data that can be read ({reasons})")
    pooled = pool_trials(datasets, score=score, contrast=contrast, without_names=without_names)
    return replace(pooled, left_out=(*unread, *pooled.left_out))


def _read(folder: Path) -> Iterator[tuple[str, Dataset | Nof1Error]]:
    try:
        yield folder.name, read_dataset(folder / "locked")
    except Nof1Error as error:
        yield folder.name, error
