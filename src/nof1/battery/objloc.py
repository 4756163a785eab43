"""Object locations: where each of some abstract signs lay; they lie elsewhere in every session."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nof1.battery.form import Cell, Choice, Display, Entry, Stimulus, Trial
from nof1.battery.glyphs import OBJECTS
from nof1.battery.making import Numbers, block, both, made_form
from nof1.battery.scoring import mean, usable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.form import Form
    from nof1.battery.run import Given, Run
    from nof1.battery.seeds import FormKey
    from nof1.battery.spec import Param

_BEFORE_MS, _GAP_MS = 1000, 500


def make(params: Mapping[str, Param], key: FormKey, part: str | None) -> Form:
    """Make a form.

    Parameters
    ----------
    params : mapping of str to Param
        Of the task.
    key : FormKey
        Whose form it is; the same for both parts.
    part : str or None
        ``study`` or ``delayed``.

    Returns
    -------
    Form
        Study: shown and asked in another order in every trial. Delayed: asked once, nothing shown.
    """
    numbers = Numbers(params)
    cells = grid(numbers.whole("cells"))
    signs = key.stream("signs").sample(tuple(OBJECTS), numbers.whole("glyphs"))
    lying = key.stream("places").sample([cell.id for cell in cells], len(signs))
    place_of = dict(zip(signs, lying, strict=True))
    choices = tuple(Choice(id=cell.id, label=f"Place {n}", keys=()) for n, cell in enumerate(cells, 1))

    def trial(label: str, kind: str) -> Trial:
        stream = key.stream(label)
        shown, asked = stream.shuffled(signs), stream.shuffled(signs)
        return Trial(
            index=0,
            kind=kind,
            mode="series",
            before_ms=_BEFORE_MS if kind == "study" else 0,
            items=tuple(Stimulus(kind="glyph", glyph=sign, cell=place_of[sign]) for sign in shown)
            if kind == "study"
            else (),
            item_ms=numbers.ms("glyph_ms"),
            gap_ms=_GAP_MS,
            entry=Entry(kind="placement", order="any", limit=len(signs), glyphs=asked),
            answer=tuple(place_of[sign] for sign in asked),
        )

    again = both("The same signs in the same places again. Then put each where it was.")
    if part == "delayed":
        blocks = [block("delayed", [trial("delayed", "recall")], choices=choices, layout="place")]
        pages = both(
            "Some time ago you learned where signs lay. They are not shown again.",
            "Put each sign where it was. You may leave one out.",
        )
    else:
        blocks = [
            block(
                f"study-{number}",
                [trial(f"study-{number}", "study")],
                choices=choices,
                layout="place",
                pages=again if number > 1 else None,
            )
            for number in range(1, numbers.whole("trials") + 1)
        ]
        pages = both(
            f"{len(signs)} signs come one after another, each in its place. Keep in mind where each of them lies.",
            "Then put each sign where it was. You may leave one out. Later you will be asked for them again.",
        )
    return made_form(
        "objloc",
        numbers,
        key,
        part=part or "study",
        pages=pages,
        blocks=blocks,
        display=Display(kind="cells", cells=cells),
        glyphs={sign: OBJECTS[sign] for sign in signs},
    )


def grid(size: int) -> tuple[Cell, ...]:
    """Return places in rows.

    Parameters
    ----------
    size : int
        How many.

    Returns
    -------
    tuple of Cell
        As square as possible; row by row.
    """
    side = math.isqrt(size - 1) + 1
    step = 1000 // side
    return tuple(
        Cell(
            id=f"c{number + 1}",
            x=step * (number % side) + step // 2,
            y=step * (number // side) + step // 2,
            width=step * 9 // 10,
        )
        for number in range(size)
    )


def score(run: Run, _study: Run | None) -> dict[str, float | None]:
    """Compute the scores of the part.

    Parameters
    ----------
    run : Run
        Of one part.

    Returns
    -------
    dict of str to float or None
        By score; the distance is that of the signs that were placed.
    """
    seen = usable(run.given)
    right = sum(sum(a == b for a, b in zip(_placed(one), one.trial.answer, strict=False)) for one in seen)
    if run.form.part == "delayed":
        return {"delayed": right if seen else None}
    return {
        "immediate": right if seen else None,
        "distance_error": mean([far for one in seen for far in _distances(run.form, one)]),
    }


def _placed(one: Given) -> tuple[str | None, ...]:
    return one.record.response if isinstance(one.record.response, tuple) else ()


def _distances(form: Form, one: Given) -> list[float]:
    cells = {cell.id: cell for cell in form.display.cells} if form.display is not None else {}
    step = min((cell.width for cell in cells.values()), default=1) / 0.9
    return [
        math.hypot(cells[put].x - cells[right].x, cells[put].y - cells[right].y) / step
        for put, right in zip(_placed(one), one.trial.answer, strict=False)
        if put is not None
    ]
