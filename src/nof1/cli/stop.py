"""`nof1 stop`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nof1.cli.shared import (
    IsoDate,
    actor_option,
    ask_reason,
    next_step,
    pass_context,
    reason_option,
    trial_argument,
)
from nof1.workflow.move import stop_trial

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 stop coffee --reason 'side effects'")
@trial_argument
@click.option("--on", "on", type=IsoDate(), help="Last day; this day of the study by default.")
@reason_option
@actor_option
@pass_context
def stop(context: Context, trial: Path, on: date | None, reason: str | None) -> None:
    """Stop the trial; this is never refused. What was measured in TRIAL stays, and can be locked and reported."""
    schedule = stop_trial(trial, on, _reason(reason), context)
    click.echo(f"Stopped on {schedule.stopped_on}.")
    next_step(f"nof1 lock {trial.name}")


def _reason(given: str | None) -> str:
    """Ask for the reason, but never let a stop fail for want of one."""
    try:
        return ask_reason(given, "Why is the trial stopped?")
    except click.Abort:
        click.echo(err=True)
        return "not told"
