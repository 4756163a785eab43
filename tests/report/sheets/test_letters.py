"""What WeasyPrint is spared makes no other page."""

from __future__ import annotations

import pytest

from nof1.report.sheets import letters
from nof1.report.sheets.pdf import laid_out

CELLS = (
    "words and words and more words",
    "Donaudampfschifffahrtsgesellschaft",
    "<b>a word</b> inside",
    "p = <span style='display: inline-block'>.031</span>",
    "",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
)


@pytest.mark.parametrize("least", ["0", "1rem", "5.6rem"])
@pytest.mark.parametrize("wrap", ["anywhere", "break-word"])
def test_a_table_comes_out_the_same(monkeypatch, least, wrap):
    """With every letter measured and without, whatever is in the cells: columns are as narrow as they may be."""
    style = f"td {{ overflow-wrap: {wrap}; min-width: {least}; font-size: 8pt }} table {{ width: 1px }}"
    cells = "".join(f"<td>{cell}</td>" for cell in CELLS)
    page = f"<style>@page {{ size: A6 }} {style}</style><table><tr>{cells}</tr></table>"
    spared = laid_out(page).write_pdf()
    monkeypatch.setattr(letters, "_is_letters", lambda *_: False)
    assert laid_out(page).write_pdf() == spared
