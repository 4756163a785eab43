"""`nof1 resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nof1.cli.shared import IsoDate, actor_option, pass_context, trial_argument
from nof1.workflow.move import resume_trial

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 resume coffee --on 2026-12-10")
@trial_argument
@click.option("--on", "on", type=IsoDate(), help="First day again; this day of the study by default.")
@actor_option
@pass_context
def resume(context: Context, trial: Path, on: date | None) -> None:
    """Go on after a pause. The next period of TRIAL begins on that day."""
    schedule = resume_trial(trial, on, context)
    click.echo(
        f"Resumed: the trial now ends on {schedule.periods[-1].ends_on}. See {trial / 'schedule.csv'}."
    )
