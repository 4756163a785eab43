"""`nof1 import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import actor_option, answer, json_option, next_step, pass_context, store_option
from nof1.scores.importers import ImportForm
from nof1.scores.moments import DateOrder
from nof1.workflow.import_trial import import_trial as bring_in

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.command(name="import", epilog="Example: nof1 import coffee.yaml --data coffee.csv --trial data/coffee")
@click.argument("protocol", metavar="PROTOCOL", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data",
    required=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="One long table: session, period, condition, score, value, …",
)
@click.option(
    "--trial",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The trial's new folder; its name is the trial id.",
)
@click.option("--participant", metavar="NAME", help="Whose rows, where the file holds several people.")
@click.option(
    "--from",
    "form",
    type=click.Choice(["long", "studyu"]),
    default="long",
    show_default=True,
    help="What kind of file it is.",
)
@click.option("--zone", metavar="IANA", help="Zone of times without offset.")
@click.option("--dayfirst", "order", flag_value="dayfirst", help="Dates such as 3.4.2026 begin with the day.")
@click.option(
    "--monthfirst", "order", flag_value="monthfirst", help="Dates such as 4/3/2026 begin with the month."
)
@click.option("--i-know", "allow_synced", is_flag=True, help="Accept a synchronised or network folder.")
@store_option
@json_option
@actor_option
@pass_context
def import_trial(
    context: Context, protocol: Path, data: Path, folder: Path, participant: str | None, form: str,
    zone: str | None,
    order: str | None, allow_synced: bool, as_json: bool,
) -> None:  # fmt: skip
    """Analyse a finished trial that was run elsewhere. The report says so.

    The table has the columns session, period, condition, score, value and, where known, block, day, at, participant,
    guess_probability (of the first condition, 0 to 1), excluded (a reason; empty: counted).
    """
    done = bring_in(
        protocol, data, folder, context,
        participant=participant, form=ImportForm(form), zone=zone, order=DateOrder(order or "iso"), allow_synced=allow_synced,
    )  # fmt: skip
    lines = [
        f"Imported: {done.n_scores} scores of {done.n_sessions} sessions; {done.n_excluded} of them the file leaves out.",
        f"  rows of the file, whoever they are of: {done.n_rows}",
        "  order: the one that the protocol fixes; it was not drawn"
        if done.space_size == 1
        else f"  order: number {done.sequence_rank:,} of {done.space_size:,} that the design allows (counted from 0)",
        *(f"  {finding}" for finding in done.findings),
    ]
    answer_data = {
        "trial": done.trial.name, "n_rows": done.n_rows, "n_scores": done.n_scores, "n_sessions": done.n_sessions, "n_excluded": done.n_excluded, "findings": done.findings,
        "space_size": str(done.space_size), "sequence_rank": str(done.sequence_rank),
    }  # fmt: skip
    answer(as_json, answer_data, "\n".join(lines))
    next_step(f"nof1 report {folder}")
