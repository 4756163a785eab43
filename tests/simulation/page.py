"""The summary of a table as Markdown, for SIMULATIONS.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .tables import Cell, Table, interval, settled

if TYPE_CHECKING:
    from collections.abc import Iterable


def summary(table: Table, rows: list[Cell], again: list[Cell]) -> str:
    """Return the section between the markers of a table; numbers of 2,000 trials unless it says otherwise."""
    parts = [_overall(table, rows), _split(table, rows), _worst(table, rows, again)]
    if "singular_mixed" in rows[0]:
        parts.append(_singular(rows))
    return "\n\n".join(parts)


def begin(table: Table) -> str:
    """Return the line before the section."""
    return f"<!-- {table.name}: written by the simulation -->"


def end(table: Table) -> str:
    """Return the line after it."""
    return f"<!-- end of {table.name} -->"


def replaced(page: str, table: Table, section: str) -> str:
    """Return the page with the section of a table put in."""
    before, rest = page.split(begin(table))
    _, after = rest.split(end(table))
    return f"{before}{begin(table)}\n\n{section}\n\n{end(table)}{after}"


def _shares(rows: Iterable[Cell], name: str) -> np.ndarray:
    return np.array([row[name] / row["trials"] for row in rows])


def _overall(table: Table, rows: list[Cell]) -> str:
    lines = [
        "| method | type I mean | min | max | cells above .065 | coverage mean | min | power at 0.5 SD |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for short, name in table.methods.items():
        level, covered = _shares(rows, f"{short}_rejected"), _shares(rows, f"{short}_covered")
        surely = sum(interval(row[f"{short}_rejected"], row["trials"])[0] > 0.065 for row in rows)
        lines.append(
            f"| {name} | {_(level.mean())} | {_(level.min())} | {_(level.max())} | {surely} of {len(rows)} "
            f"| {_(covered.mean())} | {_(covered.min())} | {_(_shares(rows, f'{short}_found').mean())} |"
        )
    return "\n".join(lines)


def _split(table: Table, rows: list[Cell]) -> str:
    values = list(dict.fromkeys(row[table.by] for row in rows))
    lines = [
        f"Type I error, mean (and largest), by {table.by}; power in brackets:",
        "",
        "| method | " + " | ".join(map(str, values)) + " |",
        "|---" * (len(values) + 1) + "|",
    ]
    for short, name in table.methods.items():
        parts = []
        for value in values:
            held = [row for row in rows if row[table.by] == value]
            level = _shares(held, f"{short}_rejected")
            power = _shares(held, f"{short}_found").mean()
            parts.append(f"{_(level.mean())} ({_(level.max())}) [{_(power)}]")
        lines.append(f"| {name} | " + " | ".join(parts) + " |")
    return "\n".join(lines)


def _worst(table: Table, rows: list[Cell], again: list[Cell]) -> str:
    first = {row["cell"]: row for row in rows}
    keys = list(table.cells[0])
    lines = [
        f"The cells of planned analyses with the highest type I error; {len(again)} cells were run again:",
        "",
        "| analysis | " + " | ".join(keys) + " | first 2,000 | run again, 95 % Monte Carlo interval |",
        "|---" * (len(keys) + 3) + "|",
    ]
    longer = {row["cell"] for row in again}
    found = [
        (first[row["cell"]][f"{name}_rejected"], name, row)
        for row in settled(table, rows, again)
        for name in table.primaries
    ]
    shown = max(5, sum(count > 0.055 * 2000 for count, _, _ in found))
    for count, name, row in sorted(found, key=lambda each: (-each[0], each[2]["cell"], each[1]))[:shown]:
        low, high = interval(row[f"{name}_rejected"], row["trials"])
        share = row[f"{name}_rejected"] / row["trials"]
        settled_at = f"{share:.4f} ({low:.4f} to {high:.4f})" if row["cell"] in longer else ""
        cells = " | ".join(str(row[key]) for key in keys)
        lines.append(f"| {name} | {cells} | {_(count / first[row['cell']]['trials'])} | {settled_at} |")
    return "\n".join(lines)


def _singular(rows: list[Cell]) -> str:
    lines = [
        "Trials whose period variance is estimated as 0, and how often each test rejects in them:",
        "",
        "| true period SD | blocks | share of trials | mixed model | period means | randomization test |",
        "|---|---|---|---|---|---|",
    ]
    for true, blocks in sorted({(row["period_sd"], row["blocks"]) for row in rows}):
        held = [row for row in rows if (row["period_sd"], row["blocks"]) == (true, blocks)]
        singular = sum(row["singular"] for row in held)
        shares = [singular / sum(row["trials"] for row in held)]
        shares += [
            sum(row[f"singular_{name}"] for row in held) / singular
            for name in ("mixed", "means", "randomization")
        ]
        lines.append(f"| {true} | {blocks} | " + " | ".join(map(_, shares)) + " |")
    return "\n".join(lines)


def _(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")
