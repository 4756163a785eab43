"""The grammar of numbers that people type: what has one reading is taken as typed, everything else is refused.

``float()`` would take ``1_000``, ``nan`` and digits of other scripts; a spreadsheet turns codes into ``2.3E+46``
and fractions into dates. Each of these is told by name, with what to write instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from nof1.encoding import decimal_text
from nof1.errors import EntryError

MAX_DIGITS = 30
"""Characters of the longest number; no measurement has more."""

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_COMMA = re.compile(r"(-?(?:0|[1-9][0-9]*)),([0-9]+)")
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_EXPONENT = re.compile(r"[-+]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)[eE][-+]?[0-9]+")
_WORDS = {
    "nan",
    "na",
    "n/a",
    "null",
    "none",
    "missing",
    "inf",
    "+inf",
    "-inf",
    "infinity",
    "-infinity",
    "-",
    "?",
    ".",
}
_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mrz|mai|okt|dez|fév|avr|aoû|déc|ene|abr|ago|dic"
)
_SPREADSHEET_DATE = re.compile(
    rf"[0-9]{{1,2}}[-. ]{{1,2}}(?:{_MONTHS})[^\W\d_]*\.?(?:[-. ][0-9]{{2,4}})?|(?:{_MONTHS})[^\W\d_]*[-. ]{{1,2}}[0-9]{{1,4}}",
    re.IGNORECASE,
)
_DATE = re.compile(
    rf"[0-9]{{1,2}}[-. ](?:{_MONTHS})[a-zä]*(?:[-. ][0-9]{{2,4}})?|(?:{_MONTHS})[a-zä]*[-. ][0-9]{{1,4}}",
    re.IGNORECASE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}.*")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_SPREADSHEET_ERROR = re.compile(r"#[A-ZÄÖÜ/0]+[!?]?")
_LEADING_SIGNS = re.compile(r"^[+−–—‐‑﹣－＋]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number as it was typed.

    Attributes
    ----------
    text : str
        The digits as typed, the decimal sign a point: ``7.50`` stays ``7.50``.
    value : Decimal
        What they mean.
    """

    text: str
    value: Decimal


def read_number(text: str, *, decimal_comma: bool = False) -> Number:
    """Read a number that a person or a program wrote.

    Parameters
    ----------
    text : str
        An optional minus, digits without a leading zero, optionally a point and digits. Blanks around it are
        ignored.
    decimal_comma : bool
        A comma stands for the point; only where a file says so.

    Returns
    -------
    Number
        As typed, with a point.

    Raises
    ------
    EntryError
        If the text has no reading or more than one; the sentence says what to write.

    Examples
    --------
    >>> read_number(" 7.50 ")
    Number(text='7.50', value=Decimal('7.50'))
    >>> read_number("0,5")
    Traceback (most recent call last):
    nof1.errors.EntryError: found '0,5'; write 0.5
    """
    typed = text.strip(" \t")
    if decimal_comma and (match := _COMMA.fullmatch(typed)):
        typed = f"{match[1]}.{match[2]}"
    if len(typed) > MAX_DIGITS:
        raise EntryError(
            f"found {shortened(typed)!r}, {len(typed)} characters; write a number of at most {MAX_DIGITS}"
        )
    if not _PLAIN.fullmatch(typed):
        raise EntryError(f"found {typed!r}; {_advice(typed)}")
    return Number(text=typed, value=Decimal(typed))


def may_mean_thousands(text: str) -> bool:
    """Whether a comma in a number may stand between thousands instead of before a fraction.

    Parameters
    ----------
    text : str
        Such as ``1,234``.

    Returns
    -------
    bool
        True for ``1,234`` and ``12,345,678``; False for ``7,5``, ``0,123`` and ``1234``.

    Examples
    --------
    >>> [may_mean_thousands(text) for text in ("1,234", "7,5", "0,123")]
    [True, False, False]
    """
    return _THOUSANDS.fullmatch(text.strip(" \t")) is not None


