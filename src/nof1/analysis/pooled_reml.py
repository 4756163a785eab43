"""Restricted maximum likelihood for people who differ in what conditions do to them, with its derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import optimize

from nof1.analysis.collapsed import collapse

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from nof1.analysis.observed import Ints
    from nof1.analysis.people import People
    from nof1.analysis.trend import Floats

    Evaluate = Callable[[Floats], tuple[float, Floats]]
    Flags = npt.NDArray[np.bool_]
    Precision = tuple[float, float]

_ROUGH: Final = (1e-8, 1e-6)
_FINE: Final = (1e-14, 1e-9)
"""Where the search ends: soon, as Newton's method goes on; late, where it cannot."""
_STEPS: Final = 8
_SHORT: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The model at one set of variances.

    Attributes
    ----------
    day, period : float
        Variance of a day, and of a period.
    spread : ndarray of shape (k, k)
        Covariance of the condition means of people.
    held : ndarray of shape (n, k, k)
        (spread^-1 + Z'V0^-1 Z)^-1 for each person.
    turned : ndarray of shape (n, q, q)
        C, with V^-1 U = V0^-1 U C.
    products : ndarray of shape (n, q, q)
        U' V^-1 U.
    log_size : float
        log|V|.
    phi : ndarray of shape (p, p)
        (X' V^-1 X)^-1.
    coefficients : ndarray of shape (p,)
        Fixed effects.
    rest : float
        r' V^-1 r.
    """

    day: float
    period: float
    spread: Floats
    held: Floats
    turned: Floats
    products: Floats
    log_size: float
    phi: Floats
    coefficients: Floats
    rest: float

    @property
    def residual(self) -> Floats:
        """Weights that make residuals of [X y], shape (q,)."""
        return np.append(-self.coefficients, 1.0)


def state_of(people: People, day: float, period: float, spread: Floats) -> State:
    """Fit by generalised least squares under given variances.

    Parameters
    ----------
    people : People
        The data.
    day, period : float
        Variance of a day, and of a period.
    spread : ndarray of shape (k, k)
        Covariance of the condition means of people; may be singular.

    Returns
    -------
    State
        Everything that follows.
    """
    k, p = spread.shape[0], people.p
    plain = people.at(day, period, 1)
    grown = np.eye(k) + plain[:, :k, :k] @ spread
    held = spread @ np.linalg.inv(grown)
    turned = np.broadcast_to(np.eye(p + 1), plain.shape).copy()
    turned[:, :k] -= held @ plain[:, :k]
    products = plain @ turned
    total = products.sum(axis=0)
    phi = np.linalg.inv(total[:p, :p])
    coefficients = phi @ total[:p, p]
    inside = people.days - people.periods.sum(axis=1)
    size = float(inside.sum()) * np.log(day) + float(
        (people.periods @ np.log(day + period * people.lengths)).sum()
    )
    return State(
        day=day,
        period=period,
        spread=spread,
        held=held,
        turned=turned,
        products=products,
        log_size=size + float(np.linalg.slogdet(grown)[1].sum()),
        phi=phi,
        coefficients=coefficients,
        rest=float(total[p, p] - total[:p, p] @ coefficients),
    )


def fit_people(people: People, *, with_spread: bool = True) -> tuple[State, float]:
    """Find the variances by REML.

    The day variance is profiled out; period variance and the Cholesky factor of the covariance of people are found
    by a quasi-Newton search with the exact gradient, then by Newton's method. Where every period is one day, the
    period variance is 0: it could not be told from that of the day.

    Parameters
    ----------
    people : People
        The data.
    with_spread : bool
        Whether people differ in effects; False: only in level.

    Returns
    -------
    tuple of (State, float)
        The fit, and -2 log restricted likelihood up to a constant.
    """
    k = len(people.conditions)
    lower = np.tril_indices(k) if with_spread else (np.arange(1), np.arange(1))
    is_bounded = np.append(True, lower[0] == lower[1])
    few = collapse(people, k)

    def factor(x: Floats) -> Floats:
        root = np.zeros((k, k))
        root[lower] = x[1:]
        return root if with_spread else np.full((k, 1), x[1])

    def evaluate(x: Floats) -> tuple[float, Floats]:
        root = factor(x)
        value, _, period, spread = few.deviance(float(x[0]), root @ root.T)
        by_root = 2.0 * spread @ root
        slopes = np.empty_like(x)
        slopes[0], slopes[1:] = period, by_root[lower] if with_spread else by_root.sum()
        return value, slopes

    fixed = 0 if people.has_long_periods else 1  # the variances from here on are sought

    def sought(y: Floats) -> tuple[float, Floats]:
        x = np.zeros(is_bounded.size)
        x[fixed:] = y
        value, slope = evaluate(x)
        return value, slope[fixed:]

    y = np.append(0.5, np.where(is_bounded[1:], 0.5, 0.0))[fixed:]
    for precision in (_ROUGH, _FINE):
        y, is_level = _found(sought, y, is_bounded[fixed:], precision)
        if is_level:
            break
    x = np.append(np.zeros(fixed), y)
    root = factor(x)
    value, day, _, _ = few.deviance(float(x[0]), root @ root.T)
    return state_of(people, day, day * float(x[0]), day * (root @ root.T)), value


def _found(evaluate: Evaluate, start: Floats, is_bounded: Flags, precision: Precision) -> tuple[Floats, bool]:
    """Search from a place; also whether the slope is 0 where it ended."""
    bounds = optimize.Bounds(np.where(is_bounded, 0.0, -np.inf), np.full(is_bounded.size, np.inf))

    def searched(begin: Floats) -> tuple[float, Floats]:
        found = optimize.minimize(
            evaluate,
            begin,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 1000, "ftol": precision[0], "gtol": precision[1]},
        )
        return float(found.fun), np.asarray(found.x, dtype=np.float64)

    value, x = searched(start)
    if np.any(is_bounded & (x < 1e-3)):
        # The gradient of a factor is 0 at 0, so that a search which came there by a long step would stay.
        value, x = min((value, x), searched(np.where(is_bounded & (x < 1e-3), 0.1, x)), key=itemgetter(0))
    for place in np.flatnonzero(is_bounded):  # a variance is only there if it makes the fit better
        without = x.copy()
        without[place] = 0.0
        if x[place] != 0.0 and (less := evaluate(without)[0]) <= value + 1e-9:
            value, x = less, without
    return _polished(evaluate, x, np.flatnonzero(~(is_bounded & (x == 0.0))))


def _polished(evaluate: Evaluate, x: Floats, free: Ints) -> tuple[Floats, bool]:
    """Take Newton steps with a numerical derivative of the exact gradient; also whether they came to an end.

    After a short step the curvature is kept: nothing has changed in it that would count.
    """
    step, moved_by = 1e-5, np.inf
    value, slope = evaluate(x)
    curvature = np.empty((free.size, free.size))
    for _ in range(_STEPS):
        if moved_by > _SHORT:
            for row, place in enumerate(free):
                moved = np.zeros_like(x)
                moved[place] = step
                curvature[row] = ((evaluate(x + moved)[1] - slope) / step)[free]
            curvature = 0.5 * (curvature + curvature.T)
        if not free.size or np.linalg.eigvalsh(curvature)[0] <= 0.0:
            return x, not free.size
        better = x.copy()
        better[free] -= np.linalg.solve(curvature, slope[free])
        if np.any(better[free] * x[free] < 0.0):  # a variance fell below 0 on the way
            return x, False
        found, slope_there = evaluate(better)
        if not found <= value + 1e-9:
            return x, False
        moved_by = float(np.abs(better - x).max())
        x, value, slope = better, found, slope_there
        if moved_by < 1e-9:
            return x, True
    return x, False


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivatives:
    """What Kenward and Roger's test is made of, person by person.

    Attributes
    ----------
    first : ndarray of shape (r, n, p, p)
        X' V^-1 V_i V^-1 X.
    second : ndarray of shape (r, r, n, p, p)
        X' V^-1 V_i V^-1 V_j V^-1 X.
    traces : ndarray of shape (r, r)
        tr(V^-1 V_i V^-1 V_j) over all.
    units : list of ndarray of shape (k, k)
        Derivatives of the covariance of people, for the parameters behind those of day and period.
    """

    first: Floats
    second: Floats
    traces: Floats
    units: list[Floats]

    def summed(self) -> tuple[Floats, Floats, Floats]:
        """Return P_i, Q_ij and traces as `kenward_roger` takes them."""
        return -self.first.sum(axis=1), self.second.sum(axis=2), self.traces

    def unsure(self, state: State, contrast: Floats, variance: Floats) -> Floats:
        """Return what not knowing the variances adds to the error of what a person is predicted, shape (n,).

        Parameters
        ----------
        state : State
            The fit.
        contrast : ndarray of shape (k,)
            What is predicted.
        variance : ndarray of shape (r, r)
            Covariance of the variance parameters.

        References
        ----------
        Kackar and Harville 1984, doi:10.2307/2288715. Prasad and Rao 1990, doi:10.2307/2289570.
        """
        k, r = contrast.size, len(self.first)
        reach = state.spread @ contrast
        turned = np.zeros((r, k))
        for place, unit in enumerate(self.units, start=r - len(self.units)):
            turned[place] = unit @ contrast
        own, once = state.products[:, :k, :k], self.first[:, :, :k, :k]
        square = np.einsum("ia,nab,jb->ijn", turned, own, turned)
        crossed = np.einsum("ia,jnab,b->ijn", turned, once, reach)
        twice = np.einsum("a,ijnab,b->ijn", reach, self.second[..., :k, :k], reach)
        return np.asarray(np.einsum("ij,ijn->n", variance, square - crossed - crossed.swapaxes(0, 1) + twice))


def derivatives(people: People, state: State) -> Derivatives:
    """Return the pieces of Kenward and Roger's test.

    Parameters
    ----------
    people : People
        The data.
    state : State
        The fit.

    Returns
    -------
    Derivatives
        Parameters: variance of a day, of a period (unless every period is one day), then the lower triangle of the
        covariance of people.
    """
    k, p = state.spread.shape[0], people.p
    day, period = state.day, state.period
    c, h, m = state.turned, state.held, state.products
    n_own = 2 if people.has_long_periods else 1
    pulled = [people.at(day, period, 2, times) for times in range(n_own)]
    along, own = m[:, :k, :p], m[:, :k, :k]
    units = []
    for a, b in zip(*np.tril_indices(k), strict=True):
        unit = np.zeros((k, k))
        unit[a, b] = unit[b, a] = 1.0
        units.append(unit)
    turned = [c.swapaxes(1, 2) @ part @ c for part in pulled]
    first = [*(part[:, :p, :p] for part in turned), *(along.swapaxes(1, 2) @ e @ along for e in units)]
    r = len(first)
    second, traces = np.zeros((r, r, len(m), p, p)), np.zeros((r, r))
    share = day + period * people.lengths
    for i in range(r):
        for j in range(i, r):
            if j < n_own:
                middle = people.at(day, period, 3, i + j) - pulled[i][:, :, :k] @ h @ pulled[j][:, :k]
                held = (c.swapaxes(1, 2) @ middle @ c)[:, :p, :p]
                trace = float((people.periods @ (people.lengths ** (i + j) / share**2)).sum())
                if i + j == 0:
                    trace += float((people.days - people.periods.sum(axis=1)).sum()) / day**2
                both = people.at(day, period, 3, i + j)[:, :k, :k]
                trace -= 2.0 * float(np.einsum("nab,nba->", h, both))
                one, two = h @ pulled[i][:, :k, :k], h @ pulled[j][:, :k, :k]
                trace += float(np.einsum("nab,nba->", one, two))
            elif i < n_own:
                held = turned[i][:, :p, :k] @ units[j - n_own] @ along
                trace = float(np.einsum("ab,nba->", units[j - n_own], turned[i][:, :k, :k]))
            else:
                held = along.swapaxes(1, 2) @ units[i - n_own] @ own @ units[j - n_own] @ along
                trace = float(np.einsum("nab,nba->", units[i - n_own] @ own, units[j - n_own] @ own))
            second[i, j], second[j, i] = held, held.swapaxes(1, 2)
            traces[i, j] = traces[j, i] = trace
    return Derivatives(first=np.stack(first), second=second, traces=traces, units=units)
