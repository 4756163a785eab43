"""What is left of the scores after condition and practice, in order of session: whether the practice term fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.design import fixed_effects, usable_trend
from nof1.analysis.observed import observe
from nof1.analysis.trend import Trend, time_constants

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Residuals:
    """Columns of equal length, a row per day that counts.

    Attributes
    ----------
    session : tuple of float
        Number of the occasion, from 1, run-in counted.
    period : tuple of int
        Its period.
    value : tuple of float
        Score minus what condition and practice make of it [unit].
    practice : tuple of float
        What practice makes of it, about the mean of the scores [unit].
    """

    session: tuple[float, ...]
    period: tuple[int, ...]
    value: tuple[float, ...]
    practice: tuple[float, ...] = ()


def residuals(
    frame: pd.DataFrame, contrast: ContrastLike = ("on", "off"), trend: Trend | None = "log"
) -> Residuals | None:
    """Take condition and practice out of the scores by least squares.

    Parameters
    ----------
    frame : DataFrame
        What the estimate is made from.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term; of the time constants of ``exp`` the one that leaves least.

    Returns
    -------
    Residuals or None
        None where nothing can be fitted.

    Raises
    ------
    ValueError
        If the frame or the contrast cannot be meant.
    """
    wanted = contrast_weights(contrast)
    observed = observe(frame, wanted)
    weights = observed.weights(wanted)
    if weights is None or observed.is_constant:
        return None
    trend, _ = usable_trend(observed, trend)
    designs = [fixed_effects(observed, weights, trend, constant) for constant in time_constants(trend)]
    centred = observed.value - observed.value.mean()
    fits = []
    for design in designs:
        if design is not None:
            by_columns = design.columns * np.linalg.lstsq(design.columns, centred, rcond=None)[0]
            rest = centred - by_columns.sum(axis=1)
            fits.append((float(rest @ rest), rest, by_columns[:, len(observed.conditions) :].sum(axis=1)))
    if not fits:
        return None
    _, best, practice = min(fits, key=lambda fit: fit[0])
    practice = practice - practice.mean() + observed.value.mean()
    return Residuals(
        session=tuple(observed.clock.tolist()),
        period=tuple(observed.label[observed.period].tolist()),
        value=tuple(best.tolist()),
        practice=tuple(practice.tolist()),
    )
