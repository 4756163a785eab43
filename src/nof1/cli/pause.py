"""`nof1 pause`."""

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
from nof1.workflow.move import pause_trial

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 pause coffee --reason flu")
@trial_argument
@click.option("--on", "on", type=IsoDate(), help="First day of rest; this day of the study by default.")
@reason_option
@actor_option
@pass_context
def pause(context: Context, trial: Path, on: date | None, reason: str | None) -> None:
    """Pause the trial: illness, travel. Periods of TRIAL that have not begun wait for `resume`."""
    schedule = pause_trial(trial, on, ask_reason(reason, "Why does the trial rest?"), context)
    click.echo(f"Paused from {schedule.paused_on}.")
    next_step(f"nof1 resume {trial.name}")
