"""The prior that the protocol states, and what the scores of one outcome make of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nof1.analysis.bayes_grid import effect_posterior
from nof1.protocol.scalars import EFFECT_IN_SESOI

if TYPE_CHECKING:
    import pandas as pd

    from nof1.analysis.bayes_result import BayesResult
    from nof1.analysis.outcome import Question


def belief(question: Question, frame: pd.DataFrame) -> BayesResult:
    """Answer a question in probabilities, under the prior of the protocol.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.
    frame : DataFrame
        The scores that count.

    Returns
    -------
    BayesResult
        It informs; the verdict does not depend on it.
    """
    return effect_posterior(
        frame,
        question.contrast.weights,
        question.trend,
        effect_sd=prior_sd(question),
        sesoi=question.sesoi,
        better=question.meaning.better,
        daily=question.is_daily,
        block_effect=question.dataset.protocol.analysis.block_effect,
        level=question.level,
    )


def prior_sd(question: Question) -> float | None:
    """Return the standard deviation of the prior on an effect, in the unit of its score.

    A number in the protocol is meant in the unit of the primary outcome. Another outcome gets the same multiple of
    its own smallest effect size of interest, where both have one.

    Parameters
    ----------
    question : Question
        Score, contrast and plan.

    Returns
    -------
    float or None
        [unit]; None where the protocol gives none for this outcome: then the prior is flat.
    """
    protocol, sesoi = question.dataset.protocol, question.sesoi
    stated, primary = protocol.analysis.prior.effect_sd, protocol.outcomes.primary
    if isinstance(stated, Decimal):
        if question.score == str(primary.score):
            return float(stated)
        multiple = None if primary.sesoi is None else float(stated / primary.sesoi)
    else:
        match = EFFECT_IN_SESOI.fullmatch(stated)
        multiple = None if match is None else float(match[1])
    found = None if multiple is None or sesoi is None else multiple * sesoi
    return found or None
