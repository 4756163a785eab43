"""How it will be analysed and when it ends: the sections that bind the hands of later."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, StringConstraints, Tag

from nof1.protocol.scalars import EffectSd, Flag, Number, QuantityText, Whole  # noqa: TC001 - pydantic reads it at run time
from nof1.protocol.section import Code, ContrastName, Say, Section, Text, code_or_section, from_pairs

Texts = tuple[Annotated[Text, Say("One of them.", "a text")], ...]


class Prior(Section):
    """The prior of the answer in probabilities."""

    effect_sd: Annotated[
        EffectSd,
        Say("Standard deviation of the effect before the data.", "a number above 0, or 1 sesoi"),
    ] = "1 sesoi"


class Looks(Section):
    """Looks by condition before the end, after whole blocks, by whoever holds the key."""

    method: Annotated[
        Literal["lan_demets", "e_value"],
        Say(
            "What pays for the looks: a level for each, fixed here, or evidence that holds whenever one stops.",
            "lan_demets or e_value",
            sample="e_value",
        ),
    ]
    at_blocks: Annotated[
        tuple[
            Annotated[
                Annotated[Whole, Field(ge=3, le=199)],
                Say("After how many blocks; before the third there is no p.", "a number of blocks such as 4"),
            ],
            ...,
        ],
        Say("After which blocks, for lan_demets alone.", "a list of numbers of blocks such as [4, 6]"),
    ] = Field(default=(), max_length=50)

    def foresees(self, block: int | None) -> bool:
        """Whether a look after a block, from 1, was planned."""
        return block is not None and (self.method == "e_value" or block in self.at_blocks)


class Analysis(Section):
    """How the scores will be analysed, before anyone has seen them."""

    alpha: Annotated[
        Annotated[Number, Field(gt=0, lt=1)],
        Say("Two-sided level of the tests.", "a number between 0 and 1 such as 0.05"),
    ] = Decimal("0.05")
    model: Annotated[
        Literal["mixed", "daily"] | None,
        Say("What period_days asks for: mixed from 2 days on, daily for 1.", "mixed or daily"),
    ] = None
    trend: Annotated[
        Literal["log", "linear", "exp", "spline", "none"],
        Say("How practice is modelled.", "a trend such as log"),
    ] = "log"
    block_effect: Annotated[Flag, Say("Whether blocks have an effect of their own.", "true or false")] = False
    contrasts: Annotated[
        dict[
            ContrastName,
            Annotated[
                dict[Code, Annotated[Number, Say("A weight.", "a number such as 1 or -0.5")]],
                Field(min_length=2),
                Say("Weights of the conditions.", "weights such as {on: 1, off: -1}"),
            ],
        ]
        | None,
        BeforeValidator(from_pairs),
        Say(
            "Comparisons, the first is the primary one; each condition against the last without this key.",
            "comparisons such as {on_off: {on: 1, off: -1}}",
        ),
    ] = Field(default=None, min_length=1, max_length=30)
    confirm: Annotated[
        Literal["randomization_test", "none"],
        Say("Whether benefit and harm also need the randomization test.", "randomization_test or none"),
    ] = "none"
    multiplicity: Annotated[
        Literal["holm", "none"], Say("Correction over contrasts and outcomes.", "holm or none")
    ] = "holm"
    sensitivity: Annotated[
        Literal["default", "none"],
        Say("The other analyses that are shown behind the first.", "default or none"),
    ] = "default"
    prior: Annotated[Prior, Say("The prior of the answer in probabilities.", "{effect_sd: 1 sesoi}")] = (
        Prior()
    )
    exclude_flags: Annotated[
        tuple[Annotated[Code, Say("A flag.", "the name of a flag such as tab_hidden")], ...],
        Say(
            "Sessions with these quality flags are left out.",
            "a list of flags such as [interrupted, tab_hidden]",
        ),
    ] = Field(default=(), max_length=30)
    looks: Annotated[
        Annotated[str, StringConstraints(pattern="^none$"), Tag("<code>")]
        | Annotated[Looks, Tag("<section>")],
        Discriminator(code_or_section),
        Say(
            "Looks at unblinded data before the end.",
            "none, {method: lan_demets, at_blocks: [4, 6]} or {method: e_value}",
        ),
    ] = "none"


class StopRule(Section):
    """When to pause or stop, on blinded data."""

    when: Annotated[
        Text,
        Say(
            "What is watched.", "a rule such as harms.* >= 7 on 2 days", sample="adverse_event.severity >= 3"
        ),
    ]
    do: Annotated[Literal["pause", "stop"], Say("What happens then.", "pause or stop", sample="stop")]


class Concomitant(Section):
    """What else is taken."""

    prohibited: Annotated[Texts, Say("What must not be taken.", "a list such as [NSAIDs]")] = Field(
        default=(), max_length=60
    )
    record: Annotated[Texts, Say("What is written down when taken.", "a list such as [alcohol]")] = Field(
        default=(), max_length=60
    )


class Safety(Section):
    """The person's own limits."""

    max_daily_dose: Annotated[
        QuantityText | None,
        Say("The participant's own ceiling of a day.", "an amount with its unit such as 900 mg"),
    ] = None
    max_consecutive_days_on: Annotated[
        Annotated[Whole, Field(ge=1, le=10_000)] | None,
        Say("The participant's own ceiling of days on in a row.", "a number of days such as 28"),
    ] = None
    max_total_days_on: Annotated[
        Annotated[Whole, Field(ge=1, le=10_000)] | None,
        Say("The participant's own ceiling of days on in all.", "a number of days such as 84"),
    ] = None
    status: Annotated[
        Text | None,
        Say("Legal status of the substance.", "a text such as not an approved medicine in the EU"),
    ] = None
    exclusions: Annotated[
        Texts, Say("Who must not take part.", "a list such as [pregnancy, kidney disease, under 18]")
    ] = Field(default=(), max_length=60)
    concomitant: Annotated[
        Concomitant | None, Say("What else is taken.", "{prohibited: [NSAIDs], record: [alcohol]}")
    ] = None
    baseline_labs: Annotated[Texts, Say("What is measured before.", "a list such as [creatinine]")] = Field(
        default=(), max_length=60
    )
    follow_up_labs: Annotated[Texts, Say("What is measured afterwards.", "a list such as [creatinine]")] = (
        Field(default=(), max_length=60)
    )
    stop_rules: Annotated[
        tuple[Annotated[StopRule, Say("One rule.", "{when: adverse_event.severity >= 3, do: stop}")], ...],
        Say("When to pause or stop.", "a list such as [{when: adverse_event.severity >= 3, do: stop}]"),
    ] = Field(default=(), max_length=50)
    emergency_contact: Annotated[Text | None, Say("Whom to call.", "who it is and a number, in quotes")] = (
        None
    )
    suicidality_plan: Annotated[
        Text | None,
        Say(
            "Who is told and which number is called; needed where an item asks for thoughts of death.",
            "who is told, and the local number",
        ),
    ] = None
    clinician_informed: Annotated[
        Literal["yes", "no", "declined"] | None, Say("Whether a clinician knows.", "yes, no or declined")
    ] = None
    acknowledge: Annotated[
        Text | None,
        Say("One sentence that is asked for once, typed, and shown in the report.", "one sentence"),
    ] = None


class Source(Section):
    """Where a fact of the protocol comes from."""

    fact: Annotated[Text, Say("What is said.", "one sentence", sample="a fact")]
    source: Annotated[Text, Say("Who says it.", "a reference such as a DOI", sample="a source")]
    date: Annotated[Text | None, Say("Of when it is.", "a date or a year in quotes such as '2026'")] = None
