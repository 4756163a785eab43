"""Every protocol of the library on made-up data: an effect, none, a harm, and data that went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nof1.analysis.analyse import analyse
from nof1.analysis.dataset import Dataset
from nof1.battery.catalogue import planned_scores, scores_of
from nof1.files.protocols import library, read_protocol
from nof1.protocol.digest import canonical_protocol
from nof1.report.render import render
from nof1.schedule.calendar import plan
from nof1.schedule.design import space_of
from nof1.scores.locked_tables import AllocationRow, LockedTables, ScoreRow, SessionRow, TrialRecord
from nof1.terms import Better, PeriodKind

if TYPE_CHECKING:
    from nof1.analysis.result import OutcomeResult
    from nof1.protocol.model import Protocol
    from nof1.report.render import Report

NAMES = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "protocols").glob("*.yaml"))
SD_IN_SESOI = 0.35
"""Noise of a day; small, so that what is clear is clear."""
TIMES_SESOI = 3
BAD = ("missing blocks", "drop-out", "constant", "one condition never taken")


@dataclass(frozen=True, kw_only=True)
class Made:
    """The tables of a trial, the order behind them, and what was put in."""

    protocol: Protocol
    tables: LockedTables
    true_effect: float


def made(name: str, situation: str) -> Made:
    """Make the data of one situation; the primary contrast is the only one that anything is put into."""
    protocol = read_protocol(library()[name])
    rng = np.random.default_rng([NAMES.index(name), len(situation)])
    space = space_of(protocol)
    order = space.unrank(space.size * 3 // 7)
    primary = protocol.outcomes.primary
    specs = scores_of(protocol)
    better = 1 if specs[primary.score].better is Better.HIGHER else -1
    size = {"none": 0.0, "harm": -1.0}.get(situation, 1.0) * better * TIMES_SESOI * float(primary.sesoi)
    weights = {code: float(weight) for code, weight in next(iter(protocol.contrasts.values())).items()}
    squares = sum(weight**2 for weight in weights.values())
    never = next(code for code in weights if weights[code] > 0)
    rows, sessions = [], []
    for session in plan(protocol, date(2026, 3, 2), "UTC").sessions:
        code = order[session.period - 1] if session.kind is PeriodKind.TREATMENT else None
        if situation == "drop-out" and _is_over(session, protocol):
            break
        where = {
            "session": session.number, "day": session.day, "period": session.period,
            "day_in_period": session.day_in_period, "block": session.block, "kind": session.kind,
        }  # fmt: skip
        sessions.append(SessionRow(**where, on=session.on.isoformat(), battery=" ".join(session.due)))
        lost = (situation == "missing blocks" and _in_lost_block(session, protocol)) or (
            situation == "one condition never taken" and code == never
        )
        for score in (name for part in session.due for name in planned_scores(protocol, part)):
            spec = specs[score]
            low, high = map(float, spec.range)
            sd, effect = (high - low) / 30, 0.0
            if score == primary.score:
                sd = SD_IN_SESOI * float(primary.sesoi)
                effect = size * weights.get(code, 0.0) / squares if code else 0.0
            value = min(high, max(low, (low + high) / 2 + effect + sd * rng.normal()))
            if situation == "constant":
                value = (low + high) // 2
            is_lost = lost or rng.random() < 0.03
            rows.append(
                ScoreRow(
                    **where,
                    score=str(score),
                    analysed=code is not None and session.day_in_period > protocol.design.onset_days,
                    value=None if is_lost else f"{value:.3f}",
                    missing_reason="forgot" if is_lost else None,
                )
            )
    tables = LockedTables(
        trial=TrialRecord(
            id=name,
            participant="MADEUP22",
            mode=protocol.blinding.mode,
            zone="UTC",
            stages=tuple(
                (stage, "2026-03-01T08:00:00+00:00") for stage in ("randomized", "locked", "unblinded")
            ),
            is_simulated=True,
        ),
        protocol=canonical_protocol(protocol).decode(),
        scores=tuple(rows),
        sessions=tuple(sessions),
        allocation=tuple(AllocationRow(period=n, condition=code) for n, code in enumerate(order, 1)),
    )
    return Made(protocol=protocol, tables=tables, true_effect=size)


def _is_over(session, protocol: Protocol) -> bool:
    """After two blocks, or after eight days where there are none."""
    if session.kind is not PeriodKind.TREATMENT:
        return session.block is not None and session.block > 2
    return session.block > 2 if protocol.design.blocks else session.period > 8


def _in_lost_block(session, protocol: Protocol) -> bool:
    """Blocks 3 and 4, or every second ten of days where there are none."""
    if session.kind is not PeriodKind.TREATMENT:
        return False
    return session.block in {3, 4} if protocol.design.blocks else session.period % 20 > 10


def reported(data: Made, *, whole: bool) -> tuple[OutcomeResult, Report]:
    """Analyse, and write the page; not whole: the first comparison of the primary outcome alone."""
    dataset = Dataset.from_tables(data.tables)
    if not whole:
        protocol = dataset.protocol
        first = dict([next(iter(protocol.contrasts.items()))])
        short = protocol.model_copy(
            update={
                "outcomes": protocol.outcomes.model_copy(update={"secondary": ()}),
                "analysis": protocol.analysis.model_copy(update={"contrasts": first, "sensitivity": "none"}),
            }
        )
        dataset = replace(dataset, protocol=short)
    results = analyse(dataset)
    return results.outcomes[0], render(results)


def check_clear(name: str, situation: str, verdict: str, *, whole: bool = True) -> None:
    """See that a clear case is told rightly, and that the page says so."""
    data = made(name, situation)
    primary, page = reported(data, whole=whole)
    assert primary.verdict == verdict
    assert abs(primary.primary.estimate - data.true_effect) < 4 * primary.primary.se
    assert "A computer made these scores; nobody took part." in page.html


def check_bad(name: str, situation: str, *, whole: bool = True) -> None:
    """See that nothing is claimed from data that cannot bear it."""
    primary, page = reported(made(name, situation), whole=whole)
    test = primary.randomization_test
    may_claim = situation == "missing blocks" and test is not None and (test.smallest_p or 1) <= 0.05
    allowed = {"benefit"} if may_claim else {"inconclusive", "not_estimable"}
    assert primary.verdict in allowed
    assert "A computer made these scores; nobody took part." in page.html


EVERY = pytest.mark.parametrize("name", NAMES)
OTHERS = pytest.mark.parametrize(
    "name",
    ["nefiracetam-choline", "nefiracetam-dose", "nefiracetam-mood", "nefiracetam-vs-aniracetam", "tea-sleep"],
)


def test_every_protocol_of_the_library_is_played():
    """Eight of them; three are played through all steps as well."""
    assert len(NAMES) == 8


@pytest.mark.usefixtures("no_figures")
@OTHERS
def test_a_large_effect_of_the_first_comparison_is_found(name):
    """A dose trend, an interaction, a dose against placebo, a head to head, a week against a week."""
    check_clear(name, "effect", "benefit", whole=False)


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize(
    ("name", "situation"),
    [
        ("nefiracetam-dose", "one condition never taken"),
        ("nefiracetam-vs-aniracetam", "drop-out"),
        ("tea-sleep", "constant"),
    ],
)
def test_nothing_is_claimed_from_what_cannot_bear_it(name, situation):
    """Three of the situations that `make sim` plays for all eight."""
    check_bad(name, situation, whole=False)


@pytest.mark.sim
@EVERY
@pytest.mark.parametrize(
    ("situation", "verdict"), [("effect", "benefit"), ("harm", "harm"), ("none", "no_worthwhile_difference")]
)
def test_a_clear_case_has_its_verdict(name, situation, verdict):
    """Three times the smallest effect of interest in either direction, and nothing at all."""
    check_clear(name, situation, verdict)


@pytest.mark.sim
@EVERY
@pytest.mark.parametrize("situation", BAD)
def test_bad_data_end_without_a_claim(name, situation):
    """Missing blocks, a drop-out after two, a constant score, a condition that was never taken."""
    check_bad(name, situation)
