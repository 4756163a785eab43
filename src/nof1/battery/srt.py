"""Simple reaction time: press as soon as the dot comes; a control for timing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.form import Pages, Stimulus, Trial
from nof1.battery.making import PRESS, Numbers, block, made_form
from nof1.battery.scoring import SIMPLE_MS, coefficient_of_variation, mean, quantile, valid_times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.form import Form
    from nof1.battery.run import Run
    from nof1.battery.seeds import FormKey
    from nof1.battery.spec import Param

DEADLINE_MS = 1500
_PRACTICE = 4
_AIM = "Look at the middle of the screen. After a short wait a dot comes, again and again."


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
        Practice and one block.
    """
    numbers = Numbers(params)
    low, high = numbers.ms_range("foreperiod_s")

    def trials(label: str, size: int) -> list[Trial]:
        stream = key.stream(label)
        return [
            Trial(
                index=0, kind="stimulus", before_ms=stream.between(low, high), stimulus=Stimulus(kind="dot"),
                deadline_ms=DEADLINE_MS, expected=PRESS.id,
            )
            for _ in range(size)
        ]  # fmt: skip

    return made_form(
        "srt",
        numbers,
        key,
        pages=Pages(
            keyboard=(_AIM, "Press the space bar as fast as you can when it comes, and never before."),
            touch=(_AIM, "Touch the screen as fast as you can when it comes, and never before."),
        ),
        blocks=[
            block("practice", trials("practice", _PRACTICE), choices=(PRESS,)),
            block("test", trials("test", numbers.whole("trials")), choices=(PRESS,)),
        ],
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
    times = valid_times(run.given, SIMPLE_MS)
    return {
        "median": quantile(times, 0.5),
        "speed": mean([1000 / rt for rt in times]),
        "cv": coefficient_of_variation(times),
    }
