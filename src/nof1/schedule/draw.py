"""The draw, to the byte: one integer, uniform below a size, from a key that nobody can choose."""

from __future__ import annotations

import hashlib
import hmac
from itertools import count

from nof1.encoding import frame

KEY_BYTES = 32


def draw(key: bytes, size: int, label: str) -> int:
    """Draw one integer, uniform on 0 … size - 1, from a secret key.

    The bytes are fixed (draw, version 1), so that another program can repeat the draw years later. A
    fresh HMAC stream is taken until the value falls below ``size``: no modulo, so no sequence is
    favoured, and no floating point, so no machine differs.

    Parameters
    ----------
    key : bytes, length 32
        The trial key.
    size : int
        Number of possibilities, 1 or more. May exceed any machine word.
    label : str
        What is drawn, such as ``"sequence"``; different labels give independent draws.

    Returns
    -------
    int
        The index [rank in the space].

    Raises
    ------
    ValueError
        If the key is not 32 bytes long or size is below 1.

    Examples
    --------
    >>> draw(bytes(range(32)), 518, "sequence")
    368
    """
    _check_key(key)
    if size < 1:
        raise ValueError(f"a draw needs at least one possibility, got a size of {size}")
    if size == 1:
        return 0
    n_bits = (size - 1).bit_length()
    n_bytes = (n_bits + 7) // 8
    size_bytes = size.to_bytes((size.bit_length() + 7) // 8, "big")
    mask = (1 << n_bits) - 1
    for attempt in count():
        stream = b""
        for block in count():
            message = frame(b"nof1/draw/v1", label, size_bytes, _u32(attempt), _u32(block))
            stream += hmac.digest(key, message, hashlib.sha256)
            if len(stream) >= n_bytes:
                break
        value = int.from_bytes(stream[:n_bytes], "big") & mask
        if value < size:
            return value
    raise AssertionError("unreachable: count() does not end")  # pragma: no cover


def trial_key(secret: bytes, protocol_sha256: str) -> bytes:
    """Bind a secret to one protocol: another text of the protocol gives another draw.

    Parameters
    ----------
    secret : bytes, length 32
        From the operating system, never from a person.
    protocol_sha256 : str
        Digest of the protocol as 64 hexadecimal digits.

    Returns
    -------
    bytes, length 32
        The key of every draw of the trial.

    Raises
    ------
    ValueError
        If the secret or the digest has another length.

    Examples
    --------
    >>> trial_key(bytes(range(32)), "ab" * 32).hex()[:8]
    'cdbff4e8'
    """
    _check_key(secret)
    return hmac.digest(secret, frame(b"nof1/trial/v1", raw_digest(protocol_sha256)), hashlib.sha256)


def raw_digest(hexadecimal: str) -> bytes:
    """Turn a digest as it is printed into the bytes that go into another hash.

    Parameters
    ----------
    hexadecimal : str
        64 hexadecimal digits in lower case.

    Returns
    -------
    bytes, length 32
        The same digest.

    Raises
    ------
    ValueError
        If the text is anything else: two spellings of one digest would give two commitments.
    """
    if len(hexadecimal) != 2 * KEY_BYTES or not set(hexadecimal) <= set("0123456789abcdef"):
        raise ValueError(f"a SHA-256 digest has 64 hexadecimal digits in lower case, got {hexadecimal!r}")
    return bytes.fromhex(hexadecimal)


def _check_key(key: bytes) -> None:
    # The key itself is never part of the message.
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, got {len(key)}")


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "big")
