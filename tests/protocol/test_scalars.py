"""Quantities, clock times and durations."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.protocol.scalars import clock, duration, hours, quantity


@pytest.mark.parametrize(
    ("text", "mg"),
    [("150 mg", 150), ("0.15 g", 150), ("150000 µg", 150), ("150000 μg", 150), ("150000 ug", 150), ("150000mcg", 150),
     ("2 kg", 2_000_000), ("1 ng", Decimal("0.000001")), ("5 IU", None), ("3 ml", None), ("1 MG", None)],
)  # fmt: skip
def test_masses_are_compared_in_one_unit(text, mg):
    """Both characters for micro are micro; what is no mass has none."""
    assert quantity(text).mg == mg


@given(st.decimals(0, 10**6, places=3), st.sampled_from(["mg", "g", "%", "IU", "mg/kg", "EUR"]))
def test_quantities_are_read_as_written(amount, unit):
    """Number and unit come back, with or without the space."""
    for text in (f"{amount:f} {unit}", f"{amount:f}{unit}"):
        assert (quantity(text).amount, quantity(text).unit) == (amount, unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mg",
        "150",
        "-1 mg",
        "1,5 mg",
        "1e3 mg",
        "1  mg",
        "1 mg ",
        "150 mg\n",
        "1 000 mg",
        "٧ mg",
        "9999999999 h",
    ],
)
def test_what_is_no_quantity_is_refused(text):
    """A number without a unit is no dose."""
    with pytest.raises(ValueError, match="such as 150 mg"):
        quantity(text)


@given(st.times())
def test_clock_times(at):
    """Hours and minutes, two digits each."""
    assert clock(f"{at:%H:%M}") == time(at.hour, at.minute)


@pytest.mark.parametrize("text", ["8:00", "24:00", "08:60", "08:00\n", "0800", "08:00:00", "٠٨:٠٠"])
def test_what_is_no_clock_time_is_refused(text):
    """There is one way to write a time of day."""
    with pytest.raises(ValueError, match="HH:MM"):
        clock(text)


def test_durations_and_half_lives():
    """Minutes and hours; for half-lives days too."""
    assert duration("1.5 h") == timedelta(minutes=90)
    assert hours("45 min") == Decimal("0.75")
    assert hours("2 d") == 48
    for read, text in ((duration, "2 d"), (duration, "3 mg"), (hours, "2 weeks")):
        with pytest.raises(ValueError, match="such as"):
            read(text)
