"""What a design can find, in closed form: a standard error, its degrees of freedom, and the power that follows.

Nothing here needs arrays, so that a protocol is checked before any of the heavy libraries is loaded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NEGLIGIBLE = 1e-12
_STEPS = 60
_DOUBLINGS = 17
_SHORT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How precisely a contrast will be estimated.

    Attributes
    ----------
    se : float
        Expected standard error [unit].
    df : float
        Degrees of freedom of the t distribution.
    """

    se: float
    df: float

    def power(self, effect: float, alpha: float = 0.05) -> float:
        """Return the chance that a true effect is found.

        Parameters
        ----------
        effect : float
            True value of the contrast [unit]; its sign does not matter.
        alpha : float
            Two-sided level.

        Returns
        -------
        float
            0 to 1; 0 where no degree of freedom is left, or the level is 0.

        Examples
        --------
        >>> round(Precision(se=0.25, df=9).power(0.5), 3)
        0.431
        """
        from scipy import special  # noqa: PLC0415 - checking a protocol must start without it

        if self.df < 1 or alpha <= 0:
            return 0.0
        if alpha >= 1:
            return 1.0
        bound = float(special.stdtrit(self.df, 1 - alpha / 2))
        shift = abs(effect) / self.se
        above = 1 - float(special.nctdtr(self.df, shift, bound))
        below = float(special.nctdtr(self.df, shift, -bound))
        return above + (0.0 if math.isnan(below) else below)  # far out in the tail it has no digits left

    def detectable(self, target: float = 0.8, alpha: float = 0.05) -> float | None:
        """Return the effect that is found with a given power.

        Parameters
        ----------
        target : float
            Power that is asked for.
        alpha : float
            Two-sided level.

        Returns
        -------
        float or None
            [unit]; None where no effect, however large, is found so often.

        Examples
        --------
        >>> round(Precision(se=0.25, df=9).detectable(), 2)
        0.79
        """
        low, high = 0.0, 8 * self.se
        for _ in range(_DOUBLINGS):
            if not self.power(high, alpha) < target:
                break
            low, high = high, 2 * high
        else:
            return None
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.power(middle, alpha) < target else (low, middle)
        return high

    def half_width(self, level: float = 0.95) -> float | None:
        """Return half of the expected width of a confidence interval.

        Parameters
        ----------
        level : float
            Confidence level.

        Returns
        -------
        float or None
            [unit]; None where no degree of freedom is left.

        Examples
        --------
        >>> round(Precision(se=0.25, df=9).half_width(0.9), 2)
        0.46
        """
        from scipy import special  # noqa: PLC0415 - checking a protocol must start without it

        return float(special.stdtrit(self.df, (1 + level) / 2)) * self.se if self.df >= 1 else None


def mean_variance(days: Sequence[int], *, rho: float, period_sd: float, sd: float = 1.0) -> float:
    """Return the variance of the mean of a period.

    Parameters
    ----------
    days : sequence of int
        Days of the period that count.
    rho : float
        Autocorrelation from one day to the next.
    period_sd : float
        Standard deviation of what periods have of their own [unit].
    sd : float
        Standard deviation of a day around its period [unit].

    Returns
    -------
    float
        [unit squared]

    Examples
    --------
    >>> round(mean_variance(range(1, 8), rho=0.0, period_sd=0.3), 4)
    0.2329
    """
    products = math.fsum(rho ** abs(i - j) for i in days for j in days)
    return period_sd**2 + sd**2 * products / len(days) ** 2


def mean_covariance(days: Sequence[int], apart_days: int, *, rho: float, sd: float = 1.0) -> float:
    """Return the covariance of the means of two periods, of which only the autocorrelation is common.

    Parameters
    ----------
    days : sequence of int
        Days of either period that count.
    apart_days : int
        From the first day of the one to the first day of the other [days].
    rho, sd : float
        As in `mean_variance`.

    Returns
    -------
    float
        [unit squared]
    """
    return sd**2 * math.fsum(rho ** (apart_days + j - i) for i in days for j in days) / len(days) ** 2


def paired_precision(
    n_blocks: int,
    days: Sequence[int],
    *,
    rho: float,
    period_sd: float,
    sd: float = 1.0,
    apart_days: int | None = None,
    effect_spread: float = 0.0,
) -> Precision:
    """Return the precision of a paired t on the differences within blocks of two periods.

    Parameters
    ----------
    n_blocks : int
        Complete blocks.
    days : sequence of int
        Days of a period that count.
    rho, period_sd, sd : float
        As in `mean_variance`.
    apart_days : int or None
        From the start of a period to that of the next; one day more than the last of `days` by default.
    effect_spread : float
        Standard deviation of the effect from block to block [unit].

    Returns
    -------
    Precision
        With C - 1 degrees of freedom.

    References
    ----------
    Senn 2024, doi:10.1186/s13063-024-07964-7.

    Examples
    --------
    >>> [round(paired_precision(6, range(1, 8), rho=rho, period_sd=0.3).power(0.5), 2) for rho in (0, 0.3, 0.6)]
    [0.31, 0.24, 0.19]
    """
    apart = max(days) if apart_days is None else apart_days
    mean = mean_variance(days, rho=rho, period_sd=period_sd, sd=sd)
    difference = 2 * (mean - mean_covariance(days, apart, rho=rho, sd=sd)) + effect_spread**2
    return Precision(se=math.sqrt(difference / n_blocks), df=n_blocks - 1)


