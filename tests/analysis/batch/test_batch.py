"""The batched analyses give the numbers of the functions for a single trial."""

from __future__ import annotations

import numpy as np
import pytest

import nof1
from nof1.analysis.batch.daily import fit_daily_models
from nof1.analysis.batch.periods import fit_mixed_models, fit_period_mean_models
from nof1.analysis.batch.permuted import randomization_tests
from nof1.analysis.batch.prewhitened import prewhitened_tests
from nof1.analysis.simulate import Person, occasions_of, simulate_trials
from nof1.protocol.model import Protocol

N_TRIALS = 12
PAIRS = {"kind": "randomized_blocks", "blocks": 6, "period_days": 7, "onset_days": 2}
DAILY = {"kind": "balanced", "periods": 30, "period_days": 1, "max_run": 2}
PEOPLE = {
    "complete": Person(practice=0.3),
    "no period variance": Person(period_sd=0.0, rho=0.0),
    "missing days": Person(missing=0.25),
    "hardly anything left": Person(missing=0.5, drop_out=0.7),
}


def trials_of(design, person, *, codes=("on", "off"), seed=1, sessions=None, n_trials=N_TRIALS):
    protocol = Protocol.model_validate(
        {
            "nof1": 1,
            "id": "made-up",
            "title": "Does tea help?",
            "conditions": {code: {"name": code} for code in codes},
            "design": design,
            "instruments": {"day": {"ratings": ["mood"]}},
            "sessions": sessions or [{"battery": ["day"]}],
            "outcomes": {"primary": {"score": "day.mood", "sesoi": 1}},
        }
    )
    rng = np.random.default_rng(seed)
    return simulate_trials(occasions_of(protocol), person, rng, n_trials).with_effect({codes[0]: 0.5})


def agree(fits, single, trials):
    """Compare every number of every trial with that of the single function, to 1e-8."""
    for trial in range(trials.n_trials):
        one = single(trials.frame(trial))
        numbers = {
            name: (getattr(fits, name)[trial], getattr(one, name))
            for name in ("estimate", "se", "df", "p_value")
        }
        numbers |= {name: (values[trial], one.details.get(name)) for name, values in fits.details.items()}
        for name, (here, there) in numbers.items():
            expected = np.nan if there is None else there
            np.testing.assert_allclose(here, expected, rtol=1e-8, atol=1e-8, err_msg=f"{name} of {trial}")


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE.keys())
@pytest.mark.parametrize("trend", ["log", "exp", None])
def test_mixed_models(person, trend):
    """Estimate, both standard errors, both degrees of freedom, both variances, p; or nothing where there is none."""
    trials = trials_of(PAIRS, person)
    agree(
        fit_mixed_models(trials, trend=trend), lambda frame: nof1.fit_mixed_model(frame, trend=trend), trials
    )


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE.keys())
@pytest.mark.parametrize("trend", ["log", "exp", None])
def test_period_means(person, trend):
    """Every period counts alike, whatever is missing."""
    trials = trials_of(PAIRS, person)
    fits = fit_period_mean_models(trials, trend=trend)
    agree(fits, lambda frame: nof1.fit_period_means(frame, trend=trend), trials)


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE.keys())
@pytest.mark.parametrize(("trend", "washout"), [("log", 0), ("exp", 1), (None, 2)])
def test_daily_models(person, trend, washout):
    """The correlation over the calendar, gaps and all; too few days; least squares where nothing else is left."""
    trials = trials_of(DAILY | {"washout_days": washout}, person)
    agree(
        fit_daily_models(trials, trend=trend), lambda frame: nof1.fit_daily_model(frame, trend=trend), trials
    )


def test_three_conditions_several_scores_a_day_and_designs_of_all_kinds():
    """What the formulas do not know: how many conditions, how many prompts, which sequences."""
    twice = [{"battery": ["day"], "at": ["09:00", "18:00"], "window": "60 min"}]
    contrast = {"high": 0.5, "low": 0.5, "none": -1.0}
    three = trials_of(
        PAIRS | {"blocks": 4}, Person(missing=0.1), codes=("high", "low", "none"), sessions=twice
    )
    agree(fit_mixed_models(three, contrast), lambda frame: nof1.fit_mixed_model(frame, contrast), three)
    for design in (
        {"kind": "balanced", "periods": 8, "period_days": 4, "max_run": 2},
        {"kind": "counterbalanced", "blocks": 6, "period_days": 4, "washout_days": 2},
        {"kind": "randomized_blocks", "blocks": 3, "per_block": 2, "period_days": 4},
    ):
        trials = trials_of(design, Person(), n_trials=4)
        agree(fit_mixed_models(trials), nof1.fit_mixed_model, trials)


