"""Flanker test: where does the middle arrow point; needs neither colours nor a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery import conflict
from nof1.battery.form import Pages, Stimulus
from nof1.battery.making import LEFT_RIGHT, Numbers, block, made_form, spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.form import Block, Form
    from nof1.battery.run import Run
    from nof1.battery.seeds import FormKey, Stream
    from nof1.battery.spec import Param

_OTHER = {"left": "right", "right": "left"}
_CARDS: conflict.Cards = {
    conflict.CONGRUENT: {side: [side] for side in _OTHER},
    conflict.INCONGRUENT: {side: [other] for side, other in _OTHER.items()},
    conflict.NEUTRAL: {side: ["none"] for side in _OTHER},
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
        No row of arrows comes twice in a row.
    """
    numbers = Numbers(params)
    aim = "Rows of five arrows come one after another. Tell where the middle arrow points. Take no notice of the others."
    return made_form(
        "flanker",
        numbers,
        key,
        pages=Pages(
            keyboard=(
                aim,
                "Press F or the left arrow key for left, J or the right arrow key for right, as fast as you can without mistakes.",
            ),
            touch=(aim, "Touch Left or Right, as fast as you can without mistakes."),
        ),
        blocks=[
            _block("practice", numbers, key.stream("practice"), conflict.practice_material),
            _block("test", numbers, key.stream("test"), conflict.material),
        ],
    )


def _block(id_: str, numbers: Numbers, stream: Stream, chosen: conflict.Chosen) -> Block:
    order = spread(stream, chosen(numbers, stream, _CARDS), lambda one: one)
    trials = [
        conflict.trial(
            numbers, stream, kind, Stimulus(kind="arrows", arrows=(others, others, middle, others, others)), middle
        )
        for kind, middle, others in order
    ]  # fmt: skip
    return block(id_, trials, choices=LEFT_RIGHT, layout="row")


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
