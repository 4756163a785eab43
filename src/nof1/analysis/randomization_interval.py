"""All effects that the randomization test would not reject: an interval without a model of the scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from nof1.analysis.assignment import Permute, assign
from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.permutation import prepare
from nof1.analysis.randomization_test import frame_bytes, seeded
from nof1.analysis.reference_set import N_DRAWS
from nof1.analysis.statistics import effects, linear

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import pandas as pd

    from nof1.analysis.statistics import StatisticName
    from nof1.analysis.trend import Trend
    from nof1.schedule.space import SequenceSpace

PRECISION: Final = 1e-6
PRECISION_OF_DRAWS: Final = 1e-4
"""Both in standard deviations of the scores; draws have an error of their own that is larger."""
FARTHEST: Final = 1e4
"""Ends farther away than this many standard deviations of the scores count as infinite."""


def randomization_interval(
    frame: pd.DataFrame,
    space: SequenceSpace,
    contrast: ContrastLike = ("on", "off"),
    level: float = 0.95,
    *,
    trend: Trend | None = "log",
    permute: Permute = "contrast",
    statistic: StatisticName = "residual",
    rng: np.random.Generator | None = None,
    sequence: Sequence[str] | None = None,
    n_draws: int = N_DRAWS,
) -> tuple[float, float]:
    """Invert the randomization test: the effects that, taken out of the scores, leave p above 1 - level.

    Parameters
    ----------
    frame, space, contrast, trend, permute, statistic, rng, sequence, n_draws
        As in `randomization_test`.
    level : float
        Confidence level.

    Returns
    -------
    tuple of (float, float)
        Ends [unit], to a millionth of the spread of the scores (a ten-thousandth with draws). Both infinite where the design has too few
        sequences for this level, or nothing can be told.

    Raises
    ------
    ValueError
        If the frame, the contrast or the level cannot be meant.

    References
    ----------
    Michiels et al. 2017, doi:10.3758/s13428-016-0714-4.

    Examples
    --------
    >>> import pandas as pd
    >>> from nof1.schedule.space import randomized_blocks
    >>> frame = pd.DataFrame({"session": range(1, 13), "period": range(1, 13),
    ...     "condition": ["on", "off", "off", "on"] * 3, "value": [5, 4, 5, 7, 6, 4, 3, 5, 5, 4, 4, 6]})
    >>> low, high = randomization_interval(frame, randomized_blocks(6, ("on", "off")), trend=None)
    >>> round(low, 3), round(high, 3)
    (1.0, 2.0)
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level: found {level}; write a number between 0 and 1, such as 0.95")
    wanted = contrast_weights(contrast)
    assignment = assign(frame, space, wanted, permute, sequence)
    nothing = (-math.inf, math.inf)
    if isinstance(assignment, tuple) or assignment.observed.weights(wanted) is None:
        return nothing
    observed = assignment.observed
    if observed.is_constant:
        return nothing
    rng = rng or seeded(frame_bytes(frame), repr(sorted(wanted.items())))
    test = prepare(
        assignment,
        statistic,
        trend,
        rng,
        raw=permute == "reversal",
        n_draws=n_draws,
        again=True,
    )
    code = assignment.codes[0, assignment.position[observed.period]]
    unit_effect = assignment.weights[code] / float(assignment.weights @ assignment.weights)
    start, slope = (
        float(linear(assignment, effects(assignment, value, trend, raw=test.raw))(assignment.codes)[0])
        for value in (observed.value, unit_effect)
    )
    if abs(slope) < 1e-12:
        return nothing
    centre = start / slope

    def is_inside(effect: float) -> bool:
        return test.p_value(observed.value - effect * unit_effect) > (1.0 - level) * (1.0 + 1e-12)

    precision = PRECISION if test.exact else PRECISION_OF_DRAWS
    low, high = (_end(is_inside, centre, step, precision) for step in (-observed.spread, observed.spread))
    return low, high


def _end(is_inside: Callable[[float], bool], centre: float, step: float, precision: float) -> float:
    """Walk outwards in growing steps until an effect is rejected, then bisect."""
    inside, distance = centre, step
    while is_inside(centre + distance):
        inside = centre + distance
        distance *= 2.0
        if abs(distance) > FARTHEST * abs(step):
            return math.copysign(math.inf, step)
    outside = centre + distance
    while abs(outside - inside) > precision * abs(step):
        middle = (inside + outside) / 2.0
        if is_inside(middle):
            inside = middle
        else:
            outside = middle
    return inside
