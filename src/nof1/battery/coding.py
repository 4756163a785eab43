"""Symbol–digit coding: the digit that belongs to a sign, as many as possible in the time; the key is new in every session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.form import Choice, Display, Pages, Rule, Stimulus, Trial
from nof1.battery.glyphs import CODING
from nof1.battery.making import Numbers, block, decks, made_form
from nof1.battery.run import MAX_RECORDS
from nof1.battery.scoring import is_valid, share_right, usable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.form import Form
    from nof1.battery.run import Given, Run
    from nof1.battery.seeds import FormKey
    from nof1.battery.spec import Param

_SCALE_S = 90
_WINDOW_MS = 30_000
_FASTEST_ITEM_MS = 300
_BEFORE_MS = 100


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
        More items than the time can hold; no sign twice in a row.
    """
    numbers = Numbers(params)
    size, duration = numbers.whole("symbols"), numbers.ms("duration_s")
    digits = [str(i + 1) for i in range(size)]
    signs = key.stream("key").sample(tuple(CODING), size)
    digit_of = dict(zip(signs, digits, strict=True))
    choices = tuple(Choice(id=digit, label=digit, keys=(digit,)) for digit in digits)

    def trials(label: str, count: int) -> list[Trial]:
        return [
            Trial(
                index=0, kind="item", before_ms=_BEFORE_MS, stimulus=Stimulus(kind="glyph", glyph=sign), expected=digit_of[sign]
            )
            for sign in decks(key.stream(label), signs, count)
        ]  # fmt: skip

    n_items = min(duration // _FASTEST_ITEM_MS + 1, MAX_RECORDS - size)
    aim = f"At the top you see a key: {size} signs, and below each its digit. It is another key every time."
    return made_form(
        "coding",
        numbers,
        key,
        pages=Pages(
            keyboard=(
                aim,
                (
                    "One sign at a time comes in the middle. Press its digit on the keyboard, as fast as you can without mistakes. "
                    f"You have {duration // 1000} seconds."
                ),
            ),
            touch=(
                aim,
                (
                    "One sign at a time comes in the middle. Touch its digit, as fast as you can without mistakes. "
                    f"You have {duration // 1000} seconds."
                ),
            ),
        ),
        blocks=[
            block("practice", trials("practice", size), choices=choices, layout="keypad"),
            block(
                "test",
                trials("test", n_items),
                choices=choices,
                layout="keypad",
                rule=Rule(kind="timed", duration_ms=duration, finish_trial=False),
            ),
        ],
        settings={"duration_ms": duration},
        display=Display(kind="key", pairs=tuple(digit_of.items())),
        glyphs={sign: CODING[sign] for sign in signs},
    )


def score(run: Run, _study: Run | None) -> dict[str, float | None]:
    """Compute the scores.

    A test that was cut off, and one of another length, is scaled to 90 seconds.

    Parameters
    ----------
    run : Run
        Of this task.

    Returns
    -------
    dict of str to float or None
        By score.
    """
    planned = float(run.form.settings["duration_ms"])
    spent = planned if run.record.ended == "complete" else min(run.record.elapsed_ms, planned)
    seen = usable(run.given)
    if not seen or spent <= 0:
        return dict.fromkeys(("correct", "accuracy", "rate_first", "rate_last"))
    begin = (seen[0].record.onset_ms or 0) - _BEFORE_MS
    ends = [_ended(one) - begin for one in seen if is_valid(one)]
    return {
        "correct": _SCALE_S * 1000 * len(ends) / spent,
        "accuracy": share_right(seen),
        "rate_first": _rate(sum(end <= _WINDOW_MS for end in ends), spent),
        "rate_last": _rate(sum(end > spent - _WINDOW_MS for end in ends), spent),
    }


def _ended(one: Given) -> float:
    return (one.record.onset_ms or 0) + (one.record.rt_ms or 0)


def _rate(count: int, spent: float) -> float | None:
    return 1000 * count / _WINDOW_MS if spent >= _WINDOW_MS else None
