"""Which comparison is meant: a pair, or weights of the conditions that sum to 0."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

ContrastLike = Sequence[str] | Mapping[str, float] | Mapping[str, Decimal]


def contrast_weights(contrast: ContrastLike) -> dict[str, float]:
    """Write a contrast as weights.

    Parameters
    ----------
    contrast : pair of str, or mapping of str to float
        A pair means first minus second.

    Returns
    -------
    dict of str to float
        Condition to weight.

    Raises
    ------
    ValueError
        If the weights do not sum to 0, are not finite, or compare nothing.

    Examples
    --------
    >>> contrast_weights(("on", "off"))
    {'on': 1.0, 'off': -1.0}
    """
    if isinstance(contrast, Mapping):
        weights = {str(code): float(weight) for code, weight in contrast.items()}
    else:
        if isinstance(contrast, str) or len(set(contrast)) != 2:
            raise ValueError(f"contrast: found {contrast!r}; write two different conditions, or weights")
        weights = {str(contrast[0]): 1.0, str(contrast[1]): -1.0}
    size = max((abs(weight) for weight in weights.values()), default=0.0)
    if not math.isfinite(size) or size == 0.0:
        raise ValueError(f"contrast: found {dict(weights)}; at least two weights must differ from 0")
    if abs(sum(weights.values())) > 1e-9 * size:
        raise ValueError(
            f"contrast: the weights {dict(weights)} sum to {sum(weights.values()):g}; write weights that sum to 0"
        )
    return weights


def moving(weights: Mapping[str, float]) -> tuple[str, ...]:
    """Name the conditions that take part in a contrast.

    Parameters
    ----------
    weights : mapping of str to float
        As `contrast_weights` gives them.

    Returns
    -------
    tuple of str
        Conditions whose weight is not 0.
    """
    return tuple(code for code, weight in weights.items() if weight != 0.0)
