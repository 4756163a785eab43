"""Results made by hand, so that the report is tested without any analysis."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nof1.analysis.bayes_result import BayesResult, Posterior
from nof1.analysis.blinding_summary import BlindingSummary, GuessRow, GuessTest, Index
from nof1.analysis.residuals import Residuals
from nof1.analysis.result import (
    AdherenceSummary,
    AdverseEventSummary,
    Autocorrelation,
    ConditionSummary,
    Contrast,
    EffectSizes,
    EquivalenceResult,
    Estimate,
    HarmSummary,
    IntervalResult,
    OutcomeResult,
    PeriodSummary,
    RandomizationResult,
    Results,
    SensitivityRow,
    SequenceSummary,
    Series,
)

if TYPE_CHECKING:
    from collections.abc import Callable

N_PERIODS, PERIOD_DAYS, RUN_IN = 12, 7, 6
ORDER = ("on", "off", "off", "on", "on", "off", "off", "on", "off", "on", "on", "off")


def an_estimate(value: float | None = 0.42, se: float = 0.15, **changes: object) -> Estimate:
    """Make an estimate with its t interval at 9.1 degrees of freedom (quantile 2.258)."""
    made = Estimate(estimate=value, method="mixed_model", n_sessions=58, n_periods=12)
    if value is not None:
        ends = {"ci_low": value - 2.258 * se, "ci_high": value + 2.258 * se}
        made = replace(made, se=se, df=9.1, statistic=value / se, p_value=0.0214, **ends)
    return replace(made, **changes)


def a_series(level: float = 2.4, effect: float = 0.4) -> Series:
    """Run-in and twelve periods of seven days, two onset days each, every tenth score missing."""
    columns: dict[str, list[object]] = {
        name: [] for name in ("session", "day", "period", "condition", "value", "analysed")
    }
    for day in range(1, RUN_IN + N_PERIODS * PERIOD_DAYS + 1):
        period = 0 if day <= RUN_IN else (day - RUN_IN - 1) // PERIOD_DAYS + 1
        condition = ORDER[period - 1] if period else None
        wobble = 0.35 * math.sin(12.9898 * day * day) + 0.2 * math.sin(1.7 * period)
        value = level + effect * (condition == "on") + 0.25 * day**0.2 + wobble
        in_period = (day - RUN_IN - 1) % PERIOD_DAYS
        columns["session"].append(day)
        columns["day"].append(day)
        columns["period"].append(period)
        columns["condition"].append(condition)
        columns["value"].append(None if day % 10 == 0 else round(value, 3))
        columns["analysed"].append(period > 0 and in_period >= 2)
    return Series(**{name: tuple(values) for name, values in columns.items()})


def a_posterior(**changes: object) -> BayesResult:
    """Make chances that agree with `an_outcome`, under the prior of one smallest worthwhile difference."""
    planned = Posterior(
        name="planned",
        effect_sd=0.3,
        ratio_sd=0.5,
        mean=0.33,
        sd=0.14,
        ci_low=0.06,
        ci_high=0.61,
        p_benefit=0.987,
        p_worthwhile=0.59,
        p_harm=0.0004,
    )
    others = (
        replace(planned, name="half", effect_sd=0.15, mean=0.22, p_benefit=0.97, p_worthwhile=0.22),
        replace(planned, name="double", effect_sd=0.6, mean=0.39, p_benefit=0.992, p_worthwhile=0.74),
        replace(planned, name="flat", effect_sd=None, mean=0.42, p_benefit=0.9949, p_worthwhile=0.79),
        replace(planned, name="wide", ratio_sd=1.0, mean=0.32, p_benefit=0.98, p_worthwhile=0.56),
    )
    made = BayesResult(
        posterior=planned,
        alternatives=others,
        method="period_grid",
        sesoi=0.3,
        rho=0.18,
        period_ratio=0.31,
    )
    return replace(made, **changes)


def an_outcome(**changes: object) -> OutcomeResult:
    """Make a primary outcome that the active condition improves."""
    estimate = an_estimate()
    made = OutcomeResult(
        score="wm.dprime",
        label="working memory",
        role="primary",
        unit="d′",
        better="higher",
        contrast=Contrast(name="on_off", weights={"on": 1.0, "off": -1.0}),
        sesoi=0.3,
        n_sessions=58,
        n_missing=2,
        n_periods=12,
        primary_method="mixed_model",
        mixed_model=replace(
            estimate,
            details={
                "day_variance": 0.12,
                "period_variance": 0.01,
                "satterthwaite_se": 0.148,
                "satterthwaite_df": 9.6,
                "satterthwaite_p": 0.0188,
            },
        ),
        period_means=replace(an_estimate(0.40, 0.14), method="period_means"),
        paired_blocks=replace(an_estimate(0.44, 0.17), method="paired_blocks"),
        randomization_test=RandomizationResult(
            statistic=0.4,
            n_as_extreme=2,
            n_sequences=64,
            p_value=2 / 64,
            smallest_p=2 / 64,
            exact=True,
        ),
        randomization_interval=IntervalResult(low=0.05, high=0.78, level=0.95, attainable=True),
        equivalence=EquivalenceResult(
            low=-0.3, high=0.3, p_value=0.78, equivalent=False, ci_low=0.146, ci_high=0.694, level=0.9
        ),
        effect_sizes=EffectSizes(d_within=1.1, g_within=1.0, d_z=0.9, nap=0.77),
        autocorrelation=Autocorrelation(lag1=0.12, rho=0.2, effective_days=3.6),
        bayes=a_posterior(),
        residuals=Residuals(
            session=tuple(float(session) for session in range(9, 69)),
            period=tuple(1 + place // 5 for place in range(60)),
            value=tuple(round(0.3 * math.sin(1.7 * place), 3) for place in range(60)),
        ),
        adjusted_p_value=0.0214,
        n_family=3,
        verdict="benefit",
        verdict_reason="The interval lies above 0.",
        by_condition=(
            ConditionSummary(
                condition="on",
                n_planned=30,
                n_sessions=29,
                n_missing=1,
                n_periods=6,
                mean=3.4,
                sd=0.4,
                minimum=2.6,
                maximum=4.1,
            ),
            ConditionSummary(
                condition="off",
                n_planned=30,
                n_sessions=29,
                n_missing=1,
                n_periods=6,
                mean=3.0,
                sd=0.4,
                minimum=2.2,
                maximum=3.7,
            ),
        ),
        series=a_series(),
    )
    return replace(made, **changes)


def some_results(**changes: object) -> Results:
    """Make a whole trial: primary benefit, one inconclusive and one trivial secondary outcome."""
    primary = an_outcome()
    speed = an_outcome(
        score="vigil.speed",
        label="reaction speed",
        role="secondary",
        unit="1/s",
        sesoi=0.2,
        mixed_model=an_estimate(0.05, 0.11, p_value=0.66),
        verdict="inconclusive",
        adjusted_p_value=0.66,
        series=a_series(3.9, 0.05),
    )
    headache = an_outcome(
        score="harms.headache",
        label="headache",
        role="secondary",
        unit="",
        better="lower",
        sesoi=1.0,
        mixed_model=an_estimate(-0.3, 0.1, p_value=0.012),
        verdict="trivial",
        adjusted_p_value=0.024,
        series=a_series(2.0, -0.3),
    )
    periods = [PeriodSummary(period=0, first_day=1, last_day=RUN_IN, n_sessions=6)]
    for place, condition in enumerate(ORDER):
        first = RUN_IN + 1 + place * PERIOD_DAYS
        periods.append(
            PeriodSummary(
                period=place + 1,
                block=place // 2 + 1,
                condition=condition,
                kit=f"K-TEST{place:02d}",
                first_day=first,
                last_day=first + PERIOD_DAYS - 1,
                n_sessions=6,
            )
        )
    labels = {
        "trend_linear": "Linear practice trend",
        "trend_none": "No practice trend",
        "onset_0": "All days of every period",
        "onset_3": "First 3 days of every period left out",
        "without_block_1": "Without block 1",
        "without_block_2": "Without block 2",
        "blocks": "Blocks in the model",
        "guess_adjusted": "With the guess in the model",
        "gls_ar1": "Day-to-day correlation instead of period effects",
    }
    sensitivity = [
        SensitivityRow(
            score="wm.dprime",
            contrast="on_off",
            name="planned",
            label="As planned",
            is_planned=True,
            estimate=primary.mixed_model,
        )
    ] + [
        SensitivityRow(
            score="wm.dprime",
            contrast="on_off",
            name=name,
            label=label,
            is_planned=False,
            estimate=an_estimate(0.30 + 0.03 * place, 0.14 + 0.01 * place),
        )
        for place, (name, label) in enumerate(labels.items())
    ]
    sensitivity.append(
        SensitivityRow(
            score="wm.dprime",
            contrast="on_off",
            name="exposure",
            label="the effect builds up and fades by halves, instead of being there or not",
            is_planned=False,
            estimate=Estimate(estimate=None, method="none", note="the protocol states no half-life"),
        )
    )
    made = Results(
        nof1="0.1.0",
        trial="memory-test",
        title="Does the capsule improve my working memory?",
        protocol_sha256="ab" * 32,
        mode="self_blinded",
        sequence=SequenceSummary(kind="randomized_blocks", size="64", rank="15"),
        outcomes=(primary, speed, headache),
        harms=(
            HarmSummary(
                score="harms.headache",
                label="headache",
                condition="on",
                n_sessions=40,
                mean=1.2,
                maximum=4.0,
                n_days_above_zero=11,
            ),
            HarmSummary(
                score="harms.headache",
                label="headache",
                condition="off",
                n_sessions=40,
                mean=0.9,
                maximum=3.0,
                n_days_above_zero=8,
            ),
        ),
        adverse_events=(
            AdverseEventSummary(condition="on", n_events=2, n_serious=0, worst_severity=2),
            AdverseEventSummary(condition="off", n_events=0, n_serious=0, worst_severity=None),
        ),
        blinding=BlindingSummary(
            n_guesses=12,
            n_correct=7,
            n_wrong=4,
            n_dont_know=1,
            guesses=(GuessRow(period=1, condition="on", guess="on", probability=0.7),),
            counts={
                "on": {"on": 4, "off": 2, "dont_know": 0},
                "off": {"on": 2, "off": 3, "dont_know": 1},
            },
            bang={
                "on": Index(value=1 / 3, se=0.385, ci=(-0.554, 0.914)),
                "off": Index(value=1 / 6, se=0.366, ci=(-0.580, 0.783)),
            },
            james=Index(value=0.4194, se=0.1428, ci=(0.1395, 0.6994)),
            log_score=0.07,
            correct_test=GuessTest(
                statistic=7, n_as_extreme=20, n_sequences=64, p_value=20 / 64, smallest_p=1 / 64, exact=True
            ),
            log_score_test=GuessTest(
                statistic=0.07,
                n_as_extreme=17,
                n_sequences=64,
                p_value=17 / 64,
                smallest_p=1 / 64,
                exact=True,
            ),
        ),
        adherence=AdherenceSummary(
            n_planned=90,
            n_entered=81,
            n_missing=9,
            n_late=2,
            missing_by_condition={"on": 4, "off": 5},
            missing_by_reason={"forgot": 6, "ill": 3},
            n_doses_recorded=84,
            n_doses_missed=1,
        ),
        sensitivity=tuple(sensitivity),
        deviations=({"day": "23", "kind": "dose", "text": "Evening capsule taken at noon."},),
        conditions={"on": "capsule", "off": "placebo"},
        periods=tuple(periods),
    )
    return replace(made, **changes)


@pytest.fixture(scope="session")
def make_estimate() -> Callable[..., Estimate]:
    """Return the factory of estimates."""
    return an_estimate


@pytest.fixture(scope="session")
def make_outcome() -> Callable[..., OutcomeResult]:
    """Return the factory of outcomes."""
    return an_outcome


@pytest.fixture(scope="session")
def make_results() -> Callable[..., Results]:
    """Return the factory of whole results."""
    return some_results
