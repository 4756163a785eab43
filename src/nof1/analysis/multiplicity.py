"""p-values of a family of tests, adjusted for being a family."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence


def adjust_p_values(
    p_values: Sequence[float | None], method: Literal["holm", "bh"] = "holm"
) -> list[float | None]:
    """Adjust p-values so that each can be compared with alpha itself.

    Parameters
    ----------
    p_values : sequence of (float or None)
        None and NaN stand for tests that could not be made: they pass through and are not counted.
    method : {"holm", "bh"}
        ``holm`` holds the chance of any false claim, ``bh`` the expected share of false claims.

    Returns
    -------
    list of (float or None)
        In the same order.

    Raises
    ------
    ValueError
        If a p-value lies outside 0 to 1, or the method is unknown.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6:65. Benjamini and Hochberg 1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> adjust_p_values([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    if method not in {"holm", "bh"}:
        raise ValueError(f"method: found {method!r}; write 'holm' or 'bh'")
    held = [(p, place) for place, p in enumerate(p_values) if p is not None and not math.isnan(p)]
    if any(not 0.0 <= p <= 1.0 for p, _ in held):
        raise ValueError("p_values: every p-value lies between 0 and 1")
    adjusted: list[float | None] = list(p_values)
    held.sort()
    m = len(held)
    if method == "holm":
        raised = accumulate(((m - rank) * p for rank, (p, _) in enumerate(held)), max)
        for (_, place), value in zip(held, raised, strict=True):
            adjusted[place] = min(1.0, value)
    else:
        lowered = accumulate((m / rank * held[rank - 1][0] for rank in range(m, 0, -1)), min)
        for (_, place), value in zip(reversed(held), lowered, strict=True):
            adjusted[place] = min(1.0, value)
    return adjusted
