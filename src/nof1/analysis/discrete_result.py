"""What a comparison of ratings, counts, or yes and no comes to: values only, as in `nof1.analysis.result`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from nof1.analysis.randomization_result import RandomizationResult

DiscreteKind = Literal["binary", "count", "ordinal"]
MeasureName = Literal["mean_difference", "mean_ratio", "share_difference", "share_ratio", "superiority"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What was seen under one condition of a comparison, every period counting the same.

    Attributes
    ----------
    condition : str
        Which.
    n_days, n_periods : int
        Days and periods with a score.
    mean : float
        Mean of the period means [unit].
    n_days_above, n_periods_above : int
        Days, and periods with at least one day, above the low end of the scale.
    share_above : float
        Mean over the periods of their share of such days.
    """

    condition: str
    n_days: int
    n_periods: int
    mean: float
    n_days_above: int
    n_periods_above: int
    share_above: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One way to say how two conditions differ, and how unusual that is among the orders of the design.

    Attributes
    ----------
    name : str
        ``mean_difference`` and ``mean_ratio`` of scores, ``share_difference`` and ``share_ratio`` of days above
        the low end (absolute and relative risk), ``superiority`` (the chance that a day of the first condition
        lies above one of the second, ties by half).
    estimate : float or None
        None where it cannot be told, as a ratio to nothing.
    ci_low, ci_high : float or None
        Inversion of the test, at `level`; an end may be infinite. None where there is no interval.
    level : float
        Level that the interval has, lower than planned where the design cannot reach that.
    test : RandomizationResult or None
        A difference and its ratio share one test.
    """

    name: MeasureName
    estimate: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    level: float = 0.95
    test: RandomizationResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscreteComparison:
    """Ratings, counts, or yes and no, compared without a model of how they are distributed.

    Attributes
    ----------
    score, label, unit : str
        Which score; ``adverse_events`` counts what was recorded.
    contrast : str
        Name of the comparison.
    first, second : str
        Its two conditions; empty where it has more.
    kind : str
        ``binary``, ``count`` or ``ordinal``.
    low : float
        Low end of the scale, above which something was there [unit].
    n_values : int
        Different values that were seen.
    share_low : float
        Share of the scores at the low end.
    sides : tuple of Side
        The conditions of the comparison that have scores.
    measures : tuple of Measure
        The leading one of its kind first.
    flags : tuple of str
        Keys of `nof1.analysis.flags.FLAGS`.
    """

    score: str
    label: str = ""
    unit: str = ""
    contrast: str
    first: str = ""
    second: str = ""
    kind: DiscreteKind
    low: float = 0.0
    n_values: int = 0
    share_low: float = 0.0
    sides: tuple[Side, ...] = ()
    measures: tuple[Measure, ...] = ()
    flags: tuple[str, ...] = ()

    def measure(self, name: MeasureName) -> Measure | None:
        """Return a measure by its name, or None where it does not apply.

        Parameters
        ----------
        name : str
            As in `Measure`.

        Returns
        -------
        Measure or None
            At most one has the name.
        """
        return next((one for one in self.measures if one.name == name), None)

    def side(self, condition: str) -> Side | None:
        """Return what was seen under a condition.

        Parameters
        ----------
        condition : str
            Its code.

        Returns
        -------
        Side or None
            None where it has no score.
        """
        return next((one for one in self.sides if one.condition == condition), None)
