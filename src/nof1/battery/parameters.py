"""Whether a parameter of a task can be what a protocol says."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nof1.protocol.sentences import found, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.spec import Param, Task

_HIGHEST = 100_000
_TIMES = ("_s", "_ms", "_min")
_MOST = 1000
# What a count can be, where not from 1 to a thousand: the lowest and the highest.
_LIMITS: dict[tuple[str, str], tuple[int, int]] = {
    ("crt4", "positions"): (2, 6),
    ("coding", "symbols"): (2, 9),
    ("nback", "n"): (1, 5),
    ("nback", "blocks"): (1, 10),
    ("nback", "practice"): (0, 200),
    ("nback", "lures"): (0, _MOST),
    ("digit_span", "start"): (1, 12),
    ("digit_span", "lists"): (2, 60),
    ("corsi", "start"): (1, 12),
    ("corsi", "lists"): (2, 60),
    ("corsi", "blocks"): (4, 25),
    **{(task, "practice"): (0, 200) for task in ("stroop", "flanker")},
    **{(task, "neutral"): (0, _MOST) for task in ("stroop", "flanker")},
    ("switch", "single"): (0, _MOST),
    ("switch", "mixed"): (4, _MOST),
    ("wordlist", "words"): (2, 30),
    ("wordlist", "trials"): (1, 5),
    ("objloc", "glyphs"): (2, 8),
    ("objloc", "cells"): (4, 25),
    ("objloc", "trials"): (1, 5),
}
# Parameters of which one must not be above another, in the same unit.
_ORDERED: dict[str, tuple[tuple[str, str], ...]] = {
    "nback": (("on_ms", "soa_ms"), ("targets", "trials")),
    "gonogo": (("on_ms", "window_ms"), ("nogo", "trials")),
    "corsi": (("start", "blocks"),),
    "objloc": (("glyphs", "cells"),),
}


def param_problem(task: Task, name: str, value: Param) -> str | None:
    """Say what is wrong with a parameter.

    Parameters
    ----------
    task : Task
        Of the catalogue.
    name : str
        One of its parameters.
    value : Param
        What the protocol says.

    Returns
    -------
    str or None
        What was found and what to write; None if it can be.

    Examples
    --------
    >>> from nof1.battery.tasks import TASKS
    >>> param_problem(TASKS["pvt"], "duration_s", Decimal(0))
    'found 0; write a number above 0 to 100000 such as 180'
    """
    default = task.params[name]
    if isinstance(default, str):
        words = task.words[name]
        return None if value in words else f"found {_shown(value)}; {nearest(str(value), words)}"
    if isinstance(default, tuple):
        fits = isinstance(value, tuple) and len(value) == 2 and 0 <= value[0] <= value[1] <= _HIGHEST
        return (
            None
            if fits
            else f"found {_shown(value)}; write two numbers, the lower first, such as {_shown(default)}"
        )
    if not isinstance(value, Decimal) or isinstance(default, bool):
        return None if type(value) is type(default) else f"found {_shown(value)}; write {_example(default)}"
    lowest = Decimal(0) if default == 0 or name == "practice" else Decimal("0.001")
    if not lowest <= value <= _HIGHEST:
        above = "from 0" if not lowest else "above 0"
        return f"found {_shown(value)}; write a number {above} to {_HIGHEST} such as {_shown(default)}"
    if not name.endswith(_TIMES) and value != value.to_integral_value():
        return f"found {_shown(value)}; write a whole number such as {_shown(default)}"
    return None


def _shown(value: Param) -> str:
    return f"[{', '.join(found(one) for one in value)}]" if isinstance(value, tuple) else found(value)


def _example(default: Param) -> str:
    return "true or false" if isinstance(default, bool) else f"a number such as {_shown(default)}"


def params_problem(task: Task, params: Mapping[str, Param]) -> tuple[str, str] | None:
    """Say which parameters do not fit together, or can be written and not be run.

    Parameters
    ----------
    task : Task
        Of the catalogue.
    params : mapping of str to Param
        All of its parameters, each of which `param_problem` lets pass.

    Returns
    -------
    tuple of (str, str) or None
        The parameter, and what was found and what to write; None if a form can be made.

    Examples
    --------
    >>> from nof1.battery.tasks import TASKS
    >>> params_problem(TASKS["coding"], {**TASKS["coding"].params, "symbols": Decimal(12)})
    ('symbols', 'found 12; write a number from 2 to 9 such as 9')
    """
    numbers = {name: value for name, value in params.items() if isinstance(value, Decimal)}
    for name, value in numbers.items():
        low, high = _LIMITS.get((task.id, name), (1, _MOST))
        if not name.endswith(_TIMES) and not low <= value <= high:
            such = _shown(task.params[name])
            return name, f"found {_shown(value)}; write a number from {low} to {high} such as {such}"
    for less, more in _ORDERED.get(task.id, ()):
        if numbers[less] > numbers[more]:
            return (
                less,
                f"found {_shown(numbers[less])}, and {more} is {_shown(numbers[more])}; write no more than that",
            )
    if task.id == "nback" and numbers["targets"] + numbers["lures"] > numbers["trials"] * Decimal("0.75"):
        return "targets", (
            f"found {_shown(numbers['targets'])} and {_shown(numbers['lures'])} lures in {_shown(numbers['trials'])} trials; "
            "write at most three quarters of the trials together"
        )
    if task.id == "gonogo" and numbers["nogo"] == numbers["trials"]:
        return "nogo", f"found {_shown(numbers['nogo'])}, which is all trials; write fewer"
    if task.id == "pvt" and numbers["timeout_s"] * 1000 < numbers["lapse_ms"]:
        return (
            "timeout_s",
            f"found {_shown(numbers['timeout_s'])} s, which is shorter than a lapse; write more",
        )
    return None
