"""The grammar of stop rules: what is watched, against which number, on how many days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

_RULE = re.compile(
    r"(?P<instrument>[a-z][a-z0-9_]{0,23})\.(?P<score>\*|[a-z][a-z0-9_]{0,23})"
    r"(?P<rise> - baseline)? (?P<relation>>=|<=|>|<) (?P<number>-?[0-9]{1,9}(?:\.[0-9]{1,9})?)(?: on (?P<days>[0-9]{1,3}) days?)?"
)
EVENT = "adverse_event"
"""What is watched beside scores: what was recorded as untoward."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCondition:
    """When a stop rule is met.

    Attributes
    ----------
    instrument, score : str
        What is watched; ``adverse_event`` and ``severity``, or an instrument and one of its scores, or ``*``
        for any of them.
    relation : {">=", "<=", ">", "<"}
        How it is compared.
    number : Decimal
        With what [unit of the score].
    days : int
        On how many days it must be so before the rule is met; they need not follow each other.
    from_baseline : bool
        Whether the difference from the mean of the run-in is compared; of the first value where nothing was
        measured in the run-in.
    """

    instrument: str
    score: str
    relation: Literal[">=", "<=", ">", "<"]
    number: Decimal
    days: int = 1
    from_baseline: bool = False


def stop_condition(text: str) -> StopCondition:
    """Read a stop rule.

    Parameters
    ----------
    text : str
        Such as ``harms.* >= 7 on 2 days``, ``phq8.total - baseline >= 5`` or ``adverse_event.severity >= 3``.

    Returns
    -------
    StopCondition
        Its parts.

    Raises
    ------
    ValueError
        If it cannot be read; says what to write.

    Examples
    --------
    >>> stop_condition("harms.* >= 7 on 2 days").days
    2
    """
    match = _RULE.fullmatch(text)
    if match is None or match["days"] == "0" or (match["rise"] and match["instrument"] == EVENT):
        raise ValueError(
            f"found {text[:60]!r}; write a rule such as harms.* >= 7 on 2 days, or adverse_event.severity >= 3"
        )
    relation: Literal[">=", "<=", ">", "<"]
    match match["relation"]:
        case ">=":
            relation = ">="
        case "<=":
            relation = "<="
        case ">":
            relation = ">"
        case _:
            relation = "<"
    return StopCondition(
        instrument=match["instrument"],
        score=match["score"],
        relation=relation,
        number=Decimal(match["number"]),
        days=int(match["days"] or 1),
        from_baseline=match["rise"] is not None,
    )
