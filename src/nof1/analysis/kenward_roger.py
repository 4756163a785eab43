"""Small-sample standard error and degrees of freedom for any contrast of a REML fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nof1.analysis.trend import Floats


def variance_of_parameters(phi: Floats, p: Floats, q: Floats, traces: Floats) -> Floats | None:
    """Invert the expected REML information about the variance parameters.

    Parameters
    ----------
    phi : ndarray of shape (p, p)
        Covariance of the fixed effects, (X' V^-1 X)^-1.
    p : ndarray of shape (r, p, p)
        First derivatives of X' V^-1 X.
    q : ndarray of shape (r, r, p, p)
        X' V^-1 V_i V^-1 V_j V^-1 X.
    traces : ndarray of shape (r, r)
        tr(V^-1 V_i V^-1 V_j).

    Returns
    -------
    ndarray of shape (r, r), or None
        None where the information is singular.
    """
    crossed = np.einsum("ab,ijba->ij", phi, q)
    first = np.einsum("ab,ibc->iac", phi, p)
    information = 0.5 * (traces - 2.0 * crossed + np.einsum("iab,jba->ij", first, first))
    own = np.diag(information)
    if not np.all(np.isfinite(information)) or np.any(own <= 0.0):
        return None
    scale = np.sqrt(own)
    unit = information / np.outer(scale, scale)
    if np.linalg.eigvalsh(unit)[0] < 1e-12:
        return None
    return np.asarray(np.linalg.inv(unit) / np.outer(scale, scale))


def adjusted(phi: Floats, p: Floats, q: Floats, variance: Floats) -> Floats:
    """Widen the covariance of the fixed effects for not knowing the variance parameters (first order).

    Parameters
    ----------
    phi, p, q
        As in `variance_of_parameters`.
    variance : ndarray of shape (r, r)
        Covariance of the variance parameters.

    Returns
    -------
    ndarray of shape (p, p)
        The adjusted covariance.

    References
    ----------
    Kenward and Roger 1997, Biometrics 53:983, doi:10.2307/2533558. Without the term of second derivatives,
    which is 0 where the covariance is linear in its parameters.
    """
    middle = np.einsum("ij,ijab->ab", variance, q) - np.einsum("ij,iab,bc,jcd->ad", variance, p, phi, p)
    return np.asarray(phi + 2.0 * phi @ middle @ phi)


def degrees_of_freedom(weights: Floats, phi: Floats, p: Floats, variance: Floats) -> float:
    """Match the variance of l'phi l to that of a scaled chi-square.

    Parameters
    ----------
    weights : ndarray of shape (p,)
        The contrast l.
    phi, p
        As in `variance_of_parameters`.
    variance : ndarray of shape (r, r)
        Covariance of the variance parameters; from the expected information this gives the degrees of
        freedom of Kenward and Roger, from the observed one those of Satterthwaite.

    Returns
    -------
    float
        Degrees of freedom.
    """
    direction = phi @ weights
    gradient = -np.einsum("a,iab,b->i", direction, p, direction)
    return float(2.0 * (weights @ direction) ** 2 / (gradient @ variance @ gradient))
