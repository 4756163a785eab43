"""The verdict on an outcome: one plain sentence, what it rests on, and the same in technical terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nof1.analysis.estimation import DESCRIPTION_ONLY
from nof1.analysis.evidence import EVIDENCE_SHORT
from nof1.analysis.flags import LOWERING
from nof1.analysis.verdict import AT_A_BOUND, CONFIRMATION_MISSING, MULTIPLICITY, NOT_CONFIRMED
from nof1.report import digits
from nof1.report.cautions import caution
from nof1.report.looks import evidence_short
from nof1.report.words import (
    VERDICTS,
    Comparison,
    capitalised,
    comparison,
    contrast_name,
    direction,
    label_in,
    listed,
    percent,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.result import Estimate, OutcomeResult

_NOTHING_THERE: Final = frozenset(
    {"no_data", "no_allocation", "single_condition", "condition_absent", "constant_outcome"}
)
"""Flags that say more than any other why there is nothing to compare."""
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
        return _not_estimable(outcome, sides, names)
    sentences = {
        "benefit": _changed,
        "harm": _changed,
        "trivial": _trivial,
        "no_worthwhile_difference": _no_worthwhile_difference,
    }
    return sentences.get(outcome.verdict, _inconclusive)(outcome, sides, estimate)


def verdict_word(outcome: OutcomeResult) -> str:
    """Say the verdict as a heading does.

    Parameters
    ----------
    outcome : OutcomeResult
        With its verdict.

    Returns
    -------
    str
        One of the six; what has an estimate but no interval was described, and is not called not estimable.
    """
    if (
        outcome.verdict == "not_estimable"
        and outcome.primary is not None
        and outcome.primary.estimate is not None
    ):
        return "Described only"
    return VERDICTS[outcome.verdict]


def because(outcome: OutcomeResult, names: Mapping[str, str], *, alpha: float = 0.05) -> tuple[str, ...]:
    """Say what else the reader must know to take the verdict for what it is.

    Parameters
    ----------
    outcome : OutcomeResult
        With its verdict.
    names : mapping of str to str
        Condition code to name.
    alpha : float
        The level of the plan.

    Returns
    -------
    tuple of str
        Sentences: what stands against the claim, which scores lie far out, and what an inconclusive trial
        could have found.
    """
    estimate = outcome.primary
    if estimate is None:
        return ()
    against: dict[str, list[str]] = {}
    for code in outcome.lowered_by:
        claim, objection = _against(outcome, estimate, code, alpha)
        against.setdefault(claim, []).append(objection)
    sentences = _weights(outcome, names)
    sentences += [f"{claim}, but {'; besides, '.join(objections)}." for claim, objections in against.items()]
    sentences += _outlying(outcome, names)
    if outcome.verdict == "inconclusive" and not _leaves_out_zero(outcome):
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
    sesoi = _sesoi(outcome)
    estimate = outcome.primary
    if test is None or test.equivalent is None or estimate is None or estimate.ci_low is None:
        return f"Whether the difference is smaller than {sesoi} could not be tested."
    decimals = digits.estimate_decimals(estimate)
    ends = digits.interval(test.ci_low, test.ci_high, decimals)
    numbers = (
        f"{percent(test.level)} interval {ends}, two one-sided tests {digits.p_value(test.p_value, alpha)}"
    )
    lowered = (
        " This holds by the interval alone; what stands against it is told with the verdict."
        if outcome.lowered_by
        else ""
    )
    if test.equivalent:
        return f"By these data the difference is smaller than {sesoi}, {WORTHWHILE} ({numbers}).{lowered}"
    wide = (
        f"{percent(estimate.level)} interval {digits.interval(estimate.ci_low, estimate.ci_high, decimals)}"
    )
    if _is_beyond(outcome):
        return f"By these data the difference is at least {sesoi}, {WORTHWHILE}: large enough to matter ({wide}).{lowered}"
    return (
        f"The difference may be larger or smaller than {sesoi}, {WORTHWHILE}; that is not settled ({wide}). "
        f"That it is smaller was not shown ({numbers})."
    )


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
    if test is not None and test.n_sequences == 1:
        return "Nothing but this order could have occurred, so there is no randomization test."
    if test is None or test.p_value is None or outcome.primary is None or outcome.primary.estimate is None:
        return ""
    if "constant_outcome" in _flags(outcome):
        return "The score never varied, so no order could have made a difference."
    of_what = (
        "orders that the design could have drawn"
        if test.exact
        else "orders drawn anew by the design's own rule"
    )
    is_part = sum(weight != 0 for weight in outcome.contrast.weights.values()) < len(outcome.by_condition)
    which = ""
    if test.permute == "reversal" and len(outcome.by_condition) > 2:
        which = " in which whole blocks have the comparison turned round"
    elif test.permute != "all" and is_part:
        which = " with the conditions outside the comparison left in place"
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
    return f"{text}{_other_orders(outcome)}"


def _other_orders(outcome: OutcomeResult) -> str:
    """Tell the randomization tests of a family and of a factor, which ask other questions of the same orders."""
    text = ""
    if (closed := outcome.closed_test) is not None and closed.p_value is not None:
        text += (
            " Corrected for comparing several conditions with the same one, by the orders themselves (closed test): p "
            f"{digits.related(closed.p_value, exact=closed.exact)}."
        )
    if (factor := outcome.factor_test) is not None and factor.p_value is not None:
        text += (
            " That this factor does nothing, whatever the level of the other, is a stronger claim, and more orders speak to it: "
            f"{factor.n_as_extreme:,} of {factor.n_sequences:,} in which its levels change places give a difference at least "
            f"as large, p {digits.related(factor.p_value, exact=factor.exact)}."
        )
    return text


def _changed(outcome: OutcomeResult, sides: Comparison, estimate: Estimate) -> str:
    value = estimate.estimate or 0.0
    size = _size(outcome, estimate, abs(value))
    ends = sorted(abs(end) for end in (estimate.ci_low or 0.0, estimate.ci_high or 0.0))
    within = f"{percent(estimate.level)} interval {digits.interval(ends[0], ends[1], digits.estimate_decimals(estimate))}"
    word = "better" if outcome.verdict == "benefit" else "worse"
    how = f"{direction(value)} by {size} ({within})"
    told = _against_sesoi(outcome)
    if sides.is_pair:
        return f"With {sides.first}, {label_in(outcome)} was {word} than with {sides.second}: {how}.{told}"
    return f"By {sides.first}, {label_in(outcome)} was {word}: {how}.{told}"


def _against_sesoi(outcome: OutcomeResult) -> str:
    """Say where an effect lies beside what would matter."""
    if outcome.sesoi is None:
        return ""
    if _is_beyond(outcome):
        return f" The whole interval lies at or beyond {_sesoi(outcome)}, {WORTHWHILE}."
    return f" Whether it reaches {_sesoi(outcome)}, {WORTHWHILE}, is not settled."


def _is_beyond(outcome: OutcomeResult) -> bool:
    """Whether the whole interval lies beyond the smallest effect of interest, on one side."""
    estimate, sesoi = outcome.primary, outcome.sesoi
    if estimate is None or sesoi is None or estimate.ci_low is None or estimate.ci_high is None:
        return False
    return estimate.ci_low >= sesoi or estimate.ci_high <= -sesoi


def _trivial(outcome: OutcomeResult, sides: Comparison, estimate: Estimate) -> str:
    value = estimate.estimate or 0.0
    sesoi = _sesoi(outcome)
    is_better = (value >= 0) == (outcome.better == "higher")
    word = "a little better" if is_better else "a little worse"
    size = _size(outcome, estimate, abs(value))
    where = (
        f"With {sides.first}, {label_in(outcome)} was {word} than with {sides.second}"
        if sides.is_pair
        else (f"By {sides.first}, {label_in(outcome)} was {word}")
    )
    return f"{where}, {direction(value)} by {size}: there, but smaller than {sesoi}, {WORTHWHILE}."


def _no_worthwhile_difference(outcome: OutcomeResult, sides: Comparison, estimate: Estimate) -> str:
    places = digits.estimate_decimals(estimate)
    test = outcome.equivalence
    ends = []
    if test is not None:
        ends.append(f"{percent(test.level)} interval {digits.interval(test.ci_low, test.ci_high, places)}")
    ends.append(
        f"{percent(estimate.level)} interval {digits.interval(estimate.ci_low, estimate.ci_high, places)}"
    )
    between = f" between {sides.first} and {sides.second}" if sides.is_pair else f" by {sides.first}"
    return (
        f"A difference in {label_in(outcome)}{between} of {_sesoi(outcome)} or more in either direction, {WORTHWHILE}, "
        f"does not fit these data ({'; '.join(ends)})."
    )


def _inconclusive(outcome: OutcomeResult, sides: Comparison, estimate: Estimate) -> str:
    question = (
        f"whether {label_in(outcome)} differs between {sides.first} and {sides.second}"
        if sides.is_pair
        else f"whether {label_in(outcome)} differs by {sides.first}"
    )
    if estimate.ci_low is None or estimate.ci_high is None:
        size = _size(outcome, estimate, abs(estimate.estimate or 0.0))
        seen = f"it was {size} {direction(estimate.estimate or 0.0)}, without a trustworthy interval"
        return f"This trial does not settle {question}: {seen}."
    ends = [_end(outcome, estimate, end) for end in (estimate.ci_low, estimate.ci_high)]
    with_first = f" with {sides.first}" if sides.is_pair else ""
    if _leaves_out_zero(outcome):
        return (
            f"This trial does not settle {question}: the {percent(estimate.level)} interval goes from {ends[0]} to "
            f"{ends[1]}{with_first}, but it cannot be taken as it is, for the reason below."
        )
    return (
        f"This trial does not settle {question}: the data fit everything from {ends[0]} to {ends[1]}{with_first} "
        f"({percent(estimate.level)} interval)."
    )


def _not_estimable(outcome: OutcomeResult, sides: Comparison, names: Mapping[str, str]) -> str:
    estimate = outcome.primary
    between = f" between {sides.first} and {sides.second}" if sides.is_pair else f" by {sides.first}"
    what = f"The difference in {label_in(outcome)}{between} could not be estimated"
    if estimate is not None and estimate.estimate is not None:
        size = _size(outcome, estimate, abs(estimate.estimate))
        with_first = f" with {sides.first}" if sides.is_pair else ""
        seen = f"{size} {direction(estimate.estimate)}{with_first}" if estimate.estimate else "none was seen"
        what = f"The difference in {label_in(outcome)}{between} can be described only, without an interval: {seen}"
    flag = blocking_flag(outcome)
    # A flag of its own sentence says more than a note that names codes.
    if estimate is not None and estimate.note and flag in {None, "not_estimable", "analysis_failed"}:
        return f"{what}: {estimate.note.rstrip('.')}."
    empty = [names.get(row.condition, row.condition) for row in outcome.by_condition if not row.n_sessions]
    if flag == "condition_absent" and empty:
        return f"{what}. There is no score under {listed(empty)}."
    reason = caution(flag) if flag else (outcome.verdict_reason or "The data do not hold the comparison.")
    return f"{what}. {capitalised(reason)}"


def blocking_flag(outcome: OutcomeResult) -> str | None:
    """Return the flag that says best why there is no interval.

    Parameters
    ----------
    outcome : OutcomeResult
        With its flags.

    Returns
    -------
    str or None
        What blocks comes before what only informs, however the flags are ordered.
    """
    own = outcome.primary.flags if outcome.primary is not None else ()
    flags = tuple(dict.fromkeys((*own, *outcome.flags)))
    for kind in (_NOTHING_THERE, DESCRIPTION_ONLY, LOWERING, {"not_estimable"}):
        found = next((flag for flag in flags if flag in kind), None)
        if found is not None:
            return found
    return next(iter(flags), None)


def _against(outcome: OutcomeResult, estimate: Estimate, code: str, alpha: float) -> tuple[str, str]:
    """Say what the interval alone would have claimed, and one thing that stands against it."""
    small = f"The {percent(2 * outcome.level - 1)} interval lies within what is too small to matter"
    effect = f"The {percent(outcome.level)} interval leaves out zero"
    told = f"{effect} ({digits.p_value(estimate.p_value, alpha)})"
    if code == MULTIPLICITY:
        p = digits.p_value(outcome.adjusted_p_value, alpha)
        return (
            told,
            f"corrected for the {outcome.n_family} comparisons of the plan {p}, so no difference is claimed",
        )
    if code in {NOT_CONFIRMED, CONFIRMATION_MISSING}:
        test = outcome.randomization_test
        found = (
            f"gave {digits.fraction(test)}"
            if test is not None and test.p_value is not None
            else "could not be made"
        )
        rule = f"the randomization test confirms it with p ≤ {digits.level(alpha)}"
        return told, f"the protocol claims an effect only if {rule}, and it {found}"
    is_small = code == AT_A_BOUND or outcome.verdict_by_interval in {"trivial", "no_worthwhile_difference"}
    if code == EVIDENCE_SHORT:
        return small if is_small else effect, evidence_short(outcome)
    return small if is_small else effect, _lowered(caution(code)).rstrip(".")


def _weights(outcome: OutcomeResult, names: Mapping[str, str]) -> list[str]:
    """Say what a comparison adds up, where its sentence has only its name."""
    sides = comparison(outcome, names)
    if sides.is_pair or not sides.first.endswith("”"):
        return []
    name = contrast_name(outcome.contrast.name)
    text = f"“{name}” is the protocol’s name for {sides.difference}, each condition by its mean; 0 is no difference."
    if sum(max(0.0, float(weight)) for weight in outcome.contrast.weights.values()) > 1.0:
        text += " It adds up several differences, so no two conditions need differ by as much."
    return [text]


def _leaves_out_zero(outcome: OutcomeResult) -> bool:
    estimate = outcome.primary
    if estimate is None or estimate.ci_low is None or estimate.ci_high is None:
        return False
    return estimate.ci_low > 0 or estimate.ci_high < 0


def _outlying(outcome: OutcomeResult, names: Mapping[str, str]) -> list[str]:
    """Name the scores that lie far from the others, and what becomes of the verdict without their pull."""
    if not outcome.outlying:
        return []
    first, n = outcome.outlying[0], len(outcome.outlying)
    value = digits.with_unit(digits.brief(first.value, 4), outcome.unit)
    day = "" if first.day is None else f", day {first.day}"
    text = (
        f"The score of session {first.session}{day}, {value} under {names.get(first.condition, first.condition)}, lies "
        f"{digits.brief(abs(first.distance), 2)} robust standard deviations from the others under that condition"
        f"{f', and {n - 1} more lie far out; none of them was' if n > 1 else '; it was not'} left out for that."
    )
    pulled = outcome.verdict_pulled_in
    if pulled is None or pulled == outcome.verdict:
        return [text]
    which = "it" if n == 1 else "them"
    otherwise = f"With {which} pulled in to the farthest score that is no outlier, the verdict would be “{VERDICTS[pulled]}”."
    return [text, otherwise]


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


def _flags(outcome: OutcomeResult) -> tuple[str, ...]:
    inner = outcome.primary.flags if outcome.primary is not None else ()
    return tuple(dict.fromkeys((*outcome.flags, *inner)))


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
