"""Report and letter on paper: the same page, with its marks at the head of every sheet; the same bytes every time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from nof1.errors import ReportError
from nof1.report.sheets.pdf import laid_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weasyprint import Document

_VARIABLE: Final = re.compile(r"var\(--nof1-[a-z0-9]+, (#[0-9a-f]{6})\)")
_NARROW: Final = re.compile(r'<svg(?= )[^>]*\bclass="nof1-narrow".*?</svg>', re.DOTALL)
_FIGURE: Final = re.compile(r"<svg(?= )(.*?</svg>)", re.DOTALL)
_PICTURE: Final = "img.nof1-figure { display: block; width: 100%; height: auto; }"
_KEPT: Final = re.compile(r"<svg.*?</svg>|<style.*?</style>|<head.*?</head>|<[^>]*>", re.DOTALL)
_POINT: Final = re.compile(r"(?:\bp (?:=|&lt;|&gt;) )?(?<![\w.])\.\d+")
_SIZES: Final = (10.0, 9.3, 8.6, 7.9, 7.2, 6.5)
"""Sizes of the letter's text [points], tried until it fits one page."""
_PAPER: Final = """
@page {
  size: A4; margin: 21mm 17mm 18mm;
  @top-left { content: HEAD; font: 7.5pt "DejaVu Sans", sans-serif; color: #4d5863; width: 65%; text-align: left; }
  @top-right { content: MARKS; font: bold 7.5pt "DejaVu Sans", sans-serif; color: #22303c; width: 35%; text-align: right; }
  @bottom-right { content: counter(page) " of " counter(pages); font: 7.5pt "DejaVu Sans", sans-serif; color: #4d5863; }
}
html { font-size: 9.6pt; background: none; }
.nof1 { font: 400 1em/1.45 "DejaVu Sans", "Liberation Sans", Arial, sans-serif; max-width: none; padding: 0; background: none; }
.nof1 h1 { font-size: 17pt; }
.nof1 .nof1-lead { font-size: 12pt; font-weight: 600; }
.nof1 section { margin-top: 6mm; }
.nof1 section.nof1-verdict { padding: 4mm 5mm 1mm; }
.nof1-page, .nof1-sheet { display: block; max-width: none; background: none; }
.nof1-running, .nof1-tag { display: none; }
.nof1 table { font-size: 7.6pt; }
.nof1 th, .nof1 td { padding: 1mm 2.5mm 1mm 0; }
.nof1 thead { display: table-header-group; }
.nof1-scroll { overflow: visible; background: none; }
.nof1 section > p, .nof1 section > .nof1-notes, .nof1-methods, .nof1 figcaption { max-width: none; }
.nof1 table, .nof1 .nof1-number { hyphens: manual !important; overflow-wrap: break-word; }
.nof1 figure, .nof1 tr { break-inside: avoid; }
.nof1 p { orphans: 3; widows: 3; }
.nof1 dt, .nof1-caption { break-after: avoid; }
.nof1 figure img.nof1-figure { max-height: 190mm; }
"""


def report_pdf(html: str, *, head: str, marks: Sequence[str]) -> bytes:
    """Set the finished page of a report on paper.

    Parameters
    ----------
    html : str
        report.html.
    head : str
        What stands at the head of every sheet: the trial.
    marks : sequence of str
        What every sheet must say, such as ``Simulated``.

    Returns
    -------
    bytes
        A PDF without date or identifier.

    Raises
    ------
    ReportError
        If this machine lacks what PDFs need.
    """
    style = _PAPER.replace("HEAD", _css_text(head)).replace("MARKS", _css_text(" · ".join(marks)))
    pdf: bytes = _on_paper(html, style).write_pdf()
    return pdf


def letter_pdf(html: str) -> bytes:
    """Set the letter on one page, with smaller print where there is more to say.

    Parameters
    ----------
    html : str
        From a report that was rendered.

    Returns
    -------
    bytes
        A PDF of one page, without date or identifier.

    Raises
    ------
    ReportError
        If this machine lacks what PDFs need, or no size of print makes it fit.
    """
    for size in _SIZES:
        document = _on_paper(html, f"html {{ font-size: {size}pt; }}")
        if len(document.pages) == 1:
            pdf: bytes = document.write_pdf()
            return pdf
    raise ReportError("the letter does not fit one page; shorten title and names in the protocol")


def _on_paper(html: str, style: str) -> Document:
    """Lay a page out with a style behind its own, and the colours of its figures in plain words.

    Paper has no dark scheme, and what draws figures on it knows no variables. Figures for small screens are left
    out. The others become pictures: nothing in the style of the page speaks of what is in them, so their thousands
    of elements need not be looked up in it.
    """
    figures: dict[str, bytes] = {}

    def picture(found: re.Match[str]) -> str:
        address = f"nof1:figure-{len(figures)}"
        figures[address] = f'<svg xmlns="http://www.w3.org/2000/svg"{found[1]}'.encode()
        return f'<img class="nof1-figure" src="{address}">'

    plain = _FIGURE.sub(picture, _NARROW.sub("", _VARIABLE.sub(r"\1", html)))
    head, end, rest = _whole(plain).rpartition("</body>")
    return laid_out(f"{head}<style>{_PICTURE}{style}</style>{end}{rest}", figures)


def _whole(html: str) -> str:
    """Keep numbers that begin with a point on one line, where what sets the page would break behind the point.

    Examples
    --------
    >>> _whole('<p title=".5">p = .031</p>')
    '<p title=".5"><span style="display: inline-block">p = .031</span></p>'
    """
    made, end = [], 0
    for kept in _KEPT.finditer(html):
        made += [
            # not `white-space: nowrap`: such a span at the end of a line makes WeasyPrint end the line before it too early
            _POINT.sub(r'<span style="display: inline-block">\g<0></span>', html[end : kept.start()]),
            kept[0],
        ]
        end = kept.end()
    return "".join([*made, html[end:]])


def _css_text(text: str) -> str:
    r"""Write a text as style sheets quote it, every sign but letters and digits by its number.

    Examples
    --------
    >>> _css_text('a"; }')
    '"a\\22 \\3b \\20 \\7d "'
    """
    return '"' + "".join(sign if sign.isalnum() else f"\\{ord(sign):x} " for sign in text[:160]) + '"'
