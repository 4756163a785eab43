"""The prior on an effect that a protocol states, in the unit of each score."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nof1.protocol.scalars import EFFECT_IN_SESOI

if TYPE_CHECKING:
    from nof1.protocol.model import Protocol


def prior_sd(protocol: Protocol, score: str, sesoi: float | None) -> float | None:
    """Return the standard deviation of the prior on an effect.

    A number in the protocol is meant in the unit of the primary outcome. Another outcome gets the same multiple of
    its own smallest effect size of interest, where both have one.

    Parameters
    ----------
    protocol : Protocol
        With its prior and its outcomes.
    score : str
        Of which outcome.
    sesoi : float or None
        Its smallest effect size of interest [unit].

    Returns
    -------
    float or None
        [unit]; None where the protocol gives none for this outcome: then the prior is flat.
    """
    stated, primary = protocol.analysis.prior.effect_sd, protocol.outcomes.primary
    if isinstance(stated, Decimal):
        if score == str(primary.score):
            return float(stated)
        multiple = None if primary.sesoi is None else float(stated / primary.sesoi)
    else:
        match = EFFECT_IN_SESOI.fullmatch(stated)
        multiple = None if match is None else float(match[1])
    found = None if multiple is None or sesoi is None else multiple * sesoi
    return found or None
