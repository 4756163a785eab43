"""Words of a protocol file that stand without quotes, and characters that a file must not hold.

What two programs could read differently (``1_000``, ``014``, ``0,5``) is refused, with what to write instead.
"""

from __future__ import annotations

import re
from decimal import Decimal

from nof1.protocol.scalars import NUMBER

MAX_DIGITS = 30

_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_LINE_SEPARATORS = "\x85\u2028\u2029"
# What YAML allows, without what turns the direction of text or ends a line for some programs only.
_BANNED = re.compile(
    rf"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[{_BIDI}{_LINE_SEPARATORS}]"
)
_ODD_NUMBERS = (
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]+)?"), lambda text: text.replace("_", "").lstrip("+")),
    (
        re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"),
        lambda text: text.replace(",", "").lstrip("+"),
    ),
    (re.compile(r"[-+]?[0-9]+,[0-9]+"), lambda text: text.replace(",", ".").lstrip("+")),
    (re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]"), lambda text: f"{Decimal(text):f}"),
    (re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+"), lambda _: "it without an exponent"),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: str(int(text, 16))),
    (re.compile(r"0o[0-7]+"), lambda text: str(int(text, 8))),
    (re.compile(r"0b[01]+"), lambda text: str(int(text, 2))),
    (re.compile(r"[-+]?\.[0-9]+"), lambda text: text.lstrip("+").replace(".", "0.", 1)),
    (re.compile(r"[-+]?[0-9]+\."), lambda text: text.rstrip(".").lstrip("+")),
    (re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?"), lambda text: f"{Decimal(text):f}"),
    (
        re.compile(r"[-+]?(?=[0-9.]*_)(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?"),
        lambda _: "it in digits alone, with a point where one is needed",
    ),
)
_WORDS = {"null": None, "true": True, "false": False}
_ODD_WORDS = {
    **dict.fromkeys(("~", "Null", "NULL"), "null"),
    **dict.fromkeys(("True", "TRUE"), "true"),
    **dict.fromkeys(("False", "FALSE"), "false"),
}
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def plain_value(text: str) -> bool | int | Decimal | str | None:
    """Read a word that stands without quotes.

    Parameters
    ----------
    text : str
        Such as ``7``, ``0.5``, ``true`` or ``on``.

    Returns
    -------
    bool, int, Decimal, str or None
        Dates, times and whatever else is no number stay text.

    Raises
    ------
    ValueError
        If two programs could read it differently; says what to write.

    Examples
    --------
    >>> plain_value("0.50"), plain_value("on"), plain_value("12:30")
    (Decimal('0.50'), 'on', '12:30')
    """
    if text in _WORDS:
        return _WORDS[text]
    if not text:
        raise ValueError("found nothing; write a value, or leave the key out")
    if NUMBER.fullmatch(text):
        return Decimal(text) if "." in text else int(text)
    if text in _ODD_WORDS:
        raise ValueError(f'found {text}; write {_ODD_WORDS[text]}, or "{text}" if it is text')
    if _NO_NUMBER.fullmatch(text):
        raise ValueError(f'found {text}; write a number, or "{text}" if it is text')
    for pattern, rewrite in _ODD_NUMBERS:
        if pattern.fullmatch(text):
            if sum(character.isdigit() for character in text) > MAX_DIGITS:
                raise ValueError(
                    f"found a number of {len(text)} characters; write {MAX_DIGITS} digits or fewer"
                )
            raise ValueError(f'found {text}; write {rewrite(text)}, or "{text}" if it is text')
    return text


def banned_character(text: str) -> re.Match[str] | None:
    """Find the first character that a person cannot see, or that turns the direction of text.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    re.Match or None
        Where it stands.
    """
    return _BANNED.search(text)


def unseen(character: str) -> str:
    """Say what is wrong with a banned character.

    Parameters
    ----------
    character : str
        One character.

    Returns
    -------
    str
        With its code point, since it cannot be shown.
    """
    kind = (
        "a character that turns the direction of text"
        if character in _BIDI
        else "a character that nobody sees"
    )
    return f"found {kind} (U+{ord(character):04X}); delete it"
