"""All effects that the randomization test would not reject: an interval without a model of the scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.assignment import Permute, assign
from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.diagnostics import pulled_in
from nof1.analysis.permutation import prepare
from nof1.analysis.randomization_test import frame_bytes, seeded
from nof1.analysis.reference_set import N_DRAWS
from nof1.analysis.search import border, edge, outwards
from nof1.analysis.statistics import effects, linear

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from nof1.analysis.assignment import Assignment
    from nof1.analysis.observed import Observed
    from nof1.analysis.statistics import StatisticName
    from nof1.analysis.trend import Floats, Trend
    from nof1.schedule.space import SequenceSpace

PRECISION: Final = 1e-6
PRECISION_OF_DRAWS: Final = 1e-4
"""Both in standard deviations of the scores; draws have an error of their own that is larger."""


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
    unit_effect = _unit_effect(assignment)
    centre = _centre(assignment, unit_effect, trend, statistic, raw=test.raw)
    if centre is None:
        return nothing

    def is_inside(effect: float) -> bool:
        return test.p_value(observed.value - effect * unit_effect) > (1.0 - level) * (1.0 + 1e-12)

    precision = PRECISION if test.exact else PRECISION_OF_DRAWS
    spread = _spread(observed, statistic)
    low, high = (edge(is_inside, centre, step, precision) for step in (-spread, spread))
    return low, high


def randomization_estimate(
    frame: pd.DataFrame,
    space: SequenceSpace,
    contrast: ContrastLike = ("on", "off"),
    *,
    trend: Trend | None = "log",
    permute: Permute = "contrast",
    statistic: StatisticName = "medians",
    sequence: Sequence[str] | None = None,
) -> float | None:
    """Find the effect that, taken out of the scores, leaves nothing: the statistic is 0 there.

    With ranks this is the estimate of Hodges and Lehmann; with medians, its counterpart for medians of periods.

    Parameters
    ----------
    frame, space, contrast, trend, permute, statistic, sequence
        As in `randomization_test`.

    Returns
    -------
    float or None
        [unit]; None where the data do not hold the comparison.

    Raises
    ------
    ValueError
        If the frame or the contrast cannot be meant.

    References
    ----------
    Hodges and Lehmann 1963, doi:10.1214/aoms/1177704172.

    Examples
    --------
    >>> import pandas as pd
    >>> from nof1.schedule.space import randomized_blocks
    >>> frame = pd.DataFrame({"session": range(1, 13), "period": range(1, 13),
    ...     "condition": ["on", "off", "off", "on"] * 3, "value": [5, 4, 5, 7, 6, 4, 3, 5, 5, 4, 4, 60]})
    >>> round(randomization_estimate(frame, randomized_blocks(6, ("on", "off")), trend=None, statistic="ranks"), 3)
    2.0
    """
    wanted = contrast_weights(contrast)
    assignment = assign(frame, space, wanted, permute, sequence)
    if isinstance(assignment, tuple) or assignment.observed.weights(wanted) is None:
        return None
    if assignment.observed.is_constant:
        return None
    return _centre(assignment, _unit_effect(assignment), trend, statistic, raw=permute == "reversal")


def _unit_effect(assignment: Assignment) -> Floats:
    """Return what an effect of 1 adds to each day."""
    code = assignment.codes[0, assignment.position[assignment.observed.period]]
    return np.asarray(assignment.weights[code] / float(assignment.weights @ assignment.weights))


def _spread(observed: Observed, statistic: StatisticName) -> float:
    """Return the size of steps: what the scores vary by, where outliers count for little without them."""
    inner = float(pulled_in(observed.value).std()) if statistic in {"medians", "ranks"} else 0.0
    return inner or observed.spread


def _centre(
    assignment: Assignment, unit_effect: Floats, trend: Trend | None, statistic: StatisticName, *, raw: bool
) -> float | None:
    """Find where the statistic passes 0: in one step where it is linear, else between where it is above and below."""
    value, spread = assignment.observed.value, _spread(assignment.observed, statistic)

    def of(scores: Floats, name: StatisticName) -> float:
        by_position = effects(assignment, scores, trend, raw=raw, statistic=name)
        found = float(linear(assignment, by_position)(assignment.codes)[0])
        # What cancels is 0 on every machine, however it adds.
        return 0.0 if abs(found) <= 1e-12 * float(np.abs(by_position).sum()) else found

    slope = of(unit_effect, "residual")
    if abs(slope) < 1e-12:
        return None
    is_robust = statistic in {"medians", "ranks"}
    centre = of(pulled_in(value) if is_robust else value, "residual") / slope
    if not is_robust:
        return centre

    def sign_at(effect: float) -> float:
        return math.copysign(1.0, found) if (found := of(value - effect * unit_effect, statistic)) else 0.0

    low = next((centre + x for x in outwards(-spread) if sign_at(centre + x) > 0.0), None)
    high = next((centre + x for x in outwards(spread) if sign_at(centre + x) < 0.0), None)
    if low is None or high is None:
        return None
    last_above = border(lambda effect: sign_at(effect) > 0.0, low, high, PRECISION * spread)
    first_below = border(lambda effect: sign_at(effect) < 0.0, high, low, PRECISION * spread)
    return (last_above + first_below) / 2.0
