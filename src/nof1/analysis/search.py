"""Minimising a function of one or two numbers on grids that close in, and finding where a set of numbers ends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from nof1.analysis.trend import Floats

POINTS = 33
_POLISH: Final = 2.5e-4
ROUNDS = 12
MOVES = 1000
"""Squares that are looked at: 14 where the valley is found at once, more where it has to be followed."""
HALVINGS: Final = 2200
"""More than ever lie between two numbers: bisection between the largest and the smallest ends before."""
FARTHEST: Final = 1e4
"""Steps beyond which a set counts as endless."""


def minimise(objective: Callable[[Floats], Floats], low: float, high: float) -> tuple[float, float]:
    """Find the least value of a function on an interval.

    The function gets whole grids at once, so that a fit costs a dozen array operations. The first grid
    is fine enough to land in the right valley of a profile likelihood.

    Parameters
    ----------
    objective : callable
        Maps an ndarray of shape (m,) to one of shape (m,).
    low, high : float
        Ends of the interval.

    Returns
    -------
    tuple of (float, float)
        Where the least value is, and that value.

    Examples
    --------
    >>> place, least = minimise(lambda x: (x - 0.3) ** 2, -1.0, 1.0)
    >>> round(place, 6), round(least, 6)
    (0.3, 0.0)
    """
    left, right = low, high
    place, least = low, np.inf
    for _ in range(ROUNDS):
        grid = np.linspace(left, right, POINTS)
        values = objective(grid)
        best = int(np.nanargmin(values))
        if values[best] <= least:
            place, least = float(grid[best]), float(values[best])
        step = (right - left) / (POINTS - 1)
        left, right = max(low, place - step), min(high, place + step)
        if step < 1e-9 * (high - low):
            break
    return _polished(objective, place, least, low, high)


def _polished(
    objective: Callable[[Floats], Floats], place: float, least: float, low: float, high: float
) -> tuple[float, float]:
    """Go to where the slope is 0: near its least value a function is level, and values alone leave seven digits.

    Slope and curvature come from five points so far apart that rounding does not matter (errors of fourth order).
    """
    step = _POLISH * (high - low)
    for _ in range(2):
        if not low + 2.0 * step <= place <= high - 2.0 * step:
            break
        far_left, left, here, right, far_right = objective(place + step * np.arange(-2.0, 3.0))
        slope = (8.0 * (right - left) - (far_right - far_left)) / (12.0 * step)
        curvature = (16.0 * (right + left) - (far_right + far_left) - 30.0 * here) / (12.0 * step**2)
        moved = -slope / curvature if curvature > 0.0 else np.nan
        if not abs(moved) < step:
            break
        place += float(moved)
        least = min(least, float(here))
    return place, least


def minimise_pair(
    objective: Callable[[Floats, Floats], Floats], low: float, high: float
) -> tuple[tuple[float, float], float]:
    """Find the least value of a function of two numbers on a square.

    Parameters
    ----------
    objective : callable
        Maps two ndarrays of shape (m,) to one of shape (m,).
    low, high : float
        Ends of the interval, the same for both.

    Returns
    -------
    tuple of ((float, float), float)
        Where the least value is, and that value.

    Examples
    --------
    >>> (x, y), least = minimise_pair(lambda x, y: (x - 0.3) ** 2 + (x + y) ** 2, -1.0, 1.0)
    >>> round(x, 5), round(y, 5)
    (0.3, -0.3)
    """
    n_points, half = 21, (high - low) / 2.0
    place, least = np.full(2, (low + high) / 2.0), np.inf
    for _ in range(MOVES):
        axes = [np.linspace(max(low, c - half), min(high, c + half), n_points) for c in place]
        first, second = (axis.ravel() for axis in np.meshgrid(*axes))
        values = objective(first, second)
        best = int(np.nanargmin(values))
        moved = np.array([first[best], second[best]])
        at_edge = any(moved[i] in (axes[i][0], axes[i][-1]) and low < moved[i] < high for i in range(2))
        is_lower = values[best] < least
        if values[best] <= least:
            place, least = moved, float(values[best])
        # A slanted valley may leave the square: then follow it down before looking closer. Ground that is
        # level but for rounding is not followed, or the search would walk on it for ever.
        if not (at_edge and is_lower):
            half /= 5.0
            if half <= 1e-9 * (high - low):
                break
    return (float(place[0]), float(place[1])), least


def edge(is_inside: Callable[[float], bool], centre: float, step: float, precision: float) -> float:
    """Find where a set that holds `centre` ends: walk outwards in growing steps, then bisect.

    Parameters
    ----------
    is_inside : callable
        Whether a number is in the set; `centre` is.
    centre : float
        Where to begin.
    step : float
        First step; its sign is the direction.
    precision : float
        In steps.

    Returns
    -------
    float
        The end; infinite where the set goes on for `FARTHEST` steps.

    Examples
    --------
    >>> round(edge(lambda x: x * x < 2.0, 0.0, -1.0, 1e-6), 4)
    -1.4142
    """
    inside = centre
    for distance in outwards(step):
        if not is_inside(centre + distance):
            return border(is_inside, inside, centre + distance, precision * abs(step))
        inside = centre + distance
    return math.copysign(math.inf, step)


def outwards(step: float) -> tuple[float, ...]:
    """Return distances that double, from one step to the last below `FARTHEST` steps.

    Parameters
    ----------
    step : float
        First distance; its sign is the direction.

    Returns
    -------
    tuple of float
        The same number of distances whatever the step is, so that a walk always ends.

    Examples
    --------
    >>> outwards(-0.5)[:3], len(outwards(-0.5))
    ((-0.5, -1.0, -2.0), 14)
    """
    return tuple(step * 2.0**power for power in range(int(math.log2(FARTHEST)) + 1))


def border(is_inside: Callable[[float], bool], inside: float, outside: float, precision: float) -> float:
    """Bisect between a place that is in a set and one that is not.

    Parameters
    ----------
    is_inside : callable
        Whether a number is in the set.
    inside, outside : float
        Two places, on either side of the other.
    precision : float
        How near.

    Returns
    -------
    float
        The last place that was found inside. Where numbers of this size lie further apart than `precision`, the
        last one of them.

    Examples
    --------
    >>> round(border(lambda x: x < 0.3, 0.0, 1.0, 1e-6), 4)
    0.3
    """
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2.0
        if abs(outside - inside) <= precision or middle in (inside, outside):  # no number lies between them
            break
        if is_inside(middle):
            inside = middle
        else:
            outside = middle
    return inside
