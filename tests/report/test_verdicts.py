"""Verdicts as sentences: fixed texts, no advice, and never more than was shown."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.analysis.flags import FLAGS, LOWERING
from nof1.analysis.result import Contrast, OutlyingScore, RandomizationResult
from nof1.report.cautions import CAUTIONS, caution, ordered
from nof1.report.verdicts import (
    because,
    equivalence_sentence,
    randomization_sentence,
    technical,
    verdict_sentence,
    verdict_word,
)
from nof1.report.words import VERDICTS

NAMES = {"on": "caffeine", "off": "sugar", "high": "450 mg"}
FORBIDDEN = (
    "safe",
    "no effect",
    "significan",
    "should",
    "recommend",
    "prove",
    "0.000",
    "p = 0",
    "nan",
    "None",
)


def with_(outcome, estimate, **changes):
    return replace(outcome, mixed_model=estimate, **changes)


def told(outcome):
    """All sentences about one outcome."""
    return [
        verdict_sentence(outcome, NAMES),
        *because(outcome, NAMES),
        technical(outcome, NAMES),
        equivalence_sentence(outcome),
        randomization_sentence(outcome),
    ]


@pytest.fixture(scope="module")
def cases(make_outcome, make_estimate):
    """Every verdict, in both directions of what is better, and the ways in which it can come about."""
    up, down, around = (
        make_estimate(0.42, 0.15),
        make_estimate(-0.42, 0.15),
        make_estimate(0.05, 0.11, p_value=0.66),
    )
    tiny = make_estimate(0.05, 0.01)
    base = make_outcome(label="reaction time", unit="ms")
    cases = {
        f"{verdict}, {better} is better, estimate {word}": with_(
            base, estimate, verdict=verdict, better=better
        )
        for verdict, better, (word, estimate) in product(
            ("benefit", "harm"), ("higher", "lower"), (("up", up), ("down", down))
        )
        if (verdict == "benefit") == ((estimate is up) == (better == "higher"))
    }
    linear = Contrast(name="linear", weights={"high": 0.5, "on": 0.0, "off": -0.5})
    factorial = Contrast(name="interaction", weights={"high": 1.0, "on": -1.0, "off": -1.0, "none": 1.0})
    failed = RandomizationResult(
        statistic=0.4, n_as_extreme=4, n_sequences=64, p_value=4 / 64, smallest_p=2 / 64, exact=True
    )
    return cases | {
        "trivial": with_(base, tiny, verdict="trivial"),
        "trivial, worse": with_(base, tiny, verdict="trivial", better="lower"),
        "no worthwhile difference": with_(base, around, verdict="no_worthwhile_difference"),
        "inconclusive": with_(base, around, verdict="inconclusive"),
        "inconclusive, no SESOI": with_(base, around, verdict="inconclusive", sesoi=None, equivalence=None),
        "inconclusive, wide": with_(base, make_estimate(0.1, 2.0), verdict="inconclusive", unit=""),
        "inconclusive, lowered by a flag": with_(
            base,
            up,
            verdict="inconclusive",
            verdict_by_interval="benefit",
            flags=("order_confounded",),
            lowered_by=("order_confounded",),
        ),
        "inconclusive, not confirmed": with_(
            base,
            up,
            verdict="inconclusive",
            verdict_by_interval="benefit",
            lowered_by=("not_confirmed",),
            randomization_test=failed,
        ),
        "inconclusive, lost to the correction": with_(
            base,
            up,
            verdict="inconclusive",
            verdict_by_interval="benefit",
            lowered_by=("multiplicity",),
            adjusted_p_value=0.064,
        ),
        "inconclusive, at the end of the scale": with_(
            base,
            tiny,
            verdict="inconclusive",
            verdict_by_interval="trivial",
            flags=("floor_or_ceiling",),
            lowered_by=("floor_or_ceiling",),
        ),
        "no worthwhile difference, the effect not confirmed": with_(
            base,
            tiny,
            verdict="no_worthwhile_difference",
            verdict_by_interval="trivial",
            lowered_by=("not_confirmed",),
            randomization_test=failed,
        ),
        "benefit, large enough": with_(base, up, verdict="benefit", sesoi=0.05),
        "benefit, decided by a score": with_(
            base,
            up,
            verdict="benefit",
            outlying=(
                OutlyingScore(session=12, day=12, period=2, condition="off", value=55.0, distance=-8.4),
            ),
            verdict_pulled_in="inconclusive",
        ),
        "inconclusive, nothing to confirm with": with_(
            base,
            up,
            verdict="inconclusive",
            verdict_by_interval="benefit",
            lowered_by=("confirmation_missing",),
            randomization_test=None,
        ),
        "not estimable, flag": with_(
            base, make_estimate(None, flags=("constant_outcome",)), verdict="not_estimable"
        ),
        "not estimable, failed": with_(
            base,
            make_estimate(None, flags=("analysis_failed",), note="singular matrix"),
            verdict="not_estimable",
        ),
        "not estimable, what informs comes first": with_(
            base,
            make_estimate(None, flags=("prompts_averaged", "constant_outcome")),
            flags=("prompts_averaged",),
            verdict="not_estimable",
        ),
        "not estimable, nothing": with_(base, None, verdict="not_estimable", verdict_reason=""),
        "description only": with_(
            base,
            make_estimate(0.3, ci_low=None, ci_high=None, p_value=None, df=None, flags=("too_few_blocks",)),
            verdict="not_estimable",
        ),
        "linear contrast, benefit": with_(base, up, verdict="benefit", contrast=linear),
        "interaction, inconclusive": with_(base, around, verdict="inconclusive", contrast=factorial),
        "interaction, no worthwhile difference": with_(
            base, around, verdict="no_worthwhile_difference", contrast=factorial
        ),
        "interaction, trivial": with_(base, tiny, verdict="trivial", contrast=factorial),
        "interaction, not estimable": with_(base, None, verdict="not_estimable", contrast=factorial),
    }


def test_fixed_texts(cases, golden):
    """Every verdict has its sentence; a change of wording is a change that somebody decided on."""
    golden(
        "verdicts.txt",
        "\n\n".join(f"# {name}\n" + "\n".join(filter(None, told(case))) for name, case in cases.items())
        + "\n",
    )


def test_no_sentence_says_more_than_was_shown(cases):
    """No advice, no safety, no absence of an effect, no p of 0."""
    for name, case in cases.items():
        for sentence in told(case):
            assert not [word for word in FORBIDDEN if word in sentence.lower()], (name, sentence)


def test_cases_cover_every_verdict(cases):
    """A verdict that is added gets a text."""
    assert {case.verdict for case in cases.values()} == set(VERDICTS)


def test_inconclusive_says_what_could_have_been_found(cases):
    """Half the interval is what a difference would have had to exceed."""
    case = cases["inconclusive"]
    half = (case.primary.ci_high - case.primary.ci_low) / 2
    text = " ".join(because(case, NAMES))
    assert f"a difference of about {half:.2f}\N{NO-BREAK SPACE}ms or more stands out from zero" in text
    assert because(cases["benefit, higher is better, estimate up"], NAMES) == ()


@given(
    estimate=st.floats(-1e4, 1e4),
    se=st.floats(1e-6, 1e4),
    verdict=st.sampled_from(sorted(VERDICTS)),
    better=st.sampled_from(["higher", "lower"]),
)
def test_every_number_makes_a_sentence(make_outcome, make_estimate, estimate, se, verdict, better):
    """Whatever the numbers, a whole sentence comes out, and none of them is written as nan or as minus zero."""
    outcome = with_(make_outcome(), make_estimate(estimate, se), verdict=verdict, better=better)
    for sentence in told(outcome):
        assert "nan" not in sentence
        assert "inf" not in sentence
        assert "−0 " not in sentence
        assert sentence.endswith((".", ")"))


def test_every_flag_has_a_sentence():
    """A flag that nobody explains to the reader is no flag."""
    assert set(CAUTIONS) == set(FLAGS)
    for flag, sentence in CAUTIONS.items():
        assert sentence[0].isupper(), flag
        assert sentence.endswith("."), flag
        assert "safe" not in sentence.lower()
    assert caution("lock_undone").startswith("Data entry was opened again")
    assert caution("brand_new") == "The record notes “brand new”."


def test_what_blocks_is_told_before_what_informs(cases):
    """The reason of a comparison that failed is what made it fail, however the flags are ordered."""
    text = verdict_sentence(cases["not estimable, what informs comes first"], NAMES)
    assert "never varied" in text
    assert "averaged" not in text


def test_described_only_is_not_called_not_estimable(cases):
    """What has an estimate and no interval was described."""
    assert verdict_word(cases["description only"]) == "Described only"
    assert verdict_word(cases["not estimable, flag"]) == "Not estimable"


def test_worth_is_told_by_the_interval(make_outcome, make_estimate):
    """Beyond, across and inside the smallest worthwhile difference are three answers."""
    beyond = make_outcome(mixed_model=make_estimate(5.0, 0.1), sesoi=3.0)
    assert "large enough to matter" in equivalence_sentence(beyond)
    assert "The whole interval lies at or beyond 3" in verdict_sentence(beyond, NAMES)
    across = make_outcome(mixed_model=make_estimate(3.2, 0.5), sesoi=3.0)
    assert "may be larger or smaller than 3" in equivalence_sentence(across)
    assert "is not settled" in verdict_sentence(across, NAMES)
    down = make_outcome(mixed_model=make_estimate(-5.0, 0.1), sesoi=3.0, verdict="harm")
    assert "large enough to matter" in equivalence_sentence(down)


def test_one_possible_order_is_no_test(make_outcome):
    """With one order nothing was counted."""
    one = RandomizationResult(
        statistic=1.0, n_as_extreme=1, n_sequences=1, p_value=1.0, smallest_p=1.0, exact=True
    )
    assert randomization_sentence(make_outcome(randomization_test=one)).startswith("Nothing but this order")


def test_who_moves_in_the_test_is_told(make_outcome):
    """In place stays what the comparison leaves out; a reversal turns blocks; a family and a factor are told beside it."""
    outcome = make_outcome()
    three = (*outcome.by_condition, replace(outcome.by_condition[0], condition="half"))
    pair, turned = (
        replace(
            outcome, by_condition=three, randomization_test=replace(outcome.randomization_test, permute=how)
        )
        for how in ("contrast", "reversal")
    )
    assert "outside the comparison left in place" in randomization_sentence(pair)
    assert "outside the comparison" not in randomization_sentence(outcome)
    assert "whole blocks have the comparison turned round" in randomization_sentence(turned)
    every = Contrast(name="trend", weights={"on": 1.0, "half": 1.0, "off": -2.0})
    assert "left in place" not in randomization_sentence(replace(pair, contrast=every))
    other = replace(outcome.randomization_test, n_as_extreme=4, n_sequences=4096, p_value=4 / 4096)
    told = randomization_sentence(replace(pair, closed_test=other, factor_test=other))
    assert "(closed test): p = .00098" in told
    assert "4 of 4,096 in which its levels change places" in told


def test_lowering_flags_come_first():
    """What lowers the claim is read before what only informs."""
    flags = ("outliers", "order_confounded", "singular", "outliers", "unplanned_look")
    assert ordered(flags) == ("order_confounded", "unplanned_look", "outliers", "singular")
    assert {flag for flag in flags if flag in LOWERING} == set(ordered(flags)[:2])


def test_monte_carlo_and_unattainable_p_are_told(make_outcome):
    """A sample of orders is not the whole, and a design that cannot reach alpha says so."""
    sampled = RandomizationResult(
        statistic=1.0, n_as_extreme=413, n_sequences=100_000, p_value=0.00413, smallest_p=1e-5, exact=False
    )
    sentence = randomization_sentence(make_outcome(randomization_test=sampled))
    assert "413 of 100,000 orders drawn anew by the design's own rule" in sentence
    assert "p ≈ .004." in sentence
    few = RandomizationResult(
        statistic=1.0, n_as_extreme=1, n_sequences=8, p_value=0.25, smallest_p=0.25, exact=True
    )
    assert "this test alone could never have shown an effect" in randomization_sentence(
        make_outcome(randomization_test=few)
    )
    assert randomization_sentence(make_outcome(randomization_test=None)) == ""
