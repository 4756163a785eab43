"""What people type into cells, for properties of the readers of numbers and tables."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
"""Any text that a cell may hold."""


def plain_numbers(low: int = -(10**6), high: int = 10**6, places: int = 4) -> st.SearchStrategy[str]:
    """Numbers as the grammar has them, zeros at the end included."""
    decimals = st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)
    return st.tuples(decimals, st.integers(0, places)).map(_written)


def _written(pair: tuple[Decimal, int]) -> str:
    number, places = pair
    return format(number.quantize(Decimal(1).scaleb(-places)), "f")


def csv_bytes(header, rows, *, separator=",", encoding="utf-8", newline="\n"):
    """Write a table the way another program would."""
    lines = [separator.join(_quoted(str(cell), separator) for cell in row) for row in [header, *rows]]
    return (newline.join(lines) + newline).encode(encoding)


def _quoted(cell: str, separator: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & {separator, '"', "\n", "\r"} else cell
