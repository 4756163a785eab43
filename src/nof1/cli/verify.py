"""`nof1 verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nof1.cli.shared import answer, json_option, trial_argument
from nof1.workflow.verify import Outcome, verify_trial

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: nof1 verify coffee")
@trial_argument
@click.option(
    "--repair", is_flag=True, help="Write files again that follow from the record, where they differ."
)
@json_option
def verify(trial: Path, repair: bool, as_json: bool) -> None:
    """Check the record, the draw and the files of a trial. For TRIAL it is also said what no computer can prove."""
    checks = verify_trial(trial, repair=repair)
    width = max(len(check.outcome.value) for check in checks)
    lines = [f"{check.outcome.value:<{width}}  {check.name}: {check.text}" for check in checks]
    data = {"checks": [{"name": c.name, "outcome": c.outcome.value, "text": c.text} for c in checks]}
    answer(as_json, data, "\n".join(lines))
    if any(check.outcome is Outcome.FAIL for check in checks):
        raise click.exceptions.Exit(1)
