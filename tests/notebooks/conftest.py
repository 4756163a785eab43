"""A small trial as a locked data folder, made without the steps that lead there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from nof1.files.locked import write_locked
from nof1.protocol.digest import canonical_protocol
from nof1.protocol.model import Protocol
from nof1.scores.locked_tables import (
    AdverseEventRow,
    AllocationRow,
    DeviationRow,
    DoseRow,
    GuessRow,
    LockedTables,
    ScoreRow,
    SessionRow,
    TrialRecord,
)
from nof1.terms import Mode

if TYPE_CHECKING:
    from pathlib import Path

ORDER = ("on", "off", "off", "on", "on", "off", "on", "off", "off", "on", "off", "on")
DAYS = 4
HOSTILE = (
    "<script>x()</script> $x$ & \N{LEFT DOUBLE QUOTATION MARK}quoted\N{RIGHT DOUBLE QUOTATION MARK} "
    '"><img src=x onerror=x()> {{ 7*7 }} =HYPERLINK(1) %s \\frac{1}{2}'
)


def a_protocol() -> Protocol:
    """Make a protocol of six blocks of two with a hostile name in every text."""
    score = {"unit": f"points {HOSTILE}", "better": "higher", "range": [0, 100]}
    return Protocol.model_validate(
        {
            "nof1": 1,
            "id": "small-trial",
            "title": f"Does it help? {HOSTILE}",
            "rationale": HOSTILE,
            "participant": {"description": HOSTILE},
            "constant": [{"name": HOSTILE, "why": HOSTILE}],
            "safety": {
                "status": HOSTILE,
                "exclusions": [HOSTILE],
                "emergency_contact": HOSTILE,
                "acknowledge": HOSTILE,
            },
            "sources": [{"fact": HOSTILE, "source": HOSTILE}],
            "conditions": {"on": {"name": f"capsule {HOSTILE}", "dose": "1 mg"}, "off": {"name": "placebo"}},
            "design": {"kind": "randomized_blocks", "blocks": 6, "period_days": DAYS, "onset_days": 1},
            "instruments": {"app": {"external": {"scores": {"points": score, "speed": score}}}},
            "sessions": [{"battery": ["app"]}],
            "outcomes": {
                "primary": {"score": "app.points", "sesoi": 2, "label": f"points {HOSTILE}"},
                "secondary": [{"score": "app.speed", "sesoi": 2}],
            },
        }
    )


def some_tables() -> LockedTables:
    """Make scores with an effect of 3 on one outcome and none on the other."""
    scores, sessions = [], []
    for day in range(1, DAYS * len(ORDER) + 1):
        period = (day - 1) // DAYS + 1
        in_period = (day - 1) % DAYS + 1
        where = {
            "session": day,
            "day": day,
            "period": period,
            "day_in_period": in_period,
            "block": (period + 1) // 2,
        }
        sessions.append(SessionRow(**where))
        for name, effect in (("app.points", 3.0), ("app.speed", 0.0)):
            noise = 2.0 * math.sin(day * day * (1.0 + len(name)))
            value = 50.0 + effect * (ORDER[period - 1] == "on") + noise
            text = None if day % 11 == 0 else f"{value:.2f}"
            scores.append(ScoreRow(**where, score=name, analysed=in_period > 1, value=text, late=day == 7))
    return LockedTables(
        trial=TrialRecord(
            id="small-trial",
            participant="abcd2345",
            mode=Mode.SELF_BLINDED,
            zone="Europe/Berlin",
            stages=(("locked", "2026-03-01T09:00:00Z"), ("unblinded", "2026-03-01T09:05:00Z")),
            versions=(("nof1", "0.1.0"),),
            is_simulated=True,
            facts=(
                ("acknowledged", f"{HOSTILE} — {HOSTILE}"),
                ("stop_rule_fired", f"day 3: app.points <= 4 (day 3: app.points 4) {HOSTILE}"),
                ("stopped", f"2026-03-01: {HOSTILE}"),
            ),
        ),
        protocol=canonical_protocol(a_protocol()).decode(),
        scores=tuple(scores),
        sessions=tuple(sessions),
        guesses=tuple(
            GuessRow(
                period=period, condition="on", percent=f"{(period * 17) % 100}", at="2026-02-01T09:00:00Z"
            )
            for period in range(1, len(ORDER) + 1)
        ),
        adverse_events=(
            AdverseEventRow(
                term=HOSTILE,
                started_on="2026-02-01",
                period=2,
                severity=2,
                serious=False,
                related=HOSTILE,
                action=HOSTILE,
                outcome=HOSTILE,
            ),
        ),
        doses=(DoseRow(on="2026-02-01", period=2, taken=True, text=HOSTILE),),
        deviations=(DeviationRow(on="2026-02-01", period=2, text=HOSTILE),),
        allocation=tuple(
            AllocationRow(period=period, kit=f"K-{period:05d}", condition=condition)
            for period, condition in enumerate(ORDER, start=1)
        ),
    )


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that holds one locked and opened trial."""
    folder = tmp_path_factory.mktemp("workspace")
    write_locked(folder / "data" / "small-trial" / "locked", some_tables())
    return folder
