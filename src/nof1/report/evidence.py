"""What a stranger needs to check a report without nof1: the program, the events, the heads, the locked data."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

VERIFY: Final = "verify.py"
"""The program; standard library alone, nothing of nof1."""
EVENTS, HEADS, LOCKED = "evidence/events.jsonl", "evidence/heads.txt", "evidence/locked"
"""One event a line with every column of the record; heads that were kept; the files of the locked data."""


def verify_program() -> bytes:
    """Return verify.py as it is copied into every report.

    Returns
    -------
    bytes
        Python source, at most 200 lines.
    """
    return resources.files("nof1.report").joinpath("resources", VERIFY).read_bytes()


def evidence_files(events: str, heads: str, locked: Mapping[str, bytes]) -> dict[str, bytes]:
    """Put together all that verify.py reads, and verify.py.

    Parameters
    ----------
    events : str
        One JSON object a line.
    heads : str
        Text of heads.txt.
    locked : mapping of str to bytes
        Name to content of every locked file.

    Returns
    -------
    dict of str to bytes
        Name in the folder of the report to content.
    """
    files = {VERIFY: verify_program(), EVENTS: events.encode(), HEADS: heads.encode()}
    return files | {f"{LOCKED}/{name}": content for name, content in sorted(locked.items())}
