"""`nof1 lock`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nof1.cli.record import ask_guess, ask_why
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
from nof1.workflow.lock import lock_trial, review, undo_lock
from nof1.workflow.record import record_guess

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.workflow.context import Context


def _guess(trial: Path, period: int, context: Context) -> None:
    """Ask about the last period, before anything is opened."""
    if click.confirm(f"Tell now what you believe about period {period}?", default=True, err=True):
        guessed = ask_guess(trial)
        record_guess(trial, context, period=period, percent=guessed, reason=ask_why() if guessed else None)


@click.command(epilog="Example: nof1 lock coffee")
@trial_argument
@click.option("--undo", is_flag=True, help="Open data entry again; needs a reason, and the report shows it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@reason_option
@json_option
@actor_option
@pass_context
def lock(context: Context, trial: Path, undo: bool, yes: bool, reason: str | None, as_json: bool) -> None:
    """Close data entry. For TRIAL this can be undone only until `unblind`, with a reason that the report shows."""
    if undo:
        undo_lock(trial, ask_reason(reason, "Why is the lock undone?"), context)
        answer(as_json, {"locked": False}, f"{trial.name} is open again; the report will say so.")
        return
    seen = review(trial, context)
    lines = [
        f"{seen.n_entered} of {seen.n_planned} planned scores are entered; {seen.n_late} late, {seen.n_corrected} corrected."
    ]
    if seen.missing:
        more = seen.n_planned - seen.n_entered - len(seen.missing)
        lines.append("Missing: " + "; ".join(seen.missing) + (f"; and {more} more" if more else ""))
    if seen.open_days:
        lines.append(f"The schedule goes on for {seen.open_days} more days.")
    if seen.no_guess:
        lines.append(
            f"Nothing was guessed about period{'s' * (len(seen.no_guess) > 1)} {', '.join(map(str, seen.no_guess))}, and once the data are locked it is "
            f"too late: nof1 record {trial.name} guess --period {seen.no_guess[-1]}"
        )
    click.echo("\n".join(lines), err=True)
    if seen.no_guess and not yes and sys.stdin.isatty():
        _guess(trial, seen.no_guess[-1], context)
    if not yes:
        click.confirm("After this no score can be entered or corrected. Lock?", abort=True, err=True)
    receipt = lock_trial(trial, context)
    data = {"n_scores": receipt.n_scores, "n_missing": receipt.n_missing, "line": receipt.line}
    answer(as_json, data, f"Locked: {receipt.n_scores} scores, {receipt.n_missing} missing.\n{receipt.line}")
    if receipt.mode is Mode.OPEN_LABEL:
        next_step(f"nof1 report {trial.name}")
    elif receipt.mode is Mode.SELF_BLINDED:
        next_step(f"read the slips in the boxes: nof1 unblind {trial.name} --cards - (or --cards FILE)")
    else:
        next_step(
            f"send this line to the preparer and ask for the secret; then nof1 unblind {trial.name} --secret FILE"
        )
