"""Numbers that follow from a protocol by counting alone: periods, days, packs, capsules, cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING

from nof1.protocol.scalars import quantity
from nof1.terms import Mode

if TYPE_CHECKING:
    from nof1.protocol.model import Design, Protocol

_BASE_MINUTES, _MINUTES_PER_PACK, _MINUTES_PER_SACK = 6, 1.4, 0.6
_BASE_MINUTES_DAILY, _MINUTES_PER_DAY_PACK = 5, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a trial takes, besides the minutes of its sessions.

    Attributes
    ----------
    n_periods, n_days : int
        Periods; days from the first day of the run-in to the last of the last period.
    analysed_days : int
        Days of a period that count, after the onset.
    n_packs, n_spare_packs : int
        Kits to pack, spare ones included, and how many of them are spare; 0 in open_label.
    n_capsules : dict of str to int
        Condition to capsules that must be there, spare blocks included.
    packing_minutes : int
        An estimate, without filling capsules; 0 in open_label.
    cost : dict of str to Decimal
        Currency to cost of what has a price, spare blocks included.
    """

    n_periods: int
    n_days: int
    analysed_days: int
    n_packs: int
    n_spare_packs: int
    n_capsules: dict[str, int]
    packing_minutes: int
    cost: dict[str, Decimal]

    @property
    def weeks(self) -> float:
        """Length of the trial [weeks]."""
        return self.n_days / 7


