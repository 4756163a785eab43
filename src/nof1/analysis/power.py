"""What a design can find, by simulation: the planned analysis on thousands of trials for each question."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.batch.daily import fit_daily_models
from nof1.analysis.batch.periods import fit_mixed_models
from nof1.analysis.batch.permuted import randomization_tests
from nof1.analysis.contrasts import moving
from nof1.analysis.simulate import Person, occasions_of, simulate_trials
from nof1.schedule.design import space_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nof1.analysis.simulate import Simulated
    from nof1.analysis.trend import Trend
    from nof1.protocol.model import Protocol

    Run = Callable[
        [
            Callable[[tuple["Task", np.random.Generator]], "Variant"],
            Iterable[tuple["Task", np.random.Generator]],
        ],
        Iterable["Variant"],
    ]

EFFECTS: Final = (0.2, 0.35, 0.5, 0.65, 0.8, 1.0, 1.25, 1.5, 2.0)
"""Effects for which the power is told [SD of a score]."""
TARGET: Final = 0.8
N_TRIALS: Final = 2000
BLOCKS: Final = (3, 4, 5, 6, 8, 10, 12, 16)
DAYS: Final = (3, 5, 7, 10, 14)
_STRICTER: Final = 4
"""How many times more trials a design gets before it is recommended."""


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
class Variant:
    """The same plan with something changed, and its power for the effect in question.

    Attributes
    ----------
    what : str
        What was changed, in words.
    is_planned : bool
        Whether this is what the protocol, or the assumption, says.
    n_days, n_sessions, n_periods : int
        What the trial takes, run-in and washouts included.
    power : Power
        What it finds.
    changes : mapping of str to int
        Keys of the protocol's `design` with their new values.
    """

    what: str
    is_planned: bool
    n_days: int
    n_sessions: int
    n_periods: int
    power: Power
    changes: Mapping[str, int]


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
    curve : tuple of Power
        Over `EFFECTS`.
    type_one : Power
        The same with no effect: how often something is found that is not there.
    detectable : float or None
        Effect that is found with the target power [SD of a score], between the points of the curve; None beyond it.
    costs : tuple of Variant
        What onset days, missing days and autocorrelation take.
    designs : tuple of Variant
        Other numbers of blocks and lengths of periods, the cheapest first.
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
    curve: tuple[Power, ...]
    type_one: Power
    detectable: float | None
    costs: tuple[Variant, ...]
    designs: tuple[Variant, ...]
    target: float
    most_days: int
    recommended: Variant | None
    notes: tuple[str, ...]


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
        """Whether the randomization test is simulated: one reference set for all trials, and the residual statistic."""
        space = space_of(self.protocol)
        everyone = set(map(str, space.conditions)) == set(moving(self.weights))
        return everyone and len(space.conditions) == 2 and self.protocol.analysis.model != "daily"

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
            counts = randomization_tests(moved, self.weights, self.trend, rng=rng)
            both = found & (counts.p_value <= self.alpha)
            confirmed = Rate(n_found=int(both.sum()), n_trials=n)
        return Power(effect=size, found=Rate(n_found=int(found.sum()), n_trials=n), confirmed=confirmed)


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
    if not (math.isfinite(effect) and effect != 0.0):
        raise ValueError(f"effect: found {effect}; write a number other than 0")
    if not 0.0 < target < 1.0:
        raise ValueError(f"target: found {target}; write a power between 0 and 1")
    curve, type_one = power_curve(question, rng, n_trials)
    days = most_days or 2 * occasions_of(protocol).treated.size
    designs = tuple(
        sorted(compare_designs(question, effect, rng, most_days=days, n_trials=n_trials, run=run), key=_cost)
    )
    notes: tuple[str, ...] = ()
    if question.must_confirm and not question.can_confirm:
        notes = (
            "the randomization test of this plan is not simulated: these are chances of the planned model alone",
        )
    return PowerResult(
        contrast=question.contrast,
        score=str(protocol.outcomes.primary.score),
        alpha=question.alpha,
        person=question.person,
        effect=effect,
        curve=curve,
        type_one=type_one,
        detectable=detectable(curve, target),
        costs=tuple(compare_costs(question, effect, rng, n_trials=n_trials, run=run)),
        designs=designs,
        target=target,
        most_days=days,
        recommended=recommend(question, designs, rng, target=target, n_trials=n_trials),
        notes=notes,
    )


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
    question: Question, rng: np.random.Generator, n_trials: int = N_TRIALS, effects: Sequence[float] = EFFECTS
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

    Returns
    -------
    tuple of (tuple of Power, Power)
        Curve, and type I error.
    """
    trials = question.simulated(rng, n_trials)
    return tuple(question.asked(trials, size, rng) for size in effects), question.asked(trials, 0.0, rng)


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


