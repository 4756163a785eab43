"""`nof1 randomize`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.asking import asking
from nof1.cli.shared import IsoDate, actor_option, answer, json_option, next_step, pass_context, store_option
from nof1.files.protocols import read_protocol
from nof1.safety.exclusions import exclusion_question
from nof1.terms import Mode
from nof1.workflow.public import registered_public
from nof1.workflow.randomize import randomize_trial

if TYPE_CHECKING:
    from datetime import date

    from nof1.workflow.context import Context
    from nof1.workflow.randomize import Registered


@click.command(
    epilog="Example: nof1 randomize protocols/coffee.yaml --trial data/coffee --start 2026-12-01 --kits public.json"
)
@click.argument("protocol", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--trial",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The trial's new folder; its name is the trial id.",
)
@click.option("--start", required=True, type=IsoDate(), help="First day, of the run-in if there is one.")
@click.option(
    "--zone",
    metavar="IANA",
    help="Time zone at home, such as Europe/Berlin; that of this machine by default.",
)
@click.option(
    "--kits",
    metavar="DIR|FILE",
    type=click.Path(exists=True, path_type=Path),
    help="The folder that kit plan made, or public.json from the preparer.",
)
@click.option(
    "--answers",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="self_blinded: JSON with the answers about the packed kits; they are asked for by default.",
)
@click.option("--participant", metavar="ID", help="Pseudonym; random by default.")
@click.option("--acknowledge", metavar="TEXT", help="What you say to the statement that the protocol shows.")
@click.option(
    "--exclusions",
    metavar="TEXT",
    help="Which exclusions of the protocol hold: none, declined, or those that do; asked once at a terminal.",
)
@click.option("--i-know", "allow_synced", is_flag=True, help="Accept a synchronised or network folder.")
@store_option
@json_option
@actor_option
@pass_context
def randomize(
    context: Context, protocol: Path, folder: Path, start: date, zone: str | None, kits: Path | None,
    answers: Path | None, participant: str | None, acknowledge: str | None, exclusions: str | None,
    allow_synced: bool, as_json: bool,
) -> None:  # fmt: skip
    """Register the trial, draw the order, make the schedule.

    Protocol and order are bound by a commitment: publish the line that is printed. With a preparer the order was
    drawn by `kit draw`, and --kits names the public.json that came of it. Alone, --kits names the folder of
    `kit plan`: the packed kits are registered first, then the order of their codes is drawn.
    """
    read = read_protocol(protocol)
    safety = read.safety
    if safety and safety.acknowledge and acknowledge is None and sys.stdin.isatty():
        click.echo(safety.acknowledge, err=True)
        acknowledge = str(click.prompt("Type that you have read this", err=True))
    question = exclusion_question(read)
    if question and exclusions is None and sys.stdin.isatty():
        exclusions = str(click.prompt(question, err=True))
    done = randomize_trial(
        protocol, folder, start, context,
        zone=zone, kits=kits, participant_id=participant, acknowledged=acknowledge,
        exclusions=exclusions, ask=asking(answers),
        allow_synced=allow_synced,
    )  # fmt: skip
    trial, schedule = done.trial, done.schedule
    first, last = schedule.periods[0].starts_on, schedule.periods[-1].ends_on
    lines = [
        f"Registered: {trial.name}, {first} to {last}, {len(schedule.sessions)} sessions.",
        f"  schedule: {folder / 'schedule.csv'}",
        done.line,
    ]
    if trial.mode is Mode.OPEN_LABEL:
        lines.insert(1, "  NOT BLINDED: the order is public from now on, in public.json.")
    if trial.mode is Mode.SELF_BLINDED:
        lines[2:2] = ["Put the boxes in this order; the first one comes first:", *_order(done)]
    data = {
        "trial": trial.name, "participant": trial.registration.participant_id, "mode": trial.mode.value,
        "first_day": first, "last_day": last, "sessions": len(schedule.sessions), "line": done.line,
    }  # fmt: skip
    answer(as_json, data, "\n".join(lines))
    if start < context.now().astimezone().date():
        click.echo(
            f"Careful: {start} lies in the past. Scores measured before this registration are named by verify "
            "and in the report.",
            err=True,
        )
    click.echo(
        "Publish or mail the line that begins with nof1/1 before the first dose; it lets anyone check that nothing "
        "was changed.",
        err=True,
    )
    if trial.mode is Mode.SELF_BLINDED:
        click.echo("Wait a night before the first dose. The slips stay folded where they are.", err=True)
    next_step(f"nof1 today {trial.name}")


def _order(done: Registered) -> list[str]:
    """List the codes in order of use, block by block; spare blocks stay in their cupboard."""
    blocks: dict[str, list[str]] = {}
    for kit in registered_public(done.trial).kits:
        blocks.setdefault(kit.block, []).append(kit.code)
    return [
        f"  {'spare ' if block.startswith('S') else ''}block {block}: {' '.join(codes)}"
        if block != "0"
        else f"  {' '.join(codes)}"
        for block, codes in blocks.items()
    ]
