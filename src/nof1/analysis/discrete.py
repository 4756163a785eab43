"""Ratings, counts, yes and no: what differs in means, shares and chances, and how unusual that is.

Such scores have ties, bounds and many zeros, so an interval that supposes a normal distribution is little to be
trusted with few periods. The order was drawn, whatever the scores are: the randomization test needs no more.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.assignment import Permute, assign
from nof1.analysis.contrasts import ContrastLike, contrast_weights, moving
from nof1.analysis.day_scores import DayScores, day_scores
from nof1.analysis.discrete_result import DiscreteComparison, DiscreteKind, Measure, MeasureName
from nof1.analysis.flags import merged
from nof1.analysis.line import difference_interval, plain_test, ratio_interval, result_of
from nof1.analysis.observed import checked
from nof1.analysis.randomization_test import frame_bytes, seeded
from nof1.analysis.reference_set import N_DRAWS

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping, Sequence

    import pandas as pd

    from nof1.analysis.meaning import Scale
    from nof1.analysis.permutation import Permutation
    from nof1.analysis.result import IntervalResult
    from nof1.analysis.trend import Floats
    from nof1.schedule.space import SequenceSpace

MOST_VALUES: Final = 12
"""Different whole numbers up to which scores take few values."""
FEW_VALUES: Final = 4
FEWEST_SCORES: Final = 12
SMALL_COUNT: Final = 10.0
"""Median up to which a count is far from normal."""
AT_LOW_END: Final = 0.25
MOSTLY: Final = 0.5
LEADING: Final[dict[DiscreteKind, MeasureName]] = {
    "binary": "share_difference",
    "count": "mean_difference",
    "ordinal": "superiority",
}


def kind_of(values: Floats, scale: Scale = "interval", low: float | None = None) -> DiscreteKind | None:
    """Say whether scores are of the kind for which this analysis is made, without a look at the conditions.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Scores that are there.
    scale : {"ratio", "count", "ordinal", "interval"}
        What is known of the score.
    low : float, optional
        Low end of the scale [unit].

    Returns
    -------
    {"binary", "count", "ordinal"} or None
        None for scores that vary smoothly.

    Examples
    --------
    >>> kind_of(np.array([0.0, 3.0, 1.0, 0.0]), "count"), kind_of(np.array([271.5, 280.1]), "ratio")
    ('count', None)
    """
    if not values.size:
        return None
    distinct = np.unique(values)
    is_whole = bool(np.all(values == np.round(values)))
    if distinct.size == 2 and distinct[0] == 0.0 and distinct[1] == 1.0:
        return "binary"
    if scale == "count" and is_whole:
        is_small = distinct.size <= MOST_VALUES or float(np.median(values)) <= SMALL_COUNT
        return "count" if is_small else None
    has_ties = is_whole and distinct.size <= MOST_VALUES
    is_at_end = low is not None and float(np.mean(values == low)) > AT_LOW_END
    takes_few = distinct.size <= FEW_VALUES and values.size >= FEWEST_SCORES
    is_ordinal = takes_few or (has_ties and (scale == "ordinal" or values.size >= 2 * distinct.size))
    return "ordinal" if is_ordinal or is_at_end else None


def compare_discrete(
    frame: pd.DataFrame,
    space: SequenceSpace,
    contrast: ContrastLike = ("on", "off"),
    *,
    kind: DiscreteKind = "ordinal",
    low: float = 0.0,
    high: float | None = None,
    level: float = 0.95,
    permute: Permute = "contrast",
    sequence: Sequence[str] | None = None,
    rng: np.random.Generator | None = None,
    n_draws: int = N_DRAWS,
    prepared: MutableMapping[SequenceSpace, Permutation] | None = None,
) -> DiscreteComparison:
    """Compare ratings, counts, or yes and no between conditions by randomization alone.

    The unit is the period: shares and means are taken in each period and then over periods. Every test is
    exact on the sequences that the design could have drawn, whatever the distribution, its zeros, its bounds,
    and the resemblance of neighbouring days. Nothing is corrected for practice: the draw takes care of that.

    Parameters
    ----------
    frame : DataFrame
        As for `randomization_test`.
    space : SequenceSpace
        Every sequence that could have been drawn.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights. Ratios and the chance of superiority are for pairs.
    kind : {"binary", "count", "ordinal"}
        Which measure leads: the share of days, the mean, or the chance of superiority. The ratio of means is
        for counts only; a rating has no zero to be a multiple of.
    low, high : float
        Ends of the scale [unit]; an interval does not go beyond what they allow.
    level : float
        Confidence level.
    permute, sequence, rng, n_draws
        As in `randomization_test`.
    prepared : mutable mapping of SequenceSpace to Permutation, optional
        Give the same one to all scores of a trial and contrast: it is filled with what they share.

    Returns
    -------
    DiscreteComparison
        Its intervals hold the differences that, taken out of the periods, or the ratios that, divided out of
        them, the test does not reject. They suppose that every period would have changed alike, so there is
        none where most periods are the same, as with rare events. The chance of superiority has none at all:
        those that are published are for independent days.

    Raises
    ------
    ValueError
        If the frame, the contrast or the level cannot be meant.

    References
    ----------
    Edgington 1980, doi:10.3102/10769986005003235 (the test). Michiels et al. 2017,
    doi:10.3758/s13428-016-0714-4 (the intervals). Parker and Vannest 2009, doi:10.1016/j.beth.2008.10.006.

    Examples
    --------
    >>> import pandas as pd
    >>> from nof1.schedule.space import randomized_blocks
    >>> frame = pd.DataFrame({"session": range(1, 13), "period": range(1, 13),
    ...     "condition": ["on", "off", "off", "on"] * 3, "value": [3, 0, 0, 1, 2, 0, 0, 2, 4, 0, 0, 3]})
    >>> mean = compare_discrete(frame, randomized_blocks(6, ("on", "off")), kind="count").measures[0]
    >>> mean.name, round(mean.estimate, 3), mean.test.n_as_extreme, mean.test.n_sequences
    ('mean_difference', 2.5, 2, 64)
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level: found {level}; write a number between 0 and 1, such as 0.95")
    wanted = contrast_weights(contrast)
    codes = sorted(moving(wanted), key=lambda code: -wanted[code])
    rows, sequence = _taking_part(frame, space, wanted, permute, sequence)
    values = rows["value"].dropna().to_numpy(dtype=float)
    days = day_scores(rows, wanted, low)
    absent = [code for code in codes if code not in days.observed.conditions]
    comparison = DiscreteComparison(
        score="",
        contrast="",
        first=codes[0] if len(codes) == 2 else "",
        second=codes[1] if len(codes) == 2 else "",
        kind=kind,
        low=low,
        n_values=int(np.unique(values).size),
        share_low=float(np.mean(values <= low)) if values.size else 0.0,
        sides=tuple(days.side(code) for code in codes if code not in absent),
        flags=(*_flags(values, low), *(("condition_absent",) if absent else ())),
    )
    assignment = assign(rows, space, wanted, permute, sequence)
    if absent:
        return comparison
    test = None
    if not isinstance(assignment, tuple) and space.size > 1:
        rng = rng or seeded(frame_bytes(frame), repr(sorted(wanted.items())))
        shared = {} if prepared is None else prepared
        test = plain_test(assignment, rng, n_draws, shared, raw=permute == "reversal")
    width = math.inf if high is None else high - low
    found = [
        *(_means(days, wanted, test, width, level) if kind != "binary" else ()),
        *(_mean_ratio(days, codes, test, level) if kind == "count" and low == 0.0 else ()),
        *_shares(days, wanted, test, level),
        *(_superiority(days, codes, test) if kind != "binary" else ()),
    ]
    return replace(
        comparison,
        measures=tuple(sorted(found, key=lambda one: one.name != LEADING[kind])),
        flags=merged(comparison.flags, assignment[1] if isinstance(assignment, tuple) else ()),
    )


