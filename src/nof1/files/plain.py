"""Reading a file as it is, with a sentence where that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.errors import WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path


def read_bytes_if_there(path: Path) -> bytes | None:
    """Read a file that may be missing.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes or None
        None: there is no such file.

    Raises
    ------
    WorkspaceError
        If it is there and cannot be read.
    """
    try:
        if path.exists() and not path.is_file():
            raise WorkspaceError(f"{path} is no regular file; put back the one that nof1 wrote")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be read ({error.strerror}); see that it is yours") from error
