"""Ours against pingouin, statsmodels and R, number by number: effect sizes, Bayes factor, families, residuals."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.graphics.gofplots import ProbPlot
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.stats.multitest import multipletests

from nof1.analysis.bayes_factor import bayes_factor
from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.effect_sizes import effect_sizes, hedges_factor, log_response_ratio, nonoverlap
from nof1.analysis.equivalence import equivalence_test
from nof1.analysis.mixed_model import fit_mixed_model
from nof1.analysis.multiplicity import adjust_p_values
from nof1.analysis.paired_blocks import fit_paired_blocks
from nof1.analysis.residual_checks import ljung_box, quantile_correlation, whitened

from .made import alternating, balanced_days, frame_of

R = json.loads(
    (Path(__file__).resolve().parents[1] / "reference" / "randomization.json").read_text(encoding="utf-8")
)["base"]
RANDOM = st.integers(0, 10_000)


@pytest.mark.parametrize("n", [3, 6, 12, 40])
@pytest.mark.parametrize("t", [-4.0, -0.3, 0.0, 1.1, 2.5, 6.0, 15.0])
def test_the_bayes_factor_of_pingouin(t, n):
    """By the noncentral t here, by the integral over g there; from strong against to overwhelming for."""
    theirs = float(pingouin.bayesfactor_ttest(t, n, r=math.sqrt(0.5)))
    assert bayes_factor(t, n) == pytest.approx(theirs, rel=1e-6)


def test_a_wider_prior_expects_more():
    """With no effect in sight a wider prior speaks louder against one; the sign of t does not matter."""
    assert bayes_factor(0.0, 6, 2.0) < bayes_factor(0.0, 6) < 1.0
    assert bayes_factor(-2.2, 8) == pytest.approx(bayes_factor(2.2, 8))
    assert bayes_factor(1e100, 12) == math.inf


@given(p_values=st.lists(st.floats(0, 1), min_size=2, max_size=8))
@settings(max_examples=15)
def test_families_of_both_tools(p_values):
    """Holm and Benjamini-Hochberg as pingouin and statsmodels have them."""
    for ours, theirs in (("holm", "holm"), ("bh", "fdr_bh")):
        adjusted = adjust_p_values(p_values, method=ours)
        assert adjusted == pytest.approx(pingouin.multicomp(p_values, method=theirs)[1].tolist(), abs=1e-12)
        assert adjusted == pytest.approx(multipletests(p_values, method=theirs)[1].tolist(), abs=1e-12)


@given(seed=RANDOM)
@settings(max_examples=10)
def test_effect_sizes_of_pingouin(seed):
    """Size of block differences (d), its correction, and the chance of superiority of days."""
    frame = frame_of(alternating(6, seed=seed), effect=0.7, seed=seed)
    frame["value"] = frame["value"].round(0)  # ties
    found = effect_sizes(frame, ("on", "off"), fit_mixed_model(frame))
    means = frame.pivot_table(index="block", columns="condition", values="value")
    d = (means["on"] - means["off"]).to_numpy()
    assert found.d_z == pytest.approx(pingouin.compute_effsize(d, 0.0, eftype="cohen"))
    hedges = pingouin.compute_effsize(d, 0.0, eftype="hedges")
    assert found.d_z * hedges_factor(5) == pytest.approx(
        hedges, rel=0.01
    )  # theirs is the usual approximation
    on, off = (frame.loc[frame["condition"] == code, "value"].to_numpy() for code in ("on", "off"))
    assert found.nap == pytest.approx(float(pingouin.mwu(on, off)["CLES"].iloc[0]))
    assert nonoverlap(on, off) == found.nap


@pytest.mark.parametrize("bound", [0.3, 1.0, 2.5])
def test_equivalence_of_pingouin(bound):
    """Two one-sided tests of block differences."""
    frame = frame_of(alternating(8), effect=0.3)
    ours = equivalence_test(fit_paired_blocks(frame), low=-bound, high=bound)
    means = frame.pivot_table(index="block", columns="condition", values="value")
    table = pingouin.tost((means["on"] - means["off"]).to_numpy(), 0.0, bound=bound)
    assert ours.p_value == pytest.approx(float(table.filter(like="p").iloc[0, 0]), abs=1e-6)


# --- log response ratio ------------------------------------------------------------------------------------


def test_log_response_ratio_by_hand():
    """ln(310/280) + (400/3/310^2 - 100/3/280^2)/2: the formula, worked out apart."""
    first, second = np.array([290.0, 330.0, 310.0]), np.array([280.0, 290.0, 270.0])
    size, se = log_response_ratio(first, second)
    own, other = 400 / 3 / 310**2, 100 / 3 / 280**2
    assert size == pytest.approx(math.log(310 / 280) + (own - other) / 2)
    assert se == pytest.approx(math.sqrt(own + other))
    assert log_response_ratio(first, np.array([280.0])) is None
    assert log_response_ratio(first, -second) is None


@pytest.mark.parametrize(
    ("scale", "is_told"), [("ratio", True), ("count", True), ("ordinal", False), ("interval", False)]
)
def test_ratios_are_for_scores_that_can_be_twice_as_much(scale, is_told):
    """Reaction times and counts have a ratio, ratings and d' have none; the unit does not matter."""
    frame = frame_of(alternating(6), effect=-0.5)
    frame["value"] = 300 + 20 * frame["value"]
    found = effect_sizes(frame, ("on", "off"), fit_mixed_model(frame), scale=scale)
    assert (found.log_response_ratio is not None) == is_told
    if is_told:
        seconds = frame.assign(value=frame["value"] / 1000)
        again = effect_sizes(seconds, ("on", "off"), fit_mixed_model(seconds), scale=scale)
        assert again.log_response_ratio == pytest.approx(found.log_response_ratio)
        assert found.log_response_ratio < 0 < found.log_response_ratio_se


