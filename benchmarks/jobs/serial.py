"""One-day periods with AR(1) over the calendar: `value ~ condition + log(session)`, 84 days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from statsmodels.regression.linear_model import GLSAR

from benchmarks import rscript
from benchmarks.jobs.plans import DAILY, distance, protocol, write_trials
from benchmarks.race import Race, Runner, Target, agree, clocked
from nof1.analysis.batch.daily import fit_daily_models
from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.simulate import Person, occasions_of, simulate_trials

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.analysis.simulate import Simulated

N, N_PEER = 8_192, 40
PERSON = Person(rho=0.3, period_sd=0.0)


def race(room: Path) -> Race:
    """Compare with nlme::gls where it is there, and with the function for a single trial always."""
    rng = np.random.default_rng(1)
    occasions = occasions_of(protocol(DAILY))

    def simulated() -> Simulated:
        return simulate_trials(occasions, PERSON, rng, N).with_effect({"on": 0.5})

    trials = simulated()
    fits = fit_daily_models(trials)
    single = [fit_daily_model(trials.frame(trial)) for trial in range(5)]
    agreement = [
        agree("p beside the function for one trial", distance(fits.p_value[:5], [one.p_value for one in single]), 1e-8)
    ]  # fmt: skip
    table = room / "trials.csv"
    write_trials(table, trials, N_PEER)
    peers, notes = [], []
    if why := rscript.lacking("jsonlite", "nlme"):
        notes.append(why)
    else:
        r = np.array(rscript.numbers("gls", table, N_PEER)["fits"], dtype=float)
        agreement += [
            agree("estimates beside nlme::gls", distance(fits.estimate[:N_PEER], r[:, 0]), 1e-5),
            agree("correlations beside nlme::gls", distance(fits.details["rho"][:N_PEER], r[:, 2]), 1e-4),
        ]
        peers.append(Runner(name="nlme::gls, corAR1, fit and p", run=rscript.timed("gls", table, N_PEER)))
    x = np.column_stack([np.ones(84), trials.codes[:, 0] == 0, np.log(occasions.session)]).astype(float)
    y = trials.value[:, 0]
    return Race(
        unit="trial",
        runners=[
            Runner(name="nof1, simulate and fit", run=clocked(lambda: fit_daily_models(simulated()).p_value, N)),
            Runner(name="nof1, fit", run=clocked(lambda: fit_daily_models(trials).p_value, N)),
            *peers,
            Runner(name="statsmodels GLSAR (not REML)", run=clocked(lambda: GLSAR(y, x, rho=1).iterative_fit(10).pvalues)),
            Runner(name="limit: the random numbers alone", run=clocked(lambda: rng.standard_normal((84, N)), N)),
        ],
        targets=[
            Target(of="nof1, fit", faster_than="nlme::gls, corAR1, fit and p", times=300),
            Target(of="nof1, simulate and fit", faster_than="nlme::gls, corAR1, fit and p", times=300),
        ],
        agreement=agreement,
        notes=notes,
    )  # fmt: skip
