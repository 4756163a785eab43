"""How much the score of one session varies by the chance of its trials alone, for tests of the default length.

From simulations of the trials with plausible parameters (reaction times as sums of a normal and an exponential
part, binomial hits and false alarms, a logistic curve of list length): what a person adds from day to day comes on top.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nof1.battery.tasks import TASKS
from nof1.protocol.model import instrument_of

if TYPE_CHECKING:
    from nof1.protocol.model import Protocol

_OF_DURATION: dict[tuple[str, str], dict[int, float]] = {
    ("pvt", "speed"): {180: 0.100, 300: 0.125, 600: 0.088},
    ("pvt", "lapses"): {180: 2.6, 300: 0.7, 600: 1.1},
    ("coding", "correct"): {90: 2.5},
}
"""Seconds of the test to noise; the longer vigilance tests have other pauses and another bound for lapses."""

_OF_DEFAULT: dict[tuple[str, str], float] = {
    ("srt", "median"): 10.8,
    ("srt", "speed"): 0.123,
    ("nback", "dprime"): 0.40,
    ("digit_span", "mean_span"): 0.47,
    ("digit_span", "te_ml"): 0.82,
    ("corsi", "mean_span"): 0.47,
    ("stroop", "rcs_incongruent"): 0.05,
    ("stroop", "interference"): 32.0,
    ("gonogo", "commission"): 0.067,
    ("switch", "switch_cost"): 42.0,
    ("wordlist", "immediate"): 2.5,
    ("wordlist", "delayed"): 1.4,
}
"""With the parameters of the catalogue."""


def session_noise(protocol: Protocol, score: str) -> float | None:
    """Return the standard deviation of a score over sessions in which nothing but chance differs.

    Parameters
    ----------
    protocol : Protocol
        Names the instrument and its parameters.
    score : str
        Such as ``vigil.speed``.

    Returns
    -------
    float or None
        [unit of the score]; None for what was not simulated, and for a test of another length.
    """
    name, which = instrument_of(score)
    instrument = protocol.instruments.get(name)
    if instrument is None or instrument.task not in TASKS:
        return None
    defaults = TASKS[instrument.task].params
    changed = {key: value for key, value in instrument.params.items() if value != defaults.get(key)}
    seconds = changed.pop("duration_s", defaults.get("duration_s"))
    if changed:
        return None
    key = (instrument.task, which)
    if isinstance(seconds, int | Decimal) and key in _OF_DURATION:
        return _OF_DURATION[key].get(int(seconds))
    return _OF_DEFAULT.get(key)
