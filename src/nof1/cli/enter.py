"""`nof1 enter`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import (
    actor_option,
    answer,
    json_option,
    next_step,
    pass_context,
    tell_limits,
    trial_argument,
)
from nof1.errors import EntryError
from nof1.scores.checks import MISSING_REASONS, far_from_run_in, read_score
from nof1.scores.moments import DateOrder
from nof1.scores.number import read_number
from nof1.workflow.enter import due_scores, enter_scores
from nof1.workflow.entry import read_when
from nof1.workflow.open_kit import kit_to_open, open_kit
from nof1.workflow.watch import said_at_period

if TYPE_CHECKING:
    from nof1.battery.spec import ScoreSpec
    from nof1.workflow.context import Context
    from nof1.workflow.enter import Due
    from nof1.workflow.entry import EntryReceipt

_FLAGS = {
    "late": "entered more than 36 hours after it was measured: stored, and marked as late",
    "outside_window": "measured outside the window of the session: stored, and marked",
    "unplanned": "no session was planned for it: stored, and kept apart from the analysis",
}


@click.command(
    epilog="Examples: nof1 enter coffee · nof1 enter coffee vigil --set speed=3.71 --set lapses=4 --at 10:05 · "
    "nof1 enter coffee --csv scores.csv"
)
@trial_argument
@click.argument("instrument", required=False)
@click.option("--at", metavar="T", help="When it was measured, HH:MM or YYYY-MM-DD HH:MM; now by default.")
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="SCORE=VALUE",
    help="A score by name; VALUE may be a reason such as forgot.",
)
@click.option(
    "--csv",
    "table",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with a column at and one per score; all rows or none.",
)
@click.option(
    "--dayfirst", "order", flag_value="dayfirst", help="CSV: dates such as 3.4.2026 begin with the day."
)
@click.option(
    "--monthfirst", "order", flag_value="monthfirst", help="CSV: dates such as 4/3/2026 begin with the month."
)
@json_option
@actor_option
@pass_context
def enter(
    context: Context, trial: Path, instrument: str | None, at: str | None, given: tuple[str, ...], table: Path | None,
    order: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Enter scores: by prompt, by option, or from a CSV file.

    Without options all that is due in TRIAL is asked for, or what is due of one INSTRUMENT. A late score is never refused, only marked. An empty answer skips a score; a reason (forgot, ill, technical,
    refused, other) declares it missing.
    """
    if table is not None:
        from nof1.workflow.enter_table import enter_table  # noqa: PLC0415 - needed for a file only

        receipt = enter_table(trial, table, context, instrument=instrument, order=DateOrder(order or "iso"))
    else:
        moment = read_when(trial, at, context) if at else None
        values = _pairs(given)
        if not values:
            due = due_scores(trial, context, at=moment, instrument=instrument)
            if not due:
                answer(as_json, {"saved": 0, "due": 0}, "Nothing is due now. See nof1 today, or give --at.")
                return
            if sys.stdin.isatty() and at is None:
                _ask_kit(trial, context)
            values = _ask(due)
            if not values:
                answer(as_json, {"saved": 0, "due": len(due)}, "Nothing was entered.")
                return
        receipt = enter_scores(trial, values, context, at=moment, instrument=instrument, prompted=not given)
    _tell(receipt, as_json=as_json)
    tell_limits(receipt.told)
    next_step(f"nof1 today {trial.name}")


def _ask_kit(trial: Path, context: Context) -> None:
    """Ask for the code on the box where a period has begun; an empty answer asks again next time."""
    while kit_to_open(trial, context) is not None:
        typed = str(
            click.prompt("A new period: type the code on the box", default="", show_default=False, err=True)
        )
        if not typed.strip():
            return
        try:
            open_kit(trial, context, typed)
            for line in said_at_period(trial):
                click.echo(f"  {line}", err=True)
        except EntryError as error:
            click.echo(f"  {error}", err=True)


def _ask(due: tuple[Due, ...]) -> dict[str, str]:
    values = {}
    for item in due:
        spec = item.spec
        last = f"; last entered {item.last_entered:%a %d %b, %H:%M}" if item.last_entered else ""
        click.echo(f"{spec.label} [{spec.unit}], {spec.range[0]} to {spec.range[1]}{last}", err=True)
        while True:
            text = str(click.prompt(f"  {spec.name}", default="", show_default=False, err=True)).strip()
            if not text or (_is_fine(spec, text) and _is_meant(item, text)):
                break
        if text:
            values[str(spec.name)] = text
    return values


def _is_fine(spec: ScoreSpec, text: str) -> bool:
    is_reason = text.lower() in MISSING_REASONS
    try:
        read_score(spec, "" if is_reason else text, missing_reason=text if is_reason else "")
    except EntryError as error:
        click.echo(f"  {error}", err=True)
        return False
    return True


def _is_meant(item: Due, text: str) -> bool:
    """Ask again where a value lies far from those of the run-in; whatever is meant is stored."""
    if text.lower() in MISSING_REASONS or not far_from_run_in(read_number(text), item.run_in):
        return True
    return click.confirm(f"  {text} is far from the values of the run-in. Is it right?", err=True)


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise EntryError(f"--set {item}: write SCORE=VALUE, such as day.mood=7")
        if name in pairs:
            raise EntryError(f"--set {name}: found twice; give it once")
        pairs[name] = value
    return pairs


def _tell(receipt: EntryReceipt, *, as_json: bool) -> None:
    data = {
        "saved": receipt.n_saved, "known": receipt.n_known, "sessions": receipt.sessions, "flags": receipt.flags,
        "receipt": receipt.receipt, "saved_at": receipt.saved_at.isoformat(timespec="seconds"),
        "told": [{"kind": one.kind, "text": list(one.lines)} for one in receipt.told],
    }  # fmt: skip
    when = f"{receipt.saved_at:%H:%M}, receipt {receipt.receipt}"
    if receipt.n_saved:
        plural = "score" if receipt.n_saved == 1 else "scores"
        known = f"; {receipt.n_known} had been saved before" if receipt.n_known else ""
        lines = [f"Saved {receipt.n_saved} {plural} at {when}{known}."]
    else:
        lines = [f"Saved before, at {when}; nothing was added."]
    lines += [f"  {flag}: {_FLAGS[flag]}" for flag in receipt.flags if flag in _FLAGS]
    answer(as_json, data, "\n".join(lines))
