"""Colour–word test: name the ink, not the word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery import conflict
from nof1.battery.form import Choice, Ink, Pages, Stimulus
from nof1.battery.making import Numbers, block, made_form, spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.form import Block, Form
    from nof1.battery.run import Run
    from nof1.battery.seeds import FormKey, Stream
    from nof1.battery.spec import Param

# Told apart in the common kinds of colour blindness by lightness too; on both grounds at least 4.5 : 1.
INKS = (
    Ink(id="red", label="Red", on_dark="#ff6b5e", on_light="#c01f14"),
    Ink(id="green", label="Green", on_dark="#5fd068", on_light="#1b7a2b"),
    Ink(id="blue", label="Blue", on_dark="#7ab8ff", on_light="#1a4fc4"),
    Ink(id="yellow", label="Yellow", on_dark="#ffe14d", on_light="#866200"),
)
CHOICES = tuple(
    Choice(id=ink.id, label=ink.label, keys=(key,)) for ink, key in zip(INKS, "dfjk", strict=True)
)
_NO_WORD = "XXXX"
_IDS = tuple(ink.id for ink in INKS)
_CARDS: conflict.Cards = {
    conflict.CONGRUENT: {ink: [ink] for ink in _IDS},
    conflict.INCONGRUENT: {ink: [word for word in _IDS if word != ink] for ink in _IDS},
    conflict.NEUTRAL: {ink: [_NO_WORD] for ink in _IDS},
}


def make(params: Mapping[str, Param], key: FormKey, _part: str | None) -> Form:
    """Make a form.

    Parameters
    ----------
    params : mapping of str to Param
        Of the task.
    key : FormKey
        Whose form it is.

    Returns
    -------
    Form
        No ink comes twice in a row.
    """
    numbers = Numbers(params)
    aim = "Words come one after another, each written in some colour. Tell the colour of the letters, not what the word says."
    return made_form(
        "stroop",
        numbers,
        key,
        pages=Pages(
            keyboard=(
                aim,
                (
                    "Lay your fingers on D, F, J, K. D is red, F is green, J is blue, K is yellow. Press as fast as you can without "
                    "mistakes."
                ),
            ),
            touch=(aim, "Touch the name of that colour, as fast as you can without mistakes."),
        ),
        blocks=[
            _block("practice", numbers, key.stream("practice"), conflict.practice_material),
            _block("test", numbers, key.stream("test"), conflict.material),
        ],
        inks=INKS,
    )


def _block(id_: str, numbers: Numbers, stream: Stream, chosen: conflict.Chosen) -> Block:
    order = spread(stream, chosen(numbers, stream, _CARDS), lambda one: one[1])
    trials = [
        conflict.trial(
            numbers, stream, kind, Stimulus(kind="ink", text=word.upper(), ink=ink), ink
        )
        for kind, ink, word in order
    ]  # fmt: skip
    return block(id_, trials, choices=CHOICES, layout="row")


def score(run: Run, study: Run | None) -> dict[str, float | None]:
    """Compute the scores.

    Parameters
    ----------
    run : Run
        Of this task.
    study : Run or None
        Not used.

    Returns
    -------
    dict of str to float or None
        By score.
    """
    return conflict.score(run, study)
