"""The folder of a report: made under a name that says it is unfinished, and renamed in one step when all is there."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from nof1.encoding import sha256_hex
from nof1.errors import ReportError, WorkspaceError
from nof1.files.atomic import PRIVATE_FILE, PRIVATE_FOLDER, make_folder, sync_folder

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

UNFINISHED = ".unfinished"
"""Ending of a folder in which a report is being made, or in which a failed run was kept."""


@contextmanager
def report_place(to: Path | None, reports: Path, trial: str, at: datetime) -> Iterator[Path]:
    """Keep a place for a report from before it is made until it is there.

    Parameters
    ----------
    to : Path or None
        A folder that is named; None: ``<reports>/<trial>/<UTC time>``, with a number behind it where that second has a
        report already.
    reports : Path
        The folder of all reports.
    trial : str
        The trial.
    at : datetime
        When the report is made [aware, UTC].

    Yields
    ------
    Path
        Where the report goes: nobody else who asks on this machine gets the same meanwhile.

    Raises
    ------
    WorkspaceError
        If `to` is not free, or somebody is making a report there.
    """
    if to is not None:
        _require_free(to)
        with _kept(to) as is_ours:
            if not is_ours:
                raise WorkspaceError(
                    f"{to}: another report is being made there just now; name another folder"
                )
            yield to
        return
    for folder in _numbered(reports, trial, at):
        with _kept(folder) as is_ours:
            if is_ours and not folder.exists():
                yield folder
                return


def _numbered(reports: Path, trial: str, at: datetime) -> Iterator[Path]:
    name = at.strftime("%Y-%m-%dT%H-%M-%SZ")  # colons are no letters of a file name everywhere
    yield reports / trial / name
    for again in count(2):
        yield reports / trial / f"{name}-{again}"


@contextmanager
def _kept(to: Path) -> Iterator[bool]:
    """Lock a name, and say whether it is ours; the lock ends with the process, however that ends."""
    if sys.platform == "win32":
        yield True
        return
    make_folder(to.parent)
    lock = to.with_name(f".{to.name}.lock")
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    is_ours = True
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.path.samestat(os.fstat(handle), lock.stat())  # else its owner has just removed it
        except OSError as error:  # held by another; or a disk without locks, where nobody can be kept away
            is_ours = not isinstance(error, BlockingIOError | FileNotFoundError)
        yield is_ours
    finally:
        if is_ours:
            lock.unlink(missing_ok=True)
        os.close(handle)


def begin_report(to: Path) -> Path:
    """Make the folder in which a report grows.

    Parameters
    ----------
    to : Path
        Where the finished report will be.

    Returns
    -------
    Path
        A new folder beside it, as deep as it, so that relative paths hold after the renaming.

    Raises
    ------
    WorkspaceError
        If something is at `to` already: a report is never written over.
    """
    _require_free(to)
    make_folder(to.parent)
    again = 1
    while True:
        folder = to.with_name(f"{to.name}{UNFINISHED}{'' if again == 1 else f'-{again}'}")
        with suppress(FileExistsError):
            folder.mkdir(mode=PRIVATE_FOLDER)
            return folder
        again += 1


def _require_free(to: Path) -> None:
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise WorkspaceError(f"{to}: there is something already; name a folder that is new or empty")


def finish_report(unfinished: Path, to: Path) -> None:
    """Give a report its name, once all of its files are there.

    Parameters
    ----------
    unfinished : Path
        From `begin_report`.
    to : Path
        The same as there.
    """
    for folder in (unfinished, *(path for path in unfinished.rglob("*") if path.is_dir())):
        sync_folder(folder)
    unfinished.replace(to)
    sync_folder(to.parent)


def add_file(path: Path, data: bytes) -> None:
    """Add a file to a report that is being made.

    Its bytes reach the disk now, its name does with `finish_report`: until then nobody takes the folder for a report.

    Parameters
    ----------
    path : Path
        Where, in the folder of `begin_report` or below it; new.
    data : bytes
        What.
    """
    make_folder(path.parent)
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, PRIVATE_FILE)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def add_json(path: Path, value: Mapping[str, object]) -> None:
    """Add a JSON file that people can read too, as `add_file`.

    Parameters
    ----------
    path : Path
        Where.
    value : mapping
        What; numbers must be finite.
    """
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    add_file(path, f"{text}\n".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a report says it was made from.

    Attributes
    ----------
    notebook, notebook_sha256 : str
        Name without its ending, and digest of its cells.
    data : str
        The data folder, as seen from the folder of the report.
    data_files, versions : dict of str to str
        File to SHA-256; program to version.
    results_sha256 : str
        Digest of results.json.
    """

    notebook: str
    notebook_sha256: str
    data: str
    data_files: dict[str, str]
    results_sha256: str
    versions: dict[str, str]


def read_manifest(path: Path) -> Manifest:
    """Read the manifest of a report.

    Parameters
    ----------
    path : Path
        manifest.json.

    Returns
    -------
    Manifest
        What is needed to make the report again.

    Raises
    ------
    ReportError
        If it cannot be read, or is no manifest.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Manifest(
            notebook=str(found["notebook"]["name"]).removesuffix(".ipynb"),
            notebook_sha256=str(found["notebook"]["sha256"]),
            data=str(found["data"]["folder"]),
            data_files={str(name): str(digest) for name, digest in found["data"]["files"].items()},
            results_sha256=str(found["files"]["results.json"]),
            versions={str(name): str(version) for name, version in found["versions"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReportError(
            f"{path}: not the manifest of a report ({type(error).__name__}); name the manifest.json in its folder"
        ) from error


def folder_digests(folder: Path) -> dict[str, str]:
    """Compute the digest of every file in a folder.

    Parameters
    ----------
    folder : Path
        With whatever lies in it, at any depth.

    Returns
    -------
    dict of str to str
        Name relative to the folder, with slashes, to SHA-256.

    Raises
    ------
    WorkspaceError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise WorkspaceError(f"{folder}: there is no data folder; `nof1 lock` and `nof1 unblind` make one")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_hex(path.read_bytes()) for path in files}


def primary_effect(folder: Path) -> tuple[float, float, float]:
    """Read the planned estimate of the primary outcome from a finished report.

    Parameters
    ----------
    folder : Path
        Of the report.

    Returns
    -------
    tuple of (float, float, float)
        Low end of the interval, estimate, high end [unit].

    Raises
    ------
    ReportError
        If it could not be estimated.
    """
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    primary = next(outcome for outcome in results["outcomes"] if outcome["role"] == "primary")
    planned = primary[primary["primary_method"]]
    if planned is None or planned["ci"] is None:
        raise ReportError(f"{folder}: the primary outcome could not be estimated; the report says why")
    low, high = planned["ci"]
    return float(low), float(planned["estimate"]), float(high)
