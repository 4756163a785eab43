"""Say what this machine lacks, and how to get it; nothing is changed."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nof1.errors import ReportError, StoreError
from nof1.files.workspace import local_zone
from nof1.report.sheets.pdf import load_weasyprint
from nof1.storage.places import find_hazard

if TYPE_CHECKING:
    from collections.abc import Callable

    from nof1.workflow.context import Context

_KERNEL = ("ipykernel", "papermill", "nbconvert")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        What.
    is_fine : bool
        Whether it serves.
    needed : bool
        Whether a trial can be run and reported without it.
    text : str
        What was found; where it does not serve, what to do.
    """

    name: str
    is_fine: bool
    needed: bool
    text: str


def examine(context: Context) -> tuple[Finding, ...]:
    """Look at Python, the store, the kernel, the clock, the zone and the workspace.

    Parameters
    ----------
    context : Context
        Whose workspace and clock.

    Returns
    -------
    tuple of Finding
        In the order in which a trial needs them.
    """
    looks: tuple[Callable[[Context], Finding], ...] = (
        _python, _store, _kernel, _sheets, _clock, _zone, _workspace, _disk,
    )  # fmt: skip
    if context.store_url:
        looks = (*looks, _server)
    return tuple(look(context) for look in looks)


def _python(_context: Context) -> Finding:
    fine = sys.version_info >= (3, 11)
    return Finding(
        name="Python", is_fine=fine, needed=True,
        text=f"{sys.version.split()[0]}" + ("" if fine else "; install Python 3.11 or later"),
    )  # fmt: skip


def _store(_context: Context) -> Finding:
    version = importlib.metadata.version("sqlalchemy")
    return Finding(
        name="store", is_fine=True, needed=True, text=f"SQLite {sqlite3.sqlite_version}, SQLAlchemy {version}"
    )


def _server(context: Context) -> Finding:
    """Look at the store on a server, and whether whoever works there could change what is recorded."""
    from nof1.storage.server import look_at  # noqa: PLC0415 - SQLAlchemy

    try:
        found = look_at(context.store_url)
    except StoreError as error:
        return Finding(name="shared store", is_fine=False, needed=True, text=str(error))
    does = "adds and reads" if found.may_add else "only reads"
    text = f"PostgreSQL {found.version}, {found.n_trials} trials; {found.role} {does}"
    if found.may_change:
        text += ", and may change what is recorded: work as a member of the writers' role instead"
    return Finding(name="shared store", is_fine=not found.may_change, needed=False, text=text)


def _kernel(_context: Context) -> Finding:
    lacking = [name for name in _KERNEL if importlib.util.find_spec(name) is None]
    if lacking:
        text = f"{', '.join(lacking)} cannot be imported; reinstall nof1"
    else:
        text = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _KERNEL)
    return Finding(name="notebooks", is_fine=not lacking, needed=True, text=text)


def _sheets(_context: Context) -> Finding:
    try:
        version = load_weasyprint().__version__
    except ReportError as error:
        return Finding(name="sheets to print", is_fine=False, needed=False, text=str(error))
    return Finding(
        name="sheets to print", is_fine=True, needed=False, text=f"WeasyPrint {version}, Pango found"
    )


def _clock(context: Context) -> Finding:
    now = context.now()
    built = datetime(2026, 1, 1, tzinfo=UTC)
    fine = now > built
    return Finding(
        name="clock", is_fine=fine, needed=True,
        text=f"{now:%Y-%m-%d %H:%M} UTC" + ("" if fine else "; this lies before nof1 was written: set the clock"),
    )  # fmt: skip


def _zone(_context: Context) -> Finding:
    name = local_zone()
    try:
        ZoneInfo(name or "")
    except (ZoneInfoNotFoundError, ValueError):
        return Finding(
            name="time zone", is_fine=False, needed=False,
            text="not known by its IANA name; give --zone, such as Europe/Berlin, to nof1 randomize",
        )  # fmt: skip
    return Finding(name="time zone", is_fine=True, needed=False, text=str(name))


def _workspace(context: Context) -> Finding:
    hazard = find_hazard(context.workspace)
    if hazard:
        return Finding(
            name="workspace", is_fine=False, needed=True,
            text=f"{context.workspace} {hazard}; keep trials on a local disk and back them up with nof1 backup",
        )  # fmt: skip
    return Finding(name="workspace", is_fine=True, needed=True, text=str(context.workspace))


def _disk(context: Context) -> Finding:
    free = shutil.disk_usage(context.workspace).free // 2**20
    fine = free > 200
    return Finding(
        name="disk", is_fine=fine, needed=True,
        text=f"{free} MiB free" + ("" if fine else "; free some space before you enter scores"),
    )  # fmt: skip
