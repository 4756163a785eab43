"""`nof1 kit draw`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import actor_option, answer, json_option, next_step, pass_context
from nof1.workflow.kit_draw import draw_kits

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.group()
def kit() -> None:
    """Draw and pack the kits of a blinded trial. For the preparer, on the preparer's own computer."""


@kit.command(epilog="Example: nof1 kit draw coffee.yaml --to kits")
@click.argument("protocol", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--to",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder.",
)
@json_option
@actor_option
@pass_context
def draw(context: Context, protocol: Path, to: Path, as_json: bool) -> None:
    """Draw the order and write the packing list for the preparer, and public.json for the participant."""
    drawn = draw_kits(protocol, to, context)
    text = "\n".join(
        [
            f"Drawn: {drawn.n_kits} kits.",
            f"  for you alone:        {drawn.packing_list}",
            f"                        {drawn.secret}",
            f"  for the participant:  {drawn.public}",
            drawn.line,
        ]
    )
    data = {
        "n_kits": drawn.n_kits, "public": str(drawn.public), "packing_list": str(drawn.packing_list),
        "secret": str(drawn.secret), "line": drawn.line,
    }  # fmt: skip
    answer(as_json, data, text)
    if drawn.hazard:
        click.echo(f"Careful: {to} {drawn.hazard}; whoever reads it there knows the order.", err=True)
    next_step(f"pack by the list, give all kits at once, and send {drawn.public.name} alone")
