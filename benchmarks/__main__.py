"""Run every job, or those that are named: `python -m benchmarks [JOB...]`; each writes its own section of RESULTS.md."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import sys
import tempfile
from importlib import import_module
from pathlib import Path

from benchmarks import machine
from benchmarks.race import ROUNDS, Disagreement, counted, rounds, said

JOBS = {
    "power": "Power of a mixed model: simulate a trial with its own draw, fit, Satterthwaite and Kenward–Roger",
    "serial": "Power of a model with AR(1): simulate 84 days with max_run 3, fit, Kenward–Roger",
    "randomization": "Randomization tests that share 9,999 draws, trend taken out",
    "exact": "Exact randomization test of paired blocks",
    "schedules": "Schedules of 84 days, balanced, max_run 3",
    "pooled": "Pooled model of 1,000 people with 84 days",
    "pooled_missing": "Pooled model of 1,000 people with 84 days, 20 % missing",
    "command": "The command: help, and a score entered durably",
    "ingest": "Import of score rows: validated, duplicates checked, durable",
    "report": "One report",
    "reports": "Reports of many trials",
}
RESULTS = Path(__file__).with_name("RESULTS.md")
NOTES = Path(__file__).with_name("NOTES.md")
HEAD = f"""# Benchmarks

`make bench` wrote this. Product and peers take turns in {ROUNDS} rounds in one process tree; numbers are compared before anything is timed.
Ratios are of best rounds. What computes is measured in seconds of the processor, on one core, in Python and in R (which measures itself, without its
start); the command and the reports by the clock on the wall, the import by both. Sections are of the runs that they name; a job that is
run again takes the place of its last run, better or worse.

"""


def main(names: list[str]) -> int:
    """Run jobs, print what they find and keep it, and return 1 where numbers disagree."""
    failed = False
    for name in names or JOBS:
        text, holds = run(name)
        print(text, flush=True)
        keep(text)
        failed |= not holds
    return int(failed)


def keep(section: str) -> None:
    """Put a section in the place of the one with the same title, or where it belongs."""
    written = RESULTS.read_text() if RESULTS.exists() else ""
    held = {part.split("\n", 1)[0]: part for part in written.split("\n## ")[1:]}
    held[section.removeprefix("## ").split("\n", 1)[0]] = section.removeprefix("## ")
    ordered = [held[title].strip() for title in JOBS.values() if title in held]
    head = HEAD + "\n".join(machine.described()) + "\n"
    RESULTS.write_text("\n\n## ".join([head.strip(), *ordered]) + "\n\n" + NOTES.read_text())


def run(name: str) -> tuple[str, bool]:
    """Run one job; False where its numbers disagree."""
    lines = [f"## {JOBS[name]}", ""]
    with tempfile.TemporaryDirectory() as room:
        try:
            race = import_module(f"benchmarks.jobs.{name}").race(Path(room))
        except Disagreement as error:
            return "\n".join([*lines, f"**Stopped, nothing was timed.** {error}", ""]), False
        found = rounds(race)
    best = {runner: min(times) for runner, times in found.items()}
    first = race.runners[0].name
    lines += [f"{machine.moment()}. Agreement: {'; '.join(race.agreement)}.", ""]
    lines += [
        f"| | best, one {race.unit} | worst | per second | best ÷ best of the first |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {runner} | {said(min(times))} | {said(max(times))} | {counted(1 / min(times))} | {counted(min(times) / best[first])} |"
        for runner, times in found.items()
    ]
    verdicts = [(target.of, told) for target in race.targets if (told := target.verdict(best))]
    if verdicts:
        lines += ["", "| target | of | found | |", "|---|---|---|---|"]
    lines += [
        f"| {what} | {of} | {figure} | {'holds' if holds else '**missed**'} |"
        for of, (what, figure, holds) in verdicts
    ]
    lines += ["", *(f"{note}." for note in race.notes), ""]
    return "\n".join(lines), True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
