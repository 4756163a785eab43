"""One of six words for an outcome, by a rule that was fixed before anyone had seen a score."""

from __future__ import annotations

import math
from typing import Literal

from scipy import special

from nof1.analysis.flags import FLAGS, LOWERING
from nof1.analysis.result import Estimate, RandomizationResult, Verdict


def decide(
    estimate: Estimate | None,
    *,
    better: Literal["higher", "lower"],
    sesoi: float | None = None,
    alpha: float = 0.05,
    confirm: RandomizationResult | Literal["none", "missing"] = "none",
    flags: tuple[str, ...] = (),
) -> tuple[Verdict, str]:
    """Give the verdict and the reason for it.

    Let b be the effect, signed so that positive is better, [L, U] its interval at 1 - alpha, [l, u] the one
    at 1 - 2 alpha, and d the smallest effect of interest. In this order: ``not_estimable`` without an
    interval; ``trivial`` if L > 0 or U < 0, and yet -d < l and u < d; ``benefit`` if L > 0; ``harm`` if
    U < 0; ``no_worthwhile_difference`` if -d < l and u < d; else ``inconclusive``. Benefit and harm become
    inconclusive where the randomization test had to confirm and did not, or a flag lowers the claim.

    Parameters
    ----------
    estimate : Estimate or None
        Of the primary analysis.
    better : {"higher", "lower"}
        Which direction of the score is the better one.
    sesoi : float or None
        Smallest effect size of interest [unit]; without it ``trivial`` and ``no_worthwhile_difference``
        cannot occur.
    alpha : float
        Level of the plan.
    confirm : RandomizationResult, "none" or "missing"
        The test that must confirm; ``missing`` where it had to and could not be made.
    flags : tuple of str
        All flags of the outcome. A flag may lower a claim, never raise it.

    Returns
    -------
    tuple of (str, str)
        Verdict, and one sentence.

    Examples
    --------
    >>> effect = Estimate(estimate=-2.0, se=0.5, df=9.0, ci_low=-3.13, ci_high=-0.87, method="mixed_model")
    >>> decide(effect, better="lower")[0], decide(effect, better="higher")[0]
    ('benefit', 'harm')
    >>> decide(effect, better="lower", flags=("order_confounded",))[0]
    'inconclusive'
    """
    ends = None if estimate is None else estimate.interval(1.0 - alpha)
    inner = None if estimate is None else estimate.interval(1.0 - 2.0 * alpha)
    if estimate is None or ends is None or inner is None:
        return "not_estimable", _why_not(estimate, flags)
    (low, high), (inner_low, inner_high) = (
        (pair if better == "higher" else (-pair[1], -pair[0])) for pair in (ends, inner)
    )
    is_small = sesoi is not None and -sesoi < inner_low and inner_high < sesoi
    interval = f"the {100.0 * (1.0 - alpha):.4g} % interval goes from {ends[0]:.4g} to {ends[1]:.4g}"
    inside = f"the {100.0 * (1.0 - 2.0 * alpha):.4g} % interval lies within ±{sesoi}"
    if is_small and (low > 0.0 or high < 0.0):
        return "trivial", f"There is an effect ({interval}), and {inside}: too small to matter."
    if low > 0.0 or high < 0.0:
        lowered = _lowered(confirm, alpha, flags)
        if lowered:
            return "inconclusive", f"Although {interval}, {lowered}."
        return ("benefit" if low > 0.0 else "harm"), f"{interval.capitalize()} and leaves out 0."
    if is_small:
        return "no_worthwhile_difference", f"{inside.capitalize()}."
    return "inconclusive", f"{interval.capitalize()}: it holds 0, and more than what is too small to matter."


def detectable_effect(estimate: Estimate | None, *, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """Return the effect that a trial as precise as this one finds with a given power.

    Parameters
    ----------
    estimate : Estimate or None
        Its standard error and degrees of freedom count.
    alpha : float
        Level of the test.
    power : float
        Chance to find it.

    Returns
    -------
    float or None
        (t at 1 - alpha / 2 plus t at power) times the standard error [unit].
    """
    if estimate is None or estimate.se is None or estimate.df is None:
        return None
    quantiles = special.stdtrit(estimate.df, [1.0 - alpha / 2.0, power])
    effect = float(quantiles.sum()) * estimate.se
    return effect if math.isfinite(effect) else None


def _why_not(estimate: Estimate | None, flags: tuple[str, ...]) -> str:
    if estimate is not None and estimate.note:
        return f"There is no interval: {estimate.note}."
    found = [flag for flag in (estimate.flags if estimate else ()) if flag in LOWERING] or list(
        estimate.flags if estimate else flags
    )
    return f"There is no interval: {FLAGS[found[-1]]}." if found else "There is no interval."


def _lowered(
    confirm: RandomizationResult | Literal["none", "missing"], alpha: float, flags: tuple[str, ...]
) -> str:
    """Say what stands against a claim; empty if nothing does."""
    reasons = [FLAGS[flag] for flag in flags if flag in LOWERING]
    if confirm == "missing" or (isinstance(confirm, RandomizationResult) and confirm.p_value is None):
        reasons.append("the randomization test that had to confirm it could not be made")
    elif isinstance(confirm, RandomizationResult) and (confirm.p_value or 0.0) > alpha:
        reasons.append(
            f"the randomization test that had to confirm it gave {confirm.n_as_extreme}/{confirm.n_sequences}"
            f" = {confirm.p_value:.3g}, above {alpha:.3g}"
        )
    return "; ".join(reasons)
