"""What is compared, in whom, in which order, and who knows: the sections about the treatment."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from nof1.protocol.scalars import ClockTime, Flag, Number, QuantityText, Whole, quantity
from nof1.protocol.section import Code, Say, ScoreText, Section, Text, Words
from nof1.terms import Mode

MOST_BLOCKS: Final = 200
MOST_PERIODS: Final = 400

Times = Annotated[
    tuple[Annotated[ClockTime, Say("A time of day.", 'a time of day such as "08:00"')], ...],
    Field(max_length=12),
]


class Participant(Section):
    """Who takes part; with an owner who is another person, consent is recorded."""

    is_owner: Annotated[
        Flag, Say("Whether whoever runs this trial is the participant.", "true or false", sample=True)
    ] = True
    description: Annotated[
        Words,
        Say(
            "What matters about the participant, without a name.", 'a text such as "adult, no kidney disease"'
        ),
    ] = ""
    consent: Annotated[
        Text | None,
        Say(
            "To what the participant agreed, where that is another person than the owner.",
            "what was agreed to, and how",
        ),
    ] = None
    consent_on: Annotated[
        Text | None, Say("The date of that consent.", "a date such as 2026-03-01", sample="2026-03-01")
    ] = None


class Condition(Section):
    """One thing compared. Whatever carries a dose is taken in."""

    name: Annotated[Text, Say("What it is.", "a name such as caffeine", sample="a name")]
    dose: Annotated[
        QuantityText | None, Say("The dose of one intake.", "an amount with its unit such as 150 mg")
    ] = None
    times: Annotated[
        Times, Say("Clock times of intake.", 'a list of times of day such as ["08:00", "14:00"]')
    ] = ()
    route: Annotated[Text | None, Say("How it is taken.", "a word such as oral")] = None
    form: Annotated[Text | None, Say("What it looks like.", "a text such as opaque capsule 00")] = None
    capsules: Annotated[
        Annotated[Whole, Field(ge=0, le=50)], Say("Capsules of one intake.", "a whole number such as 1")
    ] = 1
    price: Annotated[
        QuantityText | None, Say("The price of one intake.", "an amount with its currency such as 0.20 EUR")
    ] = None
    half_life: Annotated[
        QuantityText | None,
        Say("How fast the effect fades, for the carry-over.", "a time in min, h or d such as 5 h"),
    ] = None
    active: Annotated[
        Flag | None,
        Say(
            "Whether it counts for the ceilings; without this key whatever has a dose above 0 does.",
            "true or false",
        ),
    ] = None
    factors: Annotated[
        dict[Code, Annotated[Text, Say("A level.", "a word such as high")]],
        Say("Levels of the factors, for factorial designs alone.", "levels such as {drug: yes, choline: no}"),
    ] = Field(default_factory=dict, max_length=6)
    source: Annotated[Text | None, Say("Where it comes from.", "a text such as a batch or a certificate")] = (
        None
    )

    @property
    def is_active(self) -> bool:
        """Whether it counts for the participant's ceilings."""
        if self.active is not None:
            return self.active
        return self.dose is not None and quantity(self.dose).amount > 0


class Constant(Section):
    """Something that is the same in every period, and so cannot confound."""

    name: Annotated[Text, Say("What it is.", "a name such as alpha-GPC", sample="a name")]
    dose: Annotated[
        QuantityText | None, Say("The dose of one intake.", "an amount with its unit such as 300 mg")
    ] = None
    times: Annotated[Times, Say("Clock times of intake.", 'a list of times of day such as ["08:00"]')] = ()
    why: Annotated[Words, Say("Why it is taken.", "a text such as the same choline in all periods")] = ""
    price: Annotated[
        QuantityText | None, Say("The price of one intake.", "an amount with its currency such as 0.20 EUR")
    ] = None


class StopWhen(Section):
    """When the run-in has flattened enough; it advises only."""

    score: Annotated[
        ScoreText, Say("The score that is watched.", "<instrument>.<score> such as wm.dprime", sample="a.b")
    ]
    slope_below: Annotated[
        Number, Say("Change per session [unit of the score].", "a number such as 0.03", sample=1)
    ]
    last: Annotated[
        Annotated[Whole, Field(ge=3, le=200)],
        Say("Over how many of the last sessions.", "a number of sessions such as 4", sample=3),
    ]


