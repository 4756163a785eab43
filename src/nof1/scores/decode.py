"""Bytes of a table as text: UTF-8 or marked UTF-16, and a refusal that names what the file is instead."""

from __future__ import annotations

import codecs

from nof1.errors import EntryError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAVE_AS = "save the file again as 'CSV UTF-8'"
_MAGIC = {
    b"PK\x03\x04": "an Excel or OpenDocument workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a compressed file",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a database",
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
}


def decode(data: bytes) -> tuple[str, str]:
    """Turn the bytes of a table into text, if there is one certain way.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    tuple of (str, str)
        The text without its byte order mark, and the name of the encoding.

    Raises
    ------
    EntryError
        If the bytes are something else, are damaged, or hold a NUL.

    Examples
    --------
    >>> decode("date;value".encode("utf-8-sig"))
    ('date;value', 'utf-8-sig')
    """
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise EntryError(f"this is {what}; {_SAVE_AS}")
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise EntryError(f"{_undecodable(data, encoding, error.start)}; {_SAVE_AS}") from None
    if "\0" in text:
        if encoding == "utf-8" and _looks_like_utf16(data):
            raise EntryError(f"the file looks like UTF-16 without a byte order mark; {_SAVE_AS}")
        row = text.count("\n", 0, text.index("\0")) + 1
        raise EntryError(f"line {row} holds a NUL byte, which belongs in no table; {_SAVE_AS}")
    return text, encoding


def _undecodable(data: bytes, encoding: str, place: int) -> str:
    if encoding == "utf-16":
        return "the file begins as UTF-16 and cannot be read as such"
    if _looks_like_utf16(data):
        return "the file looks like UTF-16 without a byte order mark"
    line = data.count(b"\n", 0, place) + 1
    return f"line {line} holds the byte {data[place]:02X}: this is not UTF-8, perhaps Windows-1252 or Latin-1"


def _looks_like_utf16(data: bytes) -> bool:
    head = data[:400]
    return head.count(0) > len(head) // 4
