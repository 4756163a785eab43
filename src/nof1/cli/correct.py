"""`nof1 correct`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nof1.cli.shared import (
    actor_option,
    answer,
    ask_reason,
    json_option,
    pass_context,
    reason_option,
    tell_limits,
    trial_argument,
)
from nof1.workflow.correct import correct_score

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.workflow.context import Context


@click.command(
    context_settings={"ignore_unknown_options": True},  # -0.5 is a value
    epilog="Example: nof1 correct coffee 12 vigil.speed=3.71 --reason 'typed the line above'",
)
@trial_argument
@click.argument("target", metavar="ID")
@click.argument("new", metavar="[SCORE=]VALUE")
@reason_option
@json_option
@actor_option
@pass_context
def correct(context: Context, trial: Path, target: str, new: str, reason: str | None, as_json: bool) -> None:
    """Replace a score by another one; the old one stays visible.

    ID is the number of its session in TRIAL, or the receipt that `enter` gave. VALUE may be a reason (forgot, ill,
    technical, refused, other): the score is then missing. The report counts corrections.
    """
    score, equals, value = new.rpartition("=")
    done = correct_score(
        trial, context, target=target, score=score if equals else None, value=value,
        reason=ask_reason(reason, "Why is it corrected?"),
    )  # fmt: skip
    data = {
        "score": done.score,
        "session": done.session,
        "old": done.old,
        "new": done.new,
        "receipt": done.receipt,
    }
    answer(
        as_json,
        data,
        f"Corrected: {done.score}, session {done.session}: {done.old or 'missing'} → {done.new or 'missing'} (receipt {done.receipt})",
    )
    tell_limits(done.told)
