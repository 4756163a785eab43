"""Begin a protocol from one of the library; list and show what there is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from nof1.errors import Nof1Error, WorkspaceError
from nof1.files.atomic import write_atomically
from nof1.files.protocols import find_library, library, read_protocol, read_protocol_text
from nof1.files.workspace import check_trial_id
from nof1.protocol.schema import json_schema
from nof1.terms import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.protocol.model import Protocol
    from nof1.workflow.context import Context

_ID = re.compile(r"^id: .*$", re.MULTILINE)
_MODE = re.compile(r"^(  mode: )\w+", re.MULTILINE)
_GUESS = re.compile(r"^(  guess: )\w+", re.MULTILINE)
_SPARES = re.compile(r"^(  spare_blocks: )\d+", re.MULTILINE)


def new_protocol(name: str, like: str, context: Context, *, mode: Mode | None = None) -> Path:
    """Copy a protocol of the library under a name of one's own.

    Parameters
    ----------
    name : str
        The new id, and the name of the file.
    like : str
        Id of a protocol of the library.
    context : Context
        Workspace.
    mode : Mode or None
        Who knows the allocation; as in the library by default.

    Returns
    -------
    Path
        ``protocols/<name>.yaml``.

    Raises
    ------
    WorkspaceError
        If the name cannot be, or the file exists.
    """
    check_trial_id(name)
    path = context.workspace / "protocols" / f"{name}.yaml"
    if path.exists():
        raise WorkspaceError(f"{path} exists; nothing was changed. Take another name")
    text = read_protocol_text(find_library(like, workspace=context.workspace))
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = path.with_name("nof1.schema.json")  # named in the first line of every protocol, for editors
    if not schema.exists():
        write_atomically(schema, json.dumps(json_schema(), indent=1, ensure_ascii=False).encode() + b"\n")
    text = _ID.sub(f"id: {name}", text, count=1)
    if mode is not None:
        text = _MODE.sub(rf"\g<1>{mode.value}", text, count=1)
    if mode is Mode.OPEN_LABEL:
        # Everybody knows: there is nothing to guess, and no kit that could be lost.
        text = _SPARES.sub(r"\g<1>0", _GUESS.sub(r"\g<1>none", text, count=1), count=1)
    write_atomically(path, text.encode())
    return path


def list_protocols(context: Context) -> tuple[tuple[Path, Protocol | Nof1Error], ...]:
    """Read every protocol of the workspace and of the library.

    Parameters
    ----------
    context : Context
        Workspace.

    Returns
    -------
    tuple of (Path, Protocol or Nof1Error)
        By name of the file; those of the workspace hide those of the library. One that has problems hides no other.
    """
    return tuple((path, _read(path)) for path in library(workspace=context.workspace).values())


def _read(path: Path) -> Protocol | Nof1Error:
    try:
        return read_protocol(path)
    except Nof1Error as error:
        return error
