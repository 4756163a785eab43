"""The order that was drawn, the set it was drawn from, and which part of that set a null hypothesis permutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from nof1.analysis.contrasts import moving
from nof1.analysis.observed import Ints, Observed, checked, observe
from nof1.schedule.strength import reference_set

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from nof1.analysis.reference_set import Codes
    from nof1.analysis.trend import Floats
    from nof1.schedule.space import SequenceSpace

Permute = Literal["contrast", "all", "reversal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Data beside the design that produced them.

    Attributes
    ----------
    observed : Observed
        The data.
    position : ndarray of shape (n_periods_with_data,)
        Place in the sequence of each period of `observed`.
    codes : ndarray of shape (1, n_periods)
        The sequence, as places in `reference.conditions`.
    reference : SequenceSpace
        What could have happened under the null hypothesis.
    weights : ndarray of shape (k,)
        The contrast in the order of `reference.conditions`.
    """

    observed: Observed
    position: Ints
    codes: Codes
    reference: SequenceSpace
    weights: Floats

    @property
    def coefficients(self) -> Floats:
        """Weight of each condition over its number of periods: what a period adds to the contrast of means."""
        times = np.bincount(self.codes[0], minlength=self.weights.size)
        return np.asarray(self.weights / np.maximum(times, 1))

    def by_position(self, period_values: Floats) -> Floats:
        """Spread values of the periods with data over the whole sequence, 0 elsewhere.

        Parameters
        ----------
        period_values : ndarray of shape (n_periods_with_data,)
            Values.

        Returns
        -------
        ndarray of shape (n_periods,)
            Values by position.
        """
        values = np.zeros(self.codes.shape[1])
        values[self.position] = period_values
        return values


def assign(
    frame: pd.DataFrame,
    space: SequenceSpace,
    contrast: Mapping[str, float],
    permute: Permute,
    sequence: Sequence[str] | None,
) -> Assignment | tuple[Observed, tuple[str, ...]]:
    """Find the drawn sequence in its space, and the part of the space that the null hypothesis permutes.

    Parameters
    ----------
    frame : DataFrame
        Periods are numbered as in the sequence, from 1.
    space : SequenceSpace
        Every sequence that could have been drawn.
    contrast : mapping of str to float
        Weights of the conditions.
    permute : {"contrast", "all", "reversal"}
        Who moves: the conditions of the contrast; all; or every block may be reversed.
    sequence : sequence of str, optional
        What was drawn; needed only if the frame does not show it.

    Returns
    -------
    Assignment, or tuple of (Observed, tuple of str)
        The data and flags that say why there is no test.

    Raises
    ------
    ValueError
        If the contrast names no condition of the space, the frame has more periods than a sequence, or
        the frame and `sequence` disagree.
    """
    unknown = [code for code in moving(contrast) if code not in space.conditions]
    if unknown:
        raise ValueError(f"contrast: {unknown[0]!r} is not a condition of the design {space.conditions}")
    rows, _ = checked(frame)
    observed = observe(frame, contrast)
    known = {
        int(period) - 1: str(code) for period, code in zip(rows["period"], rows["condition"], strict=True)
    }
    if known and not 0 <= min(known) <= max(known) < space.n_periods:
        raise ValueError(
            f"frame: found period {max(known) + 1}; the design has periods 1 to {space.n_periods}"
        )
    if sequence is not None:
        drawn = tuple(str(code) for code in sequence)
        wrong = [period for period, code in known.items() if drawn[period] != code]
        if wrong:
            raise ValueError(f"sequence: period {wrong[0] + 1} has another condition in the frame")
    else:
        drawn_or_flag = _completed(space, known, contrast)
        if isinstance(drawn_or_flag, str):
            return observed, (drawn_or_flag,)
        drawn = drawn_or_flag
    if drawn not in space:
        return observed, ("sequence_not_in_space",)
    reference = _permuted(space, drawn, contrast, permute)
    if reference is None:
        return observed, ("not_estimable",)
    number = {code: place for place, code in enumerate(map(str, space.conditions))}
    return Assignment(
        observed=observed,
        position=observed.label - 1,
        codes=np.array([[number[code] for code in drawn]], dtype=np.int8),
        reference=reference,
        weights=np.array([contrast.get(code, 0.0) for code in number]),
    )


def natural_permutation(
    space: SequenceSpace, contrast: Mapping[str, float]
) -> Literal["contrast", "reversal"]:
    """Say what the null hypothesis of a contrast permutes in a design.

    Parameters
    ----------
    space : SequenceSpace
        Every sequence that could have been drawn.
    contrast : mapping of str to float
        Weights of the conditions.

    Returns
    -------
    {"contrast", "reversal"}
        ``reversal`` for contrasts of several conditions that turn round with the order of the conditions, in
        blocks.

    Examples
    --------
    >>> from nof1.schedule.space import randomized_blocks
    >>> natural_permutation(randomized_blocks(4, ("d2", "d1", "d0")), {"d2": 1.0, "d1": 0.0, "d0": -1.0})
    'contrast'
    >>> doses = randomized_blocks(4, ("d3", "d2", "d1", "d0"))
    >>> natural_permutation(doses, {"d3": 3.0, "d2": 1.0, "d1": -1.0, "d0": -3.0})
    'reversal'
    """
    if len(moving(contrast)) > 2 and reference_set(space, space.unrank(0), contrast).kind == "exchanges":
        return "reversal"
    return "contrast"


def _completed(
    space: SequenceSpace, known: dict[int, str], contrast: Mapping[str, float]
) -> tuple[str, ...] | str:
    """Fill in periods of which the frame has no row, where the design leaves no choice or none is needed."""
    try:
        agreeing = space.agreeing(known)
    except ValueError:
        return "sequence_not_in_space"
    everything_moves = set(map(str, space.conditions)) <= set(moving(contrast))
    if agreeing.size > 1 and not everything_moves:
        return "sequence_incomplete"
    return tuple(map(str, agreeing.unrank(0)))


def _permuted(
    space: SequenceSpace, drawn: tuple[str, ...], contrast: Mapping[str, float], permute: Permute
) -> SequenceSpace | None:
    if permute == "all":
        return space
    if permute == "contrast":
        return space.rearrangements(drawn, moving(contrast))
    if permute != "reversal":
        raise ValueError(f"permute: found {permute!r}; write 'contrast', 'all' or 'reversal'")
    reference = reference_set(space, drawn, contrast)
    # For two conditions a reversal is their exchange, which is what the contrast moves anyway.
    return reference if reference.kind == "exchanges" or len(moving(contrast)) == 2 else None
