"""The same scores under another model: practice, carry-over, and how days and periods hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nof1.analysis.alternative import Alternative, unavailable
from nof1.analysis.bayes_grid import RATIO_SD, WIDE_RATIO_SD, fit_bayes_grid
from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.exposure import fit_exposure_model, half_lives_of, taken_on
from nof1.analysis.guess_adjusted import fit_guess_adjusted
from nof1.analysis.guesses import expected_contrast
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.period_means import fit_period_means
from nof1.analysis.planning import plan_facts
from nof1.analysis.serial_model import fit_serial_model
from nof1.analysis.trend import SPLINE_PERIODS
from nof1.terms import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.analysis.outcome import Question
    from nof1.analysis.result import Estimate
    from nof1.analysis.trend import Trend

TRENDS: Final[tuple[tuple[Trend | None, str], ...]] = (
    (None, "no practice term"),
    ("linear", "practice as a straight line"),
    ("log", "practice as a logarithm"),
    ("exp", "practice as an approach to a plateau, its pace taken from the data"),
    ("spline", "practice as a smooth curve"),
)
MOST_ONSET_DAYS: Final = 3


def other_trends(question: Question) -> Iterator[Alternative]:
    """Yield the planned model with every other form of the practice term.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Yields
    ------
    Alternative
        A smooth curve only with enough periods.
    """
    frame, weights, level = question.dataset.frame(question.score), question.contrast.weights, question.level
    block_effect = question.dataset.protocol.analysis.block_effect
    n_periods = frame.loc[frame["value"].notna(), "period"].nunique()
    for trend, label in TRENDS:
        if trend == question.trend:
            continue
        name = f"trend_{trend or 'none'}"
        if trend == "spline" and n_periods < SPLINE_PERIODS:
            reason = f"it needs {SPLINE_PERIODS} periods with scores, and there are {n_periods}"
            yield unavailable(name, label, reason)
            continue

        def fit(trend: Trend | None = trend) -> Estimate:
            if question.is_daily:
                return fit_daily_model(frame, weights, trend, level=level)
            return fit_mixed_model(frame, weights, trend, block_effect=block_effect, level=level)

        yield Alternative(name=name, label=label, fit=fit)


def carry_over(question: Question) -> Iterator[Alternative]:
    """Yield other numbers of onset days, exposures for the half-life of the protocol, and yesterday's condition.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Yields
    ------
    Alternative
        Onset days for periods of several days, yesterday's condition for those of one.
    """
    yield from _other_onsets(question)
    yield _exposure(question)
    if question.is_daily:
        frame, weights = question.dataset.frame(question.score), question.contrast.weights
        yield Alternative(
            name="yesterday",
            label="with yesterday's condition in the model",
            fit=lambda: fit_daily_model(
                frame, weights, question.trend, carry_over=True, level=question.level
            ),
        )


def _other_onsets(question: Question) -> Iterator[Alternative]:
    design = question.dataset.protocol.design
    if question.is_daily:
        return
    planned = design.onset_days
    for days in sorted({*range(MOST_ONSET_DAYS + 1), planned - 1, planned + 1} - {planned}):
        if not 0 <= days < design.period_days:
            continue

        def fit(days: int = days) -> Estimate:
            return question.planned_fit(question.dataset.frame(question.score, days))

        label = "all days of each period" if days == 0 else f"without the first {days} days of each period"
        yield Alternative(name=f"onset_{days}", label=label.replace("1 days", "day"), fit=fit)


def _exposure(question: Question) -> Alternative:
    dataset, frame = question.dataset, question.dataset.frame(question.score)
    label = "the effect builds up and fades by halves, instead of being there or not"
    half_lives = half_lives_of(dataset)
    if not half_lives:
        return unavailable("exposure", label, "the protocol states no half-life")
    taken = taken_on(dataset)
    if not taken or frame["day"].isna().any():
        return unavailable("exposure", label, "the data name no days")
    stated = {
        code: str(condition.half_life)
        for code, condition in dataset.protocol.conditions.items()
        if condition.half_life is not None
    }
    told = ", ".join(dict.fromkeys(stated.values()))
    kept = plan_facts(dataset.protocol, contrast=question.contrast.name).attenuation
    expected = "" if kept is None else f", by which the plan keeps about {100 * kept:.0f} % of an effect"
    return Alternative(
        name="exposure",
        label=f"{label} (half-life {told}{expected})",
        fit=lambda: fit_exposure_model(
            frame,
            taken,
            half_lives,
            question.contrast.weights,
            question.trend,
            daily=question.is_daily,
            block_effect=dataset.protocol.analysis.block_effect,
            level=question.level,
        ),
    )


def with_guesses(question: Question) -> Iterator[Alternative]:
    """Yield the planned model with the participant's guesses beside the condition.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Yields
    ------
    Alternative
        Only in a blinded trial with guesses that differ.
    """
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


def other_covariances(question: Question) -> Iterator[Alternative]:
    """Yield other ideas of how days and periods hang together.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Yields
    ------
    Alternative
        From the plainest to the one that weighs all of them.
    """
    frame, weights, level = question.dataset.frame(question.score), question.contrast.weights, question.level
    trend = question.trend
    yield Alternative(
        name="least_squares" if question.is_daily else "period_means",
        label="days as independent of each other" if question.is_daily else "one mean a period",
        fit=lambda: fit_period_means(frame, weights, trend, level=level),
    )
    if not question.is_daily:
        yield _block_effect(question)
        yield Alternative(
            name="serial_model",
            label="days resemble their neighbours inside a period, beside what the period has of its own",
            fit=lambda: fit_serial_model(frame, weights, trend, level=level),
        )
        yield Alternative(
            name="gls_ar1",
            label="days resemble their neighbours over the whole calendar, and periods have nothing of their own",
            fit=lambda: fit_daily_model(frame, weights, trend, level=level),
        )
    for name, ratio_sd in (("grid", RATIO_SD), ("grid_wide", WIDE_RATIO_SD)):
        if question.is_daily and name == "grid_wide":
            continue

        def fit(ratio_sd: float = ratio_sd) -> Estimate:
            return fit_bayes_grid(
                frame,
                weights,
                trend,
                ratio_sd=ratio_sd,
                daily=question.is_daily,
                block_effect=question.dataset.protocol.analysis.block_effect,
                level=level,
            )

        prior = "" if question.is_daily else f", period effects by a prior of scale {ratio_sd:g}"
        yield Alternative(
            name=name,
            label=f"all degrees of resemblance, weighed by how well they fit (posterior{prior})",
            fit=fit,
        )


def _block_effect(question: Question) -> Alternative:
    planned = question.dataset.protocol.analysis.block_effect
    label = "blocks without an effect of their own" if planned else "blocks with an effect of their own"
    name = "without_block_effect" if planned else "block_effect"
    if question.dataset.protocol.design.kind != "randomized_blocks":
        return unavailable(name, label, "the design has no blocks")
    frame, weights = question.dataset.frame(question.score), question.contrast.weights
    return Alternative(
        name=name,
        label=label,
        fit=lambda: fit_mixed_model(
            frame, weights, question.trend, block_effect=not planned, level=question.level
        ),
    )
