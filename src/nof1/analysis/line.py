"""The randomization test along a line: how p changes as a difference is taken out, or a ratio divided out.

Without a trend the statistic is linear in the scores. So one pass over the sequences serves for every size of
an effect, and one list of sequences for every score of a trial.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.counting import Count, count_listed, sums
from nof1.analysis.permutation import Permutation, prepare
from nof1.analysis.result import IntervalResult, RandomizationResult
from nof1.analysis.search import edge
from nof1.analysis.statistics import effects

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from nof1.analysis.assignment import Assignment
    from nof1.analysis.trend import Floats
    from nof1.schedule.space import SequenceSpace

Prepared = dict["SequenceSpace", Permutation]
FALLBACK_LEVELS: Final = (0.9, 0.8)
PRECISION: Final = 1e-6
_FIRST_STEP: Final = 1e-3  # of a logarithm: after all its doublings a factor of some 20,000


def plain_test(
    assignment: Assignment,
    rng: np.random.Generator,
    n_draws: int,
    prepared: MutableMapping[SequenceSpace, Permutation],
    *,
    raw: bool,
) -> Permutation:
    """Prepare the test of a difference of means without a trend, or take what another score has prepared.

    Parameters
    ----------
    assignment : Assignment
        Data and design.
    rng : numpy.random.Generator
        For draws.
    n_draws : int
        How many, where the sequences are too many to be counted.
    prepared : mutable mapping of SequenceSpace to Permutation
        By the sequences that move; what is missing is added.
    raw : bool
        As in `prepare`.

    Returns
    -------
    Permutation
        For the data of `assignment`.
    """
    if assignment.reference not in prepared:
        prepared[assignment.reference] = prepare(
            assignment, "residual", None, rng, raw=raw, n_draws=n_draws, again=True
        )
    return replace(prepared[assignment.reference], assignment=assignment)


def result_of(test: Permutation, values: Floats) -> RandomizationResult:
    """Count the sequences under which conditions differ as much.

    Parameters
    ----------
    test : Permutation
        As `plain_test` makes it.
    values : ndarray of shape (n,)
        One number for each day of its data.

    Returns
    -------
    RandomizationResult
        Two-sided, the observed sequence included.
    """
    statistic, count = test.count(values)
    extra = 0 if test.exact else 1
    n = count.n_sequences + extra
    return RandomizationResult(
        statistic=statistic,
        n_as_extreme=count.n_as_extreme + extra,
        n_sequences=n,
        p_value=(count.n_as_extreme + extra) / n,
        smallest_p=(count.n_most_extreme if test.exact else 1) / n,
        exact=test.exact,
    )


def difference_interval(test: Permutation, values: Floats, level: float) -> IntervalResult | None:
    """Find the differences that, taken out of every period, leave nothing unusual.

    Parameters
    ----------
    test, values
        As in `result_of`.
    level : float
        Confidence level.

    Returns
    -------
    IntervalResult or None
        At 90 or 80 % where the sequences are too few for `level`; None where that is out of reach as well, or
        the values do not vary, or all blocks differ by the very same amount, so that nothing tells how far it
        could be another one.
    """
    assignment = test.assignment
    if np.ptp(values) <= 1e-9 * float(np.abs(values).max(initial=0.0)):
        return None
    code = assignment.codes[0, assignment.position[assignment.observed.period]]
    unit = assignment.weights[code] / float(assignment.weights @ assignment.weights)
    p, centre = _along(test, values, unit)
    step = float(values.std())
    return None if centre is None else _widest(p, centre, step, level, lambda low, high: (low, high))


def ratio_interval(
    test: Permutation, values: Floats, is_first: Floats, level: float
) -> IntervalResult | None:
    """Find the ratios that, divided out of the periods of the first condition, leave nothing unusual.

    Parameters
    ----------
    test, values
        As in `result_of`; values of 0 or more.
    is_first : ndarray of shape (n,)
        1 on the days of the first condition.
    level : float
        Confidence level.

    Returns
    -------
    IntervalResult or None
        From 0 to infinity at the widest; None as in `difference_interval`, and where one side is 0 throughout.
    """
    p, centre = _along(test, values * (1.0 - is_first), -values * is_first)
    if centre is None or not 0.0 < centre < math.inf:
        return None
    return _widest(
        lambda log_share: p(math.exp(log_share)),
        math.log(centre),
        _FIRST_STEP,
        level,
        lambda low, high: (math.exp(-high), math.exp(-low)),
    )


def _widest(
    p: Callable[[float], float],
    centre: float,
    step: float,
    level: float,
    ends: Callable[[float, float], tuple[float, float]],
) -> IntervalResult | None:
    for reached in (level, *(fallback for fallback in FALLBACK_LEVELS if fallback < level)):
        limit = (1.0 - reached) * (1.0 + 1e-12)

        def is_inside(effect: float, limit: float = limit) -> bool:
            return p(effect) > limit

        low, high = (edge(is_inside, centre, signed, PRECISION) for signed in (-step, step))
        if high - low <= 10.0 * PRECISION * step:
            return None
        if math.isfinite(low) or math.isfinite(high):
            first, second = ends(low, high)
            return IntervalResult(low=first, high=second, level=reached, attainable=reached == level)
    return None


def _along(test: Permutation, base: Floats, unit: Floats) -> tuple[Callable[[float], float], float | None]:
    """Return p as a function of how much of `unit` is taken out of `base`, and where the statistic is 0."""
    assignment = test.assignment
    both = [effects(assignment, values, None, raw=test.raw) for values in (base, unit)]
    own = [float(sums(assignment.codes, assignment.coefficients, one)[0]) for one in both]
    centre = own[0] / own[1] if abs(own[1]) > 1e-12 else None
    if test.parts is not None:
        return lambda effect: test.p_value(base - effect * unit), centre
    # The statistic is linear in the scores: two sums for each order serve every effect.
    if test.weighted is not None:
        every = [test.weighted @ one for one in both]
    else:
        every = [sums(test.codes, assignment.coefficients, one) for one in both]

    def p(effect: float) -> float:
        count: Count = count_listed(every[0] - effect * every[1], own[0] - effect * own[1])
        extra = 0 if test.exact else 1
        return (count.n_as_extreme + extra) / (count.n_sequences + extra)

    return p, centre
