"""`nof1 backup`."""

from __future__ import annotations

from pathlib import Path

import click

from nof1.cli.shared import answer, json_option, trial_argument
from nof1.workflow.keep import backup_trial


@click.command(epilog="Example: nof1 backup coffee coffee-2026-12-24.nof1")
@trial_argument
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def backup(trial: Path, target: Path, as_json: bool) -> None:
    """Write a verified copy of a trial into one file. FILE is read back before TRIAL is said to be safe in it."""
    copy = backup_trial(trial, target)
    data = {"file": str(copy.path), "events": copy.seq, "head": copy.head, "bytes": copy.n_bytes}
    answer(
        as_json,
        data,
        f"Whole: {copy.path}, {copy.seq} events, {copy.n_bytes} bytes.\nhead {copy.seq} {copy.head}",
    )
