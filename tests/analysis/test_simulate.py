"""Simulated trials: what is put in is what is there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nof1
from nof1.analysis.dataset import Dataset
from nof1.analysis.simulate import Person, occasions_of, simulate_trials
from nof1.analysis.simulate_tables import simulate_tables
from nof1.files.locked import read_dataset, write_locked
from nof1.files.protocols import library, parse_protocol

from .made import protocol

TWO_A_DAY = [{"battery": ["day"], "at": ["09:00", "18:00"], "window": "60 min"}]
WASHED = {"kind": "randomized_blocks", "blocks": 4, "period_days": 5, "washout_days": 2}
DAILY = {"kind": "balanced", "periods": 30, "period_days": 1, "max_run": 2}


def simulated(person=None, n_trials=1, seed=1, **changes):
    made = protocol(**changes)
    return simulate_trials(occasions_of(made), person or Person(), np.random.default_rng(seed), n_trials)


@pytest.mark.parametrize(
    "changes", [{}, {"sessions": TWO_A_DAY}, {"design": WASHED}, {"design": DAILY}], ids=str
)
def test_the_frame_is_that_of_the_data_folder(changes):
    """A simulated trial that goes through tables and back gives the frame that the batch gives."""
    made = protocol(**changes)
    tables = simulate_tables(made, {"on": 1.0}, np.random.default_rng(5), person=Person(missing=0.1))
    dataset = Dataset.from_tables(tables)
    there = dataset.frame("day.mood")
    rng = np.random.default_rng(5)
    batch = simulate_trials(occasions_of(made), Person(missing=0.1), rng).with_effect({"on": 1.0})
    here = batch.frame(0)
    for column in ("session", "day", "period", "block", "condition", "late"):
        assert there[column].astype(object).where(there[column].notna(), None).tolist() == [
            None if pd.isna(one) else one for one in here[column]
        ]
    np.testing.assert_allclose(there["value"], here["value"], rtol=1e-5, equal_nan=True)
    assert dataset.sequence in dataset.space


def test_every_protocol_of_the_library_can_be_simulated_and_analysed():
    """Any design, any battery: the plan runs on what was simulated."""
    for path in library().values():
        made = parse_protocol(path.read_text(), path.name)
        tables = simulate_tables(made, {}, np.random.default_rng(2), person=Person(sd=0.5, level=5.0))
        frame = Dataset.from_tables(tables).frame(str(made.outcomes.primary.score))
        weights = {code: float(weight) for code, weight in next(iter(made.contrasts.values())).items()}
        fit = nof1.fit_daily_model if made.analysis.model == "daily" else nof1.fit_mixed_model
        assert fit(frame, weights).estimate is not None, path.name


def test_the_moments_are_those_of_the_person():
    """Spread, autocorrelation, period variance, practice and missing sessions of many trials."""
    person = Person(level=10.0, sd=2.0, rho=0.5, period_sd=0.4, practice=0.3, missing=0.2)
    made = simulated(person, 4000)
    value = (made.value - 10.0) / 2.0
    session = made.occasions.session
    assert np.isnan(value).mean() == pytest.approx(0.2, abs=0.01)
    at = made.occasions.period == 3
    assert np.nanvar(value[at]) == pytest.approx(1.0 + 0.4**2, abs=0.05)
    first, second = np.flatnonzero(at)[:2]
    both = np.isfinite(value[first]) & np.isfinite(value[second])
    assert np.cov(value[first, both], value[second, both])[0, 1] == pytest.approx(0.5 + 0.16, abs=0.06)
    np.testing.assert_allclose(np.nanmean(value, axis=1), 0.3 * np.log(session), atol=0.1)


def test_several_scores_of_a_day_share_what_was_said():
    """Half of the variance is the day's, half the prompt's."""
    made = simulated(Person(rho=0.0, period_sd=0.0, day_share=0.5), 4000, sessions=TWO_A_DAY)
    assert np.var(made.value) == pytest.approx(1.0, abs=0.03)
    assert np.cov(made.value[25], made.value[26])[0, 1] == pytest.approx(0.5, abs=0.05)
    assert np.cov(made.value[26], made.value[27])[0, 1] == pytest.approx(0.0, abs=0.05)


def test_an_effect_comes_and_goes_by_halves():
    """Onset and carry-over, through washouts and into the next period."""
    person = Person(onset_half_life=1.0, half_life=2.0)
    made = simulated(person, 1, design=WASHED)
    added = (made.with_effect({"on": 1.0}).value - made.value)[:, 0]
    expected, there = [], 0.0
    for day, period in enumerate(made.occasions.treated, start=1):
        is_on = period and made.codes[period - 1, 0] == 0
        there = 1.0 - 0.5 * (1.0 - there) if is_on else there * 0.5**0.5
        if day in made.occasions.day:
            expected.append(there)
    np.testing.assert_allclose(added, expected, atol=1e-12)


def test_who_drops_out_does_not_come_back():
    """After the last day everything is missing, and the share of those who give up is as said."""
    made = simulated(Person(drop_out=0.3), 4000)
    gone = np.isnan(made.value)
    assert np.all(np.diff(gone.astype(int), axis=0) >= 0)
    assert gone[-1].mean() == pytest.approx(0.3, abs=0.03)


def test_sequences_are_drawn_from_the_design():
    """Every one is in the space, and all of them come."""
    made = simulated(n_trials=2000)
    space = made.occasions.space
    drawn = {tuple(space.conditions[code] for code in column) for column in made.codes.T}
    assert all(sequence in space for sequence in drawn)
    assert len(drawn) == space.size


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"rho": 1.0}, "rho"),
        ({"missing": 1.0}, "missing"),
        ({"sd": 0.0}, "sd"),
        ({"half_life": -1.0}, "half_life"),
    ],
)
def test_what_cannot_be_meant_is_refused(said, words):
    """With the name of the number."""
    with pytest.raises(ValueError, match=words):
        Person(**said)
    with pytest.raises(ValueError, match="no condition 'tea'"):
        simulated().with_effect({"tea": 1.0})
    with pytest.raises(ValueError, match="never due"):
        occasions_of(protocol(), "day.nothing")


def test_the_twin_a_report_of_simulated_data_finds_what_was_put_in(tmp_path):
    """From protocol to page: the interval of the report holds the effect, which is far from 0."""
    tables = simulate_tables(
        protocol(), {"on": 2.0}, np.random.default_rng(11), person=Person(level=5.0, sd=0.8, practice=0.3)
    )
    write_locked(tmp_path / "locked", tables)
    assert read_dataset(tmp_path / "locked").frame("day.mood")["value"].notna().all()
    results = nof1.analyse(read_dataset(tmp_path / "locked"))
    found = results.primary.mixed_model
    assert found.ci_low < 2.0 < found.ci_high
    assert found.p_value < 0.001
    shown = nof1.render(results)
    assert "simulated" in str(shown).lower()


def test_the_mean_of_many_estimates_is_the_effect():
    """The single-trial model, over simulated trials: no bias, and the interval holds the truth as often as it says."""
    made = simulated(Person(practice=0.4), 40, seed=3).with_effect({"on": 1.0})
    fits = [nof1.fit_mixed_model(made.frame(trial)) for trial in range(40)]
    estimates = np.array([fit.estimate for fit in fits])
    assert abs(estimates.mean() - 1.0) < 4 * estimates.std() / 40**0.5
    assert np.mean([fit.ci_low < 1.0 < fit.ci_high for fit in fits]) > 0.8
