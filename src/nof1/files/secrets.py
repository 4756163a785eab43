"""The preparer's secret and packing list, and the public part of a draw: small files that must be right or refused."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

from nof1.errors import WorkspaceError
from nof1.files.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nof1.encoding import Json

SECRET_NAME, PACKING_NAME, PUBLIC_NAME = "secret.txt", "packing-list.csv", "public.json"
"""Names of the preparer's files and of the participant's."""
PLAN_NAME = "kits.json"
"""What `nof1 kit plan` leaves: labels by block, hashes of the slips."""
PREPARER_NAME = "preparer-only"
"""The preparer's folder."""
PACKING_COLUMNS = ("kit", "block", "condition", "card_key")
"""Columns of the packing list."""

_MOST_BYTES = 1_000_000
_BESIDE = "this folder also holds the preparer's secret; do not open it, ask for public.json alone"


def write_secret(path: Path, secret: bytes) -> None:
    """Write a secret for its owner alone, in groups that a person can copy.

    Parameters
    ----------
    path : Path
        A new file.
    secret : bytes, length 32
        The secret.

    Raises
    ------
    WorkspaceError
        If the file is there already: a secret is never replaced.
    """
    if path.exists():
        raise WorkspaceError(f"{path} is there already; a secret is never replaced. Take another folder")
    digits = secret.hex()
    groups = " ".join(digits[place : place + 8] for place in range(0, len(digits), 8))
    write_atomically(path, f"{groups}\n".encode())


def read_secret(path: Path) -> bytes:
    """Read a secret as it was written, mailed, or typed from the sheet.

    Parameters
    ----------
    path : Path
        Holds 64 hexadecimal digits; blanks, line ends and hyphens between them are passed over.

    Returns
    -------
    bytes, length 32
        The secret.

    Raises
    ------
    WorkspaceError
        If the file cannot be read or holds something else. The message never quotes it.
    """
    text = _read_text(path)
    digits = re.sub(r"[\s\-]", "", text)
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digits, re.ASCII):
        strange = len(re.sub(r"[0-9a-fA-F]", "", digits))
        count = f"{len(digits)} characters" + (
            f", {strange} of them no hexadecimal digits" if strange else ""
        )
        raise WorkspaceError(
            f"{path}: found {count}; a secret has 64 hexadecimal digits (0 to 9, a to f), blanks not counted"
        )
    return bytes.fromhex(digits)


def write_packing_list(path: Path, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Write what goes into which kit, for the preparer alone.

    Parameters
    ----------
    path : Path
        Where.
    rows : iterable of (str, str, str, str)
        Kit code, block, condition, card key. They are sorted by code, so that the list says nothing of the order of use.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(PACKING_COLUMNS)
    writer.writerows(sorted(rows))
    write_atomically(path, text.getvalue().encode())


def read_packing_list(path: Path) -> dict[str, str]:
    """Read which condition each kit holds.

    Parameters
    ----------
    path : Path
        As `write_packing_list` wrote it.

    Returns
    -------
    dict of str to str
        Kit code to condition.

    Raises
    ------
    WorkspaceError
        If it is no packing list.
    """
    rows = list(csv.DictReader(io.StringIO(_read_text(path), newline="")))
    if not rows or any(None in row.values() or not {"kit", "condition"} <= set(row) for row in rows):
        raise WorkspaceError(f"{path} is no packing list; its first row is {','.join(PACKING_COLUMNS)}")
    return {row["kit"]: row["condition"] for row in rows}


def write_public(path: Path, document: Mapping[str, Json]) -> None:
    """Write the public part of a draw; it may be sent and published.

    Parameters
    ----------
    path : Path
        Where.
    document : mapping
        Texts, whole numbers, lists and mappings.
    """
    write_atomically(path, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")


def read_public(
    path: Path, name: str = PUBLIC_NAME, *, otherwise: str = "ask for it again"
) -> tuple[Path, dict[str, object]]:
    """Read the public part of a draw or of a plan, and refuse to look where a preparer's secret lies.

    Parameters
    ----------
    path : Path
        The file, or a folder that holds it.
    name : str
        Its name in the folder.
    otherwise : str
        What to do where it is another file.

    Returns
    -------
    tuple of (Path, dict of str to object)
        The file that was read, and what it holds.

    Raises
    ------
    WorkspaceError
        If it is not there, is no JSON object, or a file of the preparer's lies beside or below.
    """
    folder = path if path.is_dir() else path.parent
    told = {SECRET_NAME, PACKING_NAME}
    beside = [folder, folder / PREPARER_NAME]
    below = path.rglob("*") if path.is_dir() else iter(())
    if any((place / name).exists() for place in beside for name in told) or any(
        one.name in told for one in below
    ):
        raise WorkspaceError(f"{path}: {_BESIDE}")
    source = path / name if path.is_dir() else path
    try:
        document = json.loads(_read_text(source), object_pairs_hook=_each_name_once)
    except (ValueError, RecursionError) as error:
        raise WorkspaceError(f"{source} is no {name} ({error}); {otherwise}") from None
    if not isinstance(document, dict):
        raise WorkspaceError(f"{source} is no {name}; {otherwise}")
    return source, document


def read_cards(path: Path) -> str:
    """Read the keys of cards as a person typed them.

    Parameters
    ----------
    path : Path
        A text file: a line for each kit, code first, then the key or ``lost``.

    Returns
    -------
    str
        Its text.

    Raises
    ------
    WorkspaceError
        If it cannot be read. The message never quotes it.
    """
    return _read_text(path)


def read_answers(path: Path) -> dict[str, object]:
    """Read answers to the questions about packed kits.

    Parameters
    ----------
    path : Path
        A JSON object: name of the question to text, number, or list of codes.

    Returns
    -------
    dict of str to object
        As they stand there.

    Raises
    ------
    WorkspaceError
        If it is none.
    """
    try:
        document = json.loads(_read_text(path), object_pairs_hook=_each_name_once)
    except (ValueError, RecursionError) as error:
        raise WorkspaceError(
            f"{path} is no JSON ({error}); write one object with an answer to each question"
        ) from None
    if not isinstance(document, dict):
        raise WorkspaceError(f"{path} is no JSON object; write one with an answer to each question")
    return document


def _each_name_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} stands in it twice")
    return dict(pairs)


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WorkspaceError(f"{path} has more than {_MOST_BYTES:,} bytes; this is another file")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise WorkspaceError(
            f"{path} cannot be read ({error.strerror or error}); give the path of the file"
        ) from None
    except UnicodeDecodeError:
        raise WorkspaceError(f"{path} is no text file; give the path of the file") from None
