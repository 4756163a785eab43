"""Ratings, counts, yes and no of a trial: its outcomes, its harms and its adverse events. Never a verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from nof1.analysis.assignment import natural_permutation
from nof1.analysis.discrete import compare_discrete, kind_of
from nof1.analysis.meaning import Meaning
from nof1.analysis.randomization_test import seeded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nof1.analysis.dataset import Dataset
    from nof1.analysis.discrete_result import DiscreteComparison, DiscreteKind
    from nof1.analysis.permutation import Permutation
    from nof1.analysis.result import Contrast
    from nof1.schedule.space import SequenceSpace

ADVERSE_EVENTS = "adverse_events"


def compared_harms(
    dataset: Dataset, contrasts: Sequence[Contrast], *, level: float = 0.95
) -> tuple[DiscreteComparison, ...]:
    """Compare every rating of a harm, and the adverse events, between conditions.

    A harm can come on the first day, so all days of a period count, those of the onset as well. The p-values are
    not corrected for their number: here a harm that is missed weighs more than a false alarm.

    Parameters
    ----------
    dataset : Dataset
        The trial.
    contrasts : sequence of Contrast
        The comparisons of the plan.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    tuple of DiscreteComparison
        By contrast and then by harm, adverse events (per period) last. Empty while blinded; where no order was
        drawn, differences without a test.
    """
    if dataset.is_blinded:
        return ()
    return tuple(found for contrast in contrasts for found in _of_contrast(dataset, contrast, level))


def compared_outcome(
    dataset: Dataset, score: str, contrast: Contrast, *, level: float = 0.95
) -> DiscreteComparison | None:
    """Compare an outcome without a model, where its scores are of the kind that needs it.

    Parameters
    ----------
    dataset : Dataset
        The trial.
    score : str
        ``<instrument>.<score>``.
    contrast : Contrast
        The comparison.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DiscreteComparison or None
        None for scores that vary smoothly, and where there are none.
    """
    meaning = dataset.meanings.get(score, Meaning(label=score))
    frame = dataset.frame(score)
    kind = kind_of(frame["value"].dropna().to_numpy(dtype=float), meaning.scale, meaning.low)
    if kind is None:
        return None
    found = _compared(dataset, contrast, frame, kind, (meaning.low or 0.0, meaning.high), level, {})
    return replace(found, score=score, label=meaning.label, unit=meaning.unit)


def _of_contrast(dataset: Dataset, contrast: Contrast, level: float) -> Iterator[DiscreteComparison]:
    prepared: dict[SequenceSpace, Permutation] = {}
    for score, meaning in dataset.meanings.items():
        if not meaning.is_harm or not (dataset.scores["score"] == score).any():
            continue
        frame = dataset.frame(score, onset_days=0)
        values = frame["value"].dropna().to_numpy(dtype=float)
        if not values.size:
            continue
        found = _compared(
            dataset,
            contrast,
            frame,
            kind_of(values, meaning.scale, meaning.low) or "ordinal",
            (meaning.low or 0.0, meaning.high),
            level,
            prepared,
        )
        yield replace(found, score=score, label=meaning.label, unit=meaning.unit)
    if len(dataset.adverse_events) and dataset.condition_of:
        found = _compared(dataset, contrast, _events(dataset), "count", (0.0, None), level, {})
        yield replace(found, score=ADVERSE_EVENTS, label="Adverse events", unit="per period")


def _compared(  # noqa: PLR0917  (two private callers)
    dataset: Dataset,
    contrast: Contrast,
    frame: pd.DataFrame,
    kind: DiscreteKind,
    bounds: tuple[float, float | None],
    level: float,
    prepared: dict[SequenceSpace, Permutation],
) -> DiscreteComparison:
    weights: Mapping[str, float] = contrast.weights
    found = compare_discrete(
        frame,
        dataset.space,
        weights,
        kind=kind,
        low=bounds[0],
        high=bounds[1],
        level=level,
        permute=natural_permutation(dataset.space, weights),
        sequence=dataset.sequence,
        rng=seeded(bytes.fromhex(dataset.protocol_sha256), "harms", contrast.name),
        prepared=prepared,
    )
    return replace(found, contrast=contrast.name)


def _events(dataset: Dataset) -> pd.DataFrame:
    """Count the adverse events that began in each period that there was, none included."""
    lived = set(dataset.sessions["period"].dropna().astype(int))
    periods = sorted(lived.intersection(dataset.condition_of))
    began = dataset.adverse_events["period"].dropna().astype(int).value_counts()
    return pd.DataFrame(
        {
            "session": periods,
            "day": periods,
            "period": periods,
            "condition": [dataset.condition_of[period] for period in periods],
            "value": [float(began.get(period, 0)) for period in periods],
        }
    )
