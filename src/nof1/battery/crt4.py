"""Choice reaction time: press the key of the place that lights up."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from nof1.battery.form import Cell, Choice, Display, Pages, Stimulus, Trial
from nof1.battery.making import Numbers, block, evenly, made_form
from nof1.battery.run import is_right
from nof1.battery.scoring import (
    difference,
    is_valid,
    mean,
    quantile,
    rate_correct,
    share_right,
    usable,
    valid_times,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.battery.form import Form
    from nof1.battery.run import Given, Run
    from nof1.battery.seeds import FormKey
    from nof1.battery.spec import Param

KEYS = {2: "fj", 3: "fgh", 4: "dfjk", 5: "dfgjk", 6: "sdfjkl"}
"""Keys under the fingers, by the number of places."""
DEADLINE_MS = 3000
_PRACTICE = 8
_FEWEST_ERRORS = 3


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
        Every place comes equally often.
    """
    numbers = Numbers(params)
    n_places, rsi = numbers.whole("positions"), numbers.ms("rsi_ms")
    keys = KEYS[n_places]
    step = 1000 // n_places
    cells = [Cell(id=str(i + 1), x=step * i + step // 2, y=500, width=step * 3 // 4) for i in range(n_places)]
    choices = tuple(
        Choice(id=cell.id, label=keys[place].upper(), keys=(keys[place], cell.id))
        for place, cell in enumerate(cells)
    )

    def trials(label: str, size: int) -> list[Trial]:
        ids = [cell.id for cell in cells]
        return [
            Trial(
                index=0, kind="choice", before_ms=rsi, stimulus=Stimulus(kind="cell", cell=cell), deadline_ms=DEADLINE_MS,
                expected=cell,
            )
            for cell in key.stream(label).shuffled(evenly(ids, size))
        ]  # fmt: skip

    aim = f"You see {n_places} places side by side. One of them lights up, again and again."
    named = ", ".join(letter.upper() for letter in keys)
    return made_form(
        "crt4",
        numbers,
        key,
        pages=Pages(
            keyboard=(
                aim,
                (
                    f"Lay your fingers on {named}: one key for each place, from left to right. Press its key as fast as you can "
                    "without mistakes."
                ),
            ),
            touch=(aim, "Touch the place that lights up, as fast as you can without mistakes."),
        ),
        blocks=[
            block("practice", trials("practice", _PRACTICE), choices=choices, layout="cells"),
            block("test", trials("test", numbers.whole("trials")), choices=choices, layout="cells"),
        ],
        display=Display(kind="cells", cells=tuple(cells)),
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
    return {
        "rcs": rate_correct(run.given),
        "accuracy": share_right(run.given),
        "median_rt": quantile(valid_times(run.given), 0.5),
        "post_error_slowing": _post_error_slowing(usable(run.given)),
    }


def _post_error_slowing(given: Sequence[Given]) -> float | None:
    """Return how much slower correct responses are after an error; None with fewer than three to tell from."""
    after: dict[bool, list[float]] = {True: [], False: []}
    for before, one in itertools.pairwise(given):
        if one.record.rt_ms is not None and is_valid(one):
            after[is_right(before.trial, before.record)].append(one.record.rt_ms)
    if len(after[False]) < _FEWEST_ERRORS:
        return None
    return difference(mean(after[False]), mean(after[True]))
