"""The data folders of several trials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nof1.errors import WorkspaceError
from nof1.files.locked import read_dataset

if TYPE_CHECKING:
    from nof1.analysis.dataset import Dataset


def read_datasets(folder: str | Path) -> dict[str, Dataset]:
    """Read every finished trial of a folder.

    Parameters
    ----------
    folder : str or Path
        Such as ``data``: each trial is a folder in it that holds ``locked/``.

    Returns
    -------
    dict of str to Dataset
        By the name of the trial, in alphabetical order.

    Raises
    ------
    WorkspaceError
        If there is none, or one is not what was locked.
    """
    found = sorted(path.parent for path in Path(folder).glob("*/locked") if path.is_dir())
    if not found:
        raise WorkspaceError(
            f"{folder} holds no finished trial; give a folder such as data, with trials in it"
        )
    return {trial.name: read_dataset(trial / "locked") for trial in found}
