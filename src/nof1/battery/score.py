"""The scores of any run: every score of the catalogue, as a number or as missing, never as 0 for want of data."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Final

from nof1.battery.catalogue import score_range
from nof1.battery.flags import flags_of
from nof1.battery.registry import RULES
from nof1.battery.scored import Scored, ScoredValue
from nof1.battery.tasks import TASKS

if TYPE_CHECKING:
    from nof1.battery.registry import TaskRules
    from nof1.battery.run import Run
    from nof1.battery.spec import ScoreDefinition

LEAST_SHARE: Final = Decimal("0.8")
"""A score needs this share of the planned trials."""

TOO_FEW: Final = "fewer than 80 % of the planned trials were given in sight"
NOT_THERE: Final = "no trial from which it could be computed"
OUT_OF_RANGE: Final = "the number lies outside the possible range"


def score_run(run: Run, study: Run | None = None) -> Scored:
    """Compute every score that a run can give.

    Parameters
    ----------
    run : Run
        From `nof1.battery.run.read_run`.
    study : Run or None
        The study part of the same session, where `run` is a delayed part; without it what needs both is missing.

    Returns
    -------
    Scored
        Scores in the order of the catalogue, flags, counts. Never raises: whatever can be read can be scored.
    """
    form = run.form
    task, rules = TASKS[form.task], RULES[form.task]
    found = rules.score(run, study)
    values = tuple(
        _value(run, rules, score, found.get(score.id)) for score in task.scores if score.part == form.part
    )
    return Scored(
        task=form.task,
        part=form.part,
        scorer_version=f"{form.task}/{rules.version}",
        values=values,
        flags=flags_of(run),
        n_planned=_planned(run, ()),
        n_given=len(run.given),
        n_usable=sum(one.is_usable for one in run.given),
    )


def _value(run: Run, rules: TaskRules, score: ScoreDefinition, number: float | None) -> ScoredValue:
    blocks = rules.blocks.get(score.id, ())
    usable = sum(one.is_usable for one in run.given if not blocks or one.block in blocks)
    if usable < LEAST_SHARE * _planned(run, blocks) or not _is_long_enough(run):
        return ScoredValue(score=score.id, value=None, why=TOO_FEW)
    if number is None or not isfinite(number):
        return ScoredValue(score=score.id, value=None, why=NOT_THERE)
    value = rounded(number, score)
    low, high = score_range(score, _params(run))
    if not low <= value <= high:
        return ScoredValue(score=score.id, value=None, why=OUT_OF_RANGE)
    return ScoredValue(score=score.id, value=value)


def rounded(number: float, score: ScoreDefinition) -> Decimal:
    """Return a score with as many decimals as it is stored with.

    Parameters
    ----------
    number : float
        As computed.
    score : ScoreDefinition
        What it is.

    Returns
    -------
    Decimal
        Counts as whole numbers, milliseconds to a tenth, all else to four decimals; so no machine differs.
    """
    places = 0 if score.whole else 1 if score.unit == "ms" else 4
    text = f"{number:.{places}f}"
    return Decimal(text) + 0  # no minus before a zero


def _planned(run: Run, blocks: tuple[str, ...]) -> int:
    """Return how many trials were planned; of a timed block those that were begun, since its time is what is planned."""
    given = {block.id: len(run.of_block(block.id)) for block in run.form.blocks}
    return sum(
        max(1, given[block.id]) if block.rule.kind == "timed" else len(block.trials)
        for block in run.form.blocks
        if not block.is_practice and (not blocks or block.id in blocks)
    )


def _is_long_enough(run: Run) -> bool:
    planned = [block.rule.duration_ms or 0 for block in run.form.blocks if block.rule.kind == "timed"]
    return run.record.ended == "complete" or Decimal(run.record.elapsed_ms) >= LEAST_SHARE * sum(planned)


def _params(run: Run) -> dict[str, Decimal]:
    """Return the parameters that are one number, as they were when the form was made."""
    wanted = {name for score in TASKS[run.form.task].scores for name in score.high_is}
    return {name: Decimal(run.form.params[name]) for name in wanted}
