"""`nof1 amend`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import (
    actor_option,
    answer,
    ask_reason,
    json_option,
    pass_context,
    reason_option,
    trial_argument,
)
from nof1.workflow.amend import amend_trial

if TYPE_CHECKING:
    from nof1.workflow.context import Context


@click.command(
    epilog="Example: nof1 amend coffee protocols/coffee-2.yaml --reason 'the questionnaire was too long'"
)
@trial_argument
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@reason_option
@click.option(
    "--acknowledge", metavar="TEXT", help="What you say to a statement that the protocol did not show before."
)
@json_option
@actor_option
@pass_context
def amend(
    context: Context, trial: Path, file: Path, reason: str | None, acknowledge: str | None, as_json: bool
) -> None:
    """Amend the protocol where it may change, from a day on.

    Instruments, batteries, sessions, secondary outcomes, stop rules, constants and plain words of TRIAL may change, and
    ceilings may fall. Conditions, design, blinding, primary outcome and analysis stay as they were when the order was
    drawn; a FILE that changes them is refused with the list of what differs.
    """
    done = amend_trial(
        trial, file, ask_reason(reason, "Why is the protocol amended?"), context, acknowledged=acknowledge
    )
    data = {
        "changes": [{"path": one.path, "kind": one.kind} for one in done.changes],
        "effective_on": done.effective_on,
        "protocol_sha256": done.sha256,
        "line": done.line,
    }
    lines = [f"Amended from {done.effective_on} on:", *(f"  {one}" for one in done.changes)]
    answer(as_json, data, "\n".join([*lines, f"The draw stays bound to the first protocol. {done.line}"]))
