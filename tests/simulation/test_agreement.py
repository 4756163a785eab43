"""Before the tables count for anything: the batch equals the package, trial by trial."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.paired_blocks import fit_paired_blocks
from nof1.analysis.period_means import fit_period_means
from nof1.analysis.randomization_test import randomization_test
from nof1.analysis.reference_set import LARGEST_LISTED, drawn, listed
from nof1.schedule.space import randomized_blocks

from .days import daily_model, ordinary, prewhitened_counts
from .generator import generate, randomized
from .periods import mixed_model, naive_t, paired_blocks, period_means, products, randomization_counts
from .tables import DAILY, ON_OFF, contrasts, space_of_days

pytestmark = pytest.mark.sim
SETTINGS = [
    (rho, practice, sp) for rho in (0.0, 0.3, 0.6) for practice in ("none", "log") for sp in (0.0, 0.6)
]


def frame_of(trials, which, codes, periods_per_block):
    """Return one trial of a batch as the frame that the package reads."""
    n_periods, days, _ = trials.value.shape
    period = np.repeat(np.arange(1, n_periods + 1), days)
    session = np.arange(1, n_periods * days + 1)
    return pd.DataFrame(
        {
            "session": session,
            "day": session,
            "period": period,
            "block": (period - 1) // periods_per_block + 1,
            "condition": np.array(codes, dtype=object)[np.repeat(trials.condition[:, which], days)],
            "value": trials.value[:, :, which].ravel(),
        }
    )


def same(tests, which, estimate, *, searched=False):
    """Compare one trial; where a likelihood was searched, SE, df and p carry the tolerance of the search."""
    near = 1e-4 if searched else 1e-6
    assert tests.estimate[which] == pytest.approx(estimate.estimate, rel=1e-6, abs=1e-6)
    assert tests.se[which] == pytest.approx(estimate.se, rel=near)
    assert tests.df[which] == pytest.approx(estimate.df, rel=near)
    assert tests.p_value()[which] == pytest.approx(estimate.p_value, rel=near, abs=near)
    assert tests.covered()[which] == (estimate.ci_low <= 0.0 <= estimate.ci_high)


@pytest.mark.parametrize("days", [5, 7, 14])
@pytest.mark.parametrize("n_blocks", [3, 4, 6, 8])
def test_two_conditions_in_periods(n_blocks, days):
    """Mixed model, period means, paired blocks and counts of the randomization test; 24 trials of each shape."""
    space = randomized_blocks(n_blocks, ON_OFF)
    rng = np.random.default_rng([n_blocks, days])
    for rho, practice, sp in SETTINGS:
        trials = generate(rng, randomized(rng, n_blocks, 2, 2), days, k=2, rho=rho, practice=practice, sp=sp)
        of, weights = products(trials), np.array([-1.0, 1.0, 0.0])
        mixed, means, paired = mixed_model(of, weights), period_means(of, weights), paired_blocks(trials)
        counts = randomization_counts(trials)
        for which in range(2):
            frame = frame_of(trials, which, ("off", "on"), 2)
            expected = fit_mixed_model(frame)
            same(mixed, which, expected, searched=True)
            assert mixed.at_bound[which] == ("singular" in expected.flags)
            same(means, which, fit_period_means(frame))
            same(paired, which, fit_paired_blocks(frame))
            found = randomization_test(frame, space)
            assert (counts[which], 2**n_blocks) == (found.n_as_extreme, found.n_sequences)


@pytest.mark.parametrize("n_blocks", [3, 4, 6])
@pytest.mark.parametrize("k", [3, 4])
def test_more_conditions_in_periods(k, n_blocks):
    """Both contrasts by mixed model and period means; 72 trials of each shape."""
    codes = tuple(f"dose{number}" for number in range(k))
    rng = np.random.default_rng([k, n_blocks])
    for rho, practice, sp in SETTINGS:
        trials = generate(rng, randomized(rng, n_blocks, k, 6), 7, k=k, rho=rho, practice=practice, sp=sp)
        of = products(trials)
        for weights in contrasts(k).values():
            mixed, means = mixed_model(of, weights), period_means(of, weights)
            asked = {code: weight for code, weight in zip(codes, weights[:k], strict=True) if weight}
            for which in range(6):
                frame = frame_of(trials, which, codes, k)
                same(mixed, which, fit_mixed_model(frame, asked), searched=True)
                same(means, which, fit_period_means(frame, asked))


@pytest.mark.parametrize("design", sorted(DAILY))
def test_daily_designs(design):
    """Daily model, least squares and counts of the prewhitened test; 216 trials of each design."""
    for n_days in DAILY[design]:
        space = space_of_days(design, n_days)
        rng = np.random.default_rng([len(design), n_days])
        for number, (rho, practice) in enumerate([(r, p) for r in (0.0, 0.3, 0.6) for p in ("none", "log")]):
            order = 1 - drawn(space, 12, rng).T.astype(int)
            trials = generate(rng, order, 1, k=2, rho=rho, practice=practice, sp=0.0)
            daily, correlation = daily_model(trials)
            plain = ordinary(trials)
            exact = space.size <= LARGEST_LISTED
            seed = [n_days, number]
            codes = listed(space) if exact else drawn(space, 999, np.random.default_rng(seed))
            counts, _ = prewhitened_counts(trials, lambda codes=codes: 1.0 - codes)
            for which in range(12):
                frame = frame_of(trials, which, ("off", "on"), 1).drop(columns="block")
                expected = fit_daily_model(frame)
                same(daily, which, expected, searched=True)
                if "rho" in expected.details:
                    assert correlation[which] == pytest.approx(expected.details["rho"], abs=1e-5)
                same(plain, which, fit_period_means(frame))
                found = randomization_test(
                    frame, space, statistic="prewhitened", rng=np.random.default_rng(seed), n_draws=999
                )
                assert counts[which] == found.n_as_extreme - (0 if exact else 1)


def test_naive_t_is_the_two_sample_t():
    """The analysis that is not to be used is at least the one that is meant."""
    rng = np.random.default_rng(1)
    trials = generate(rng, randomized(rng, 6, 2, 50), 7, k=2, rho=0.3, practice="log", sp=0.3)
    tests = naive_t(trials)
    from scipy import stats  # noqa: PLC0415  (the import takes a second, and only this test needs it)

    for which in range(50):
        on = trials.condition[:, which] == 1
        expected = stats.ttest_ind(trials.value[on, :, which].ravel(), trials.value[~on, :, which].ravel())
        assert tests.p_value()[which] == pytest.approx(expected.pvalue, rel=1e-6)


def test_an_added_effect_moves_the_estimate_alone():
    """Power and coverage are counted without new trials: every estimate is equivariant."""
    rng = np.random.default_rng(2)
    trials = generate(rng, randomized(rng, 6, 2, 200), 7, k=2, rho=0.3, practice="log", sp=0.3)
    weights = np.array([-1.0, 1.0, 0.0])
    for fit in (
        lambda made: mixed_model(products(made), weights),
        lambda made: period_means(products(made), weights),
        paired_blocks,
        naive_t,
    ):
        before, after = fit(trials), fit(trials.shifted(0.5))
        assert before.estimate + 0.5 == pytest.approx(after.estimate, abs=1e-7)
        assert before.p_value(0.5) == pytest.approx(after.p_value(), abs=1e-6)
    space = space_of_days("blocks of two", 20)
    order = 1 - drawn(space, 200, rng).T.astype(int)
    daily = generate(rng, order, 1, k=2, rho=0.3, practice="log", sp=0.0)
    assert daily_model(daily)[0].p_value(0.5) == pytest.approx(
        daily_model(daily.shifted(0.5))[0].p_value(), abs=1e-6
    )
