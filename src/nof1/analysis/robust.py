"""An answer in which outliers count for little: medians or ranks, with the randomization test as their yardstick."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.estimation import Estimation
from nof1.analysis.flags import merged
from nof1.analysis.observed import observe
from nof1.analysis.randomization_interval import randomization_estimate, randomization_interval
from nof1.analysis.randomization_test import frame_bytes, randomization_test, seeded
from nof1.analysis.result import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

    from nof1.analysis.assignment import Permute
    from nof1.analysis.trend import Trend
    from nof1.schedule.space import SequenceSpace


def fit_robust(
    frame: pd.DataFrame,
    space: SequenceSpace,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    statistic: Literal["medians", "ranks"] = "medians",
    permute: Permute = "contrast",
    sequence: Sequence[str] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate a contrast by medians of periods, or by ranks, and test it by randomization.

    The median of a period does not feel a single wild score; the ranks of periods do not feel a wild period
    either, and are what there is for one-day periods. No distribution is assumed: the p-value is that of the
    randomization test, the estimate is the effect that leaves nothing when it is taken out of the scores, and the
    interval holds the effects that the test does not reject.

    Parameters
    ----------
    frame : DataFrame
        As for `randomization_test`.
    space : SequenceSpace
        Every sequence that could have been drawn.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term, taken from scores whose outliers are pulled in.
    statistic : {"medians", "ranks"}
        Which.
    permute, sequence
        As in `randomization_test`.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Without standard error and degrees of freedom; the interval is None where the design cannot attain the
        level, and its ends where they are infinite.

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
    >>> frame = pd.DataFrame({"session": range(1, 37), "period": [1 + i // 3 for i in range(36)],
    ...     "condition": (["on"] * 3 + ["off"] * 3) * 6, "value": [6, 7, 8, 4, 5, 6] * 5 + [6, 7, 99, 4, 5, 6]})
    >>> result = fit_robust(frame, randomized_blocks(6, ("on", "off")), trend=None)
    >>> round(result.estimate, 3), result.p_value
    (2.0, 0.03125)
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    estimation = Estimation(observed=observed, method=statistic, level=level)
    weights = estimation.weights(wanted)
    if isinstance(weights, Estimate):
        return weights

    def draws() -> np.random.Generator:
        return seeded(frame_bytes(frame), statistic, repr(sorted(wanted.items())))

    test = randomization_test(frame, space, wanted, trend, permute, statistic, draws(), sequence=sequence)
    if test.p_value is None:
        return estimation.described(test.flags)
    estimate = randomization_estimate(
        frame, space, wanted, trend=trend, permute=permute, statistic=statistic, sequence=sequence
    )
    low, high = randomization_interval(
        frame,
        space,
        wanted,
        level,
        trend=trend,
        permute=permute,
        statistic=statistic,
        rng=draws(),
        sequence=sequence,
    )
    attainable = math.isfinite(low) or math.isfinite(high)
    return Estimate(
        estimate=estimate,
        p_value=test.p_value,
        ci_low=low if attainable else None,
        ci_high=high if attainable else None,
        method=statistic,
        n_sessions=observed.n_sessions,
        n_periods=observed.n_periods,
        flags=merged(observed.flags, () if attainable else ("interval_not_attainable",)),
        level=level,
    )
