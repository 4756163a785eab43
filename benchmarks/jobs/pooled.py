"""`value ~ condition + log(session) + (1 + condition | participant) + (1 | participant:period)`, 1,000 x 84 days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks import rscript
from benchmarks.race import Race, Runner, Target, agree, clocked
from nof1.analysis.people import people_of
from nof1.analysis.pooled import fit_pooled
from nof1.analysis.pooled_reml import fit_people

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE, BLOCKS, DAYS = 1_000, 6, 7


def race(room: Path) -> Race:
    """Compare with lme4."""
    return race_of(room, missing=0.0, most_seconds=0.015)


def race_of(room: Path, *, missing: float, most_seconds: float) -> Race:
    """Compare estimate and variances with lme4; the fit itself is what lme4 does, the rest comes on top."""
    frame = people(missing)
    found = fit_pooled(frame)
    state, _ = fit_people(people_of(frame, "log"))
    peers, notes, agreement = [], [], []
    if why := rscript.lacking("jsonlite", "lme4", "lmerTest", "nlme"):
        notes.append(why)
    else:
        table = room / "people.csv"
        frame.to_csv(table, index=False)
        r = rscript.numbers("pooled-tight", table)
        names = ("estimate", "tau", "period_sd", "day_sd")
        apart = max(abs(getattr(found, name) / r[name] - 1.0) for name in names)
        agreement.append(
            agree("estimate and three standard deviations beside lme4 (bobyqa to 1e-10)", apart, 1e-5)
        )
        plain = people_of(frame, "log").spread * float(np.sqrt(_contrast(state.phi)))
        agreement.append(
            agree("standard error beside that, before Kenward and Roger", abs(plain / r["se"] - 1.0), 1e-5)
        )
        peers = [Runner(name=name, run=rscript.timed(job, table)) for name, job in (
            ("lme4::lmer", "pooled-lmer"), ("lmerTest, fit and p", "pooled-lmerTest"), ("nlme::lme", "pooled-lme"))]  # fmt: skip
    return Race(
        unit="fit",
        runners=[
            Runner(name="nof1, the fit, from a data frame", run=clocked(lambda: fit_people(people_of(frame, "log")), times=5)),
            Runner(name="nof1, everything that is reported (KR, each person, intervals, next person)", run=clocked(lambda: fit_pooled(frame), times=3)),
            *peers,
            Runner(name="limit: pandas finds the people (one factorize)", run=clocked(lambda: pd.factorize(frame["participant"]), times=5)),
        ],
        targets=[
            Target(of="nof1, the fit, from a data frame", most_seconds=most_seconds),
            Target(of="nof1, everything that is reported (KR, each person, intervals, next person)", most_seconds=most_seconds),
            *([] if missing else [Target(of="nof1, the fit, from a data frame", faster_than="lme4::lmer", times=75)]),
            Target(of="nof1, the fit, from a data frame", faster_than="nlme::lme", times=60 if not missing else 15),
        ],
        agreement=agreement or ["none, as R is missing; tests/analysis/test_pooled.py holds the numbers of lme4"],
        notes=notes,
    )  # fmt: skip


def _contrast(phi: np.ndarray) -> float:
    """Return the variance of on − off; conditions are sorted: off, on."""
    return float(phi[0, 0] + phi[1, 1] - 2.0 * phi[0, 1])


def people(missing: float) -> pd.DataFrame:
    """Return the scores of everybody."""
    rng = np.random.default_rng(1)
    periods, n_days = 2 * BLOCKS, 2 * BLOCKS * DAYS
    order = rng.permuted(np.tile([0, 1], (PEOPLE, BLOCKS, 1)), axis=2).reshape(PEOPLE, periods)
    session = np.tile(np.arange(1, n_days + 1), (PEOPLE, 1))
    period = (session - 1) // DAYS
    code = np.take_along_axis(order, period, axis=1)
    own = np.take_along_axis(0.4 * rng.standard_normal((PEOPLE, periods)), period, axis=1)
    effect = 0.5 + 0.5 * rng.standard_normal((PEOPLE, 1))
    value = 5 + rng.standard_normal((PEOPLE, 1)) + 0.3 * np.log(session) + own + effect * code
    value += rng.standard_normal(value.shape)
    value[rng.random(value.shape) < missing] = np.nan
    return pd.DataFrame(
        {
            "participant": np.repeat([f"p{n:04d}" for n in range(PEOPLE)], n_days),
            "session": session.ravel(),
            "day": session.ravel(),
            "period": period.ravel() + 1,
            "condition": np.array(["off", "on"])[code.ravel()],
            "value": value.ravel(),
        }
    )
