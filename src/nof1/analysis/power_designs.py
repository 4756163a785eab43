"""The same plan with something changed: what weakens it, and which design does with least."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from nof1.analysis.power_question import N_TRIALS, TARGET
from nof1.analysis.simulate import occasions_of, simulate_trials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np

    from nof1.analysis.power_question import Power, Question

    Run = Callable[
        [
            Callable[[tuple["Task", np.random.Generator]], "Variant"],
            Iterable[tuple["Task", np.random.Generator]],
        ],
        Iterable["Variant"],
    ]

BLOCKS: Final = (3, 4, 5, 6, 8, 10, 12, 16)
DAYS: Final = (3, 5, 7, 10, 14)
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
    for one in sorted(designs, key=cost_of):
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


def cost_of(one: Variant) -> tuple[int, int]:
    """Return what a design takes, to be compared: days, then periods."""
    return one.n_days, one.n_periods


def _with_design(question: Question, changes: Mapping[str, int]) -> Question:
    protocol = question.protocol
    design = protocol.design.model_copy(update=dict(changes))
    return replace(question, protocol=protocol.model_copy(update={"design": design}))


def _days(n: int) -> str:
    return "1 day" if n == 1 else f"{n} days"
