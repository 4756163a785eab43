"""What can be said about the quality of a run; it is told, and nothing is dropped for it."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from math import prod
from typing import TYPE_CHECKING, Final

from nof1.battery import conflict, gonogo, nback
from nof1.battery.registry import RULES
from nof1.battery.run import is_right
from nof1.battery.scoring import CHOICE_MS, SIMPLE_MS, quantile, share_right, usable, z_rate
from nof1.battery.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nof1.battery.run import Given, Run

_SIMPLE: Final = ("pvt", "srt")
_MOST: Final = 0.10  # of anticipations, of timeouts
_GUESS_SHARE, _GUESS_MS = 0.60, 300
_LOWEST_SHARE: Final = 0.85
_MOST_OMISSIONS: Final = 0.15
_LONGEST_ROW, _WRONG_IN_ROW = 8, 3
_MOST_HIDDEN: Final = 1
_SLOW_FRAME: Final = 1.5
_ELAPSED: Final = (0.5, 2.0)
_ELAPSED_SLACK_MS: Final = 10_000


def flags_of(run: Run) -> tuple[str, ...]:
    """Return the quality flags of a run.

    Parameters
    ----------
    run : Run
        Of any task.

    Returns
    -------
    tuple of str
        Of `nof1.battery.tasks.FLAGS`, sorted; without those that only a schedule or a device record can tell.
    """
    return tuple(sorted(name for name, holds in _CHECKS.items() if holds(run)))


def _presses(run: Run) -> list[Given]:
    return [one for one in usable(run.given) if one.trial.mode == "press"]


def _n_choices(run: Run) -> int:
    return max((len(block.choices) for block in run.form.blocks if not block.is_practice), default=0)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def _anticipation(run: Run) -> bool:
    is_simple = run.form.task in _SIMPLE
    fastest = SIMPLE_MS if is_simple else CHOICE_MS
    return (
        _share(
            [
                one.record.rt_ms < fastest or (is_simple and one.record.early > 0)
                for one in _presses(run)
                if one.record.rt_ms is not None
            ]
        )
        > _MOST
    )


def _fast_guess(run: Run) -> bool:
    if _n_choices(run) < 2:
        return False
    answered = [one for one in _presses(run) if one.record.rt_ms is not None]
    right = [is_right(one.trial, one.record) for one in answered]
    median = quantile([one.record.rt_ms or 0 for one in answered], 0.5)
    return median is not None and median < _GUESS_MS and _share(right) < _GUESS_SHARE


def _timeout_rate(run: Run) -> bool:
    timed = [one for one in _presses(run) if one.trial.length_ms is None and one.trial.expected is not None]
    return _share([not one.is_answered for one in timed]) > _MOST


def _accuracy_floor(run: Run) -> bool:
    seen = usable(run.given)
    match run.form.task:
        case "coding":
            share = share_right(seen)
            return share is not None and share < _LOWEST_SHARE
        case "stroop" | "flanker":
            share = share_right(conflict.of_kind(seen, conflict.CONGRUENT))
            return share is not None and share < _LOWEST_SHARE
        case "gonogo":
            missed = [not one.is_answered for one in seen if one.trial.kind == gonogo.GO]
            return _share(missed) > _MOST_OMISSIONS
        case "nback":
            hits, n_targets, false_alarms, n_others = nback.counts(seen)
            return bool(n_targets and n_others) and z_rate(hits, n_targets) < z_rate(false_alarms, n_others)
    return False


def _monotone(run: Run) -> bool:
    """Tell of more than eight identical choices in a row, unless the form asked for (nearly all of) them."""
    if _n_choices(run) < 2:
        return False
    answered = [one for one in _presses(run) if one.record.response is not None]
    rows = [list(row) for _, row in groupby(answered, key=lambda one: one.record.response)]
    return any(
        len(row) > _LONGEST_ROW and sum(not is_right(one.trial, one.record) for one in row) >= _WRONG_IN_ROW
        for row in rows
    )


def _frame_drop(run: Run) -> bool:
    median, slow = run.record.frame_median_ms, run.record.frame_p95_ms
    return median is not None and slow is not None and slow > _SLOW_FRAME * median


def _short_form(run: Run) -> bool:
    names = RULES[run.form.task].length
    given = prod(Decimal(run.form.params[name]) for name in names)
    return given < prod(Decimal(str(TASKS[run.form.task].params[name])) for name in names)


def _duration_outlier(run: Run) -> bool:
    """Tell whether the run took far more or less time than its trials account for."""
    planned = sum(
        one.trial.before_ms
        + one.trial.cue_ms
        + len(one.trial.items[: one.record.length]) * (one.trial.item_ms + one.trial.gap_ms)
        + (one.trial.length_ms or one.record.rt_ms or one.trial.deadline_ms or 0)
        for one in run.given
    )
    low, high = _ELAPSED
    return not low * planned <= run.record.elapsed_ms <= high * planned + _ELAPSED_SLACK_MS


_CHECKS: dict[str, Callable[[Run], bool]] = {
    "anticipation": _anticipation,
    "fast_guess": _fast_guess,
    "timeout_rate": _timeout_rate,
    "accuracy_floor": _accuracy_floor,
    "monotone": _monotone,
    "tab_hidden": lambda run: sum(one.record.hidden for one in run.given) > _MOST_HIDDEN,
    "frame_drop": _frame_drop,
    "untrusted_events": lambda run: any(not one.trusted for one in run.record.responses),
    "interrupted": lambda run: run.record.interruptions > 0 or run.record.ended == "stopped",
    "restarted": lambda run: run.record.restarts > 0,
    "short_form": _short_form,
    "duration_outlier": _duration_outlier,
}
