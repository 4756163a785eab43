"""The preparer's draw, on the preparer's own machine: secret, packing list, and what the participant may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.blinding.opening import follow
from nof1.blinding.sealed import Secret
from nof1.errors import StageError, WorkspaceError
from nof1.files.protocols import read_protocol
from nof1.files.secrets import write_packing_list, write_public, write_secret
from nof1.protocol.digest import protocol_sha256
from nof1.schedule.design import space_of, spare_space
from nof1.storage.places import find_hazard
from nof1.terms import Mode
from nof1.workflow.trial import STORE

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class KitsDrawn:
    """Where the draw was written.

    Attributes
    ----------
    public : Path
        For the participant.
    secret, packing_list : Path
        For the preparer alone.
    n_kits : int
        Kits to pack, spares included.
    line : str
        The line to publish.
    hazard : str
        Why the folder is not private, as the rest of a sentence; empty if it is.
    """

    public: Path
    secret: Path
    packing_list: Path
    n_kits: int
    line: str
    hazard: str


def draw_kits(protocol_path: Path, to: Path, context: Context) -> KitsDrawn:
    """Draw the sequence and write what each side needs.

    Parameters
    ----------
    protocol_path : Path
        The participant's protocol file.
    to : Path
        A folder that does not exist yet or is empty.
    context : Context
        Its entropy gives the secret.

    Returns
    -------
    KitsDrawn
        The files.

    Raises
    ------
    ProtocolError
        If the protocol is refused.
    StageError
        If its mode is not third_party.
    WorkspaceError
        If the folder is not empty, or belongs to a participant.
    """
    protocol = read_protocol(protocol_path)
    if protocol.blinding.mode is not Mode.THIRD_PARTY:
        raise StageError(
            f"{protocol_path}: blinding.mode is {protocol.blinding.mode.value}; a preparer draws only for third_party"
        )
    _refuse_participants_folder(to)
    if to.exists() and any(to.iterdir()):
        raise WorkspaceError(f"{to} is not empty; a second draw would be a choice. Take another folder")
    secret = Secret(context.entropy(32))
    spares = [spare_space(protocol)] * protocol.blinding.spare_blocks
    opening = follow(secret, protocol_sha256(protocol), space_of(protocol), spares)
    public = to / "for-participant" / "public.json"
    mine = to / "preparer-only"
    write_secret(mine / "secret.txt", secret.value)
    write_packing_list(
        mine / "packing-list.csv",
        [
            (entry.kit.code, entry.kit.block, entry.condition or "", entry.card_key or "")
            for entry in opening.allocation.entries
        ],
    )
    write_public(public, opening.public.to_dict())
    return KitsDrawn(
        public=public,
        secret=mine / "secret.txt",
        packing_list=mine / "packing-list.csv",
        n_kits=len(opening.public.kits),
        line=opening.public.line,
        hazard=find_hazard(to) or "",
    )


def _refuse_participants_folder(to: Path) -> None:
    for folder in (to.resolve(), *to.resolve().parents):
        if (folder / STORE).exists() or any(folder.glob(f"data/*/{STORE}")):
            raise WorkspaceError(
                f"{folder} belongs to a participant; the preparer draws on a computer of their own, or at least "
                "in a folder that the participant never opens"
            )
