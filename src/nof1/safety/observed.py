"""What a stop rule may look at. There is no field for a condition, a kit or a period: what is not here cannot be seen."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - a field of a dataclass

from nof1.protocol.stop_rules import EVENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A number on a day: a score, or the severity of an adverse event.

    Attributes
    ----------
    score : str
        ``<instrument>.<score>``, or ``adverse_event.severity``.
    day : int
        Study day, from 1; that of the run-in counts as well.
    value : Decimal
        [unit of the score]
    in_run_in : bool
        Before the first period, when nothing was compared yet.
    """

    score: str
    day: int
    value: Decimal
    in_run_in: bool = False

    @property
    def is_event(self) -> bool:
        """Whether it is an adverse event."""
        return self.score.partition(".")[0] == EVENT
