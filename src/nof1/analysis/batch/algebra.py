"""Small matrices of many trials at once: elimination, inverse, the least value of a profile, small-sample tests.

The last axis of every array counts trials, so that each step is one operation on a long vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, Self

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

TOGETHER: Final = 4096
"""Trials whose arrays are looked at together: they stay near the processor."""
_ROUNDS: Final = 80
_FIRST_ROUNDS: Final = 5
_PRECISION: Final = 1e-9
"""The last step; steps shrink faster than that, so what is left is far smaller."""


class Profile(Protocol):
    """-2 log restricted likelihood of many trials, as a function of one number for each."""

    def value(self, at: Floats) -> Floats:
        """Return the value, shape (n_trials,)."""

    def slope(self, at: Floats) -> Floats:
        """Return the derivative, shape (n_trials,)."""

    def take(self, which: Ints) -> Self:
        """Return the profiles of some of the trials."""


def pivots(matrix: Floats) -> Floats:
    """Eliminate a symmetric matrix column by column.

    Parameters
    ----------
    matrix : ndarray of shape (q, q, n)
        Overwritten.

    Returns
    -------
    ndarray of shape (q, n)
        Pivots: the product of all but the last is the determinant of the leading part, the last is what is left
        of the last diagonal element, for [X y]' V^-1 [X y] the residual sum of squares.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(len(matrix) - 1):
            ratio = matrix[i, i + 1 :] / matrix[i, i]
            for j in range(i + 1, len(matrix)):
                matrix[j, j:] -= ratio[j - i - 1] * matrix[i, j:]
    own = np.arange(len(matrix))
    return np.asarray(matrix[own, own])


