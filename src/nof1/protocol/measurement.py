"""What is measured, when, and which of it answers the question: the sections about the battery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from nof1.protocol.scalars import ClockTime, DayOfPeriod, Number, ParamValue, QuantityText
from nof1.protocol.section import (
    Code,
    EntryText,
    Say,
    ScoreText,
    Section,
    Text,
    code_or_section,
    from_pairs,
    one_or_many,
)
from nof1.terms import Better

if TYPE_CHECKING:
    from pydantic.config import JsonDict

Bound = Annotated[Number, Say("A bound.", "a number such as 10")]
Range = tuple[Bound, Bound]
Day = Annotated[DayOfPeriod, Say("A day of the period.", "a day such as 7, or last")]
Direction = Annotated[
    Better, Say("Which direction is the better one.", "higher or lower", sample=Better.HIGHER.value)
]


class RatingItem(Section):
    """A rating of one's own, beside those that nof1 brings."""

    id: Annotated[Code, Say("Name of the score.", "a short name such as tinnitus", sample="own_item")]
    text: Annotated[Text, Say("What is asked.", "the question such as Ringing in the ears", sample="text")]
    low: Annotated[Text, Say("What the lowest number means.", "a text such as none", sample="low")]
    high: Annotated[Text, Say("What the highest number means.", "a text such as unbearable", sample="high")]
    better: Direction
    range: Annotated[
        Range | None,
        Say("Lowest and highest number; 0 to 10 without this key.", "two numbers such as [0, 10]"),
    ] = None


class ExternalScore(Section):
    """A number that comes from elsewhere."""

    unit: Annotated[Text, Say("In what it is counted.", "a unit such as points", sample="points")]
    better: Direction
    range: Annotated[
        Range, Say("Lowest and highest number that can be.", "two numbers such as [0, 100]", sample=[0, 1])
    ]
    label: Annotated[Text | None, Say("What it is called in the report.", "a name such as Recall")] = None


class External(Section):
    """A test of another program: scores only."""

    scores: Annotated[
        dict[
            Code,
            Annotated[ExternalScore, Say("One score.", "{unit: points, better: higher, range: [0, 100]}")],
        ],
        BeforeValidator(from_pairs),
        Say(
            "Its scores.",
            "scores such as {points: {unit: points, better: higher, range: [0, 100]}}",
            sample={"points": {"unit": "points", "better": "higher", "range": [0, 1]}},
        ),
    ] = Field(min_length=1, max_length=60)
    csv: Annotated[
        dict[Code, Annotated[Text, Say("A column.", "the name of a column such as date")]] | None,
        Say(
            "Columns of its table: time, and one for every score.",
            "columns such as {time: date, points: score}",
        ),
    ] = None


KINDS = ("task", "ratings", "questionnaire", "external")
"""What an instrument can be; it is one of them."""


def _only(kind: str) -> JsonDict:
    return {"required": [kind], "properties": {kind: {"not": {"type": "null"}}}}


_ONE_KIND: JsonDict = {"oneOf": [_only(kind) for kind in KINDS]}


class Instrument(Section, json_schema_extra=_ONE_KIND):
    """A test or questionnaire: exactly one of task, ratings, questionnaire, external."""

    task: Annotated[Code | None, Say("A task of nof1.", "the name of a task such as pvt")] = None
    params: Annotated[
        dict[
            Code,
            Annotated[
                ParamValue,
                Say("A parameter.", "a number, true, false, a word in small letters, or a list of numbers"),
            ],
        ],
        Say("Parameters of the task.", "parameters such as {duration_s: 180}"),
    ] = Field(default_factory=dict, max_length=40)
    input: Annotated[
        Literal["keyboard", "touch"] | None, Say("How the task is answered.", "keyboard or touch")
    ] = None
    ratings: Annotated[
        Annotated[
            tuple[
                Annotated[
                    Annotated[Code, Tag("<code>")] | Annotated[RatingItem, Tag("<section>")],
                    Discriminator(code_or_section),
                    Say(
                        "One rating.",
                        "the name of a rating such as mood, or {id: …, text: …, low: …, high: …, better: …}",
                    ),
                ],
                ...,
            ],
            Field(min_length=1, max_length=60),
        ]
        | None,
        Say("Ratings from 0 to 10.", "a list of ratings such as [mood, calm]"),
    ] = None
    questionnaire: Annotated[
        Code | None,
        Say("A questionnaire whose scores are entered.", "the name of a questionnaire such as phq8"),
    ] = None
    external: Annotated[
        External | None,
        Say(
            "A test of another program.",
            "{scores: {points: {unit: points, better: higher, range: [0, 100]}}}",
        ),
    ] = None


class SessionPlan(Section):
    """When a battery is due; without `days` it is due in the run-in as well."""

    battery: Annotated[
        Annotated[Code, Tag("<one>")]
        | Annotated[
            tuple[
                Annotated[
                    EntryText,
                    Say("One entry.", "the name of a battery, of an instrument or of one of its parts"),
                ],
                ...,
            ],
            Field(min_length=1, max_length=60),
            Tag("<many>"),
        ],
        Discriminator(one_or_many),
        Say(
            "What is given.", "the name of a battery such as daily, or a list such as [phq8, day]", sample="a"
        ),
    ]
    days: Annotated[
        Annotated[tuple[Day, ...], Field(min_length=1, max_length=366)] | None,
        Say(
            "Days of the period, from 1; every day and the run-in without this key.",
            "a list of days such as [1, 7, last]",
        ),
    ] = None
    not_days: Annotated[
        Annotated[tuple[Day, ...], Field(max_length=366)],
        Say("Days of the period on which it is not due.", "a list of days such as [10, 13]"),
    ] = ()
    at: Annotated[
        Annotated[
            Annotated[Text, Tag("<one>")]
            | Annotated[
                tuple[Annotated[ClockTime, Say("A time of day.", 'a time of day such as "08:00"')], ...],
                Field(min_length=1, max_length=24),
                Tag("<many>"),
            ],
            Discriminator(one_or_many),
        ]
        | None,
        Say(
            "The time of day, or several for several prompts a day.",
            'a time such as "08:00", 08:00 dose + 90 min, or ["10:00", "16:00"]',
        ),
    ] = None
    window: Annotated[
        QuantityText | None, Say("How late it may be.", "a time in min or h such as 45 min")
    ] = None


class Outcome(Section):
    """A variable that the plan analyses."""

    score: Annotated[ScoreText, Say("The score.", "<instrument>.<score> such as wm.dprime", sample="a.b")]
    sesoi: Annotated[
        Annotated[Number, Field(gt=0)] | None,
        Say("Smallest effect of interest [unit of the score].", "a number above 0 such as 0.3"),
    ] = None
    label: Annotated[
        Text | None, Say("What it is called in the report.", "a name such as Working memory")
    ] = None


class Outcomes(Section):
    """One primary outcome, and the others."""

    primary: Annotated[
        Outcome, Say("The one that decides.", "{score: wm.dprime, sesoi: 0.3}", sample={"score": "a.b"})
    ]
    secondary: Annotated[
        tuple[Annotated[Outcome, Say("One outcome.", "{score: day.mood, sesoi: 1}")], ...],
        Say("The others of the confirmatory family.", "a list such as [{score: day.mood, sesoi: 1}]"),
    ] = Field(default=(), max_length=40)
