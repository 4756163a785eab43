"""Read the secret back from the printed sheet, while a misprint or a misreading can still be put right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.blinding.opening import open_with_secret
from nof1.blinding.public import PublicKits
from nof1.blinding.sealed import Secret
from nof1.errors import DocumentError, OpeningError, Problem, WorkspaceError
from nof1.files.protocols import read_protocol
from nof1.files.secrets import PACKING_NAME, PREPARER_NAME, PUBLIC_NAME, read_packing_list, read_public
from nof1.protocol.digest import protocol_sha256
from nof1.schedule.design import part_spares
from nof1.workflow.kit_draw import FOR_PARTICIPANT, PROTOCOL_COPY
from nof1.workflow.parts import space_to_draw

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class KitsChecked:
    """What was read back.

    Attributes
    ----------
    n_kits : int
        Kits that the secret gives again.
    line : str
        The line that it gives, the same as was published.
    """

    n_kits: int
    line: str


def check_kits(folder: Path, typed: str) -> KitsChecked:
    """Compare the secret on the printed sheet with what the draw published.

    Parameters
    ----------
    folder : Path
        As `kit draw` made it.
    typed : str
        The eight groups as they are printed, each with its check character; or 64 hexadecimal digits.

    Returns
    -------
    KitsChecked
        The sheet can be sealed.

    Raises
    ------
    EntryError
        If it cannot be a secret; the group that was misread is named.
    OpeningError
        If it gives other kits.
    DocumentError, WorkspaceError
        If the folder is not as it was written.
    """
    secret = Secret.parse(typed)
    mine = folder / PREPARER_NAME
    if not (mine / PROTOCOL_COPY).is_file():
        raise WorkspaceError(
            f"{folder} is no folder of a draw; give the one that nof1 kit draw FILE --to DIR made"
        )
    protocol = read_protocol(mine / PROTOCOL_COPY)
    source, document = read_public(folder / FOR_PARTICIPANT / PUBLIC_NAME)
    public = PublicKits.from_dict(document, source=str(source))
    if public.protocol_sha256 != protocol_sha256(protocol):
        problem = Problem(where="protocol_sha256", message=f"not that of {mine / PROTOCOL_COPY}; draw again")
        raise DocumentError(str(source), [problem])
    after = max(0, int(public.main_kits[0].block) - 1)  # more than 0 for an extension
    allocation = open_with_secret(
        secret, public, space_to_draw(protocol, after), part_spares(protocol, after)
    )
    packed = read_packing_list(mine / PACKING_NAME)
    if packed != {entry.kit.code: entry.condition for entry in allocation.entries}:
        raise OpeningError(
            f"{mine / PACKING_NAME} is not what the secret gives: it was changed; do not pack by it, draw again"
        )
    return KitsChecked(n_kits=len(public.kits), line=public.line)
