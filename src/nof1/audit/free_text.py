"""Texts of a person, kept apart from the chain under salted hashes, so that one can be erased and the chain holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.encoding import frame, sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nof1.audit.event import Event
    from nof1.encoding import Json

ERASED = "[erased]"
"""What is read in the place of a text that was erased."""
_SALT_BYTES = 16
_MARK = "blob"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A text outside the chain.

    Attributes
    ----------
    sha256 : str
        Digest of the framed salt and content; this is what the chain holds.
    salt : bytes, length 16
        Without it a short text could be guessed from its digest after the erasure.
    content : bytes
        The text as UTF-8.
    """

    sha256: str
    salt: bytes
    content: bytes


def blob_digest(salt: bytes, content: bytes) -> str:
    """Return the digest under which a text is named in the chain.

    Parameters
    ----------
    salt : bytes, length 16
        Random bytes.
    content : bytes
        The text as UTF-8.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return sha256_hex(frame(b"nof1/blob/v1", salt, content))


def set_texts_apart(
    event: Event, entropy: Callable[[int], bytes]
) -> tuple[dict[str, Json], tuple[Blob, ...]]:
    """Write the payload of an event with digests in the place of its free texts.

    Parameters
    ----------
    event : Event
        Its class says which fields are free text.
    entropy : callable of int to bytes
        Source of the salts.

    Returns
    -------
    payload : dict of str to Json
        Each text as ``{"blob": digest}``.
    blobs : tuple of Blob
        The texts.
    """
    payload = event.to_payload()
    blobs = []
    for name in event.FREE_TEXT:
        if isinstance(text := payload.get(name), str):
            salt, content = entropy(_SALT_BYTES), text.encode()
            blob = Blob(sha256=blob_digest(salt, content), salt=salt, content=content)
            payload[name] = {_MARK: blob.sha256}
            blobs.append(blob)
    return payload, tuple(blobs)


def put_texts_back(
    kind: type[Event], payload: Mapping[str, object], texts: Mapping[str, str]
) -> dict[str, object]:
    """Fill the free texts of a stored payload in again.

    Parameters
    ----------
    kind : type of Event
        Says which fields are free text.
    payload : mapping of str to object
        As it was stored.
    texts : mapping of str to str
        Text by digest, of all blobs that are still there.

    Returns
    -------
    dict of str to object
        With ``[erased]`` where a text is gone.
    """
    filled = dict(payload)
    for name in kind.FREE_TEXT:
        if digest := text_digest(payload, name):
            filled[name] = texts.get(digest, ERASED)
    return filled


def text_digest(payload: Mapping[str, object], field: str) -> str | None:
    """Return the digest that stands in the place of a free text.

    Parameters
    ----------
    payload : mapping of str to object
        As it was stored.
    field : str
        Name of the field.

    Returns
    -------
    str or None
        None if the field is empty or no free text.
    """
    value = payload.get(field)
    return str(value[_MARK]) if isinstance(value, dict) and set(value) == {_MARK} else None
