"""`nof1 unblind`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import actor_option, answer, json_option, next_step, pass_context, trial_argument
from nof1.errors import OpeningError
from nof1.files.secrets import read_cards
from nof1.workflow.unblind import check_card, kits_to_read, unblind_trial

if TYPE_CHECKING:
    from nof1.terms import KitCode
    from nof1.workflow.context import Context
    from nof1.workflow.unblind import UnblindReceipt


@click.command(epilog="Example: nof1 unblind coffee --secret secret.txt")
@trial_argument
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
    help="The preparer's secret; - reads it from the terminal. Once more for each extension.",
)
@click.option(
    "--cards",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
    help="A line for each box: code, and the key on its slip or 'lost'; - asks for one after the other.",
)
@json_option
@actor_option
@pass_context
def unblind(
    context: Context, trial: Path, secrets: tuple[Path, ...], cards: Path | None, as_json: bool
) -> None:
    """Open the allocation, once the data are locked. What TRIAL published is recomputed, and stored whole or refused.

    The preparer's secret opens every kit; the slips in the boxes open a trial that nobody prepared, or whose secret
    is gone. All slips are read first; until all fit, nothing is stored.
    """
    paths = [Path("/dev/stdin") if path == Path("-") else path for path in secrets]
    done = unblind_trial(trial, context, secret=paths, cards=_cards(trial, cards))
    data = {
        "n_kits": done.n_kits,
        "space_size": done.space_size,
        "sequence_rank": done.sequence_rank,
        "line": done.line,
    }
    if done.was_open:
        answer(as_json, data, f"{trial.name} is open_label: there is nothing to open.")
    else:
        answer(as_json, data, "\n".join(_lines(done)))
    next_step(f"nof1 report {trial.name}")


def _lines(done: UnblindReceipt) -> list[str]:
    what = "Every card is one of those" if done.by_cards else "The secret gives exactly what was"
    lines = [
        f"Unblinded: {done.n_kits} kits. {what}{' that were' * done.by_cards} published before the trial."
    ]
    if done.inferred:
        lines.append(f"Without a card, told by the others of their block: {', '.join(done.inferred)}.")
    if done.lost:
        lines.append(
            f"Nobody can tell any more what was in {', '.join(done.lost)}; their periods are left out."
        )
    if done.sequence_rank is not None:
        lines.append(
            f"The order is number {done.sequence_rank:,} of {done.space_size:,} that could have been drawn (counted from 0)."
        )
    elif done.space_size is not None:
        lines.append(f"{done.space_size:,} orders of the other periods could have been drawn.")
    return lines


def _cards(trial: Path, given: Path | None) -> str | None:
    """Read the cards from a file, or ask for one after the other; what is wrong is told before the next."""
    if given is None:
        return None
    if given != Path("-") or not sys.stdin.isatty():
        return read_cards(Path("/dev/stdin") if given == Path("-") else given)
    typed: dict[KitCode, str] = {}
    for kit in kits_to_read(trial):
        while kit.code not in typed:
            text = str(click.prompt(f"{kit.code}: key on its slip, or 'lost'", err=True))
            try:
                check_card(trial, kit.code, text, typed)
            except OpeningError as error:
                click.echo(str(error), err=True)
            else:
                typed[kit.code] = text
    return "\n".join(f"{code} {text}" for code, text in typed.items())
