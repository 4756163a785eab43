"""How the statistic of a randomization test falls over the sequences that could have been drawn, for a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.assignment import assign
from nof1.analysis.contrasts import contrast_weights
from nof1.analysis.randomization_result import ReferenceValues
from nof1.analysis.reference_set import drawn, listed
from nof1.analysis.statistics import effects, linear, prewhitened, signs_of

if TYPE_CHECKING:
    import pandas as pd

    from nof1.analysis.assignment import Permute
    from nof1.analysis.contrasts import ContrastLike
    from nof1.analysis.statistics import StatisticName
    from nof1.analysis.trend import Trend
    from nof1.schedule.space import SequenceSpace

_MOST_LISTED: Final = 4096
_DRAWS: Final = 4000
_BINS: Final = 41


def reference_values(
    frame: pd.DataFrame,
    space: SequenceSpace,
    contrast: ContrastLike,
    trend: Trend | None,
    *,
    permute: Permute,
    statistic: StatisticName,
    rng: np.random.Generator,
    sequence: tuple[str, ...] | None = None,
) -> ReferenceValues | None:
    """Compute the statistic of a randomization test for all sequences, or for some thousand of them.

    Parameters
    ----------
    frame, space, contrast, trend, permute, statistic, sequence
        As in `randomization_test`.
    rng : numpy.random.Generator
        For draws.

    Returns
    -------
    ReferenceValues or None
        None where the test cannot be made, or every sequence gives the same.
    """
    if statistic not in {"residual", "prewhitened"}:
        return None
    assignment = assign(frame, space, contrast_weights(contrast), permute, sequence)
    if isinstance(assignment, tuple) or not assignment.observed.n_sessions:
        return None
    exact = assignment.reference.size <= _MOST_LISTED
    codes = listed(assignment.reference) if exact else drawn(assignment.reference, _DRAWS, rng)
    value = assignment.observed.value
    if statistic == "prewhitened":
        compute = prewhitened(assignment, value, trend)
        seen = float(compute(signs_of(assignment, assignment.codes))[0])
        values = compute(signs_of(assignment, codes))
    else:
        by_position = effects(assignment, value, trend, raw=permute == "reversal", statistic="residual")
        by_codes = linear(assignment, by_position)
        seen, values = float(by_codes(assignment.codes)[0]), by_codes(codes)
    widest = 1.02 * max(float(np.abs(values).max()), abs(seen))
    if not np.isfinite(widest) or widest <= 0:
        return None
    counts, edges = np.histogram(values, bins=_BINS, range=(-widest, widest))
    return ReferenceValues(
        edges=tuple(float(edge) for edge in edges),
        counts=tuple(int(count) for count in counts),
        observed=seen,
        exact=exact,
    )