# --- residuals -----------------------------------------------------------------------------------------------


@given(seed=RANDOM, n=st.integers(12, 60), lags=st.integers(1, 5))
@settings(max_examples=20)
def test_ljung_box_and_quantiles_of_statsmodels(seed, n, lags):
    """Statistic and p of the one, the points of the plot of the other."""
    values = np.random.default_rng(seed).standard_t(4, size=n)
    table = acorr_ljungbox(values, lags=[lags])
    assert ljung_box(values, lags) == pytest.approx((table["lb_stat"].iloc[0], table["lb_pvalue"].iloc[0]))
    plot = ProbPlot(values)
    theirs = np.corrcoef(plot.theoretical_quantiles, plot.sample_quantiles)[0, 1]
    assert quantile_correlation(values) == pytest.approx(theirs)


def test_ljung_box_and_quantiles_of_r():
    """Box.test with 1, 3 and 7 lags; cor(sort(x), qnorm(i / (n + 1)))."""
    series = np.array(R["series"])
    for box in R["ljung_box"]:
        assert ljung_box(series, box["lags"]) == pytest.approx((box["statistic"], box["p_value"]))
    assert quantile_correlation(series) == pytest.approx(R["quantiles"])


def test_what_cannot_be_looked_at():
    """Too few values, equal values, or more lags than values."""
    assert quantile_correlation(np.ones(5)) is None
    assert quantile_correlation(np.array([1.0, 2.0])) is None
    with pytest.raises(ValueError, match="lags"):
        ljung_box(np.arange(3.0), 3)
    frame = frame_of(alternating(6))
    for bad in (frame.assign(value=1.0), frame[frame["condition"] == "on"], frame.head(4)):
        assert whitened(bad) is None
        assert whitened(bad, is_daily=True) is None


@pytest.mark.parametrize("sp", [0.0, 0.8])
def test_residuals_of_the_mixed_model_are_those_of_statsmodels(sp):
    """With the predicted effect of each period taken out; days missing, one period short."""
    frame = frame_of(alternating(6), effect=0.5, sp=sp, seed=3)
    frame = frame[(frame["session"] % 5 != 0) | (frame["period"] > 3)]
    columns = np.column_stack([np.ones(len(frame)), frame["condition"] == "on", np.log(frame["session"])])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a variance of 0 makes it warn
        fit = MixedLM(frame["value"].to_numpy(), columns, groups=frame["period"].to_numpy()).fit(
            method="powell"
        )
    theirs = np.asarray(fit.resid) / math.sqrt(fit.scale)
    assert whitened(frame) == pytest.approx(theirs, abs=2e-3)


def test_residuals_of_the_daily_model_are_white():
    """The correlation of neighbouring days is gone: the innovations of an AR(1), gaps included."""
    frame = frame_of(balanced_days(60), days=1, sp=0.0, rho=0.7, block=None, seed=5).drop(index=[7, 8, 30])
    rho = fit_daily_model(frame).details["rho"]
    values = whitened(frame, is_daily=True)
    raw = pd.Series(frame["value"].to_numpy())
    assert ljung_box(raw.to_numpy(), 3)[1] < 0.001
    assert ljung_box(values, 3)[1] > 0.05
    assert np.mean(values**2) == pytest.approx(1.0, abs=0.15)
    columns = np.column_stack([np.ones(57), frame["condition"] == "on", np.log(frame["session"])]).astype(
        float
    )
    covariance = rho ** np.abs(np.subtract.outer(frame["day"].to_numpy(), frame["day"].to_numpy()))
    inverse = np.linalg.inv(covariance)
    y = frame["value"].to_numpy()
    b = np.linalg.solve(columns.T @ inverse @ columns, columns.T @ inverse @ y)
    rest = y - columns @ b
    sd = math.sqrt(rest @ inverse @ rest / (57 - 3))
    assert values == pytest.approx(np.linalg.solve(np.linalg.cholesky(covariance), rest) / sd, abs=1e-4)
