"""Ordinary least squares on values that stand alone: period means, or days where nothing better can be fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.estimation import DESCRIPTION_ONLY, Estimation

if TYPE_CHECKING:
    from nof1.analysis.design import Design
    from nof1.analysis.result import Estimate
    from nof1.analysis.trend import Floats


def least_squares(
    estimation: Estimation, design: Design, value: Floats, *, flags: tuple[str, ...], searched: int = 0
) -> Estimate:
    """Fit by least squares and test the contrast with t on n - p degrees of freedom.

    Parameters
    ----------
    estimation : Estimation
        What the result carries.
    design : Design
        Fixed effects, a row per value.
    value : ndarray of shape (n,)
        Values [unit].
    flags : tuple of str
        As in `Estimate`.
    searched : int
        Parameters that were looked for beside the columns.

    Returns
    -------
    Estimate
        Without p where a flag says that a description is all there may be.
    """
    centre = value.mean()  # the columns of the conditions sum to 1, so no contrast feels it
    coefficients, _, rank, _ = np.linalg.lstsq(design.columns, value - centre, rcond=None)
    estimate = float(design.weights @ coefficients)
    df = value.size - int(rank) - searched
    if DESCRIPTION_ONLY.intersection(flags) or df < 1:
        return estimation.described(flags, estimate=estimate)
    rest = value - centre - design.columns @ coefficients
    variance = float(rest @ rest) / df
    unit = np.linalg.pinv(design.columns.T @ design.columns)
    se = float(np.sqrt(variance * design.weights @ unit @ design.weights))
    return estimation.tested(
        estimate, se, float(df), flags=flags, details={"residual_variance": variance, "n": float(value.size)}
    )
