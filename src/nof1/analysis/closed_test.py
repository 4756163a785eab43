"""Several conditions against one reference, by randomization, with the familywise error held."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.assignment import Assignment, assign
from nof1.analysis.counting import count_listed, sums
from nof1.analysis.randomization_test import frame_bytes, seeded
from nof1.analysis.reference_set import LARGEST_LISTED, N_DRAWS, Codes, drawn, listed
from nof1.analysis.result import RandomizationResult
from nof1.analysis.statistics import effects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from nof1.analysis.trend import Floats, Trend
    from nof1.schedule.space import SequenceSpace


def closed_randomization_test(
    frame: pd.DataFrame,
    space: SequenceSpace,
    reference: str,
    trend: Trend | None = "log",
    *,
    sequence: Sequence[str] | None = None,
    rng: np.random.Generator | None = None,
    n_draws: int = N_DRAWS,
) -> dict[str, RandomizationResult]:
    """Test every condition against the reference; the adjusted p of one is the largest p of all sets with it.

    For every set of other conditions the labels of the set and of the reference are permuted, and the
    statistic is the largest absolute difference to the reference. Holm on tests of pairs would lose all
    its power with few blocks, because its p-values cannot get small enough; this does not.

    Parameters
    ----------
    frame, space, trend, sequence, rng, n_draws
        As in `randomization_test`.
    reference : str
        The condition that the others are compared with.

    Returns
    -------
    dict of str to RandomizationResult
        For each other condition the result with the adjusted p-value: integers of the set that gave it.

    Raises
    ------
    ValueError
        If the reference is not a condition of the design.

    References
    ----------
    Marcus, Peritz and Gabriel 1976, doi:10.1093/biomet/63.3.655 (closed testing). Westfall and Young 1993.
    """
    if reference not in space.conditions:
        raise ValueError(f"reference: {reference!r} is not a condition of the design {space.conditions}")
    others = [str(code) for code in space.conditions if code != reference]
    rng = rng or seeded(frame_bytes(frame), f"closed {reference}")
    results: dict[str, RandomizationResult] = {}
    for size in range(1, len(others) + 1):
        for chosen in combinations(others, size):
            weights = dict.fromkeys(chosen, 1.0) | {reference: -float(size)}
            assignment = assign(frame, space, weights, "contrast", sequence)
            if isinstance(assignment, tuple):
                return {}
            result = _largest_difference(assignment, chosen, reference, trend, rng, n_draws)
            for code in chosen:
                before = results.get(code)
                if before is None or (result.p_value or 0.0) > (before.p_value or 0.0):
                    results[code] = result
    return results


def _largest_difference(  # noqa: PLR0917  (one private caller)
    assignment: Assignment,
    chosen: tuple[str, ...],
    reference: str,
    trend: Trend | None,
    rng: np.random.Generator,
    n_draws: int,
) -> RandomizationResult:
    space = assignment.reference
    exact = space.size <= LARGEST_LISTED
    codes = listed(space) if exact else drawn(space, n_draws, rng)
    by_position = effects(assignment, assignment.observed.value, trend, raw=False)
    tables = [_difference(assignment, space.conditions, {code: 1.0, reference: -1.0}) for code in chosen]

    def compute(sequences: Codes) -> Floats:
        return np.asarray(np.max([np.abs(sums(sequences, table, by_position)) for table in tables], axis=0))

    observed = float(compute(assignment.codes)[0])
    count = count_listed(compute(codes), observed)
    extra = 0 if exact else 1
    n = count.n_sequences + extra
    result = RandomizationResult(
        statistic=observed,
        n_as_extreme=count.n_as_extreme + extra,
        n_sequences=n,
        p_value=None,
        smallest_p=(count.n_most_extreme if exact else 1) / n,
        exact=exact,
        flags=assignment.observed.flags,
    )
    return replace(result, p_value=result.n_as_extreme / n)


def _difference(assignment: Assignment, conditions: Sequence[str], weights: Mapping[str, float]) -> Floats:
    times = np.bincount(assignment.codes[0], minlength=len(conditions))
    return np.array([weights.get(code, 0.0) for code in conditions]) / np.maximum(times, 1)
