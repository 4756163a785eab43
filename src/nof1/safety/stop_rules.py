"""Stop rules, watched on blinded data: which are met by what was observed, and on which days.

A rule is met once as many days as it asks for have fulfilled it. Days that met it before are spent: it is met again
when as many new ones have come, so that nobody is told the same thing at every entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Literal

from nof1.encoding import decimal_text
from nof1.protocol.stop_rules import stop_condition

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from nof1.protocol.model import StopRule
    from nof1.protocol.stop_rules import StopCondition
    from nof1.safety.observed import Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A stop rule that is met.

    Attributes
    ----------
    rule : str
        As the protocol writes it.
    action : {"pause", "stop"}
        What the protocol says then.
    day : int
        The last of the days.
    evidence : tuple of str
        What met it, such as ``day 12: harms.headache 8``.
    """

    rule: str
    action: Literal["pause", "stop"]
    day: int
    evidence: tuple[str, ...]


def rules_met(
    rules: Sequence[StopRule], observed: Sequence[Observed], spent: Mapping[str, Collection[str]]
) -> tuple[Met, ...]:
    """Find the rules that are met now and were not told yet.

    Parameters
    ----------
    rules : sequence of StopRule
        Of the protocol in force.
    observed : sequence of Observed
        Everything that was measured and recorded until now, in any order.
    spent : mapping of str to collection of str
        Rule, as written, to the evidence of the times when it was met before.

    Returns
    -------
    tuple of Met
        In the order of the protocol; the same whatever the conditions were.

    Examples
    --------
    >>> from nof1.protocol.model import StopRule
    >>> from nof1.safety.observed import Observed
    >>> rule = StopRule(when="harms.* >= 7 on 2 days", do="pause")
    >>> seen = [Observed(score="harms.nausea", day=day, value=Decimal(8)) for day in (3, 9)]
    >>> rules_met([rule], seen, {})[0].evidence
    ('day 3: harms.nausea 8', 'day 9: harms.nausea 8')
    >>> rules_met([rule], seen, {rule.when: ("day 3: harms.nausea 8", "day 9: harms.nausea 8")})
    ()
    """
    met = []
    in_order = sorted(observed, key=lambda one: (one.day, one.score, one.value))
    from_where = cache(lambda score: baseline(score, observed))
    for rule in rules:
        condition = stop_condition(rule.when)
        told = {text.partition(":")[0] for text in spent.get(rule.when, ())}
        hits = [
            one for one in in_order if _fulfils(one, condition, from_where) and f"day {one.day}" not in told
        ]
        if len({one.day for one in hits}) >= condition.days:
            evidence = tuple(
                dict.fromkeys(f"day {one.day}: {one.score} {decimal_text(one.value)}" for one in hits)
            )
            met.append(Met(rule=rule.when, action=rule.do, day=hits[-1].day, evidence=evidence))
    return tuple(met)


def _fulfils(one: Observed, condition: StopCondition, from_where: Callable[[str], Decimal]) -> bool:
    instrument, _, score = one.score.partition(".")
    if instrument != condition.instrument or condition.score not in {"*", score}:
        return False
    value = one.value
    if condition.from_baseline:
        if one.in_run_in:
            return False
        value -= from_where(one.score)
    match condition.relation:
        case ">=":
            return value >= condition.number
        case "<=":
            return value <= condition.number
        case ">":
            return value > condition.number
    return value < condition.number


def baseline(score: str, observed: Sequence[Observed]) -> Decimal:
    """Return from where a rise is counted.

    Parameters
    ----------
    score : str
        ``<instrument>.<score>``.
    observed : sequence of Observed
        At least one of this score.

    Returns
    -------
    Decimal
        Mean of the run-in; where nothing was measured in it, the first value.
    """
    own = [one for one in observed if one.score == score]
    practice = [one.value for one in own if one.in_run_in]
    if practice:
        return sum(practice, Decimal(0)) / len(practice)
    return min(own, key=lambda one: one.day).value
