"""As `pooled`, with every fifth day missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.jobs.pooled import race_of

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.race import Race


def race(room: Path) -> Race:
    """Compare with lme4."""
    return race_of(room, missing=0.2, most_seconds=0.060)
