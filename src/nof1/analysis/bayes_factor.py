"""The Bayes factor of a t-test with a Cauchy prior on the standardized effect: what many readers know by name."""

from __future__ import annotations

import itertools
import math

from scipy import integrate, stats

SCALE = math.sqrt(0.5)


def bayes_factor(t: float, n: int, scale: float = SCALE) -> float:
    """Say how much better a standardized effect of unknown size explains a one-sample t than no effect does.

    The trial itself is answered by `nof1.analysis.bayes_grid`, with the prior of the protocol. This one has a
    prior that nobody chose for the trial, and is there so that it can be compared with other programs.

    Parameters
    ----------
    t : float
        One-sample t, as of block differences.
    n : int
        How many differences, 2 or more.
    scale : float
        Scale of the Cauchy prior on the mean over the standard deviation.

    Returns
    -------
    float
        Above 1 for the effect, below 1 against it.

    References
    ----------
    Rouder et al. 2009, doi:10.3758/PBR.16.2.225. Computed from the noncentral t; programs use their equation 1.

    Examples
    --------
    >>> round(bayes_factor(2.1, 6), 3)
    1.371
    """
    df, root = n - 1, math.sqrt(n)
    null = float(stats.t.pdf(t, df))
    if null == 0.0:
        return math.inf
    centre = t / root

    def weighed(size: float) -> float:
        return float(stats.nct.pdf(t, df, size * root) * stats.cauchy.pdf(size, scale=scale))

    # Far from the observed size nothing is left of the noncentral t, so finite ends do.
    reach = 10.0 / root + 2.0 * abs(centre)
    ends = [centre + step * reach for step in (-3.0, -1.0, 0.0, 1.0, 3.0)]
    parts = (integrate.quad(weighed, low, high)[0] for low, high in itertools.pairwise(ends))
    return math.fsum(parts) / null
