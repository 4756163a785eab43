"""Texts and numbers as bytes that another program can repeat: framing, canonical JSON, digests."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from json.encoder import encode_basestring


class Written(bytes):
    """A value whose canonical JSON is at hand: it is taken as it is."""

    __slots__ = ()


Json = None | bool | int | Decimal | str | Written | Sequence["Json"] | Mapping[str, "Json"]


def frame(*fields: bytes | str) -> bytes:
    """Join fields into one byte string from which they can be read back without doubt.

    Parameters
    ----------
    *fields : bytes or str
        Text becomes UTF-8 in normal form C; digests are given as their 32 raw bytes.

    Returns
    -------
    bytes
        For every field its length in four bytes, big-endian, then the field.

    Examples
    --------
    >>> frame("ab", "").hex()
    '00000002616200000000'
    """
    raw = [f if isinstance(f, bytes) else unicodedata.normalize("NFC", f).encode() for f in fields]
    return b"".join(len(f).to_bytes(4, "big") + f for f in raw)


def decimal_text(number: int | Decimal) -> str:
    """Write a number as plain decimal digits, so that no language formats it differently.

    Parameters
    ----------
    number : int or Decimal
        A finite number.

    Returns
    -------
    str
        No exponent, no trailing zeros after the point, ``0`` for both zeros.

    Raises
    ------
    ValueError
        If the number is not finite.

    Examples
    --------
    >>> decimal_text(Decimal("1.50")), decimal_text(Decimal("1E+3")), decimal_text(-0)
    ('1.5', '1000', '0')
    """
    if isinstance(number, int):
        return str(number)
    if not number.is_finite():
        raise ValueError(f"{number} has no decimal text; only finite numbers have")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def canonical_json(value: Json) -> bytes:
    """Write a value as the one JSON text that stands for it.

    Parameters
    ----------
    value : Json
        Mappings with text keys, sequences, text, bool, None, int, Decimal, or an enumeration of text; or, at the top or in a
        mapping there, what was written before.

    Returns
    -------
    bytes
        UTF-8 without white space; keys sorted, text in normal form C, numbers as decimal strings.

    Raises
    ------
    TypeError
        If a value of another type (a float above all) is met.

    References
    ----------
    RFC 8785 (JSON Canonicalization Scheme), except that numbers are strings here.

    Examples
    --------
    >>> canonical_json({"b": Decimal("0.50"), "a": [True, None, 3]})
    b'{"a":[true,null,"3"],"b":"0.5"}'
    """
    if type(value) is str:
        return encode_basestring(value if value.isascii() else unicodedata.normalize("NFC", value)).encode()
    if isinstance(value, Written):
        return value
    if isinstance(value, Mapping) and any(isinstance(item, Written) for item in value.values()):
        named = sorted((_plain(str(key)), item) for key, item in value.items())
        return b"{" + b",".join(_dumped(key) + b":" + canonical_json(item) for key, item in named) + b"}"
    return _dumped(_plain(value))


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 digest of some bytes as 64 hexadecimal digits.

    Parameters
    ----------
    data : bytes
        Any bytes.

    Returns
    -------
    str
        64 hexadecimal digits, lower case.
    """
    return hashlib.sha256(data).hexdigest()


def _dumped(plain: object) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, Written):
        return json.loads(value)
    if isinstance(value, str):  # what most values are: a file of scores has millions of them
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)):
        return decimal_text(value)
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return _plain_list(value)
    raise TypeError(f"{type(value).__name__} has no canonical JSON")


def _plain_list(values: Sequence[object]) -> Sequence[object]:
    """Write the items of a list; where they are texts and whole numbers alone, each that occurs is written once."""
    kinds = set(map(type, values))
    if not kinds <= {str, int, type(None)}:
        return [_plain(item) for item in values]
    if int not in kinds and "".join(filter(None, values)).isascii():  # type: ignore[arg-type]  # texts, by their types
        return list(values)
    written = {item: _plain(item) for item in set(values)}
    return list(map(written.__getitem__, values))
