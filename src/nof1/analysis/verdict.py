"""One of six words for an outcome, by a rule that was fixed before anyone had seen a score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from scipy import special

from nof1.analysis.estimation import DESCRIPTION_ONLY
from nof1.analysis.flags import FLAGS, LOWERING

if TYPE_CHECKING:
    from nof1.analysis.result import Estimate, RandomizationResult, Verdict

AT_A_BOUND: Final = "floor_or_ceiling"
"""The flag that takes away what says that an effect is small: at the end of a scale it could not show."""
NOT_CONFIRMED: Final = "not_confirmed"
CONFIRMATION_MISSING: Final = "confirmation_missing"
MULTIPLICITY: Final = "multiplicity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, why it was given, and what it would have been by the intervals alone.

    Attributes
    ----------
    verdict : str
        One of the six words.
    reason : str
        One sentence or two.
    by_interval : str
        The word before anything stood against it.
    lowered_by : tuple of str
        What stood against it: flags, ``confirmation_missing``, ``not_confirmed``, ``multiplicity``.
    """

    verdict: Verdict
    reason: str
    by_interval: Verdict
    lowered_by: tuple[str, ...] = ()


def decide(
    estimate: Estimate | None,
    *,
    better: Literal["higher", "lower"],
    sesoi: float | None = None,
    alpha: float = 0.05,
    confirm: RandomizationResult | Literal["none", "missing"] = "none",
    flags: tuple[str, ...] = (),
) -> Judgement:
    """Give the verdict and the reason for it.

    Let b be the effect, signed so that positive is better, [L, U] its interval at 1 - alpha, [l, u] the one
    at 1 - 2 alpha, and d the smallest effect of interest. In this order: ``not_estimable`` without an
    interval; ``trivial`` if L > 0 or U < 0, and yet -d < l and u < d; ``benefit`` if L > 0; ``harm`` if
    U < 0; ``no_worthwhile_difference`` if -d < l and u < d; else ``inconclusive``.

    A flag that lowers a claim turns each of the four into inconclusive; scores at the end of their scale those
    two that call an effect small. Where the randomization test had to confirm an effect and did not, benefit and
    harm become inconclusive, and trivial (there is an effect, a small one) loses its first half.

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
    Judgement
        Verdict and reasons.

    Examples
    --------
    >>> effect = Estimate(estimate=-2.0, se=0.5, df=9.0, ci_low=-3.13, ci_high=-0.87, method="mixed_model")
    >>> decide(effect, better="lower").verdict, decide(effect, better="higher").verdict
    ('benefit', 'harm')
    >>> decide(effect, better="lower", flags=("order_confounded",)).verdict
    'inconclusive'
    """
    ends = None if estimate is None else estimate.interval(1.0 - alpha)
    inner = None if estimate is None else estimate.interval(1.0 - 2.0 * alpha)
    if estimate is None or ends is None or inner is None:
        return Judgement(
            verdict="not_estimable", reason=_why_not(estimate, flags), by_interval="not_estimable"
        )
    (low, high), (inner_low, inner_high) = (
        (pair if better == "higher" else (-pair[1], -pair[0])) for pair in (ends, inner)
    )
    is_small = sesoi is not None and -sesoi < inner_low and inner_high < sesoi
    is_effect = low > 0.0 or high < 0.0
    interval = f"the {100.0 * (1.0 - alpha):.4g} % interval goes from {ends[0]:.4g} to {ends[1]:.4g}"
    inside = f"the {100.0 * (1.0 - 2.0 * alpha):.4g} % interval lies within ±{sesoi}"
    found: Verdict = "inconclusive"
    reason = f"{interval.capitalize()}: it holds 0, and more than what is too small to matter."
    shown = inside if is_small else interval
    if is_small and is_effect:
        found, reason = "trivial", f"There is an effect ({interval}), and {inside}: too small to matter."
    elif is_small:
        found, reason = "no_worthwhile_difference", f"{inside.capitalize()}."
    elif is_effect:
        found = "benefit" if low > 0.0 else "harm"
        reason = f"{interval.capitalize()} and leaves out 0."
    against = _against(found, confirm, alpha, flags)
    verdict = lowered(found, tuple(against))
    if verdict == "no_worthwhile_difference" and against:
        reason = (
            f"{inside.capitalize()}; that there is an effect at all is not confirmed: {_listed(against)}."
        )
    elif against:
        reason = f"Although {shown}, {_listed(against)}."
    return Judgement(verdict=verdict, reason=reason, by_interval=found, lowered_by=tuple(against))


