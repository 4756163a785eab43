"""What is told beside the numbers of a plan: what carry-over takes, what was assumed, what stands out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from nof1.analysis.planned import Assumptions, PlannedPower
    from nof1.protocol.model import Protocol

MOST_LEFT = 0.1
"""Share of an effect that may be left a day later before daily periods are called too short."""
LOSES_LITTLE = 0.95
LIKELY = 0.5
"""Power for the smallest effect of interest below which a trial is more likely to miss it than to find it."""
SHORT_DAYS = 20
"""Up to this many days the closed form of the daily model was up to 0.08 too high in simulations."""

UNKNOWN_SPREAD = (
    "How much the score varies is not known before the run-in, so effects are told in SD of a score."
)


def beside(in_unit: float | None) -> str:
    """Write what an effect in SD is in the unit of the score, to stand behind it.

    Parameters
    ----------
    in_unit : float or None
        [unit]

    Returns
    -------
    str
        Such as `` (0.12 in the score's unit)``; empty where it is not known.
    """
    return f" ({in_unit:.2g} in the score's unit)" if in_unit else ""


def smallest_effect(sesoi: Decimal | None, sesoi_sd: float) -> str:
    """Write the smallest effect of interest.

    Parameters
    ----------
    sesoi : Decimal
        [unit]
    sesoi_sd : float
        [SD of a score]

    Returns
    -------
    str
        Such as ``the smallest effect of interest, 0.2 (1.4 SD)``.
    """
    return f"the smallest effect of interest, {sesoi} ({sesoi_sd:.1f} SD)"


def unknown_carry_over(protocol: Protocol) -> str:
    """Say that nothing is known about how fast an effect fades.

    Parameters
    ----------
    protocol : Protocol
        Of which no condition has a half-life.

    Returns
    -------
    str
        One sentence.
    """
    codes = [code for code, one in protocol.conditions.items() if one.is_active] or list(protocol.conditions)
    keys = ", ".join(f"conditions.{code}.half_life" for code in codes)
    return f"What carry-over takes cannot be told, since nothing says how fast the effect fades: {keys} is empty."


def daily_carry_over(half_life: str, left: float, kept: float) -> str:
    """Say what is left a day later, and what the daily model keeps.

    Parameters
    ----------
    half_life : str
        As the protocol writes it.
    left, kept : float
        Shares of the effect.

    Returns
    -------
    str
        One or two sentences.
    """
    told = (
        f"With a half-life of {half_life}, {percent(left)} of an effect is left when the next period comes, and the "
        f"estimate keeps {percent(kept)} of it."
    )
    return told if left <= MOST_LEFT else f"{told} Longer periods, or days between them, lose less."


def period_carry_over(half_life: str, half_life_days: float, spared_days: int, kept: float) -> str:
    """Say what the mixed model keeps.

    Parameters
    ----------
    half_life : str
        As the protocol writes it.
    half_life_days : float
        [days]
    spared_days : int
        Onset and washout together [days].
    kept : float
        Share of the effect.

    Returns
    -------
    str
        One or two sentences.
    """
    told = f"With a half-life of {half_life}, the estimate keeps {percent(kept)} of an effect."
    if kept >= LOSES_LITTLE or spared_days >= 3 * half_life_days:
        return told
    return f"{told} Three half-lives are {math.ceil(3 * half_life_days)} days; onset and washout are {spared_days}."


def assumptions(
    protocol: Protocol, assumed: Assumptions, prompts: float, noise: float | None
) -> tuple[str, ...]:
    """Say what was assumed.

    Parameters
    ----------
    protocol : Protocol
        The plan.
    assumed : Assumptions
        The numbers.
    prompts : float
        Scores a day.
    noise : float or None
        What a score varies by chance alone [unit].

    Returns
    -------
    tuple of str
        One sentence each.
    """
    correlated = (
        f"Scores of neighbouring days correlate {assumed.rho:g}"
        if prompts <= 1
        else f"What the scores of a day have in common correlates {assumed.rho:g} with that of the next day"
    )
    told = [f"{correlated}; no day is missing; the effect is the same all along."]
    if protocol.analysis.model != "daily":
        told.append(f"Periods differ by {assumed.period_sd:g} SD of a score beyond what their days explain.")
    if prompts > 1:
        told.append(
            f"The {prompts:g} scores of a day are averaged; {percent(assumed.day_share)} of a score's variance is "
            "common to them."
        )
    told.append(_about_spread(assumed, noise))
    if protocol.analysis.confirm == "randomization_test":
        told.append(
            "A finding needs the randomization test beside the primary analysis; the chance that both find it is drawn "
            "where few blocks give few orders, and elsewhere that of a t-test on the same comparisons, at the level that "
            "can be reached."
        )
    return tuple(told)


def notes(
    protocol: Protocol,
    n_days: int,
    *,
    is_testable: bool,
    equivalence: float | None,
    sesoi: PlannedPower | None,
    needed: tuple[int, str] | None = None,
) -> tuple[str, ...]:
    """Say what stands out.

    Parameters
    ----------
    protocol : Protocol
        The plan.
    n_days : int
        Days that count, in all.
    is_testable : bool
        Whether anything can be tested.
    equivalence : float or None
        Half of the interval that equivalence rests on [SD of a score].
    sesoi : PlannedPower or None
        The smallest effect of interest.
    needed : tuple of (int, str) or None
        How many blocks or periods find it with 80 %, and which of the two.

    Returns
    -------
    tuple of str
        One sentence each; empty where nothing does.
    """
    told = []
    if not n_days:
        told.append(
            f"{protocol.outcomes.primary.score} is not due on any day that counts: see sessions and design.onset_days."
        )
    elif not is_testable:
        told.append("There are too few periods for a standard error: nothing can be tested.")
    elif protocol.analysis.model == "daily" and n_days <= SHORT_DAYS:
        told.append(f"In {SHORT_DAYS} days or fewer the power can be up to 0.08 lower.")
    chance = None if sesoi is None else sesoi.power if sesoi.confirmed is None else sesoi.confirmed
    if chance is not None and chance < LIKELY:
        more = "" if needed is None else f"; for 0.8 about {needed[0]} {needed[1]} are needed"
        told.append(
            "This trial will probably end inconclusive: the smallest effect of interest is found with chance "
            f"{chance:.2f}{more}."
        )
    if equivalence is not None and sesoi is not None and equivalence >= sesoi.effect_sd:
        told.append(
            f"That there is no effect of interest can hardly be shown: the interval is expected to reach "
            f"{equivalence:.2g} SD to either side, and sesoi is {sesoi.effect_sd:.2g} SD."
        )
    return tuple(told)


def percent(share: float) -> str:
    """Write a share for people.

    Parameters
    ----------
    share : float
        0 to 1.

    Returns
    -------
    str
        Such as ``36 %``.
    """
    return f"{100 * share:.0f} %"


def _about_spread(assumed: Assumptions, noise: float | None) -> str:
    if assumed.score_sd is not None:
        return f"A score varies by {assumed.score_sd:g} from day to day (SD)."
    if noise is None:
        return UNKNOWN_SPREAD
    return (
        f"By the chance of its trials alone a session varies by {noise:g} (SD, simulated). A score is taken to vary by "
        f"{noise / math.sqrt(1 - assumed.day_share):.3g}, since in one person about half of the variance of a session "
        "is chance (Sliwinski et al. 2018, doi:10.1177/1073191116643164). The run-in tells more."
    )
