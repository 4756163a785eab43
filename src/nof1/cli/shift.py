"""`nof1 shift`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nof1.cli.shared import actor_option, ask_reason, pass_context, reason_option, trial_argument
from nof1.workflow.move import shift_trial

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 shift coffee --days 3 --reason 'travel'")
@trial_argument
@click.option("--days", type=int, required=True, help="How far; negative: earlier.")
@click.option(
    "--from",
    "from_period",
    type=int,
    metavar="PERIOD",
    help="The first period that moves; the next by default.",
)
@reason_option
@actor_option
@pass_context
def shift(context: Context, trial: Path, days: int, from_period: int | None, reason: str | None) -> None:
    """Move all periods that have not begun by some days. Their order and length in TRIAL never change."""
    schedule = shift_trial(trial, days, ask_reason(reason, "Why are the dates moved?"), context, from_period)
    click.echo(f"Moved: the trial now ends on {schedule.periods[-1].ends_on}. See {trial / 'schedule.csv'}.")
