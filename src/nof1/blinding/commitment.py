"""The commitment: one published line that fixes mode, protocol, kits and cards before the first dose."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nof1.encoding import frame
from nof1.schedule.draw import raw_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nof1.terms import Mode


def root(leaves: Iterable[bytes]) -> bytes:
    """Hash all leaves into one digest.

    No tree: every leaf is public, so a card is checked by finding its leaf in the list.

    Parameters
    ----------
    leaves : iterable of bytes
        Of all cards, spare ones included, in any order.

    Returns
    -------
    bytes, length 32
        SHA-256 of the sorted leaves.
    """
    return hashlib.sha256(frame(b"nof1/root/v1", *sorted(leaves))).digest()


def commitment(mode: Mode, protocol_sha256: str, root: bytes, kits: Sequence[str]) -> bytes:
    """Hash everything that is fixed at the start.

    Parameters
    ----------
    mode : Mode
        Who knows.
    protocol_sha256 : str
        Digest of the protocol as 64 hexadecimal digits.
    root : bytes
        Of the cards; no bytes at all in ``open_label``.
    kits : sequence of str
        ``block/CODE`` in order of use, spare ones last; in ``open_label`` the condition codes.

    Returns
    -------
    bytes, length 32
        SHA-256.
    """
    fields = (b"nof1/commitment/v1", mode.value, raw_digest(protocol_sha256), root, *kits)
    return hashlib.sha256(frame(*fields)).digest()


def published_line(mode: Mode, protocol_sha256: str, commitment: str) -> str:
    """Write the line that is posted or mailed before the first dose.

    Parameters
    ----------
    mode : Mode
        Who knows.
    protocol_sha256, commitment : str
        64 hexadecimal digits each.

    Returns
    -------
    str
        ``nof1/1 MODE PROTOCOL_SHA256 COMMITMENT``
    """
    return f"nof1/1 {mode.value} {protocol_sha256} {commitment}"
