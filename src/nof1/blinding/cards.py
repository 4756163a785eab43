"""Cards: the slip in each box, and its leaf, the published hash that fixes what the slip says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.blinding.sealed import Sealed
from nof1.encoding import frame
from nof1.schedule.draw import raw_digest
from nof1.terms import Mode

if TYPE_CHECKING:
    from nof1.blinding.kits import Kit
    from nof1.terms import ConditionCode


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Card(Sealed):
    """What the folded slip in a box says.

    Attributes
    ----------
    place : str
        The kit code, or ``block 3`` where hands decide which box gets the slip.
    condition : ConditionCode
        What the kit contains.
    key : str
        16 random characters, so that the leaf cannot be guessed.
    """

    place: str
    condition: ConditionCode
    key: str

    def leaf(self, protocol_sha256: str) -> bytes:
        """Return the published hash of the card.

        Parameters
        ----------
        protocol_sha256 : str
            Digest of the protocol as 64 hexadecimal digits.

        Returns
        -------
        bytes, length 32
            See `leaf`.
        """
        return leaf(protocol_sha256, self.place, self.condition, self.key)


def leaf(protocol_sha256: str, place: str, condition: str, card_key: str) -> bytes:
    """Hash one card, so that it can be published now and checked when the card is opened.

    Parameters
    ----------
    protocol_sha256 : str
        Digest of the protocol as 64 hexadecimal digits.
    place : str
        As `place_of` gives it.
    condition : ConditionCode
        Its code in the protocol.
    card_key : str
        16 characters, upper case, no spaces or hyphens.

    Returns
    -------
    bytes, length 32
        SHA-256.

    Examples
    --------
    >>> leaf("ab" * 32, "block 3", "on", "23456789ABCDEFGH").hex()[:8]
    '8bbcfac9'
    """
    digest = raw_digest(protocol_sha256)
    return hashlib.sha256(frame(b"nof1/card/v1", digest, place, condition, card_key)).digest()


def place_of(mode: Mode, kit: Kit) -> str:
    """Return what a card is bound to: a kit where a preparer packed it, a block where hands shuffled.

    Parameters
    ----------
    mode : Mode
        ``third_party`` or ``self_blinded``.
    kit : Kit
        The kit in whose box the card lies.

    Returns
    -------
    str
        ``K-N2PQH5``, or ``block 3``, ``block S1``, ``block 0``.
    """
    return f"block {kit.block}" if mode is Mode.SELF_BLINDED else kit.code