def pivots_with_slope(matrix: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """Eliminate a symmetric matrix, its derivative beside it.

    Parameters
    ----------
    matrix, slope : ndarray of shape (q, q, n)
        The matrix and its derivative; both are overwritten.

    Returns
    -------
    tuple of two ndarrays of shape (q, n)
        Pivots and their derivatives.
    """
    for i in range(len(matrix) - 1):
        ratio = matrix[i, i + 1 :] / matrix[i, i]
        moved = (slope[i, i + 1 :] - ratio * slope[i, i]) / matrix[i, i]
        for j in range(i + 1, len(matrix)):
            slope[j, j:] -= moved[j - i - 1] * matrix[i, j:] + ratio[j - i - 1] * slope[i, j:]
            matrix[j, j:] -= ratio[j - i - 1] * matrix[i, j:]
    own = np.arange(len(matrix))
    return matrix[own, own], slope[own, own]


def inverse(matrix: Floats) -> Floats:
    """Invert positive definite matrices.

    Parameters
    ----------
    matrix : ndarray of shape (p, p, n)
        Stays as it is.

    Returns
    -------
    ndarray of shape (p, p, n)
        Inverses.
    """
    left, p = matrix.copy(), len(matrix)
    for i in range(p):
        pivot = 1.0 / left[i, i]
        left[i, i] = 1.0
        left[i] *= pivot
        for j in range(p):
            if j != i:
                factor = left[j, i].copy()
                left[j, i] = 0.0
                left[j] -= factor * left[i]
    return left


def minimise(profile: Profile, grid: Floats) -> tuple[Floats, Floats]:
    """Find the least value of every profile: a grid to land in the right valley, then the zero of the derivative.

    Parameters
    ----------
    profile : Profile
        Of n trials.
    grid : ndarray of shape (m,) or (m, n)
        Points, for all trials or for each; the ends are bounds.

    Returns
    -------
    tuple of two ndarrays of shape (n,)
        Where the least value is, and that value.
    """
    values = np.stack([profile.value(np.asarray(place)) for place in grid])
    best = np.argmin(np.where(np.isfinite(values), values, np.inf), axis=0)
    least = np.take_along_axis(values, best[None], axis=0)[0]
    low, high = (
        np.take_along_axis(_wide(grid, best.size), at[None], axis=0)[0]
        for at in (np.maximum(best - 1, 0), np.minimum(best + 1, len(grid) - 1))
    )
    place = _zero(profile, low, high)
    value = profile.value(place)
    # Where two valleys lie between two points the zero may be the hill between them: look closer there.
    missed = np.flatnonzero(value > least + 1e-9)
    if missed.size and grid.ndim == 1:
        closer = np.linspace(low[missed], high[missed], len(grid))
        place[missed], value[missed] = minimise(profile.take(missed), closer)
    return place, value


def _wide(grid: Floats, n: int) -> Floats:
    return grid if grid.ndim == 2 else np.broadcast_to(grid[:, None], (grid.size, n))


def _zero(profile: Profile, low: Floats, high: Floats) -> Floats:
    """Find where derivatives pass 0 from below, by chords; an end that stays loses weight (Anderson and Björck)."""
    left, right = low.copy(), high.copy()
    at_left, at_right = profile.slope(left), profile.slope(right)
    place = np.where(at_right <= 0.0, right, left)  # an end of the grid, where there is no zero inside
    open_ = np.flatnonzero((at_left < 0.0) & (at_right > 0.0))
    left, right, at_left, at_right = (part[open_] for part in (left, right, at_left, at_right))
    here, stayed = profile.take(open_), np.zeros(open_.size)
    for turn in range(_ROUNDS):
        if not open_.size:
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = (left * at_right - right * at_left) / (at_right - at_left)
        # Chords that crawl are helped by a bisection every now and then.
        inside = np.isfinite(middle) & (middle > left) & (middle < right) & (turn % 8 != 7)
        middle = np.where(inside, middle, 0.5 * (left + right))
        found = here.slope(middle)
        moved = np.abs(middle - place[open_])
        place[open_] = middle
        rising = found > 0.0
        for same, old, other in (
            (rising & (stayed > 0), at_right, at_left),
            (~rising & (stayed < 0), at_left, at_right),
        ):
            with np.errstate(divide="ignore", invalid="ignore"):
                left_over = 1.0 - found[same] / old[same]
            other[same] *= np.where(left_over > 0.0, left_over, 0.5)
        stayed = np.where(rising, 1.0, -1.0)
        left, at_left = np.where(rising, left, middle), np.where(rising, at_left, found)
        right, at_right = np.where(rising, middle, right), np.where(rising, found, at_right)
        done = (found == 0.0) | (moved < _PRECISION)
        if turn >= _FIRST_ROUNDS and done.any():
            kept = np.flatnonzero(~done)
            open_ = open_[kept]
            left, right, at_left, at_right, stayed = (
                part[kept] for part in (left, right, at_left, at_right, stayed)
            )
            here = here.take(kept)
        elif done.all():
            break
    return place


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """What Kenward and Roger's test is made of, for two variance parameters.

    Attributes
    ----------
    phi : ndarray of shape (p, p, n)
        (X' V^-1 X)^-1.
    first : tuple of two ndarrays of shape (p, p, n)
        Derivatives of X' V^-1 X.
    second : tuple of three ndarrays of shape (p, p, n)
        X' V^-1 V_i V^-1 V_j V^-1 X for (1, 1), (1, 2), (2, 2).
    traces : tuple of three ndarrays of shape (n,)
        tr(V^-1 V_i V^-1 V_j) for the same.
    """

    phi: Floats
    first: tuple[Floats, Floats]
    second: tuple[Floats, Floats, Floats]
    traces: tuple[Floats, Floats, Floats]

    def inner(self) -> tuple[tuple[Floats, Floats, Floats], tuple[Floats, Floats, Floats]]:
        """Return tr(phi Q_ij), and tr(phi P_i phi P_j)."""
        turned = [product(self.phi, part) for part in self.first]
        crossed = tuple(trace(self.phi, part) for part in self.second)
        squared = tuple(trace(turned[i], turned[j]) for i, j in PAIRS)
        return crossed, squared  # type: ignore[return-value]


PAIRS: Final = ((0, 0), (0, 1), (1, 1))
Three = tuple["Floats", "Floats", "Floats"]


def product(left: Floats, right: Floats) -> Floats:
    """Multiply matrices of shape (p, p, n)."""
    return np.asarray(np.einsum("abn,bcn->acn", left, right))


def products(rows: Floats, others: Floats | None = None) -> Floats:
    """Return the sums of products of every two rows; each pair is multiplied once.

    Parameters
    ----------
    rows : ndarray of shape (q, m, n)
        Rows of m numbers for each of n trials.
    others : ndarray of shape (q, m, n), optional
        The same rows, weighted otherwise.

    Returns
    -------
    ndarray of shape (q, q, n)
        Symmetric in the first two axes.
    """
    q, _, n = rows.shape
    right = rows if others is None else others
    found = np.empty((q, q, n))
    for i in range(q):
        for j in range(i + 1):
            np.einsum("mn,mn->n", rows[i], right[j], out=found[i, j])
            found[j, i] = found[i, j]
    return found


def trace(left: Floats, right: Floats) -> Floats:
    """Return the traces of products of matrices of shape (p, p, n)."""
    return np.asarray(np.einsum("abn,ban->n", left, right))


def inverse_of_two(information: Three) -> tuple[Three, Flags]:
    """Invert symmetric 2 x 2 matrices.

    Parameters
    ----------
    information : tuple of three ndarrays of shape (n,)
        Elements (1, 1), (1, 2), (2, 2).

    Returns
    -------
    tuple of (tuple of three ndarrays, ndarray of bool)
        The same of the inverse, and where it is positive definite beyond rounding.
    """
    a, b, c = information
    with np.errstate(divide="ignore", invalid="ignore"):
        size = a * c - b * b
        # The smaller eigenvalue of the matrix with ones on its diagonal.
        good = (a > 0.0) & (c > 0.0) & (1.0 - np.abs(b) / np.sqrt(a * c) >= 1e-12)
        return (c / size, -b / size, a / size), good & np.isfinite(size)


def kenward_roger(weights: Floats, pieces: Pieces) -> tuple[Floats, Floats, Floats, Flags]:
    """Return the variance of a contrast, the same widened, degrees of freedom, and where they can be told.

    Parameters
    ----------
    weights : ndarray of shape (p,)
        The contrast.
    pieces : Pieces
        Of n trials.

    Returns
    -------
    tuple of four ndarrays of shape (n,)
        l'phi l; l'phi_A l; degrees of freedom; False where the information is singular.

    References
    ----------
    Kenward and Roger 1997, doi:10.2307/2533558. The first-order form, as in `nof1.analysis.kenward_roger`.
    """
    crossed, squared = pieces.inner()
    information = tuple(
        0.5 * (t - 2.0 * c + s) for t, c, s in zip(pieces.traces, crossed, squared, strict=True)
    )
    variance, good = inverse_of_two(information)  # type: ignore[arg-type]
    plain, df = degrees_of_freedom(weights, pieces, variance)
    direction = np.einsum("abn,b->an", pieces.phi, weights)
    pulled = [np.einsum("abn,bn->an", part, direction) for part in pieces.first]
    middle = 0.0
    for (i, j), w, q in zip(PAIRS, variance, pieces.second, strict=True):
        term = np.einsum("an,abn,bn->n", direction, q, direction)
        term = term - np.einsum("an,abn,bn->n", pulled[i], pieces.phi, pulled[j])
        with np.errstate(invalid="ignore"):
            middle = middle + (1.0 if i == j else 2.0) * w * term
    return plain, plain + 2.0 * middle, df, good


def degrees_of_freedom(weights: Floats, pieces: Pieces, variance: Three) -> tuple[Floats, Floats]:
    """Return the variance of a contrast, and the degrees of freedom that belong to a covariance of the parameters.

    Parameters
    ----------
    weights, pieces
        As in `kenward_roger`.
    variance : tuple of three ndarrays of shape (n,)
        Covariance of the two variance parameters.

    Returns
    -------
    tuple of two ndarrays of shape (n,)
        l'phi l, degrees of freedom.
    """
    direction = np.einsum("abn,b->an", pieces.phi, weights)
    plain = np.einsum("a,an->n", weights, direction)
    one, two = (-np.einsum("an,abn,bn->n", direction, part, direction) for part in pieces.first)
    w11, w12, w22 = variance
    with np.errstate(divide="ignore", invalid="ignore"):
        return plain, 2.0 * plain**2 / (w11 * one**2 + 2.0 * w12 * one * two + w22 * two**2)
