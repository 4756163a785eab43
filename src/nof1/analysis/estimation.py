"""From a fit to a result: what is refused, what is only described, and what becomes a test and an interval."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from nof1.analysis.fewest import FEWEST_SETS
from nof1.analysis.flags import merged
from nof1.analysis.result import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.design import Design
    from nof1.analysis.observed import Observed
    from nof1.analysis.trend import Floats

DESCRIPTION_ONLY = frozenset({"too_few_blocks", "too_few_periods", "too_few_days"})
"""Flags of data that may be described, not tested."""
NO_SCORE_UNDER = "condition {code} has no score"
"""The note of a comparison that lacks a condition; the report puts its name for the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimation:
    """What every result of one fit has in common.

    Attributes
    ----------
    observed : Observed
        The data.
    method : str
        Name of the method.
    level : float
        Confidence level.
    """

    observed: Observed
    method: str
    level: float

    def __post_init__(self) -> None:
        if not 0.0 < self.level < 1.0:
            raise ValueError(f"level: found {self.level}; write a number between 0 and 1, such as 0.95")

    def weights(self, contrast: Mapping[str, float]) -> Floats | Estimate:
        """Line the contrast up with the data, or say what makes every fit pointless.

        Parameters
        ----------
        contrast : mapping of str to float
            Weights of the conditions.

        Returns
        -------
        ndarray of shape (k,) or Estimate
            Weights in the order of `observed.conditions`; or the result that stands in place of a fit.
        """
        if not self.observed.n_sessions:
            return self.described(())
        weights = self.observed.weights(contrast)
        if weights is None:
            absent = [c for c in contrast if contrast[c] and c not in self.observed.conditions]
            note = NO_SCORE_UNDER.format(code=absent[0])
            return self.described(("condition_absent", "not_estimable"), note=note)
        if self.observed.is_constant:
            return self.described(("constant_outcome",), estimate=0.0)
        return weights

    def described(self, flags: tuple[str, ...], *, estimate: float | None = None, note: str = "") -> Estimate:
        """Return a result without standard error and p: what is left when a test is refused.

        Parameters
        ----------
        flags : tuple of str
            Why.
        estimate : float, optional
            The contrast, where it can be told [unit].
        note : str
            What the flags cannot say.

        Returns
        -------
        Estimate
            Without p and interval.
        """
        return Estimate(
            estimate=estimate,
            method=self.method,
            n_sessions=self.observed.n_sessions,
            n_periods=self.observed.n_periods,
            flags=merged(self.observed.flags, flags),
            level=self.level,
            note=note,
        )

    def exact(self, design: Design, flags: tuple[str, ...]) -> Estimate:
        """Describe scores that follow the fixed effects without error.

        Parameters
        ----------
        design : Design
            Fixed effects, a row per day.
        flags : tuple of str
            Further flags.

        Returns
        -------
        Estimate
            Without p.
        """
        coefficients = np.linalg.lstsq(design.columns, self.observed.value, rcond=None)[0]
        estimate = float(design.weights @ coefficients)
        return self.described(merged(flags, ("implausibly_exact",)), estimate=estimate)

    def tested(
        self,
        estimate: float,
        se: float,
        df: float,
        *,
        flags: tuple[str, ...] = (),
        details: Mapping[str, float | None] | None = None,
    ) -> Estimate:
        """Turn an estimate with its standard error and degrees of freedom into a test and an interval.

        Parameters
        ----------
        estimate, se : float
            The contrast and its standard error [unit].
        df : float
            Degrees of freedom.
        flags, details
            As in `Estimate`.

        Returns
        -------
        Estimate
            Without p where the standard error is next to nothing, or the degrees of freedom are no number.
        """
        if not se > 1e-8 * self.observed.spread:
            return self.described(merged(flags, ("implausibly_exact",)), estimate=estimate)
        if not (np.isfinite(df) and df > 0.0):
            return self.described(merged(flags, ("not_estimable",)), estimate=estimate)
        statistic = estimate / se
        half = float(special.stdtrit(df, 0.5 + self.level / 2.0)) * se
        return Estimate(
            estimate=estimate,
            se=se,
            df=df,
            statistic=statistic,
            p_value=float(2.0 * special.stdtr(df, -abs(statistic))),
            ci_low=estimate - half,
            ci_high=estimate + half,
            method=self.method,
            n_sessions=self.observed.n_sessions,
            n_periods=self.observed.n_periods,
            flags=merged(self.observed.flags, flags),
            level=self.level,
            details=details or {},
        )


def described_only(estimate: Estimate, flags: tuple[str, ...]) -> Estimate:
    """Take test and interval out of a result where the data may only be described.

    Parameters
    ----------
    estimate : Estimate
        By whatever method.
    flags : tuple of str
        Those of the planned analysis.

    Returns
    -------
    Estimate
        The same where no flag of `DESCRIPTION_ONLY` is among them.
    """
    only = tuple(flag for flag in flags if flag in DESCRIPTION_ONLY)
    if not only:
        return estimate
    return replace(
        estimate,
        se=None,
        df=None,
        statistic=None,
        p_value=None,
        ci_low=None,
        ci_high=None,
        flags=merged(estimate.flags, only),
        details={},
    )


def too_few(observed: Observed, weights: Floats) -> tuple[str, ...]:
    """Return the flags of data from which nothing but a description may be made.

    Parameters
    ----------
    observed : Observed
        The data.
    weights : ndarray
        The contrast, in the order of `observed.conditions`; further entries are ignored.

    Returns
    -------
    tuple of str
        Empty where a test may be made.
    """
    periods = np.bincount(observed.period_condition, minlength=len(observed.conditions))
    taking_part = np.flatnonzero(weights[: periods.size])
    flags: tuple[str, ...] = ()
    if periods[taking_part].min() < 2:
        flags = merged(flags, ("too_few_periods",))
    if observed.sets < FEWEST_SETS:
        flags = merged(flags, ("too_few_blocks",))
    return flags


def explains_everything(columns: Floats, value: Floats) -> bool:
    """Whether fixed effects alone give the values, so that no error is left to compare an effect with.

    Parameters
    ----------
    columns : ndarray of shape (n, p)
        Fixed effects.
    value : ndarray of shape (n,)
        Scores.

    Returns
    -------
    bool
        True where the rest is below 1e-8 of the spread of the values.
    """
    rest = value - columns @ np.linalg.lstsq(columns, value, rcond=None)[0]
    return bool(np.sqrt(np.mean(rest**2)) < 1e-8 * value.std())


def varies_within(observed: Observed, design: Design) -> bool:
    """Whether the days of a period differ by more than fixed effects make them.

    Parameters
    ----------
    observed : Observed
        The data.
    design : Design
        Fixed effects, a row per day.

    Returns
    -------
    bool
        False where a day variance cannot be estimated, because there is none.
    """
    columns = design.columns - observed.period_mean(design.columns)[observed.period]
    value = observed.value - observed.period_mean(observed.value)[observed.period]
    rest = value - columns @ np.linalg.lstsq(columns, value, rcond=None)[0]
    return bool(np.sqrt(np.mean(rest**2)) > 1e-7 * observed.spread)