def compare_costs(
    question: Question, effect: float, rng: np.random.Generator, *, n_trials: int = N_TRIALS, run: Run = map
) -> list[Variant]:
    """Say what onset days, missing days and autocorrelation take from the power for an effect.

    Parameters
    ----------
    question : Question
        The plan.
    effect : float
        True contrast [SD of a score].
    rng : numpy.random.Generator
        Source of everything.
    n_trials : int
        Trials for each.
    run : callable
        Calls a function for each of many tasks, such as `map`; each has a generator of its own, so it does not matter
        where and in which order they are done.

    Returns
    -------
    list of Variant
        One for each change.
    """
    tasks: list[Task] = []
    design, person = question.protocol.design, question.person
    if design.period_days > 1:
        for days in sorted({0, 1, 2, 3, design.onset_days}):
            if days < design.period_days:
                changes = {"onset_days": days}
                asked = Asked(question=_with_design(question, changes), effect=effect, n_trials=n_trials)
                is_planned = days == design.onset_days
                tasks.append(
                    Task(asked=asked, what=f"onset_days: {days}", is_planned=is_planned, changes=changes)
                )
    for missing in sorted({0.0, 0.15, 0.3, person.missing}):
        changed = replace(question, person=replace(person, missing=missing))
        asked = Asked(question=changed, effect=effect, n_trials=n_trials)
        tasks.append(
            Task(asked=asked, what=f"{missing:.0%} of sessions missed", is_planned=missing == person.missing)
        )
    for rho in sorted({0.0, 0.3, 0.6, person.rho}):
        changed = replace(question, person=replace(person, rho=rho))
        asked = Asked(question=changed, effect=effect, n_trials=n_trials)
        tasks.append(Task(asked=asked, what=f"autocorrelation {rho:g}", is_planned=rho == person.rho))
    return _done(tasks, rng, run)


def compare_designs(
    question: Question,
    effect: float,
    rng: np.random.Generator,
    *,
    most_days: int,
    n_trials: int = N_TRIALS,
    run: Run = map,
) -> list[Variant]:
    """Say what other numbers of blocks (or periods) and other lengths of periods would find.

    Parameters
    ----------
    question : Question
        The plan.
    effect : float
        True contrast [SD of a score].
    rng : numpy.random.Generator
        Source of everything.
    most_days : int
        Longer trials are left out.
    n_trials, run
        As in `compare_costs`.

    Returns
    -------
    list of Variant
        The planned design among them; designs that do not exist are left out.
    """
    tasks: list[Task] = []
    design = question.protocol.design
    key = "blocks" if design.blocks is not None else "periods"
    k = len(question.protocol.conditions)
    planned = getattr(design, key)
    numbers = {n if key == "blocks" else k * n for n in BLOCKS} | {planned} if planned else {None}
    lengths = (
        {1} if design.period_days == 1 else {*(d for d in DAYS if d > design.onset_days), design.period_days}
    )
    if design.period_days == 1 and planned:
        numbers = {planned, *(k * round(planned * part / k) for part in (0.5, 0.75, 1.25, 1.5, 2.0))}
    for number in sorted(numbers, key=lambda n: n or 0):
        for days in sorted(lengths):
            changes = {"period_days": days} | ({key: number} if number else {})
            changed = _with_design(question, changes)
            try:
                size = occasions_of(changed.protocol).treated.size
            except ValueError:  # no such design, or the score would never be due
                continue
            if size <= most_days:
                what = f"{number} {key} of {_days(days)}" if number else f"periods of {_days(days)}"
                is_planned = number == planned and days == design.period_days
                asked = Asked(question=changed, effect=effect, n_trials=n_trials)
                tasks.append(Task(asked=asked, what=what, is_planned=is_planned, changes=changes))
    return _done(tasks, rng, run)


def recommend(
    question: Question,
    designs: Sequence[Variant],
    rng: np.random.Generator,
    *,
    target: float = TARGET,
    n_trials: int = N_TRIALS,
) -> Variant | None:
    """Find the design with the fewest days that reaches the target, also when it is simulated again.

    The first simulation picks the lucky ones; the second, with more trials, is what is reported.

    Parameters
    ----------
    question : Question
        The plan.
    designs : sequence of Variant
        From `compare_designs`.
    rng : numpy.random.Generator
        Source of everything.
    target : float
        Power that is asked for.
    n_trials : int
        Trials of the first simulation.

    Returns
    -------
    Variant or None
        None where no design reaches it.
    """
    for one in sorted(designs, key=_cost):
        if one.power.needed.share >= target:
            changed = _with_design(question, one.changes)
            asked = Asked(question=changed, effect=one.power.effect, n_trials=_STRICTER * n_trials)
            again = asked.variant(rng, one.what, is_planned=one.is_planned, changes=one.changes)
            if again.power.needed.share >= target:
                return again
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A plan, an effect, and in how many trials it is looked for."""

    question: Question
    effect: float
    n_trials: int

    def variant(
        self,
        rng: np.random.Generator,
        what: str,
        *,
        is_planned: bool,
        changes: Mapping[str, int] | None = None,
    ) -> Variant:
        """Simulate it, and say what it takes."""
        occasions = occasions_of(self.question.protocol)
        trials = simulate_trials(occasions, self.question.person, rng, self.n_trials)
        return Variant(
            what=what,
            is_planned=is_planned,
            n_days=occasions.treated.size,
            n_sessions=occasions.session.size,
            n_periods=occasions.space.n_periods,
            power=self.question.asked(trials, self.effect, rng),
            changes=changes or {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A variant that is still to be simulated."""

    asked: Asked
    what: str
    is_planned: bool
    changes: Mapping[str, int] | None = None


def _done(tasks: Sequence[Task], rng: np.random.Generator, run: Run) -> list[Variant]:
    return list(run(_simulated, list(zip(tasks, rng.spawn(len(tasks)), strict=True))))


def _simulated(both: tuple[Task, np.random.Generator]) -> Variant:
    task, rng = both
    return task.asked.variant(rng, task.what, is_planned=task.is_planned, changes=task.changes)


def _cost(one: Variant) -> tuple[int, int]:
    return one.n_days, one.n_periods


def _with_design(question: Question, changes: Mapping[str, int]) -> Question:
    protocol = question.protocol
    design = protocol.design.model_copy(update=dict(changes))
    return replace(question, protocol=protocol.model_copy(update={"design": design}))


def _days(n: int) -> str:
    return "1 day" if n == 1 else f"{n} days"
