"""One way to ask the question otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.analysis.result import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Its stable name, what it does otherwise in words, and the fit.

    Attributes
    ----------
    name : str
        Stable code, such as ``trend_linear``.
    label : str
        What differs from the plan.
    fit : callable
        Makes the estimate.
    """

    name: str
    label: str
    fit: Callable[[], Estimate]


def unavailable(name: str, label: str, reason: str) -> Alternative:
    """Return an alternative that these data or this plan do not have, with the reason.

    Parameters
    ----------
    name, label : str
        As in `Alternative`.
    reason : str
        Why it is not there, as half a sentence.

    Returns
    -------
    Alternative
        Its estimate is None, and its note the reason.
    """
    return Alternative(
        name=name, label=label, fit=lambda: Estimate(estimate=None, method="none", note=reason)
    )
