"""A verdict that rests on evidence block by block: what is claimed must hold whenever one might have stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nof1.analysis.e_value import EValue, e_value
from nof1.analysis.observed import observe
from nof1.analysis.paired_blocks import block_differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from nof1.analysis.result import Verdict
    from nof1.analysis.verdict import Judgement

EVIDENCE_SHORT: Final = "evidence_short"
"""What stands against a claim that the evidence does not bear."""


def block_evidence(frame: pd.DataFrame, contrast: Mapping[str, float], level: float) -> EValue:
    """Return the e-value of the differences within complete blocks.

    Parameters
    ----------
    frame : DataFrame
        As for `fit_paired_blocks`.
    contrast : mapping of str to float
        Weights of the conditions.
    level : float
        Of the interval.

    Returns
    -------
    EValue
        No evidence where there are no blocks.
    """
    weights = dict(contrast)
    return e_value(block_differences(observe(frame, weights), weights), level=level)


def borne_out(
    judgement: Judgement, evidence: EValue, inner: EValue, *, alpha: float, sesoi: float | None
) -> Judgement:
    """Take back what the evidence does not bear.

    That there is an effect needs an e-value of 1 / alpha after some block; that it is too small to matter
    needs the anytime interval at 1 - 2 alpha within the smallest effect of interest.

    Parameters
    ----------
    judgement : Judgement
        By the planned model.
    evidence, inner : EValue
        With intervals at 1 - alpha and at 1 - 2 alpha.
    alpha : float
        Level of the plan.
    sesoi : float or None
        Smallest effect size of interest [unit].

    Returns
    -------
    Judgement
        The same where the evidence bears it.
    """
    is_effect = evidence.largest >= 1.0 / alpha
    is_small = sesoi is not None and -sesoi < inner.ci_low and inner.ci_high < sesoi
    left: dict[Verdict, Verdict] = {
        "benefit": "benefit" if is_effect else "inconclusive",
        "harm": "harm" if is_effect else "inconclusive",
        "trivial": ("trivial" if is_effect else "no_worthwhile_difference") if is_small else "inconclusive",
        "no_worthwhile_difference": "no_worthwhile_difference" if is_small else "inconclusive",
    }
    verdict = left.get(judgement.verdict, judgement.verdict)
    if verdict == judgement.verdict:
        return judgement
    told = (
        f"Looks were allowed after any block, so the plan asks for an e-value of {1.0 / alpha:.4g};"
        f" the largest was {evidence.largest:.3g}."
    )
    return replace(
        judgement,
        verdict=verdict,
        reason=f"{judgement.reason} {told}",
        lowered_by=(*judgement.lowered_by, EVIDENCE_SHORT),
    )
