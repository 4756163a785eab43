"""`nof1 doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nof1.cli.shared import answer, json_option, pass_context, store_option
from nof1.workflow.doctor import examine

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 doctor")
@store_option
@json_option
@pass_context
def doctor(context: Context, as_json: bool) -> None:
    """Say what this machine lacks, and how to get it."""
    findings = examine(context)
    lines = [f"{'ok  ' if f.is_fine else 'LACK'}  {f.name:<10}  {f.text}" for f in findings]
    data = {
        "findings": [
            {"name": f.name, "fine": f.is_fine, "needed": f.needed, "text": f.text} for f in findings
        ]
    }
    answer(as_json, data, "\n".join(lines))
    if any(f.needed and not f.is_fine for f in findings):
        raise click.exceptions.Exit(1)