def facts_of(protocol: Protocol) -> Facts:
    """Count what a trial takes.

    Parameters
    ----------
    protocol : Protocol
        Without problems.

    Returns
    -------
    Facts
        Periods, days, packs, capsules, cost.

    Raises
    ------
    ValueError
        If the design does not say how many periods there are.
    """
    design, n_conditions = protocol.design, len(protocol.conditions)
    periods = n_periods(design, n_conditions)
    if periods is None:
        raise ValueError("the design does not say how many periods there are")
    is_blinded = protocol.blinding.mode is not Mode.OPEN_LABEL
    spare = protocol.blinding.spare_blocks * design.per_block * n_conditions if is_blinded else 0
    n_packs = periods + spare if is_blinded else 0
    uses = periods_per_condition(protocol)
    days = {code: (n + spare // n_conditions) * design.period_days for code, n in uses.items()}
    conditions = protocol.conditions
    return Facts(
        n_periods=periods,
        n_days=n_days(design, n_conditions) or 0,
        analysed_days=design.period_days - design.onset_days,
        n_packs=n_packs,
        n_spare_packs=spare,
        n_capsules={
            code: days[code] * len(one.times) * one.capsules for code, one in conditions.items() if one.times
        },
        packing_minutes=packing_minutes(n_packs, _n_sacks(protocol, spare), is_daily=design.period_days == 1)
        if is_blinded
        else 0,
        cost=_cost(protocol, days),
    )


def n_periods(design: Design, n_conditions: int) -> int | None:
    """Count the periods of a design.

    Parameters
    ----------
    design : Design
        The section.
    n_conditions : int
        How many conditions there are.

    Returns
    -------
    int or None
        None where the design does not say.
    """
    if design.kind == "fixed" and design.sequence is not None:
        return len(design.sequence)
    if design.periods is not None and design.kind != "randomized_blocks":
        return design.periods
    if design.blocks is not None and design.kind not in {"balanced", "fixed"}:
        return design.blocks * design.per_block * n_conditions
    return None


def n_days(design: Design, n_conditions: int) -> int | None:
    """Count the days from the first day of the run-in to the last day of the last period.

    Parameters
    ----------
    design : Design
        The section.
    n_conditions : int
        How many conditions there are.

    Returns
    -------
    int or None
        [days]; None where the design does not say how many periods there are.
    """
    periods = n_periods(design, n_conditions)
    if periods is None:
        return None
    before = design.run_in.within_days if design.run_in else 0
    return before + periods * design.period_days + (periods - 1) * design.washout_days


def periods_per_condition(protocol: Protocol) -> dict[str, int]:
    """Count in how many periods each condition comes; the design alone decides, never the draw.

    Parameters
    ----------
    protocol : Protocol
        Without problems.

    Returns
    -------
    dict of str to int
        Condition to number of periods.
    """
    codes, design = tuple(protocol.conditions), protocol.design
    if design.kind == "fixed":
        sequence = design.sequence or ()
        return {code: sequence.count(code) for code in codes}
    return dict.fromkeys(codes, (n_periods(design, len(codes)) or 0) // len(codes))


def packing_minutes(n_packs: int, n_sacks: int, *, is_daily: bool = False) -> int:
    """Estimate how long packing takes, filling of capsules not counted.

    Parameters
    ----------
    n_packs : int
        Kits, spare ones included.
    n_sacks : int
        How often is shuffled; 0 where a preparer packs.
    is_daily : bool
        Whether a pack is an envelope for one day.

    Returns
    -------
    int
        [min]

    Examples
    --------
    >>> packing_minutes(12, 6), packing_minutes(20, 5, is_daily=True)
    (26, 25)
    """
    if is_daily:
        return _BASE_MINUTES_DAILY + _MINUTES_PER_DAY_PACK * n_packs
    return round(_BASE_MINUTES + _MINUTES_PER_PACK * n_packs + _MINUTES_PER_SACK * n_sacks)


def missing_in_safety(protocol: Protocol) -> tuple[str, ...]:
    """Name the keys of the safety block that are empty although something is swallowed.

    Parameters
    ----------
    protocol : Protocol
        Without problems.

    Returns
    -------
    tuple of str
        Paths, in the order of the file; empty where nothing is swallowed.
    """
    if not is_swallowed(protocol) or protocol.safety is None:
        return ()
    safety = protocol.safety
    keys = ["status", "exclusions", "stop_rules", "emergency_contact", "clinician_informed"]
    if any(condition.is_active for condition in protocol.conditions.values()):
        keys = ["max_daily_dose", "max_consecutive_days_on", *keys]
    return tuple(f"safety.{key}" for key in keys if not getattr(safety, key))


def is_left_to_write(text: str | None) -> bool:
    """Tell whether a text of the library still waits for the one whose trial it is.

    Parameters
    ----------
    text : str or None
        A text of a protocol.

    Returns
    -------
    bool
        True where it says that something is to be written here.
    """
    return "to be written here" in (text or "")


def is_swallowed(protocol: Protocol) -> bool:
    """Tell whether a condition is taken in.

    Parameters
    ----------
    protocol : Protocol
        Any that was read.

    Returns
    -------
    bool
        True where one has a dose, or is taken by mouth.
    """
    return any(
        condition.dose is not None or (condition.route or "").casefold() in {"oral", "by mouth"}
        for condition in protocol.conditions.values()
    )


def _n_sacks(protocol: Protocol, n_spare_packs: int) -> int:
    if protocol.blinding.mode is not Mode.SELF_BLINDED:
        return 0
    design = protocol.design
    return (design.blocks or 1) + (protocol.blinding.spare_blocks if n_spare_packs else 0)


def _cost(protocol: Protocol, days: dict[str, int]) -> dict[str, Decimal]:
    cost: dict[str, Decimal] = {}
    total = n_days(protocol.design, len(protocol.conditions)) or 0
    taken = [(one.price, len(one.times) * days[code]) for code, one in protocol.conditions.items()]
    taken += [(one.price, len(one.times) * total) for one in protocol.constant]
    for text, n in taken:
        if text is not None:
            price = quantity(text)
            cost[price.unit] = cost.get(price.unit, Decimal(0)) + price.amount * n
    return {unit: Decimal(ceil(amount * 100)) / 100 for unit, amount in cost.items()}
