"""A question to thousands of simulated trials: how often the planned analysis finds an effect."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from nof1.analysis.assignment import natural_permutation
from nof1.analysis.batch.daily import fit_daily_models
from nof1.analysis.batch.periods import fit_mixed_models
from nof1.analysis.batch.permuted import randomization_tests
from nof1.analysis.batch.prewhitened import prewhitened_tests
from nof1.analysis.contrasts import moving
from nof1.analysis.simulate import Person, occasions_of, simulate_trials
from nof1.schedule.arrangements import Arrangements
from nof1.schedule.design import space_of
from nof1.schedule.strength import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from nof1.analysis.batch.permuted import Counts
    from nof1.analysis.simulate import Simulated
    from nof1.analysis.trend import Trend
    from nof1.protocol.model import Protocol

EFFECTS: Final = (0.2, 0.35, 0.5, 0.65, 0.8, 1.0, 1.25, 1.5, 2.0)
"""Effects for which the power is told [SD of a score]."""
TARGET: Final = 0.8
N_TRIALS: Final = 2000
_N_DRAWS_DAILY: Final = 1_999
"""Sequences beside which the test of a daily trial is simulated: it costs ten times as much for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often something happened among simulated trials.

    Attributes
    ----------
    n_found, n_trials : int
        How often, and in how many trials.
    """

    n_found: int
    n_trials: int

    @property
    def share(self) -> float:
        """Share, 0 to 1."""
        return self.n_found / self.n_trials

    @property
    def error(self) -> float:
        """Its Monte Carlo standard error; that of half a trial more or less where it happened never or always."""
        share = (self.n_found + 0.5) / (self.n_trials + 1.0)
        return math.sqrt(share * (1.0 - share) / self.n_trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """The chance to find an effect.

    Attributes
    ----------
    effect : float
        True contrast [SD of a score].
    found : Rate
        By the planned analysis.
    confirmed : Rate or None
        By the planned analysis and the randomization test; None where the plan asks for none, or it is not simulated.
    """

    effect: float
    found: Rate
    confirmed: Rate | None = None

    @property
    def needed(self) -> Rate:
        """What the plan asks for: with confirmation, where it wants that."""
        return self.confirmed or self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One contrast of a plan, ready to be asked of simulated trials.

    Attributes
    ----------
    protocol : Protocol
        The plan.
    contrast : str
        Name of the contrast.
    person : Person
        What is assumed.
    """

    protocol: Protocol
    contrast: str
    person: Person

    @property
    def weights(self) -> dict[str, float]:
        """Weights of the conditions."""
        return {code: float(weight) for code, weight in self.protocol.contrasts[self.contrast].items()}

    @property
    def alpha(self) -> float:
        """Two-sided level."""
        return float(self.protocol.analysis.alpha)

    @property
    def trend(self) -> Trend | None:
        """Practice term of the plan."""
        trend = self.protocol.analysis.trend
        return None if trend == "none" else trend

    @property
    def must_confirm(self) -> bool:
        """Whether a claim needs the randomization test."""
        return self.protocol.analysis.confirm == "randomization_test"

    @property
    def can_confirm(self) -> bool:
        """Whether the randomization test is simulated: where all trials share the set that is drawn from."""
        space, weights = space_of(self.protocol), self.weights
        if self.trend == "spline":  # where days are missing it differs from trial to trial
            return False
        if set(map(str, space.conditions)) == set(moving(weights)):
            return natural_permutation(space, weights) == "contrast"
        is_daily = self.protocol.analysis.model == "daily"
        return len(moving(weights)) == 2 and not is_daily and isinstance(space.automaton, Arrangements)

    @property
    def may_claim(self) -> bool:
        """Whether the design has orders enough for the randomization test to reach the level, where it is asked for."""
        smallest = reach(space_of(self.protocol), self.protocol.contrasts[self.contrast]).smallest_p
        return not self.must_confirm or smallest <= self.alpha

    @property
    def notes(self) -> tuple[str, ...]:
        """What the verdict of a report asks for, and these chances leave out."""
        analysis = self.protocol.analysis
        told = []
        if self.must_confirm and not self.can_confirm:
            told.append(
                "the randomization test of this comparison is not simulated, so these are chances of the planned model alone; "
                "a claim needs both, and is made less often"
            )
        if analysis.multiplicity == "holm" and self.contrast != next(iter(self.protocol.contrasts)):
            told.append(
                "a claim about any comparison but the first needs Holm's correction, which is not counted here"
            )
        if not isinstance(analysis.looks, str):
            told.append(
                "looks before the end are planned; what they cost a claim at the end is not counted here"
            )
        return tuple(told)

    def effect_of(self, size: float) -> dict[str, float]:
        """Return what conditions do where the contrast is `size` [SD]: of a pair the first alone does something."""
        weights, unit = self.weights, size * self.person.sd
        if sorted(weight for weight in weights.values() if weight) == [-1.0, 1.0]:
            return {code: unit for code, weight in weights.items() if weight > 0.0}
        scale = unit / math.fsum(weight**2 for weight in weights.values())
        return {code: scale * weight for code, weight in weights.items()}

    def simulated(self, rng: np.random.Generator, n_trials: int) -> Simulated:
        """Return trials without any effect."""
        return simulate_trials(occasions_of(self.protocol), self.person, rng, n_trials)

    def asked(self, trials: Simulated, size: float, rng: np.random.Generator) -> Power:
        """Run the plan on trials with an effect.

        Parameters
        ----------
        trials : Simulated
            Without effect.
        size : float
            True contrast [SD of a score].
        rng : numpy.random.Generator
            For draws of the randomization test.

        Returns
        -------
        Power
            How often it was found.
        """
        moved = trials.with_effect(self.effect_of(size)) if size else trials
        if self.protocol.analysis.model == "daily":
            fits = fit_daily_models(moved, self.weights, self.trend)
        else:
            block_effect = self.protocol.analysis.block_effect
            fits = fit_mixed_models(moved, self.weights, self.trend, block_effect=block_effect)
        found, n = fits.rejected(self.alpha), trials.n_trials
        confirmed = None
        if self.must_confirm and self.can_confirm:
            counts = self._counts(moved, rng)
            both = found & (counts.p_value <= self.alpha)
            confirmed = Rate(n_found=int(both.sum()), n_trials=n)
        return Power(effect=size, found=Rate(n_found=int(found.sum()), n_trials=n), confirmed=confirmed)

    def _counts(self, trials: Simulated, rng: np.random.Generator) -> Counts:
        if self.protocol.analysis.model == "daily":
            return prewhitened_tests(trials, self.weights, self.trend, rng=rng, n_draws=_N_DRAWS_DAILY)
        return randomization_tests(trials, self.weights, self.trend, rng=rng)


