"""`nof1 record`."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from nof1.audit.events import (
    AdverseEventRecorded,
    DoseRecorded,
    ExpectationRecorded,
    GuessRecorded,
    KitLost,
    KitOpened,
    LabelInferred,
    LookTaken,
    SpareBlockUsed,
)
from nof1.cli.shared import (
    IsoDate,
    actor_option,
    answer,
    ask_reason,
    json_option,
    next_step,
    pass_context,
    tell_limits,
    trial_argument,
)
from nof1.errors import EntryError
from nof1.workflow import record as step
from nof1.workflow.entry import condition_codes, read_when
from nof1.workflow.open_kit import open_kit
from nof1.workflow.watch import said_at_period, told_since

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from nof1.audit.record import AnyRecorded
    from nof1.workflow.context import Context

_CLOCK = re.compile(r"[0-2]?\d:[0-5]\d")
_KINDS = (
    "kit", "dose", "guess", "event", "lost", "spare", "label", "expectation", "deviation", "note", "look",
)  # fmt: skip


@click.command(
    epilog="Examples: nof1 record coffee kit K-N2PQH5 · nof1 record coffee dose --at 08:00 · "
    "nof1 record coffee guess --percent on=70 · nof1 record coffee event --term headache --severity 1 · "
    "nof1 record coffee lost K-N2PQH5 --reason 'left on a train' · nof1 record coffee note 'slept badly'"
)
@trial_argument
@click.argument("what", type=click.Choice(_KINDS))
@click.argument("words", metavar="[TEXT]", nargs=-1)
@click.option("--at", metavar="T", help="dose: when it was taken, HH:MM or YYYY-MM-DD HH:MM; now by default.")
@click.option("--missed", is_flag=True, help="dose: it was left out.")
@click.option("--kit", metavar="CODE", help="dose: code on the package, if it is not the planned one.")
@click.option("--taken", is_flag=True, help="kit: another period's box was opened or taken from already.")
@click.option("--period", type=int, help="guess: about which period; the last that has begun by default.")
@click.option(
    "--percent",
    multiple=True,
    metavar="CONDITION=N",
    help="guess: how likely it was, 0 to 100; none: don't know.",
)
@click.option("--term", help="event: what happened, in your words.")
@click.option(
    "--severity",
    type=click.IntRange(1, 5),
    help="event: 1 mild, 2 moderate, 3 severe, 4 life-threatening, 5 death.",
)
@click.option(
    "--serious", is_flag=True, help="event: hospital, danger to life, or otherwise medically important."
)
@click.option("--on", "on", type=IsoDate(), help="event, lost, deviation: first day; today by default.")
@click.option("--until", type=IsoDate(), help="event: last day.")
@click.option("--action", help="event: what was done.")
@click.option("--outcome", help="event: how it ended.")
@click.option("--related", help="event: what you think caused it.")
@click.option("--reason", help="guess, expectation: what it rests on; lost: how.")
@click.option(
    "--effect",
    metavar="N",
    help="expectation: the difference you expect, in the unit of the primary outcome.",
)
@click.option(
    "--after-block", type=int, metavar="N", help="look: how many blocks were looked at by condition."
)
@json_option
@actor_option
@pass_context
def record(
    context: Context, trial: Path, what: str, words: tuple[str, ...], at: str | None, missed: bool, kit: str | None,
    taken: bool, period: int | None, percent: tuple[str, ...], term: str | None, severity: int | None, serious: bool,
    on: date | None, until: date | None, action: str | None, outcome: str | None, related: str | None,
    reason: str | None, effect: str | None, after_block: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Record what else happened: kit, dose, guess, event, lost kit, deviation, note, look.

    A kit is the box of a period that begins: TEXT is the code on it. An event is an adverse event. TEXT is also the
    deviation or the note, what happened, or what a dose or a guess comes with; for lost the code of the kit, for label
    the codes on all other boxes that are still shut. spare adds the next spare block at the end, where a period stayed
    empty.
    """
    text = " ".join(words) or None
    done: AnyRecorded
    if what == "kit":
        code = text or kit or str(click.prompt("Type the code on the box", err=True))
        done = open_kit(trial, context, code, taken=taken)
    elif what == "dose":
        if text and _CLOCK.fullmatch(text):
            raise EntryError(
                f"{text} looks like a time; write --at {text}, else the dose is recorded for now"
            )
        moment = read_when(trial, at, context) if at else None
        done = step.record_dose(trial, context, at=moment, taken=not missed, kit=kit, text=text)
    elif what == "guess":
        guessed, reason = _pairs(percent), reason or text
        if not guessed:
            guessed = ask_guess(trial)
            reason = reason or (ask_why() if guessed else None)
        done = step.record_guess(trial, context, period=period, percent=guessed, reason=reason)
    elif what == "event":
        term = term or text or str(click.prompt("What happened?", err=True))
        severity = severity or int(
            click.prompt("Severity, 1 mild to 5 death", type=click.IntRange(1, 5), err=True)
        )
        done = step.record_adverse_event(
            trial, context, term=term, severity=severity, serious=serious, started_on=on, ended_on=until,
            related=related, action=action, outcome=outcome,
        )  # fmt: skip
    elif what == "look":
        done = step.record_look(trial, context, after_block=after_block)
    elif what == "expectation":
        done = step.record_expectation(trial, context, effect=effect or _ask_effect(text), reason=reason)
    elif what in {"lost", "label", "spare"}:
        done = _astray(context, trial, what, words, on, reason)
    else:
        text = text or str(click.prompt("What?", err=True))
        done = (
            step.record_note(trial, context, text)
            if what == "note"
            else step.record_deviation(trial, context, text, on)
        )
    data = {"recorded": what, "receipt": done.event_id[:8], "seq": done.seq}
    answer(as_json, data, f"Recorded: {_details(what, done)} (receipt {done.event_id[:8]})")
    _say_after(trial, done)


