"""The prior of the protocol in the unit of each outcome, and that the verdict does not look at it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nof1.analysis.analyse import analyse
from nof1.analysis.prior import prior_sd

from .made import dataset, protocol

OUTCOMES = {
    "primary": {"score": "day.mood", "sesoi": 2},
    "secondary": [{"score": "day.calm", "sesoi": Decimal("0.5")}, {"score": "day.headache"}],
}


@pytest.mark.parametrize(
    ("stated", "mood", "calm"),
    [("1 sesoi", 2.0, 0.5), ("0.5 sesoi", 1.0, 0.25), (Decimal(3), 3.0, 0.75)],
)
def test_each_outcome_in_its_own_unit(stated, mood, calm):
    """A multiple holds for every outcome; a number is in the unit of the primary one; without a sesoi it is flat."""
    plan = protocol(outcomes=OUTCOMES, analysis={"prior": {"effect_sd": stated}})
    assert prior_sd(plan, "day.mood", 2.0) == mood
    assert prior_sd(plan, "day.calm", 0.5) == calm
    assert prior_sd(plan, "day.headache", None) is None


def test_a_number_without_a_smallest_effect():
    """The primary outcome takes it as it is; another one has nothing to be measured against."""
    plan = protocol(
        outcomes={"primary": {"score": "day.mood"}, "secondary": [{"score": "day.calm", "sesoi": 1}]},
        analysis={"prior": {"effect_sd": Decimal("0.8")}},
    )
    assert prior_sd(plan, "day.mood", None) == 0.8
    assert prior_sd(plan, "day.calm", 1.0) is None
    assert prior_sd(protocol(outcomes={"primary": {"score": "day.mood"}}), "day.mood", None) is None


def test_probabilities_in_the_results():
    """Every outcome has its posterior, written to results.json; the verdict is the same under any prior."""
    results = [
        analyse(dataset(protocol(outcomes=OUTCOMES, analysis={"prior": {"effect_sd": sd}}), effect=2.0))
        for sd in ("0.01 sesoi", "100 sesoi")
    ]
    firm, open_minded = (one.primary for one in results)
    assert firm.bayes.posterior.mean < 0.1 < open_minded.bayes.posterior.mean
    assert firm.verdict == open_minded.verdict == "benefit"
    written = results[1].to_json()["outcomes"][0]["bayes"]
    assert written["posterior"]["effect_sd"] == 200.0
    assert written["posterior"]["p_benefit"] == pytest.approx(1.0, abs=0.01)
    assert [one["name"] for one in written["alternatives"]] == ["half", "double", "flat", "wide"]
    headache = results[1].outcomes[2]
    assert headache.bayes.posterior.effect_sd is None
    assert headache.bayes.posterior.p_worthwhile is None
