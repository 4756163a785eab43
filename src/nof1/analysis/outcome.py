"""One score and one contrast: every analysis that the plan asks for, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from nof1.analysis.assignment import natural_permutation
from nof1.analysis.balance import balance_flags
from nof1.analysis.bayes_grid import effect_posterior
from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.describe import conditions_of, periods_of, planned_by_condition, series_of
from nof1.analysis.diagnostics import autocorrelation, data_flags, variance_changed
from nof1.analysis.discrete_trial import compared_outcome
from nof1.analysis.effect_sizes import effect_sizes
from nof1.analysis.equivalence import equivalence_test
from nof1.analysis.estimation import DESCRIPTION_ONLY, described_only
from nof1.analysis.evidence import block_evidence, borne_out
from nof1.analysis.factor_test import factor_of, factor_randomization_test
from nof1.analysis.flags import FLAGS, merged
from nof1.analysis.meaning import Meaning
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.outlying import outlying, with_outliers_pulled_in
from nof1.analysis.paired_blocks import fit_paired_blocks
from nof1.analysis.period_means import fit_period_means
from nof1.analysis.prior import prior_sd
from nof1.analysis.progress import level_now, looks_of
from nof1.analysis.randomization_interval import randomization_interval
from nof1.analysis.randomization_test import randomization_test, seeded
from nof1.analysis.reference_values import reference_values
from nof1.analysis.residuals import residuals
from nof1.analysis.result import (
    ConditionSummary,
    Contrast,
    Estimate,
    IntervalResult,
    OutcomeResult,
    RandomizationResult,
    Role,
)
from nof1.analysis.verdict import Judgement, decide, detectable_effect

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from nof1.analysis.bayes_result import BayesResult
    from nof1.analysis.dataset import Dataset
    from nof1.analysis.randomization_result import ReferenceValues
    from nof1.analysis.trend import Trend
    from nof1.protocol.model import Outcome

FALLBACK_LEVELS: Final = (0.9, 0.8)
UNTESTED: Final = frozenset({*DESCRIPTION_ONLY, "constant_outcome"})
"""Flags of a planned estimate beside which no other test may stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A score, a contrast, and how the protocol wants them analysed.

    Attributes
    ----------
    dataset : Dataset
        The trial.
    outcome : Outcome
        Score, smallest effect of interest, label.
    role : str
        primary or secondary.
    contrast : Contrast
        The comparison.
    """

    dataset: Dataset
    outcome: Outcome
    role: Role
    contrast: Contrast

    @property
    def score(self) -> str:
        """Name of the score."""
        return str(self.outcome.score)

    @property
    def meaning(self) -> Meaning:
        """Unit and direction of the score."""
        return self.dataset.meanings.get(self.score, Meaning(label=self.score))

    @property
    def sesoi(self) -> float | None:
        """Smallest effect size of interest [unit]."""
        return None if self.outcome.sesoi is None else float(self.outcome.sesoi)

    @property
    def alpha(self) -> float:
        """Level of the plan, or what a planned look leaves of it."""
        return level_now(self.dataset)

    @property
    def level(self) -> float:
        """Confidence level that belongs to it."""
        return 1.0 - self.alpha

    @property
    def is_daily(self) -> bool:
        """Whether one-day periods call for the daily model."""
        return self.dataset.protocol.analysis.model == "daily"

    @property
    def trend(self) -> Trend | None:
        """Practice term of the plan."""
        trend = self.dataset.protocol.analysis.trend
        return None if trend == "none" else trend

    @property
    def must_confirm(self) -> bool:
        """Whether a claim needs the randomization test."""
        return self.dataset.protocol.analysis.confirm == "randomization_test"

    @property
    def permute(self) -> Literal["contrast", "reversal"]:
        """What the null hypothesis of the contrast permutes."""
        return natural_permutation(self.dataset.space, self.contrast.weights)

    @property
    def statistic(self) -> Literal["residual", "prewhitened"]:
        """Statistic of the randomization test: one-day periods are prewhitened; a reversal is exact on raw means alone."""
        return "prewhitened" if self.is_daily and self.permute == "contrast" else "residual"

    def rng(self) -> np.random.Generator:
        """Return the generator of this question's draws, the same at every rerun."""
        return seeded(bytes.fromhex(self.dataset.protocol_sha256), self.score, self.contrast.name)

    def planned_fit(self, frame: pd.DataFrame) -> Estimate:
        """Fit the primary model of the protocol."""
        if self.is_daily:
            return fit_daily_model(frame, self.contrast.weights, self.trend, level=self.level)
        block_effect = self.dataset.protocol.analysis.block_effect
        return fit_mixed_model(
            frame, self.contrast.weights, self.trend, block_effect=block_effect, level=self.level
        )


