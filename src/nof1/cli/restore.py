"""`nof1 restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import answer, json_option, next_step, pass_context, store_option
from nof1.workflow.keep import restore_trial

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 restore coffee-2026-12-24.nof1")
@click.argument("backup", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--to",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The new folder; data/<trial> by default.",
)
@click.option(
    "--heads",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A heads.txt kept elsewhere, to compare with.",
)
@store_option
@json_option
@pass_context
def restore(context: Context, backup: Path, to: Path | None, heads: Path | None, as_json: bool) -> None:
    """Bring back a trial from a backup. A trial that is there is never replaced."""
    folder, copy = restore_trial(backup, context, to=to, heads=heads)
    data = {"folder": str(folder), "events": copy.seq, "head": copy.head}
    answer(as_json, data, f"Restored: {folder}, {copy.seq} events, head {copy.head[:16]}…")
    next_step(f"nof1 verify {folder}")
