"""Numbers that people type."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.errors import EntryError
from nof1.scores.number import MAX_DIGITS, has_decimal_comma, may_mean_thousands, read_number, shortened

from .strategies import CELLS, plain_numbers


@pytest.mark.parametrize("text", ["7", "-3.5", "0", "-0", "0.50", "100000", "  7 ", "7.50\t"])
def test_a_plain_number_is_kept_as_typed(text):
    """Digits are stored as the person wrote them, with their zeros."""
    assert read_number(text).text == text.strip()
    assert read_number(text).value == Decimal(text.strip())


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("0,5", "write 0.5"),
        ("-12,25", "write -12.25"),
        ("1,234", "write 1234, or 1.234 if that is meant"),
        ("1,234,567", "write 1234567"),
        ("1_000", "write 1000"),
        ("1 000", "write 1000"),
        ("1\u00a0000", "write 1000"),
        ("1'000", "write 1000"),
        ("+4", "write 4"),
        ("−3.5", "write -3.5"),
        ("–3", "write -3"),
        ("07", "write 7"),
        ("-007.50", "write -7.50"),
        (".5", "write 0.5"),
        ("5.", "write 5"),
        ("٧", "write it with the digits 0 to 9: 7"),
        ("７．５", "write a number such as 7 or -3.5"),
        ("७", "write it with the digits 0 to 9: 7"),
        ("1e3", "write 1000"),
        ("1e-5", "write 0.00001"),
        ("2.3E+46", "spreadsheet"),
        ("1e999999999", "spreadsheet"),
        ("1-Mar", "a spreadsheet has made a date of it"),
        ("01. Mrz", "a spreadsheet has made a date of it"),
        ("Mar-01", "a spreadsheet has made a date of it"),
        ("2026-04-03", "this is a date or a time"),
        ("03/04/2026", "this is a date or a time"),
        ("7:30", "this is a date or a time"),
        ("nan", "leave the value empty"),
        ("-inf", "leave the value empty"),
        ("N/A", "leave the value empty"),
        ("#REF!", "an error of a spreadsheet"),
        ("=A1", "this is a formula"),
        ("40 %", "write the number alone: 40"),
        ("", "write a number"),
        ("seven", "write a number such as 7 or -3.5"),
        ("0x1f", "write a number such as 7 or -3.5"),
        ("--3", "write a number such as 7 or -3.5"),
        ("½", "write a number such as 7 or -3.5"),
        ("²", "write a number such as 7 or -3.5"),
        ("1" * 31, f"at most {MAX_DIGITS}"),
        ("9" * 5000, f"at most {MAX_DIGITS}"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(text, advice):
    """A text that float() or a spreadsheet would bend is named for what it is."""
    with pytest.raises(EntryError) as refused:
        read_number(text)
    assert advice in str(refused.value)
    assert len(str(refused.value)) < 250


def test_a_decimal_comma_is_read_only_where_the_file_says_so():
    """The stored text has a point, so that every program reads it alike."""
    assert read_number("7,50", decimal_comma=True).text == "7.50"
    assert read_number("7.5", decimal_comma=True).text == "7.5"
    with pytest.raises(EntryError):
        read_number("1,234,567", decimal_comma=True)


@given(plain_numbers())
def test_every_plain_number_is_read(text):
    """The grammar takes all ordinary decimals, and what is read twice stays the same."""
    number = read_number(text)
    assert number.value == Decimal(text)
    assert read_number(number.text) == number


@given(CELLS)
def test_a_text_is_a_finite_ascii_number_or_refused(text):
    """Nothing but ASCII digits, one sign and one point ever gets through."""
    try:
        number = read_number(text)
    except EntryError:
        return
    assert set(number.text) <= set("0123456789.-")
    assert number.value.is_finite()
    assert float(number.text) == float(number.value)


@given(plain_numbers(low=0))
def test_the_advice_can_be_followed(text):
    """What a refused number is told to become is a number."""
    for spoilt in (f"+{text}", f"0{text}", text.replace(".", ",") if "." in text else f"{text}."):
        with pytest.raises(EntryError) as refused:
            read_number(spoilt)
        advised = str(refused.value).rpartition("write ")[2].partition(", or ")[0]
        assert read_number(advised)


@given(st.integers(1, 999), st.integers(0, 999))
def test_a_comma_before_three_digits_may_part_thousands(thousands, rest):
    """1,234 has two readings; 0,234 and 12,34 have one."""
    assert may_mean_thousands(f"{thousands},{rest:03}")
    assert has_decimal_comma(f"{thousands},{rest:03}")
    assert not may_mean_thousands(f"0,{rest:03}")
    assert not may_mean_thousands(f"{thousands},{rest % 100:02}")


def test_a_quoted_text_is_cut():
    """A message does not repeat a whole file."""
    assert shortened("a" * 100) == "a" * 39 + "…"
    assert shortened("abc") == "abc"
