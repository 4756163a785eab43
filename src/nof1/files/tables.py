"""The bytes of a table that a person named, read only if it is a file and not too large."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from nof1.errors import WorkspaceError
from nof1.scores.table import COMMAND_LIMITS, Limits

if TYPE_CHECKING:
    from pathlib import Path


def read_bytes(path: Path, *, limits: Limits = COMMAND_LIMITS) -> bytes:
    """Read a file that was named to a command.

    Parameters
    ----------
    path : Path
        The file.
    limits : Limits
        How large it may be.

    Returns
    -------
    bytes
        All of it.

    Raises
    ------
    WorkspaceError
        If it cannot be read or is too large.
    """
    try:
        if path.exists() and not path.is_file():
            raise WorkspaceError(f"{path} is no regular file; give the path of a file")
        with path.open("rb") as file:
            data = file.read(limits.n_bytes + 1)
    except OSError as error:
        raise WorkspaceError(
            f"{path} cannot be read ({error.strerror or error}); give the path of a file"
        ) from None
    if len(data) > limits.n_bytes:
        raise WorkspaceError(f"{path} has more than {limits.n_bytes:,} bytes; split it")
    return data


def read_schedule(path: Path) -> list[dict[str, str]]:
    """Read a schedule.csv.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list of dict
        A row per period, cells by name of the column.
    """
    return list(csv.DictReader(io.StringIO(read_bytes(path).decode(), newline="")))
