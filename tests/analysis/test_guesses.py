"""Guesses of whole trials: counted by hand, in words and numbers that fit each other."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.analysis.analyse import analyse
from nof1.analysis.blinding_index import bang_index, james_index
from nof1.analysis.dataset import Dataset
from nof1.analysis.guesses import (
    blinding_of,
    completed,
    expected_contrast,
    log_scores,
    most_likely,
)
from nof1.scores.locked_tables import GuessRow
from nof1.terms import Mode

from .made import MEANINGS, dataset, protocol, tables_of

THREE = {
    "conditions": {code: {"name": code} for code in ("high", "low", "none")},
    "design": {"kind": "randomized_blocks", "blocks": 3, "period_days": 3},
}


def trial(guesses, *, plan=None, mode=Mode.SELF_BLINDED, blinded=False, index=25):
    """Make a trial with these guesses."""
    plan = plan or protocol()
    tables = tables_of(plan, index=index)
    tables = replace(tables, guesses=tuple(guesses), trial=replace(tables.trial, mode=mode))
    if blinded:
        tables = replace(tables, allocation=None)
    return Dataset.from_tables(tables, protocol=plan, meanings=MEANINGS)


def told(truth, percent):
    """One guess per period: how likely the true condition seemed."""
    return [
        GuessRow(period=period, condition=truth[period], percent=str(share))
        for period, share in enumerate(percent, start=1)
    ]


def test_guesses_beside_the_truth():
    """The last guess of a period counts, a half is don't know, and the table adds up."""
    truth = dataset().condition_of
    guesses = (
        GuessRow(period=1, condition="on", percent="20", at="2026-03-09T10:00:00Z"),
        GuessRow(period=1, condition="on", percent="90", at="2026-03-09T11:00:00Z"),
        GuessRow(period=2, condition="on", percent="50"),
        GuessRow(period=3, condition="off", percent="70"),
        GuessRow(period=4, condition=None, percent=None),
        GuessRow(period=None, condition="on", percent="99"),
    )
    found = blinding_of(trial(guesses))
    assert [guess.guess for guess in found.guesses] == ["on", None, "off", None]
    assert [guess.probability for guess in found.guesses] == pytest.approx([0.9, 0.5, 0.3, None])
    right = (truth[1] == "on") + (truth[3] == "off")
    assert (found.n_guesses, found.n_correct, found.n_wrong, found.n_dont_know) == (4, right, 2 - right, 2)
    assert sum(sum(row.values()) for row in found.counts.values()) == 4
    blinded = blinding_of(trial(guesses, blinded=True))
    assert (blinded.n_guesses, blinded.n_correct, blinded.guesses) == (4, None, ())
    assert (blinded.bang, blinded.james, blinded.log_score, blinded.correct_test) == ({}, None, None, None)


def test_indices_and_tests_of_a_trial():
    """Nine of twelve right, one unsure: every number from the parts that were tested alone."""
    truth = dataset().condition_of
    data = trial(told(truth, [80, 70, 90, 60, 50, 75, 30, 85, 95, 20, 65, 70]))
    found = blinding_of(data)
    assert (found.n_correct, found.n_wrong, found.n_dont_know) == (9, 2, 1)
    for code, said in found.counts.items():
        other = "off" if code == "on" else "on"
        assert found.bang[code] == bang_index(said[code], said[other], said["dont_know"])
    assert found.james == james_index([list(row.values()) for row in found.counts.values()])
    shares = np.array([0.8, 0.7, 0.9, 0.6, 0.5, 0.75, 0.3, 0.85, 0.95, 0.2, 0.65, 0.7])
    assert found.log_score == pytest.approx(np.mean(np.log2(2 * shares)))
    by_hand, bits_by_hand = [], []
    for sequence in data.space:
        same = np.array([sequence[place] == truth[place + 1] for place in range(12)])
        by_hand.append(int(np.sum(np.where(same, shares > 0.5, shares < 0.5))))
        bits_by_hand.append(np.mean(np.log2(2 * np.where(same, shares, 1 - shares))))
    assert found.correct_test.statistic == 9
    assert (found.correct_test.n_as_extreme, found.correct_test.n_sequences) == (
        sum(n >= 9 for n in by_hand),
        64,
    )
    assert found.log_score_test.statistic == pytest.approx(found.log_score)
    assert found.log_score_test.n_as_extreme == sum(bits >= found.log_score - 1e-9 for bits in bits_by_hand)


def test_they_are_in_results_json():
    """Every number has its name there, and the whole can be written."""
    truth = dataset().condition_of
    written = json.loads(json.dumps(analyse(trial(told(truth, [80] * 12))).to_json(), allow_nan=False))
    blinding = written["blinding"]
    assert blinding["bang"]["on"]["value"] == 1.0
    assert len(blinding["bang"]["on"]["ci"]) == 2
    assert blinding["james"]["value"] == 0.0
    assert blinding["correct_test"] == {
        "statistic": 12.0, "n_as_extreme": 1, "n_sequences": 64, "p_value": 1 / 64,
        "smallest_p": 1 / 64, "exact": True,
    }  # fmt: skip
    assert blinding["log_score"] == pytest.approx(np.log2(1.6))


