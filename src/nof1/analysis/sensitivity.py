"""The sensitivity strip: the planned analysis in front, and behind it the same question asked otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.diagnostics import FAR, robust_z
from nof1.analysis.guess_adjusted import fit_guess_adjusted
from nof1.analysis.guesses import expected_contrast
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.period_means import fit_period_means
from nof1.analysis.result import Estimate, SensitivityRow
from nof1.terms import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from nof1.analysis.outcome import Question
    from nof1.analysis.trend import Trend

TRENDS: Final[tuple[tuple[Trend | None, str], ...]] = (
    (None, "no practice term"),
    ("linear", "practice as a straight line"),
    ("log", "practice as a logarithm"),
    ("exp", "practice as an approach to a plateau"),
)
MOST_BLOCKS: Final = 20
"""Blocks up to which each is left out once."""
FEWEST_SCORES: Final = 3
MODERATE: Final = 3.0
"""Robust standard deviations to which outliers are pulled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One way to ask the question otherwise: its stable name, its words, and the fit."""

    name: str
    label: str
    fit: Callable[[], Estimate]


def sensitivity_rows(question: Question, planned: Estimate | None) -> Iterator[SensitivityRow]:
    """Yield the planned result and then every alternative that applies, also those that contradict it.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.
    planned : Estimate or None
        The result of the planned analysis.

    Yields
    ------
    SensitivityRow
        An alternative that stops with an error is told with the flag ``analysis_failed``.
    """
    if planned is None:
        return
    yield _row(question, "planned", "as planned", planned, is_planned=True)
    if question.dataset.protocol.analysis.sensitivity == "none":
        return
    for alternative in _alternatives(question):
        try:
            estimate = alternative.fit()
        except Exception as error:  # noqa: BLE001  (one alternative must not cost the report)
            estimate = Estimate(
                estimate=None,
                method="none",
                flags=("analysis_failed",),
                note=f"{type(error).__name__}: {error}",
            )
        yield _row(question, alternative.name, alternative.label, estimate, is_planned=False)


def _row(
    question: Question, name: str, label: str, estimate: Estimate, *, is_planned: bool
) -> SensitivityRow:
    return SensitivityRow(
        score=question.score,
        contrast=question.contrast.name,
        name=name,
        label=label,
        is_planned=is_planned,
        estimate=estimate,
    )


def _alternatives(question: Question) -> Iterator[Alternative]:
    yield from _other_trends(question)
    yield from _other_models(question)
    yield from _with_guesses(question)
    yield from _other_onsets(question)
    yield from _without_blocks(question)
    yield from _other_values(question)


def _other_trends(question: Question) -> Iterator[Alternative]:
    frame, weights, level = question.dataset.frame(question.score), question.contrast.weights, question.level
    block_effect = question.dataset.protocol.analysis.block_effect
    for trend, label in TRENDS:
        if trend == question.trend:
            continue

        def fit(trend: Trend | None = trend) -> Estimate:
            if question.is_daily:
                return fit_daily_model(frame, weights, trend, level=level)
            return fit_mixed_model(frame, weights, trend, block_effect=block_effect, level=level)

        yield Alternative(name=f"trend_{trend or 'none'}", label=label, fit=fit)


def _other_models(question: Question) -> Iterator[Alternative]:
    frame, weights, level = question.dataset.frame(question.score), question.contrast.weights, question.level
    if question.is_daily:
        yield Alternative(
            name="yesterday",
            label="with yesterday's condition in the model",
            fit=lambda: fit_daily_model(frame, weights, question.trend, carry_over=True, level=level),
        )
        yield Alternative(
            name="least_squares",
            label="days as independent of each other",
            fit=lambda: fit_period_means(frame, weights, question.trend, level=level),
        )
        return
    yield Alternative(
        name="period_means",
        label="one mean a period",
        fit=lambda: fit_period_means(frame, weights, question.trend, level=level),
    )
    if question.dataset.protocol.design.kind == "randomized_blocks":
        planned = question.dataset.protocol.analysis.block_effect
        yield Alternative(
            name="without_block_effect" if planned else "block_effect",
            label="blocks without an effect of their own"
            if planned
            else "blocks with an effect of their own",
            fit=lambda: fit_mixed_model(
                frame, weights, question.trend, block_effect=not planned, level=level
            ),
        )


def _with_guesses(question: Question) -> Iterator[Alternative]:
    dataset, weights = question.dataset, question.contrast.weights
    expected = expected_contrast(dataset, weights)
    if dataset.trial["mode"] == Mode.OPEN_LABEL or len(set(expected.values())) < 2:
        return
    yield Alternative(
        name="guess_adjusted",
        label="with the guess in the model",
        fit=lambda: fit_guess_adjusted(
            dataset.frame(question.score),
            weights,
            question.trend,
            expected,
            is_daily=question.is_daily,
            block_effect=dataset.protocol.analysis.block_effect,
            level=question.level,
        ),
    )


def _other_onsets(question: Question) -> Iterator[Alternative]:
    design = question.dataset.protocol.design
    if question.is_daily:
        return
    planned = design.onset_days
    for days in sorted({0, 1, 2, 3, planned - 1, planned + 1} - {planned}):
        if not 0 <= days < design.period_days:
            continue

        def fit(days: int = days) -> Estimate:
            return question.planned_fit(question.dataset.frame(question.score, days))

        label = "all days of each period" if days == 0 else f"without the first {days} days of each period"
        yield Alternative(name=f"onset_{days}", label=label.replace("1 days", "day"), fit=fit)


def _without_blocks(question: Question) -> Iterator[Alternative]:
    frame = question.dataset.frame(question.score)
    blocks = sorted(int(block) for block in frame["block"].dropna().unique())
    if not 3 < len(blocks) <= MOST_BLOCKS:
        return
    for block in blocks:

        def fit(block: int = block) -> Estimate:
            return question.planned_fit(frame[frame["block"] != block])

        yield Alternative(name=f"without_block_{block}", label=f"without block {block}", fit=fit)


def _other_values(question: Question) -> Iterator[Alternative]:
    frame = question.dataset.frame(question.score)
    values, missing = frame["value"], frame["value"].isna()
    late = frame["late"].astype(bool) & ~missing
    if late.any():
        yield Alternative(
            name="without_late",
            label="without late entries",
            fit=lambda: question.planned_fit(frame.assign(value=values.mask(late))),
        )
    sparse = frame.groupby("period")["value"].transform("count") < FEWEST_SCORES
    if not question.is_daily and (sparse & ~missing).any() and not sparse.all():
        yield Alternative(
            name="without_sparse",
            label=f"without periods of fewer than {FEWEST_SCORES} scores",
            fit=lambda: question.planned_fit(frame[~sparse]),
        )
    seen = np.asarray(values.dropna(), dtype=np.float64)
    if seen.size and np.abs(robust_z(seen)).max() > FAR:
        yield Alternative(
            name="winsorised",
            label="outliers pulled in",
            fit=lambda: question.planned_fit(frame.assign(value=_pulled_in(values))),
        )
    if question.sesoi is not None and missing.any() and not missing.all():
        for sign, name, label in ((-1.0, "missing_against", "against"), (1.0, "missing_for", "towards")):

            def fit(shift: float = sign * question.sesoi) -> Estimate:
                return question.planned_fit(frame.assign(value=_filled(frame, question, shift)))

            text = f"missing scores filled in, the smallest worthwhile difference {label} benefit"
            yield Alternative(name=name, label=text, fit=fit)


def _pulled_in(values: pd.Series[float]) -> pd.Series[float]:
    z = values.copy()
    z[values.notna()] = robust_z(np.asarray(values.dropna(), dtype=np.float64))
    far = z.abs() > MODERATE
    inside = values[~far]
    return values.clip(lower=inside.min(), upper=inside.max())


def _filled(frame: pd.DataFrame, question: Question, shift: float) -> pd.Series[float]:
    """Fill missing scores with the mean of their period, or of their condition, moved up or down.

    A shift towards the effect raises the conditions with a positive weight if the score is better when
    higher, and lowers them otherwise.
    """
    towards = 1.0 if question.meaning.better == "higher" else -1.0
    weight = frame["condition"].map(dict(question.contrast.weights)).fillna(0.0).astype(float)
    mean = frame.groupby("period")["value"].transform("mean")
    mean = mean.fillna(frame.groupby("condition")["value"].transform("mean"))
    return frame["value"].fillna(mean + 0.5 * shift * towards * np.sign(weight))