def _say_after(trial: Path, done: AnyRecorded) -> None:
    """Say what follows from the participant's own limits; the record is made."""
    if isinstance(done.event, AdverseEventRecorded):
        tell_limits(told_since(trial, done.seq))
    if isinstance(done.event, KitOpened):
        for line in said_at_period(trial):
            click.echo(line, err=True)
    if isinstance(done.event, DoseRecorded) and done.event.taken:
        times = step.doses_taken(trial, done.event.taken_on)
        if len(times) > 1:
            click.echo(
                f"{len(times)} doses are recorded for {done.event.taken_on}: {', '.join(times)}.", err=True
            )


def _astray(
    context: Context, trial: Path, what: str, words: tuple[str, ...], on: date | None, reason: str | None
) -> AnyRecorded:
    """Record a lost kit, a lost label, or a spare block at the end; say what follows."""
    from nof1.workflow import lost  # noqa: PLC0415 - rarely needed

    if what == "label":
        return lost.record_lost_label(trial, context, words)
    if what == "spare":
        return lost.add_spare_block(trial, context).recorded
    kit = "".join(words) or str(click.prompt("Code on the box?", err=True))
    loss = lost.record_lost_kit(trial, context, kit, ask_reason(reason, "How was it lost?"), on=on)
    if loss.spare is not None:
        click.echo(
            f"Spare block {loss.spare} takes the place of block {loss.block}: {', '.join(loss.kits)}, in this order. "
            "Put the other boxes of the old block away, shut.",
            err=True,
        )
    elif loss.period is not None:
        click.echo(f"Period {loss.period} stays empty from now on; no other kit takes its place.", err=True)
    if loss.next_spare is not None:
        next_step(f"nof1 record {trial.name} spare, if {loss.next_spare} is to be added at the end")
    return loss.recorded


def _ask_effect(text: str | None) -> str | None:
    """Ask for an expectation at a terminal; anywhere else none is 'don't know'."""
    if text or not sys.stdin.isatty():
        return text
    question = "Which difference do you expect, in the unit of the primary outcome? empty: don't know"
    return str(click.prompt(question, default="", show_default=False, err=True)).strip() or None


def _details(what: str, done: AnyRecorded) -> str:
    """Say what was understood, so that a slip is seen at once."""
    event = done.event
    match event:
        case KitOpened():
            what = f"box {event.kit} is open" + (f", period {event.period}" if event.period else "")
        case DoseRecorded():
            taken = "dose" if event.taken else "dose left out"
            where = f"period {event.period}" if event.period else "outside every period"
            what = f"{taken} of {event.taken_on}, {where}" + (f", box {event.kit}" if event.kit else "")
        case GuessRecorded():
            shares = ", ".join(f"{p.condition} {p.percent} %" for p in event.probabilities)
            what = f"guess about period {event.period}: {shares or 'don’t know'}"
        case AdverseEventRecorded():
            what = f"event of {event.started_on}, severity {event.severity}"
        case LookTaken(after_block=int()):
            what = f"look after block {event.after_block}"
        case KitLost():
            what = f"{event.kit} lost on {event.on}"
        case LabelInferred():
            what = f"the box without a label is {event.kit}; write it on the box"
        case SpareBlockUsed():
            what = f"spare block {event.spare} added at the end, as block {event.block}"
        case ExpectationRecorded():
            what = f"expectation for {event.contrast}: {event.effect or 'don’t know'}"
    return what


def ask_guess(trial: Path) -> dict[str, str]:
    """Ask a person at a terminal; anywhere else a guess without a number is 'don't know'."""
    if not sys.stdin.isatty():
        return {}
    guessed = {}
    codes = condition_codes(trial)
    for code in codes[:-1] if len(codes) == 2 else codes:
        text = str(
            click.prompt(
                f"How likely was it {code}? 0 to 100; empty: don't know",
                default="",
                show_default=False,
                err=True,
            )
        )
        if not text.strip():
            return {}
        guessed[code] = text.strip().rstrip("%")
    return guessed


def ask_why() -> str | None:
    """Ask what a guess rests on."""
    question = "What does it rest on: an effect, a side effect, taste, a hunch? empty: not told"
    return str(click.prompt(question, default="", show_default=False, err=True)).strip() or None


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for item in given:
        condition, equals, number = item.partition("=")
        if not equals:
            raise EntryError(f"--percent {item}: write CONDITION=N, such as on=70")
        if condition in pairs:
            raise EntryError(f"--percent {condition}: found twice; give it once")
        pairs[condition] = number.rstrip("%")
    return pairs
