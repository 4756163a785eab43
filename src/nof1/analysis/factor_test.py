"""Whether a factor of a two by two design does anything, by the orders in which its levels change places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nof1.analysis.assignment import assign
from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.permutation import prepare
from nof1.analysis.randomization_test import frame_bytes, outcome_of, seeded
from nof1.analysis.reference_set import N_DRAWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    import numpy as np
    import pandas as pd

    from nof1.analysis.result import RandomizationResult
    from nof1.analysis.trend import Trend
    from nof1.schedule.space import SequenceSpace

Pairs = tuple[tuple[str, str], tuple[str, str]]


def factor_of(factors: Mapping[str, Mapping[str, str]], contrast: ContrastLike) -> tuple[str, Pairs] | None:
    """Find the factor whose main effect a contrast is, and the conditions that differ in it alone.

    Parameters
    ----------
    factors : mapping of str to (mapping of str to str)
        Condition to the level of each factor.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.

    Returns
    -------
    tuple of (str, two pairs of str), or None
        The factor, and for each level of the other factor the two conditions; None where the design is not two by
        two, or the contrast is an interaction or something else.

    Examples
    --------
    >>> cells = {"ab": {"a": "1", "b": "1"}, "a": {"a": "1", "b": "0"}, "b": {"a": "0", "b": "1"}, "o": {"a": "0", "b": "0"}}
    >>> factor_of(cells, {"ab": 1, "a": 1, "b": -1, "o": -1})
    ('a', (('ab', 'b'), ('a', 'o')))
    >>> factor_of(cells, {"ab": 1, "a": -1, "b": -1, "o": 1}) is None
    True
    """
    weights = contrast_weights(contrast)
    names = sorted({name for levels in factors.values() for name in levels})
    if len(factors) != 4 or len(names) != 2 or any(len(levels) != 2 for levels in factors.values()):
        return None
    if len({abs(weights.get(code, 0.0)) for code in factors}) != 1:
        return None
    above = [code for code in factors if weights[code] > 0.0]
    for name, other in (names, names[::-1]):
        pairs = tuple(
            (code, partner)
            for code in above
            for partner in factors
            if weights[partner] < 0.0
            and factors[partner][other] == factors[code][other]
            and factors[partner][name] != factors[code][name]
        )
        is_level = len({factors[code][name] for code in above}) == 1
        if is_level and len(pairs) == 2 and len({code for pair in pairs for code in pair}) == 4:
            return name, (pairs[0], pairs[1])
    return None


def factor_randomization_test(
    frame: pd.DataFrame,
    space: SequenceSpace,
    contrast: ContrastLike,
    pairs: Pairs,
    trend: Trend | None = "log",
    *,
    statistic: Literal["residual", "prewhitened"] = "residual",
    sequence: Sequence[str] | None = None,
    rng: np.random.Generator | None = None,
    n_draws: int = N_DRAWS,
) -> RandomizationResult | None:
    """Test that a factor does nothing at either level of the other: its levels change places at each, block by block.

    In every block the two conditions of each pair may be exchanged, which gives 4^B orders of B blocks, so that three
    blocks can reach .05 where the reversal of whole blocks needs six. The scores would have been the same under every
    one of them, whatever the other factor does; so the statistic may have the trend taken out, and missing days stay.
    The null hypothesis is stronger than that of no main effect: a factor that helps at one level and harms at the
    other has no main effect, and is something.

    Parameters
    ----------
    frame, space, trend, sequence, rng, n_draws
        As in `randomization_test`.
    contrast : mapping of str to float
        The main effect.
    pairs : two pairs of str
        Conditions that differ in the factor alone, as `factor_of` finds them.
    statistic : {"residual", "prewhitened"}
        As in `randomization_test`.

    Returns
    -------
    RandomizationResult or None
        With ``permute`` "factor"; None where the design has no independent blocks, or no score.

    Raises
    ------
    ValueError
        If the frame, the contrast or the names cannot be meant.

    References
    ----------
    Edgington and Onghena 2007, Randomization Tests, 4th edition (factorial designs).
    """
    wanted = contrast_weights(contrast)
    assignment = assign(frame, space, wanted, "contrast", sequence)
    if isinstance(assignment, tuple) or not assignment.observed.n_sessions:
        return None
    if space.kind != "randomized_blocks":
        return None
    drawn = [space.conditions[code] for code in assignment.codes[0]]
    exchanges = [{one: other, other: one} for one, other in pairs]
    held = replace(assignment, reference=space.exchanges(drawn, *exchanges))
    rng = rng or seeded(frame_bytes(frame), f"factor {sorted(wanted.items())!r}")
    test = prepare(held, statistic, trend, rng, raw=False, n_draws=n_draws)
    return outcome_of(test, permute="factor")
