"""What the numbers of a score mean: unit, direction, ends of the scale, and whether it is a harm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from nof1.battery.spec import ScoreSpec
    from nof1.protocol.model import Protocol

Scale = Literal["ratio", "count", "ordinal", "interval"]
RATIO_UNITS: Final = frozenset({"ms", "s", "min", "1/s", "1/min"})
COUNT_UNITS: Final = frozenset({"count", "words", "items", "lists", "days"})


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
    scale : {"ratio", "count", "ordinal", "interval"}
        ``ratio``: a quantity of which there can be twice as much, such as a reaction time; ``count``: so many
        of something; ``ordinal``: a rating or the sum of a questionnaire; ``interval``: anything else.
    """

    label: str
    unit: str = ""
    better: Literal["higher", "lower"] = "higher"
    low: float | None = None
    high: float | None = None
    is_harm: bool = False
    scale: Scale = "interval"


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
            scale=scale_of(spec),
        )
        for name, spec in scores_of(protocol).items()
    }


def scale_of(spec: ScoreSpec) -> Scale:
    """Say what kind of number a score is.

    Parameters
    ----------
    spec : ScoreSpec
        What the catalogue knows of it.

    Returns
    -------
    {"ratio", "count", "ordinal", "interval"}
        By its source, its unit, and whether it can be negative.
    """
    if spec.source in {"rating", "questionnaire"}:
        return "ordinal"
    if spec.range[0] >= 0 and spec.unit in COUNT_UNITS:
        return "count"
    return "ratio" if spec.range[0] >= 0 and spec.unit in RATIO_UNITS else "interval"
