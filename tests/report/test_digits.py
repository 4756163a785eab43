"""Numbers as they are written: enough digits, true minus signs, no p of 0."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nof1.analysis.result import RandomizationResult
from nof1.report import digits

finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)


@given(value=finite, decimals=st.integers(0, 8))
def test_number_is_the_number_rounded_as_by_hand(value, decimals):
    """What is printed differs from the number by half a unit of its last digit at most, and has no minus zero."""
    text = digits.number(value, decimals)
    read = Decimal(text.replace(digits.MINUS, "-").replace(",", ""))
    assert abs(read - Decimal(repr(value))) <= Decimal(1).scaleb(-decimals) / 2
    assert "-" not in text
    assert not re.fullmatch(rf"{digits.MINUS}[0.,]+", text)
    assert len(text.partition(".")[2]) == decimals


@given(value=st.floats(0, 1), alpha=st.sampled_from([0.05, 0.01, 0.1]))
def test_p_is_never_0_and_never_crosses_alpha(value, alpha):
    """A reader who compares the printed p with alpha comes to the same side as the numbers do."""
    text = digits.p_value(value, alpha)
    assert not re.fullmatch(r"p = \.0+", text)
    if text.startswith("p = "):
        printed = float(text.removeprefix("p = "))
        assume(abs(value - alpha) > 5e-5)
        assert (printed <= alpha) == (value <= alpha)


@given(n=st.integers(1, 10**9), m=st.integers(1, 10**9))
def test_fraction_holds_the_integers(n, m):
    """The counts are the result; the decimal only helps to read them."""
    n, m = sorted((n, m))
    test = RandomizationResult(
        statistic=1.0, n_as_extreme=n, n_sequences=m, p_value=n / m, smallest_p=1 / m, exact=True
    )
    text = digits.fraction(test)
    assert text.startswith(f"{n:,}/{m:,} ")
    assert not text.endswith((" .000", " 0", "= 0.0"))


@given(spread=st.floats(1e-6, 1e6))
def test_decimals_show_two_digits_of_the_uncertainty(spread):
    """More would claim a precision that nobody has, less would hide some."""
    decimals = digits.decimals_for(spread)
    shown = Decimal(digits.number(spread, decimals).replace(",", ""))
    assert len(shown.normalize().as_tuple().digits) <= 2 or decimals == 0
    if spread < 10:
        assert shown >= Decimal(str(spread)) * Decimal("0.9")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [("12", "ms", "12 ms"), ("40", "%", "40%"), ("0.05", "1/s", "0.05 per s"), ("3", "", "3")],
)
def test_units(value, unit, text):
    """A number and its unit stay on one line."""
    assert digits.with_unit(value, unit).replace(digits.NBSP, " ") == text


def test_what_is_not_there_is_a_dash():
    """Nothing is ever written as nan, None or inf."""
    assert digits.number(None) == digits.number(float("nan")) == digits.NOTHING
    assert digits.p_value(None) == digits.fraction(None) == digits.interval(None, 1.0) == digits.NOTHING
    assert digits.interval(float("-inf"), 2.5, 1) == "no limit to 2.5"
    assert digits.number(float("-inf")) == "−∞"


def test_one_is_no_plural():
    """One point is a point, the end of a scale is one of its points; symbols have no plural."""
    assert digits.with_unit("1", "points") == "1\u00a0point"
    assert digits.with_unit("−1", "points") == "−1\u00a0point"
    assert digits.with_unit("1", "points", is_end=True) == "1\u00a0points"
    assert digits.with_unit("1.5", "points") == "1.5\u00a0points"
    assert (digits.with_unit("1", "ms"), digits.with_unit("1", "1/s")) == ("1\u00a0ms", "1\u00a0per\u00a0s")
