"""The answer in probabilities: how likely a benefit is, given the scores and the prior of the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nof1.analysis.flags import LOWERING
from nof1.report import digits
from nof1.report.tables import Table
from nof1.report.verdicts import WORTHWHILE
from nof1.report.words import capitalised, comparison, label_in, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.bayes_result import BayesResult, Posterior, PriorName
    from nof1.analysis.result import OutcomeResult

_PRIORS: Final[Mapping[PriorName, str]] = {
    "planned": "As planned",
    "half": "Half as wide",
    "double": "Twice as wide",
    "flat": "Without any",
    "wide": "As planned, with more room for what periods have of their own",
}


def chances(outcome: OutcomeResult, names: Mapping[str, str]) -> tuple[str, ...]:
    """Say how likely a benefit is, in words that need no statistics.

    Parameters
    ----------
    outcome : OutcomeResult
        With its posterior.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    tuple of str
        Sentences, none of which is a verdict; empty where there is no posterior.
    """
    bayes = outcome.bayes
    if bayes is None or bayes.posterior is None or outcome.verdict == "not_estimable":
        return ()
    one = bayes.posterior
    sides = comparison(outcome, names)
    label = label_in(outcome)
    better = (
        f"{label} is better with {sides.first} than with {sides.second}"
        if sides.is_pair
        else f"{label} is better by {sides.first}"
    )
    told = f"Given that, the chance that {better} is {chance(one.p_benefit)}"
    if one.p_worthwhile is not None and one.p_harm is not None:
        sesoi = digits.with_unit(digits.brief(bayes.sesoi), outcome.unit)
        told += (
            f"; that it is better by {sesoi} or more, {WORTHWHILE}, {chance(one.p_worthwhile)}; and that it is worse by "
            f"as much, {chance(one.p_harm)}"
        )
    sentences = [
        _given(outcome, one),
        f"{told}.",
        "The verdict does not rest on this: another prior gives other chances.",
    ]
    if LOWERING.intersection(outcome.flags):
        sentences.append("What stands against a claim stands against these chances as well.")
    return tuple(sentences)


def chances_technical(outcome: OutcomeResult) -> tuple[str, ...]:
    """Give the model, the priors and the posterior in the words of a methods reader.

    Parameters
    ----------
    outcome : OutcomeResult
        With its posterior.

    Returns
    -------
    tuple of str
        One sentence or two; empty where there is no posterior.
    """
    bayes = outcome.bayes
    if bayes is None or bayes.posterior is None or outcome.verdict == "not_estimable":
        return ()
    one = bayes.posterior
    places = digits.estimate_decimals(outcome.primary)
    mean = digits.with_unit(digits.number(one.mean, places), outcome.unit)
    ends = digits.interval(one.ci_low, one.ci_high, places)
    size = (
        "flat"
        if one.effect_sd is None
        else f"normal (0, {digits.with_unit(digits.brief(one.effect_sd), outcome.unit)})"
    )
    return (
        f"Posterior mean {mean}, {percent(bayes.level)} interval {ends}; prior on the difference {size}.",
        _model(bayes),
    )


def priors_table(outcome: OutcomeResult) -> Table | None:
    """Put the same answer under other priors below one another.

    Parameters
    ----------
    outcome : OutcomeResult
        With its posterior.

    Returns
    -------
    Table or None
        None without a posterior.
    """
    bayes = outcome.bayes
    if bayes is None or bayes.posterior is None or outcome.verdict == "not_estimable":
        return None
    places = digits.estimate_decimals(outcome.primary)
    has_sesoi = bayes.sesoi is not None
    found = (bayes.posterior, *bayes.alternatives)
    rows = tuple(
        (
            _prior_name(one, outcome.unit, is_flat=bayes.posterior.effect_sd is None),
            digits.number(one.mean, places),
            digits.interval(one.ci_low, one.ci_high, places),
            chance(one.p_benefit),
            *((chance(one.p_worthwhile), chance(one.p_harm)) if has_sesoi else ()),
        )
        for one in found
    )
    columns = ["Prior on the difference", "Mean", f"{percent(bayes.level)} interval", "Better"]
    if has_sesoi:
        sesoi = digits.with_unit(digits.brief(bayes.sesoi), outcome.unit)
        columns += [f"Better by {sesoi} or more", f"Worse by {sesoi} or more"]
    caption = f"{capitalised(outcome.label)}: chances, and how much they hang on the prior"
    return Table(caption=caption, columns=tuple(columns), rows=rows, emphasis=0)


def chance(share: float | None) -> str:
    """Write a probability as a percentage, and never as 0 or 100.

    Parameters
    ----------
    share : float or None
        0 to 1; None is told as a dash.

    Returns
    -------
    str
        Such as ``97 %``.

    Examples
    --------
    >>> [chance(share).replace(digits.NBSP, " ") for share in (0.966, 0.001, 0.9999)]
    ['97 %', 'below 1 %', 'above 99 %']
    """
    if share is None:
        return digits.NOTHING
    if share < 0.01:
        return f"below {percent(0.01)}"
    if share > 0.99:
        return f"above {percent(0.99)}"
    return percent(round(share, 2))


def _given(outcome: OutcomeResult, one: Posterior) -> str:
    """Say in plain words what was believed before."""
    if one.effect_sd is None:
        return "The protocol states no prior for this outcome, so every size of difference counts as equally likely beforehand."
    most = digits.with_unit(digits.brief(2.0 * one.effect_sd), outcome.unit)
    return (
        f"Before the data the prior of the protocol favours neither side and expects a difference of less than {most}, "
        "nineteen times in twenty."
    )


def _model(bayes: BayesResult) -> str:
    rho = digits.number(bayes.rho, 2)
    if bayes.period_ratio is None:
        return (
            f"Averaged over the resemblance of one day to the next (uniform from {digits.number(-0.3, 1)} to 0.9; "
            f"posterior mean {rho}), without simulation."
        )
    return (
        f"Averaged over the resemblance of one day to the next inside a period (uniform from {digits.number(-0.3, 1)} to "
        f"0.9; posterior mean {rho}) and over what periods have of their own (half-normal with scale 0.5 standard "
        f"deviations of a day; posterior mean {digits.number(bayes.period_ratio, 2)}), without simulation."
    )


def _prior_name(one: Posterior, unit: str, *, is_flat: bool) -> str:
    name = _PRIORS.get(one.name, one.name)
    if is_flat and one.name == "planned":
        return _PRIORS["flat"]
    if is_flat and one.name == "wide":
        return "Without any, with more room for what periods have of their own"
    if one.effect_sd is None or one.name == "wide":
        return name
    return f"{name} (SD {digits.with_unit(digits.brief(one.effect_sd), unit)})"
