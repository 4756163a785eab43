"""Scores that were computed from raw trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.terms import MissingReason

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredValue:
    """One score, or why there is none.

    Attributes
    ----------
    score : str
        Id within the instrument, such as ``dprime``.
    value : Decimal or None
        In the unit of the catalogue; None: missing, and never 0 instead.
    why : str or None
        Why it is missing; given exactly where it is.
    """

    score: str
    value: Decimal | None
    why: str | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.why is None):
            raise ValueError(f"{self.score}: a score has either a value or a reason why it is missing")

    @property
    def missing_reason(self) -> MissingReason | None:
        """What the record says; None where there is a value."""
        return MissingReason.TECHNICAL if self.value is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a run gives.

    Attributes
    ----------
    task, part : str, str or None
        Of the catalogue.
    scorer_version : str
        ``<task>/<version>``.
    values : tuple of ScoredValue
        Every score of the task (of the part), in the order of the catalogue.
    flags : tuple of str
        Of `nof1.battery.tasks.FLAGS`, sorted.
    n_planned, n_given, n_usable : int
        Trials that count: planned, given, and of these drawn and in sight.
    """

    task: str
    part: str | None
    scorer_version: str
    values: tuple[ScoredValue, ...]
    flags: tuple[str, ...]
    n_planned: int
    n_given: int
    n_usable: int

    def value(self, score: str) -> Decimal | None:
        """Return one score.

        Parameters
        ----------
        score : str
            Its id.

        Returns
        -------
        Decimal or None
            None where it is missing.

        Raises
        ------
        KeyError
            If the task has no such score.
        """
        return {one.score: one.value for one in self.values}[score]
