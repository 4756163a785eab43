"""Vigilance test: press as soon as the counter starts; how fast, and how often far too late.

References
----------
Basner and Dinges 2011, doi 10.1093/sleep/34.5.581; Basner et al. 2011, PMC3197786 (3 minutes, lapses from 355 ms).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.form import Pages, Rule, Stimulus, Trial
from nof1.battery.making import PRESS, Numbers, block, made_form
from nof1.battery.run import MAX_RECORDS
from nof1.battery.scoring import SIMPLE_MS, mean, quantile, spread_of, usable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.form import Form
    from nof1.battery.run import Run
    from nof1.battery.seeds import FormKey
    from nof1.battery.spec import Param

_PRACTICE = 4
_AIM = "Look at the middle of the screen. After a wait of a few seconds, a counter starts to run."
_FAST = "Do not press before the counter runs: that counts as a false start."


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
        More trials than the time can hold.
    """
    numbers = Numbers(params)
    low, high = numbers.ms_range("isi_s")
    timeout, duration = numbers.ms("timeout_s"), numbers.ms("duration_s")
    n_trials = min(duration // (low + SIMPLE_MS) + 2, MAX_RECORDS - _PRACTICE)

    def trials(label: str, size: int) -> list[Trial]:
        stream = key.stream(label)
        return [
            Trial(
                index=0, kind="stimulus", before_ms=stream.between(low, high), stimulus=Stimulus(kind="counter"),
                deadline_ms=timeout, expected=PRESS.id,
            )
            for _ in range(size)
        ]  # fmt: skip

    return made_form(
        "pvt",
        numbers,
        key,
        pages=Pages(
            keyboard=(_AIM, f"Press the space bar as fast as you can when it does. {_FAST}"),
            touch=(_AIM, f"Touch the screen as fast as you can when it does. {_FAST}"),
        ),
        blocks=[
            block("practice", trials("practice", _PRACTICE), choices=(PRESS,)),
            block(
                "test",
                trials("test", n_trials),
                choices=(PRESS,),
                rule=Rule(kind="timed", duration_ms=duration, finish_trial=True),
            ),
        ],
        settings={"lapse_ms": numbers.ms("lapse_ms"), "timeout_ms": timeout, "duration_ms": duration},
    )


def score(run: Run, _study: Run | None) -> dict[str, float | None]:
    """Compute the scores.

    A stimulus without response enters with the time at which it was given up. A response faster than 100 ms is a
    false start, as is one before the stimulus.

    Parameters
    ----------
    run : Run
        Of this task.

    Returns
    -------
    dict of str to float or None
        By score.
    """
    lapse, timeout = float(run.form.settings["lapse_ms"]), float(run.form.settings["timeout_ms"])
    seen = usable(run.given)
    times = [timeout if one.record.rt_ms is None else min(one.record.rt_ms, timeout) for one in seen]
    counted = [rt for rt in times if rt >= SIMPLE_MS]
    speeds = [1000 / rt for rt in counted]
    false_starts = sum(one.record.early for one in seen) + len(times) - len(counted)
    lapses = sum(rt >= lapse for rt in counted)
    answered = len(counted) + false_starts
    return {
        "speed": mean(speeds),
        "lapses": lapses if counted else None,
        "false_starts": false_starts if seen else None,
        "perf": 1 - (lapses + false_starts) / answered if answered else None,
        "median_rt": quantile(counted, 0.5),
        "p10_rt": quantile(counted, 0.1),
        "p90_rt": quantile(counted, 0.9),
        "sd_speed": spread_of(speeds),
    }
