"""Restricted maximum likelihood for random intercepts of periods and blocks, with its derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.search import minimise, minimise_pair

if TYPE_CHECKING:
    from nof1.analysis.strata import Strata
    from nof1.analysis.trend import Floats

LOG_RATIO = float(np.log(1e8))
"""Ratios of variances are looked for between exp(-LOG_RATIO) and exp(LOG_RATIO), and at 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedFit:
    """Everything that a contrast is computed from.

    Attributes
    ----------
    coefficients : ndarray of shape (p,)
        Fixed effects.
    variances : ndarray of shape (3,)
        Of a day, a period, a block.
    phi : ndarray of shape (p, p)
        (X' V^-1 X)^-1.
    p, q, traces, observed : ndarray
        Derivatives as in `kenward_roger`, and the observed information (r, r).
    deviance : float
        -2 log restricted likelihood up to a constant that depends on the number of columns only.
    """

    coefficients: Floats
    variances: Floats
    phi: Floats
    p: Floats
    q: Floats
    traces: Floats
    observed: Floats
    deviance: float

    @property
    def n_terms(self) -> int:
        """Number of variances in the model, 2 or 3; `variances` has 3 entries, the last perhaps 0."""
        return int(self.p.shape[0])


def fit_variances(strata: Strata, *, with_blocks: bool) -> MixedFit:
    """Maximise the restricted likelihood and collect the derivatives there.

    Parameters
    ----------
    strata : Strata
        The data.
    with_blocks : bool
        Whether blocks have a variance of their own.

    Returns
    -------
    MixedFit
        The best fit; variances at 0 are exactly 0.
    """
    zero = np.zeros(1)

    def of_period(log_ratio: Floats) -> Floats:
        return strata.deviance(np.exp(log_ratio), np.zeros_like(log_ratio))

    def of_block(log_ratio: Floats) -> Floats:
        return strata.deviance(np.zeros_like(log_ratio), np.exp(log_ratio))

    def of_both(period: Floats, block: Floats) -> Floats:
        return strata.deviance(np.exp(period), np.exp(block))

    best = (0.0, 0.0)
    least = float(strata.deviance(zero, zero)[0])
    # From the simplest to the richest: a variance is only there if it makes the fit better.
    log_period, value = minimise(of_period, -LOG_RATIO, LOG_RATIO)
    if value < least - 1e-9:
        best, least = (float(np.exp(log_period)), 0.0), value
    if with_blocks:
        log_block, value = minimise(of_block, -LOG_RATIO, LOG_RATIO)
        if value < least - 1e-9:
            best, least = (0.0, float(np.exp(log_block))), value
        pair, value = minimise_pair(of_both, -LOG_RATIO, LOG_RATIO)
        if value < least - 1e-9:
            best, least = (float(np.exp(pair[0])), float(np.exp(pair[1]))), value
    return _derivatives(strata, best, least, with_blocks=with_blocks)


def _derivatives(
    strata: Strata, ratios: tuple[float, float], deviance: float, *, with_blocks: bool
) -> MixedFit:
    p, n_terms = strata.p, 3 if with_blocks else 2
    products, _ = strata.cross_products(np.array(ratios[:1]), np.array(ratios[1:]))
    coefficients = np.linalg.solve(products[0, :p, :p], products[0, :p, p])
    day = float(products[0, p, p] - products[0, :p, p] @ coefficients) / (strata.n - p)
    variances = day * np.array([1.0, *ratios])
    inverse = np.linalg.inv(strata.covariance(variances))
    terms = strata.derivatives()[:n_terms]
    x, within = strata.means[:, :p], strata.within[:p, :p]
    z = inverse @ x
    n_inside = strata.n - strata.days.size
    shape = (n_terms, n_terms)
    first = -np.stack([z.T @ term @ z for term in terms])
    second = np.array([[z.T @ a @ inverse @ b @ z for b in terms] for a in terms])
    traces = np.array([[np.sum((inverse @ a) * (inverse @ b).T) for b in terms] for a in terms])
    # Deviations from the period means know of the day variance alone.
    first[0] -= within / day**2
    second[0, 0] += within / day**3
    traces[0, 0] += n_inside / day**2
    phi = np.linalg.inv(within / day + x.T @ z)
    # Observed information, for Satterthwaite: q_i = V_i V^-1 r and their products under the projector.
    rest = strata.means[:, p] - x @ coefficients
    pulled = np.stack([term @ inverse @ rest for term in terms])
    inside = strata.within[:p, p] - within @ coefficients
    along = np.stack([z.T @ column for column in pulled])
    along[0] += inside / day**2
    quadratic = np.array([[pulled[i] @ inverse @ pulled[j] for j in range(n_terms)] for i in range(n_terms)])
    left = (
        strata.within[p, p] - 2.0 * coefficients @ strata.within[:p, p] + coefficients @ within @ coefficients
    )
    quadratic[0, 0] += left / day**3
    quadratic -= along @ phi @ along.T
    crossed = np.einsum("ab,ijba->ij", phi, second)
    squared = np.einsum("ab,ibc,cd,jda->ij", phi, first, phi, first)
    observed = np.asarray(quadratic - 0.5 * (traces - 2.0 * crossed + squared)).reshape(shape)
    return MixedFit(
        coefficients=np.asarray(coefficients, dtype=np.float64),
        variances=variances,
        phi=np.asarray(phi, dtype=np.float64),
        p=first,
        q=second,
        traces=traces,
        observed=observed,
        deviance=deviance,
    )
