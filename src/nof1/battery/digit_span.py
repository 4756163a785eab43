"""Digit span: digits, one a second, to be given back in the same or in the opposite order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery import span
from nof1.battery.form import Choice, Entry, Pages, Stimulus, Trial
from nof1.battery.making import Numbers, block, made_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.form import Form
    from nof1.battery.run import Run
    from nof1.battery.seeds import FormKey, Stream
    from nof1.battery.spec import Param

LONGEST = 14
_DIGITS = "123456789"
_CHOICES = tuple(Choice(id=digit, label=digit, keys=(digit,)) for digit in _DIGITS)
_BEFORE_MS = 1000


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
        Every list is as long as the longest; the page shows its beginning. No digit comes twice in a row.
    """
    numbers = Numbers(params)
    start, item = numbers.whole("start"), numbers.ms("item_ms")
    is_backward = numbers.word("direction") == "backward"

    def trials(label: str, count: int, length: int) -> list[Trial]:
        stream = key.stream(label)
        made = (digits(stream, length) for _ in range(count))
        return [
            Trial(
                index=0,
                kind="list",
                mode="series",
                before_ms=_BEFORE_MS,
                items=tuple(Stimulus(kind="digit", text=digit) for digit in one),
                item_ms=item * 4 // 5,
                gap_ms=item - item * 4 // 5,
                entry=Entry(kind="digits", order="backward" if is_backward else "forward", limit=LONGEST + 2),
                answer=one,
            )
            for one in made
        ]

    order = "in the opposite order, the last one first" if is_backward else "in the same order"
    example = "3 8 5 you enter 5 8 3" if is_backward else "3 8 5 you enter 3 8 5"
    aim = "Digits come one after another. Keep them in mind; do not write them down or say them aloud."
    rest = "Lists become longer when you are right and shorter when you are not, so mistakes are expected."
    return made_form(
        "digit_span",
        numbers,
        key,
        pages=Pages(
            keyboard=(aim, f"Then type them {order}, and press Enter. For {example}.", rest),
            touch=(aim, f"Then touch them {order}, and touch Done. For {example}.", rest),
        ),
        blocks=[
            block("practice", trials("practice", span.PRACTICE_LISTS, start), choices=_CHOICES, layout="keypad"),
            block(
                "test", trials("test", numbers.whole("lists"), LONGEST), choices=_CHOICES, layout="keypad",
                rule=span.staircase(start, LONGEST),
            ),
        ],
    )  # fmt: skip


def digits(stream: Stream, length: int) -> tuple[str, ...]:
    """Return digits, none twice in a row.

    Parameters
    ----------
    stream : Stream
        Choices.
    length : int
        How many.

    Returns
    -------
    tuple of str
        From 1 to 9.
    """
    done: list[str] = []
    for _ in range(length):
        done.append(stream.choice([digit for digit in _DIGITS if digit not in done[-1:]]))
    return tuple(done)


def score(run: Run, _study: Run | None) -> dict[str, float | None]:
    """Compute the scores.

    Parameters
    ----------
    run : Run
        Of this task.

    Returns
    -------
    dict of str to float or None
        By score.
    """
    return span.scores(run)
