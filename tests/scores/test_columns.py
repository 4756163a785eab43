"""Rows by column are the same rows: whoever reads them one by one sees no difference."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.scores.columns import Columns, by_distinct, column_of, columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """A row of three fields, of which two have defaults."""

    name: str
    amount: int | None = None
    flags: tuple[str, ...] = ()


ROWS = st.lists(
    st.builds(
        Dose,
        name=st.sampled_from("abc"),
        amount=st.none() | st.integers(0, 3),
        flags=st.sampled_from([(), ("late",)]),
    ),
    max_size=8,
)


@given(rows=ROWS, start=st.integers(-9, 9), stop=st.integers(-9, 9))
def test_rows_come_back_as_they_went_in(rows, start, stop):
    """One by one, by place, by slice, by field; equal to and hashed as a tuple of the same rows."""
    columns = Columns.of(Dose, rows)
    assert list(columns) == rows == [columns[place] for place in range(len(rows))]
    assert list(columns[start:stop]) == rows[start:stop]
    assert columns == tuple(rows) == columns
    assert hash(columns) == hash(tuple(rows))
    assert column_of(columns, "amount") == column_of(rows, "amount")
    assert columns != (*rows, Dose(name="z"))


@given(rows=ROWS)
def test_rows_are_put_in_order_as_a_sort_would(rows):
    """Those with the same key keep their places."""
    keys = [row.amount or 0 for row in rows]
    ordered = Columns.of(Dose, rows).ordered(keys)
    assert list(ordered) == [row for _, row in sorted(zip(keys, rows, strict=True), key=lambda pair: pair[0])]


def test_a_field_without_a_column_has_its_default():
    """A field without a default needs one."""
    columns = Columns(Dose, {"name": ["a", "b"]})
    assert list(columns) == [Dose(name="a"), Dose(name="b")]
    assert (columns.given, columns.column("amount")) == (("name",), [None, None])
    assert columns == Columns(Dose, {"name": ["a", "b"], "amount": [None, None]})
    with pytest.raises(ValueError, match="Dose lacks the column name"):
        Columns(Dose, {"amount": [1]})
    with pytest.raises(ValueError, match="columns of 1 and 2 rows make no table"):
        Columns(Dose, {"name": ["a"], "amount": [1, 2]})


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["", "x"]), st.none() | st.integers(0, 2)),
        max_size=9,
    )
)
def test_a_function_meets_each_combination_once(rows):
    """And gives every row what it would have given it alone."""
    met = []

    def joined(*values):
        met.append(values)
        return str(values)

    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    assert by_distinct(joined, *columns) == [str(row) for row in rows]
    assert len(met) == len(set(rows))


def test_records_of_unequal_length_make_no_columns():
    """Nothing is cut off, nothing is filled in."""
    assert columns_of([]) == []
    assert columns_of(("a", str(n)) for n in range(1_234))[1] == [str(n) for n in range(1_234)]
    with pytest.raises(ValueError, match="a record has not 2 cells"):
        columns_of([("a", "b"), ("c",)])
