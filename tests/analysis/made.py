"""Made-up data and a made-up trial, small enough to follow by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nof1.analysis.dataset import Dataset
from nof1.analysis.meaning import Meaning
from nof1.protocol.model import Protocol
from nof1.schedule.design import space_of
from nof1.scores.locked_tables import AllocationRow, LockedTables, ScoreRow, SessionRow, TrialRecord
from nof1.terms import Mode, PeriodKind

if TYPE_CHECKING:
    from collections.abc import Sequence

ON_OFF = ("on", "off")


def frame_of(
    sequence: Sequence[str],
    *,
    days: int = 7,
    effect: float = 0.0,
    sp: float = 0.4,
    sd: float = 1.0,
    rho: float = 0.0,
    block: int | None = 2,
    seed: int = 1,
) -> pd.DataFrame:
    """Return a frame of a trial: practice, period effects, autocorrelated days, and an effect of ``on``."""
    rng = np.random.default_rng(seed)
    n = len(sequence) * days
    period = np.repeat(np.arange(1, len(sequence) + 1), days)
    condition = np.repeat(np.array(sequence, dtype=object), days)
    error = np.empty(n)
    error[0] = rng.normal()
    for i in range(1, n):
        error[i] = rho * error[i - 1] + np.sqrt(1 - rho**2) * rng.normal()
    session = np.arange(1, n + 1)
    value = (
        5
        + 0.4 * np.log(session)
        + sp * rng.normal(size=len(sequence))[period - 1]
        + sd * error
        + effect * (condition == "on")
    )
    frame = pd.DataFrame(
        {"session": session, "day": session, "period": period, "condition": condition, "value": value}
    )
    return frame if block is None else frame.assign(block=(period - 1) // block + 1)


def alternating(n_blocks: int, codes: Sequence[str] = ON_OFF, seed: int = 0) -> tuple[str, ...]:
    """Return randomized blocks from numpy's own permutations: no code of ours."""
    rng = np.random.default_rng(seed)
    return tuple(str(code) for _ in range(n_blocks) for code in rng.permutation(list(codes)))


def balanced_days(n: int, seed: int = 0, codes: Sequence[str] = ON_OFF) -> tuple[str, ...]:
    """Return a random order with equal counts."""
    rng = np.random.default_rng(seed)
    return tuple(str(code) for code in rng.permutation(list(codes) * (n // len(codes))))


MEANINGS = {
    "day.mood": Meaning(label="Mood", unit="points", low=0, high=10),
    "day.calm": Meaning(label="Calm", unit="points", low=0, high=10),
    "day.headache": Meaning(label="Headache", unit="points", better="lower", low=0, high=10, is_harm=True),
}


def protocol(**changes: Any) -> Protocol:
    """Return a protocol of two conditions in six blocks of two weeks, or what the changes make of it."""
    said: dict[str, Any] = {
        "nof1": 1,
        "id": "made-up",
        "title": "Does tea help?",
        "conditions": {"on": {"name": "tea"}, "off": {"name": "water"}},
        "design": {
            "kind": "randomized_blocks",
            "blocks": 6,
            "period_days": 7,
            "onset_days": 2,
            "run_in": {"sessions": 5, "within_days": 5},
        },
        "instruments": {"day": {"ratings": ["mood", "calm", "headache"]}},
        "sessions": [{"battery": ["day"]}],
        "outcomes": {"primary": {"score": "day.mood", "sesoi": 1}, "secondary": [{"score": "day.calm"}]},
    }
    return Protocol.model_validate({**said, **changes})


def tables_of(
    plan: Protocol,
    *,
    effect: float = 0.0,
    missing: float = 0.0,
    late: float = 0.0,
    index: int = 25,
    seed: int = 1,
) -> LockedTables:
    """Return the tables of a finished trial; run-in of five days where the plan has one."""
    rng = np.random.default_rng(seed)
    space, length = space_of(plan), plan.design.period_days
    sequence = space.unrank(index)
    run_in = 5 if plan.design.run_in else 0
    scores, sessions = [], []
    for day in range(1, run_in + length * len(sequence) + 1):
        period = 0 if day <= run_in else (day - run_in - 1) // length + 1
        in_period = day if period == 0 else (day - run_in - 1) % length + 1
        where: dict[str, Any] = {
            "session": day,
            "day": day,
            "period": period,
            "day_in_period": in_period,
            "block": (space.blocks[period - 1] or None) if period else None,
            "kind": PeriodKind.TREATMENT if period else PeriodKind.RUN_IN,
        }
        sessions.append(SessionRow(**where, on="2026-03-02", battery="day"))
        for score in MEANINGS:
            taken = period > 0 and sequence[period - 1] == "on"
            value = 5 + 0.3 * np.log(day) + rng.normal() + (effect if taken and score == "day.mood" else 0.0)
            if score == "day.headache":
                value = max(0.0, round(value - 6))
            lost = rng.random() < missing
            scores.append(
                ScoreRow(
                    **where,
                    score=score,
                    analysed=period > 0 and in_period > plan.design.onset_days,
                    value=None if lost else f"{value:.3f}",
                    missing_reason="forgot" if lost else None,
                    late=not lost and rng.random() < late,
                )
            )
    return LockedTables(
        trial=TrialRecord(id="tea", participant="p1", mode=Mode.SELF_BLINDED, zone="UTC"),
        protocol='{"made":"up"}',
        scores=tuple(scores),
        sessions=tuple(sessions),
        allocation=tuple(
            AllocationRow(period=place, kit=f"K-{place:05d}", condition=code)
            for place, code in enumerate(sequence, start=1)
        ),
    )


def dataset(plan: Protocol | None = None, **changes: Any) -> Dataset:
    """Return a whole trial; `changes` go to `tables_of`."""
    plan = plan or protocol()
    return Dataset.from_tables(tables_of(plan, **changes), protocol=plan, meanings=MEANINGS)
