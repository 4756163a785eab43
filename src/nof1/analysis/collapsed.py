"""The restricted likelihood of many people, from as few matrices as it takes.

People with as many periods of each length under each condition share Z'V^-1 Z whatever the variances are. What is left of
them enters the likelihood through sums of products alone, so a thousand of them become the dozen rows of a triangle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from nof1.analysis.observed import Ints
    from nof1.analysis.people import People
    from nof1.analysis.trend import Floats

_SIGNS: Final = np.array([[1.0, -1.0], [-1.0, 1.0]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapsed:
    """Cross-products of [X y]; the first of w layers lies within periods, then comes one for each length.

    Attributes
    ----------
    total : ndarray of shape (w, q, q)
        Of all people.
    rows : ndarray of shape (w, r, k, q)
        Of conditions with everything; one for each person, or for each row of the triangle that stands for many.
    group : ndarray of shape (r,)
        Group of each row.
    own : ndarray of shape (w, g, k, k)
        Of conditions with conditions, for each group.
    members : ndarray of shape (g,)
        People in each group.
    lengths, periods : ndarray of shape (v,)
        Days of a period, and how many such periods there are.
    n_left : int
        Days less fixed effects.
    """

    total: Floats
    rows: Floats
    group: Ints
    own: Floats
    members: Floats
    lengths: Floats
    periods: Floats
    n_left: int

    def deviance(self, period: float, spread: Floats) -> tuple[float, float, float, Floats]:
        """Return -2 log restricted likelihood up to a constant, with the day variance profiled out, and its slopes.

        Parameters
        ----------
        period : float
            Variance of a period [variances of a day].
        spread : ndarray of shape (k, k)
            Covariance of the condition means of people [variances of a day]; may be singular.

        Returns
        -------
        tuple of (float, float, float, ndarray of shape (k, k))
            Value, variance of a day, slope by `period`, slopes by `spread`.
        """
        k, p = len(spread), self.total.shape[-1] - 1
        size = 1.0 + period * self.lengths
        shares = np.ones((2, 1 + size.size))
        shares[0, 1:], shares[1] = 1.0 / size, 0.0
        shares[1, 1:] = self.lengths / size**2
        a, pulled = _weighted(shares, self.rows)
        own, pulled_own = _weighted(shares, self.own)
        total, moved = _weighted(shares, self.total)
        grown = np.eye(k) + own @ spread
        inverse, log_determinant = _inverted(grown)
        held = spread @ inverse
        turned = held[self.group] @ a
        flat, flat_turned = a.reshape(-1, p + 1), turned.reshape(-1, p + 1)
        total = total - flat.T @ flat_turned
        phi = np.linalg.inv(total[:p, :p])
        coefficients = phi @ total[:p, p]
        rest = float(total[p, p] - total[:p, p] @ coefficients)
        u, weight = np.ones(p + 1), self.n_left / rest
        u[:p] = -coefficients
        log_size = float(self.periods @ np.log(size) + self.members @ log_determinant)
        value = self.n_left * np.log(rest) + log_size - np.linalg.slogdet(phi)[1]

        crossed = flat_turned.T @ pulled.reshape(-1, p + 1)
        inside = flat_turned.T @ (pulled_own[self.group] @ turned).reshape(-1, p + 1)
        moved = moved - crossed - crossed.T + inside
        trace = float(self.periods @ (self.lengths / size))
        trace -= float((self.members @ (held * pulled_own).reshape(-1, k * k)).sum())  # both are symmetric
        by_period = trace - float(np.vdot(phi, moved[:p, :p])) - weight * float(u @ moved @ u)

        along = (a - own[self.group] @ turned).swapaxes(0, 1).reshape(-1, p + 1)
        by_condition = along[:, :p].reshape(k, -1)
        weighed = (along[:, :p] @ phi).reshape(k, -1)
        of_rest = (along @ u).reshape(k, -1)
        shrunk = (self.members @ (own - own @ held @ own).reshape(-1, k * k)).reshape(k, k)
        by_spread = shrunk - weighed @ by_condition.T - weight * of_rest @ of_rest.T
        return float(value), rest / self.n_left, by_period, by_spread


def collapse(people: People, k: int) -> Collapsed:
    """Put people together whose conditions lie alike.

    Parameters
    ----------
    people : People
        The data.
    k : int
        Number of conditions.

    Returns
    -------
    Collapsed
        The same likelihood.
    """
    layers = np.concatenate([people.within[:, None], people.between], axis=1).swapaxes(0, 1)
    own = np.ascontiguousarray(layers[:, :, :k, :k].swapaxes(0, 1))
    number: dict[bytes, int] = {}
    group = np.array([number.setdefault(one.tobytes(), len(number)) for one in own])
    first = np.unique(group, return_index=True)[1]
    members = np.bincount(group)
    one_row = layers[:, :, :k].swapaxes(0, 1)
    parts, groups = [], []
    for place in np.flatnonzero(members > one_row[0].size):
        those = one_row[group == place].reshape(members[place], -1)
        parts.append(np.asarray(np.linalg.qr(those, mode="r")).reshape(-1, *one_row.shape[1:]))
        groups.append(np.full(len(parts[-1]), place))
    few = members[group] <= one_row[0].size
    rows = np.concatenate([one_row[few], *parts])
    return Collapsed(
        total=layers.sum(axis=1),
        rows=np.ascontiguousarray(rows.swapaxes(0, 1)),
        group=np.concatenate([group[few], *groups]),
        own=np.ascontiguousarray(own[first].swapaxes(0, 1)),
        members=members.astype(float),
        lengths=people.lengths,
        periods=people.periods.sum(axis=0),
        n_left=people.n_days - people.p,
    )


def _weighted(shares: Floats, layers: Floats) -> Floats:
    return np.asarray((shares @ layers.reshape(shares.shape[1], -1)).reshape(-1, *layers.shape[1:]))


def _inverted(blocks: Floats) -> tuple[Floats, Floats]:
    """Return inverses and logarithms of determinants; pairs by hand, as there are a thousand small ones."""
    if blocks.shape[-1] != 2:
        return np.asarray(np.linalg.inv(blocks), dtype=np.float64), np.linalg.slogdet(blocks)[1]
    determinant = blocks[:, 0, 0] * blocks[:, 1, 1] - blocks[:, 0, 1] * blocks[:, 1, 0]
    inverse: Floats = blocks[:, ::-1, ::-1].swapaxes(1, 2) * _SIGNS / determinant[:, None, None]
    return inverse, np.log(determinant)
