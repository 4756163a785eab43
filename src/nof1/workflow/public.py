"""public.json: what everybody may know of a draw, as it follows from the registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.blinding.kits import Kit
from nof1.blinding.order import order_of_use
from nof1.blinding.packing import sacks_of
from nof1.blinding.public import PublicKits
from nof1.errors import OpeningError
from nof1.files.secrets import write_public
from nof1.schedule.design import space_of, spare_space
from nof1.terms import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.blinding.sealed import Secret
    from nof1.encoding import Json
    from nof1.protocol.model import Protocol
    from nof1.workflow.trial import Trial


def registered_public(trial: Trial) -> PublicKits:
    """Return what was public at the start of a blinded trial.

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
    begun = trial.registration
    if not isinstance(begun, events.TrialRandomized) or begun.root is None:
        raise OpeningError(f"{trial.name} has no kits")
    return PublicKits(
        mode=trial.mode,
        protocol_sha256=begun.protocol_sha256,
        kits=tuple(Kit.parse(text) for text in begun.kits),
        leaves=begun.leaves,
        root=begun.root,
        commitment=begun.commitment,
    )


def redraw_order(
    secret: Secret, protocol: Protocol, digest: str, registered: events.KitsRegistered
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
    registered : KitsRegistered
        The labels by block.

    Returns
    -------
    tuple of Kit
        In order of use, spare blocks last.
    """
    space = space_of(protocol)
    codes: dict[str, list[str]] = {}
    for kit in (Kit.parse(text) for text in registered.kits):
        codes.setdefault(kit.block, []).append(kit.code)
    spares = [spare_space(protocol)] * protocol.blinding.spare_blocks
    held = [codes.get(block, []) for block, _ in sacks_of(space, spares)]
    n = len(held) - len(spares)
    return order_of_use(secret, digest, space, held[:n], list(zip(spares, held[n:], strict=True)))


def public_document(begun: events.TrialRandomized, trial: Trial) -> dict[str, Json]:
    """Return the content of public.json.

    Parameters
    ----------
    begun : TrialRandomized
        The registration.
    trial : Trial
        The same trial.

    Returns
    -------
    dict
        In open_label with the order and the secret, in self_blinded with the secret: it is public there.
    """
    if trial.mode is Mode.SELF_BLINDED:
        return registered_public(trial).to_dict() | {"secret": begun.secret}
    if trial.mode is Mode.THIRD_PARTY:
        return registered_public(trial).to_dict()
    return {
        "nof1": 1,
        "mode": begun.mode,
        "protocol_sha256": begun.protocol_sha256,
        "secret": begun.secret,
        "sequence": list(begun.kits),
        "commitment": begun.commitment,
    }


def write_public_file(trial: Trial) -> Path | None:
    """Write public.json as it follows from the registration.

    Parameters
    ----------
    trial : Trial
        Drawn or imported.

    Returns
    -------
    Path or None
        None: an imported trial has none.
    """
    begun = trial.registration
    if not isinstance(begun, events.TrialRandomized):
        return None
    path = trial.folder / "public.json"
    write_public(path, public_document(begun, trial))
    return path