def test_a_spline_and_an_effect_of_blocks():
    """They are fitted too, one by one where they must be."""
    for person in (Person(), Person(missing=0.2)):
        trials = trials_of(PAIRS, person, n_trials=3)
        spline = fit_mixed_models(trials, trend="spline")
        agree(spline, lambda frame: nof1.fit_mixed_model(frame, trend="spline"), trials)
    blocks = fit_mixed_models(trials, block_effect=True)
    agree(blocks, lambda frame: nof1.fit_mixed_model(frame, block_effect=True), trials)


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE.keys())
@pytest.mark.parametrize("trend", ["log", "exp", None])
def test_randomization_counts(person, trend):
    """The same integers, ties and periods without data included."""
    trials = trials_of(PAIRS, person)
    counts = randomization_tests(trials, trend=trend, rng=np.random.default_rng(1))
    space = trials.occasions.space
    codes = np.array(list(map(str, space.conditions)))
    for trial in range(trials.n_trials):
        sequence = codes[trials.codes[:, trial]].tolist()
        one = nof1.randomization_test(trials.frame(trial), space, trend=trend, sequence=sequence)
        if one.p_value is not None:
            assert (counts.n_as_extreme[trial], counts.n_sequences) == (one.n_as_extreme, one.n_sequences)
            assert counts.statistic[trial] == pytest.approx(one.statistic, abs=1e-8)


def agree_in_counts(counts, trials, contrast, **how):
    """Compare every count and statistic with that of the single function; p is 1 where that finds nothing to test."""
    space = trials.occasions.space
    codes = np.array(list(map(str, space.conditions)))
    for trial in range(trials.n_trials):
        sequence = codes[trials.codes[:, trial]].tolist()
        one = nof1.randomization_test(trials.frame(trial), space, contrast, sequence=sequence, **how)
        if one.p_value is None:
            assert counts.p_value[trial] == 1.0
        else:
            assert (counts.n_as_extreme[trial], counts.n_sequences) == (one.n_as_extreme, one.n_sequences)
            assert counts.statistic[trial] == pytest.approx(one.statistic, rel=1e-8, abs=1e-8)


SWAPS = {
    "blocks of three": {"kind": "randomized_blocks", "blocks": 4, "period_days": 3},
    "blocks of six": {"kind": "randomized_blocks", "blocks": 2, "per_block": 2, "period_days": 3},
    "no blocks": {"kind": "balanced", "periods": 12, "period_days": 2},
}


@pytest.mark.parametrize("design", SWAPS.values(), ids=SWAPS.keys())
@pytest.mark.parametrize("contrast", [("high", "none"), {"high": 0.5, "low": 0.5, "none": -1.0}], ids=str)
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_conditions_that_stay_in_place(design, contrast, missing):
    """Two of three conditions change places, the third one stays; or all three move."""
    trials = trials_of(design, Person(missing=missing), codes=("high", "low", "none"), n_trials=5)
    counts = randomization_tests(trials, contrast, rng=np.random.default_rng(1))
    assert counts.exact
    agree_in_counts(counts, trials, contrast)


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE.keys())
@pytest.mark.parametrize(("trend", "washout"), [("log", 0), ("exp", 1), (None, 2)])
def test_prewhitened_counts(person, trend, washout):
    """The same integers: the correlation is that of each trial, and gaps count as they lie on the calendar."""
    design = {"kind": "balanced", "periods": 14, "period_days": 1, "max_run": 3, "washout_days": washout}
    trials = trials_of(design, person)
    counts = prewhitened_tests(trials, trend=trend, rng=np.random.default_rng(1))
    assert counts.exact
    agree_in_counts(counts, trials, ("on", "off"), trend=trend, statistic="prewhitened")


def test_prewhitened_counts_of_three_conditions():
    """A contrast of three conditions: weights that are not all of the same size."""
    contrast = {"high": 0.5, "low": 0.5, "none": -1.0}
    trials = trials_of(
        {"kind": "balanced", "periods": 9, "period_days": 1},
        Person(missing=0.1),
        codes=("high", "low", "none"),
        n_trials=6,
    )
    counts = prewhitened_tests(trials, contrast, rng=np.random.default_rng(1))
    agree_in_counts(counts, trials, contrast, statistic="prewhitened")


def test_shared_draws_hold_the_level():
    """A large space: the drawn sequence is one of the set, and the rate of small p is what it should be."""
    trials = trials_of(
        {"kind": "balanced", "periods": 24, "period_days": 2}, Person(practice=0.2), n_trials=2000
    )
    base = type(trials)(
        occasions=trials.occasions,
        codes=trials.codes,
        value=trials.with_effect({"on": -0.5}).value,
        exposure=None,
    )
    counts = randomization_tests(base, rng=np.random.default_rng(4), n_draws=1999)
    assert counts.n_sequences == 2000
    assert not counts.exact
    assert np.mean(counts.p_value <= 0.05) == pytest.approx(0.05, abs=0.02)
    assert counts.p_value.min() >= 1 / 2000


def test_trials_with_sets_of_their_own_are_refused():
    """A condition that stays in place where runs are limited makes a reference set for every trial."""
    design = {"kind": "balanced", "periods": 9, "period_days": 1, "max_run": 2}
    three = trials_of(design, Person(), codes=("high", "low", "none"), n_trials=1)
    for test in (randomization_tests, prewhitened_tests):
        with pytest.raises(ValueError, match="stays in place"):
            test(three, ("high", "none"), rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="not a condition"):
        fit_mixed_models(three, ("tea", "none"))
