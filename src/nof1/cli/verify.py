"""`nof1 verify`."""

from __future__ import annotations

from pathlib import Path

import click

from nof1.cli.shared import answer, json_option, pass_context, trial_argument
from nof1.workflow.context import Context
from nof1.workflow.verify import Outcome, verify_trial


@click.command(epilog="Example: nof1 verify coffee")
@trial_argument
@click.option("--repair", is_flag=True, help="Write files again that follow from the record, where they differ.")
@json_option
@pass_context
def verify(context: Context, trial: Path, repair: bool, as_json: bool) -> None:
    """Check the record, the draw and the files of TRIAL; say what no computer can prove."""
    checks = verify_trial(trial, context, repair=repair)
    width = max(len(check.outcome.value) for check in checks)
    lines = [f"{check.outcome.value:<{width}}  {check.name}: {check.text}" for check in checks]
    data = {"checks": [{"name": c.name, "outcome": c.outcome.value, "text": c.text} for c in checks]}
    answer(as_json, data, "\n".join(lines))
    if any(check.outcome is Outcome.FAIL for check in checks):
        raise click.exceptions.Exit(1)
