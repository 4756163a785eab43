"""A score as it was given, and what was given together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nof1.scores.moments import Moment
    from nof1.scores.number import Number
    from nof1.terms import InstrumentId, MissingReason, ScoreName


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A number computed from responses, or the statement that there is none.

    Attributes
    ----------
    name : ScoreName
        ``<instrument>.<score>``.
    number : Number or None
        The value as typed; None: declared missing.
    missing_reason : MissingReason or None
        Why there is no value; given exactly where there is none.
    """

    name: ScoreName
    number: Number | None
    missing_reason: MissingReason | None = None

    def __post_init__(self) -> None:
        if (self.number is None) == (self.missing_reason is None):
            raise ValueError(f"{self.name}: a score has either a value or a reason why it is missing")

    @property
    def value(self) -> str | None:
        """The digits as typed; None where it is missing."""
        return None if self.number is None else self.number.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Scores that one person gave at one time.

    Attributes
    ----------
    moment : Moment
        When they were measured.
    session : int or None
        Planned occasion, where it was given; from 1.
    instrument : InstrumentId or None
        The instrument; None where scores of several stand together.
    scores : tuple of Score
        At least one, each name once.
    rows : tuple of int
        The rows of the file, one for each score; empty where there is no file.
    """

    moment: Moment
    session: int | None
    instrument: InstrumentId | None
    scores: tuple[Score, ...]
    rows: tuple[int, ...] = ()