def corrected(
    judgement: Judgement, p_value: float, adjusted: float, n_family: int, alpha: float
) -> Judgement:
    """Take back a claim of an effect that does not survive the correction for its family.

    Parameters
    ----------
    judgement : Judgement
        From `decide`.
    p_value, adjusted : float
        Before and after the correction.
    n_family : int
        Tests of the family.
    alpha : float
        Level of the plan.

    Returns
    -------
    Judgement
        The same where no effect is claimed, or the adjusted p is at most `alpha`.
    """
    if judgement.verdict not in {"benefit", "harm", "trivial"} or adjusted <= alpha:
        return judgement
    told = (
        f"Corrected for the {n_family} tests of the plan, p is {adjusted:.2g}, above {alpha:.3g}"
        f" (before correction {p_value:.2g})."
    )
    return Judgement(
        verdict=lowered(judgement.verdict, (MULTIPLICITY,)),
        reason=f"{judgement.reason} {told}",
        by_interval=judgement.by_interval,
        lowered_by=(*judgement.lowered_by, MULTIPLICITY),
    )


def lowered(verdict: Verdict, against: tuple[str, ...]) -> Verdict:
    """Return what is left of a verdict.

    Parameters
    ----------
    verdict : str
        By the intervals alone.
    against : tuple of str
        What stands against it, as in `Judgement.lowered_by`.

    Returns
    -------
    str
        The same where nothing does.

    Examples
    --------
    >>> lowered("trivial", ("not_confirmed",)), lowered("trivial", ("order_confounded",))
    ('no_worthwhile_difference', 'inconclusive')
    """
    if not against or verdict in {"not_estimable", "inconclusive"}:
        return verdict
    only_the_effect = {NOT_CONFIRMED, CONFIRMATION_MISSING, MULTIPLICITY}.issuperset(against)
    return "no_worthwhile_difference" if verdict == "trivial" and only_the_effect else "inconclusive"


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
    own = tuple(estimate.flags if estimate else ())
    found = [flag for flag in own if flag in DESCRIPTION_ONLY]
    found += [flag for flag in (*own, *flags) if flag in LOWERING] or [*(own or flags)][::-1]
    return f"There is no interval: {FLAGS[found[0]]}." if found else "There is no interval."


def _against(
    found: Verdict,
    confirm: RandomizationResult | Literal["none", "missing"],
    alpha: float,
    flags: tuple[str, ...],
) -> dict[str, str]:
    """Return what stands against a claim, each with its reason in words."""
    if found == "inconclusive":
        return {}
    against = {flag: FLAGS[flag] for flag in flags if flag in LOWERING}
    is_effect = found != "no_worthwhile_difference"
    if found in {"trivial", "no_worthwhile_difference"} and AT_A_BOUND in flags:
        against[AT_A_BOUND] = FLAGS[AT_A_BOUND]
    if not is_effect or confirm == "none":
        return against
    if confirm == "missing" or confirm.p_value is None:
        against[CONFIRMATION_MISSING] = "the randomization test that had to confirm it could not be made"
    elif confirm.p_value > alpha:
        against[NOT_CONFIRMED] = (
            f"the randomization test that had to confirm it gave {confirm.n_as_extreme}/{confirm.n_sequences}"
            f" = {confirm.p_value:.3g}, above {alpha:.3g}"
        )
    return against


def _listed(against: dict[str, str]) -> str:
    return "; ".join(against.values())
