"""Protocols and simulated trials that several jobs share."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np

from nof1.protocol.model import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nof1.analysis.simulate import Simulated

PAIRS = {"kind": "randomized_blocks", "blocks": 6, "period_days": 7}
"""84 days: six pairs of two periods of seven days."""
DAILY = {"kind": "balanced", "periods": 84, "period_days": 1, "max_run": 3}
"""84 days, balanced, no condition on more than three days in a row."""


def protocol(design: dict[str, Any], ratings: Iterable[str] = ("mood",)) -> Protocol:
    """Return a protocol that is as plain as can be."""
    return Protocol.model_validate(
        {
            "nof1": 1,
            "id": "made-up",
            "title": "Does tea help?",
            "conditions": {code: {"name": code} for code in ("on", "off")},
            "design": design,
            "instruments": {"day": {"ratings": list(ratings)}},
            "sessions": [{"battery": ["day"]}],
            "outcomes": {"primary": {"score": "day.mood", "sesoi": 1}},
        }
    )


def write_trials(path: Path, trials: Simulated, n: int) -> None:
    """Write the first trials as one table for R: trial, session, day, period, treat, value."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["trial", "session", "day", "period", "treat", "value"])
        for trial in range(n):
            frame = trials.frame(trial)
            treat = (frame["condition"] == "on").astype(int)
            parts = (frame["session"], frame["day"], frame["period"], treat, frame["value"])
            rows.writerows((trial, *values) for values in zip(*parts, strict=True))


def distance(one: object, other: object) -> float:
    """Return the largest difference between two sets of numbers, as a share of their size."""
    a, b = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    return float(np.max(np.abs(a - b) / np.maximum(1.0, np.abs(b))))
