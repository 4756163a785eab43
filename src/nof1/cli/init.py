"""`nof1 init`."""

from __future__ import annotations

from pathlib import Path

import click

from nof1.cli.shared import next_step
from nof1.files.workspace import init_workspace


@click.command(epilog="Example: nof1 init my-trials")
@click.argument("folder", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path), default=".")
def init(folder: Path) -> None:
    """Make a workspace: protocols/, data/ and reports/. What is there already stays as it is."""
    made = init_workspace(folder)
    click.echo(
        "\n".join(f"made {path}" for path in made) or f"{folder} is a workspace already; nothing was changed"
    )
    next_step("nof1 protocol list, then nof1 protocol new my-trial --like caffeine-vigilance")
