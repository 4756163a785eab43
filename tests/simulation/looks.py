"""Looks before the end: how often chance alone stops a trial, by each way to pay for them, beside paying nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.analysis.made import alternating, frame_of

from nof1.analysis.evidence import block_evidence
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.spending import lan_demets

if TYPE_CHECKING:
    from .tables import Cell

N_TRIALS: Final = 400
AT_BLOCKS: Final = (4, 6, 8)
CELLS: Final = ((0.0, 0.0), (0.3, 0.3), (0.6, 0.6))
METHODS: Final = {
    "lan_demets": "planned model, Lan–DeMets at blocks 4, 6, 8",
    "e_value": "e-value of at least 20 after any of 8 blocks",
    "once": "planned model once, at the end",
    "naive": "planned model at .05, at blocks 4, 6, 8",
}


def run_looks() -> list[Cell]:
    """Return, for each cell, in how many trials without an effect each rule claims one."""
    return [_of_cell(rho, sp) for rho, sp in CELLS]


def _of_cell(rho: float, sp: float) -> Cell:
    levels = [look.level for look in lan_demets([block / AT_BLOCKS[-1] for block in AT_BLOCKS])]
    counts = dict.fromkeys(METHODS, 0)
    for seed in range(N_TRIALS):
        frame = frame_of(alternating(AT_BLOCKS[-1], seed=seed), sp=sp, rho=rho, seed=seed + 50_000)
        p_values = [fit_mixed_model(frame[frame["block"] <= block]).p_value for block in AT_BLOCKS]
        counts["lan_demets"] += any(p <= level for p, level in zip(p_values, levels, strict=True))
        counts["naive"] += any(p <= 0.05 for p in p_values)
        counts["once"] += p_values[-1] <= 0.05
        counts["e_value"] += block_evidence(frame, {"on": 1.0, "off": -1.0}, 0.95).largest >= 20.0
    return {"rho": rho, "period_sd": sp, "trials": N_TRIALS, **counts}


def looks_summary(rows: list[Cell]) -> str:
    """Return the section of the page."""
    head = " | ".join(f"rho {row['rho']}, period SD {row['period_sd']}" for row in rows)
    lines = [f"| rule | {head} |", "|---" * (len(rows) + 1) + "|"]
    for name, told in METHODS.items():
        shares = " | ".join(f"{row[name] / row['trials']:.3f}".removeprefix("0") for row in rows)
        lines.append(f"| {told} | {shares} |")
    return "\n".join(lines)
