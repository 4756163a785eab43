"""heads.txt: heads of the chain, one a line, to be printed, mailed or committed. Only what left the machine proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.audit.chain import Anchor, parse_anchors
from nof1.errors import WorkspaceError
from nof1.files.atomic import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

_TITLE = "# number of events, hash of the last one, UTC time, occasion\n"


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """Read heads that were written down.

    Parameters
    ----------
    path : Path
        A heads.txt, of this folder or of another.

    Returns
    -------
    tuple of Anchor
        In order; empty if there is no file.

    Raises
    ------
    WorkspaceError
        If the file cannot be read.
    ChainError
        If a line is not of the form ``seq head time what``.
    """
    try:
        return parse_anchors(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{path} cannot be read ({error})") from error


def append_anchor(path: Path, anchor: Anchor) -> None:
    """Write a head down; the file is replaced as a whole, so that no line is ever cut.

    Parameters
    ----------
    path : Path
        The heads.txt of the trial.
    anchor : Anchor
        The head, the time and the occasion.

    Raises
    ------
    WorkspaceError
        If the file cannot be read or written.
    """
    lines = [f"{known}\n" for known in (*read_anchors(path), anchor)]
    try:
        write_atomically(path, (_TITLE + "".join(lines)).encode(), mode=0o600)
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be written ({error.strerror})") from error
