"""A randomization test that is ready to be made, once or again and again with an effect taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

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
from nof1.analysis.statistics import (
    ForCodes,
    Signs,
    StatisticName,
    effects,
    linear,
    prewhitened,
    signs_of,
    squares,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from nof1.analysis.assignment import Assignment
    from nof1.analysis.trend import Floats, Trend

LARGEST_HALF_AGAIN: Final = 2**13
"""Half sums that may be held where a test is made some fifty times: 26 blocks of two."""
_CHUNK: Final = 1 << 13
_SMALL_CHUNK: Final = 1 << 9  # what is weighed again and again stays in the processor's cache
_ROOM: Final = 10_000_000  # numbers of eight bytes, twice
_ROOM_FOR_CODES: Final = 200_000_000  # one byte each, twice


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
    signs : tuple of Signs
    weighted : ndarray, or None
        `codes` as signs, or as coefficients, where the test is made again and again and there is room; signs in
        chunks that are weighed each time where there is less.
    """

    assignment: Assignment
    statistic: StatisticName
    trend: Trend | None
    raw: bool
    parts: tuple[Codes, ...] | None
    codes: Codes
    exact: bool
    signs: tuple[Signs, ...] = ()
    weighted: Floats | None = None

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
            return self._by_signs(prewhitened(self.assignment, value, self.trend))
        by_position = effects(self.assignment, value, self.trend, raw=self.raw, statistic=self.statistic)
        if self.statistic == "squares":
            return self._by_list(squares(self.assignment, by_position))
        coefficients = self.assignment.coefficients
        if self.parts is None and self.weighted is not None:
            observed = float(sums(self.assignment.codes, coefficients, by_position)[0])
            return observed, count_listed(self.weighted @ by_position, observed)
        if self.parts is None:
            return self._by_list(linear(self.assignment, by_position))
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

    def _by_signs(self, compute: Callable[[Signs], Floats]) -> tuple[float, Count]:
        observed = float(compute(signs_of(self.assignment, self.assignment.codes))[0])
        chunks = self.signs or (
            signs_of(self.assignment, self.codes[start : start + _CHUNK])
            for start in range(0, len(self.codes), _CHUNK)
        )
        return observed, count_listed(np.concatenate([compute(signs) for signs in chunks]), observed)

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
    again: bool = False,
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
    again : bool
        The test will be made some fifty times: then halves are smaller, and signs are kept.

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
    if statistic not in {"prewhitened", "squares"}:
        parts = segments(space)
        largest = LARGEST_HALF_AGAIN if again else LARGEST_HALF
        if parts is not None and max(half_sizes([len(part) for part in parts])) <= largest:
            return replace(permutation, parts=parts)
    exact = space.size <= LARGEST_LISTED
    codes = listed(space) if exact else drawn(space, n_draws, rng)
    permutation = replace(permutation, codes=codes, exact=exact)
    if not again or statistic == "squares":
        return permutation
    if statistic == "prewhitened" and _ROOM < codes.size <= _ROOM_FOR_CODES:
        chunks = (codes[start : start + _SMALL_CHUNK] for start in range(0, len(codes), _SMALL_CHUNK))
        return replace(permutation, signs=tuple(signs_of(assignment, some, keep=False) for some in chunks))
    if codes.size > _ROOM:
        return permutation
    if statistic == "prewhitened":
        return replace(permutation, signs=(signs_of(assignment, codes),))
    return replace(permutation, weighted=assignment.coefficients.take(codes))
