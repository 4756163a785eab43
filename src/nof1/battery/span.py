"""Spans: lists that grow after a right answer and shrink after two wrong ones.

References
----------
Woods et al. 2011, PMC2978794 (one up, two down; mean span varies less than the longest list). The mean span here is the
length at which half of the lists would be right: (start − 0.5) + the share right at each length from the start on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.battery.form import Rule
from nof1.battery.run import is_right
from nof1.battery.scoring import usable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.battery.run import Run

SHORTEST = 2
PRACTICE_LISTS = 2


def staircase(start: int, longest: int) -> Rule:
    """Return the rule of a span test.

    Parameters
    ----------
    start, longest : int
        Items of the first list and of the longest one.

    Returns
    -------
    Rule
        One right: one item more. Two wrong: one item less, but two are the fewest.
    """
    return Rule(kind="staircase", start=start, lowest=min(start, SHORTEST), highest=longest, down_after=2)


def scores(run: Run) -> dict[str, float | None]:
    """Compute the scores that all spans have.

    Parameters
    ----------
    run : Run
        Of a span test.

    Returns
    -------
    dict of str to float or None
        By score.
    """
    (rule,) = (block.rule for block in run.form.blocks if block.rule.kind == "staircase")
    lists = [(one.record.length or 0, is_right(one.trial, one.record)) for one in usable(run.given)]
    if not lists:
        return dict.fromkeys(("mean_span", "te_ml", "max_len", "total_correct"))
    return {
        "mean_span": mean_span(lists, rule.start or SHORTEST),
        "te_ml": last_before_two_errors(lists),
        "max_len": max((length for length, right in lists if right), default=0),
        "total_correct": sum(right for _, right in lists),
    }


def mean_span(lists: Sequence[tuple[int, bool]], start: int) -> float:
    """Return the mean span.

    Parameters
    ----------
    lists : sequence of (int, bool)
        Length of each list, and whether it was right.
    start : int
        Length of the first list.

    Returns
    -------
    float
        (start − 0.5) + Σ share right at each length from the start on; a length that never came adds 0.

    Examples
    --------
    >>> mean_span([(3, True), (4, True), (5, True), (6, True), (7, False), (7, False), (6, False)], 3)
    6.0
    """
    total = start - 0.5
    for length in range(start, max(length for length, _ in lists) + 1):
        rights = [right for one, right in lists if one == length]
        total += sum(rights) / len(rights) if rights else 0
    return total


def last_before_two_errors(lists: Sequence[tuple[int, bool]]) -> int:
    """Return the length of the last right list before the first two errors in a row at one length.

    Parameters
    ----------
    lists : sequence of (int, bool)
        Length of each list, and whether it was right, in order.

    Returns
    -------
    int
        0 where none was right before.
    """
    last = 0
    before: tuple[int, bool] | None = None
    for length, right in lists:
        if not right and before == (length, False):
            break
        if right:
            last = length
        before = (length, right)
    return last


def with_product(found: dict[str, float | None]) -> dict[str, float | None]:
    """Add the product of older manuals: longest right list × right lists.

    Parameters
    ----------
    found : dict of str to float or None
        From `scores`.

    Returns
    -------
    dict of str to float or None
        With ``product``.
    """
    longest, right = found["max_len"], found["total_correct"]
    return {**found, "product": None if longest is None or right is None else longest * right}
