"""Pool finished trials of several people."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from nof1.analysis.pooled_trials import PooledTrials, pool_trials
from nof1.errors import Nof1Error, StageError, WorkspaceError
from nof1.files.locked import read_dataset
from nof1.files.workspace import is_trial
from nof1.workflow.stored import stored_datasets
from nof1.workflow.trial import read_trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from nof1.analysis.dataset import Dataset
    from nof1.workflow.context import Context

_OPEN = "not locked yet"
_WHICH = "without --without-names it is said which one, and why"
_UNREAD = f"its locked data cannot be read, or are not what was locked; {_WHICH}"


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
    score, contrast
        As in `pool_trials`.
    without_names : bool
        As there; progress and errors tell no name and no place either.

    Returns
    -------
    PooledTrials
        A trial whose data cannot be read is left out, and named.

    Raises
    ------
    WorkspaceError
        If none of them can be read, or a store cannot be and no names are to be told.
    StoreError
        If a store cannot be read.
    ValueError
        As `pool_trials`.
    """
    datasets: dict[str, Dataset] = {}
    unread: list[tuple[str, str]] = []
    for number, place in enumerate(places, start=1):
        told = "a trial" if without_names else place if isinstance(place, str) else place.name
        context.progress(f"Reading {told}, {number} of {len(places)}")
        for own_name, found in _found(place, without_names=without_names):
            where = f"{place}/{own_name}" if isinstance(place, str) else str(place)
            name = where if own_name in datasets else own_name
            if not isinstance(found, Nof1Error):
                datasets[name] = found
            elif without_names:
                unread.append(("", str(found) if isinstance(found, StageError) else _UNREAD))
            else:
                unread.append((name, str(found)))
    if not datasets:
        reasons = "; ".join(f"{name}: {reason}" if name else reason for name, reason in unread)
        nothing = f"none is finished in {'the store' if without_names else places[0]}"
        raise WorkspaceError(f"none of these trials has locked data that can be read ({reasons or nothing})")
    pooled = pool_trials(datasets, score=score, contrast=contrast, without_names=without_names)
    return replace(pooled, left_out=(*unread, *pooled.left_out))


def _found(place: Path | str, *, without_names: bool) -> Iterator[tuple[str, Dataset | Nof1Error]]:
    try:
        yield from stored_datasets(place) if isinstance(place, str) else _read(place)
    except Nof1Error:
        if without_names:
            raise WorkspaceError(f"a store cannot be read; {_WHICH}") from None
        raise


def _read(folder: Path) -> Iterator[tuple[str, Dataset | Nof1Error]]:
    try:
        yield folder.name, read_dataset(folder / "locked")
    except Nof1Error as error:
        yield folder.name, StageError(_OPEN) if _is_open(folder) else error


def _is_open(folder: Path) -> bool:
    """Whether a folder holds a trial whose data can still change, so that no data folder is to be expected."""
    if (folder / "locked").exists() or not is_trial(folder):
        return False
    with suppress(Nof1Error):
        return read_trial(folder).state.lock is None
    return False