def has_decimal_comma(text: str) -> bool:
    """Whether a text is a number with a comma before its fraction, or may be one.

    Parameters
    ----------
    text : str
        One cell.

    Returns
    -------
    bool
        True for ``7,5`` and ``1,234``.
    """
    return _COMMA.fullmatch(text.strip(" \t")) is not None


def shortened(text: str, length: int = 40) -> str:
    """Cut a text that is quoted in a message.

    Parameters
    ----------
    text : str
        What was found.
    length : int
        Characters that are kept.

    Returns
    -------
    str
        The text, or its beginning and an ellipsis.

    Examples
    --------
    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def _advice(typed: str) -> str:
    """Say what to write instead of a text that is no number."""
    found = (advice(typed) for advice in _ADVICE)
    return next((sentence for sentence in found if sentence), "write a number such as 7 or -3.5")


def _nothing(typed: str) -> str | None:
    if not typed:
        return "write a number, or say why it is missing"
    if typed.lower() in _WORDS:
        return "leave the value empty and say why it is missing, or write a number"
    return None


def _spreadsheet(typed: str) -> str | None:
    if _SPREADSHEET_DATE.fullmatch(typed):
        return "a spreadsheet has made a date of it; format the column as text, and write the number again"
    if _SPREADSHEET_ERROR.fullmatch(typed):
        return "this is an error of a spreadsheet; write the number"
    if typed.startswith("="):
        return "this is a formula; write its result"
    if _DATE.fullmatch(typed) or _CLOCK.fullmatch(typed):
        return "this is a date or a time; write the number"
    return None


def _exponent(typed: str) -> str | None:
    if not _EXPONENT.fullmatch(typed):
        return None
    plain = _written_out(typed.replace(",", "."))
    if plain is None or "+" in typed:
        # 2.3E+46 is what a spreadsheet makes of a code such as 23E45.
        return "this is how a spreadsheet writes large numbers, and what it makes of some codes; write the number out"
    return f"write {plain}"


def _comma(typed: str) -> str | None:
    if may_mean_thousands(typed):
        plain = typed.replace(",", "")
        return (
            f"write {plain}, or {typed.replace(',', '.')} if that is meant"
            if typed.count(",") == 1
            else f"write {plain}"
        )
    match = _COMMA.fullmatch(typed)
    return f"write {match[1]}.{match[2]}" if match else None


def _other_signs(typed: str) -> str | None:
    """Undo separators of thousands, signs that only look like a minus, leading zeros, and bare points."""
    plain = re.sub(r"[_\s'’]", "", typed)
    sign = "-" if plain[:1] not in {"+", "＋"} else ""
    plain = _LEADING_SIGNS.sub(sign, plain)
    match = re.fullmatch(r"(-?)0*([0-9]*)(?:\.([0-9]*))?", plain)
    if match is None or not re.search("[0-9]", plain):
        return None
    fraction = f".{match[3]}" if match[3] else ""
    return f"write {match[1]}{match[2] or '0'}{fraction}"


def _other_digits(typed: str) -> str | None:
    if typed.isascii():
        return None
    try:
        plain = "".join(c if c in "-." else str(int(c)) for c in typed)
    except ValueError:
        return None
    return f"write it with the digits 0 to 9: {plain}"


def _percent(typed: str) -> str | None:
    plain = typed.removesuffix("%").rstrip()
    return f"write the number alone: {plain}" if plain != typed and _PLAIN.fullmatch(plain) else None


def _written_out(text: str) -> str | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    # Looked at before it is written out: 1e999999999 has a gigabyte of digits.
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or not -MAX_DIGITS < exponent <= number.adjusted() < MAX_DIGITS:
        return None
    return decimal_text(number)


_ADVICE = (_nothing, _spreadsheet, _exponent, _comma, _other_signs, _other_digits, _percent)
