"""What the numbers of a score mean: unit, direction, ends of the scale, and whether it is a harm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from nof1.protocol.model import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a reader needs to know of a score.

    Attributes
    ----------
    label, unit : str
        In words; the unit may be empty.
    better : {"higher", "lower"}
        Which direction is the better one.
    low, high : float or None
        Ends of the scale [unit].
    is_harm : bool
        Whether it rates a harm, as in headache.
    """

    label: str
    unit: str = ""
    better: Literal["higher", "lower"] = "higher"
    low: float | None = None
    high: float | None = None
    is_harm: bool = False


def meanings_of(protocol: Protocol) -> dict[str, Meaning]:
    """Look up what every score of a protocol means.

    Parameters
    ----------
    protocol : Protocol
        Names the instruments.

    Returns
    -------
    dict of str to Meaning
        By name of the score.
    """
    from nof1.battery.catalogue import scores_of  # noqa: PLC0415  (only needed where a trial is read)

    return {
        str(name): Meaning(
            label=spec.label,
            unit=spec.unit,
            better=spec.better.value,
            low=float(spec.range[0]),
            high=float(spec.range[1]),
            is_harm=spec.is_harm,
        )
        for name, spec in scores_of(protocol).items()
    }
