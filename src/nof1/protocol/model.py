"""What a protocol says, as the person wrote it and with every default filled in."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from nof1.protocol.measurement import (
    External,
    ExternalScore,
    Instrument,
    Outcome,
    Outcomes,
    RatingItem,
    SessionPlan,
)
from nof1.protocol.plan import Analysis, Concomitant, Looks, Prior, Safety, Source, StopRule
from nof1.protocol.scalars import ClockTime, Flag, Whole  # noqa: TC001 - pydantic reads it at run time
from nof1.protocol.section import (
    Code,
    EntryText,
    Say,
    ScoreText,
    Section,
    Text,
    Words,
    from_pairs,
)
from nof1.protocol.treatment import (
    Blinding,
    Condition,
    Constant,
    Design,
    Participant,
    RunIn,
    StopWhen,
)
from nof1.terms import TRIAL_ID_PATTERN, ConditionCode, InstrumentId, ScoreName

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Analysis",
    "Blinding",
    "Code",
    "Concomitant",
    "Condition",
    "Constant",
    "Design",
    "External",
    "ExternalScore",
    "Instrument",
    "Looks",
    "Outcome",
    "Outcomes",
    "Participant",
    "Prior",
    "Protocol",
    "RatingItem",
    "RunIn",
    "Safety",
    "ScoreText",
    "Section",
    "SessionPlan",
    "Source",
    "StopRule",
    "StopWhen",
    "Text",
    "instrument_of",
]


class Protocol(Section):
    """A whole trial as promised: conditions, design, blinding, battery, analysis, limits."""

    nof1: Annotated[
        Annotated[Whole, Field(ge=1, le=1)],
        Say("Version of the format.", "1, the format that this version of nof1 reads", sample=1),
    ]
    id: Annotated[
        Annotated[str, StringConstraints(pattern=TRIAL_ID_PATTERN)],
        Say(
            "Name of the protocol.",
            "small letters, digits and hyphens, 3 to 41 of them, a letter first, such as my-trial",
            sample="my-trial",
        ),
    ]
    title: Annotated[
        Text,
        Say(
            "The question, and that this is an N-of-1 trial.",
            "a text such as Does coffee help me? A blinded N-of-1 trial",
            sample="a title",
        ),
    ]
    rationale: Annotated[Words, Say("Why one person, why this comparison.", "a text")] = ""
    participant: Annotated[Participant, Say("Who takes part.", "{is_owner: true}")] = Participant()
    day_starts: Annotated[
        ClockTime, Say("When a day of the study turns.", 'a time of day such as "04:00"')
    ] = "04:00"
    conditions: Annotated[
        dict[Code, Annotated[Condition, Say("One thing compared.", "{name: …, dose: …, times: […]}")]],
        BeforeValidator(from_pairs),
        Say(
            "What is compared, in the order of the draw; write the reference last.",
            "at least two conditions such as on: {name: caffeine} and off: {name: placebo}",
            sample={"on": {"name": "on"}, "off": {"name": "off"}},
        ),
    ] = Field(min_length=2, max_length=8)
    constant: Annotated[
        tuple[Annotated[Constant, Say("One of them.", "{name: …, dose: …, times: […]}")], ...],
        Say("What is the same in every period.", "a list such as [{name: alpha-GPC, dose: 300 mg}]"),
    ] = Field(default=(), max_length=30)
    design: Annotated[
        Design,
        Say(
            "Which orders could be drawn, and how long each period is.",
            "its keys below it, such as kind: randomized_blocks, blocks: 6, period_days: 7",
            sample={"kind": "randomized_blocks", "blocks": 6, "period_days": 7},
        ),
    ]
    blinding: Annotated[Blinding, Say("Who knows.", "{mode: self_blinded}")] = Blinding()
    instruments: Annotated[
        dict[Code, Annotated[Instrument, Say("One instrument.", "what it is such as {task: pvt}")]],
        BeforeValidator(from_pairs),
        Say(
            "Tests, ratings and questionnaires under names of your own.",
            "at least one instrument such as day: {ratings: [mood]}",
            sample={"a": {"ratings": ["mood"]}},
        ),
    ] = Field(min_length=1, max_length=60)
    batteries: Annotated[
        dict[
            Code,
            Annotated[
                tuple[
                    Annotated[
                        EntryText,
                        Say("One entry.", "the name of an instrument, of one of its parts, or of a battery"),
                    ],
                    ...,
                ],
                Field(min_length=1, max_length=60),
                Say("What is given together.", "a list of instruments such as [day, wm]"),
            ],
        ],
        BeforeValidator(from_pairs),
        Say("Instruments that are given together, in order.", "batteries such as daily: [day, wm]"),
    ] = Field(default_factory=dict, max_length=60)
    sessions: Annotated[
        tuple[Annotated[SessionPlan, Say("One plan.", "a plan such as {battery: daily}")], ...],
        Say("When what is due.", "a list such as - {battery: daily}", sample=[{"battery": "a"}]),
    ] = Field(min_length=1, max_length=50)
    device_lock: Annotated[Flag, Say("Whether tasks stay on the device of the run-in.", "true or false")] = (
        False
    )
    outcomes: Annotated[
        Outcomes,
        Say(
            "What the plan analyses.",
            "primary: {score: wm.dprime, sesoi: 0.3} below it",
            sample={"primary": {"score": "a.b"}},
        ),
    ]
    analysis: Annotated[Analysis, Say("How it is analysed.", "{alpha: 0.05}")] = Analysis()
    safety: Annotated[Safety | None, Say("The participant's own limits.", "{max_daily_dose: 900 mg}")] = None
    sources: Annotated[
        tuple[Annotated[Source, Say("One of them.", "{fact: …, source: …}")], ...],
        Say("Where the facts come from.", "a list such as [{fact: …, source: …}]"),
    ] = Field(default=(), max_length=200)

    @model_validator(mode="after")
    def _fill_in(self) -> Self:
        """Write out the defaults that depend on other sections, so that the digest covers them."""
        analysis = self.analysis
        model: Literal["mixed", "daily"] = "daily" if self.design.period_days == 1 else "mixed"
        if analysis.contrasts is None:
            contrasts = _against_last(tuple(self.conditions))
        else:
            contrasts = {name: self._in_order(weights) for name, weights in analysis.contrasts.items()}
        update: dict[str, object] = {"model": analysis.model or model, "contrasts": contrasts}
        # Frozen for everybody else; this is still construction.
        object.__setattr__(self, "analysis", analysis.model_copy(update=update))
        return self

    def _in_order(self, weights: dict[str, Decimal]) -> dict[str, Decimal]:
        """Weights in the order of the conditions; codes that are none stay, for the rules to find."""
        known = {code: weights[code] for code in self.conditions if code in weights}
        return known | weights

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
