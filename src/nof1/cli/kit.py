"""`nof1 kit draw`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import actor_option, answer, json_option, next_step, pass_context
from nof1.workflow.kit_draw import draw_kits
from nof1.workflow.kit_plan import plan_packing

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.group()
def kit() -> None:
    """Plan, draw and check the kits of a blinded trial.

    `plan` is for a lone person; `draw` and `check` for a preparer, on the preparer's own computer.
    """


protocol_file = click.argument(
    "protocol", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@kit.command(epilog="Example: nof1 kit plan protocols/coffee.yaml --to kits")
@protocol_file
@click.option(
    "--to",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder; with --relabel the one that holds the plan.",
)
@click.option("--relabel", is_flag=True, help="New labels for slips that are packed already.")
@json_option
@pass_context
def plan(context: Context, protocol: Path, to: Path, relabel: bool, as_json: bool) -> None:
    """Print slips and labels for somebody who packs alone and must not know what is where.

    The order is drawn later, by `randomize`, when the labels are on the shuffled packs.
    """
    made = plan_packing(protocol, to, context, relabel=relabel)
    what = "New labels" if relabel else "Planned"
    text = f"{what}: {made.n_kits} kits, shuffled in {made.n_blocks} times.\n  plan:   {made.plan}"
    data = {"n_kits": made.n_kits, "n_blocks": made.n_blocks, "plan": str(made.plan)}
    answer(as_json, data, text)
    next_step(
        f"print, pack and shuffle as the sheets say; then nof1 randomize {protocol} --trial data/NAME "
        f"--start DATE --kits {to}"
    )


@kit.command(epilog="Example: nof1 kit draw coffee.yaml --to kits")
@protocol_file
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
