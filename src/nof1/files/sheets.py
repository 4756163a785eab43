"""Sheets to print, written for their owner alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.files.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_sheets(folder: Path, sheets: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write sheets into a folder, each whole or not at all, readable by their owner alone.

    Parameters
    ----------
    folder : Path
        Where; made if it is missing.
    sheets : mapping of str to bytes
        File name to PDF, as `self_blinded_sheets` and `third_party_sheets` give them.

    Returns
    -------
    tuple of Path
        The files, in the order of the mapping.
    """
    written = []
    for name, data in sheets.items():
        path = folder / name
        write_atomically(path, data)
        written.append(path)
    return tuple(written)
