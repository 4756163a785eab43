"""Task switching: is the digit odd or even, is it small or large; the shape around it says which is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.form import Block, Pages, Stimulus, Trial
from nof1.battery.making import LEFT_RIGHT, Numbers, block, both, made_form
from nof1.battery.run import is_right
from nof1.battery.scoring import difference, mean, rate_correct, share_right, valid_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.battery.form import Form
    from nof1.battery.run import Given, Run
    from nof1.battery.seeds import FormKey, Stream
    from nof1.battery.spec import Param

SINGLE, FIRST, SWITCH, REPEAT = "single", "first", "switch", "repeat"
PARITY, SIZE = "parity", "size"
_CUES = {PARITY: "square", SIZE: "diamond"}
_DIGITS = "12346789"
_PRACTICE = 12
_BEFORE_MS = 500
_ASKED = {
    PARITY: "Square: left for an odd digit, right for an even one.",
    SIZE: "Diamond: left for a digit below 5, right for one above 5.",
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
        Two blocks with one question, in random order; one with both, in which half of the trials switch.
    """
    numbers = Numbers(params)
    order = key.stream("order").shuffled((PARITY, SIZE))

    def made(id_: str, asked: Sequence[tuple[str, str]], pages: Pages) -> Block:
        stream = key.stream(id_)
        return block(
            id_, trials(stream, numbers, asked), choices=LEFT_RIGHT, layout="row", pages=pages,
        )  # fmt: skip

    single = numbers.whole("single")
    mixed = numbers.whole("mixed")
    mixed_pages = both("Now both questions are mixed. The shape that comes first says which one is asked.")
    return made_form(
        "switch",
        numbers,
        key,
        pages=Pages(
            keyboard=(
                "Digits come one after another, each in a shape. The shape comes first and says what is asked.",
                f"{_ASKED[PARITY]} {_ASKED[SIZE]}",
                "F or the left arrow key is left, J or the right arrow key is right. Be as fast as you can without mistakes.",
            ),
            touch=(
                "Digits come one after another, each in a shape. The shape comes first and says what is asked.",
                f"{_ASKED[PARITY]} {_ASKED[SIZE]}",
                "Touch Left or Right, as fast as you can without mistakes.",
            ),
        ),
        blocks=[
            made("practice", mixture(key.stream("practice order"), _PRACTICE), Pages()),
            *(
                made(f"single-{task}", [(task, FIRST), *[(task, SINGLE)] * single], both(f"Now only this: {_ASKED[task]}"))
                for task in order
                if single
            ),
            made("mixed", mixture(key.stream("mixed order"), mixed), mixed_pages),
        ],
    )  # fmt: skip


def mixture(stream: Stream, size: int) -> list[tuple[str, str]]:
    """Return which question is asked in each trial.

    Parameters
    ----------
    stream : Stream
        Choices.
    size : int
        Trials after the first one.

    Returns
    -------
    list of (str, str)
        Question and kind: half switches, half repetitions, after the first.
    """
    task = stream.choice((PARITY, SIZE))
    done = [(task, FIRST)]
    for kind in stream.shuffled([SWITCH] * (size // 2) + [REPEAT] * (size - size // 2)):
        if kind == SWITCH:
            task = SIZE if task == PARITY else PARITY
        done.append((task, kind))
    return done


def trials(stream: Stream, numbers: Numbers, asked: Sequence[tuple[str, str]]) -> list[Trial]:
    """Return trials; no digit comes twice in a row.

    Parameters
    ----------
    stream : Stream
        Choices.
    numbers : Numbers
        Times.
    asked : sequence of (str, str)
        Question and kind.

    Returns
    -------
    list of Trial
        Not numbered yet.
    """
    done: list[Trial] = []
    last = ""
    for task, kind in asked:
        last = stream.choice([digit for digit in _DIGITS if digit != last])
        is_left = int(last) % 2 == 1 if task == PARITY else int(last) < 5
        done.append(
            Trial(
                index=0,
                kind=kind,
                before_ms=_BEFORE_MS,
                cue=Stimulus(kind="shape", text=_CUES[task]),
                cue_ms=numbers.ms("cue_ms"),
                stimulus=Stimulus(kind="digit", text=last),
                deadline_ms=numbers.ms("deadline_ms"),
                expected="left" if is_left else "right",
            )
        )
    return done


def score(run: Run, _study: Run | None) -> dict[str, float | None]:
    """Compute the scores; the first trial of a block and those after an error do not count.

    Parameters
    ----------
    run : Run
        Of this task.

    Returns
    -------
    dict of str to float or None
        By score.
    """
    kept = settled(run)
    by_kind = {kind: [one for one in kept if one.trial.kind == kind] for kind in (SINGLE, SWITCH, REPEAT)}
    times = {kind: mean(valid_times(given)) for kind, given in by_kind.items()}
    return {
        "rcs_mixed": rate_correct([*by_kind[SWITCH], *by_kind[REPEAT]]),
        "switch_cost": difference(times[SWITCH], times[REPEAT]),
        "mixing_cost": difference(times[REPEAT], times[SINGLE]),
        "error_cost": difference(share_right(by_kind[REPEAT]), share_right(by_kind[SWITCH])),
    }


def settled(run: Run) -> list[Given]:
    """Return the trials that follow a right response in the same block.

    Parameters
    ----------
    run : Run
        Of this task.

    Returns
    -------
    list of Given
        In order.
    """
    return [
        one
        for before, one in zip(run.given, run.given[1:], strict=False)
        if before.block == one.block and before.is_usable and is_right(before.trial, before.record)
    ]
