"""The same model with other scores: without a block, without what is in doubt, with outliers that count for less."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from nof1.analysis.alternative import Alternative, unavailable
from nof1.analysis.disclosure import TAKEN_FROM
from nof1.analysis.fewest import FEWEST_DAYS, FEWEST_SETS
from nof1.analysis.outlying import why_not_pulled_in, with_outliers_pulled_in
from nof1.analysis.robust import fit_robust
from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from nof1.analysis.outcome import Question
    from nof1.analysis.result import Estimate

Bools = npt.NDArray[np.bool_]
MOST_BLOCKS: Final = 20
"""Blocks up to which each is left out once."""
FEWEST_BLOCKS: Final = 4
FEWEST_SCORES: Final = 3
MOST_FILLED: Final = 0.2
"""Share of missing scores above which filling them in says more about the filling than about the trial."""
NO_DOUBT: Final = frozenset({"late", "corrected"})
"""Flags of sessions that have a row of their own, or cast no doubt on the score."""


def without_blocks(question: Question) -> Iterator[Alternative]:
    """Yield the planned model without each block in turn.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Yields
    ------
    Alternative
        One per block, where enough of them stay.
    """
    frame = question.dataset.frame(question.score)
    blocks = sorted(int(block) for block in frame["block"].dropna().unique())
    if not FEWEST_BLOCKS <= len(blocks) <= MOST_BLOCKS:
        reason = "the design has no blocks" if len(blocks) < 2 else f"there are {len(blocks)} blocks"
        yield unavailable("without_block", "without each block in turn", reason)
        return
    for block in blocks:

        def fit(block: int = block) -> Estimate:
            return question.planned_fit(frame[frame["block"] != block])

        yield Alternative(name=f"without_block_{block}", label=f"without block {block}", fit=fit)


def halves(question: Question) -> Iterator[Alternative]:
    """Yield the planned model in the first half of the trial, and in the second.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Yields
    ------
    Alternative
        Two, of whole blocks where there are any; or the reason why there are none.
    """
    frame = question.dataset.frame(question.score)
    unit = "block" if frame["block"].notna().any() else "period"
    places = sorted(frame[unit].dropna().unique())
    # A daily half needs the days without which nothing is tested, another half its complete sets of periods.
    fewest = 2 * FEWEST_DAYS if question.is_daily else 4 * FEWEST_SETS
    if frame["period"].nunique() < fewest or len(places) < (2 * FEWEST_SETS if unit == "block" else 2):
        yield unavailable("first_half", "each half of the trial by itself", "the halves would be too short")
        return
    middle = places[(len(places) + 1) // 2]
    for name, label, inside in (
        ("first_half", "first half of the trial alone", frame[unit] < middle),
        ("second_half", "second half of the trial alone", frame[unit] >= middle),
    ):

        def fit(inside: pd.Series[bool] = inside) -> Estimate:
            return question.planned_fit(frame[inside])

        yield Alternative(name=name, label=label, fit=fit)


def robust(question: Question) -> Iterator[Alternative]:
    """Yield medians, ranks, and outliers pulled in.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Yields
    ------
    Alternative
        Medians for periods of several days.
    """
    unit = "days" if question.is_daily else "periods"
    labels: dict[Literal["medians", "ranks"], str] = {
        "medians": "medians of periods instead of means, by the randomization test",
        "ranks": f"ranks of {unit} instead of scores, by the randomization test",
    }
    for statistic, label in labels.items():
        if statistic == "medians" and question.is_daily:
            continue
        if question.dataset.space.size == 1:
            yield unavailable(statistic, label, "the order was not randomized")
            continue

        def fit(statistic: Literal["medians", "ranks"] = statistic) -> Estimate:
            return fit_robust(
                question.dataset.frame(question.score),
                question.dataset.space,
                question.contrast.weights,
                question.trend,
                statistic=statistic,
                permute=question.permute,
                sequence=question.dataset.sequence,
                level=question.level,
            )

        yield Alternative(name=statistic, label=label, fit=fit)
    tamed = with_outliers_pulled_in(question.dataset.frame(question.score))
    label = "outliers pulled in to the farthest score that is none"
    if tamed is None:
        reason = why_not_pulled_in(question.dataset.frame(question.score))
        yield unavailable("winsorised", label, reason)
        return
    yield Alternative(name="winsorised", label=label, fit=lambda: question.planned_fit(tamed))


def in_doubt(question: Question) -> Iterator[Alternative]:
    """Yield the planned model without sessions that carry a flag, and with those that the plan leaves out for one.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Yields
    ------
    Alternative
        One for each flag that occurs, one without any of them, and one without sparse periods.
    """
    frame = question.dataset.frame(question.score)
    values, missing = frame["value"], frame["value"].isna()
    marks = _marks(question, frame)
    late = np.asarray(frame["late"].astype(bool) & ~missing, dtype=np.bool_)
    doubts: dict[str, tuple[str, Bools]] = {"late": ("without late entries", late)} if late.any() else {}
    for flag in sorted(
        {flag for held in marks[~missing] for flag in held if not flag.startswith(TAKEN_FROM)} - NO_DOUBT
    ):
        told = f"without sessions flagged “{flag.replace('_', ' ')}”"
        doubts[flag] = (told, np.array([flag in held for held in marks], dtype=np.bool_))
    if len(doubts) > 1:
        together = np.logical_or.reduce([mask for _, mask in doubts.values()])
        doubts["flagged"] = ("without any flagged session", together)
    if not doubts:
        yield unavailable("without_flagged", "without flagged sessions", "no session carries a flag")
    for flag, (label, mask) in doubts.items():

        def fit(mask: Bools = mask) -> Estimate:
            return question.planned_fit(frame.assign(value=values.mask(mask)))

        yield Alternative(name=f"without_{flag}", label=label, fit=fit)
    everything = _with_excluded(question, frame)
    if len(everything) > len(frame):
        yield Alternative(
            name="with_excluded",
            label="with the sessions that were left out for a flag or a reason",
            fit=lambda: question.planned_fit(everything),
        )
    sparse = frame.groupby("period")["value"].transform("count") < FEWEST_SCORES
    if not question.is_daily and (sparse & ~missing).any() and not sparse.all():
        yield Alternative(
            name="without_sparse",
            label=f"without periods of fewer than {FEWEST_SCORES} scores",
            fit=lambda: question.planned_fit(frame[~sparse]),
        )


def _marks(question: Question, frame: pd.DataFrame) -> pd.Series:
    """Return the flags of every row."""
    rows = question.dataset.planned(question.score)
    flags = dict(zip(rows["session"], rows["flags"], strict=True))
    held = [flags.get(session) or () for session in frame["session"]]
    return pd.Series(held, index=frame.index, dtype=object)


def _with_excluded(question: Question, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of the plan, and those after the onset that were left out for another reason."""
    rows = question.dataset.planned(question.score)
    onset = question.dataset.protocol.design.onset_days
    in_period = rows["day_in_period"]
    counted = (rows["kind"] == PeriodKind.TREATMENT) & (in_period.isna() | (in_period > onset))
    held = rows[counted & (rows["analysed"].astype(bool) | rows["value"].notna())]
    return held[list(frame.columns)].reset_index(drop=True)


