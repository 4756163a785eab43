"""One-participant mixed model `value ~ condition + log(session) + (1 | period)`, 6 x 2 x 7 days."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import statsmodels.api as sm

from benchmarks import rscript
from benchmarks.jobs.plans import PAIRS, distance, protocol, write_trials
from benchmarks.race import Race, Runner, Target, agree, clocked
from nof1.analysis.batch.periods import fit_mixed_models
from nof1.analysis.simulate import Person, occasions_of, simulate_trials

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.analysis.simulate import Simulated

N, N_PEER, EFFECT = 16_384, 40, {"on": 0.5}
SIMR_T = 1 / 15.5
"""Seconds of a trial of simr::powerSim with Satterthwaite's t, as design/performance has it."""


def race(room: Path) -> Race:
    """Compare with lmerTest where it is there, with statsmodels always."""
    rng = np.random.default_rng(1)
    occasions = occasions_of(protocol(PAIRS))

    def simulated() -> Simulated:
        return simulate_trials(occasions, Person(rho=0.0), rng, N).with_effect(EFFECT)

    trials = simulated()
    fits = fit_mixed_models(trials)
    data = _arrays(trials)
    inside = [trial for trial in range(N_PEER) if not fits.singular[trial]]
    theirs = {trial: fit for trial in inside if (fit := _statsmodels(*data[trial])) is not None}
    mine = np.column_stack([fits.estimate, fits.details["satterthwaite_se"]])[list(theirs)]
    apart = np.abs(mine - np.array(list(theirs.values()))).max(axis=1)
    what = f"estimate and SE beside statsmodels, nine of ten of the {len(theirs)} fits that converge there"
    agreement = [agree(what, float(np.quantile(apart, 0.9)), 1e-3)]
    table = room / "trials.csv"
    write_trials(table, trials, N_PEER)
    peers, notes = [], []
    for name, package in (("nlme::lme", "lme"), ("lmerTest", "lmerTest")):
        if why := rscript.lacking("jsonlite", name.split("::", maxsplit=1)[0]):
            notes.append(why)
            continue
        peers.append(Runner(name=f"{name}, fit and p", run=rscript.timed(package, table, N_PEER)))
    if not rscript.lacking("jsonlite", "lmerTest"):
        r = np.array(rscript.numbers("lmerTest", table, N_PEER)["fits"], dtype=float)[inside]
        agreement.append(
            agree(
                "Satterthwaite's p beside lmerTest", distance(_satterthwaite_p(fits, inside), r[:, 3]), 1e-3
            )
        )
    return Race(
        unit="trial",
        runners=[
            Runner(name="nof1, simulate and fit", run=clocked(lambda: fit_mixed_models(simulated()).p_value, N)),
            Runner(name="nof1, fit", run=clocked(lambda: fit_mixed_models(trials).p_value, N)),
            *peers,
            Runner(name="statsmodels MixedLM", run=clocked(lambda: [_statsmodels(*one) for one in data[:10]], 10)),
            Runner(name="limit: the random numbers alone", run=clocked(lambda: rng.standard_normal((96, N)), N)),
        ],
        targets=[
            Target(of="nof1, simulate and fit", most_seconds=1e-5),
            Target(of="nof1, simulate and fit", faster_than="nlme::lme, fit and p", times=1000),
            Target(of="nof1, simulate and fit", faster_than="lmerTest, fit and p", times=4000),
            Target(of="nof1, simulate and fit", published="simr (15.5 per second, published)", published_seconds=SIMR_T, times=5000),
            Target(of="nof1, fit", most_seconds=1e-5),
        ],
        agreement=agreement,
        notes=notes,
    )  # fmt: skip


def _arrays(trials: Simulated) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    of = trials.occasions
    treat = (trials.codes[of.period - 1] == 0).astype(float)
    log = np.log(of.session)
    columns = [np.column_stack([np.ones(log.size), treat[:, trial], log]) for trial in range(N_PEER)]
    return [(trials.value[:, trial], x, of.period) for trial, x in enumerate(columns)]


def _statsmodels(y: np.ndarray, x: np.ndarray, period: np.ndarray) -> tuple[float, float] | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sm.MixedLM(y, x, groups=period).fit(reml=True)
        return (float(fit.fe_params[1]), float(fit.bse_fe[1])) if fit.converged else None


def _satterthwaite_p(fits, inside: list[int]) -> np.ndarray:
    from scipy.special import stdtr

    t = np.abs(fits.estimate / fits.details["satterthwaite_se"])
    return (2.0 * stdtr(fits.details["satterthwaite_df"], -t))[inside]
