"""public.json: what everybody may know of a draw, as it follows from the registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.blinding.kits import Kit
from nof1.blinding.order import order_of_use
from nof1.blinding.packing import sacks_of
from nof1.errors import OpeningError
from nof1.files.secrets import write_public
from nof1.schedule.design import part_space, part_spares
from nof1.terms import Mode
from nof1.workflow.parts import parts_of

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.blinding.public import PublicKits
    from nof1.blinding.sealed import Secret
    from nof1.encoding import Json
    from nof1.protocol.model import Protocol
    from nof1.workflow.parts import DrawnPart
    from nof1.workflow.trial import Trial


def registered_public(trial: Trial) -> PublicKits:
    """Return what was public at the start of a blinded trial; extensions have commitments of their own.

    Parameters
    ----------
    trial : Trial
        Drawn, not imported, not open.

    Returns
    -------
    PublicKits
        Kits, leaves, root, commitment as they were registered; not checked here.

    Raises
    ------
    OpeningError
        If the trial has no kits.
    """
    parts = parts_of(trial)
    if not parts or parts[0].drawn.root is None:
        raise OpeningError(f"{trial.name} has no kits")
    return parts[0].public


def redraw_order(
    secret: Secret,
    protocol: Protocol,
    digest: str,
    registered: events.KitsRegistered | events.ExtensionRegistered,
) -> tuple[Kit, ...]:
    """Compute the order in which registered kits are used; it follows from the secret alone.

    Parameters
    ----------
    secret : Secret
        Taken after the registration, and public.
    protocol : Protocol
        As it was registered.
    digest : str
        Its digest as 64 hexadecimal digits.
    registered : KitsRegistered or ExtensionRegistered
        The labels by block.

    Returns
    -------
    tuple of Kit
        In order of use, spare blocks last.
    """
    after = registered.after if isinstance(registered, events.ExtensionRegistered) else 0
    space, spares = part_space(protocol, after), part_spares(protocol, after)
    codes: dict[str, list[str]] = {}
    for kit in (Kit.parse(text) for text in registered.kits):
        codes.setdefault(kit.block, []).append(kit.code)
    held = [codes.get(block, []) for block, _ in sacks_of(space, spares)]
    n = len(held) - len(spares)
    return order_of_use(secret, digest, space, held[:n], list(zip(spares, held[n:], strict=True)))


def public_document(part: DrawnPart) -> dict[str, Json]:
    """Return the content of public.json, or of the file that belongs to an extension.

    Parameters
    ----------
    part : DrawnPart
        What was drawn at once.

    Returns
    -------
    dict
        In open_label with the order and the secret, in self_blinded with the secret: it is public there.
    """
    drawn, mode = part.drawn, part.protocol.blinding.mode
    if mode is Mode.SELF_BLINDED:
        return part.public.to_dict() | {"secret": drawn.secret}
    if mode is Mode.THIRD_PARTY:
        return part.public.to_dict()
    return {
        "nof1": 1,
        "mode": mode.value,
        "protocol_sha256": drawn.protocol_sha256,
        "secret": drawn.secret,
        "sequence": list(drawn.kits),
        "commitment": drawn.commitment,
    }


def write_public_file(trial: Trial) -> tuple[Path, ...]:
    """Write public.json as it follows from the registration, and the like for every extension.

    Parameters
    ----------
    trial : Trial
        Drawn or imported.

    Returns
    -------
    tuple of Path
        Empty: an imported trial has none.
    """
    paths = []
    for part in parts_of(trial):
        paths.append(trial.folder / part.file_name)
        write_public(paths[-1], public_document(part))
    return tuple(paths)