def test_an_open_trial_has_no_indices():
    """Whoever knew has nothing to guess; what was written down all the same is counted only."""
    truth = dataset().condition_of
    found = blinding_of(trial(told(truth, [90] * 12), mode=Mode.OPEN_LABEL))
    assert found.n_correct == 12
    assert (found.bang, found.james, found.log_score, found.correct_test) == ({}, None, None, None)
    assert blinding_of(trial(())).james is None


def test_of_three_conditions_the_largest_is_the_guess():
    """A tie is don't know, and guessing right a third of the time is an index of 0."""
    plan = protocol(**THREE)
    truth = dataset(plan).condition_of
    codes = ("high", "low", "none")
    rows = []
    for period, code in truth.items():
        first = codes[(codes.index(code) + period) % 3]  # right in every third period
        shares = {c: "60" if c == first else "20" for c in codes}
        if period == 9:
            shares = {"high": "40", "low": "40", "none": "20"}
        rows += [GuessRow(period=period, condition=c, percent=p) for c, p in shares.items()]
    found = blinding_of(trial(rows, plan=plan))
    assert (found.n_correct, found.n_wrong, found.n_dont_know) == (2, 6, 1)
    for code in codes:
        said = found.counts[code]
        wrong = sum(said.values()) - said[code] - said["dont_know"]
        assert found.bang[code] == bang_index(said[code], wrong, said["dont_know"], n_conditions=3)
    assert found.james == james_index([list(found.counts[code].values()) for code in codes])
    assert found.correct_test.n_sequences == 6**3
    bits = [np.log2(3 * (0.6 if period % 3 == 0 else 0.2)) for period in range(1, 9)]
    bits.append(np.log2(3 * (0.4 if truth[9] in {"high", "low"} else 0.2)))
    assert found.log_score == pytest.approx(np.mean(bits))


def test_a_period_beyond_the_plan_is_counted_and_not_tested():
    """A spare block is not in the orders of the design."""
    truth = dataset().condition_of
    plan = protocol()
    tables = tables_of(plan)
    extra = replace(tables.allocation[0], period=13)
    tables = replace(
        tables,
        allocation=(*tables.allocation, extra),
        guesses=(*told(truth, [80] * 12), GuessRow(period=13, condition=extra.condition, percent="80")),
    )
    found = blinding_of(Dataset.from_tables(tables, protocol=plan, meanings=MEANINGS))
    assert (found.n_correct, found.correct_test.statistic) == (13, 12)


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        ({"a": 40.0, "b": 35.0, "c": 25.0}, "a"),
        ({"a": 40.0, "b": 40.0, "c": 20.0}, None),
        ({"a": 30.0}, None),
        ({"a": 34.0}, "a"),
        ({"a": 0.0, "b": 0.0, "c": 0.0}, None),
        ({}, None),
    ],
)
def test_the_largest_is_the_guess(percent, expected):
    """Of three conditions the largest number is the guess; what was not named shares the rest."""
    assert most_likely(completed(percent, ("a", "b", "c"))) == expected


@given(st.lists(st.floats(0, 1), min_size=2, max_size=5).filter(lambda shares: sum(shares) > 0.01))
def test_the_log_score_rewards_the_honest_number(shares):
    """Told otherwise than believed, the expected score can only fall; even odds are worth 0 throughout."""
    codes = tuple("abcde"[: len(shares)])
    belief = np.maximum(np.array(shares) / sum(shares), 0.02)
    belief /= belief.sum()
    honest = log_scores(dict(zip(codes, belief, strict=True)), codes)
    for told_otherwise in (np.roll(belief, 1), np.full(len(codes), 1 / len(codes)), np.eye(len(codes))[0]):
        other = log_scores(dict(zip(codes, told_otherwise, strict=True)), codes)
        assert belief @ other <= belief @ honest + 1e-9
    assert log_scores(dict.fromkeys(codes, 1 / len(codes)), codes) == pytest.approx(0, abs=1e-12)
    assert log_scores({}, codes).tolist() == [0.0] * len(codes)


def test_somebody_sure_and_wrong_loses_a_finite_amount():
    """100 % counts as just above 99 %, so one mistake does not decide everything."""
    sure = log_scores({"on": 1.0, "off": 0.0}, ("on", "off"))
    assert sure == pytest.approx([np.log2(2 / 1.01), np.log2(0.02 / 1.01)])


def test_what_was_expected_of_a_contrast():
    """From 1 (sure of the first) to -1; "don't know" is even odds; a period without a guess is not there."""
    guesses = (
        GuessRow(period=1, condition="on", percent="100"),
        GuessRow(period=2, condition="off", percent="75"),
        GuessRow(period=3, condition=None, percent=None),
    )
    assert expected_contrast(trial(guesses), {"on": 1.0, "off": -1.0}) == {1: 1.0, 2: -0.5, 3: 0.0}
