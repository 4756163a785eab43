"""What a protocol says, section by section, as the person wrote it and with every default filled in."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from nof1.protocol.scalars import ClockTime, Flag, Number, QuantityText, Whole
from nof1.terms import TRIAL_ID_PATTERN, Better, ConditionCode, InstrumentId, Mode, ScoreName

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
ScoreText = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]


class Section(BaseModel):
    """Base of all sections: frozen, and nothing unknown is let in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Participant(Section):
    """Who takes part; with an owner who is another person, consent is recorded."""

    is_owner: Flag = True
    description: str = ""
    consent_on: str | None = None


class Condition(Section):
    """One thing compared. Whatever carries a dose is taken in."""

    name: Text
    dose: QuantityText | None = None  # per intake
    times: tuple[ClockTime, ...] = ()
    route: str | None = None
    form: str | None = None
    capsules: Whole = Field(default=1, ge=0, le=50)  # per intake
    price: QuantityText | None = None  # per intake, such as 0.20 EUR
    half_life: QuantityText | None = None  # of the effect
    active: Flag | None = None  # counts for ceilings; default: it has a dose
    factors: dict[Code, str] = Field(default_factory=dict)
    source: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it counts for the participant's ceilings."""
        return self.dose is not None if self.active is None else self.active


class Constant(Section):
    """Something that is the same in every period, and so cannot confound."""

    name: Text
    dose: QuantityText | None = None
    times: tuple[ClockTime, ...] = ()
    why: str = ""
    price: QuantityText | None = None


class StopWhen(Section):
    """When the run-in has flattened enough; it advises only."""

    score: ScoreText
    slope_below: Number
    last: Whole = Field(ge=3)


class RunIn(Section):
    """Practice before period 1."""

    sessions: Whole = Field(ge=1, le=200)
    within_days: Whole = Field(ge=1, le=200)
    stop_when: StopWhen | None = None


class Design(Section):
    """Which orders could be drawn, and how long each period is."""

    kind: Literal["randomized_blocks", "balanced", "williams", "counterbalanced", "fixed"]
    blocks: Whole | None = Field(default=None, ge=1, le=200)
    per_block: Whole = Field(default=1, ge=1, le=20)
    periods: Whole | None = Field(default=None, ge=2, le=400)
    max_run: Whole | None = Field(default=None, ge=1)
    sequence: tuple[Code, ...] | None = None  # of kind fixed
    period_days: Whole = Field(ge=1, le=365)
    onset_days: Whole = Field(default=0, ge=0)
    washout_days: Whole = Field(default=0, ge=0, le=365)
    run_in: RunIn | None = None


class Blinding(Section):
    """Who knows, when the person is asked to guess, and how many spare blocks are packed."""

    mode: Mode = Mode.SELF_BLINDED
    guess: Literal["every_period", "none"] = "every_period"
    spare_blocks: Whole = Field(default=0, ge=0, le=20)


class RatingItem(Section):
    """A rating of one's own, beside those that nof1 brings."""

    id: Code
    text: Text
    low: Text
    high: Text
    better: Better
    range: tuple[Number, Number] | None = None  # default 0 to 10


class ExternalScore(Section):
    """A number that comes from elsewhere."""

    unit: Text
    better: Better
    range: tuple[Number, Number]
    label: str | None = None


class External(Section):
    """A test of another program: scores only."""

    scores: dict[Code, ExternalScore] = Field(min_length=1)
    csv: dict[Code, str] | None = None  # time: column, <score>: column


class Instrument(Section):
    """A test or questionnaire: exactly one of task, ratings, questionnaire, external."""

    task: Code | None = None
    params: dict[Code, Number | str | Flag] = Field(default_factory=dict)
    input: Literal["keyboard", "touch"] | None = None
    ratings: tuple[Code | RatingItem, ...] | None = None
    questionnaire: Code | None = None
    external: External | None = None


class SessionPlan(Section):
    """When a battery is due; without `days` it is due in the run-in as well."""

    battery: Code | tuple[str, ...]
    days: tuple[Whole | Literal["last"], ...] | None = None
    not_days: tuple[Whole | Literal["last"], ...] = ()
    at: str | tuple[ClockTime, ...] | None = None
    window: QuantityText | None = None


class Outcome(Section):
    """A variable that the plan analyses."""

    score: ScoreText
    sesoi: Number | None = Field(default=None, gt=0)
    label: str | None = None


class Outcomes(Section):
    """One primary outcome, and the others."""

    primary: Outcome
    secondary: tuple[Outcome, ...] = ()


