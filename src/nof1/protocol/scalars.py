"""Scalars of the protocol file: whole numbers, decimals, clock times, quantities with units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints, ValidationInfo, WithJsonSchema

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,30})?")
"""A number as the protocol writes it: plain decimal digits, and nothing that two programs could read differently."""

EFFECT_IN_SESOI = re.compile(r"((?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,6})?) sesoi")
"""A standard deviation told in the unit of the smallest effect of interest."""

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_QUANTITY = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?([A-Za-zµμ%][A-Za-zµμ%/]{0,19})")
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,23}")
_MINUTES_PER = {"min": 1, "h": 60}
_MINUTES_PER_LIFE = {"min": 1, "h": 60, "d": 24 * 60}
_MG_PER = {
    "kg": Decimal(1_000_000),
    "g": Decimal(1000),
    "mg": Decimal(1),
    "µg": Decimal("0.001"),
    "ug": Decimal("0.001"),
    "mcg": Decimal("0.001"),
    "ng": Decimal("0.000001"),
}


def is_canonical(info: ValidationInfo) -> bool:
    """Tell whether a canonical text is read, where numbers are strings and some mappings are lists of pairs."""
    return bool(info.context and info.context.get("canonical"))


def _from_digits(value: object, info: ValidationInfo) -> object:
    """Numbers of a canonical text are strings; everywhere else a string is not a number."""
    if isinstance(value, bool):
        raise ValueError("a number is needed")  # noqa: TRY004 - pydantic collects ValueError
    if isinstance(value, str):
        if is_canonical(info) and NUMBER.fullmatch(value):
            return Decimal(value)
        raise ValueError("a number is needed")
    return value


def _only_bool(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError("true or false is needed")  # noqa: TRY004 - pydantic collects ValueError
    return value


def _number_or_text(value: object, info: ValidationInfo) -> object:
    """Text that looks like a number stands for one in a canonical text; elsewhere the quotes were a slip."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        if is_canonical(info):
            return Decimal(value)
        raise ValueError("a number without quotes is needed")
    return value


def _number_of(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _param(value: object, info: ValidationInfo) -> object:
    if isinstance(value, list | tuple):
        items = [_number_of(_number_or_text(item, info)) for item in value]
        if not items or not all(isinstance(item, Decimal) for item in items):
            raise ValueError("a list of numbers is needed")
        return tuple(items)
    single = _number_of(_number_or_text(value, info))
    if isinstance(single, bool | Decimal) or (isinstance(single, str) and _WORD.fullmatch(single)):
        return single
    raise ValueError("a number, true, false, a word or a list of numbers is needed")


def _day(value: object, info: ValidationInfo) -> object:
    if value == "last":
        return value
    number = _from_digits(value, info)
    if not isinstance(number, int | Decimal) or number != int(number) or number < 1:
        raise ValueError("a day from 1, or last, is needed")
    return int(number)


def _effect_sd(value: object, info: ValidationInfo) -> object:
    single = _number_of(_number_or_text(value, info))
    if isinstance(single, Decimal) and single > 0:
        return single
    if isinstance(single, str) and EFFECT_IN_SESOI.fullmatch(single):
        return single
    raise ValueError("a number above 0, or such as 1 sesoi, is needed")


Number = Annotated[Decimal, BeforeValidator(_from_digits)]
Whole = Annotated[int, BeforeValidator(_from_digits)]
Flag = Annotated[bool, BeforeValidator(_only_bool)]
ClockTime = Annotated[str, StringConstraints(pattern=f"^{_CLOCK.pattern}$")]
QuantityText = Annotated[str, StringConstraints(pattern=f"^{_QUANTITY.pattern}$")]
DayOfPeriod = Annotated[
    int | Literal["last"],
    BeforeValidator(_day),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "last"}]}),
]
ParamValue = Annotated[
    bool | Decimal | str | tuple[Decimal, ...],
    BeforeValidator(_param),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["number", "boolean"]},
                {"type": "string", "pattern": f"^{_WORD.pattern}$"},
                {"type": "array", "items": {"type": "number"}, "minItems": 1},
            ]
        }
    ),
]
EffectSd = Annotated[
    Decimal | str,
    BeforeValidator(_effect_sd),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {"type": "string", "pattern": f"^{EFFECT_IN_SESOI.pattern}$"},
            ]
        }
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """An amount with its unit, such as 150 mg.

    Attributes
    ----------
    amount : Decimal
        How much.
    unit : str
        Of what, as written.
    """

    amount: Decimal
    unit: str

    @property
    def mg(self) -> Decimal | None:
        """The amount as a mass [mg], or None if the unit is not one of mass."""
        per = _MG_PER.get(self.unit.replace("μ", "µ"))
        return None if per is None else self.amount * per


def quantity(text: str) -> Quantity:
    """Read an amount with its unit.

    Parameters
    ----------
    text : str
        Such as ``150 mg``.

    Returns
    -------
    Quantity
        Amount and unit.

    Raises
    ------
    ValueError
        If the unit is missing or the number is not a plain decimal.

    Examples
    --------
    >>> quantity("2.5 mg").amount, quantity("0.6 g").mg
    (Decimal('2.5'), Decimal('600.0'))
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a quantity; write a number and a unit, such as 150 mg")
    return Quantity(amount=Decimal(match[1]), unit=match[2])


def clock(text: str) -> time:
    """Read a time of day.

    Parameters
    ----------
    text : str
        ``HH:MM`` on the 24-hour clock.

    Returns
    -------
    datetime.time
        Without a zone [local time].

    Raises
    ------
    ValueError
        If the text is not a time of day.

    Examples
    --------
    >>> clock("08:05")
    datetime.time(8, 5)
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time of day; write HH:MM, such as 08:00")
    return time(int(match[1]), int(match[2]))


def duration(text: str) -> timedelta:
    """Read a duration in minutes or hours.

    Parameters
    ----------
    text : str
        Such as ``45 min`` or ``2 h``.

    Returns
    -------
    datetime.timedelta
        The duration.

    Raises
    ------
    ValueError
        If the unit is neither ``min`` nor ``h``.

    Examples
    --------
    >>> duration("90 min")
    datetime.timedelta(seconds=5400)
    """
    read = quantity(text)
    if read.unit not in _MINUTES_PER:
        raise ValueError(f"{text!r} is not a duration; write minutes or hours, such as 45 min or 2 h")
    return timedelta(minutes=float(read.amount * _MINUTES_PER[read.unit]))


def hours(text: str) -> Decimal:
    """Read a half-life as hours.

    Parameters
    ----------
    text : str
        Such as ``5 h``, ``30 min`` or ``2 d``.

    Returns
    -------
    Decimal
        [h]

    Raises
    ------
    ValueError
        If the unit is not ``min``, ``h`` or ``d``.

    Examples
    --------
    >>> hours("2 d")
    Decimal('48')
    """
    read = quantity(text)
    if read.unit not in _MINUTES_PER_LIFE:
        raise ValueError(f"{text!r} is not a half-life; write min, h or d, such as 5 h")
    return read.amount * _MINUTES_PER_LIFE[read.unit] / 60
