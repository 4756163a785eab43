"""Whether a value can be a value of its score, told as sentences with the range and the unit."""

from __future__ import annotations

import difflib
import statistics
from typing import TYPE_CHECKING

from nof1.encoding import decimal_text
from nof1.errors import EntryError
from nof1.scores.model import Score
from nof1.scores.number import read_number, shortened
from nof1.terms import MissingReason, ScoreName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from nof1.battery.catalogue import ScoreSpec
    from nof1.scores.number import Number

MISSING_REASONS = tuple(reason.value for reason in MissingReason)
"""What may stand in a column of reasons."""

_ENOUGH_RUN_IN = 5
_FAR_SDS = 4


def check_number(spec: ScoreSpec, number: Number) -> str | None:
    """Say what is wrong with a number as a value of its score.

    Parameters
    ----------
    spec : ScoreSpec
        Unit, range, and whether it counts in whole numbers.
    number : Number
        The value.

    Returns
    -------
    str or None
        Such as ``found 7.2; the range is −4.6 to 4.6 d'``; None if the value can be.
    """
    low, high = spec.range
    if not low <= number.value <= high:
        return f"found {number.text}; the range is {_shown(low)} to {_shown(high)} {spec.unit}".rstrip()
    if spec.whole and number.value != number.value.to_integral_value():
        return f"found {number.text}; a whole number is needed"
    return None


def read_score(spec: ScoreSpec, text: str, *, missing_reason: str = "", decimal_comma: bool = False) -> Score:
    """Read the value of a score, or why there is none.

    Parameters
    ----------
    spec : ScoreSpec
        The score.
    text : str
        As typed; empty: missing.
    missing_reason : str
        One of `MISSING_REASONS`; empty with an empty value becomes ``other``.
    decimal_comma : bool
        As in `read_number`.

    Returns
    -------
    Score
        Value or reason.

    Raises
    ------
    EntryError
        If the value cannot be; without the name of the score.
    """
    reason = missing_reason.strip(" \t").lower()
    if reason and reason not in MISSING_REASONS:
        raise EntryError(
            f"found the reason {shortened(missing_reason)!r}; write one of {', '.join(MISSING_REASONS)}"
        )
    if not text.strip(" \t"):
        return Score(name=spec.name, number=None, missing_reason=MissingReason(reason or MissingReason.OTHER))
    if reason:
        raise EntryError(
            f"found the value {shortened(text)!r} and the reason {reason!r} why it is missing; give one of them"
        )
    number = read_number(text, decimal_comma=decimal_comma)
    if wrong := check_number(spec, number):
        raise EntryError(wrong)
    return Score(name=spec.name, number=number)


def read_scores(specs: Mapping[ScoreName, ScoreSpec], given: Mapping[str, str]) -> tuple[Score, ...]:
    """Read scores that were given by name, such as ``--set day.mood=7``.

    Parameters
    ----------
    specs : mapping of ScoreName to ScoreSpec
        The scores of the protocol.
    given : mapping of str to str
        Name to what was typed. A name may be written without its instrument where only one has it; a value may be
        a reason such as ``forgot``.

    Returns
    -------
    tuple of Score
        In the order given.

    Raises
    ------
    EntryError
        If a name is unknown or a value cannot be; one line for each.
    """
    scores: list[Score] = []
    wrong: list[str] = []
    for typed, text in given.items():
        try:
            spec = specs[find_score(specs, typed)]
            is_reason = text.strip(" \t").lower() in MISSING_REASONS
            scores.append(
                read_score(spec, "" if is_reason else text, missing_reason=text if is_reason else "")
            )
        except EntryError as error:
            wrong.append(f"{typed}: {error}")
    names = [score.name for score in scores]
    wrong += [f"{name}: found twice; give it once" for name in dict.fromkeys(names) if names.count(name) > 1]
    if wrong:
        raise EntryError("\n".join(wrong))
    return tuple(scores)


def find_score(
    specs: Mapping[ScoreName, ScoreSpec], typed: str, *, instrument: str | None = None
) -> ScoreName:
    """Find the score that a name stands for.

    Parameters
    ----------
    specs : mapping of ScoreName to ScoreSpec
        The scores of the protocol.
    typed : str
        ``day.mood``, or ``mood`` alone.
    instrument : str or None
        The instrument to which a name without one belongs; None: to whichever alone has it.

    Returns
    -------
    ScoreName
        The full name.

    Raises
    ------
    EntryError
        If there is no such score, or several.
    """
    name = typed.strip(" \t")
    if name in specs:
        return ScoreName(name)
    if instrument is not None:
        if f"{instrument}.{name}" in specs:
            return ScoreName(f"{instrument}.{name}")
        own = [known.partition(".")[2] for known in specs if known.startswith(f"{instrument}.")]
        raise EntryError(f"{instrument} has no score {shortened(name)!r}; {nearest(name, own)}")
    same = [known for known in specs if known.partition(".")[2] == name]
    if len(same) > 1:
        raise EntryError(f"{name!r} may be {' or '.join(same)}; write the whole name")
    if same:
        return same[0]
    raise EntryError(f"the protocol has no score {shortened(name)!r}; {nearest(name, specs)}")


def nearest(found: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant.

    Parameters
    ----------
    found : str
        What was written.
    known : iterable of str
        What could have been.

    Returns
    -------
    str
        ``did you mean 'value'?``, or the list of known names.

    Examples
    --------
    >>> nearest("valeu", ["at", "score", "value"])
    "did you mean 'value'?"
    """
    names = list(known)
    folded = {name.lower(): name for name in names}
    close = difflib.get_close_matches(found.lower(), folded, n=1)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"known are {shown}" if names else "none is known"


def far_from_run_in(number: Number, run_in: Sequence[Decimal]) -> bool:
    """Whether a value lies so far from those of the run-in that a slip is likely, and one should ask again.

    Parameters
    ----------
    number : Number
        The value.
    run_in : sequence of Decimal
        Values of the same score in the run-in.

    Returns
    -------
    bool
        More than four standard deviations from the mean; False with fewer than five values or without spread.

    Examples
    --------
    >>> from decimal import Decimal
    >>> earlier = [Decimal(n) for n in (10, 11, 12, 11, 10)]
    >>> far_from_run_in(read_number("110"), earlier), far_from_run_in(read_number("12"), earlier)
    (True, False)
    """
    if len(run_in) < _ENOUGH_RUN_IN:
        return False
    spread = statistics.stdev(run_in)
    return spread > 0 and abs(number.value - statistics.mean(run_in)) > _FAR_SDS * spread


def _shown(bound: Decimal) -> str:
    return decimal_text(bound).replace("-", "−")
