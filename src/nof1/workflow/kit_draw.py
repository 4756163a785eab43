"""The preparer's draw, on the preparer's own machine: secret, packing list, and what the participant may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.blinding.opening import follow
from nof1.blinding.sealed import Secret
from nof1.errors import StageError, WorkspaceError
from nof1.files.atomic import write_atomically
from nof1.files.protocols import read_protocol, read_protocol_text
from nof1.files.secrets import (
    PACKING_NAME,
    PREPARER_NAME,
    PUBLIC_NAME,
    SECRET_NAME,
    write_packing_list,
    write_public,
    write_secret,
)
from nof1.files.sheets import write_sheets
from nof1.files.workspace import is_trial
from nof1.protocol.digest import protocol_sha256
from nof1.report.sheets.third_party import third_party_sheets
from nof1.schedule.design import part_spares
from nof1.storage.places import find_hazard
from nof1.terms import Mode
from nof1.workflow.parts import space_to_draw
from nof1.workflow.sheets import preparer_plan

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.report.sheets.model import Paper
    from nof1.workflow.context import Context

FOR_PARTICIPANT = "for-participant"
"""Folder of what may be sent."""
PROTOCOL_COPY = "protocol.yaml"
"""The protocol beside the secret: both are needed to draw again."""
_WALLET = "wallet-card.pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class KitsDrawn:
    """Where the draw was written.

    Attributes
    ----------
    public : Path
        For the participant.
    secret, packing_list : Path
        For the preparer alone.
    sheets : tuple of Path
        To print, for the preparer alone.
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
    sheets: tuple[Path, ...]
    n_kits: int
    line: str
    hazard: str


def draw_kits(
    protocol_path: Path, to: Path, context: Context, *, after: int = 0, paper: Paper | None = None
) -> KitsDrawn:
    """Draw the sequence and write what each side needs.

    Parameters
    ----------
    protocol_path : Path
        The participant's protocol file.
    to : Path
        A folder that does not exist yet or is empty.
    context : Context
        Its entropy gives the secret.
    after : int
        For an extension: blocks that were drawn before, for which nothing is drawn now.
    paper : Paper or None
        What is in the printer; None: nothing is printed, for a simulation.

    Returns
    -------
    KitsDrawn
        The files.

    Raises
    ------
    ProtocolError
        If the protocol is refused.
    StageError
        If its mode is not third_party, or no block comes after those that were drawn.
    WorkspaceError
        If the folder is not empty, or belongs to a participant.
    ReportError
        If the sheets cannot be made; nothing is written then.
    """
    protocol = read_protocol(protocol_path)
    if protocol.blinding.mode is not Mode.THIRD_PARTY:
        raise StageError(
            f"{protocol_path}: blinding.mode is {protocol.blinding.mode.value}; a preparer draws only for third_party"
        )
    space, spares = space_to_draw(protocol, after), part_spares(protocol, after)
    _refuse_participants_folder(to)
    if to.exists() and any(to.iterdir()):
        raise WorkspaceError(f"{to} is not empty; a second draw would be a choice. Take another folder")
    secret = Secret(context.entropy(32))
    digest = protocol_sha256(protocol)
    opening = follow(secret, digest, space, spares)
    printed = preparer_plan(protocol, digest, opening.public.kits, opening.cards, secret)
    sheets = third_party_sheets(printed, paper) if paper else {}
    public = to / FOR_PARTICIPANT / PUBLIC_NAME
    mine = to / PREPARER_NAME
    write_sheets(mine, {name: data for name, data in sheets.items() if name != _WALLET})
    write_sheets(public.parent, {name: data for name, data in sheets.items() if name == _WALLET})
    write_atomically(mine / PROTOCOL_COPY, read_protocol_text(protocol_path).encode())
    write_secret(mine / SECRET_NAME, secret.value)
    write_packing_list(
        mine / PACKING_NAME,
        [
            (entry.kit.code, entry.kit.block, entry.condition or "", entry.card_key or "")
            for entry in opening.allocation.entries
        ],
    )
    write_public(public, opening.public.to_dict())
    return KitsDrawn(
        public=public,
        secret=mine / SECRET_NAME,
        packing_list=mine / PACKING_NAME,
        sheets=tuple(mine / name for name in sheets if name != _WALLET),
        n_kits=len(opening.public.kits),
        line=opening.public.line,
        hazard=find_hazard(to) or "",
    )


def _refuse_participants_folder(to: Path) -> None:
    for folder in (to.resolve(), *to.resolve().parents):
        if is_trial(folder) or any(is_trial(place) for place in folder.glob("data/*")):
            raise WorkspaceError(
                f"{folder} belongs to a participant; the preparer draws on a computer of their own, or at least "
                "in a folder that the participant never opens"
            )
