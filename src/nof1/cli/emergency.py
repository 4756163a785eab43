"""`nof1 emergency`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from nof1.cli.shared import actor_option, pass_context
from nof1.errors import Nof1Error

if TYPE_CHECKING:
    from nof1.workflow.context import Context

_ASK = "ask"


@click.command(epilog="Example: nof1 emergency coffee K-N2PQH5 --card")
@click.argument("trial")
@click.argument("kit")
@click.option(
    "--card",
    metavar="[KEY]",
    is_flag=False,
    flag_value=_ASK,
    help="Check the card by its key; without KEY it is asked for and stays out of the history of the shell.",
)
@click.option(
    "--who",
    type=click.Choice(["participant", "others", "nobody"]),
    help="Who read the slip; asked for when not given. others: the participant still does not know.",
)
@click.option("--at", metavar="T", help="When, if it is recorded later, such as 2026-03-01T08:00Z.")
@click.option("--reason", metavar="TEXT", help="Why; now or later. Never what the slip says.")
@actor_option
@pass_context
def emergency(
    context: Context, trial: str, kit: str, card: str | None, who: str | None, at: str | None, reason: str | None
) -> None:  # fmt: skip
    """Say what to open in an emergency; this is never refused. Then record for TRIAL that KIT was opened, but not what it holds."""
    click.echo(
        f"Open the slip in the box {kit[:40]}, or the sealed card with its code. It says what the box contains."
    )
    click.echo("No permission and no computer is needed. In danger call the emergency number first.")
    from nof1.workflow import emergency as step  # noqa: PLC0415 - nothing is loaded before the lines above

    folder = _folder(trial, context)
    if folder is None:
        click.echo(f"{trial[:80]} was not found here, so nothing more can be told, and nothing is recorded.")
    for line in step.what_to_open(folder, kit, context):
        click.echo(line)
    is_read = False
    if card is not None:
        told_of = step.check_card(folder, kit, _key(card), context)
        kit, is_read = told_of.kit, told_of.is_read
        click.echo(told_of.text)
    learned = _who(who)
    if learned is None and is_read:
        click.echo("A card was read out above, so that it was read is recorded.", err=True)
        learned = "participant"
    if learned is None:
        click.echo("Nothing was recorded.")
        return
    moment = _moment(at, context)
    if folder is None:
        _tell_later(step.later_command(trial, kit, learned, moment))
        return
    try:
        done = step.record_emergency(folder, context, kit, learned, at=moment, reason=reason)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the store, nobody is held up here
        click.echo(f"Not recorded: {error}", err=True)
        _tell_later(step.later_command(trial, kit, learned, moment))
        return
    told = (
        "the participant knows"
        if learned == "participant"
        else "only others know; the participant stays blind"
    )
    click.echo(f"Recorded: {done.event.kit} was opened, {told} (receipt {done.event_id[:8]}).")
    if done.event.reason is None:
        click.echo(
            f"The reason can follow: nof1 emergency {trial} {kit} --who {learned} --reason TEXT", err=True
        )


def _tell_later(command: str) -> None:
    click.echo(f"Type this later, where the trial can be written:\n  {command}")


def _folder(trial: str, context: Context) -> Path | None:
    """Find the trial; a folder that looks damaged is taken as it is."""
    from nof1.files.workspace import find_trial  # noqa: PLC0415 - as above

    try:
        return find_trial(trial, workspace=context.workspace)
    except (Nof1Error, OSError, ValueError):
        places = (context.workspace / "data" / trial, Path(trial))
        return next((place for place in places if trial and place.is_dir()), None)


def _key(given: str) -> str:
    if given not in {_ASK, "-"}:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    try:
        return str(click.prompt("Key on the card", hide_input=True, default="", show_default=False, err=True))
    except click.Abort:
        return ""


def _who(given: str | None) -> Literal["participant", "others"] | None:
    """Ask who learned; who cannot be asked is taken to know."""
    if given is None and sys.stdin.isatty():
        question = "Who has read the slip? participant, others (the participant does not know), nobody"
        choice = click.Choice(["participant", "others", "nobody"])
        try:
            given = click.prompt(question, type=choice, default="participant", err=True)
        except click.Abort:
            given = None
    if given == "nobody":
        return None
    return "others" if given == "others" else "participant"


def _moment(at: str | None, context: Context) -> datetime:
    if at is None:
        return context.now()
    try:
        return datetime.fromisoformat(at).astimezone()
    except ValueError:
        click.echo(f"{at!r} is not a time such as 2026-03-01T08:00Z; now is taken instead", err=True)
        return context.now()
