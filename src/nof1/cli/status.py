"""`nof1 status`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import answer, json_option, pass_context, table, trial_argument
from nof1.encoding import decimal_text
from nof1.workflow.status import Status, entered_scores, trial_status

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.scores.practice import PracticeCurve
    from nof1.workflow.context import Context


@click.command(epilog="Example: nof1 status coffee")
@trial_argument
@click.option("--scores", is_flag=True, help="List what was entered, with every earlier value.")
@json_option
@pass_context
def status(context: Context, trial: Path, scores: bool, as_json: bool) -> None:
    """Show where a trial stands. Stage, day, what was entered in TRIAL; conditions only in open_label."""
    found = trial_status(trial, context)
    if scores:
        _list_scores(trial, as_json=as_json)
        return
    answer(as_json, asdict(found), "\n".join(_lines(found)))


def _lines(s: Status) -> list[str]:
    marks = [word for word, is_so in (
        ("SIMULATED", s.is_simulated), ("IMPORTED", s.is_imported), ("NOT BLINDED", s.mode == "open_label"),
        ("paused", s.is_paused), ("stopped", s.is_stopped),
    ) if is_so]  # fmt: skip
    lines = [f"{s.name}: {s.title}", f"  stage      {s.stage}" + (f" ({', '.join(marks)})" if marks else "")]
    if s.warning is not None:
        lines.append(f"  WARNING    {s.warning}")
    if s.day is not None:
        where = (
            "run-in" if s.period == 0 else f"period {s.period} of {s.n_periods}" if s.period else "no period"
        )
        lines.append(f"  today      day {s.day} of {s.n_days}, {where}; ends on {s.ends_on}")
    lines.append(
        f"  scores     {s.n_entered} of {s.n_due} planned until now; {s.n_late} late, {s.n_corrected} corrected"
    )
    if s.practice is not None:
        lines.append(f"  practice   {_practice(s.practice)}")
        if s.practice.values:
            values = " → ".join(decimal_text(value) for _, value in s.practice.values)
            lines.append(f"             {s.practice_score}: {values}")
    if s.n_conflicts:
        lines.append(
            f"  conflicts  {s.n_conflicts} scores were entered twice for one session; the first counts"
        )
    lines += [
        f"  head       {s.head}",
        *(f"  published  {line}" for line in s.published),
        "  The files are yours alone (0600) but not encrypted: use disk encryption.",
    ]
    return lines


def _practice(curve: PracticeCurve) -> str:
    limit = decimal_text(curve.slope_below)
    if curve.slope is None:
        return f"{curve.n_sessions} sessions of the run-in; {curve.last} are needed to tell whether it has flattened"
    gained = f"{decimal_text(curve.slope)} a session over the last {curve.last} of the run-in"
    if curve.is_flat:
        return f"gained {gained}, below {limit}: it has flattened. This only advises; no date moves"
    return f"gained {gained}, not yet below {limit}. This only advises; no date moves"


def _list_scores(trial: Path, *, as_json: bool) -> None:
    rows = []
    for score, receipt in entered_scores(trial):
        values = " → ".join(
            v.value if v.value is not None else f"({v.missing_reason})" for v in score.versions
        )
        rows.append(
            [
                str(score.entry.session or "–"),
                score.entry.score,
                values,
                score.entry.observed_local or "",
                receipt,
            ]
        )
    header = ["session", "score", "value", "measured", "receipt"]
    data = {"scores": [dict(zip(header, row, strict=True)) for row in rows]}
    answer(as_json, data, table(header, rows) if rows else "Nothing was entered yet.")
