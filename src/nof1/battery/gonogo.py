"""Go / no-go: press for the one shape, keep still for the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.form import Pages, Stimulus, Trial
from nof1.battery.making import PRESS, Numbers, block, made_form
from nof1.battery.scoring import coefficient_of_variation, d_prime, mean, quantile, usable, valid_times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.form import Form
    from nof1.battery.run import Run
    from nof1.battery.seeds import FormKey, Stream
    from nof1.battery.spec import Param

GO, NOGO = "go", "nogo"
_SHAPES = {GO: "circle", NOGO: "square"}
_PRACTICE, _PRACTICE_NOGO = 12, 3
_AIM = "Circles and squares come one after another, quickly."


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
        The first is a go; never more than two no-gos in a row where they are a third or less.
    """
    numbers = Numbers(params)
    low, high = numbers.ms_range("iti_ms")

    def trials(label: str, size: int, n_nogo: int) -> list[Trial]:
        stream = key.stream(label)
        return [
            Trial(
                index=0, kind=kind, before_ms=stream.between(low, high), stimulus=Stimulus(kind="shape", text=_SHAPES[kind]),
                on_ms=numbers.ms("on_ms"), length_ms=numbers.ms("window_ms"), expected=PRESS.id if kind == GO else None,
            )
            for kind in kinds(stream, size, n_nogo)
        ]  # fmt: skip

    rest = "Circles are much more frequent. Be fast, and still keep your finger back for squares."
    return made_form(
        "gonogo",
        numbers,
        key,
        pages=Pages(
            keyboard=(
                _AIM,
                "Press the space bar for every circle, as fast as you can. Do nothing for a square.",
                rest,
            ),
            touch=(
                _AIM,
                "Touch the screen for every circle, as fast as you can. Do nothing for a square.",
                rest,
            ),
        ),
        blocks=[
            block("practice", trials("practice", _PRACTICE, _PRACTICE_NOGO), choices=(PRESS,)),
            block("test", trials("test", numbers.whole("trials"), numbers.whole("nogo")), choices=(PRESS,)),
        ],
    )


def kinds(stream: Stream, size: int, n_nogo: int) -> tuple[str, ...]:
    """Return goes and no-gos in random order.

    Every go has the same number of places behind it, at least two, and the no-gos are dealt to these places.

    Parameters
    ----------
    stream : Stream
        Choices.
    size, n_nogo : int
        Trials, and how many are no-go.

    Returns
    -------
    tuple of str
        The first is a go.
    """
    n_go = size - n_nogo
    behind = max(2, -(-n_nogo // n_go))
    dealt = [place // behind for place in stream.sample(range(behind * n_go), n_nogo)]
    return tuple(kind for place in range(n_go) for kind in (GO, *[NOGO] * dealt.count(place)))


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
    seen = usable(run.given)
    pressed = {kind: [float(one.is_answered) for one in seen if one.trial.kind == kind] for kind in _SHAPES}
    times = valid_times([one for one in seen if one.trial.kind == GO])
    answered = mean(pressed[GO])
    return {
        "commission": mean(pressed[NOGO]),
        "omission": None if answered is None else 1 - answered,
        "go_median_rt": quantile(times, 0.5),
        "go_cv": coefficient_of_variation(times),
        "dprime": d_prime(
            int(sum(pressed[GO])), len(pressed[GO]), int(sum(pressed[NOGO])), len(pressed[NOGO])
        ),
    }
