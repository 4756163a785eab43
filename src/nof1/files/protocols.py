"""Protocol files: read with every rule of every floor, and found in the workspace or in the library."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from nof1.battery.rules import battery_problems
from nof1.errors import Problem, ProtocolError, WorkspaceError
from nof1.protocol.finding import Rule
from nof1.protocol.load import load_protocol
from nof1.schedule.design import design_problems

if TYPE_CHECKING:
    from nof1.protocol.model import Protocol

_RULES = (Rule(battery_problems), Rule(design_problems))


def read_protocol(path: Path) -> Protocol:
    """Read a protocol file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Protocol
        Without any problem, every default filled in.

    Raises
    ------
    ProtocolError
        With all problems, each with line and column.
    WorkspaceError
        If the file cannot be read.
    """
    return load_protocol(_bytes(Path(path)), str(path), _RULES)


def read_protocol_text(path: Path) -> str:
    """Read a protocol file as it was written.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Its text.

    Raises
    ------
    ProtocolError
        If it is not UTF-8.
    WorkspaceError
        If the file cannot be read.
    """
    try:
        return _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProtocolError(str(path), [Problem(where="", message="not UTF-8; save the file as UTF-8")]) from None


def library(*, workspace: Path | None = None) -> dict[str, Path]:
    """Find all protocols: those of a workspace, and those that nof1 brings.

    Parameters
    ----------
    workspace : Path or None
        Its protocols/ come first, and hide those of the library with the same name.

    Returns
    -------
    dict of str to Path
        By name of the file, sorted.
    """
    folders = [_packaged(), *([workspace / "protocols"] if workspace is not None else [])]
    found = {path.stem: path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.yaml"))}
    return dict(sorted(found.items()))


def find_library(name: str, *, workspace: Path | None = None) -> Path:
    """Find a protocol by its name.

    Parameters
    ----------
    name : str
        Its id.
    workspace : Path or None
        Where it is looked for first.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    WorkspaceError
        If there is none; the message names those that are there.
    """
    found = library(workspace=workspace)
    if name not in found:
        raise WorkspaceError(f"there is no protocol {name!r}; there are {', '.join(found) or 'none'}")
    return found[name]


def library_text(name: str) -> str:
    """Return the text of a protocol that nof1 brings.

    Parameters
    ----------
    name : str
        Its id.

    Returns
    -------
    str
        As it was written.

    Raises
    ------
    WorkspaceError
        If there is none.
    """
    return read_protocol_text(find_library(name))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be read ({error.strerror})") from error


def _packaged() -> Path:
    """Return the library: beside the package in a wheel, in the checkout where the package runs from one."""
    try:
        installed = Path(str(resources.files("nof1_share"))) / "protocols"
    except ModuleNotFoundError:
        installed = Path()
    checkout = Path(__file__).resolve().parents[3] / "protocols"
    return installed if installed.is_dir() and installed != Path() else checkout
