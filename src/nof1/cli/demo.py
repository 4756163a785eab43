"""`nof1 demo`."""

from __future__ import annotations

import io
import shlex
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import pass_context
from nof1.workflow.demo import TRUE_EFFECT, play

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 demo --to my-demo")
@click.option(
    "--to",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder; a temporary one by default.",
)
@pass_context
def demo(context: Context, to: Path | None) -> None:
    """Play a whole simulated trial, from protocol to report, with a known effect.

    The same commands are run that somebody would use who is alone; hands, clock and chance are simulated.
    """
    from nof1.cli.main import cli  # noqa: PLC0415 - the group imports this command

    folder = (to or Path(tempfile.mkdtemp(prefix="nof1-demo-"))).resolve()  # commands look names up elsewhere
    click.echo(
        f"SIMULATED. Does caffeine make a simulated person more vigilant? Here it does, by {TRUE_EFFECT} responses per second.\n"
    )

    def run(arguments: Sequence[str], as_whom: Context, quiet: bool) -> None:
        if quiet:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                cli.main(args=list(arguments), obj=as_whom, standalone_mode=False)
            return
        shown = [str(Path(a).relative_to(folder)) if a.startswith(str(folder)) else a for a in arguments]
        click.secho(f"$ nof1 {shlex.join(shown)}", bold=True)
        cli.main(args=list(arguments), obj=as_whom, standalone_mode=False)
        click.echo()

    played = play(folder, context, run)
    click.echo(f"True effect {TRUE_EFFECT} 1/s; found {played.found}.")
    click.echo(f"All of it was simulated. The participant's folder: {played.participant}")
    click.echo(f"The report: {played.report}")
