"""`nof1 kit draw`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import actor_option, answer, json_option, next_step, pass_context
from nof1.files.protocols import read_protocol
from nof1.files.secrets import read_cards
from nof1.protocol.facts import is_left_to_write
from nof1.report.sheets.model import Paper
from nof1.workflow.kit_check import check_kits
from nof1.workflow.kit_draw import draw_kits
from nof1.workflow.kit_plan import plan_packing

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.group()
def kit() -> None:
    """Plan, draw and check the kits of a blinded trial.

    `plan` is for a lone person; `draw` and `check` for a preparer, on the preparer's own computer.
    """


paper_option = click.option(
    "--paper",
    type=click.Choice([*(paper.value.lower() for paper in Paper), "none"]),
    default=Paper.A4.value.lower(),
    show_default=True,
    help="What is in the printer; none: make no sheets.",
)
after_option = click.option(
    "--after",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="For an extension: only the blocks after the first N, which were drawn before.",
)
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
@after_option
@paper_option
@json_option
@pass_context
def plan(
    context: Context, protocol: Path, to: Path, relabel: bool, after: int, paper: str, as_json: bool
) -> None:
    """Print slips and labels for somebody who packs alone and must not know what is where.

    The order is drawn later, by `randomize`, when the labels are on the shuffled packs.
    """
    made = plan_packing(protocol, to, context, relabel=relabel, after=after, paper=_paper(paper))
    what = "New labels" if relabel else "Planned"
    blocks = "once" if made.n_blocks == 1 else f"in {made.n_blocks} blocks, one after the other"
    lines = [f"{what}: {made.n_kits} kits, shuffled {blocks}.", f"  plan:   {made.plan}"]
    lines += [f"  print:  {path}" for path in made.sheets]
    text = "\n".join(lines)
    data = {
        "n_kits": made.n_kits, "n_blocks": made.n_blocks, "plan": str(made.plan),
        "sheets": [str(path) for path in made.sheets],
    }  # fmt: skip
    answer(as_json, data, text)
    _careful_about_contact(protocol)
    then = f"extend NAME {protocol}" if after else f"randomize {protocol} --trial data/NAME --start DATE"
    next_step(f"print, pack and shuffle as the sheets say; then nof1 {then} --kits {to}")


def _careful_about_contact(protocol: Path) -> None:
    """Say that the sheets name nobody to call; they are bound to the file, so they have to be made again."""
    safety = read_protocol(protocol).safety
    if safety and is_left_to_write(safety.emergency_contact):
        click.echo(
            'Careful: safety.emergency_contact still says "to be written here", and so do these sheets. Do not print them: '
            "write whom to call into the protocol, and make them again in a new folder.",
            err=True,
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
@after_option
@paper_option
@json_option
@actor_option
@pass_context
def draw(context: Context, protocol: Path, to: Path, after: int, paper: str, as_json: bool) -> None:
    """Draw the order and write the packing list for the preparer, and public.json for the participant."""
    drawn = draw_kits(protocol, to, context, after=after, paper=_paper(paper))
    text = "\n".join(
        [
            f"Drawn: {drawn.n_kits} kits.",
            f"  for you alone:        {drawn.packing_list}",
            f"                        {drawn.secret}",
            *(f"    print:              {path}" for path in drawn.sheets),
            f"  for the participant:  {drawn.public}",
            drawn.line,
        ]
    )
    data = {
        "n_kits": drawn.n_kits, "public": str(drawn.public), "packing_list": str(drawn.packing_list),
        "secret": str(drawn.secret), "sheets": [str(path) for path in drawn.sheets], "line": drawn.line,
    }  # fmt: skip
    answer(as_json, data, text)
    _careful_about_contact(protocol)
    if drawn.hazard:
        click.echo(f"Careful: {to} {drawn.hazard}; whoever reads it there knows the order.", err=True)
    next_step(
        f"nof1 kit check {to}; then pack by the list, give all kits at once, and hand over the folder "
        f"{drawn.public.parent.name} alone"
    )


@kit.command(epilog="Example: nof1 kit check kits")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--secret",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
    help="What was typed from the sheet; - reads it from standard input. It is asked for by default.",
)
@json_option
@pass_context
def check(_context: Context, folder: Path, secret: Path | None, as_json: bool) -> None:
    """Type the secret from the printed recovery sheet; it must give what DIR published.

    So the sheet is known to be right before it goes, sealed, to whoever is called in an emergency.
    """
    if secret is not None:
        typed = read_cards(Path("/dev/stdin") if secret == Path("-") else secret)
    else:
        typed = str(click.prompt("The eight groups on the recovery sheet", err=True))
    done = check_kits(folder, typed)
    data = {"n_kits": done.n_kits, "line": done.line}
    answer(
        as_json,
        data,
        f"The sheet gives all {done.n_kits} kits, and the line that was published.\n{done.line}",
    )
    next_step("seal the sheet and give it to the emergency contact")


def _paper(name: str) -> Paper | None:
    return None if name == "none" else next(paper for paper in Paper if paper.value.lower() == name)
