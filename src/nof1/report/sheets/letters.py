"""Cells whose words may break anywhere: WeasyPrint lays each of their letters out to find the widest; here it need not."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

_WIDEST: Final = 3.0
"""More than any letter is wide, in sizes of its font."""
_USED: Final = ("table_cell_min_content_width", "min_max", "adjust")


@cache
def spare_letters(preferred: Any) -> None:
    """Teach WeasyPrint that a cell with a least width is no wider, at the least, than that, where any word may break.

    Parameters
    ----------
    preferred : module
        ``weasyprint.layout.preferred``. Its answers stay what they are: the least width of such a cell is that of its
        style, as long as no letter is wider. In a report's tables of words it is half of the time that a PDF takes.
    """
    if not all(hasattr(preferred, name) for name in _USED):
        return  # another version, which lays its letters out: the same paper, later
    measured = preferred.table_cell_min_content_width

    def table_cell_min_content_width(context: Any, box: Any, outer: bool) -> float:  # noqa: FBT001 - theirs
        if _is_letters(box, preferred.min_max(box, 0.0)):
            return float(preferred.adjust(box, outer, 0.0))
        return float(measured(context, box, outer))

    preferred.table_cell_min_content_width = table_cell_min_content_width


def _is_letters(cell: Any, least: float) -> bool:
    """Whether a cell holds one text, each letter of which may have a line of its own, and each fits into `least` [px]."""
    if len(cell.children) != 1 or len(cell.children[0].children) != 1:
        return False
    line, text = cell.children[0], cell.children[0].children[0]
    return (
        type(line).__name__ == "LineBox"
        and type(text).__name__ == "TextBox"
        and text.style["overflow_wrap"] == "anywhere"
        and text.style["white_space"] == "normal"
        and line.style["text_indent"].value == 0
        and _WIDEST * text.style["font_size"] <= least
    )
