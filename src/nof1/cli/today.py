"""`nof1 today`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import IsoDate, answer, json_option, next_step, pass_context, trial_argument
from nof1.terms import PeriodKind
from nof1.workflow.today import DueSession, Today, due_today

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 today coffee")
@trial_argument
@click.option("--on", "on", type=IsoDate(), help="Another day.")
@json_option
@pass_context
def today(context: Context, trial: Path, on: date | None, as_json: bool) -> None:
    """Show what is due today. TRIAL knows the box in use, the sessions, and what is done."""
    day = due_today(trial, context, on)
    answer(as_json, asdict(day), "\n".join(_lines(day)))
    if day.asks_guess is not None:
        next_step(
            f"nof1 record {day.trial} guess --period {day.asks_guess}, in the evening, before the next box is opened: "
            "how likely was each condition?"
        )
    if day.asks_expectation:
        next_step(f"nof1 record {day.trial} expectation, asked once: which difference do you expect?")
    if day.takes_scores and any(s.n_entered < s.n_scores for s in day.sessions):
        next_step(f"nof1 enter {day.trial}")
    elif day.takes_scores and on is None and day.on > day.ends_on:
        next_step(f"nof1 status {day.trial}, then nof1 lock {day.trial} when all that is known is entered")


def _lines(day: Today) -> list[str]:
    lines = [
        f"{day.on:%A %d %B %Y}, day {day.day} of {day.trial}"
        if day.day > 0
        else f"{day.trial} begins on {day.starts_on}"
    ]
    if day.is_stopped:
        has_ended = day.on > day.ends_on
        lines.append(
            "  The trial was stopped."
            if has_ended
            else f"  The trial was stopped; {day.ends_on} is its last day."
        )
    elif day.is_paused:
        lines.append(f"  The trial rests from {day.paused_on} on; nof1 resume goes on.")
    if not day.takes_scores:
        lines.append("  Scores are closed.")
    lines += _place(day)
    if day.condition:
        lines.append(f"  NOT BLINDED: {day.condition}")
    if day.kind is not None:
        lines += [f"  in every period: {text}" for text in day.constants]
    if day.day > 0:
        lines += [_session(s, day.on) for s in day.sessions] or ["  No session today."]
    return lines


def _place(day: Today) -> list[str]:
    """Say where the day lies, and which box is open."""
    if day.kind is PeriodKind.TREATMENT:
        box = f", box {day.kit}" if day.kit else ""
        if day.is_kit_lost:
            return [
                f"  period {day.period}, day {day.day_in_period}: its box is lost; take nothing, enter nothing"
            ]
        lines = [f"  period {day.period}, day {day.day_in_period}{box}"]
        if day.kit and day.is_first_day and not day.is_kit_open:
            lines.append(f"  A new period begins: open the box {day.kit}, and no other.")
            lines.append(f"  Then type the code that is on it: nof1 record {day.trial} kit CODE")
        if day.taken_at and not day.condition:
            lines.append(f"  planned dose at {', '.join(day.taken_at)}: nof1 record {day.trial} dose")
        return lines
    if day.kind is not None:
        what = "run-in: practice;" if day.kind is PeriodKind.RUN_IN else "washout:"
        return [f"  {what} no box is open"]
    if day.on > day.ends_on:
        return [f"  No period today; the trial ended on {day.ends_on}."]
    return ["  No period today."] if day.day > 0 else []


def _session(s: DueSession, on: date) -> str:
    # Where a day of the study turns late in the evening, its sessions lie on the next day of the calendar.
    day = f"{s.at:%a %d %b} " if s.at and s.at.date() != on else ""
    at = f"{day}{s.at:%H:%M}" if s.at else "any time"
    window = f" ({s.opens:%H:%M} to {s.closes:%H:%M})" if s.opens and s.closes else ""
    done = "done" if s.n_entered == s.n_scores else f"{s.n_entered} of {s.n_scores} scores"
    return f"  {at}{window}  {', '.join(s.instruments)}  {done}"
