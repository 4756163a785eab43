"""Whether an effect has been shown to be too small to matter."""

from __future__ import annotations

from scipy import special

from nof1.analysis.result import EquivalenceResult, Estimate


def equivalence_test(
    estimate: Estimate, *, low: float, high: float, alpha: float = 0.05
) -> EquivalenceResult:
    """Make two one-sided tests with the standard error and the degrees of freedom of the estimate.

    Parameters
    ----------
    estimate : Estimate
        Of the primary analysis.
    low, high : float
        Bounds of what is too small to matter, fixed before unblinding [unit].
    alpha : float
        Level of each test.

    Returns
    -------
    EquivalenceResult
        Equivalent exactly if the interval at 1 - 2 alpha lies inside the bounds. Without a standard error
        nothing can be shown, and p is None.

    Raises
    ------
    ValueError
        If low is not below high, or alpha is no level.

    References
    ----------
    Schuirmann 1987, doi:10.1007/BF01068419.

    Examples
    --------
    >>> small = Estimate(estimate=0.1, se=0.2, df=9.0, ci_low=-0.35, ci_high=0.55, method="mixed_model")
    >>> result = equivalence_test(small, low=-0.5, high=0.5)
    >>> round(result.p_value, 4), result.equivalent
    (0.0383, True)
    """
    if not low < high:
        raise ValueError(f"low and high: found {low} and {high}; low must be below high")
    if not 0.0 < alpha < 0.5:
        raise ValueError(f"alpha: found {alpha}; write a number between 0 and 0.5")
    level = 1.0 - 2.0 * alpha
    ends = estimate.interval(level)
    if ends is None or estimate.estimate is None or estimate.se is None or estimate.df is None:
        return EquivalenceResult(low=low, high=high, p_value=None, equivalent=None, level=level)
    below = special.stdtr(estimate.df, (low - estimate.estimate) / estimate.se)
    above = special.stdtr(estimate.df, (estimate.estimate - high) / estimate.se)
    return EquivalenceResult(
        low=low,
        high=high,
        p_value=float(max(below, above)),
        equivalent=bool(low < ends[0] and ends[1] < high),
        ci_low=ends[0],
        ci_high=ends[1],
        level=level,
    )