def _taking_part(
    frame: pd.DataFrame,
    space: SequenceSpace,
    contrast: dict[str, float],
    permute: Permute,
    sequence: Sequence[str] | None,
) -> tuple[pd.DataFrame, Sequence[str] | None]:
    """Leave out the periods of conditions that stay in place: what they did says nothing of the others."""
    rows, _ = checked(frame)
    if permute != "contrast" or set(moving(contrast)) >= set(map(str, space.conditions)):
        return rows, sequence
    in_order = rows.drop_duplicates("period").sort_values("period")
    if sequence is None and in_order["period"].tolist() == list(range(1, space.n_periods + 1)):
        sequence = tuple(in_order["condition"])
    return rows[rows["condition"].isin(moving(contrast))], sequence


def _flags(values: Floats, low: float) -> tuple[str, ...]:
    flags = []
    if values.size >= FEWEST_SCORES and np.unique(values).size <= FEW_VALUES:
        flags.append("few_values")
    if values.size and low == 0.0 and np.mean(values == 0.0) > MOSTLY:
        flags.append("many_zeros")
    return tuple(flags)


def _means(
    days: DayScores, contrast: dict[str, float], test: Permutation | None, width: float, level: float
) -> Iterator[Measure]:
    values = days.observed.value
    yield _measure(
        "mean_difference",
        _contrast(days, values, contrast),
        difference_interval(test, values, level) if test and days.varies(values) else None,
        test,
        values,
        limit=width * sum(abs(weight) for weight in contrast.values()) / 2.0,
        level=level,
    )


