"""Protocol files: read with every rule of every floor, and found in the workspace or in the library."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from nof1.battery.rules import battery_problems
from nof1.errors import WorkspaceError
from nof1.protocol.finding import Rule, names
from nof1.schedule.design import design_problems

if TYPE_CHECKING:
    from nof1.protocol.model import Protocol

_SHARE = "nof1_share"


def parse_protocol(text: str | bytes, source: str) -> Protocol:
    """Read a protocol, with every rule there is.

    Parameters
    ----------
    text : str or bytes
        The text; bytes are UTF-8.
    source : str
        Name of the document, for messages.

    Returns
    -------
    Protocol
        Without any problem, every default filled in.

    Raises
    ------
    ProtocolError
        With all problems, each with line and column.
    """
    from nof1.protocol.load import load_protocol  # noqa: PLC0415 - the YAML parser takes 40 ms

    return load_protocol(text, source, _rules())


def read_protocol(path: Path) -> Protocol:
    """Read a protocol file, with every rule there is.

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
    return parse_protocol(_bytes(Path(path)), str(path))


def read_protocol_text(path: Path) -> str:
    """Read a protocol file as it was written.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Its text, comments included.

    Raises
    ------
    WorkspaceError
        If the file cannot be read, or is not UTF-8.
    """
    try:
        return _bytes(Path(path)).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WorkspaceError(f"{path} is not UTF-8; save the file with the encoding UTF-8") from None


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
    found = {path.stem: path for folder in folders for path in folder.glob("*.yaml") if path.is_file()}
    return dict(sorted(found.items()))


def find_library(name: str, *, workspace: Path | None = None) -> Path:
    """Find a protocol by its name.

    Parameters
    ----------
    name : str
        Name of the file, which is its id.
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


def find_protocol(name: str, *, workspace: Path | None = None) -> Path:
    """Find a protocol by its file, or by its name where there is no such file.

    Parameters
    ----------
    name : str
        Path of a file, or what `find_library` takes.
    workspace : Path or None
        As in `find_library`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    WorkspaceError
        If it is neither.
    """
    given = Path(name)
    return given if given.is_file() else find_library(name, workspace=workspace)


def library_text(name: str) -> str:
    """Return the text of a protocol that nof1 brings.

    Parameters
    ----------
    name : str
        Name of the file, which is its id.

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


def _rules() -> tuple[Rule, ...]:
    # Where the sections that make the space are wrong themselves, no space can be asked.
    made_of = (
        names("conditions"),
        ("design",),
        ("blinding",),
        ("analysis", "contrasts"),
        ("analysis", "confirm"),
    )
    return (Rule(battery_problems), Rule(design_problems, (*made_of, ("analysis", "alpha"))))


def _bytes(path: Path) -> bytes:
    from nof1.protocol.yaml_text import MAX_BYTES  # noqa: PLC0415 - as above

    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)  # one more, so that a longer file is refused as such
    except OSError as error:
        raise WorkspaceError(
            f"{path} cannot be read: {error.strerror or error}; give the path of a protocol file"
        ) from None


def _packaged() -> Path:
    """Return the library: in a checkout that which is worked on, else what the wheel put beside the package."""
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file() and (checkout / "protocols").is_dir():
        return checkout / "protocols"
    try:
        return Path(str(resources.files(_SHARE).joinpath("protocols")))
    except ModuleNotFoundError:
        raise WorkspaceError(
            "the library of protocols was not installed with nof1; install nof1 again"
        ) from None
