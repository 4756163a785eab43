"""What is assumed about a trial that has not begun, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from nof1.analysis.expected_power import Precision
    from nof1.terms import ScoreName


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What must be assumed about scores that nobody has seen yet.

    Attributes
    ----------
    rho : float
        Autocorrelation from day to day.
    period_sd : float
        What a period has of its own, such as a cold or a stressful fortnight [SD of a score].
    day_share : float
        Share of a score's variance that the scores of one day have in common, where there are several.
    score_sd : float or None
        Standard deviation of one score from day to day [unit]; None: taken from the noise of the test.
    """

    rho: float = 0.3
    period_sd: float = 0.3
    day_share: float = 0.5
    score_sd: float | None = None

    def __post_init__(self) -> None:
        if not -1 < self.rho < 1:
            raise ValueError(f"rho: found {self.rho}; write a number between -1 and 1")
        if self.period_sd < 0:
            raise ValueError(f"period_sd: found {self.period_sd}; write 0 or more")
        if not 0 < self.day_share < 1:
            raise ValueError(f"day_share: found {self.day_share}; write a number between 0 and 1")
        if self.score_sd is not None and self.score_sd <= 0:
            raise ValueError(f"score_sd: found {self.score_sd}; write a number above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What turns standard deviations of a score into its unit, and back.

    Attributes
    ----------
    score_sd : float or None
        Standard deviation of a score from day to day [unit]; None where it is not known.
    sesoi : Decimal or None
        Smallest effect of interest [unit]; None where the plan has none.
    """

    score_sd: float | None
    sesoi: Decimal | None

    def in_unit(self, effect_sd: float | None) -> float | None:
        """Turn standard deviations of a score into its unit.

        Parameters
        ----------
        effect_sd : float or None
            [SD of a score]

        Returns
        -------
        float or None
            [unit]; None where either is not known.
        """
        return None if effect_sd is None or self.score_sd is None else effect_sd * self.score_sd

    @property
    def sesoi_sd(self) -> float | None:
        """Smallest effect of interest [SD of a score]; None where it or the SD is not known."""
        return float(self.sesoi) / self.score_sd if self.sesoi and self.score_sd else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPower:
    """The chance to find an effect.

    Attributes
    ----------
    effect_sd : float
        The effect [SD of a score].
    power : float
        Chance that the primary analysis finds it.
    confirmed : float or None
        Chance that the randomization test finds it as well; None where the plan does not ask for it.
    """

    effect_sd: float
    power: float
    confirmed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """What the primary outcome of a protocol can show for one contrast.

    Attributes
    ----------
    score : ScoreName
        Primary outcome.
    contrast : str
        Its name in the plan.
    analysed_days : tuple of int
        Days of a period whose scores count, from 1.
    prompts_a_day : float
        Scores on such a day, on average.
    n_days : int
        Days whose scores count, in all.
    precision : Precision or None
        Standard error [SD of a score] and degrees of freedom; None where nothing can be tested.
    power : tuple of PlannedPower
        For effects of 0.5 and 0.8 SD of a score.
    sesoi : PlannedPower or None
        For the smallest effect of interest; None where its size in SD is not known.
    detectable_sd : float or None
        Effect that is found with 80 % power, confirmed where the plan asks for it [SD of a score]; None where
        none is.
    equivalence_sd : float or None
        Half of the interval that equivalence rests on: no smaller bound can be shown [SD of a score].
    score_sd : float or None
        Standard deviation of a score that turns SD into the unit.
    attenuation : float or None
        Expected estimate divided by the effect, as carry-over leaves it; None where that cannot be told.
    carry_over : str
        The same in a sentence.
    assumptions : tuple of str
        What was assumed, one sentence each.
    notes : tuple of str
        What stands out, one sentence each; empty where nothing does.
    """

    score: ScoreName
    contrast: str
    analysed_days: tuple[int, ...]
    prompts_a_day: float
    n_days: int
    precision: Precision | None
    power: tuple[PlannedPower, ...]
    sesoi: PlannedPower | None
    detectable_sd: float | None
    equivalence_sd: float | None
    score_sd: float | None
    attenuation: float | None
    carry_over: str
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]

    def in_unit(self, effect_sd: float | None) -> float | None:
        """Turn standard deviations of a score into its unit, as `Scale.in_unit` does.

        Parameters
        ----------
        effect_sd : float or None
            [SD of a score]

        Returns
        -------
        float or None
            [unit]; None where either is not known.
        """
        return Scale(score_sd=self.score_sd, sesoi=None).in_unit(effect_sd)