def missing_scores(question: Question) -> Iterator[Alternative]:
    """Yield where the planned estimate goes if missing scores were filled in, against a benefit and towards it.

    Invented scores are no data: the standard error stays that of the plan, and there is no test.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Yields
    ------
    Alternative
        Two, or the reason why there are none.
    """
    frame = question.dataset.frame(question.score)
    missing = frame["value"].isna()
    reason = ""
    if question.sesoi is None:
        reason = "the protocol names no smallest worthwhile difference"
    elif not missing.any() or missing.all():
        reason = "every score is missing" if missing.any() else "no row of the data is without a score"
    elif missing.mean() > MOST_FILLED:
        reason = f"more than {100 * MOST_FILLED:.0f} % of the scores are missing: too many to invent"
    if reason or question.sesoi is None:
        yield unavailable("missing", "missing scores filled in, against and towards benefit", reason)
        return
    for sign, name, label in ((-1.0, "missing_against", "against"), (1.0, "missing_for", "towards")):

        def fit(shift: float = sign * question.sesoi) -> Estimate:
            planned = question.planned_fit(frame)
            filled = question.planned_fit(frame.assign(value=_filled(frame, question, shift)))
            return replace(
                planned,
                estimate=filled.estimate,
                df=None,
                statistic=None,
                p_value=None,
                ci_low=None,
                ci_high=None,
                details={},
            )

        text = f"missing scores filled in, the smallest worthwhile difference {label} benefit"
        yield Alternative(name=name, label=text, fit=fit)


def _filled(frame: pd.DataFrame, question: Question, shift: float) -> pd.Series[float]:
    """Fill missing scores with the mean of their period, or of their condition, moved up or down.

    A shift towards the effect raises the conditions with a positive weight if the score is better when
    higher, and lowers them otherwise.
    """
    towards = 1.0 if question.meaning.better == "higher" else -1.0
    weight = frame["condition"].map(dict(question.contrast.weights)).fillna(0.0).astype(float)
    mean = frame.groupby("period")["value"].transform("mean")
    mean = mean.fillna(frame.groupby("condition")["value"].transform("mean"))
    return frame["value"].fillna(mean + 0.5 * shift * towards * np.sign(weight))
