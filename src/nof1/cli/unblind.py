"""`nof1 unblind`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import actor_option, answer, json_option, next_step, pass_context, trial_argument
from nof1.workflow.unblind import unblind_trial

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 unblind coffee --secret secret.txt")
@trial_argument
@click.option(
    "--secret",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
    help="The preparer's secret; - reads it from the terminal.",
)
@json_option
@actor_option
@pass_context
def unblind(context: Context, trial: Path, secret: Path | None, as_json: bool) -> None:
    """Open the allocation, once the data are locked. What TRIAL published is recomputed, and stored whole or refused."""
    if secret == Path("-"):
        secret = Path("/dev/stdin")
    done = unblind_trial(trial, context, secret=secret)
    data = {
        "n_kits": done.n_kits,
        "space_size": done.space_size,
        "sequence_rank": done.sequence_rank,
        "line": done.line,
    }
    if done.was_open:
        answer(as_json, data, f"{trial.name} is open_label: there is nothing to open.")
    else:
        text = (
            f"Unblinded: {done.n_kits} kits. The secret gives exactly what was published before the trial.\n"
            f"The order is number {done.sequence_rank} of {done.space_size} that could have been drawn (counted from 0)."
        )
        answer(as_json, data, text)
    next_step(f"nof1 report {trial.name}")
