"""What a person may believe after the trial: probabilities under a stated prior, and under others beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PriorName = Literal["planned", "half", "double", "flat", "wide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """What the data leave of one prior.

    Attributes
    ----------
    name : str
        ``planned`` for the prior of the protocol; ``half`` and ``double`` its standard deviation; ``flat`` without
        any prior on the effect; ``wide`` as planned, but with a wider prior on what periods have of their own.
    effect_sd : float or None
        Standard deviation of the normal prior on the effect, whose centre is 0 [unit]; None: flat.
    ratio_sd : float or None
        Scale of the half-normal prior on the standard deviation between periods over that of a day; None where
        periods have nothing of their own.
    mean, sd : float or None
        Of the effect [unit]; the standard deviation is None where there is none.
    ci_low, ci_high : float
        Ends of the central interval [unit].
    p_benefit : float
        Probability that the effect lies on the better side of 0.
    p_worthwhile, p_harm : float or None
        Probability of a benefit, and of a harm, of at least the smallest effect size of interest.
    """

    name: PriorName
    effect_sd: float | None
    ratio_sd: float | None
    mean: float
    sd: float | None
    ci_low: float
    ci_high: float
    p_benefit: float
    p_worthwhile: float | None = None
    p_harm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BayesResult:
    """The answer in probabilities. It stands beside the verdict and never changes it.

    Attributes
    ----------
    posterior : Posterior or None
        Under the prior of the protocol (flat where the protocol names none); None where the data give none.
    alternatives : tuple of Posterior
        The same under other priors.
    method : str
        ``period_grid`` or ``daily_grid``.
    level : float
        Of the intervals.
    sesoi : float or None
        Smallest effect size of interest [unit].
    rho, period_ratio : float or None
        Posterior means under a flat prior on the effect: correlation of neighbouring days, and standard deviation
        between periods over that of a day.
    flags : tuple of str
        Why there is no answer; keys of `nof1.analysis.flags.FLAGS`.
    """

    posterior: Posterior | None
    alternatives: tuple[Posterior, ...] = ()
    method: Literal["period_grid", "daily_grid"]
    level: float = 0.95
    sesoi: float | None = None
    rho: float | None = None
    period_ratio: float | None = None
    flags: tuple[str, ...] = ()
