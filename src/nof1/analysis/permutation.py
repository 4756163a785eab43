"""A randomization test that is ready to be made, once or again and again with an effect taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.counting import Count, count_halves, count_listed, half_sizes, halves, sums
from nof1.analysis.reference_set import (
    LARGEST_HALF,
    LARGEST_LISTED,
    N_DRAWS,
    Codes,
    drawn,
    listed,
    segments,
)
from nof1.analysis.statistics import ForCodes, StatisticName, effects, linear, prewhitened, squares

if TYPE_CHECKING:
    from nof1.analysis.assignment import Assignment
    from nof1.analysis.trend import Floats, Trend


@dataclass(frozen=True, slots=True, kw_only=True)
class Permutation:
    """Data, statistic and reference set.

    Attributes
    ----------
    assignment : Assignment
        Data and design.
    statistic : str
        Which.
    trend : str or None
        Which.
    raw : bool
        True to leave the trend in: reversals are exact on raw means only.
    parts : tuple of ndarray, or None
        Rows of independent segments, where sequences are counted by halves.
    codes : ndarray
        Sequences, where they are listed or drawn; else empty.
    exact : bool
        Whether the whole reference set is counted.
    """

    assignment: Assignment
    statistic: StatisticName
    trend: Trend | None
    raw: bool
    parts: tuple[Codes, ...] | None
    codes: Codes
    exact: bool

    def count(self, value: Floats) -> tuple[float, Count]:
        """Compute the statistic of the drawn sequence and count the sequences that are as extreme.

        Parameters
        ----------
        value : ndarray of shape (n,)
            Scores in the order of the data.

        Returns
        -------
        tuple of (float, Count)
            Observed statistic; draws are counted without the observed sequence.
        """
        if self.statistic == "prewhitened":
            return self._by_list(prewhitened(self.assignment, value, self.trend))
        by_position = effects(self.assignment, value, self.trend, raw=self.raw)
        if self.statistic == "squares":
            return self._by_list(squares(self.assignment, by_position))
        if self.parts is None:
            return self._by_list(linear(self.assignment, by_position))
        coefficients = self.assignment.coefficients
        stops = np.cumsum([part.shape[1] for part in self.parts])
        pieces = np.split(by_position, stops[:-1])
        both = halves(
            [sums(part, coefficients, piece) for part, piece in zip(self.parts, pieces, strict=True)]
        )
        observed = float(sums(self.assignment.codes, coefficients, by_position)[0])
        return observed, count_halves(*both, observed)

    def p_value(self, value: Floats) -> float:
        """Return p, the observed sequence included.

        Parameters
        ----------
        value : ndarray of shape (n,)
            As in `count`.

        Returns
        -------
        float
            Above 0, at most 1.
        """
        _, count = self.count(value)
        extra = 0 if self.exact else 1
        return (count.n_as_extreme + extra) / (count.n_sequences + extra)

    def _by_list(self, compute: ForCodes) -> tuple[float, Count]:
        observed = float(compute(self.assignment.codes)[0])
        return observed, count_listed(compute(self.codes), observed)


def prepare(
    assignment: Assignment,
    statistic: StatisticName,
    trend: Trend | None,
    rng: np.random.Generator,
    *,
    raw: bool,
    n_draws: int = N_DRAWS,
    largest_half: int = LARGEST_HALF,
) -> Permutation:
    """Choose how the reference set is counted: by independent segments, listed, or by draws.

    Parameters
    ----------
    assignment : Assignment
        Data and design.
    statistic, trend, raw
        As in `Permutation`.
    rng : numpy.random.Generator
        For draws.
    n_draws : int
        Number of draws.
    largest_half : int
        Half sums that may be held; fewer where the test is made again and again.

    Returns
    -------
    Permutation
        Ready to count.
    """
    space = assignment.reference
    permutation = Permutation(
        assignment=assignment,
        statistic=statistic,
        trend=trend,
        raw=raw,
        parts=None,
        codes=assignment.codes[:0],
        exact=True,
    )
    if statistic == "residual":
        parts = segments(space)
        if parts is not None and max(half_sizes([len(part) for part in parts])) <= largest_half:
            return replace(permutation, parts=parts)
    if space.size <= LARGEST_LISTED:
        return replace(permutation, codes=listed(space))
    return replace(permutation, codes=drawn(space, n_draws, rng), exact=False)