def _mean_ratio(
    days: DayScores, codes: list[str], test: Permutation | None, level: float
) -> Iterator[Measure]:
    if len(codes) == 2:
        yield _ratio("mean_ratio", days, days.observed.value, codes, test, level)


def _shares(
    days: DayScores, contrast: dict[str, float], test: Permutation | None, level: float
) -> Iterator[Measure]:
    yield _measure(
        "share_difference",
        _contrast(days, days.above, contrast),
        difference_interval(test, days.above, level) if test and days.varies(days.above) else None,
        test,
        days.above,
        limit=sum(abs(weight) for weight in contrast.values()) / 2.0,
        level=level,
    )
    codes = sorted(moving(contrast), key=lambda code: -contrast[code])
    if len(codes) == 2:
        yield _ratio("share_ratio", days, days.above, codes, test, level)


def _superiority(days: DayScores, codes: list[str], test: Permutation | None) -> Iterator[Measure]:
    if len(codes) == 2:
        first, second = (days.mean(days.place, code) for code in codes)
        yield _measure("superiority", 0.5 + first - second, None, test, days.place)


def _contrast(days: DayScores, values: Floats, contrast: dict[str, float]) -> float:
    return sum(contrast[code] * days.mean(values, code) for code in moving(contrast))


def _ratio(  # noqa: PLR0917  (two private callers)
    name: MeasureName,
    days: DayScores,
    values: Floats,
    codes: list[str],
    test: Permutation | None,
    level: float,
) -> Measure:
    first, second = (days.mean(values, code) for code in codes)
    interval = None
    if test is not None and days.varies(values):
        interval = ratio_interval(test, values, days.is_of(codes[0]), level)
    return _measure(name, first / second if second > 0.0 else None, interval, test, values, level=level)


def _measure(
    name: MeasureName,
    estimate: float | None,
    interval: IntervalResult | None,
    test: Permutation | None,
    values: Floats,
    *,
    limit: float = math.inf,
    level: float = 0.95,
) -> Measure:
    """Put a measure together; finite ends do not leave what the scale allows."""
    ends: tuple[float | None, float | None] = (None, None)
    if interval is not None:
        low, high = (
            min(max(end, -limit), limit) if math.isfinite(end) else end
            for end in (interval.low, interval.high)
        )
        ends = low, high
    return Measure(
        name=name,
        estimate=estimate,
        ci_low=ends[0],
        ci_high=ends[1],
        level=level if interval is None else interval.level,
        test=None if test is None else result_of(test, values),
    )