def blank(question: Question, flags: tuple[str, ...], reason: str) -> OutcomeResult:
    """Return the result of an outcome that cannot be analysed, with everything that can be told all the same.

    Parameters
    ----------
    question : Question
        What was asked.
    flags : tuple of str
        Why there is no answer.
    reason : str
        The same in words.

    Returns
    -------
    OutcomeResult
        Verdict ``not_estimable``.
    """
    meaning = question.meaning
    return OutcomeResult(
        score=question.score,
        label=question.outcome.label or meaning.label,
        role=question.role,
        unit=meaning.unit,
        better=meaning.better,
        contrast=question.contrast,
        sesoi=question.sesoi,
        primary_method="daily_model" if question.is_daily else "mixed_model",
        verdict="not_estimable",
        verdict_reason=reason,
        flags=flags,
        level=question.level,
    )


def described(question: Question, flags: tuple[str, ...], reason: str) -> OutcomeResult:
    """Return `blank` with counts, periods and the series of scores.

    Parameters
    ----------
    question, flags, reason
        As in `blank`.

    Returns
    -------
    OutcomeResult
        Without any comparison.
    """
    dataset = question.dataset
    frame = dataset.frame(question.score)
    seen = frame["value"].notna()
    conditions = _conditions(question, frame)
    n_planned = len(frame) if dataset.is_blinded else sum(one.n_planned for one in conditions)
    return replace(
        blank(question, flags, reason),
        n_sessions=int(seen.sum()),
        n_missing=max(n_planned, len(frame)) - int(seen.sum()),
        n_periods=int(frame.loc[seen, "period"].nunique()),
        by_condition=() if dataset.is_blinded else conditions,
        by_period=periods_of(dataset, frame),
        series=series_of(dataset, question.score),
    )


def analyse_outcome(question: Question) -> OutcomeResult:
    """Make every analysis of one score and one contrast; the family's adjustment comes later.

    Parameters
    ----------
    question : Question
        What is asked.

    Returns
    -------
    OutcomeResult
        With its verdict. Methods that do not apply are None.
    """
    dataset, weights = question.dataset, question.contrast.weights
    frame = dataset.frame(question.score)
    primary = question.planned_fit(frame)
    nothing_to_test = tuple(flag for flag in primary.flags if flag in UNTESTED)
    test = _randomization_test(question, frame)
    if test is not None and nothing_to_test:
        test = replace(untested(test), flags=merged(test.flags, nothing_to_test))
    interval = None if test is None or test.p_value is None else _interval(question, frame)
    factor = None if test is None or test.p_value is None else _factor_test(question, frame)
    sesoi, alpha = question.sesoi, question.alpha
    trial_flags = tuple(flag for flag in dataset.trial_flags if flag in FLAGS)
    bounds = (question.meaning.low, question.meaning.high)
    cannot = test is not None and test.smallest_p is not None and test.smallest_p > alpha
    discrete = None
    if not nothing_to_test and primary.estimate is not None:
        discrete = compared_outcome(dataset, question.score, question.contrast, level=question.level)
    around = merged(
        data_flags(frame, weights, bounds),
        balance_flags(frame, weights, _conditions(question, frame)),
        ("many_zeros",) if discrete is not None and "many_zeros" in discrete.flags else (),
        ("variance_changed",) if variance_changed(frame, weights, question.trend) else (),
        ("not_randomized",) if dataset.space.size == 1 else (),
        trial_flags,
        ("randomization_cannot_confirm",) if cannot else (),
        ("interval_not_attainable",) if interval is not None and not interval.attainable else (),
        ("late_entries",) if bool(frame["late"].astype(bool).any()) else (),
        tuple(flag for flag in (test.flags if test else ()) if flag.startswith("sequence_")),
    )

    def judged(estimate: Estimate) -> Judgement:
        return decide(
            estimate,
            better=question.meaning.better,
            sesoi=sesoi,
            alpha=alpha,
            confirm=(test or "missing") if question.must_confirm else "none",
            flags=merged(estimate.flags, around),
        )

    judgement, tamed = judged(primary), with_outliers_pulled_in(frame)
    pulled_in = None if tamed is None else judged(question.planned_fit(tamed)).verdict
    flags = merged(
        primary.flags, around, ("outlier_decides",) if pulled_in not in {None, judgement.verdict} else ()
    )
    evidence = None
    if (looks := looks_of(dataset)) is not None and looks.method == "e_value":
        evidence = block_evidence(frame, weights, question.level)
        inner = block_evidence(frame, weights, 1.0 - 2.0 * alpha)
        judgement = borne_out(judgement, evidence, inner, alpha=alpha, sesoi=sesoi)
    has_blocks = dataset.protocol.design.kind == "randomized_blocks"
    equivalence = None if sesoi is None else equivalence_test(primary, low=-sesoi, high=sesoi, alpha=alpha)
    return replace(
        described(question, flags, judgement.reason),
        mixed_model=None if question.is_daily else primary,
        daily_model=primary if question.is_daily else None,
        period_means=described_only(
            fit_period_means(frame, weights, question.trend, level=question.level), primary.flags
        ),
        paired_blocks=described_only(fit_paired_blocks(frame, weights, level=question.level), primary.flags)
        if has_blocks
        else None,
        randomization_test=test,
        reference_values=_reference_values(question, frame, test),
        randomization_interval=interval,
        factor_test=factor,
        evidence=evidence,
        equivalence=equivalence,
        effect_sizes=effect_sizes(frame, weights, primary, scale=question.meaning.scale),
        discrete=discrete,
        autocorrelation=autocorrelation(frame, weights, question.trend),
        bayes=_bayes(question, frame),
        residuals=residuals(frame, weights, question.trend),
        detectable_effect=detectable_effect(primary, alpha=alpha),
        verdict=judgement.verdict,
        verdict_by_interval=judgement.by_interval,
        lowered_by=judgement.lowered_by,
        outlying=outlying(frame),
        verdict_pulled_in=pulled_in,
    )


