"""Results of many trials at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.analysis.batch.algebra import Flags, Floats, Ints
    from nof1.analysis.result import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """One test per trial, as `Estimate` has it for one.

    Attributes
    ----------
    estimate, se, df : ndarray of shape (n_trials,)
        Contrast and standard error [unit], degrees of freedom; NaN where the single function gives None.
    singular : ndarray of bool
        Where the variance between periods is estimated as 0.
    details : dict of str to ndarray of shape (n_trials,)
        Further numbers, under the names they have in `Estimate.details`.
    """

    estimate: Floats
    se: Floats
    df: Floats
    singular: Flags
    details: dict[str, Floats] = field(default_factory=dict)

    @property
    def p_value(self) -> Floats:
        """Two-sided p, shape (n_trials,); NaN where there is no test."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(2.0 * special.stdtr(self.df, -np.abs(self.estimate / self.se)))

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return the ends of the confidence intervals, each of shape (n_trials,)."""
        half = special.stdtrit(self.df, 0.5 + level / 2.0) * self.se
        return self.estimate - half, self.estimate + half

    def rejected(self, alpha: float) -> Flags:
        """Whether each trial finds an effect; a trial without a test finds none."""
        return self.p_value <= alpha

    def put(self, which: Ints, results: Sequence[Estimate]) -> Self:
        """Write results of the single function in the places of some trials.

        Parameters
        ----------
        which : ndarray of int
            Their places.
        results : sequence of Estimate
            One for each.

        Returns
        -------
        Fits
            This one, changed.
        """
        for place, result in zip(which, results, strict=True):
            for name in ("estimate", "se", "df"):
                found = getattr(result, name)
                getattr(self, name)[place] = np.nan if found is None else found
            self.singular[place] = "singular" in result.flags
            for name, values in self.details.items():
                found = result.details.get(name)
                values[place] = np.nan if found is None else found
        return self


def joined(parts: Sequence[Fits]) -> Fits:
    """Put the results of several heaps of trials behind each other.

    Parameters
    ----------
    parts : sequence of Fits
        In order.

    Returns
    -------
    Fits
        Of all trials.
    """
    return Fits(
        estimate=np.concatenate([part.estimate for part in parts]),
        se=np.concatenate([part.se for part in parts]),
        df=np.concatenate([part.df for part in parts]),
        singular=np.concatenate([part.singular for part in parts]),
        details={name: np.concatenate([part.details[name] for part in parts]) for name in parts[0].details},
    )
