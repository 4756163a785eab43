"""Whether a parameter of a task can be what a protocol says."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nof1.protocol.sentences import found, nearest

if TYPE_CHECKING:
    from nof1.battery.spec import Param, Task

_HIGHEST = 100_000
_TIMES = ("_s", "_ms", "_min")


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
