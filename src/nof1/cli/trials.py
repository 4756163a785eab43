"""`nof1 trials`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import answer, json_option, pass_context, table
from nof1.workflow.status import Status, all_trials

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 trials")
@json_option
@pass_context
def trials(context: Context, as_json: bool) -> None:
    """List all trials of the workspace. Each with where it stands."""
    found = all_trials(context)
    rows = [
        [s.name, s.stage, s.mode, f"{s.n_entered}/{s.n_due}", str(s.ends_on or "")]
        if isinstance(s, Status)
        else [s[0], "unreadable", "", "", ""]
        for s in found
    ]
    data = {
        "trials": [asdict(s) if isinstance(s, Status) else {"name": s[0], "problem": s[1]} for s in found]
    }
    text = (
        table(["trial", "stage", "mode", "scores", "ends"], rows)
        if rows
        else f"No trial in {context.workspace / 'data'}."
    )
    answer(as_json, data, text)
    for s in found:
        if not isinstance(s, Status):
            click.echo(f"{s[0]}: {s[1]}", err=True)
