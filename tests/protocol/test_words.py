"""Words without quotes: one reading, or a refusal."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from nof1.protocol.words import banned_character, plain_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("0", 0), ("-3", -3), ("-0", 0), ("0.50", Decimal("0.50")), ("12345678901234567890", 12345678901234567890),
        ("true", True), ("false", False), ("null", None), ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"),
        ("12:30", "12:30"), ("2026-03-01", "2026-03-01"), ("1.2.3", "1.2.3"), ("600 mg", "600 mg"), ("3rd", "3rd"), ("0800-12", "0800-12"),
        ("٧", "٧"), ("1 000", "1 000"), ("-", "-"), ("1e", "1e"), ("e5", "e5"),
    ],
)  # fmt: skip
def test_a_word_is_what_it_looks_like(text, value):
    """Plain digits are numbers; dates, times and units are text."""
    read = plain_value(text)
    assert read == value
    assert type(read) is type(value)


@given(
    st.text("0123456789+-_.,eExXoObB naifNAIF~truTRUE", min_size=1, max_size=8).map(str.strip).filter(bool)
)
@example(".NaN")
@example("+.inf")
@example("0b11")
@example("0_.")
@example("0.1_0")
@example("-0_e1")
def test_no_word_is_a_number_for_one_reader_only(text):
    """Where another parser of YAML 1.2 sees a number, a truth value or nothing, so do we, or we refuse."""
    try:
        read = plain_value(text)
    except ValueError:
        return
    try:
        other = YAML(typ="safe", pure=True).load(io.StringIO(f"key: {text}\n"))["key"]
    except Exception:  # noqa: BLE001 - what is no YAML never reaches us as a word
        return
    if isinstance(other, bool) or other is None or isinstance(read, bool) or read is None:
        assert read is other
    elif isinstance(other, int | float) or isinstance(read, int | Decimal):
        assert not isinstance(read, str)
        assert float(read) == float(other)


@given(st.characters())
def test_banned_characters_are_those_that_nobody_sees(character):
    """Printable characters pass; controls, marks that turn the text, and line separators do not."""
    code = ord(character)
    control = (code < 0x20 and character not in "\t\n\r") or 0x7F <= code <= 0x9F
    turning = (
        character in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
    )
    no_character = 0xD800 <= code <= 0xDFFF or code in {0xFEFF, 0xFFFE, 0xFFFF}
    assert (banned_character(character) is not None) == (control or turning or no_character)
