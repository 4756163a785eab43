"""Cross-products of [conditions, practice, score] within and between periods, for many trials at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from nof1.analysis.batch.algebra import pivots, pivots_with_slope, products

if TYPE_CHECKING:
    from nof1.analysis.batch.algebra import Flags, Floats, Ints
    from nof1.analysis.batch.days import Days

_NEGLIGIBLE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Periods with the same number of observed days.

    Attributes
    ----------
    days : int
        That number.
    products : ndarray of shape (q, q, n)
        Of the period means, times `days`.
    periods : ndarray of shape (n,)
        How many periods of each trial these are.
    """

    days: int
    products: Floats
    periods: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Products:
    """What the likelihood of a random-intercept model needs of n trials; columns are [X y].

    Attributes
    ----------
    within : ndarray of shape (q, q, n)
        Of deviations from the period means.
    groups : tuple of Group
        The period means, by the days of the period.
    means : ndarray of shape (q, q, n)
        Of the period means, every period counting alike.
    n_days, n_periods : ndarray of shape (n,)
        Observed days, periods with any.
    spread : ndarray of shape (n,)
        Standard deviation by which scores were divided [unit].
    eliminated : int
        Columns that are left out, see `reduced`.
    offset : ndarray of shape (n,), or float
        What they add to the deviance.
    """

    within: Floats
    groups: tuple[Group, ...]
    means: Floats
    n_days: Floats
    n_periods: Floats
    spread: Floats
    eliminated: int = 0
    offset: Floats | float = 0.0

    @property
    def p(self) -> int:
        """Number of fixed effects."""
        return len(self.within) - 1 + self.eliminated

    def reduced(self, k: int) -> Self:
        """Return a smaller problem with the same deviance, where all periods have the same length.

        The columns of the conditions do not vary within a period, so that they can be eliminated from the period
        means once and for all: what is left is linear in the same share.

        Parameters
        ----------
        k : int
            Number of conditions.

        Returns
        -------
        Products
            This one where periods differ in length.
        """
        if len(self.groups) != 1:
            return self
        group = self.groups[0]
        own = np.array([group.products[i, i] for i in range(k)])
        across = group.products[:k, k:]
        left = group.products[k:, k:] - np.einsum("cin,cjn->ijn", across / own[:, None], across)
        return replace(
            self,
            within=self.within[k:, k:],
            groups=(replace(group, products=left, periods=group.periods - k),),
            eliminated=self.eliminated + k,
            offset=self.offset + np.log(np.prod(own, axis=0)),
        )

    def take(self, which: Ints) -> Self:
        """Return those of some of the trials."""
        return replace(
            self,
            within=self.within[..., which],
            groups=tuple(
                Group(days=g.days, products=g.products[..., which], periods=g.periods[which])
                for g in self.groups
            ),
            means=self.means[..., which],
            n_days=self.n_days[which],
            n_periods=self.n_periods[which],
            spread=self.spread[which],
            offset=self.offset if isinstance(self.offset, float) else self.offset[which],
        )

    def at(self, ratio: Floats) -> Floats:
        """Return [X y]' V^-1 [X y] for a day variance of 1 and a ratio of the variance between periods to it."""
        matrix = self.within.copy()
        for group in self.groups:
            matrix += group.products / (1.0 + group.days * ratio)
        return matrix

    def deviance(self, ratio: Floats) -> Floats:
        """Return -2 log restricted likelihood, up to a constant, the day variance profiled out."""
        pivot = pivots(self.at(ratio))
        with np.errstate(divide="ignore", invalid="ignore"):
            value = (self.n_days - self.p) * np.log(pivot[-1]) + np.log(np.prod(pivot[:-1], axis=0))
        for group in self.groups:
            value = value + group.periods * np.log1p(group.days * ratio)
        return np.asarray(value + self.offset)

    def value(self, at: Floats) -> Floats:
        """Return the deviance at the logarithm of a ratio."""
        return self.deviance(np.exp(at))

    def slope(self, at: Floats) -> Floats:
        """Return the derivative of the deviance by the logarithm of the ratio."""
        ratio = np.exp(at)
        matrix, slope = self.within.copy(), np.zeros_like(self.within)
        own: Floats | float = 0.0
        for group in self.groups:
            share = 1.0 / (1.0 + group.days * ratio)
            matrix += share * group.products
            slope -= share * (1.0 - share) * group.products
            own = own + group.periods * (1.0 - share)
        pivot, moved = pivots_with_slope(matrix, slope)
        with np.errstate(divide="ignore", invalid="ignore"):
            moved /= pivot
        return np.asarray((self.n_days - self.p) * moved[-1] + moved[:-1].sum(axis=0) + own)

    def log_size(self) -> Floats:
        """Return log|X'X|, by which columns of different length are made comparable."""
        return np.asarray(np.log(np.prod(pivots(self.at(np.zeros(())))[:-1], axis=0)))

    def regular(self) -> Flags:
        """Return where the model can be fitted as it stands, shape (n,).

        Everywhere else (a condition without data, one day a period, columns that cannot be told apart, scores
        that hardly vary) the function for a single trial decides what is done.
        """
        plain = self.at(np.zeros(()))
        size = np.array([plain[i, i] for i in range(len(plain))])
        with np.errstate(divide="ignore", invalid="ignore"):
            left = pivots(plain) / size
            inside = self.within[-1, -1]
            practice = [i for i in range(self.p) if np.any(self.within[i, i] > 0.0)]
            kept = [*practice, self.p]
            rest = pivots(self.within[np.ix_(kept, kept)].copy())[-1]
        good = np.all(np.isfinite(left) & (left > _NEGLIGIBLE), axis=0) & (self.n_days > self.n_periods)
        good &= np.isfinite(rest) & (rest > _NEGLIGIBLE * self.n_days) & np.isfinite(inside)
        return np.asarray(good & np.isfinite(self.spread) & (self.spread > 0.0))