def question_of(protocol: Protocol, *, person: Person | None = None, contrast: str | None = None) -> Question:
    """Return a contrast of a plan, the primary one by default.

    Parameters
    ----------
    protocol, person, contrast
        As in `simulate_power`.

    Returns
    -------
    Question
        Ready to be asked.

    Raises
    ------
    ValueError
        If the plan has no such contrast.
    """
    name = contrast or next(iter(protocol.contrasts))
    if name not in protocol.contrasts:
        raise ValueError(f"the plan has no contrast {name!r}; it has {', '.join(protocol.contrasts)}")
    assumed = person or Person()
    if protocol.analysis.model == "daily":
        assumed = replace(assumed, period_sd=0.0)  # a period is a day, and has nothing of its own beside it
    return Question(protocol=protocol, contrast=name, person=assumed)


def power_curve(
    question: Question,
    rng: np.random.Generator,
    n_trials: int = N_TRIALS,
    effects: Sequence[float] = EFFECTS,
    *,
    effect: float | None = None,
    first: Callable[[Power], None] | None = None,
) -> tuple[tuple[Power, ...], Power]:
    """Return the power over effects, and the same with no effect.

    Parameters
    ----------
    question : Question
        The plan.
    rng : numpy.random.Generator
        Source of everything.
    n_trials : int
        Trials, the same for every effect, so that the curve is smooth.
    effects : sequence of float
        True contrasts [SD of a score].
    effect : float, optional
        The one that is asked about; it is answered before the others.
    first : callable, optional
        Gets its answer, while the others are still to be found.

    Returns
    -------
    tuple of (tuple of Power, Power)
        Curve, and type I error.
    """
    trials = question.simulated(rng, n_trials)
    known: dict[float, Power] = {}
    if effect is not None:
        known[effect] = question.asked(trials, effect, rng)
        if first is not None:
            first(known[effect])
    curve = tuple(known.get(size) or question.asked(trials, size, rng) for size in effects)
    return curve, question.asked(trials, 0.0, rng)


def detectable(curve: Sequence[Power], target: float) -> float | None:
    """Read the effect with a given power from a curve.

    Parameters
    ----------
    curve : sequence of Power
        In the order of the effects.
    target : float
        Power.

    Returns
    -------
    float or None
        [SD of a score], on a straight line between two points; None where the curve does not reach it, or begins
        above it.
    """
    for low, high in itertools.pairwise(curve):
        if low.needed.share < target <= high.needed.share:
            part = (target - low.needed.share) / (high.needed.share - low.needed.share)
            return low.effect + part * (high.effect - low.effect)
    return None
