"""The plainest analysis: the contrast inside every complete block, and a paired t on these differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.contrasts import ContrastLike, contrast_weights, moving
from nof1.analysis.estimation import Estimation
from nof1.analysis.fewest import FEWEST_SETS
from nof1.analysis.observed import Observed, observe
from nof1.analysis.result import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from nof1.analysis.trend import Floats

METHOD = "paired_blocks"


def fit_paired_blocks(
    frame: pd.DataFrame, contrast: ContrastLike = ("on", "off"), *, level: float = 0.95
) -> Estimate:
    """Test the mean of the block differences with t on C - 1 degrees of freedom.

    What is common to a block (season, slow drift) cancels. Blocks that have lost a condition of the
    contrast drop out, and `details` says how many.

    Parameters
    ----------
    frame : DataFrame
        Columns session, period, condition, value (NaN = missing), block; day where known.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights of the conditions.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Without p below three complete blocks; without an estimate where there are no blocks.

    Raises
    ------
    ValueError
        If the frame or the contrast cannot be meant.

    References
    ----------
    Senn 2024, doi:10.1186/s13063-024-07964-7.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"session": range(1, 9), "period": range(1, 9), "block": [1, 1, 2, 2, 3, 3, 4, 4],
    ...     "condition": ["on", "off", "off", "on"] * 2, "value": [5, 4, 4, 7, 6, 4, 3, 5]})
    >>> result = fit_paired_blocks(frame)
    >>> result.estimate, result.df
    (2.0, 3.0)
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    estimation = Estimation(observed=observed, method=METHOD, level=level)
    weights = estimation.weights(wanted)
    if isinstance(weights, Estimate):
        return weights
    if observed.block is None:
        return estimation.described(("not_estimable",), note="the design has no blocks")
    differences = block_differences(observed, wanted)
    details: dict[str, float | None] = {
        "n_blocks": float(differences.size),
        "n_blocks_dropped": float(np.unique(observed.block).size - differences.size),
    }
    estimate = float(differences.mean()) if differences.size else None
    if estimate is None or differences.size < FEWEST_SETS:
        return estimation.described(("too_few_blocks",), estimate=estimate)
    se = float(differences.std(ddof=1) / np.sqrt(differences.size))
    flags = ("three_to_five_blocks",) if differences.size < 6 else ()
    return estimation.tested(estimate, se, differences.size - 1.0, flags=flags, details=details)


def block_differences(observed: Observed, contrast: dict[str, float]) -> Floats:
    """Return the contrast of every block that holds all its conditions.

    Parameters
    ----------
    observed : Observed
        The data; it needs blocks.
    contrast : dict of str to float
        Weights of the conditions.

    Returns
    -------
    ndarray of shape (n_complete_blocks,)
        Weighted sums of condition means [unit]; a condition's mean is that of its periods.
    """
    means = observed.period_mean(observed.value)
    held = observed.period_condition
    numbers = [observed.conditions.index(code) for code in moving(contrast) if code in observed.conditions]
    differences = []
    for block in np.unique(observed.block) if observed.block is not None else ():
        inside = observed.block == block
        parts = [means[inside & (held == number)] for number in numbers]
        if len(numbers) == len(moving(contrast)) and all(part.size for part in parts):
            differences.append(
                sum(
                    contrast[observed.conditions[number]] * part.mean()
                    for number, part in zip(numbers, parts, strict=True)
                )
            )
    return np.array(differences, dtype=np.float64)
