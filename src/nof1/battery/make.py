"""A form of any task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.parameters import params_problem
from nof1.battery.registry import RULES
from nof1.battery.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.battery.form import Form
    from nof1.battery.seeds import FormKey
    from nof1.battery.spec import Param


def make_form(task_id: str, params: Mapping[str, Param], key: FormKey, part: str | None = None) -> Form:
    """Make the form that an instrument has in a session: the same every time it is asked for.

    Parameters
    ----------
    task_id : str
        Id in the catalogue.
    params : mapping of str to Param
        Of the task, defaults written out (`nof1.battery.catalogue.params_of`).
    key : FormKey
        Trial, instrument, session and occasion; nothing else enters.
    part : str or None
        For a task with parts, which of them.

    Returns
    -------
    Form
        Everything that is shown.

    Raises
    ------
    KeyError
        If there is no such task.
    ValueError
        If the parameters do not fit together, or the part does not exist.

    Examples
    --------
    >>> from nof1.battery.seeds import FormKey
    >>> form = make_form("nback", TASKS["nback"].params, FormKey(trial_id="t", instrument="wm", session=1, occasion=1))
    >>> sum(trial.kind == "target" for trial in form.trials)
    32
    """
    task = TASKS[task_id]
    if (part is None) == bool(task.parts) or (part is not None and part not in task.parts):
        parts = " or ".join(task.parts) or "none"
        raise ValueError(f"{task_id} has no part {part}; it has {parts}")
    if problem := params_problem(task, params):
        raise ValueError(f"{task_id}.{problem[0]}: {problem[1]}")
    return RULES[task_id].make(params, key, part)
