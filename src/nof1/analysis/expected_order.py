"""How quickly a design alternates, on average over the orders that it could draw, and what carry-over takes.

The autocorrelation of an order at a distance is the sum of the products of contrast weights that are so many
periods apart, divided by the sum of squares of all weights; these are its expectations.
"""

from __future__ import annotations

import math


def shuffled_autocorrelation(distance: int, n_periods: int, set_size: int) -> float:
    """Return the autocorrelation where every set of neighbouring periods is shuffled for itself.

    Within a set of s periods that holds each condition equally often, two different periods have the
    correlation -1 / (s - 1); periods of different sets have none.

    Parameters
    ----------
    distance : int
        How many periods apart, 1 or more.
    n_periods : int
        Length of the trial [periods], a multiple of `set_size`.
    set_size : int
        Periods of a set: of a block, or all of them where the whole order is shuffled.

    Returns
    -------
    float
        0 or below.

    Examples
    --------
    >>> shuffled_autocorrelation(1, 50, 2), shuffled_autocorrelation(1, 50, 50)
    (-0.5, -0.02)
    """
    if not 0 < distance < set_size:
        return 0.0
    return -(n_periods // set_size) * (set_size - distance) / ((set_size - 1) * n_periods)


def limited_autocorrelations(n_periods: int, longest: int) -> tuple[float, float]:
    """Return the autocorrelations at distances 1 and 2 of two balanced conditions with a longest run.

    Counts the orders by their number of runs: half of the periods fall into a runs of at most m periods in as
    many ways as their number has compositions into a parts of at most m.

    Parameters
    ----------
    n_periods : int
        Length of the trial [periods], even.
    longest : int
        Longest run that can be drawn.

    Returns
    -------
    tuple of (float, float)
        At distance 1, and at distance 2.

    Raises
    ------
    ValueError
        If there is no such order.

    Examples
    --------
    >>> [round(r, 3) for r in limited_autocorrelations(20, 2)]
    [-0.415, -0.103]
    """
    if n_periods < 2 or n_periods % 2 or longest < 1:
        raise ValueError(f"{n_periods} periods cannot be balanced with no run longer than {longest}")
    half = n_periods // 2
    n_orders, changes, lone_changes = 0, 0.0, 0.0
    for n_runs in range(2, n_periods + 1):
        first, second = (n_runs + 1) // 2, n_runs // 2  # runs of the condition that begins, and of the other
        orders = 2 * _compositions(half, first, longest) * _compositions(half, second, longest)
        if not orders:
            continue
        single_first, single_second = (
            _compositions(half - 1, n - 1, longest) / _compositions(half, n, longest) for n in (first, second)
        )
        at_ends = single_first + (single_first if n_runs % 2 else single_second)
        inside = first * single_first + second * single_second - at_ends
        n_orders += orders
        changes += orders * (n_runs - 1)
        # Two steps on the condition differs if exactly one of the two steps changes it.
        lone_changes += orders * (2 * (n_runs - 1) - at_ends - 2 * inside)
    at_1 = n_periods - 1 - 2 * changes / n_orders
    at_2 = n_periods - 2 - 2 * lone_changes / n_orders
    return at_1 / n_periods, at_2 / n_periods


def left_in_periods(
    half_life_days: float, *, period_days: int, onset_days: int = 0, washout_days: int = 0, r_1: float = -0.5
) -> float:
    """Return how much of an effect the mixed model finds where it builds up and fades by halves.

    Parameters
    ----------
    half_life_days : float
        How fast the effect builds up and fades [days].
    period_days, onset_days, washout_days : int
        Of the design [days].
    r_1 : float
        Autocorrelation of the order at distance 1; -0.5 in blocks of two.

    Returns
    -------
    float
        Expected estimate divided by the effect.

    Notes
    -----
    On day j of a period the share 2^(-j/h) of what was there before is left. With S its mean over the days that
    count, the estimate is the effect times 1 - S (1 - r_1 2^(-washout/h)): 1 - 1.5 S in blocks of two.

    Examples
    --------
    >>> round(left_in_periods(1, period_days=7), 3), round(left_in_periods(2, period_days=7, onset_days=2), 3)
    (0.787, 0.702)
    """
    days = range(onset_days + 1, period_days + 1)
    share = math.fsum(2 ** (-day / half_life_days) for day in days) / len(days)
    return 1 - share * (1 - r_1 * 2 ** (-washout_days / half_life_days))


def left_in_days(left_over: float, *, rho: float, r_1: float, r_2: float) -> float:
    """Return how much of an effect the daily model finds where a share of it is still there a period later.

    Weighting by the autocorrelation leans on neighbouring days, so that carry-over takes more than it would
    from a difference of means.

    Parameters
    ----------
    left_over : float
        Share of the effect that is left one period later, 0 to 1.
    rho : float
        Autocorrelation of the scores from one period to the next.
    r_1, r_2 : float
        Autocorrelations of the order at distances 1 and 2.

    Returns
    -------
    float
        Expected estimate divided by the effect.

    Examples
    --------
    >>> round(left_in_days(0.5, rho=0.3, r_1=-0.5, r_2=0.0), 2)
    0.7
    """
    slope = ((1 + rho**2) * r_1 - rho * (1 + r_2)) / (1 + rho**2 - 2 * rho * r_1)
    return 1 + left_over * slope


def _compositions(total: int, n_parts: int, longest: int) -> int:
    """Count the ways to write a number as a sum of parts of 1 to `longest`, their order counting."""
    if n_parts == 0 or total < n_parts:
        return int(n_parts == total == 0)
    return sum(
        (-1) ** over * math.comb(n_parts, over) * math.comb(total - over * longest - 1, n_parts - 1)
        for over in range((total - n_parts) // longest + 1)
    )
