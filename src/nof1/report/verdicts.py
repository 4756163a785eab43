"""The verdict on an outcome: one plain sentence, what it rests on, and the same in technical terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.analysis.flags import LOWERING
from nof1.report import digits
from nof1.report.cautions import caution
from nof1.report.words import Comparison, capitalised, comparison, direction, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.result import Estimate, OutcomeResult

WORTHWHILE = "the smallest difference that the protocol calls worthwhile"


def verdict_sentence(outcome: OutcomeResult, names: Mapping[str, str]) -> str:
    """Say the verdict in one sentence that needs no statistics.

    Parameters
    ----------
    outcome : OutcomeResult
        With its verdict.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    str
        A whole sentence. It never says that there is no effect, and never what to do.
    """
    sides = comparison(outcome, names)
    estimate = outcome.primary
    if outcome.verdict == "not_estimable" or estimate is None or estimate.estimate is None:
        return _not_estimable(outcome, sides)
    sentences = {
        "benefit": _changed,
        "harm": _changed,
        "trivial": _trivial,
        "no_worthwhile_difference": _no_worthwhile_difference,
    }
    return sentences.get(outcome.verdict, _inconclusive)(outcome, sides, estimate)


def because(outcome: OutcomeResult, *, confirm: str = "none", alpha: float = 0.05) -> tuple[str, ...]:
    """Say what else the reader must know to take the verdict for what it is.

    Parameters
    ----------
    outcome : OutcomeResult
        With its verdict.
    confirm : str
        ``randomization_test`` where the protocol asks that the test confirms a claim.
    alpha : float
        The level of the plan.

    Returns
    -------
    tuple of str
        Sentences: what lowered the claim, and what an inconclusive trial could have found.
    """
    estimate = outcome.primary
    if outcome.verdict != "inconclusive" or estimate is None:
        return ()
    sentences = []
    if _leaves_out_zero(estimate):
        lowering = [flag for flag in _flags(outcome) if flag in LOWERING]
        sentences += [
            f"{_interval_name(outcome)} leaves out zero, but {_lowered(caution(flag))}" for flag in lowering
        ]
        test = outcome.randomization_test
        if confirm == "randomization_test" and (test is None or test.p_value is None or test.p_value > alpha):
            found = (
                f"gave {digits.fraction(test)}"
                if test is not None and test.p_value is not None
                else "could not be made"
            )
            sentences.append(
                f"{_interval_name(outcome)} leaves out zero ({digits.p_value(estimate.p_value, alpha)}), but the protocol "
                f"claims an effect only if the randomization test confirms it with p ≤ {digits.level(alpha)}, "
                f"and it {found}."
            )
    sentences += _could_have_found(outcome)
    return tuple(sentences)


def technical(outcome: OutcomeResult, names: Mapping[str, str], *, alpha: float = 0.05) -> str:
    """Give the numbers behind the verdict in one line, as a methods reader wants them.

    Parameters
    ----------
    outcome : OutcomeResult
        With its planned estimate and randomization test.
    names : mapping of str to str
        Condition code to name.
    alpha : float
        The level of the plan.

    Returns
    -------
    str
        Such as ``on − off = 3.1 points (95 % CI −0.4 to 6.6; Kenward–Roger t(9.1) = 2.00, p = .077; …)``.
    """
    estimate = outcome.primary
    if estimate is None or estimate.estimate is None:
        return ""
    decimals = digits.estimate_decimals(estimate)
    value = digits.with_unit(digits.number(estimate.estimate, decimals), outcome.unit)
    parts = []
    if estimate.ci_low is not None:
        ends = digits.interval(estimate.ci_low, estimate.ci_high, decimals)
        parts.append(f"{percent(estimate.level)} CI {ends}")
    if estimate.p_value is not None:
        t = digits.number(estimate.statistic, 2)
        parts.append(f"{_t_name(estimate)}({_df(estimate)}) = {t}, {digits.p_value(estimate.p_value, alpha)}")
    test = outcome.randomization_test
    if test is not None and test.p_value is not None:
        smallest = (
            "" if test.smallest_p is None else f", smallest attainable {digits.proportion(test.smallest_p)}"
        )
        parts.append(f"randomization {digits.fraction(test)}{smallest}")
    inside = f" ({'; '.join(parts)})" if parts else ""
    return f"{comparison(outcome, names).difference} = {value}{inside}"


def equivalence_sentence(outcome: OutcomeResult, *, alpha: float = 0.05) -> str:
    """Say whether the effect has been shown to be too small to matter.

    Parameters
    ----------
    outcome : OutcomeResult
        With its equivalence test.
    alpha : float
        The level of the plan.

    Returns
    -------
    str
        One or two sentences; what was not shown is told as not shown, not as shown to be otherwise.
    """
    test = outcome.equivalence
    if outcome.sesoi is None:
        return "The protocol names no smallest worthwhile difference, so being too small to matter cannot be shown."
    sesoi = digits.with_unit(digits.brief(outcome.sesoi), outcome.unit)
    if test is None or test.equivalent is None:
        return f"Whether the difference is smaller than {sesoi} could not be tested."
    decimals = digits.estimate_decimals(outcome.primary)
    ends = digits.interval(test.ci_low, test.ci_high, decimals)
    numbers = (
        f"{percent(test.level)} interval {ends}, two one-sided tests {digits.p_value(test.p_value, alpha)}"
    )
    if test.equivalent:
        return f"The difference is smaller than {sesoi}, {WORTHWHILE} ({numbers})."
    return f"That the difference is smaller than {sesoi}, {WORTHWHILE}, was not shown ({numbers})."


def randomization_sentence(outcome: OutcomeResult, *, alpha: float = 0.05) -> str:
    """Say what the randomization test counted.

    Parameters
    ----------
    outcome : OutcomeResult
        With its randomization test.
    alpha : float
        The level of the plan.

    Returns
    -------
    str
        Empty where there is no test.
    """
    test = outcome.randomization_test
    if test is None or test.p_value is None:
        return ""
    of_what = (
        "orders that the design could have drawn"
        if test.exact
        else "orders drawn anew by the design's own rule"
    )
    which = (
        ("" if test.permute == "all" else " with the conditions outside the comparison left in place")
        if len(outcome.by_condition) > 2
        else ""
    )
    text = (
        f"Had the order been another one, would the difference have looked as large? {test.n_as_extreme:,} of "
        f"{test.n_sequences:,} {of_what}{which} give one at least as large as the one seen, the true order included: "
        f"p {digits.related(test.p_value, exact=test.exact)}."
    )
    if test.smallest_p is not None and test.smallest_p > alpha:
        text += (
            f" The smallest p that this design can reach is {digits.proportion(test.smallest_p)}, above "
            f"{digits.level(alpha)}: this test alone could never have shown an effect."
        )
    elif test.smallest_p is not None:
        smallest = digits.proportion(test.smallest_p).replace("<", "below")
        text += f" The smallest p that this design can reach is {smallest}."
    return text


def _changed(outcome: OutcomeResult, sides: Comparison, estimate: Estimate) -> str:
    value = estimate.estimate or 0.0
    size = _size(outcome, estimate, abs(value))
    ends = sorted(abs(end) for end in (estimate.ci_low or 0.0, estimate.ci_high or 0.0))
    within = f"{percent(estimate.level)} interval {digits.interval(ends[0], ends[1], digits.estimate_decimals(estimate))}"
    word = "better" if outcome.verdict == "benefit" else "worse"
    how = f"{direction(value)} by {size} ({within})"
    if sides.is_pair:
        return f"With {sides.first}, {outcome.label} was {word} than with {sides.second}: {how}."
    return f"By {sides.first}, {outcome.label} was {word}: {how}."


def _trivial(outcome: OutcomeResult, sides: Comparison, estimate: Estimate) -> str:
    value = estimate.estimate or 0.0
    sesoi = _sesoi(outcome)
    is_better = (value >= 0) == (outcome.better == "higher")
    word = "a little better" if is_better else "a little worse"
    size = _size(outcome, estimate, abs(value))
    where = (
        f"With {sides.first}, {outcome.label} was {word} than with {sides.second}"
        if sides.is_pair
        else (f"By {sides.first}, {outcome.label} was {word}")
    )
    return f"{where}, {direction(value)} by {size}: there, but smaller than {sesoi}, {WORTHWHILE}."


def _no_worthwhile_difference(outcome: OutcomeResult, sides: Comparison, estimate: Estimate) -> str:
    sesoi = _sesoi(outcome)
    test = outcome.equivalence
    ends = (
        None
        if test is None
        else digits.interval(test.ci_low, test.ci_high, digits.estimate_decimals(estimate))
    )
    within = "" if test is None else f" ({percent(test.level)} interval {ends})"
    between = f" between {sides.first} and {sides.second}" if sides.is_pair else f" by {sides.first}"
    return f"Any difference in {outcome.label}{between} is smaller than {sesoi}, {WORTHWHILE}{within}."


def _inconclusive(outcome: OutcomeResult, sides: Comparison, estimate: Estimate) -> str:
    question = (
        f"whether {outcome.label} differs between {sides.first} and {sides.second}"
        if sides.is_pair
        else f"whether {outcome.label} differs by {sides.first}"
    )
    if estimate.ci_low is None or estimate.ci_high is None:
        size = _size(outcome, estimate, abs(estimate.estimate or 0.0))
        seen = f"it was {size} {direction(estimate.estimate or 0.0)}, without a trustworthy interval"
        return f"This trial does not settle {question}: {seen}."
    ends = [_end(outcome, estimate, end) for end in (estimate.ci_low, estimate.ci_high)]
    with_first = f" with {sides.first}" if sides.is_pair else ""
    return (
        f"This trial does not settle {question}: the data fit everything from {ends[0]} to {ends[1]}{with_first} "
        f"({percent(estimate.level)} interval)."
    )


def _not_estimable(outcome: OutcomeResult, sides: Comparison) -> str:
    estimate = outcome.primary
    between = f" between {sides.first} and {sides.second}" if sides.is_pair else f" by {sides.first}"
    what = f"The difference in {outcome.label}{between} could not be estimated"
    if estimate is not None and estimate.estimate is not None:
        size = _size(outcome, estimate, abs(estimate.estimate))
        with_first = f" with {sides.first}" if sides.is_pair else ""
        what = (
            f"The difference in {outcome.label}{between} can be described only, without an interval: "
            f"{size} {direction(estimate.estimate)}{with_first}"
        )
    if estimate is not None and estimate.note:
        return f"{what}: {estimate.note.rstrip('.')}."
    flags = _flags(outcome)
    reason = (
        caution(flags[0]) if flags else (outcome.verdict_reason or "The data do not hold the comparison.")
    )
    return f"{what}. {capitalised(reason)}"


def _could_have_found(outcome: OutcomeResult) -> list[str]:
    """Say what size would have shown itself; half the interval is what zero must be left behind by."""
    estimate = outcome.primary
    if estimate is None or estimate.ci_low is None or estimate.ci_high is None:
        return []
    half = (estimate.ci_high - estimate.ci_low) / 2
    text = (
        f"With this many scores, and as much as they varied, a difference of about "
        f"{digits.with_unit(digits.brief(half, 2), outcome.unit)} or more stands out from zero."
    )
    if outcome.sesoi is not None and half > outcome.sesoi:
        text += f" That is more than {_sesoi(outcome)}, {WORTHWHILE}."
    if outcome.detectable_effect is None:
        return [text]
    effect = digits.with_unit(digits.brief(outcome.detectable_effect, 2), outcome.unit)
    return [
        text,
        f"A trial as precise as this one finds a true difference of {effect} with a chance of {percent(0.8)}.",
    ]


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _leaves_out_zero(estimate: Estimate) -> bool:
    low, high = estimate.ci_low, estimate.ci_high
    return low is not None and high is not None and (low > 0 or high < 0)


def _flags(outcome: OutcomeResult) -> tuple[str, ...]:
    inner = outcome.primary.flags if outcome.primary is not None else ()
    return tuple(dict.fromkeys((*outcome.flags, *inner)))


def _interval_name(outcome: OutcomeResult) -> str:
    return f"The {percent(outcome.level)} interval"


def _size(outcome: OutcomeResult, estimate: Estimate, value: float) -> str:
    return digits.with_unit(digits.number(value, digits.estimate_decimals(estimate)), outcome.unit)


def _end(outcome: OutcomeResult, estimate: Estimate, value: float) -> str:
    return f"{_size(outcome, estimate, abs(value))} {direction(value)}"


def _sesoi(outcome: OutcomeResult) -> str:
    return digits.with_unit(digits.brief(outcome.sesoi), outcome.unit)


def _t_name(estimate: Estimate) -> str:
    return "Kenward–Roger t" if estimate.method in {"mixed_model", "daily_model"} else "t"


def _df(estimate: Estimate) -> str:
    df = estimate.df or 0.0
    return digits.number(df, 0 if float(df).is_integer() else 1)