class RunIn(Section):
    """Practice before period 1."""

    sessions: Annotated[
        Annotated[Whole, Field(ge=1, le=200)],
        Say("How many sessions of practice.", "a number of sessions such as 8", sample=1),
    ]
    within_days: Annotated[
        Annotated[Whole, Field(ge=1, le=200)],
        Say("Days of the run-in; period 1 begins after them.", "a number of days such as 10", sample=200),
    ]
    stop_when: Annotated[
        StopWhen | None,
        Say(
            "When practice has flattened; it only advises.", "{score: wm.dprime, slope_below: 0.03, last: 4}"
        ),
    ] = None


class Extension(Section):
    """How far the trial may go on after its last block, and when; without this rule an extension is unplanned."""

    blocks: Annotated[
        Annotated[Whole, Field(ge=1, le=200)],
        Say("How many blocks may be added.", "a number of blocks such as 2", sample=1),
    ]
    when: Annotated[
        Words,
        Say(
            "When they are added.",
            "a text such as the interval is wider than 2 sesoi in the blinded review",
            sample="a",
        ),
    ]


class Design(Section):
    """Which orders could be drawn, and how long each period is."""

    kind: Annotated[
        Literal["randomized_blocks", "balanced", "williams", "counterbalanced", "fixed"],
        Say(
            "How the order of the conditions is drawn.",
            "a kind such as randomized_blocks",
            sample="randomized_blocks",
        ),
    ]
    blocks: Annotated[
        Annotated[Whole, Field(ge=1, le=MOST_BLOCKS)] | None,
        Say(
            "How many blocks; rows of a Williams design, orders of a counterbalanced one.",
            "a number of blocks such as 6",
        ),
    ] = None
    per_block: Annotated[
        Annotated[Whole, Field(ge=1, le=20)],
        Say("How often each condition comes in a block.", "a whole number such as 1"),
    ] = 1
    periods: Annotated[
        Annotated[Whole, Field(ge=2, le=MOST_PERIODS)] | None,
        Say("How many periods, for balanced and fixed.", "a number of periods such as 12"),
    ] = None
    max_run: Annotated[
        Annotated[Whole, Field(ge=1, le=400)] | None,
        Say("Longest run of one condition, for balanced alone.", "a number of periods such as 2"),
    ] = None
    sequence: Annotated[
        Annotated[
            tuple[Annotated[Code, Say("A condition.", "the code of a condition such as on")], ...],
            Field(min_length=2, max_length=400),
        ]
        | None,
        Say(
            "The conditions in order, for fixed alone.",
            "a list of condition codes such as [off, on, off, on]",
        ),
    ] = None
    period_days: Annotated[
        Annotated[Whole, Field(ge=1, le=365)],
        Say("Days of one period.", "a number of days such as 7", sample=365),
    ]
    onset_days: Annotated[
        Annotated[Whole, Field(ge=0, le=364)],
        Say("First days of a period, taken but not analysed.", "a number of days such as 2"),
    ] = 0
    washout_days: Annotated[
        Annotated[Whole, Field(ge=0, le=365)],
        Say("Days between two periods on which nothing is taken.", "a number of days such as 7"),
    ] = 0
    run_in: Annotated[RunIn | None, Say("Practice before period 1.", "{sessions: 8, within_days: 10}")] = None
    extension: Annotated[
        Extension | None,
        Say(
            "Blocks that may be added at the end.",
            "{blocks: 2, when: fewer than 10 of 12 periods have scores}",
        ),
    ] = None


class Blinding(Section):
    """Who knows, when the person is asked to guess, and how many spare blocks are packed."""

    mode: Annotated[
        Mode, Say("Who knows the allocation before it is opened.", "a mode such as self_blinded")
    ] = Mode.SELF_BLINDED
    guess: Annotated[
        Literal["every_period", "none"],
        Say("When the participant is asked how likely each condition was.", "every_period or none"),
    ] = "every_period"
    spare_blocks: Annotated[
        Annotated[Whole, Field(ge=0, le=20)], Say("Blocks packed in reserve.", "a whole number such as 1")
    ] = 0

    @model_validator(mode="after")
    def _nothing_to_guess(self) -> Self:
        """Where everybody knows the condition, the default is not to ask."""
        if self.mode is Mode.OPEN_LABEL and "guess" not in self.model_fields_set:
            object.__setattr__(self, "guess", "none")  # frozen for everybody else; this is still construction
        return self
