"""`nof1 report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import actor_option, answer, json_option, pass_context, trial_argument
from nof1.workflow.report import report_trial, review_trial

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 report coffee")
@trial_argument
@click.option(
    "--blinded",
    is_flag=True,
    help="Before unblinding: data quality, adherence, practice, harms; no condition.",
)
@click.option(
    "--to",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder; below reports/ by default.",
)
@json_option
@actor_option
@pass_context
def report(context: Context, trial: Path, blinded: bool, to: Path | None, as_json: bool) -> None:
    """Run the analysis and make the report. The protocol of TRIAL says which analysis it is."""
    done = review_trial(trial, context, to=to) if blinded else report_trial(trial, context, to=to)
    click.echo("", err=True)
    data = {"verdict": done.verdict, "html": str(done.html), "folder": str(done.folder)}
    verdict = f"Verdict on the primary outcome: {done.verdict.replace('_', ' ')}."
    told = "Nothing was compared: the conditions are not known." if blinded else verdict
    answer(as_json, data, f"{told}\n{done.html}")
