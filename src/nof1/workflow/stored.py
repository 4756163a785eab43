"""Finished trials of a store on a server, as their data folders would hold them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nof1.audit.history import replay
from nof1.encoding import sha256_hex
from nof1.errors import Nof1Error, WorkspaceError
from nof1.files.locked import locked_bytes
from nof1.files.pooled import read_datasets as read_folders
from nof1.storage.address import is_url
from nof1.workflow.tables import locked_tables
from nof1.workflow.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.analysis.dataset import Dataset
    from nof1.audit.record import AnyRecorded


def read_datasets(place: str | Path) -> dict[str, Dataset]:
    """Read every finished trial of a folder, or of a store on a server.

    Parameters
    ----------
    place : str or Path
        A folder such as ``data``: each trial is a folder in it that holds ``locked/``. Or the address of a store,
        such as ``postgresql://rita@db.example.org/clinic``.

    Returns
    -------
    dict of str to Dataset
        By the name of the trial, in alphabetical order.

    Raises
    ------
    WorkspaceError
        If there is none, or one is not what was locked.
    StoreError
        If the store cannot be read.
    """
    if isinstance(place, Path) or not is_url(place):
        return read_folders(place)
    datasets = {}
    for name, found in stored_datasets(place):
        if isinstance(found, Nof1Error):
            raise found
        datasets[name] = found
    if not datasets:
        raise WorkspaceError(f"{place} holds no finished trial; lock and unblind one first")
    return datasets


def stored_datasets(url: str) -> Iterator[tuple[str, Dataset | Nof1Error]]:
    """Read every locked trial of a store, each as it is at one moment.

    Parameters
    ----------
    url : str
        Of the store.

    Yields
    ------
    name : str
        Of the trial, in alphabetical order.
    dataset : Dataset or Nof1Error
        As `read_dataset` reads it from the trial's folder; or why it cannot be used.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    from nof1.storage.server import histories_of  # noqa: PLC0415 - SQLAlchemy

    for name, history in histories_of(url):
        found: Dataset | Nof1Error | None
        try:
            found = history if isinstance(history, Nof1Error) else _dataset(name, history)
        except Nof1Error as error:
            found = error
        if found is not None:
            yield name, found


def _dataset(name: str, history: tuple[AnyRecorded, ...]) -> Dataset | None:
    """Return what was locked, if it follows from the events still; None where data entry is open."""
    from nof1.analysis.dataset import Dataset  # noqa: PLC0415 - pandas, which no other use of a store needs

    trial = Trial(folder=Path(name), state=replay(history))
    lock = trial.state.lock
    if lock is None:
        return None
    tables = locked_tables(trial)
    content = locked_bytes(tables)
    for file in lock.event.files:
        if sha256_hex(content.get(file.name, b"")) != file.sha256:
            raise WorkspaceError(
                f"{file.name} of {name} is not what was locked: it does not follow from the events"
            )
    return Dataset.from_tables(tables)
