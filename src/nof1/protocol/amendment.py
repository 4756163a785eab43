"""What may change in a protocol while its trial runs: nothing that was promised, the rest from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from nof1.protocol.model import instrument_of
from nof1.protocol.scalars import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.protocol.model import Protocol

Kind = Literal["frozen", "forward", "clerical", "lowered"]

CLERICAL: Final = frozenset(
    {
        "title",
        "rationale",
        "participant",
        "sources",
        "safety.emergency_contact",
        "safety.clinician_informed",
        "safety.status",
    }
)
"""What only tells: it may be put right at any time."""
FORWARD: Final = frozenset(
    {
        "constant",
        "instruments",
        "batteries",
        "sessions",
        "device_lock",
        "outcomes.secondary",
        "safety.stop_rules",
        "safety.exclusions",
        "safety.concomitant",
        "safety.baseline_labs",
        "safety.follow_up_labs",
        "safety.suicidality_plan",
        "safety.acknowledge",
    }
)
"""What holds from a day on."""
CEILINGS: Final = frozenset(
    {"safety.max_daily_dose", "safety.max_consecutive_days_on", "safety.max_total_days_on"}
)
"""The participant's own limits: they may fall, or be added, and never rise."""

ORDERED: Final = frozenset({"conditions", "instruments", "batteries", "analysis.contrasts"})
"""Names whose order says something too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A value that differs between two versions of a protocol.

    Attributes
    ----------
    path : str
        Where, such as ``safety.max_daily_dose``.
    kind : str
        ``frozen``: it must not change; ``forward``: from a day on; ``clerical``: it only tells; ``lowered``: a ceiling
        that fell.
    """

    path: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.path} ({self.kind})"


def differences(before: Protocol, after: Protocol) -> tuple[Difference, ...]:
    """Compare two versions of a protocol.

    Parameters
    ----------
    before : Protocol
        In force.
    after : Protocol
        The new text.

    Returns
    -------
    tuple of Difference
        In the order of the protocol; empty where both say the same.
    """
    primary, _ = instrument_of(str(before.outcomes.primary.score))
    old, new = before.model_dump(), after.model_dump()
    return tuple(
        Difference(path=path, kind=_kind(path, was, now, primary))
        for path, was, now in _changed(old, new, "")
    )


def _changed(
    old: Mapping[str, object], new: Mapping[str, object], at: str
) -> Iterator[tuple[str, object, object]]:
    """Yield path and both values of everything that differs, as deep as both sides have names."""
    for name in dict.fromkeys((*old, *new)):
        path = f"{at}.{name}" if at else name
        was, now = old.get(name), new.get(name)
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from _changed(was, now, path)
            if path in ORDERED and was == now and list(was) != list(now):
                yield path, was, now
        elif path == "safety" and (isinstance(was, Mapping) or isinstance(now, Mapping)):
            yield from _changed(
                was if isinstance(was, Mapping) else {}, now if isinstance(now, Mapping) else {}, path
            )
        elif was != now:
            yield path, was, now


def _kind(path: str, was: object, now: object, primary: str) -> Kind:
    if path in CEILINGS:
        return "lowered" if now is not None and (was is None or _is_lower(was, now)) else "frozen"
    if path == f"instruments.{primary}" or path.startswith(f"instruments.{primary}."):
        return "frozen"  # what measures the primary outcome is part of it
    kinds: tuple[tuple[Kind, frozenset[str]], ...] = (("clerical", CLERICAL), ("forward", FORWARD))
    for kind, paths in kinds:
        if any(path == one or path.startswith(f"{one}.") for one in paths):
            return kind
    return "frozen"


def _is_lower(was: object, now: object) -> bool:
    """Whether a ceiling fell; amounts in units that cannot be compared never did."""
    if not (isinstance(was, str) and isinstance(now, str)):
        return Decimal(str(now)) < Decimal(str(was))
    old, new = quantity(was), quantity(now)
    if old.unit == new.unit:
        return new.amount < old.amount
    return old.mg is not None and new.mg is not None and new.mg < old.mg
