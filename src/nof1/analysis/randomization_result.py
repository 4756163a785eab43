"""What a randomization test comes to; apart from the other results, because comparisons of counts hold it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Moved = Literal["contrast", "all", "reversal", "factor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomizationResult:
    """How extreme the sequence that was drawn is among those that could have been drawn.

    Attributes
    ----------
    statistic : float or None
        Value at the sequence that was drawn.
    n_as_extreme, n_sequences : int
        Sequences at least as extreme (two-sided, the observed one included), of how many looked at.
    p_value, smallest_p : float or None
        Their ratio; and the smallest that this reference set can give.
    exact : bool
        True where the whole reference set was counted, False for uniform draws.
    permute, kind : str
        What moved, and which statistic, as in `randomization_test`; ``factor`` as in `factor_randomization_test`.
    flags : tuple of str
        Keys of `nof1.analysis.flags.FLAGS`.
    """

    statistic: float | None
    n_as_extreme: int
    n_sequences: int
    p_value: float | None
    smallest_p: float | None
    exact: bool
    permute: Moved = "contrast"
    kind: Literal["residual", "prewhitened", "squares", "medians", "ranks", "max_t"] = "residual"
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceValues:
    """How the statistic falls over the reference set: a histogram.

    Attributes
    ----------
    edges : tuple of float
        Ends of the bins, one more than there are bins, as far below 0 as above.
    counts : tuple of int
        Sequences in each bin.
    observed : float
        Statistic of the sequence that was drawn.
    exact : bool
        Whether every sequence is there; else as many as were drawn uniformly.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    observed: float
    exact: bool
