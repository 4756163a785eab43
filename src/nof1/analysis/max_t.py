"""Several outcomes, one order: p-values that hold for all of them at once, by the same sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from nof1.analysis.assignment import Assignment, Permute, assign
from nof1.analysis.contrasts import ContrastLike, contrast_weights
from nof1.analysis.counting import count_listed
from nof1.analysis.randomization_test import frame_bytes, seeded
from nof1.analysis.reference_set import LARGEST_LISTED, N_DRAWS, Codes, drawn, listed
from nof1.analysis.result import RandomizationResult
from nof1.analysis.statistics import effects, linear, prewhitened, signs_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from nof1.analysis.statistics import ForCodes
    from nof1.analysis.trend import Floats, Trend
    from nof1.schedule.space import SequenceSpace

_CHUNK: Final = 1 << 13


def max_t_test(
    frames: Mapping[str, pd.DataFrame],
    space: SequenceSpace,
    contrast: ContrastLike = ("on", "off"),
    trend: Trend | None = "log",
    *,
    permute: Permute = "contrast",
    statistic: Literal["residual", "prewhitened"] = "residual",
    sequence: Sequence[str] | None = None,
    rng: np.random.Generator | None = None,
    n_draws: int = N_DRAWS,
) -> dict[str, RandomizationResult]:
    """Test several outcomes by randomization so that the chance of any false claim is held.

    Each outcome is compared with the largest of all standardized statistics that a sequence gives. Outcomes
    that go together cost little, because they are large under the same sequences; Holm does not know that.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        For each outcome the frame of `randomization_test`. Sessions and missing days may differ.
    space, contrast, trend, permute, statistic, sequence, rng, n_draws
        As in `randomization_test`; the same sequences for all outcomes.

    Returns
    -------
    dict of str to RandomizationResult
        Adjusted counts and p-values (single step). Outcomes whose statistic is 0 under every sequence, or
        that cannot be tested, are not in it, and do not count.

    Raises
    ------
    ValueError
        If a frame or the contrast cannot be meant.

    References
    ----------
    Westfall and Young 1993, Resampling-Based Multiple Testing, section 2.3 (single-step max-T).

    Examples
    --------
    >>> import pandas as pd
    >>> from nof1.schedule.space import randomized_blocks
    >>> frame = pd.DataFrame({"session": range(1, 13), "period": range(1, 13),
    ...     "condition": ["on", "off", "off", "on"] * 3, "value": [5, 4, 5, 7, 6, 4, 3, 5, 5, 4, 4, 6]})
    >>> twice = {"a": frame, "b": frame.assign(value=10 - 3 * frame["value"])}
    >>> result = max_t_test(twice, randomized_blocks(6, ("on", "off")), trend=None)
    >>> result["a"].n_as_extreme, result["b"].n_as_extreme  # what says the same costs nothing
    (2, 2)
    """
    wanted = contrast_weights(contrast)
    found = {name: assign(frame, space, wanted, permute, sequence) for name, frame in frames.items()}
    held = {
        name: one for name, one in found.items() if isinstance(one, Assignment) and one.observed.n_sessions
    }
    if not held:
        return {}
    reference = next(iter(held.values())).reference
    exact = reference.size <= LARGEST_LISTED
    fields = [frame_bytes(frame) for frame in frames.values()]
    rng = rng or seeded(*fields, repr(sorted(wanted.items())))
    codes = listed(reference) if exact else drawn(reference, n_draws, rng)
    sizes: dict[str, tuple[float, Floats]] = {}
    for name, assignment in held.items():
        if assignment.reference != reference:
            continue
        compute = _statistic(assignment, statistic, trend, raw=permute == "reversal")
        observed, every = float(np.abs(compute(assignment.codes))[0]), np.abs(compute(codes))
        spread = float(np.sqrt(np.mean(every**2)))
        if spread > 0.0:
            sizes[name] = observed / spread, every / spread
    if not sizes:
        return {}
    largest = np.max([every for _, every in sizes.values()], axis=0)
    return {name: _result(observed, largest, exact=exact) for name, (observed, _) in sizes.items()}


def _statistic(
    assignment: Assignment, statistic: Literal["residual", "prewhitened"], trend: Trend | None, *, raw: bool
) -> ForCodes:
    value = assignment.observed.value
    if statistic != "prewhitened":
        return linear(assignment, effects(assignment, value, trend, raw=raw))
    of_signs = prewhitened(assignment, value, trend)

    def compute(codes: Codes) -> Floats:
        chunks = (codes[start : start + _CHUNK] for start in range(0, len(codes), _CHUNK))
        return np.concatenate([of_signs(signs_of(assignment, chunk)) for chunk in chunks])

    return compute


def _result(observed: float, largest: Floats, *, exact: bool) -> RandomizationResult:
    count = count_listed(largest, observed)
    extra = 0 if exact else 1
    n_as_extreme, n_sequences = count.n_as_extreme + extra, count.n_sequences + extra
    return RandomizationResult(
        statistic=observed,
        n_as_extreme=n_as_extreme,
        n_sequences=n_sequences,
        p_value=n_as_extreme / n_sequences,
        smallest_p=(count.n_most_extreme if exact else 1) / n_sequences,
        exact=exact,
        kind="max_t",
    )
