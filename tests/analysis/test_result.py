"""What an analysis gives back can be written as JSON, and says no more than it knows."""

from __future__ import annotations

import json
import math
from dataclasses import fields

import pytest

from nof1.analysis.result import (
    Contrast,
    EquivalenceResult,
    Estimate,
    IntervalResult,
    OutcomeResult,
    RandomizationResult,
    Results,
    SequenceSummary,
    plain,
)


def an_outcome(role="primary", verdict="benefit", **changes):
    return OutcomeResult(
        score="day.mood",
        label="Mood",
        role=role,
        unit="points",
        better="higher",
        contrast=Contrast(name="on_off", weights={"on": 1.0, "off": -1.0}),
        primary_method="mixed_model",
        verdict=verdict,
        **changes,
    )


def some_results(*outcomes):
    return Results(
        nof1="0",
        trial="t",
        protocol_sha256="0" * 64,
        sequence=SequenceSummary(kind="balanced", size=str(2**80), rank="7"),
        outcomes=outcomes,
    )


def test_results_json_has_the_published_keys():
    """Programs rely on these names: interface.md, results.json."""
    estimate = Estimate(
        estimate=1.0, se=0.5, df=9.0, p_value=0.07, ci_low=-0.1, ci_high=2.1, method="mixed_model"
    )
    test = RandomizationResult(
        statistic=1.0, n_as_extreme=4, n_sequences=64, p_value=0.0625, smallest_p=0.03125, exact=True
    )
    found = some_results(an_outcome(mixed_model=estimate, randomization_test=test)).to_json()
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found
    assert set(found) >= {
        "nof1", "trial", "protocol_sha256", "simulated", "imported", "sequence", "verdict", "outcomes", "harms",
        "blinding", "adherence", "sensitivity",
    }  # fmt: skip
    assert found["sequence"] == {"kind": "balanced", "size": "1208925819614629174706176", "rank": "7"}
    (outcome,) = found["outcomes"]
    assert set(outcome) >= {
        "score", "role", "unit", "better", "contrast", "n_sessions", "n_missing", "n_periods", "primary_method",
        "mixed_model", "randomization_test", "period_means", "paired_blocks", "daily_model", "equivalence",
        "adjusted_p_value", "verdict", "flags",
    }  # fmt: skip
    assert outcome["contrast"] == {"name": "on_off", "weights": {"on": 1.0, "off": -1.0}}
    assert outcome["daily_model"] is None
    assert outcome["mixed_model"]["ci"] == [-0.1, 2.1]
    assert set(outcome["mixed_model"]) >= {"estimate", "se", "df", "p_value", "ci"}
    assert set(outcome["randomization_test"]) >= {
        "n_as_extreme",
        "n_sequences",
        "p_value",
        "smallest_p",
        "exact",
    }


def test_an_estimate_has_the_published_fields():
    """Notebooks rely on these names."""
    names = {field.name for field in fields(Estimate)}
    wanted = "estimate, se, df, statistic, p_value, ci_low, ci_high, method, n_sessions, n_periods, flags"
    assert names >= set(wanted.split(", "))


def test_the_verdict_is_that_of_the_primary_outcome():
    """The first contrast of the primary outcome decides, wherever it stands."""
    found = some_results(an_outcome("secondary", "harm"), an_outcome(verdict="trivial"), an_outcome())
    assert found.verdict == "trivial"
    assert found.to_json()["verdict"] == "trivial"


def test_ends_that_are_infinite_or_missing():
    """JSON knows neither infinity nor NaN: null stands for both; an interval that is not there is null."""
    interval = IntervalResult(low=-math.inf, high=math.nan, level=0.95, attainable=False)
    assert plain(interval) == {"low": None, "high": None, "level": 0.95, "attainable": False}
    assert Estimate(estimate=1.0, method="ols").to_json()["ci"] is None
    assert EquivalenceResult(low=-1, high=1, p_value=None, equivalent=None).to_json()["ci"] is None


def test_what_has_no_place_in_json_is_refused():
    """A value that nobody thought of must not become a text by accident."""
    with pytest.raises(TypeError, match="no place"):
        plain(object())


def test_intervals_at_other_levels():
    """The t quantile of the estimate's own degrees of freedom; none where there is no interval."""
    estimate = Estimate(estimate=1.0, se=0.5, df=9.0, ci_low=0.0, ci_high=2.0, method="mixed_model")
    assert estimate.interval(0.9) == pytest.approx((1 - 0.5 * 1.8331129, 1 + 0.5 * 1.8331129))
    assert Estimate(estimate=1.0, method="mixed_model").interval(0.9) is None


def test_the_planned_estimate_is_found():
    """`primary` follows the method of the plan."""
    daily = Estimate(estimate=2.0, method="daily_model")
    assert an_outcome().primary is None
    assert OutcomeResult(
        score="a.b", label="", role="primary", unit="", better="lower", contrast=Contrast(name="x", weights={}),
        primary_method="daily_model", daily_model=daily,
    ).primary is daily  # fmt: skip
