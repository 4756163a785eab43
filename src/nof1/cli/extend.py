"""`nof1 extend`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.asking import asking
from nof1.cli.shared import (
    actor_option,
    answer,
    ask_reason,
    json_option,
    next_step,
    pass_context,
    reason_option,
    trial_argument,
)
from nof1.terms import Mode
from nof1.workflow.extend import extend_trial

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.command(
    epilog="Example: nof1 extend coffee protocols/coffee-2.yaml --kits more-kits --reason 'the blinded review was too noisy'"
)
@trial_argument
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kits",
    metavar="DIR|FILE",
    type=click.Path(exists=True, path_type=Path),
    help="What kit plan or kit draw made of FILE with --after; none for an open trial.",
)
@click.option(
    "--answers",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="self_blinded: JSON with the answers about the packed kits; they are asked for by default.",
)
@reason_option
@json_option
@actor_option
@pass_context
def extend(
    context: Context,
    trial: Path,
    file: Path,
    kits: Path | None,
    answers: Path | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Add blocks at the end, drawn for an amended protocol.

    FILE is the protocol of TRIAL in force with a larger design.blocks, and nothing else. The new blocks get kits, a draw
    and a commitment of their own: make them first, with `nof1 kit plan FILE --after N` or `nof1 kit draw FILE --after N`,
    N being the blocks that were drawn before. What was drawn before stays as it is.
    """
    done = extend_trial(
        trial, file, ask_reason(reason, "Why is the trial extended?"), context, kits=kits, ask=asking(answers)
    )
    first, last = done.periods[0], done.periods[-1]
    lines = [
        f"Extended: periods {first.index} to {last.index}, {first.starts_on} to {last.ends_on}.",
        "  The protocol foresees it."
        if done.is_planned
        else "  UNPLANNED: the protocol that was registered has no rule for it (design.extension); the report says so.",
    ]
    if done.trial.mode is Mode.SELF_BLINDED:
        lines += ["Put the boxes in this order; the first one comes first:"]
        lines += [f"  {' '.join(str(period.kit) for period in done.periods)}"]
    data = {
        "periods": [period.index for period in done.periods], "first_day": first.starts_on, "last_day": last.ends_on,
        "planned": done.is_planned, "line": done.line,
    }  # fmt: skip
    answer(as_json, data, "\n".join([*lines, done.line]))
    click.echo("Publish or mail the last line before the first of these periods begins.", err=True)
    next_step(f"nof1 today {trial.name}")
