"""The same plan with something changed: what weakens it, and which design does with least."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from nof1.analysis.power_grid import with_design
from nof1.analysis.power_question import N_TRIALS, TARGET
from nof1.analysis.simulate import occasions_of, simulate_trials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np

    from nof1.analysis.power_grid import Choice
    from nof1.analysis.power_question import Power, Question

    Run = Callable[
        [
            Callable[[tuple["Task", np.random.Generator]], "Variant"],
            Iterable[tuple["Task", np.random.Generator]],
        ],
        Iterable["Variant"],
    ]

_STRICTER: Final = 4
"""How many times more trials a design gets before it is recommended."""


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


def compare_costs(
    question: Question,
    effect: float,
    rng: np.random.Generator,
    *,
    n_trials: int = N_TRIALS,
    run: Run = map,
    planned: Power | None = None,
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
    planned : Power, optional
        Of the plan as it is, for this effect, where it is known: it stands again where a row is the plan itself.

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
    return _done(tasks, rng, run, planned)


def compare_designs(
    question: Question,
    choices: Sequence[Choice],
    effect: float,
    rng: np.random.Generator,
    *,
    n_trials: int = N_TRIALS,
    run: Run = map,
    planned: Power | None = None,
) -> list[Variant]:
    """Say what other numbers of blocks (or periods) and other lengths of periods would find.

    Parameters
    ----------
    question : Question
        The plan.
    choices : sequence of Choice
        The designs, such as `grid_of` gives them.
    effect : float
        True contrast [SD of a score].
    rng : numpy.random.Generator
        Source of everything.
    n_trials, run, planned
        As in `compare_costs`.

    Returns
    -------
    list of Variant
        One for each.
    """
    tasks = [
        Task(
            asked=Asked(question=_with_design(question, one.changes), effect=effect, n_trials=n_trials),
            what=one.what,
            is_planned=one.is_planned,
            changes=one.changes,
        )
        for one in choices
    ]
    return _done(tasks, rng, run, planned)


def recommend(
    question: Question,
    designs: Sequence[Variant],
    rng: np.random.Generator,
    *,
    most_days: int,
    target: float = TARGET,
    n_trials: int = N_TRIALS,
) -> Variant | None:
    """Find the design with the fewest days that reaches the target, also when it is simulated again.

    A design with too few orders for the randomization test that has to confirm is none. The first simulation picks the
    lucky ones; the second, with more trials, is what is reported.

    Parameters
    ----------
    question : Question
        The plan.
    designs : sequence of Variant
        From `compare_designs`.
    rng : numpy.random.Generator
        Source of everything.
    most_days : int
        The stated burden: longer ones are not recommended.
    target : float
        Power that is asked for.
    n_trials : int
        Trials of the first simulation.

    Returns
    -------
    Variant or None
        None where no design reaches it.
    """
    for one in sorted(designs, key=cost_of):
        if one.n_days <= most_days and one.power.needed.share >= target:
            changed = _with_design(question, one.changes)
            if not changed.may_claim:
                continue
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
        known: Power | None = None,
    ) -> Variant:
        """Simulate it, unless its power is known, and say what it takes."""
        occasions = occasions_of(self.question.protocol)
        if known is None:
            trials = simulate_trials(occasions, self.question.person, rng, self.n_trials)
            known = self.question.asked(trials, self.effect, rng)
        return Variant(
            what=what,
            is_planned=is_planned,
            n_days=occasions.treated.size,
            n_sessions=occasions.session.size,
            n_periods=occasions.space.n_periods,
            power=known,
            changes=changes or {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A variant that is still to be simulated."""

    asked: Asked
    what: str
    is_planned: bool
    changes: Mapping[str, int] | None = None
    known: Power | None = None


def _done(tasks: Sequence[Task], rng: np.random.Generator, run: Run, planned: Power | None) -> list[Variant]:
    known = [replace(one, known=planned) if one.is_planned else one for one in tasks]
    return list(run(_simulated, list(zip(known, rng.spawn(len(known)), strict=True))))


def _simulated(both: tuple[Task, np.random.Generator]) -> Variant:
    task, rng = both
    return task.asked.variant(
        rng, task.what, is_planned=task.is_planned, changes=task.changes, known=task.known
    )


def cost_of(one: Variant) -> tuple[int, int]:
    """Return what a design takes, to be compared: days, then periods."""
    return one.n_days, one.n_periods


def _with_design(question: Question, changes: Mapping[str, int]) -> Question:
    return replace(question, protocol=with_design(question.protocol, changes))