def period_precision(
    weights: Sequence[float],
    counts: Sequence[int],
    days: Sequence[int],
    *,
    rho: float,
    period_sd: float,
    autocorrelation: Callable[[int], float],
    sd: float = 1.0,
    apart_days: int | None = None,
    n_other: int = 1,
) -> Precision:
    """Return the precision of a contrast of the mixed model, whose unit is the period.

    Parameters
    ----------
    weights : sequence of float
        Of the contrast, one for each condition.
    counts : sequence of int
        Periods of each condition.
    days, rho, period_sd, sd, apart_days
        As in `paired_precision`.
    autocorrelation : callable
        Of the order, at a distance [periods].
    n_other : int
        Columns of the model beside intercept and conditions: 1 for a trend.

    Returns
    -------
    Precision
        With P - k - `n_other` degrees of freedom, as Kenward and Roger give in a balanced trial.

    Notes
    -----
    SE² = Σ l_c² / n_c · [v + 2 Σ_d r_d γ_d], with the variance v of a period mean and the covariance γ_d of two
    that are d periods apart: where neighbours differ (r_d < 0), what they share cancels.

    References
    ----------
    Kenward and Roger 1997, doi:10.2307/2533558.

    Examples
    --------
    >>> shuffled = lambda d: -0.5 if d == 1 else 0.0
    >>> six = period_precision((1, -1), (6, 6), range(1, 8), rho=0.3, period_sd=0.3, autocorrelation=shuffled)
    >>> six.df, round(six.power(0.5), 2)
    (9, 0.28)
    """
    n_periods, apart = sum(counts), max(days) if apart_days is None else apart_days
    variance = mean_variance(days, rho=rho, period_sd=period_sd, sd=sd)
    for distance in range(1, n_periods):
        shared = mean_covariance(days, distance * apart, rho=rho, sd=sd)
        if abs(shared) < _NEGLIGIBLE:
            break
        variance += 2 * autocorrelation(distance) * shared
    return Precision(se=math.sqrt(_weight(weights, counts) * variance), df=n_periods - len(counts) - n_other)


def daily_precision(
    weights: Sequence[float], counts: Sequence[int], *, rho: float, r_1: float, sd: float = 1.0
) -> Precision:
    """Return the precision of a contrast of the daily model.

    Parameters
    ----------
    weights : sequence of float
        Of the contrast, one for each condition.
    counts : sequence of int
        Observed days of each condition.
    rho : float
        Autocorrelation from one period to the next.
    r_1 : float
        Autocorrelation of the order at distance 1.
    sd : float
        Standard deviation of a day [unit].

    Returns
    -------
    Precision
        Its degrees of freedom are a rule that follows simulations: 0.63 of the days in blocks of two, 0.8 where
        any order could be drawn, 0.05 less up to 20 days.

    Notes
    -----
    SE² = Σ l_c² / n_c · σ² (1 - ρ²) / (1 + ρ² - 2 ρ r_1).

    Examples
    --------
    >>> fifty = daily_precision((1, -1), (25, 25), rho=0.3, r_1=-0.43)
    >>> round(fifty.power(0.5), 2)
    0.55
    """
    n_days = sum(counts)
    gain = (1 - rho**2) / (1 + rho**2 - 2 * rho * r_1)
    share = 0.8 + 0.34 * max(r_1, -0.5) - (0.05 if n_days <= _SHORT else 0.0)
    return Precision(se=sd * math.sqrt(_weight(weights, counts) * gain), df=share * n_days)


def day_mean(prompts: float, *, rho: float, day_share: float, sd: float = 1.0) -> tuple[float, float]:
    """Return standard deviation and autocorrelation of the mean of several scores of a day.

    Parameters
    ----------
    prompts : float
        Scores a day, on average.
    rho : float
        Autocorrelation of what the scores of a day have in common.
    day_share : float
        Share of a score's variance that the scores of a day have in common, 0 to 1.
    sd : float
        Standard deviation of one score [unit].

    Returns
    -------
    tuple of (float, float)
        Standard deviation [unit] and autocorrelation of the day mean.

    Examples
    --------
    >>> tuple(round(number, 3) for number in day_mean(2, rho=0.3, day_share=0.5))
    (0.866, 0.2)
    """
    variance = day_share + (1 - day_share) / prompts
    return sd * math.sqrt(variance), rho * day_share / variance


def _weight(weights: Sequence[float], counts: Sequence[int]) -> float:
    return math.fsum(weight**2 / n for weight, n in zip(weights, counts, strict=True) if weight)
