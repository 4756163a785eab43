"""The practice term: how a score changes with repetition alone, whatever is taken."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Trend = Literal["log", "linear", "exp", "spline"]
TIME_CONSTANTS: Final = (3.0, 5.0, 10.0, 20.0, 40.0)
SPLINE_PERIODS: Final = 12
_KNOTS: Final = (0.05, 0.35, 0.65, 0.95)


def trend_columns(clock: Floats, trend: Trend | None, time_constant: float = 10.0) -> Floats:
    """Return the columns of the practice term, centred.

    Parameters
    ----------
    clock : ndarray of shape (n,)
        Number of the occasion, from 1, run-in counted [sessions].
    trend : {"log", "linear", "exp", "spline"} or None
        The logarithm is the default: most of what practice gives comes early. ``exp`` is an approach to
        a plateau, ``spline`` a restricted cubic spline with three columns.
    time_constant : float
        Of ``exp`` [sessions].

    Returns
    -------
    ndarray of shape (n, q)
        q is 0 without a trend, 3 for the spline, else 1.

    Raises
    ------
    ValueError
        If the trend is unknown.

    References
    ----------
    Heathcote, Brown and Mewhort 2000, doi:10.3758/BF03212979 (exponential law of practice).

    Examples
    --------
    >>> trend_columns(np.array([1.0, 2.0, 4.0]), "log").round(3).ravel().tolist()
    [-0.693, 0.0, 0.693]
    """
    if trend is None:
        return np.empty((clock.size, 0))
    if trend == "log":
        columns = np.log(clock)[:, None]
    elif trend == "linear":
        columns = clock[:, None] / max(1.0, float(clock.max(initial=1.0)))
    elif trend == "exp":
        columns = 1.0 - np.exp(-clock / time_constant)[:, None]
    elif trend == "spline":
        columns = _restricted_cubic(clock)
    else:
        raise ValueError(f"trend: found {trend!r}; write 'log', 'linear', 'exp', 'spline' or None")
    return np.asarray(columns - columns.mean(axis=0), dtype=np.float64)


def time_constants(trend: Trend | None) -> tuple[float, ...]:
    """Return the time constants to search over: five for ``exp``, one that has no effect otherwise.

    Parameters
    ----------
    trend : str or None
        As in `trend_columns`.

    Returns
    -------
    tuple of float
        Time constants [sessions].
    """
    return TIME_CONSTANTS if trend == "exp" else TIME_CONSTANTS[:1]


def _restricted_cubic(clock: Floats) -> Floats:
    """Cubic between four knots, straight outside them."""
    knots = np.quantile(clock, _KNOTS)
    first, third, last = knots[0], knots[2], knots[3]
    span = last - first
    if span <= 0 or last <= third:
        return clock[:, None] / max(1.0, float(clock.max()))

    def cube(knot: float) -> Floats:
        return np.asarray(np.clip((clock - knot) / span, 0.0, None) ** 3)

    columns = [clock / span]
    columns += [
        cube(knot)
        - cube(third) * (last - knot) / (last - third)
        + cube(last) * (third - knot) / (last - third)
        for knot in knots[:2]
    ]
    return np.column_stack(columns)
