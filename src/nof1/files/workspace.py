"""Where things are: the workspace and the trials in it; and names that are safe as folders."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nof1.errors import TrialNotFoundError, WorkspaceError
from nof1.files.atomic import make_folder, write_atomically
from nof1.terms import TRIAL_ID_PATTERN, TrialId

STORE_NAME = "trial.sqlite"
"""The file that makes a folder a trial."""
ADDRESS_NAME = "store.json"
"""The file that does so where the record of the trial is kept on a server."""

# Windows gives these names to devices, with any ending.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_READMES = {
    "protocols": """\
# Protocols

One YAML file for each trial that is planned. `nof1 protocol list` shows the library, `nof1 protocol new NAME --like ID`
starts from one of it, `nof1 protocol check FILE` says what it promises and what it can find. A protocol that was used stays as it was.
""",
    "data": """\
# Data

One folder for each trial: the store (trial.sqlite), the schedule, and after `nof1 lock` the folder `locked/` with the tables
that the analysis reads. Nothing here is encrypted: use an encrypted disk. Keep copies with `nof1 backup`.
""",
    "reports": """\
# Reports

One folder for each trial and time. A report can be made again from the locked data; nothing here is needed for that.
""",
}
_DATA_IGNORE = "*\n!.gitignore\n!README.md\n"


def find_workspace(start: Path) -> Path:
    """Find the workspace that a folder belongs to.

    Parameters
    ----------
    start : Path
        Usually the current folder.

    Returns
    -------
    Path
        The nearest folder, itself or above, with protocols/ and data/; else `start`. Resolved.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / "protocols").is_dir() and (folder / "data").is_dir():
            return folder
    return here


def find_trial(text: str, *, workspace: Path) -> Path:
    """Find the folder of a trial.

    Parameters
    ----------
    text : str
        A name under ``data/`` of the workspace, or the path of a folder.
    workspace : Path
        Where names are looked up.

    Returns
    -------
    Path
        The folder, resolved.

    Raises
    ------
    TrialNotFoundError
        If there is no trial; the message names those that are there.
    WorkspaceError
        If a name leads out of the workspace.
    """
    if re.fullmatch(TRIAL_ID_PATTERN, text):
        named = workspace / "data" / text
        if is_trial(named):
            return inside(workspace / "data", named)
    path = Path(text).expanduser()
    if text and is_trial(path):
        return path.resolve()
    names = trial_names(workspace)
    close = difflib.get_close_matches(text, names, n=1)
    if close:
        advice = f"did you mean {close[0]}?"
    elif names:
        advice = f"there are {', '.join(names[:12])}" + (", …" if len(names) > 12 else "")
    else:
        advice = "there is none yet; begin with nof1 randomize or nof1 demo"
    raise TrialNotFoundError(f"{text or 'an empty name'} is no trial under {workspace / 'data'}; {advice}")


def trial_names(workspace: Path) -> tuple[str, ...]:
    """List the trials of a workspace.

    Parameters
    ----------
    workspace : Path
        Need not have any.

    Returns
    -------
    tuple of str
        Sorted. Links are left out.
    """
    data = workspace / "data"
    if not data.is_dir():
        return ()
    return tuple(
        sorted(
            folder.name
            for folder in data.iterdir()
            if re.fullmatch(TRIAL_ID_PATTERN, folder.name) and not folder.is_symlink() and is_trial(folder)
        )
    )


def is_trial(folder: Path) -> bool:
    """Whether a folder holds a trial.

    Parameters
    ----------
    folder : Path
        Need not exist.

    Returns
    -------
    bool
        True if the store is there, or the file that says where it is.
    """
    return any((folder / name).is_file() for name in (STORE_NAME, ADDRESS_NAME))


def check_trial_id(name: str) -> TrialId:
    """Check that a name can be the name of a trial and of its folder, on every system.

    Parameters
    ----------
    name : str
        Such as ``caffeine-2026``.

    Returns
    -------
    TrialId
        The name.

    Raises
    ------
    WorkspaceError
        If it cannot be.

    Examples
    --------
    >>> check_trial_id("caffeine-2026")
    'caffeine-2026'
    """
    if not re.fullmatch(TRIAL_ID_PATTERN, name):
        raise WorkspaceError(
            f"{name!r} cannot name a trial; write 3 to 41 small letters, digits and hyphens, a letter first"
        )
    if name in _RESERVED:
        raise WorkspaceError(f"{name!r} is the name of a device on Windows; take another name")
    return TrialId(name)


def inside(root: Path, path: Path) -> Path:
    """Resolve a path, links included, and refuse one that leaves its root.

    Parameters
    ----------
    root : Path
        The folder that must hold it.
    path : Path
        Absolute, or relative to the root.

    Returns
    -------
    Path
        Resolved.

    Raises
    ------
    WorkspaceError
        If it lies outside.
    """
    base = root.resolve()
    resolved = (base / path).resolve()
    if not resolved.is_relative_to(base):
        raise WorkspaceError(
            f"{path} leads out of {base} (to {resolved}); give its own path if that is meant"
        )
    return resolved


def init_workspace(folder: Path) -> tuple[Path, ...]:
    """Make protocols/, data/ and reports/; what is there already stays as it is.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.

    Returns
    -------
    tuple of Path
        What was made, in order; empty if all of it was there.

    Raises
    ------
    WorkspaceError
        If a file stands where a folder must be.
    """
    made: list[Path] = []
    for name, readme in _READMES.items():
        place = folder / name
        for part in (folder, place):
            if part.exists() and not part.is_dir():
                raise WorkspaceError(
                    f"{part} is a file where a folder must be; move it, or take another folder"
                )
        if not place.is_dir():
            make_folder(place)
            made.append(place)
        texts = {"README.md": readme} | ({".gitignore": _DATA_IGNORE} if name == "data" else {})
        for file_name, text in texts.items():
            if not (place / file_name).exists():
                write_atomically(place / file_name, text.encode(), mode=0o644)
                made.append(place / file_name)
    return tuple(made)


def local_zone(*, link: Path = Path("/etc/localtime"), text: Path = Path("/etc/timezone")) -> str | None:
    """Return the IANA name of this machine's zone.

    Parameters
    ----------
    link, text : Path
        Where the system says it.

    Returns
    -------
    str or None
        Such as ``Europe/Berlin``; None if the system does not say, or says it in another way.
    """
    found = [os.environ.get("TZ", "").removeprefix(":")]
    if link.is_symlink():
        found.append(link.readlink().as_posix().rpartition("zoneinfo/")[2])
    if text.is_file():
        found.append(text.read_text(encoding="utf-8", errors="replace").strip())
    return next((name for name in found if _is_zone(name)), None)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