def products_of(days: Days, practice: Floats) -> Products:
    """Reduce trials to cross-products.

    Parameters
    ----------
    days : Days
        Of n trials.
    practice : ndarray of shape (n_days, t)
        Columns of the practice term.

    Returns
    -------
    Products
        Columns: one per condition, practice, score.
    """
    starts, period = days.starts, days.period
    seen = np.isfinite(days.value)
    whole = bool(seen.all())
    observed = days.days_of_periods()
    there = observed > 0
    n_days = np.maximum(observed.sum(axis=0), 1).astype(float)
    value = days.value if whole else np.where(seen, days.value, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = value - value.sum(axis=0) / n_days
        if not whole:
            value[~seen] = 0.0
        spread = np.sqrt(np.einsum("dn,dn->n", value, value) / n_days)
        scaled = value / np.where(spread > 0.0, spread, 1.0)
    length = np.maximum(observed, 1)
    mean = np.add.reduceat(scaled, starts, axis=0) / length
    apart = scaled - mean[period]
    columns = np.broadcast_to(practice.T[:, :, None], (practice.shape[1], period.size, 1))
    if not whole:
        apart[~seen] = 0.0
        columns = columns * seen
    centre = np.add.reduceat(columns, starts, axis=1) / length
    inside = columns - centre[:, period]
    if not whole:
        inside *= seen
    k, t = len(days.conditions), practice.shape[1]
    q = k + t + 1
    means = np.empty((q, days.n_periods, days.n_trials))
    means[:k] = (days.codes == np.arange(k)[:, None, None]) & there
    means[k : k + t] = centre * there
    means[-1] = mean
    within = np.zeros((q, q, days.n_trials))
    if whole:
        flat = inside[:, :, 0]
        within[k:-1, k:-1] = (flat @ flat.T)[:, :, None]
        within[k:-1, -1] = flat @ apart
    else:
        within[k:-1, k:-1] = products(inside)
        within[k:-1, -1] = np.einsum("idn,dn->in", inside, apart)
    within[-1, k:-1] = within[k:-1, -1]
    within[-1, -1] = np.einsum("dn,dn->n", apart, apart)
    groups = []
    for n in np.flatnonzero(np.bincount(observed.ravel())[1:]) + 1:
        chosen = observed == n
        between = n * products(
            means if chosen.all() else means * chosen
        )  # chosen or not: its square is itself
        groups.append(Group(days=int(n), products=between, periods=chosen.sum(axis=0).astype(float)))
    alone = groups[0].products / groups[0].days if len(groups) == 1 else products(means)
    return Products(
        within=within,
        groups=tuple(groups),
        means=alone,
        n_days=observed.sum(axis=0).astype(float),
        n_periods=there.sum(axis=0).astype(float),
        spread=spread,
    )
