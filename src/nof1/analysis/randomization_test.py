"""The randomization test: how extreme the order that was drawn is among those that could have been drawn.

It needs no model of the scores. Under the null hypothesis the scores would have been the same under every
other order that the design could have produced, so the statistic is computed for each of them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.assignment import Permute, assign
from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.flags import merged
from nof1.analysis.observed import NEEDED, Observed
from nof1.analysis.permutation import Permutation, prepare
from nof1.analysis.randomization_result import Moved, RandomizationResult
from nof1.analysis.reference_set import N_DRAWS
from nof1.analysis.statistics import STATISTICS, StatisticName
from nof1.encoding import frame as framed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from nof1.analysis.trend import Trend
    from nof1.schedule.space import SequenceSpace


def randomization_test(  # noqa: PLR0917  (the published signature)
    frame: pd.DataFrame,
    space: SequenceSpace,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    permute: Permute = "contrast",
    statistic: StatisticName = "residual",
    rng: np.random.Generator | None = None,
    *,
    sequence: Sequence[str] | None = None,
    n_draws: int = N_DRAWS,
) -> RandomizationResult:
    """Compare the statistic of the drawn sequence with that of every sequence of its reference set.

    Missing days stay where they are: they are marks on the calendar, whatever would have been taken.
    Where the design consists of independent blocks all sequences are counted (meet in the middle), also
    2^40 of them; else they are listed up to 65,536, else drawn uniformly, the observed one added.

    Parameters
    ----------
    frame : DataFrame
        Columns session, period (place in the sequence, from 1), condition, value, day where known.
    space : SequenceSpace
        Every sequence that the design could have drawn.
    contrast : pair of str, or mapping of str to float
        First minus second, or weights.
    trend : {"log", "linear", "exp", "spline"} or None
        Practice term that is taken out first, without the condition in the model.
    permute : {"contrast", "all", "reversal"}
        ``contrast``: the conditions of the contrast move, the others stay in place, so the test is valid
        whatever they do. ``all``: every condition moves; the null is that none does anything.
        ``reversal``: every block may be reversed (a dose trend, a main effect, an interaction), on raw
        means.
    statistic : {"residual", "prewhitened", "squares", "medians", "ranks"}
        ``residual``: difference of means of period means of residuals. ``prewhitened``: for one-day
        periods, with the autocorrelation taken out. ``squares``: between-condition sum of squares, a
        global test to be used with ``permute="all"``. ``medians``: as ``residual``, with the median of each
        period for its mean. ``ranks``: with the ranks of these medians.
    rng : numpy.random.Generator, optional
        For draws. Without one the frame itself is the seed, so that a rerun gives the same digits.
    sequence : sequence of str, optional
        What was drawn, where the frame has no row of some period.
    n_draws : int
        Number of draws.

    Returns
    -------
    RandomizationResult
        Two-sided; p_value None where the sequence is not one of the space.

    Raises
    ------
    ValueError
        If the frame, the contrast, or the names cannot be meant.

    References
    ----------
    Edgington 1980. Bulte and Onghena 2008, doi:10.3758/BRM.40.2.467. De et al. 2020,
    doi:10.3758/s13428-019-01320-3 (missing data). Phipson and Smyth 2010, doi:10.2202/1544-6115.1585.

    Examples
    --------
    >>> import pandas as pd
    >>> from nof1.schedule.space import randomized_blocks
    >>> frame = pd.DataFrame({"session": range(1, 13), "period": range(1, 13),
    ...     "condition": ["on", "off", "off", "on"] * 3, "value": [5, 4, 5, 7, 6, 4, 3, 5, 5, 4, 4, 6]})
    >>> result = randomization_test(frame, randomized_blocks(6, ("on", "off")), trend=None)
    >>> result.n_as_extreme, result.n_sequences
    (2, 64)
    """
    wanted = contrast_weights(contrast)
    if statistic not in STATISTICS:
        raise ValueError(f"statistic: found {statistic!r}; write one of {', '.join(STATISTICS)}")
    assignment = assign(frame, space, wanted, permute, sequence)
    if isinstance(assignment, tuple):
        return _none(*assignment, permute, statistic)
    if not assignment.observed.n_sessions:
        return _none(assignment.observed, ("no_data",), permute, statistic)
    rng = rng or seeded(frame_bytes(frame), repr(sorted(wanted.items())))
    test = prepare(assignment, statistic, trend, rng, raw=permute == "reversal", n_draws=n_draws)
    return outcome_of(test, permute=permute)


def outcome_of(test: Permutation, *, permute: Moved) -> RandomizationResult:
    """Make a test that is ready, and write down what it counted.

    Parameters
    ----------
    test : Permutation
        Data, statistic and reference set.
    permute : str
        What moves in the reference set.

    Returns
    -------
    RandomizationResult
        Two-sided, the observed sequence included.
    """
    seen = test.assignment.observed
    observed, count = test.count(seen.value)
    extra = 0 if test.exact else 1
    n_sequences = count.n_sequences + extra
    return RandomizationResult(
        statistic=observed,
        n_as_extreme=count.n_as_extreme + extra,
        n_sequences=n_sequences,
        p_value=(count.n_as_extreme + extra) / n_sequences,
        smallest_p=count.n_most_extreme / n_sequences if test.exact else 1 / n_sequences,
        exact=test.exact,
        permute=permute,
        kind=test.statistic,
        flags=merged(seen.flags, ("constant_outcome",) if seen.is_constant else ()),
    )


def seeded(*fields: bytes | str) -> np.random.Generator:
    """Return a generator whose digits depend on what is tested alone, so that every rerun agrees.

    Parameters
    ----------
    *fields : bytes or str
        Digest of the protocol (32 raw bytes), score and contrast; or the bytes of a frame and the contrast.

    Returns
    -------
    numpy.random.Generator
        Seeded with SHA256(frame(b"nof1/test/v1", fields)).
    """
    digest = hashlib.sha256(framed(b"nof1/test/v1", *fields)).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def frame_bytes(frame: pd.DataFrame) -> bytes:
    """Write what a test uses of a frame as bytes.

    Parameters
    ----------
    frame : DataFrame
        With the columns that every fit needs.

    Returns
    -------
    bytes
        CSV text in the order of the sessions.
    """
    rows = frame.sort_values("session")[list(NEEDED)]
    return rows.to_csv(index=False, lineterminator="\n", float_format="%.17g").encode()


def _none(
    observed: Observed, flags: tuple[str, ...], permute: Permute, statistic: StatisticName
) -> RandomizationResult:
    return RandomizationResult(
        statistic=None,
        n_as_extreme=0,
        n_sequences=0,
        p_value=None,
        smallest_p=None,
        exact=False,
        permute=permute,
        kind=statistic,
        flags=merged(observed.flags, flags),
    )
