"""What a design can find, by simulation: the planned analysis on thousands of trials for each question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.planning import scale_of
from nof1.analysis.power_designs import compare_costs, compare_designs, cost_of, recommend
from nof1.analysis.power_grid import grid_of
from nof1.analysis.power_question import N_TRIALS, TARGET, detectable, power_curve, question_of
from nof1.analysis.simulate import occasions_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from nof1.analysis.planned import Scale
    from nof1.analysis.power_designs import Run, Variant
    from nof1.analysis.power_grid import Grid
    from nof1.analysis.power_question import Power
    from nof1.analysis.simulate import Person
    from nof1.protocol.model import Protocol


MOST_EFFECT = 1000.0
"""Largest effect that is simulated [SD of a score]: far beyond it scores lose the digits that tell them apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerResult:
    """What a protocol can find.

    Attributes
    ----------
    contrast, score : str
        Which comparison, of which score.
    alpha : float
        Two-sided level.
    person : Person
        What was assumed.
    effect : float
        The effect that costs and designs are compared for [SD of a score].
    scale : Scale
        What that is in the unit of the score, and the smallest effect of interest.
    planned : Power
        Of the plan as it is, for that effect.
    curve : tuple of Power
        Over `EFFECTS`.
    type_one : Power
        The same with no effect: how often something is found that is not there.
    detectable : float or None
        Effect that is found with the target power [SD of a score], between the points of the curve; None beyond it.
    costs : tuple of Variant
        What onset days, missing days and autocorrelation take.
    designs : tuple of Variant
        Other numbers of blocks and lengths of periods, the cheapest first, and the planned one.
    grid : Grid
        How these were chosen, and what was left out.
    target : float
        Power that is asked for.
    most_days : int
        The stated burden [days].
    recommended : Variant or None
        The design with the fewest days that reaches the target, also in a second simulation; None where none does.
    notes : tuple of str
        What is not simulated.
    """

    contrast: str
    score: str
    alpha: float
    person: Person
    effect: float
    scale: Scale
    planned: Power
    curve: tuple[Power, ...]
    type_one: Power
    detectable: float | None
    costs: tuple[Variant, ...]
    designs: tuple[Variant, ...]
    grid: Grid
    target: float
    most_days: int
    recommended: Variant | None
    notes: tuple[str, ...]


def simulate_power(
    protocol: Protocol,
    effect: float = 0.5,
    *,
    rng: np.random.Generator | int,
    person: Person | None = None,
    contrast: str | None = None,
    target: float = TARGET,
    most_days: int | None = None,
    n_trials: int = N_TRIALS,
    run: Run = map,
    first: Callable[[Power, Scale], None] | None = None,
    then: Callable[[tuple[Power, ...], Power], None] | None = None,
) -> PowerResult:
    """Tell what a protocol can find, what weakens it, and which design does with least.

    Parameters
    ----------
    protocol : Protocol
        Without problems.
    effect : float
        The effect for which costs and designs are compared [SD of a score].
    rng : numpy.random.Generator or int
        Source of everything, or its seed.
    person : Person, optional
        What is assumed about scores that nobody has seen yet.
    contrast : str, optional
        Name of a contrast of the plan; the primary one by default.
    target : float
        Power that is asked for.
    most_days : int, optional
        The stated burden: designs with more days are not looked at; twice the days of the protocol by default.
    n_trials : int
        Simulated trials for each question.
    run : callable
        As in `compare_costs`.
    first : callable, optional
        Gets the power for the effect, and the scale, as soon as it is known, long before the rest.
    then : callable, optional
        Gets the curve and the type I error, before costs and designs.

    Returns
    -------
    PowerResult
        Every rate with its Monte Carlo error.

    Raises
    ------
    ValueError
        If the plan has no such contrast, or a number cannot be meant.

    Examples
    --------
    >>> from nof1.files.protocols import find_library, read_protocol
    >>> protocol = read_protocol(find_library("caffeine-vigilance"))
    >>> result = simulate_power(protocol, 1.0, rng=np.random.default_rng(1), n_trials=200)
    >>> result.type_one.found.share < 0.1 < result.curve[-1].found.share
    True
    """
    rng = np.random.default_rng(rng)
    question = question_of(protocol, person=person, contrast=contrast)
    if not 0.0 < abs(effect) <= MOST_EFFECT:
        raise ValueError(
            f"effect: found {effect:g}; write a number of SD other than 0, at most {MOST_EFFECT:g}"
        )
    if not 0.0 < target < 1.0:
        raise ValueError(f"target: found {target}; write a power between 0 and 1")
    scale = scale_of(protocol)
    answers: list[Power] = []

    def answered(power: Power) -> None:
        answers.append(power)
        if first is not None:
            first(power, scale)

    curve, type_one = power_curve(question, rng, n_trials, effect=effect, first=answered)
    if then is not None:
        then(curve, type_one)
    days = most_days or 2 * occasions_of(protocol).treated.size
    grid, planned = grid_of(protocol, days), answers[0]
    compared = compare_designs(
        question, grid.choices, effect, rng, n_trials=n_trials, run=run, planned=planned
    )
    designs = tuple(sorted(compared, key=cost_of))
    return PowerResult(
        contrast=question.contrast,
        score=str(protocol.outcomes.primary.score),
        alpha=question.alpha,
        person=question.person,
        effect=effect,
        planned=planned,
        curve=curve,
        type_one=type_one,
        detectable=detectable(curve, target),
        costs=tuple(compare_costs(question, effect, rng, n_trials=n_trials, run=run, planned=planned)),
        designs=designs,
        scale=scale,
        grid=grid,
        target=target,
        most_days=days,
        recommended=recommend(question, designs, rng, most_days=days, target=target, n_trials=n_trials),
        notes=question.notes,
    )
