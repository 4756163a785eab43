"""The guesses beside the truth: who was right how often, what the probabilities were worth, and how that compares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from nof1.analysis.blinding_index import bang_index, james_index
from nof1.analysis.blinding_summary import BlindingSummary, GuessRow
from nof1.analysis.guess_test import guess_test
from nof1.analysis.randomization_test import seeded
from nof1.terms import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.analysis.dataset import Dataset
    from nof1.analysis.trend import Floats

DONT_KNOW: Final = "dont_know"
"""Name of the column of guesses that name no condition."""
LEAST_SHARE: Final = 0.01
"""What 0 % counts as in the log score: one mistake of somebody sure would otherwise weigh without limit."""


def blinding_of(dataset: Dataset) -> BlindingSummary:
    """Set the guesses beside the conditions, with indices and tests; while blinded only count them.

    Parameters
    ----------
    dataset : Dataset
        The trial.

    Returns
    -------
    BlindingSummary
        The last guess of each period counts. The most likely condition is the guess, a tie is "don't know".
        Indices and tests are None in an open trial, where there was nothing to guess.
    """
    rows = guess_rows(dataset)
    if dataset.is_blinded:
        return BlindingSummary(n_guesses=len(rows))
    codes = tuple(map(str, dataset.protocol.condition_codes))
    counts = {
        truth: {
            said: sum(row.condition == truth and (row.guess or DONT_KNOW) == said for row in rows)
            for said in (*codes, DONT_KNOW)
        }
        for truth in codes
    }
    correct = sum(counts[code][code] for code in codes)
    unknown = sum(counts[code][DONT_KNOW] for code in codes)
    total = sum(sum(row.values()) for row in counts.values())
    summary = BlindingSummary(
        n_guesses=len(rows),
        n_correct=correct,
        n_wrong=total - correct - unknown,
        n_dont_know=unknown,
        guesses=rows,
        counts=counts,
    )
    return _judged(dataset, summary) if total and dataset.trial["mode"] != Mode.OPEN_LABEL else summary


def guess_rows(dataset: Dataset) -> tuple[GuessRow, ...]:
    """Return the last guess about each period.

    Parameters
    ----------
    dataset : Dataset
        The trial.

    Returns
    -------
    tuple of GuessRow
        In order of period; guesses about the whole trial are not there.
    """
    codes = tuple(map(str, dataset.protocol.condition_codes))
    told = dataset.guesses[dataset.guesses["period"].notna()]
    rows = []
    for period, all_of_it in told.groupby("period"):
        last = all_of_it["at"].fillna("").max()
        held = all_of_it[all_of_it["at"].fillna("") == last]
        percent = {
            str(c): float(p) for c, p in zip(held["condition"], held["percent"], strict=True) if pd.notna(p)
        }
        shares = completed(percent, codes)
        number = int(float(str(period)))
        rows.append(
            GuessRow(
                period=number,
                condition=dataset.condition_of.get(number),
                guess=most_likely(shares),
                probability=shares.get(codes[0]),
                shares=shares,
            )
        )
    return tuple(rows)


def completed(percent: Mapping[str, float], codes: Sequence[str]) -> dict[str, float]:
    """Turn what was told of a guess into a share for every condition.

    Parameters
    ----------
    percent : mapping of str to float
        How likely each condition seemed. What is left of 100 belongs to the conditions that were not named.
    codes : sequence of str
        All conditions.

    Returns
    -------
    dict of str to float
        Adding to 1, in the order of `codes`; empty where nothing was told.

    Examples
    --------
    >>> completed({"on": 30.0}, ("on", "off"))
    {'on': 0.3, 'off': 0.7}
    """
    rest = [code for code in codes if code not in percent]
    left = max(0.0, 100.0 - sum(percent.values()))
    whole = {code: percent[code] if code in percent else left / len(rest) for code in codes}
    total = sum(whole.values())
    return {code: value / total for code, value in whole.items()} if percent and total > 0.0 else {}


def most_likely(shares: Mapping[str, float]) -> str | None:
    """Return the condition that was thought most likely, or None for a tie or no guess.

    Parameters
    ----------
    shares : mapping of str to float
        How likely each condition seemed.

    Returns
    -------
    str or None
        A condition.

    Examples
    --------
    >>> most_likely({"on": 0.3, "off": 0.7}), most_likely({"on": 0.5, "off": 0.5})
    ('off', None)
    """
    top = max(shares.values(), default=0.0)
    first = [code for code, share in shares.items() if share > top - 1e-9]
    return first[0] if len(first) == 1 else None


def log_scores(shares: Mapping[str, float], codes: Sequence[str]) -> Floats:
    """Return what a guess is worth under each condition, over even odds.

    The logarithm is the one score that rewards nothing but the honest probability, and it adds up to the
    information about the conditions that the guesses hold.

    Parameters
    ----------
    shares : mapping of str to float
        How likely each condition seemed, adding to 1; empty for "don't know", which is worth 0.
    codes : sequence of str
        All conditions.

    Returns
    -------
    ndarray of shape (k,)
        log2(k p) [bits]; shares below .01 count as .01.

    References
    ----------
    Good 1952, doi:10.1111/j.2517-6161.1952.tb00104.x.

    Examples
    --------
    >>> log_scores({"on": 0.75, "off": 0.25}, ("on", "off")).round(3).tolist()
    [0.585, -1.0]
    """
    if not shares:
        return np.zeros(len(codes))
    held = np.maximum([shares[code] for code in codes], LEAST_SHARE)
    return np.asarray(np.log2(len(codes) * held / held.sum()))


def expected_contrast(dataset: Dataset, weights: Mapping[str, float]) -> dict[int, float]:
    """Return what the participant expected of a contrast in each period that was guessed at.

    Parameters
    ----------
    dataset : Dataset
        The trial.
    weights : mapping of str to float
        The contrast.

    Returns
    -------
    dict of int to float
        Period to the sum of weight times share, "don't know" as even shares; for a pair from 1 (sure of the
        first) to -1 (sure of the second).
    """
    codes = tuple(map(str, dataset.protocol.condition_codes))
    even = dict.fromkeys(codes, 1.0 / len(codes))
    return {
        row.period: sum(weights.get(code, 0.0) * share for code, share in (row.shares or even).items())
        for row in guess_rows(dataset)
    }


def _judged(dataset: Dataset, summary: BlindingSummary) -> BlindingSummary:
    """Add indices, log score and randomization tests."""
    codes = tuple(map(str, dataset.space.conditions))
    rows = [row for row in summary.guesses if row.condition and row.period <= dataset.space.n_periods]
    counts = summary.counts
    right = np.zeros((dataset.space.n_periods, len(codes)))
    bits = np.zeros_like(right)
    for row in rows:
        right[row.period - 1] = [float(code == row.guess) for code in codes]
        bits[row.period - 1] = log_scores(row.shares, codes) / len(rows)
    truth = {row.period - 1: codes.index(str(row.condition)) for row in rows}
    known = {place: codes[column] for place, column in truth.items()}
    digest = bytes.fromhex(dataset.protocol_sha256)
    return replace(
        summary,
        bang={
            code: bang_index(
                said[code],
                sum(said.values()) - said[code] - said[DONT_KNOW],
                said[DONT_KNOW],
                n_conditions=len(codes),
            )
            for code, said in counts.items()
        },
        james=james_index([list(said.values()) for said in counts.values()]),
        log_score=float(sum(bits[place, column] for place, column in truth.items())),
        correct_test=guess_test(right, known, dataset.space, seeded(digest, "guesses", "correct")),
        log_score_test=guess_test(bits, known, dataset.space, seeded(digest, "guesses", "log score")),
    )
