"""Plan the packing of a lone person: labels by block, slips by condition, and no file that joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.blinding.packing import KitsPlan, plan_kits
from nof1.errors import StageError, WorkspaceError
from nof1.files.protocols import read_protocol
from nof1.files.secrets import PLAN_NAME, write_public
from nof1.protocol.digest import protocol_sha256
from nof1.schedule.design import space_of, spare_space
from nof1.terms import Mode
from nof1.workflow.register import read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.workflow.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class KitsPlanned:
    """What was planned, and where it lies.

    Attributes
    ----------
    plan : Path
        kits.json.
    n_kits, n_blocks : int
        Packs, and what is shuffled together, spare blocks included.
    """

    plan: Path
    n_kits: int
    n_blocks: int


def plan_packing(protocol_path: Path, to: Path, context: Context, *, relabel: bool = False) -> KitsPlanned:
    """Draw kit codes and card keys, write what is public of them, and print the rest.

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

    Returns
    -------
    KitsPlanned
        The files.

    Raises
    ------
    ProtocolError
        If the protocol is refused.
    StageError
        If its mode is not self_blinded.
    WorkspaceError
        If the folder is not empty, or with `relabel` holds no plan.
    DocumentError
        If the plan in it is for another protocol.
    """
    protocol = read_protocol(protocol_path)
    if protocol.blinding.mode is not Mode.SELF_BLINDED:
        raise StageError(
            f"{protocol_path}: blinding.mode is {protocol.blinding.mode.value}; packing is planned only for self_blinded"
        )
    digest = protocol_sha256(protocol)
    if relabel:
        plan = read_plan(to, protocol, digest).relabelled(context.entropy(32))
    else:
        if to.exists() and any(to.iterdir()):
            raise WorkspaceError(
                f"{to} is not empty; take another folder, or make new labels for the slips in it with --relabel"
            )
        spares = [spare_space(protocol)] * protocol.blinding.spare_blocks
        plan, _cards = plan_kits(context.entropy(32), context.entropy(32), digest, space_of(protocol), spares)
    _write(to, plan)
    return KitsPlanned(plan=to / PLAN_NAME, n_kits=plan.n_kits, n_blocks=len(plan.blocks))


def _write(to: Path, plan: KitsPlan) -> None:
    write_public(to / PLAN_NAME, plan.to_dict())
