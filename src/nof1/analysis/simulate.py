"""Trials that never happened: thousands at once from a protocol, with practice, autocorrelation and what goes wrong."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.reference_set import drawn
from nof1.battery.catalogue import planned_scores
from nof1.schedule.calendar import plan
from nof1.schedule.design import space_of
from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt
    import pandas as pd

    from nof1.analysis.reference_set import Codes
    from nof1.protocol.model import Protocol
    from nof1.schedule.space import SequenceSpace

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

FIRST_DAY: Final = date(2001, 1, 1)
"""Where a simulated calendar begins; only its day numbers are used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How the scores of a simulated person behave. Sizes are in standard deviations of one score, times in days.

    Attributes
    ----------
    level, sd : float
        Mean of a score before any practice, and its standard deviation from day to day [unit].
    rho : float
        Autocorrelation from one day to the next, over the calendar.
    period_sd : float
        What a period has of its own [SD].
    day_share : float
        Share of the variance that the scores of one day have in common, where there are several.
    practice : float
        What a score gains by practice, times the logarithm of the session [SD].
    onset_half_life, half_life : float
        Days after which half of an effect has come, and after which half of it has gone; 0: at once.
    missing : float
        Chance that a session is missed.
    drop_out : float
        Chance that the trial is given up; the last day is then any day with the same chance.
    """

    level: float = 0.0
    sd: float = 1.0
    rho: float = 0.3
    period_sd: float = 0.3
    day_share: float = 0.5
    practice: float = 0.0
    onset_half_life: float = 0.0
    half_life: float = 0.0
    missing: float = 0.0
    drop_out: float = 0.0

    def __post_init__(self) -> None:
        if not -1.0 < self.rho < 1.0:
            raise ValueError(f"rho: found {self.rho}; write a number between -1 and 1")
        if not 0.0 < self.day_share < 1.0:
            raise ValueError(f"day_share: found {self.day_share}; write a number between 0 and 1")
        if not self.sd > 0.0:
            raise ValueError(f"sd: found {self.sd}; write a number above 0")
        for name in ("period_sd", "onset_half_life", "half_life"):
            if not 0.0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name}: found {getattr(self, name)}; write 0 or more")
        for name in ("missing", "drop_out"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name}: found {getattr(self, name)}; write a share from 0 to below 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasions:
    """Every planned occasion of one score, in the order of time.

    Attributes
    ----------
    score : str
        ``<instrument>.<score>``.
    space : SequenceSpace
        Every sequence that the design could draw.
    session : ndarray of shape (n,)
        From 1, run-in counted.
    day : ndarray of shape (n,)
        Study day, from 1.
    period, day_in_period : ndarray of shape (n,)
        From 1; period 0 is the run-in.
    block : ndarray of shape (n_periods,)
        Block of every period; 0 where the design has none.
    counted : ndarray of bool, shape (n,)
        Whether the analysis counts the occasion: in a period, after the onset.
    treated : ndarray of shape (n_days,)
        Period of every study day, from 1; 0 where nothing is taken.
    """

    score: str
    space: SequenceSpace
    session: Ints
    day: Ints
    period: Ints
    day_in_period: Ints
    block: Ints
    counted: Flags
    treated: Ints

    @property
    def prompts(self) -> float:
        """Scores on a day that has any, on average."""
        return self.day.size / max(1, np.unique(self.day).size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """Trials of one design; the last axis of every array counts trials.

    Attributes
    ----------
    occasions : Occasions
        What was planned.
    codes : ndarray of shape (n_periods, n_trials)
        Sequences, as places in the conditions of the design.
    value : ndarray of shape (n, n_trials)
        Scores without any effect [unit]; NaN where one is missing.
    exposure : ndarray of shape (k, n, n_trials), or None
        How much of the effect of each condition is there, 0 to 1; None where it is all there or not at all.
    """

    occasions: Occasions
    codes: Codes
    value: Floats
    exposure: Floats | None

    @property
    def n_trials(self) -> int:
        """Number of trials."""
        return int(self.codes.shape[1])

    def with_effect(self, effect: Mapping[str, float]) -> Simulated:
        """Return the same trials with conditions that do something.

        Parameters
        ----------
        effect : mapping of str to float
            Condition to what it adds to a score once it is all there [unit]; what is not named adds nothing.

        Returns
        -------
        Simulated
            Same errors, same missing days.

        Raises
        ------
        ValueError
            If the design has no such condition.
        """
        conditions = tuple(map(str, self.occasions.space.conditions))
        unknown = [code for code in effect if code not in conditions]
        if unknown:
            raise ValueError(
                f"effect: the design has no condition {unknown[0]!r}; it has {', '.join(conditions)}"
            )
        size = np.array([float(effect.get(code, 0.0)) for code in conditions])
        if self.exposure is not None:
            return replace(self, value=self.value + np.tensordot(size, self.exposure, axes=1))
        value = self.value.copy()
        for rows, period in _runs(self.occasions.period):
            if period > 0:
                value[rows] += size.take(self.codes[period - 1])
        return replace(self, value=value)

    def frame(self, trial: int) -> pd.DataFrame:
        """Return one trial as `Dataset.frame` would give it.

        Parameters
        ----------
        trial : int
            Its place.

        Returns
        -------
        DataFrame
            Columns session, day, period, block, condition, value (NaN = missing), late.
        """
        import pandas as pd  # noqa: PLC0415 - planning must start without it

        of = self.occasions
        period = of.period[of.counted]
        codes = np.array(list(map(str, of.space.conditions)), dtype=object)
        block = of.block[period - 1].astype(float)
        return pd.DataFrame(
            {
                "session": of.session[of.counted],
                "day": of.day[of.counted],
                "period": period,
                "block": np.where(block > 0, block, np.nan),
                "condition": codes[self.codes[period - 1, trial]],
                "value": self.value[of.counted, trial],
                "late": False,
            }
        )


def occasions_of(protocol: Protocol, score: str | None = None) -> Occasions:
    """Lay out when a score is due in a trial.

    Parameters
    ----------
    protocol : Protocol
        Without problems.
    score : str, optional
        ``<instrument>.<score>``; the primary outcome by default.

    Returns
    -------
    Occasions
        Of the whole trial, run-in included.

    Raises
    ------
    ValueError
        If the score is never due.
    """
    name = score or str(protocol.outcomes.primary.score)
    schedule, space = plan(protocol, FIRST_DAY, "UTC"), space_of(protocol)
    due = {parts for session in schedule.sessions for parts in session.due}
    giving = {part for part in due if name in planned_scores(protocol, part)}
    rows = [session for session in schedule.sessions if giving.intersection(session.due)]
    if not rows:
        raise ValueError(f"score: {name!r} is never due in this protocol")
    treated = np.zeros(schedule.day_number(schedule.periods[-1].ends_on), dtype=np.int64)
    for period in schedule.periods:
        if period.kind is PeriodKind.TREATMENT:
            first = schedule.day_number(period.starts_on)
            treated[first - 1 : first - 1 + period.n_days] = period.index
    in_period = np.array([row.kind is PeriodKind.TREATMENT for row in rows])
    day_in_period = np.array([row.day_in_period for row in rows], dtype=np.int64)
    return Occasions(
        score=name,
        space=space,
        session=np.arange(1, len(rows) + 1),
        day=np.array([row.day for row in rows], dtype=np.int64),
        period=np.array([row.period for row in rows], dtype=np.int64) * in_period,
        day_in_period=day_in_period,
        block=np.array([block or 0 for block in space.blocks], dtype=np.int64),
        counted=in_period & (day_in_period > protocol.design.onset_days),
        treated=treated,
    )


def simulate_trials(
    occasions: Occasions,
    person: Person,
    rng: np.random.Generator,
    n_trials: int = 1,
    *,
    codes: Codes | None = None,
) -> Simulated:
    """Simulate trials in which no condition does anything yet: `Simulated.with_effect` adds that.

    Score = level + practice + what the period has of its own + AR(1) over the calendar, which goes on over the
    borders of periods, + noise of the single prompt where a day has several.

    Parameters
    ----------
    occasions : Occasions
        What is planned.
    person : Person
        How scores behave.
    rng : numpy.random.Generator
        Source of everything.
    n_trials : int
        How many.
    codes : ndarray of shape (n_periods, n_trials), optional
        Sequences; drawn from the space by default, anew for every trial.

    Returns
    -------
    Simulated
        Trials.
    """
    space = occasions.space
    if codes is None:
        codes = drawn(space, n_trials, rng).T
    n_trials = codes.shape[1]
    several = occasions.prompts > 1.0
    sd = math.sqrt(person.day_share) if several else 1.0
    days = _autoregression(occasions.treated.size, n_trials, person.rho, rng)
    has_every_day = np.array_equal(occasions.day, np.arange(1, len(days) + 1))
    value = days if has_every_day else days[occasions.day - 1]
    if several:
        value = sd * value
        value += math.sqrt(1.0 - person.day_share) * rng.standard_normal(value.shape)
    if person.period_sd:
        own = person.period_sd * rng.standard_normal((space.n_periods, n_trials))
        for rows, period in _runs(occasions.period):
            if period > 0:
                value[rows] += own[period - 1]
    if person.practice:
        value += person.practice * np.log(occasions.session)[:, None]
    if person.sd != 1.0:
        value *= person.sd
    if person.level:
        value += person.level
    _lose(value, occasions, person, rng)
    slow = person.onset_half_life > 0.0 or person.half_life > 0.0
    exposure = _exposure(occasions, codes, person) if slow else None
    return Simulated(occasions=occasions, codes=codes, value=value, exposure=exposure)


def _lose(value: Floats, occasions: Occasions, person: Person, rng: np.random.Generator) -> None:
    if person.missing:
        value[rng.random(value.shape) < person.missing] = np.nan
    if person.drop_out:
        n_days = occasions.treated.size
        last = np.where(
            rng.random(value.shape[1]) < person.drop_out, rng.integers(0, n_days, value.shape[1]), n_days
        )
        value[occasions.day[:, None] > last] = np.nan


def _runs(period: Ints) -> Iterator[tuple[slice, int]]:
    """Yield the rows of every unbroken run of occasions in one period, and the period."""
    first = np.flatnonzero(np.diff(period, prepend=-1))
    for start, stop in itertools.pairwise([*first.tolist(), period.size]):
        yield slice(start, stop), int(period[start])


def _autoregression(n_days: int, n_trials: int, rho: float, rng: np.random.Generator) -> Floats:
    error = rng.standard_normal((n_days, n_trials))
    if rho:
        error[1:] *= math.sqrt(1.0 - rho**2)
        for day in range(1, n_days):
            error[day] += rho * error[day - 1]
    return error


def _exposure(occasions: Occasions, codes: Codes, person: Person) -> Floats:
    """Let effects come and go by halves: what is left of the way is halved with every half-life."""
    come, stay = (0.5 ** (1.0 / h) if h else 0.0 for h in (person.onset_half_life, person.half_life))
    k, (n_periods, n_trials) = len(occasions.space.conditions), codes.shape
    taken = np.zeros((n_periods + 1, k, n_trials), dtype=bool)
    taken[1:] = codes[:, None, :] == np.arange(k)[:, None]
    there = np.zeros((k, n_trials))
    by_day = np.empty((k, occasions.treated.size, n_trials))
    for day, period in enumerate(occasions.treated):
        there = np.where(taken[period], 1.0 - come * (1.0 - there), stay * there)
        by_day[:, day] = there
    return by_day[:, occasions.day - 1]
