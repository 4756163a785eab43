"""Numbers as a reader should meet them: as many digits as the data carry, a true minus sign, no p of 0."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nof1.analysis.blinding_summary import GuessTest
    from nof1.analysis.result import Estimate, RandomizationResult

MINUS = "\N{MINUS SIGN}"
NBSP = "\N{NO-BREAK SPACE}"
NOTHING = "\N{EN DASH}"
"""What a table shows where there is no number."""


def decimals_for(spread: float | None) -> int:
    """Return how many decimals a number deserves whose uncertainty is `spread`.

    A difference of 0.123456 with a standard error of 0.043 is known to two digits of that error, so
    it is printed as 0.123; more digits would claim a precision that nobody has.

    Parameters
    ----------
    spread : float or None
        Standard error, or another measure of uncertainty [same unit as the number].

    Returns
    -------
    int
        0 to 8; 2 where there is no usable spread.

    Examples
    --------
    >>> decimals_for(0.043), decimals_for(3.1), decimals_for(250)
    (3, 1, 0)
    """
    if spread is None or not math.isfinite(spread) or spread <= 0:
        return 2
    return min(8, max(0, 1 - math.floor(math.log10(spread))))


def estimate_decimals(estimate: Estimate | None) -> int:
    """Return how many decimals an estimate deserves, from its standard error.

    Parameters
    ----------
    estimate : Estimate or None
        Without a standard error the width of the interval decides, and without one the size of the estimate.

    Returns
    -------
    int
        Number of decimals.
    """
    if estimate is None:
        return 2
    if estimate.se:
        return decimals_for(estimate.se)
    if estimate.ci_low is not None and estimate.ci_high is not None:
        return decimals_for((estimate.ci_high - estimate.ci_low) / 4)
    return decimals_for(abs(estimate.estimate) / 10 if estimate.estimate else None)


def number(value: float | None, decimals: int = 2) -> str:
    """Write a number with fixed decimals.

    Parameters
    ----------
    value : float or None
        Any number; None is told as a dash.
    decimals : int
        Digits after the point.

    Returns
    -------
    str
        With a true minus sign, commas from 10,000 on, and never a negative zero.

    Examples
    --------
    >>> number(-0.0001, 2), number(12345.6, 0), number(-1.5, 1)
    ('0.00', '12,346', '−1.5')
    """
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = _fixed(abs(value), decimals)
    is_zero = not any(digit in "123456789" for digit in text)
    return f"{MINUS}{text}" if value < 0 and not is_zero else text


def brief(value: float | None, digits: int = 3) -> str:
    """Write a number with so many significant digits, without zeros that say nothing.

    Parameters
    ----------
    value : float or None
        Any number; None is told as a dash.
    digits : int
        Significant digits.

    Returns
    -------
    str
        Such as ``0.3`` or ``12.5``.

    Examples
    --------
    >>> brief(0.30), brief(12.4567), brief(-2)
    ('0.3', '12.5', '−2')
    """
    if value is None or not math.isfinite(value) or value == 0:
        return number(value, 0)
    decimals = min(8, max(0, digits - 1 - math.floor(math.log10(abs(value)))))
    text = number(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_unit(text: str, unit: str, *, is_end: bool = False) -> str:
    """Put a unit behind a number so that the two are never torn apart.

    Parameters
    ----------
    text : str
        A number.
    unit : str
        May be empty.
    is_end : bool
        Whether it is the end of a range: ``0 to 1 points``.

    Returns
    -------
    str
        ``12 ms`` with a space that does not break; ``40%`` without one; ``5 per s`` for ``1/s``; ``1 point``.
    """
    if not unit:
        return text
    if not is_end and text.lstrip("−") == "1" and unit.isalpha() and len(unit) > 3 and unit.endswith("s"):
        unit = unit[:-1]
    if unit.startswith("1/"):
        unit = f"per{NBSP}{unit[2:]}"
    return f"{text}{unit}" if unit == "%" else f"{text}{NBSP}{unit}"


def interval(low: float | None, high: float | None, decimals: int = 2) -> str:
    """Write two ends of an interval.

    Parameters
    ----------
    low, high : float or None
        Ends; infinite ones are named in words.
    decimals : int
        Digits after the point.

    Returns
    -------
    str
        Such as ``−0.4 to 6.6``.

    Examples
    --------
    >>> interval(-0.42, 6.6, 1), interval(float("-inf"), float("inf"))
    ('−0.4 to 6.6', 'no limit to no limit')
    """
    if low is None or high is None:
        return NOTHING
    ends = [number(end, decimals) if math.isfinite(end) else "no limit" for end in (low, high)]
    return f"{ends[0]} to {ends[1]}"


def proportion(value: float) -> str:
    """Write a probability without its leading zero, and never as 0 or 1 when it is neither.

    Parameters
    ----------
    value : float
        Between 0 and 1.

    Returns
    -------
    str
        Three decimals; below .001 two significant digits; below .0001 that alone.

    Examples
    --------
    >>> proportion(0.0625), proportion(2 / 4096), proportion(1.0)
    ('.063', '.00049', '1')
    """
    if value >= 1:
        return "1"
    if value >= 0.9995:
        return ".999"
    if 0 < value < 0.0001:
        return "< .0001"
    if 0 < value < 0.001:
        return _fixed(value, 5)[1:]
    return _fixed(value, 3)[1:]


def p_value(value: float | None, alpha: float = 0.05) -> str:
    """Write a p-value with its sign.

    Parameters
    ----------
    value : float or None
        Between 0 and 1; None is told as a dash.
    alpha : float
        The level of the plan; a p that rounding would move onto it gets one more digit.

    Returns
    -------
    str
        ``p = .077``, ``p < .001``, ``p > .999``.

    Examples
    --------
    >>> p_value(0.0767), p_value(1e-12), p_value(0.0496), p_value(0.9999)
    ('p = .077', 'p < .001', 'p = .0496', 'p > .999')
    """
    if value is None or math.isnan(value):
        return NOTHING
    if value < 0.001:
        return "p < .001"
    if value > 0.999:
        return "p > .999"
    if round(value, 3) == round(alpha, 3) and value != alpha:
        return f"p = {_fixed(value, 4)[1:]}"
    return f"p = {_fixed(value, 3)[1:]}"


def level(alpha: float) -> str:
    """Write the level of a test as short as people say it.

    Parameters
    ----------
    alpha : float
        Between 0 and 1.

    Returns
    -------
    str
        Such as ``.05``.

    Examples
    --------
    >>> level(0.05), level(0.001)
    ('.05', '.001')
    """
    return brief(alpha).removeprefix("0")


def fraction(test: RandomizationResult | GuessTest | None) -> str:
    """Write the p-value of a randomization test as the fraction that it is.

    Parameters
    ----------
    test : RandomizationResult, GuessTest or None
        None, or a test without a p, is told as a dash.

    Returns
    -------
    str
        ``4/64 = .063``; for a sample of sequences ``413/100,000 ≈ .004``.

    Examples
    --------
    >>> from nof1.analysis.result import RandomizationResult
    >>> fraction(RandomizationResult(statistic=1.0, n_as_extreme=4, n_sequences=64, p_value=4 / 64,
    ...                              smallest_p=2 / 64, exact=True))
    '4/64 = .063'
    """
    if test is None or test.p_value is None:
        return NOTHING
    return f"{test.n_as_extreme:,}/{test.n_sequences:,} {related(test.p_value, exact=test.exact)}"


def related(p: float, *, exact: bool) -> str:
    """Write a probability with the sign that relates it to what was asked for.

    Parameters
    ----------
    p : float
        Between 0 and 1.
    exact : bool
        Counted, not sampled.

    Returns
    -------
    str
        ``= .063``, ``≈ .004`` or ``< .0001``.

    Examples
    --------
    >>> related(0.0625, exact=True), related(0.00001, exact=False)
    ('= .063', '< .0001')
    """
    text = proportion(p)
    return text if text.startswith("<") else f"{'=' if exact else '≈'} {text}"


def _fixed(value: float, decimals: int) -> str:
    """Round the digits that a reader sees, halves upwards: 4/64 is .063, as everybody computes it by hand."""
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return f"{exact:,f}" if exact >= 10_000 else f"{exact:f}"
