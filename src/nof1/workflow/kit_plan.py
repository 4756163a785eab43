"""Plan the packing of a lone person: labels by block, slips by condition, and no file that joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.blinding.packing import plan_kits
from nof1.errors import StageError, WorkspaceError
from nof1.files.protocols import read_protocol
from nof1.files.secrets import PLAN_NAME, write_public
from nof1.files.sheets import write_sheets
from nof1.protocol.digest import protocol_sha256
from nof1.report.sheets.self_blinded import labels_again, self_blinded_sheets
from nof1.schedule.design import part_spares
from nof1.terms import Mode
from nof1.workflow.parts import space_to_draw
from nof1.workflow.register import read_plan, user_of
from nof1.workflow.sheets import hand_plan

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.report.sheets.model import Paper
    from nof1.workflow.context import Context

SHEETS = "sheets"
"""Folder of the sheets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KitsPlanned:
    """What was planned, and where it lies.

    Attributes
    ----------
    plan : Path
        kits.json.
    sheets : tuple of Path
        To print.
    n_kits, n_blocks : int
        Packs, and what is shuffled together, spare blocks included.
    """

    plan: Path
    sheets: tuple[Path, ...]
    n_kits: int
    n_blocks: int


def plan_packing(
    protocol_path: Path,
    to: Path,
    context: Context,
    *,
    relabel: bool = False,
    after: int = 0,
    paper: Paper | None = None,
) -> KitsPlanned:
    """Draw kit codes and card keys, write what is public of them, and print the rest.

    The keys of the slips are on the sheets and nowhere else.

    Parameters
    ----------
    protocol_path : Path
        The protocol file.
    to : Path
        A folder that does not exist yet or is empty; with `relabel`, one that was made here.
    context : Context
        Its entropy gives codes and keys.
    relabel : bool
        Keep the slips, which lie in their boxes already, and make new labels.
    after : int
        For an extension: blocks that were drawn before, for which nothing is packed now.
    paper : Paper or None
        What is in the printer; None: nothing is printed, for a simulation.

    Returns
    -------
    KitsPlanned
        The files.

    Raises
    ------
    ProtocolError
        If the protocol is refused.
    StageError
        If its mode is not self_blinded, no block comes after those that were drawn, or with `relabel` an order was
        drawn for the labels already.
    WorkspaceError
        If the folder is not empty, or with `relabel` holds no plan.
    DocumentError
        If the plan in it is for another protocol.
    ReportError
        If the sheets cannot be made; nothing is written then.
    """
    protocol = read_protocol(protocol_path)
    if protocol.blinding.mode is not Mode.SELF_BLINDED:
        raise StageError(
            f"{protocol_path}: blinding.mode is {protocol.blinding.mode.value}; packing is planned only for self_blinded"
        )
    digest = protocol_sha256(protocol)
    space = space_to_draw(protocol, after)
    if relabel:
        held = read_plan(to, protocol, digest, after)
        if used := user_of(held.root, context):
            raise StageError(
                f"the order of {used.name} was drawn for the labels that are on these boxes; others would belong to no "
                f"period. For a label that came off: nof1 record {used.name} label, with the codes of the other boxes"
            )
        plan = held.relabelled(context.entropy(32))
        sheets = labels_again(hand_plan(protocol, plan), paper) if paper else {}
    else:
        if to.exists() and any(to.iterdir()):
            raise WorkspaceError(
                f"{to} is not empty; take another folder, or make new labels for the slips in it with --relabel"
            )
        spares = part_spares(protocol, after)
        plan, cards = plan_kits(context.entropy(32), context.entropy(32), digest, space, spares)
        sheets = self_blinded_sheets(hand_plan(protocol, plan, cards, after), paper) if paper else {}
    written = write_sheets(to / SHEETS, sheets)
    write_public(to / PLAN_NAME, plan.to_dict())
    return KitsPlanned(plan=to / PLAN_NAME, sheets=written, n_kits=plan.n_kits, n_blocks=len(plan.blocks))
