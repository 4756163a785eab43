"""Scalars of the protocol file: whole numbers, decimals, clock times, quantities with units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints, ValidationInfo

_CLOCK = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)$")
_QUANTITY = re.compile(r"^(\d+(?:\.\d+)?) ?([A-Za-zµ%][A-Za-zµ%/]*)$")
_MINUTES_PER = {"min": 1, "h": 60}
_HOURS_PER = {"min": Decimal(1) / 60, "h": Decimal(1), "d": Decimal(24)}


def _from_digits(value: object, info: ValidationInfo) -> object:
    """Numbers of a canonical text are strings; everywhere else a string is not a number."""
    if isinstance(value, bool):
        raise ValueError("a number is needed")  # noqa: TRY004 - pydantic collects ValueError
    if isinstance(value, str):
        if info.context and info.context.get("canonical"):
            return Decimal(value)
        raise ValueError("a number is needed")
    return value


def _only_bool(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError("true or false is needed")  # noqa: TRY004 - pydantic collects ValueError
    return value


Number = Annotated[Decimal, BeforeValidator(_from_digits)]
Whole = Annotated[int, BeforeValidator(_from_digits)]
Flag = Annotated[bool, BeforeValidator(_only_bool)]
ClockTime = Annotated[str, StringConstraints(pattern=_CLOCK.pattern)]
QuantityText = Annotated[str, StringConstraints(pattern=_QUANTITY.pattern)]


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
    >>> quantity("2.5 mg").amount
    Decimal('2.5')
    """
    match = _QUANTITY.match(text)
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
    match = _CLOCK.match(text)
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
    if read.unit not in _HOURS_PER:
        raise ValueError(f"{text!r} is not a half-life; write min, h or d, such as 5 h")
    return read.amount * _HOURS_PER[read.unit]
