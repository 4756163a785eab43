"""Self-blinded draws: which code is used when. Nobody knows what a code stands for, so this is public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.blinding.kits import Kit
from nof1.schedule.draw import draw, trial_key
from nof1.terms import KitCode

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nof1.blinding.sealed import Secret
    from nof1.schedule.space import SequenceSpace


def order_of_use(
    secret: Secret,
    protocol_sha256: str,
    space: SequenceSpace,
    codes: Sequence[Collection[str]],
    spares: Sequence[tuple[SequenceSpace, Collection[str]]] = (),
) -> tuple[Kit, ...]:
    """Draw the order in which registered kits are used.

    With the labels fixed before the draw, every sequence of the design is equally probable whatever the
    hands did, so the randomization test is exact even after a poor shuffle.

    Parameters
    ----------
    secret : Secret
        Fresh entropy, taken after the labels were registered; it is published.
    protocol_sha256 : str
        Digest of the protocol as 64 hexadecimal digits.
    space : SequenceSpace
        Of the design.
    codes : sequence of collections of KitCode
        For every sack of the space the codes that were registered for it.
    spares : sequence of (SequenceSpace, collection of KitCode)
        For every spare block its space and its codes.

    Returns
    -------
    tuple of Kit
        In order of use, spare blocks last.

    Raises
    ------
    ValueError
        If the design has no sacks, or codes are missing, too many or doubled.
    """
    every = [code for held in (*codes, *(held for _, held in spares)) for code in held]
    if len(set(every)) != len(every):
        raise ValueError("a code is there twice")
    key = trial_key(secret.value, protocol_sha256)
    orders = space.orders(codes)
    order = orders.unrank(draw(key, orders.size, "order"))
    kits = [
        Kit(block=str(block), code=KitCode(code)) for block, code in zip(space.blocks, order, strict=True)
    ]
    for number, (spare, held) in enumerate(spares, start=1):
        orders = spare.orders([held])
        order = orders.unrank(draw(key, orders.size, f"order/S{number}"))
        kits += [Kit(block=f"S{number}", code=KitCode(code)) for code in order]
    return tuple(kits)
