"""Restricted likelihoods of thousands of trials at once, maximised by a grid and bisection of the derivative.

Written apart from `nof1.analysis`, from the formulas: the package looks for the least value on finer and
finer grids, this looks for a zero of the analytic derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from nof1.analysis.trend import Floats

Profile = Callable[["Floats"], "tuple[Floats, Floats]"]
"""From one parameter per trial to -2 log restricted likelihood and its derivative, both of shape (n_trials,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tests:
    """One test per trial.

    Attributes
    ----------
    estimate, se, df : ndarray of shape (n_trials,)
        Contrast, its standard error, degrees of freedom.
    at_bound : ndarray of bool, optional
        Where the variance between periods is estimated as 0, or a test fell back to a plainer one.
    """

    estimate: Floats
    se: Floats
    df: Floats
    at_bound: np.ndarray | None = None

    def p_value(self, effect: float = 0.0) -> Floats:
        """Return two-sided p of trials whose scores had an effect added: every method here is equivariant."""
        return 2.0 * special.stdtr(self.df, -np.abs((self.estimate + effect) / self.se))

    def covered(self) -> np.ndarray:
        """Whether the 95 % interval holds the true effect, 0."""
        return np.abs(self.estimate) <= special.stdtrit(self.df, 0.975) * self.se


def pivots(matrix: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """Eliminate [X y]' V^-1 [X y] column by column, its derivative beside it.

    Parameters
    ----------
    matrix, slope : ndarray of shape (q, q, n_trials)
        The matrix and its derivative by the parameter; both are overwritten.

    Returns
    -------
    tuple of two ndarrays of shape (q, n_trials)
        Pivots and their derivatives: the product of all but the last is the determinant, the last is
        the residual sum of squares.
    """
    for i in range(len(matrix) - 1):
        ratio = matrix[i, i + 1 :] / matrix[i, i]
        moved = (slope[i, i + 1 :] - ratio * slope[i, i]) / matrix[i, i]
        slope[i + 1 :, i + 1 :] -= moved[:, None] * matrix[i, i + 1 :] + ratio[:, None] * slope[i, i + 1 :]
        matrix[i + 1 :, i + 1 :] -= ratio[:, None] * matrix[i, i + 1 :]
    own = np.arange(len(matrix))
    return matrix[own, own], slope[own, own]


def deviance(matrix: Floats, slope: Floats, n: int) -> tuple[Floats, Floats]:
    """Return (n - p) log RSS + log|X' V^-1 X| and its derivative, for n scores."""
    pivot, moved = pivots(matrix, slope)
    left = n - (len(pivot) - 1)
    value = left * np.log(pivot[-1]) + np.log(pivot[:-1]).sum(axis=0)
    return value, left * moved[-1] / pivot[-1] + (moved[:-1] / pivot[:-1]).sum(axis=0)


def minimise(profile: Profile, grid: Floats, n_trials: int) -> tuple[Floats, Floats]:
    """Find the least value of every trial's profile.

    Parameters
    ----------
    profile : callable
        See `Profile`.
    grid : ndarray
        Points fine enough to land in the right valley; the ends are bounds.
    n_trials : int
        Number of trials.

    Returns
    -------
    tuple of two ndarrays of shape (n_trials,)
        Where the least value is, and that value.
    """
    values = np.stack([profile(np.full(n_trials, place))[0] for place in grid])
    best = values.argmin(axis=0)
    low = grid[np.maximum(best - 1, 0)]
    high = grid[np.minimum(best + 1, grid.size - 1)]
    for _ in range(52):
        middle = 0.5 * (low + high)
        rising = profile(middle)[1] > 0.0
        high = np.where(rising, middle, high)
        low = np.where(rising, low, middle)
    place = 0.5 * (low + high)
    return place, profile(place)[0]


def kenward_roger(
    weights: Floats, phi: Floats, first: list[Floats], second: list[list[Floats]], traces: list[list[Floats]]
) -> tuple[Floats, Floats, Floats]:
    """Return l'phi l, the same widened (first order), and the degrees of freedom, for two parameters.

    Parameters
    ----------
    weights : ndarray of shape (p,)
        The contrast l.
    phi : ndarray of shape (n_trials, p, p)
        (X' V^-1 X)^-1.
    first, second : lists of ndarray of shape (n_trials, p, p)
        P_i and Q_ij of Kenward and Roger.
    traces : list of list of ndarray of shape (n_trials,)
        tr(V^-1 V_i V^-1 V_j).

    References
    ----------
    Kenward and Roger 1997, doi:10.2307/2533558.
    """
    both = range(2)
    turned = [phi @ part for part in first]

    def information(i: int, j: int) -> Floats:
        crossed = np.einsum("nab,nba->n", phi, second[i][j])
        return 0.5 * (traces[i][j] - 2.0 * crossed + np.einsum("nab,nba->n", turned[i], turned[j]))

    a, b, c = information(0, 0), information(0, 1), information(1, 1)
    size = a * c - b * b
    inverse = [[c / size, -b / size], [-b / size, a / size]]
    direction = phi @ weights
    plain = direction @ weights

    def along(matrix: Floats) -> Floats:
        return np.einsum("na,nab,nb->n", direction, matrix, direction)

    gradient = [-along(part) for part in first]
    df = 2.0 * plain**2 / sum(inverse[i][j] * gradient[i] * gradient[j] for i in both for j in both)
    middle = sum(inverse[i][j] * along(second[i][j] - first[i] @ turned[j]) for i in both for j in both)
    return plain, plain + 2.0 * middle, df
