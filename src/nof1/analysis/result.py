"""What an analysis gives back: values only, each able to write itself as a part of results.json."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from nof1.analysis.blinding_summary import BlindingSummary
from nof1.analysis.randomization_result import (  # noqa: TC001 - also found here by whoever reads results
    RandomizationResult as RandomizationResult,  # noqa: PLC0414
)

if TYPE_CHECKING:
    from nof1.analysis.bayes_result import BayesResult
    from nof1.analysis.day_records import DayRecord, EventRecord
    from nof1.analysis.disclosure import Disclosure
    from nof1.analysis.discrete_result import DiscreteComparison
    from nof1.analysis.e_value import EValue
    from nof1.analysis.progress import LooksSummary
    from nof1.analysis.randomization_result import ReferenceValues
    from nof1.analysis.residuals import Residuals
    from nof1.protocol.model import Protocol

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
Role = Literal["primary", "secondary"]
Verdict = Literal["not_estimable", "trivial", "benefit", "harm", "no_worthwhile_difference", "inconclusive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One contrast, estimated by one method; what could not be told is None, and a flag says why.

    Attributes
    ----------
    estimate, se : float or None
        Weighted sum of the condition means (first minus second for a pair) and its standard error [unit].
    df, statistic, p_value : float or None
        Degrees of freedom, t and two-sided p.
    ci_low, ci_high : float or None
        Ends of the interval at `level` [unit].
    method : str
        ``mixed_model``, ``daily_model``, ``period_means`` or ``paired_blocks``.
    n_sessions, n_periods : int
        Scores with a value, and periods that hold one.
    flags : tuple of str
        Keys of `nof1.analysis.flags.FLAGS`.
    level : float
        Confidence level of the interval.
    details : mapping of str to float or None
        Numbers of the method: variances, autocorrelation, Satterthwaite's SE, df and p.
    note : str
        What a flag cannot say, such as the name of a column that is not estimable.
    """

    estimate: float | None
    se: float | None = None
    df: float | None = None
    statistic: float | None = None
    p_value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    method: str
    n_sessions: int = 0
    n_periods: int = 0
    flags: tuple[str, ...] = ()
    level: float = 0.95
    details: Mapping[str, float | None] = field(default_factory=dict)
    note: str = ""

    def interval(self, level: float) -> tuple[float, float] | None:
        """Return the t interval at another level, or None where there is no interval.

        Parameters
        ----------
        level : float
            Between 0 and 1.

        Returns
        -------
        tuple of (float, float) or None
            Low and high end [unit].
        """
        from scipy import special  # noqa: PLC0415  (results are read where scipy is not needed)

        if self.estimate is None or self.se is None or self.df is None or self.ci_low is None:
            return None
        half = float(special.stdtrit(self.df, 0.5 + level / 2)) * self.se
        return self.estimate - half, self.estimate + half

    def to_json(self) -> dict[str, JsonValue]:
        """Write the estimate as results.json has it, its two ends together as ``ci``."""
        values = _fields(self)
        ends = [values.pop("ci_low"), values.pop("ci_high")]
        values["ci"] = None if ends == [None, None] else ends
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceResult:
    """Two one-sided tests against a smallest effect of interest, with the SE and df of the estimate.

    Attributes
    ----------
    low, high : float
        Bounds of what is too small to matter [unit].
    p_value : float or None
        The larger of the two one-sided p-values.
    equivalent : bool or None
        Whether the interval at 1 - 2 alpha lies inside the bounds; None where there is none.
    ci_low, ci_high, level : float
        That interval and its level.
    """

    low: float
    high: float
    p_value: float | None
    equivalent: bool | None
    ci_low: float | None = None
    ci_high: float | None = None
    level: float = 0.9

    def to_json(self) -> dict[str, JsonValue]:
        """Write the test as results.json has it."""
        values = _fields(self)
        ends = [values.pop("ci_low"), values.pop("ci_high")]
        values["ci"] = None if ends == [None, None] else ends
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalResult:
    """All effects that the randomization test does not reject at `level`; an end may be infinite."""

    low: float
    high: float
    level: float
    attainable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """The comparison that is estimated: condition to weight, summing to 0."""

    name: str
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSizes:
    """Effects without a unit, for readers who compare trials; increase is not yet turned into better.

    Attributes
    ----------
    d_within : float or None
        Estimate over the standard deviation within periods.
    g_within : float or None
        The same with Hedges' correction for small samples.
    d_z : float or None
        Mean over SD of the block differences; not to be compared with `d_within`.
    nap : float or None
        Chance that a score of the first condition exceeds one of the second, ties by half.
    log_response_ratio, log_response_ratio_se : float or None
        Logarithm of the ratio of the two means, and its standard error from the means of periods; only for
        scores of which there can be twice as much.
    """

    d_within: float | None = None
    g_within: float | None = None
    d_z: float | None = None
    nap: float | None = None
    log_response_ratio: float | None = None
    log_response_ratio_se: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Autocorrelation:
    """How much a day resembles the day before, after condition and trend.

    Attributes
    ----------
    lag1 : float or None
        Moment estimate over neighbouring days; biased towards 0 and below by about (1 + 4 rho) / n.
    rho : float or None
        REML estimate of an AR(1) over calendar days.
    effective_days : float or None
        Independent days that a period is worth [days].
    """

    lag1: float | None = None
    rho: float | None = None
    effective_days: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionSummary:
    """The scores under one condition, described."""

    condition: str
    n_planned: int
    n_sessions: int
    n_missing: int
    n_periods: int
    mean: float | None = None
    sd: float | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodSummary:
    """One period: where it lies, what was taken, and (in an outcome) what was seen."""

    period: int
    block: int | None = None
    condition: str | None = None
    kit: str | None = None
    first_day: int | None = None
    last_day: int | None = None
    n_sessions: int = 0
    mean: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Every planned occasion of a score as columns of equal length, run-in and washout included."""

    session: tuple[int, ...] = ()
    day: tuple[int | None, ...] = ()
    period: tuple[int, ...] = ()
    condition: tuple[str | None, ...] = ()
    value: tuple[float | None, ...] = ()
    analysed: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlyingScore:
    """A score that lies far from the others of its condition.

    Attributes
    ----------
    session : int
        Occasion of this score, from 1.
    day : int or None
        Day of the trial.
    period : int
        Its period.
    condition : str
        Under which it was measured.
    value : float
        What was measured [unit].
    distance : float
        From the median of its condition, in robust standard deviations.
    """

    session: int
    day: int | None
    period: int
    condition: str
    value: float
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityRow:
    """The same question with one thing done otherwise.

    Attributes
    ----------
    score, contrast, name : str
        What, and which alternative (stable code such as ``trend_linear`` or ``without_block_3``).
    label : str
        The alternative in words.
    is_planned : bool
        True for the analysis that the protocol plans; it comes first.
    estimate : Estimate
        Its result.
    """

    score: str
    contrast: str
    name: str
    label: str
    is_planned: bool
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeResult:
    """One score and one contrast, with everything that the plan asks of them.

    Attributes
    ----------
    score, label, role, unit, better
        Which score, in words, primary or secondary, its unit, and which direction is good.
    contrast : Contrast
        Name and weights.
    sesoi : float or None
        Smallest effect size of interest [unit].
    n_sessions, n_missing, n_periods : int
        Analysed occasions with a value, without one, and periods with data.
    primary_method : str
        Name of the field that holds the planned estimate: ``mixed_model`` or ``daily_model``.
    reference_values : ReferenceValues or None
        How its statistic falls over the sequences that could have been drawn; for the primary outcome.
    randomization_interval : IntervalResult or None
        Inversion of the randomization test.
    evidence : EValue or None
        Where the protocol allows a look after any block: what the block differences say, whenever one stops.
    closed_test : RandomizationResult or None
        Where several conditions are compared with one reference: its p is adjusted for that.
    factor_test : RandomizationResult or None
        Where the contrast is a main effect of a two by two design: the test that the factor does nothing at either
        level of the other.
    bayes : BayesResult or None
        The answer in probabilities, under the prior of the protocol; it never changes the verdict.
    residuals : Residuals or None
        What is left of the scores after condition and practice.
    discrete : DiscreteComparison or None
        The same question without a model, for ratings, counts, yes and no.
    adjusted_p_value : float or None
        The primary p within the confirmatory family of `n_family` tests; None where there is no p.
    max_t_test : RandomizationResult or None
    max_t_p_value : float or None
        The randomization p, adjusted over all outcomes of the same contrast by the same sequences.
    detectable_effect : float or None
        Effect that a trial as precise as this one finds with 80 % power [unit].
    verdict, verdict_reason : str
        One of the six words of the report, and why.
    verdict_by_interval : str
        The word that the intervals alone would have given.
    lowered_by : tuple of str
        What took it away: flags, ``confirmation_missing``, ``not_confirmed``, ``multiplicity``.
    outlying : tuple of OutlyingScore
        Scores far from the others, the farthest first; they stay in.
    verdict_pulled_in : str or None
        The verdict with these scores pulled in; None where none lies far out.
    by_condition, by_period, series
        The data behind the figures.
    """

    score: str
    label: str
    role: Role
    unit: str
    better: Literal["higher", "lower"]
    contrast: Contrast
    sesoi: float | None = None
    n_sessions: int = 0
    n_missing: int = 0
    n_periods: int = 0
    primary_method: Literal["mixed_model", "daily_model"]
    mixed_model: Estimate | None = None
    daily_model: Estimate | None = None
    period_means: Estimate | None = None
    paired_blocks: Estimate | None = None
    randomization_test: RandomizationResult | None = None
    reference_values: ReferenceValues | None = None
    randomization_interval: IntervalResult | None = None
    evidence: EValue | None = None
    closed_test: RandomizationResult | None = None
    factor_test: RandomizationResult | None = None
    equivalence: EquivalenceResult | None = None
    effect_sizes: EffectSizes | None = None
    discrete: DiscreteComparison | None = None
    autocorrelation: Autocorrelation | None = None
    bayes: BayesResult | None = None
    residuals: Residuals | None = None
    adjusted_p_value: float | None = None
    max_t_test: RandomizationResult | None = None
    max_t_p_value: float | None = None
    n_family: int = 1
    detectable_effect: float | None = None
    verdict: Verdict = "not_estimable"
    verdict_reason: str = ""
    verdict_by_interval: Verdict = "not_estimable"
    lowered_by: tuple[str, ...] = ()
    outlying: tuple[OutlyingScore, ...] = ()
    verdict_pulled_in: Verdict | None = None
    flags: tuple[str, ...] = ()
    level: float = 0.95
    by_condition: tuple[ConditionSummary, ...] = ()
    by_period: tuple[PeriodSummary, ...] = ()
    series: Series = field(default_factory=Series)

    @property
    def primary(self) -> Estimate | None:
        """The estimate of the planned method."""
        return self.mixed_model if self.primary_method == "mixed_model" else self.daily_model


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmSummary:
    """One rating of harm under one condition (None: pooled, while blinded)."""

    score: str
    label: str
    condition: str | None
    n_sessions: int
    mean: float | None
    maximum: float | None
    n_days_above_zero: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventSummary:
    """Adverse events that began under one condition (None: pooled, in the run-in or before unblinding)."""

    condition: str | None
    n_events: int
    n_serious: int
    worst_severity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceSummary:
    """What was planned, what was entered, what came late, what was swallowed.

    Attributes
    ----------
    n_planned, n_rows, n_entered, n_missing : int
        Scores by the protocol; rows of the tables, which lack some of them in an imported trial; those with a
        value; and those without one, with or without a row.
    n_missing_in_run_in : int
        Of those missing, during practice.
    n_late : int
        Entered late.
    missing_by_condition, missing_by_reason : mapping of str to int
        Practice and washout are in no condition; the reason ``no_row`` stands for scores that the file of another
        program does not hold.
    n_doses_recorded, n_doses_missed : int
        Records of a dose, and those that say it was not taken.
    n_doses_planned, n_doses_without_record : int or None
        None where the protocol names no times, or the conditions that would tell are not known.
    n_guesses_planned, n_guesses : int
        Periods about which a guess is asked for, and those with one.
    """

    n_planned: int = 0
    n_rows: int = 0
    n_entered: int = 0
    n_missing: int = 0
    n_missing_in_run_in: int = 0
    n_late: int = 0
    missing_by_condition: Mapping[str, int] = field(default_factory=dict)
    missing_by_reason: Mapping[str, int] = field(default_factory=dict)
    n_doses_recorded: int = 0
    n_doses_missed: int = 0
    n_doses_planned: int | None = None
    n_doses_without_record: int | None = None
    n_guesses_planned: int = 0
    n_guesses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceSummary:
    """Which order was realised, among how many that could have been; whole numbers as text, they may be huge."""

    kind: str
    size: str
    rank: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A whole trial, analysed as its protocol planned; `to_json` is results.json.

    Attributes
    ----------
    nof1 : str
        Version that computed this.
    trial, title, protocol_sha256, mode : str
        Which trial, by which protocol, blinded how.
    simulated, imported, blinded_review : bool
        Where the data come from; and whether the conditions are still unknown.
    alpha : float
        Level at which this analysis is tested: of the plan, or what a planned look leaves of it.
    looks : LooksSummary or None
        The looks that the protocol plans.
    sequence : SequenceSummary
        The order and its space.
    outcomes : tuple of OutcomeResult
        One per score and contrast, the primary outcome first.
    harms, harm_comparisons, adverse_events, events, days, blinding, adherence, deviations, sensitivity
        What else the report tells.
    disclosure : Disclosure or None
        What one known kit gives away by the design; None where there were no kits.
    conditions : mapping of str to str
        Code to name.
    periods : tuple of PeriodSummary
        The calendar of the trial.
    protocol, record
        The protocol itself and the content of trial.json, for pages; not part of results.json.
    """

    nof1: str
    trial: str
    title: str = ""
    protocol_sha256: str
    simulated: bool = False
    imported: bool = False
    blinded_review: bool = False
    mode: str = ""
    alpha: float = 0.05
    looks: LooksSummary | None = None
    sequence: SequenceSummary
    outcomes: tuple[OutcomeResult, ...] = ()
    harms: tuple[HarmSummary, ...] = ()
    harm_comparisons: tuple[DiscreteComparison, ...] = ()
    adverse_events: tuple[AdverseEventSummary, ...] = ()
    events: tuple[EventRecord, ...] = ()
    days: tuple[DayRecord, ...] = ()
    blinding: BlindingSummary = field(default_factory=BlindingSummary)
    disclosure: Disclosure | None = None
    adherence: AdherenceSummary = field(default_factory=AdherenceSummary)
    sensitivity: tuple[SensitivityRow, ...] = ()
    deviations: tuple[Mapping[str, str], ...] = ()
    flags: tuple[str, ...] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)
    periods: tuple[PeriodSummary, ...] = ()
    protocol: Protocol | None = None
    record: Mapping[str, object] = field(default_factory=dict)

    @property
    def primary(self) -> OutcomeResult:
        """The first contrast of the primary outcome."""
        return next(outcome for outcome in self.outcomes if outcome.role == "primary")

    @property
    def verdict(self) -> Verdict:
        """The verdict on the first contrast of the primary outcome."""
        return self.primary.verdict

    def to_json(self) -> dict[str, JsonValue]:
        """Write everything as results.json; numbers that are not finite become null.

        Returns
        -------
        dict
            Text, numbers, booleans, lists and dicts only.
        """
        values = _fields(self, leave_out=("protocol", "record"))
        values["verdict"] = self.verdict
        return values


def plain(value: object) -> JsonValue:
    """Turn a value of this module into what JSON can hold.

    Parameters
    ----------
    value : object
        A dataclass of this module, a mapping, a sequence, a number, text or None.

    Returns
    -------
    JsonValue
        Floats that are not finite become None.

    Raises
    ------
    TypeError
        If the value has no place in JSON.

    Examples
    --------
    >>> plain({"ci": (float("-inf"), 1.5)})
    {'ci': [None, 1.5]}
    """
    if isinstance(value, Estimate | EquivalenceResult | Results):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in results.json")


def _fields(value: object, leave_out: tuple[str, ...] = ()) -> dict[str, JsonValue]:
    names = [item.name for item in fields(value) if item.name not in leave_out]  # type: ignore[arg-type]
    return {name: plain(getattr(value, name)) for name in names}