def untested(test: RandomizationResult) -> RandomizationResult:
    """Take counts and p out of a randomization test of data that may only be described.

    Parameters
    ----------
    test : RandomizationResult
        Of such data.

    Returns
    -------
    RandomizationResult
        With its statistic and its flags.
    """
    return replace(test, n_as_extreme=0, n_sequences=0, p_value=None, smallest_p=None)


def _conditions(question: Question, frame: pd.DataFrame) -> tuple[ConditionSummary, ...]:
    dataset = question.dataset
    return conditions_of(
        frame, dataset.protocol.condition_codes, planned_by_condition(dataset, question.score)
    )


def _bayes(question: Question, frame: pd.DataFrame) -> BayesResult:
    """Answer in probabilities, under the prior of the protocol; the verdict does not look at it."""
    protocol = question.dataset.protocol
    return effect_posterior(
        frame,
        question.contrast.weights,
        question.trend,
        effect_sd=prior_sd(protocol, question.score, question.sesoi),
        sesoi=question.sesoi,
        better=question.meaning.better,
        daily=question.is_daily,
        block_effect=protocol.analysis.block_effect,
        level=question.level,
    )


def _randomization_test(question: Question, frame: pd.DataFrame) -> RandomizationResult | None:
    """Make the test that the null of the contrast asks for; None where nothing was randomized."""
    dataset = question.dataset
    if dataset.space.size == 1:
        return None
    return randomization_test(
        frame,
        dataset.space,
        question.contrast.weights,
        question.trend,
        question.permute,
        question.statistic,
        question.rng(),
        sequence=dataset.sequence,
    )


def _reference_values(
    question: Question, frame: pd.DataFrame, test: RandomizationResult | None
) -> ReferenceValues | None:
    """Tell how the statistic of the primary outcome falls over the reference set; None where nothing is tested."""
    if question.role != "primary" or test is None or test.p_value is None:
        return None
    return reference_values(
        frame,
        question.dataset.space,
        question.contrast.weights,
        question.trend,
        permute=question.permute,
        statistic=question.statistic,
        rng=question.rng(),
        sequence=question.dataset.sequence,
    )


def _factor_test(question: Question, frame: pd.DataFrame) -> RandomizationResult | None:
    """Test a main effect of a two by two design against the factor doing nothing at all; None for other contrasts."""
    dataset, weights = question.dataset, question.contrast.weights
    factors = {str(code): one.factors for code, one in dataset.protocol.conditions.items()}
    found = factor_of(factors, weights)
    if found is None:
        return None
    return factor_randomization_test(
        frame,
        dataset.space,
        weights,
        found[1],
        question.trend,
        statistic="prewhitened" if question.is_daily else "residual",
        sequence=dataset.sequence,
        rng=question.rng(),
    )


def _interval(question: Question, frame: pd.DataFrame) -> IntervalResult:
    dataset = question.dataset
    for level in (question.level, *FALLBACK_LEVELS):
        low, high = randomization_interval(
            frame,
            dataset.space,
            question.contrast.weights,
            level,
            trend=question.trend,
            permute=question.permute,
            statistic=question.statistic,
            rng=question.rng(),
            sequence=dataset.sequence,
        )
        if low != float("-inf") or high != float("inf"):
            break
    return IntervalResult(low=low, high=high, level=level, attainable=level == question.level)
