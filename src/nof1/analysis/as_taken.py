"""A wrong kit was taken: the plan analyses as randomized; beside it stands the same as taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.analysis.alternative import Alternative
from nof1.analysis.disclosure import kits_taken

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from nof1.analysis.outcome import Question


def as_taken(question: Question) -> Iterator[Alternative]:
    """Yield the planned model by what was taken, where that was not always what was planned.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Yields
    ------
    Alternative
        Only where a wrong kit was taken. Days under a kit of which nothing is known count as missing.
    """
    dataset = question.dataset
    taken = kits_taken(dataset, question.score)
    if taken.isna().all() or dataset.allocation is None:
        return
    held = dict(zip(dataset.allocation["kit"], dataset.allocation["condition"], strict=True))
    frame = dataset.frame(question.score)
    kits = frame["session"].map(taken)
    wrong = kits.notna()
    condition = frame["condition"].mask(wrong, kits.map(held))
    changed = wrong & condition.notna() & (condition != frame["condition"])
    # Days of a period under another kit are a run of their own.
    period = frame["period"].mask(changed, frame["period"] + frame["period"].max())
    value = frame["value"].mask(wrong & condition.isna())
    moved: pd.DataFrame = frame.assign(
        condition=condition.fillna(frame["condition"]), period=period, value=value
    )
    yield Alternative(
        name="as_taken",
        label="by the kit that was taken, not the one that was planned",
        fit=lambda: question.planned_fit(moved),
    )
