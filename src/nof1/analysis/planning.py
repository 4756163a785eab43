"""What a protocol can find, told before the trial: power, the effect found with 80 %, what carry-over takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.analysis import planned_words
from nof1.analysis.expected_confirmation import MOST_STEPS, PairedConfirmation
from nof1.analysis.expected_noise import session_noise
from nof1.analysis.expected_order import (
    left_in_days,
    left_in_periods,
    limited_autocorrelations,
    shuffled_autocorrelation,
)
from nof1.analysis.expected_power import (
    Precision,
    daily_precision,
    day_mean,
    mean_covariance,
    mean_variance,
    period_precision,
)
from nof1.analysis.planned import Assumptions, PlanFacts, PlannedPower, Scale
from nof1.battery.catalogue import planned_scores
from nof1.protocol.scalars import hours
from nof1.schedule.design import space_of
from nof1.schedule.occasions import of_day
from nof1.schedule.strength import reach
from nof1.terms import ConditionCode, ScoreName

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nof1.protocol.model import Protocol
    from nof1.schedule.space import SequenceSpace

__all__ = ["EFFECTS", "TARGET", "Assumptions", "PlanFacts", "PlannedPower", "Scale", "plan_facts", "scale_of"]

EFFECTS = (0.5, 0.8)
"""Effects whose power is always told [SD of a score]."""
TARGET = 0.8
"""Power for which the effect is told."""
MOST_TIMES = 20
"""How many times longer a trial may have to be for its length to be told."""
_TREND_COLUMNS = {"none": 0, "log": 1, "linear": 1, "exp": 2, "spline": 3}


def plan_facts(
    protocol: Protocol, assumed: Assumptions | None = None, *, contrast: str | None = None
) -> PlanFacts:
    """Tell what a protocol can find, under stated assumptions and in closed form.

    Parameters
    ----------
    protocol : Protocol
        Without problems.
    assumed : Assumptions or None
        About scores that nobody has seen yet.
    contrast : str or None
        Name of a contrast of the plan; the primary one by default.

    Returns
    -------
    PlanFacts
        For the primary outcome.

    Raises
    ------
    ValueError
        If the plan has no such contrast, or the design does not fit together.
    """
    assumed = assumed or Assumptions()
    name = contrast or next(iter(protocol.contrasts))
    if name not in protocol.contrasts:
        raise ValueError(f"the plan has no contrast {name!r}; it has {', '.join(protocol.contrasts)}")
    order = _order(protocol, space_of(protocol), name)
    days, prompts = _scored_days(protocol)
    n_days = len(days) * sum(order.counts)
    precision = _precision(protocol, order, days, prompts, assumed)
    score_sd, noise = _score_sd(protocol, assumed)
    scale = Scale(score_sd=score_sd, sesoi=protocol.outcomes.primary.sesoi)
    finding = None if precision is None else _finding(protocol, name, precision, assumed)
    at_sesoi = finding.power(scale.sesoi_sd) if finding and scale.sesoi_sd is not None else None
    level = 1 - 2 * float(protocol.analysis.alpha)
    equivalence = precision.half_width(level) if precision else None
    attenuation, carry_over = _carry_over(protocol, order, _day(assumed, prompts)[1])
    return PlanFacts(
        score=ScoreName(protocol.outcomes.primary.score),
        contrast=name,
        analysed_days=days,
        prompts_a_day=prompts,
        n_days=n_days,
        precision=precision,
        power=tuple(finding.power(effect) for effect in EFFECTS) if finding else (),
        sesoi=at_sesoi,
        detectable_sd=finding.detectable() if finding else None,
        equivalence_sd=equivalence,
        score_sd=score_sd,
        attenuation=attenuation,
        carry_over=carry_over,
        assumptions=planned_words.assumptions(protocol, assumed, prompts, noise),
        notes=planned_words.notes(
            protocol,
            n_days,
            is_testable=precision is not None,
            equivalence=equivalence,
            sesoi=at_sesoi,
            needed=None if precision is None or at_sesoi is None else _needed(protocol, precision, at_sesoi),
        ),
    )


def scale_of(protocol: Protocol, assumed: Assumptions | None = None) -> Scale:
    """Tell what an SD of the primary score is in its unit, as far as that is known before the trial.

    Parameters
    ----------
    protocol, assumed
        As in `plan_facts`.

    Returns
    -------
    Scale
        For the primary outcome.
    """
    score_sd, _ = _score_sd(protocol, assumed or Assumptions())
    return Scale(score_sd=score_sd, sesoi=protocol.outcomes.primary.sesoi)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What matters about the orders that could be drawn: weights and periods of the conditions, and how they alternate."""

    weights: tuple[float, ...]
    counts: tuple[int, ...]
    autocorrelation: Callable[[int], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """Both tests that a verdict may need: the primary one, and that of the randomization at the level it can reach."""

    primary: Precision
    alpha: float
    permuted: Precision | None = None
    level: float = 0.0
    paired: PairedConfirmation | None = None

    def power(self, effect_sd: float) -> PlannedPower:
        power = self.primary.power(effect_sd, self.alpha)
        if self.paired is not None:
            confirmed = min(power, self.paired.power(effect_sd))
            return PlannedPower(effect_sd=effect_sd, power=power, confirmed=confirmed)
        if self.permuted is None:
            return PlannedPower(effect_sd=effect_sd, power=power)
        confirmed = min(power, self.permuted.power(effect_sd, self.level))
        return PlannedPower(effect_sd=effect_sd, power=power, confirmed=confirmed)

    def detectable(self) -> float | None:
        alone = self.primary.detectable(TARGET, self.alpha)
        if self.paired is not None:
            both = self.paired.detectable(TARGET)
            return None if both is None or alone is None else max(alone, both)
        if self.permuted is None or alone is None:
            return alone
        confirmed = self.permuted.detectable(TARGET, self.level)
        return None if confirmed is None else max(alone, confirmed)


def _finding(protocol: Protocol, contrast: str, precision: Precision, assumed: Assumptions) -> _Finding:
    analysis, space = protocol.analysis, space_of(protocol)
    if analysis.confirm != "randomization_test":
        return _Finding(primary=precision, alpha=float(analysis.alpha))
    weights = protocol.contrasts[contrast]
    found = reach(space, weights)
    steps = int(analysis.alpha * found.n_sequences / found.n_extreme)
    moving = {ConditionCode(code) for code, weight in weights.items() if weight}
    design = protocol.design
    if (
        analysis.model != "daily"
        and design.kind == "randomized_blocks"
        and design.per_block == 1
        and len(moving) == len(protocol.conditions) == 2
        and design.blocks is not None
        and steps <= MOST_STEPS
    ):
        days, prompts = _scored_days(protocol)
        sd, rho = _day(assumed, prompts)
        apart = design.period_days + design.washout_days
        paired = PairedConfirmation(
            df=precision.df,
            variance=mean_variance(days, rho=rho, period_sd=assumed.period_sd, sd=sd),
            covariance=mean_covariance(days, apart, rho=rho, sd=sd),
            n_blocks=design.blocks,
            n_steps=steps,
            alpha=float(analysis.alpha),
        )
        return _Finding(primary=precision, alpha=float(analysis.alpha), paired=paired)
    df = precision.df if analysis.model == "daily" else _permuted_df(space, moving, precision.df)
    return _Finding(
        primary=precision,
        alpha=float(analysis.alpha),
        permuted=Precision(se=precision.se, df=df),
        level=steps * found.n_extreme / found.n_sequences,
    )


def _permuted_df(space: SequenceSpace, moving: set[ConditionCode], primary: float) -> float:
    """Return the degrees of freedom of a t on what a shuffle within sets compares: each set takes one of them."""
    n_sets = len(set(space.blocks))
    if len(moving) > 2:
        return n_sets - 1 if n_sets > 1 else primary
    return sum(code in moving for code in space.unrank(0)) - n_sets - (len(moving) - 1)


def _needed(protocol: Protocol, precision: Precision, sesoi: PlannedPower) -> tuple[int, str] | None:
    """Return about how many blocks, or periods, find the smallest effect of interest with 80 %; None: far too many."""
    n_periods, alpha = space_of(protocol).n_periods, float(protocol.analysis.alpha)
    blocks = protocol.design.blocks
    n, unit = (n_periods, "periods") if blocks is None else (blocks, "blocks")
    for more in range(n, MOST_TIMES * n + 1):
        df = precision.df * more / n if protocol.analysis.model == "daily" else precision.df
        if protocol.analysis.model != "daily":
            df += (more - n) * n_periods / n
        if Precision(se=precision.se * math.sqrt(n / more), df=df).power(sesoi.effect_sd, alpha) >= TARGET:
            return more, unit
    return None


def _order(protocol: Protocol, space: SequenceSpace, contrast: str) -> _Order:
    given, codes, design = protocol.contrasts[contrast], protocol.condition_codes, protocol.design
    sequence = space.unrank(0)
    n, k = len(sequence), len(codes)
    counts = tuple(sequence.count(code) for code in codes)
    weights = tuple(float(given.get(code, 0)) for code in codes)
    if design.kind == "counterbalanced":
        # The labels are drawn, the pattern is not: all that counts is which periods are alike.
        found = _along(sequence, lambda one, other: k * (one == other) - 1)
    elif design.kind == "fixed":
        share = {code: weight / max(n_c, 1) for code, weight, n_c in zip(codes, weights, counts, strict=True)}
        found = _along(sequence, lambda one, other: share[one] * share[other])
    elif design.max_run is not None and k == 2 and design.max_run < n // 2:
        near = dict(enumerate(limited_autocorrelations(n, design.max_run), start=1))
        found = lambda distance: near.get(distance, 0.0)  # noqa: E731 - one of four
    else:
        # With a longest run of more than two conditions this leaves out what their alternation gains.
        size = {"randomized_blocks": design.per_block * k, "williams": k}.get(design.kind, n)
        found = lambda distance: shuffled_autocorrelation(distance, n, size)  # noqa: E731 - one of four
    return _Order(weights=weights, counts=counts, autocorrelation=found)


def _along(
    sequence: Sequence[ConditionCode], product: Callable[[ConditionCode, ConditionCode], float]
) -> Callable[[int], float]:
    """Return the autocorrelation of one sequence."""
    scale = math.fsum(product(code, code) for code in sequence)
    return lambda distance: math.fsum(map(product, sequence, sequence[distance:])) / scale


def _scored_days(protocol: Protocol) -> tuple[tuple[int, ...], float]:
    """Return the days of a period on which the primary score is due and counts, and how often it is due then."""
    score, design = protocol.outcomes.primary.score, protocol.design
    times = {
        day: sum(
            any(score in planned_scores(protocol, part) for part in one.due) for one in of_day(protocol, day)
        )
        for day in range(design.onset_days + 1, design.period_days + 1)
    }
    days = tuple(day for day, n in times.items() if n)
    return days, (sum(times.values()) / len(days) if days else 0.0)


def _precision(
    protocol: Protocol, order: _Order, days: tuple[int, ...], prompts: float, assumed: Assumptions
) -> Precision | None:
    design, analysis = protocol.design, protocol.analysis
    lacking = any(weight and not n for weight, n in zip(order.weights, order.counts, strict=True))
    if lacking or not days:
        return None
    sd, rho = _day(assumed, prompts)
    apart = design.period_days + design.washout_days
    if analysis.model == "daily":
        r_1 = order.autocorrelation(1)
        return daily_precision(order.weights, order.counts, rho=rho**apart, r_1=r_1, sd=sd)
    blocks = design.blocks - 1 if analysis.block_effect and design.blocks is not None else 0
    found = period_precision(
        order.weights,
        order.counts,
        days,
        rho=rho,
        period_sd=assumed.period_sd,
        autocorrelation=order.autocorrelation,
        sd=sd,
        apart_days=apart,
        n_other=_TREND_COLUMNS[analysis.trend] + blocks,
    )
    return found if found.df >= 1 else None


def _day(assumed: Assumptions, prompts: float) -> tuple[float, float]:
    """Return standard deviation [SD of a score] and autocorrelation of a day; with one score a day they are the score's."""
    if prompts <= 1:
        return 1.0, assumed.rho
    return day_mean(prompts, rho=assumed.rho, day_share=assumed.day_share)


def _score_sd(protocol: Protocol, assumed: Assumptions) -> tuple[float | None, float | None]:
    """Return how much a score varies from day to day, and the noise of the test from which that was taken."""
    if assumed.score_sd is not None:
        return assumed.score_sd, None
    noise = session_noise(protocol, protocol.outcomes.primary.score)
    return (None if noise is None else noise / math.sqrt(1 - assumed.day_share)), noise


def _carry_over(protocol: Protocol, order: _Order, rho: float) -> tuple[float | None, str]:
    design = protocol.design
    known = [one.half_life for one in protocol.conditions.values() if one.half_life is not None]
    if not known:
        return None, planned_words.unknown_carry_over(protocol)
    slowest = max(known, key=hours)
    half_life = max(float(hours(slowest)) / 24, 1e-6)
    r_1 = order.autocorrelation(1)
    if protocol.analysis.model == "daily":
        apart = 1 + design.washout_days
        left = 2 ** (-apart / half_life)
        kept = left_in_days(left, rho=rho**apart, r_1=r_1, r_2=order.autocorrelation(2))
        return kept, planned_words.daily_carry_over(slowest, left, kept)
    kept = left_in_periods(
        half_life,
        period_days=design.period_days,
        onset_days=design.onset_days,
        washout_days=design.washout_days,
        r_1=r_1,
    )
    spared = design.onset_days + design.washout_days
    return kept, planned_words.period_carry_over(slowest, half_life, spared, kept)
