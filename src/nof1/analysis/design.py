"""Fixed effects: one column per condition, the practice term, and which of them the data can tell apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nof1.analysis.observed import Observed, estimable
from nof1.analysis.trend import SPLINE_PERIODS, Floats, Trend, trend_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Fixed effects of one fit.

    Attributes
    ----------
    columns : ndarray of shape (n, p)
        Full rank; first one column per condition, then the rest, centred.
    weights : ndarray of shape (p,)
        The contrast as weights of the coefficients.
    practice : ndarray of shape (p,), or None
        The change that the practice term brings from the first day to the last, as weights of the coefficients; None
        where there is none, or it cannot be told from the rest.
    """

    columns: Floats
    weights: Floats
    practice: Floats | None = None

    def averaged(self, observed: Observed) -> Design:
        """Return the design of the period means."""
        return replace(self, columns=observed.period_mean(self.columns))


def usable_trend(observed: Observed, trend: Trend | None) -> tuple[Trend | None, tuple[str, ...]]:
    """Return the trend that the number of periods allows: a spline needs twelve, else the logarithm stands in.

    Parameters
    ----------
    observed : Observed
        The data.
    trend : str or None
        The trend that was asked for.

    Returns
    -------
    tuple of (str or None, tuple of str)
        Trend, and a flag if it is another one.
    """
    if trend == "spline" and observed.n_periods < SPLINE_PERIODS:
        return "log", ("trend_unavailable",)
    return trend, ()


def fixed_effects(
    observed: Observed,
    weights: Floats,
    trend: Trend | None,
    time_constant: float = 10.0,
    extra: Floats | None = None,
) -> Design | None:
    """Build the fixed effects and leave out columns that add nothing.

    Parameters
    ----------
    observed : Observed
        The data.
    weights : ndarray of shape (k,)
        The contrast, one weight per condition of `observed`.
    trend, time_constant
        As in `trend_columns`.
    extra : ndarray of shape (n,), optional
        One more column.

    Returns
    -------
    Design or None
        None where the contrast cannot be told from the trend.
    """
    dummies = np.eye(len(observed.conditions))[observed.condition]
    more = trend_columns(observed.clock, trend, time_constant)
    practice = np.zeros(dummies.shape[1] + more.shape[1] + (extra is not None))
    if more.size:
        practice[dummies.shape[1] :][: more.shape[1]] = more[-1] - more[0]
    if extra is not None:
        more = np.column_stack([more, extra - extra.mean()])
    design = reduced(np.column_stack([dummies, more]), np.append(weights, np.zeros(more.shape[1])))
    if design is None or design.weights.size < practice.size or not practice.any():
        return design
    return replace(design, practice=practice)


def reduced(full: Floats, target: Floats) -> Design | None:
    """Leave out columns that add nothing to those before them.

    Parameters
    ----------
    full : ndarray of shape (n, q)
        Fixed effects; may be rank-deficient.
    target : ndarray of shape (q,)
        The contrast as weights of their coefficients.

    Returns
    -------
    Design or None
        None where the contrast is not estimable.
    """
    if not estimable(full, target):
        return None
    kept: list[int] = []
    for column in range(full.shape[1]):
        held = full[:, kept]
        rest = full[:, column] - held @ np.linalg.lstsq(held, full[:, column], rcond=None)[0]
        if np.linalg.norm(rest) > 1e-9 * max(1e-300, float(np.linalg.norm(full[:, column]))):
            kept.append(column)
    if len(kept) == full.shape[1]:
        return Design(columns=full, weights=target)
    # What a column that is left out would have said is said by those that stay.
    told = np.linalg.lstsq(full[:, kept], full, rcond=None)[0]
    return Design(columns=full[:, kept], weights=np.linalg.lstsq(told.T, target, rcond=None)[0])


def practice_change(
    design: Design, coefficients: Floats, covariance: Floats, scale: float
) -> dict[str, float]:
    """Return what practice and time alone changed from the first day to the last, by a fitted model.

    Parameters
    ----------
    design : Design
        Of the fit.
    coefficients : ndarray of shape (p,)
        Of the standardised scores.
    covariance : ndarray of shape (p, p)
        Of these coefficients.
    scale : float
        Standard deviation by which the scores were divided [unit].

    Returns
    -------
    dict of str to float
        ``practice_change`` and ``practice_se`` [unit]; empty where the design has no practice term.
    """
    if design.practice is None:
        return {}
    variance = float(design.practice @ covariance @ design.practice)
    return {
        "practice_change": scale * float(design.practice @ coefficients),
        "practice_se": scale * float(np.sqrt(max(0.0, variance))),
    }
