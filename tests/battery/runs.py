"""Forms and what came back from them, put together by hand."""

from __future__ import annotations

from nof1.battery.make import make_form
from nof1.battery.run import read_run, right_answer
from nof1.battery.score import score_run
from nof1.battery.seeds import FormKey
from nof1.battery.tasks import TASKS

KEY = FormKey(trial_id="tea-memory", instrument="wm", session=3, occasion=2)
PARTS = [(task.id, part) for task in TASKS.values() for part in task.parts or (None,)]
"""Every task, and every part of it."""


def form_of(task, part=None, *, key=KEY, **params):
    """Return a form with some parameters that are not the default."""
    return make_form(task, {**TASKS[task].params, **params}, key, part)


def sent(form, responses, **fields):
    """Return what the page would send."""
    return {
        "format": 1, "task": form.task, "part": form.part, "form_sha256": form.sha256, "mode": "live", "ended": "complete",
        "elapsed_ms": 100_000, "responses": responses, **fields,
    }  # fmt: skip


EXPECTED = object()


def press(trial, rt=400.0, response=EXPECTED, **fields):
    """Return the record of one press: the right one, a given one, or None."""
    response = trial.expected if response is EXPECTED else response
    return {
        "trial": trial.index, "onset_ms": 1000.0 * trial.index, "rt_ms": None if response is None else rt, "response": response,
        **fields,
    }  # fmt: skip


def entered(trial, response=None, *, length=None, rt=5000.0, **fields):
    """Return the record of one series: the right answer, or a given one."""
    given = list(right_answer(trial, length)) if response is None else response
    record = {
        "trial": trial.index, "onset_ms": 1000.0 * trial.index, "rt_ms": rt, "response": given, **fields,
    }  # fmt: skip
    return record if length is None else {**record, "length": length}


def perfect(form, rt=400.0):
    """Return records of somebody who makes no mistake; of a staircase none."""
    return [press(trial, rt) if trial.mode == "press" else entered(trial) for trial in form.trials]


def run_of(form, responses, **fields):
    """Return the run; it must fit."""
    table = read_run(form, sent(form, responses, **fields))
    assert table.problems == ()
    return table.run


def scored(form, responses, study=None, **fields):
    """Return the scores of a run."""
    return score_run(run_of(form, responses, **fields), study)
