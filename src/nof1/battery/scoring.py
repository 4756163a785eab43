"""Formulas that several tasks share; what cannot be computed is None."""

from __future__ import annotations

import math
from statistics import NormalDist, fmean, stdev
from typing import TYPE_CHECKING, Final

from nof1.battery.run import is_right, time_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.battery.run import Given

SIMPLE_MS: Final = 100
"""A response to anything at all is not faster."""
CHOICE_MS: Final = 150
"""A response that depends on what is shown is not faster."""
_NORMAL = NormalDist()


def usable(given: Sequence[Given]) -> list[Given]:
    """Return the trials that were drawn and in sight.

    Parameters
    ----------
    given : sequence of Given
        Trials.

    Returns
    -------
    list of Given
        In order.
    """
    return [one for one in given if one.is_usable]


def is_valid(one: Given, fastest: float = CHOICE_MS) -> bool:
    """Tell whether a trial was answered right, and not faster than a person can.

    Parameters
    ----------
    one : Given
        A press.
    fastest : float
        [ms]

    Returns
    -------
    bool
        Whether its reaction time counts.
    """
    rt = one.record.rt_ms
    return one.is_usable and rt is not None and rt >= fastest and is_right(one.trial, one.record)


def valid_times(given: Sequence[Given], fastest: float = CHOICE_MS) -> list[float]:
    """Return the reaction times that count.

    Parameters
    ----------
    given : sequence of Given
        Presses.
    fastest : float
        [ms]

    Returns
    -------
    list of float
        Of correct responses, in order [ms].
    """
    return [one.record.rt_ms for one in given if one.record.rt_ms is not None and is_valid(one, fastest)]


def mean(values: Sequence[float]) -> float | None:
    """Return the mean.

    Parameters
    ----------
    values : sequence of float
        Any number.

    Returns
    -------
    float or None
        None of nothing.
    """
    return fmean(values) if values else None


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return a quantile, by linear interpolation between order statistics (type 7 of Hyndman and Fan).

    Parameters
    ----------
    values : sequence of float
        Any number.
    share : float
        0 … 1; 0.5 is the median.

    Returns
    -------
    float or None
        None of nothing.
    """
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread_of(values: Sequence[float]) -> float | None:
    """Return the standard deviation of a sample.

    Parameters
    ----------
    values : sequence of float
        Any number.

    Returns
    -------
    float or None
        None of fewer than two.
    """
    return stdev(values) if len(values) > 1 else None


def coefficient_of_variation(values: Sequence[float]) -> float | None:
    """Return standard deviation / mean.

    Parameters
    ----------
    values : sequence of float
        Positive.

    Returns
    -------
    float or None
        None of fewer than two.
    """
    sd = spread_of(values)
    return None if sd is None else sd / fmean(values)


def rate_correct(given: Sequence[Given]) -> float | None:
    """Return correct responses per second of responding (rate-correct score).

    A trial without a response counts with its whole time. A response faster than a person can is not a correct one.

    Parameters
    ----------
    given : sequence of Given
        Presses with a deadline.

    Returns
    -------
    float or None
        [1/s]; None without trials.

    References
    ----------
    Vandierendonck 2017, doi 10.5334/joc.6.
    """
    trials = usable(given)
    seconds = sum(_time_spent(one) for one in trials) / 1000
    return sum(is_valid(one) for one in trials) / seconds if seconds > 0 else None


def _time_spent(one: Given) -> float:
    limit, rt = time_limit(one.trial), one.record.rt_ms
    if rt is None:
        return limit or 0
    return rt if limit is None else min(rt, limit)


def share_right(given: Sequence[Given]) -> float | None:
    """Return the share of right responses among trials in sight.

    Parameters
    ----------
    given : sequence of Given
        Trials.

    Returns
    -------
    float or None
        0 … 1; None without trials.
    """
    return mean([float(is_right(one.trial, one.record)) for one in usable(given)])


def z_rate(yes: int, size: int) -> float:
    """Return the normal quantile of a rate, with the log-linear correction.

    Parameters
    ----------
    yes, size : int
        So many of so many.

    Returns
    -------
    float
        Finite also for none and for all.

    References
    ----------
    Hautus 1995, doi 10.3758/BF03203619.
    """
    return _NORMAL.inv_cdf((yes + 0.5) / (size + 1))


def d_prime(hits: int, n_signal: int, false_alarms: int, n_noise: int) -> float | None:
    """Return how well signal and noise were told apart.

    Parameters
    ----------
    hits, n_signal : int
        "Yes" to what was there, of how many.
    false_alarms, n_noise : int
        "Yes" to what was not, of how many.

    Returns
    -------
    float or None
        None where one kind did not come.

    Examples
    --------
    >>> round(d_prime(32, 32, 0, 64), 2)
    4.59
    """
    if not n_signal or not n_noise:
        return None
    return z_rate(hits, n_signal) - z_rate(false_alarms, n_noise)


def difference(one: float | None, other: float | None) -> float | None:
    """Return one minus the other.

    Parameters
    ----------
    one, other : float or None
        Numbers, if there are.

    Returns
    -------
    float or None
        None unless both are there.
    """
    return None if one is None or other is None else one - other