class Prior(Section):
    """The prior of the answer in probabilities."""

    effect_sd: str | Number = "1 sesoi"


class Analysis(Section):
    """How the scores will be analysed, before anyone has seen them."""

    alpha: Number = Field(default=Decimal("0.05"), gt=0, lt=1)
    model: Literal["mixed", "daily"] | None = None  # None becomes what period_days asks for
    trend: Literal["log", "linear", "exp", "spline", "none"] = "log"
    block_effect: Flag = False
    contrasts: dict[Code, dict[Code, Number]] | None = None  # None becomes each against the last
    confirm: Literal["randomization_test", "none"] = "none"
    multiplicity: Literal["holm", "none"] = "holm"
    sensitivity: Literal["default", "none"] = "default"
    prior: Prior = Prior()
    exclude_flags: tuple[Code, ...] = ()
    looks: Literal["none"] = "none"


class StopRule(Section):
    """When to pause or stop, on blinded data."""

    when: Text
    do: Literal["pause", "stop"]


class Safety(Section):
    """The person's own limits."""

    max_daily_dose: QuantityText | None = None
    max_consecutive_days_on: Whole | None = Field(default=None, ge=1)
    max_total_days_on: Whole | None = Field(default=None, ge=1)
    status: str | None = None  # such as: not an approved medicine in US, EU, Japan
    exclusions: tuple[str, ...] = ()
    stop_rules: tuple[StopRule, ...] = ()
    emergency_contact: str | None = None
    clinician_informed: Literal["yes", "no", "declined"] | None = None
    acknowledge: str | None = None  # one sentence that is asked for once


class Source(Section):
    """Where a fact of the protocol comes from."""

    fact: Text
    source: Text
    date: str | None = None


class Protocol(Section):
    """A whole trial as promised: conditions, design, blinding, battery, analysis, limits."""

    nof1: Literal[1]
    id: Annotated[str, StringConstraints(pattern=TRIAL_ID_PATTERN)]
    title: Text
    rationale: str = ""
    participant: Participant = Participant()
    day_starts: ClockTime = "04:00"
    conditions: dict[Code, Condition] = Field(min_length=2, max_length=8)
    constant: tuple[Constant, ...] = ()
    design: Design
    blinding: Blinding = Blinding()
    instruments: dict[Code, Instrument] = Field(min_length=1)
    batteries: dict[Code, tuple[str, ...]] = Field(default_factory=dict)
    sessions: tuple[SessionPlan, ...] = Field(min_length=1)
    device_lock: Flag = False
    outcomes: Outcomes
    analysis: Analysis = Analysis()
    safety: Safety | None = None
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _fill_in(self) -> Self:
        """Write out the defaults that depend on other sections, so that the digest covers them."""
        update: dict[str, object] = {}
        if self.analysis.model is None:
            update["model"] = "daily" if self.design.period_days == 1 else "mixed"
        if self.analysis.contrasts is None:
            update["contrasts"] = _against_last(tuple(self.conditions))
        if update:
            # Frozen for everybody else; this is still construction.
            object.__setattr__(self, "analysis", self.analysis.model_copy(update=update))
        return self

    @property
    def condition_codes(self) -> tuple[ConditionCode, ...]:
        """Codes of the conditions in the order of the draw."""
        return tuple(ConditionCode(code) for code in self.conditions)

    @property
    def contrasts(self) -> dict[str, dict[str, Decimal]]:
        """Contrast name to weights per condition; the first is the primary one."""
        return self.analysis.contrasts or {}

    def outcome_list(self) -> Iterator[tuple[Literal["primary", "secondary"], Outcome]]:
        """Yield every outcome with its role, the primary one first."""
        yield "primary", self.outcomes.primary
        for outcome in self.outcomes.secondary:
            yield "secondary", outcome


def _against_last(codes: tuple[str, ...]) -> dict[str, dict[str, Decimal]]:
    *others, last = codes
    return {f"{code}_{last}": {code: Decimal(1), last: Decimal(-1)} for code in others}


def instrument_of(score: str) -> tuple[InstrumentId, str]:
    """Split a score name into its instrument and the score within it.

    Parameters
    ----------
    score : str
        Such as ``wm.dprime``.

    Returns
    -------
    tuple of (InstrumentId, str)
        ``("wm", "dprime")``.

    Examples
    --------
    >>> instrument_of("wm.dprime")
    ('wm', 'dprime')
    """
    instrument, _, name = ScoreName(score).partition(".")
    return InstrumentId(instrument), name
