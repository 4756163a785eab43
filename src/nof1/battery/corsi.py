"""Block span: blocks light up one after another, and are touched in the same order; they lie elsewhere in every session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery import span
from nof1.battery.form import Cell, Choice, Display, Entry, Pages, Stimulus, Trial
from nof1.battery.making import Numbers, block, made_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.form import Form
    from nof1.battery.run import Run
    from nof1.battery.seeds import FormKey, Stream
    from nof1.battery.spec import Param

SIDE = 5
"""Blocks lie in different squares of a grid of so many, each a little off its middle."""
_WIDTH, _OFF = 120, 35  # thousandths: two neighbours can come as near as 200 − 2 × 35, and never touch
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
        No block comes twice in a list.
    """
    numbers = Numbers(params)
    start, item, n_blocks = numbers.whole("start"), numbers.ms("item_ms"), numbers.whole("blocks")
    cells = places(key.stream("places"), n_blocks)
    ids = tuple(cell.id for cell in cells)
    choices = tuple(Choice(id=cell, label=f"Block {place}", keys=()) for place, cell in enumerate(ids, 1))

    def trials(label: str, count: int, length: int) -> list[Trial]:
        stream = key.stream(label)
        made = (stream.sample(ids, length) for _ in range(count))
        return [
            Trial(
                index=0,
                kind="list",
                mode="series",
                before_ms=_BEFORE_MS,
                items=tuple(Stimulus(kind="cell", cell=cell) for cell in one),
                item_ms=item * 4 // 5,
                gap_ms=item - item * 4 // 5,
                entry=Entry(kind="cells", order="forward", limit=n_blocks),
                answer=one,
            )
            for one in made
        ]

    aim = f"You see {n_blocks} blocks. Some of them light up, one after another."
    rest = "Lists become longer when you are right and shorter when you are not, so mistakes are expected."
    return made_form(
        "corsi",
        numbers,
        key,
        pages=Pages(
            keyboard=(
                aim,
                ("Then choose the same blocks in the same order: click them, or go from block to block with the arrow keys and "
                "choose with the space bar. Press Enter when done."),
                rest,
            ),
            touch=(aim, "Then touch the same blocks in the same order, and touch Done.", rest),
        ),
        blocks=[
            block("practice", trials("practice", span.PRACTICE_LISTS, start), choices=choices, layout="cells"),
            block(
                "test", trials("test", numbers.whole("lists"), n_blocks), choices=choices, layout="cells",
                rule=span.staircase(start, n_blocks),
            ),
        ],
        display=Display(kind="cells", cells=cells),
    )  # fmt: skip


def places(stream: Stream, size: int) -> tuple[Cell, ...]:
    """Return places that do not touch each other.

    Parameters
    ----------
    stream : Stream
        Choices.
    size : int
        How many, at most 25.

    Returns
    -------
    tuple of Cell
        In no order that could help.
    """
    step = 1000 // SIDE
    squares = stream.sample(range(SIDE * SIDE), size)
    return tuple(
        Cell(
            id=f"b{number}",
            x=step * (square % SIDE) + step // 2 + stream.between(-_OFF, _OFF),
            y=step * (square // SIDE) + step // 2 + stream.between(-_OFF, _OFF),
            width=_WIDTH,
        )
        for number, square in enumerate(squares, 1)
    )


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
    return span.with_product(span.scores(run))
