"""Report and letter on paper: marks on every page, one page for the letter, the same bytes, and life without Pango."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from nof1.errors import ReportError
from nof1.report.sheets import pdf
from nof1.runner.notebooks import NotebookSource, notebook_digest
from nof1.runner.pdf import letter_pdf, report_pdf
from nof1.runner.report import make_report

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title></head><body>
<article class="nof1">{}</article></body></html>"""
HOSTILE = 'a"; } </style> \\ $x$ & <b>'


def pages_of(made: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


@pytest.fixture(scope="module")
def paged():
    """Set a page of three sheets on paper, its head full of signs that mean something to style sheets."""
    long = "".join(f"<p>{'word ' * 120}</p>" for _ in range(14))
    figure = '<svg viewBox="0 0 9 9"><path d="M0 0h9v9z" style="fill: var(--nof1-c0, #0072b2)"></path></svg>'
    return report_pdf(PAGE.format(long + figure), head=HOSTILE, marks=("Simulated", "Not blinded"))


def test_every_page_says_what_it_is_of_what_and_how_many_there_are(paged):
    """A sheet is copied without the others: each must carry trial, marks and its number."""
    pages = pages_of(paged)
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert HOSTILE in text
        assert "Simulated · Not blinded" in text
        assert f"{number} of {len(pages)}" in text


def test_colours_of_figures_reach_the_paper(paged):
    """What draws figures on paper knows no variables; a figure must not come out black."""
    content = b"".join(page.get_contents().get_data() for page in PdfReader(io.BytesIO(paged)).pages)
    assert b"0 0.447059 0.698039 rg" in content


def test_no_line_ends_inside_a_number():
    """A p that is torn behind its point reads as a full stop and another number."""
    told = (
        "looked as large? 2 of 64 orders that the design could have drawn in which whole blocks have the comparison turned "
        "round give one at least as large as the one seen, the true order included: p = .031. The smallest p is .031."
    )
    text = "".join(f"<p>{'i' * n} {told}</p>" for n in range(0, 60, 2))
    assert "".join(pages_of(report_pdf(PAGE.format(text), head="t", marks=()))).count(".031") == 60


def test_letter_fits_one_page_with_smaller_print():
    """A clinician gets one page, however much there is to say."""
    short, long = (PAGE.format(f"<p>{'word ' * n}</p>") for n in (50, 1500))
    assert len(pages_of(letter_pdf(short))) == len(pages_of(letter_pdf(long))) == 1
    with pytest.raises(ReportError, match="does not fit one page"):
        letter_pdf(PAGE.format(f"<p>{'word ' * 9000}</p>"))


def test_same_page_gives_the_same_bytes_without_a_date():
    """Whoever makes the PDF again from the same page can compare digests."""
    first, second = (letter_pdf(PAGE.format("<p>word</p>")) for _ in range(2))
    assert first == second
    assert b"CreationDate" not in first


def test_paper_asks_for_nothing_outside():
    """A picture from elsewhere would tell that somebody prints the report."""
    with pytest.raises(ReportError, match="outside itself"):
        letter_pdf(PAGE.format('<img src="http://example.org/x.png">'))


def test_without_pango_the_page_comes_anyway(write_notebook, data_folder, tmp_path, show, monkeypatch):
    """A machine without Pango makes everything else, and says what to install."""

    def missing() -> None:
        raise ReportError(pdf.NEEDS)

    monkeypatch.setattr(pdf, "load_weasyprint", missing)
    path = write_notebook(show)
    told: list[str] = []
    made = make_report(
        data_folder,
        to=tmp_path / "made",
        at=datetime(2026, 3, 1, tzinfo=UTC),
        notebook=NotebookSource(path=path, sha256=notebook_digest(path), is_modified=False),
        progress=told.append,
    )
    names = sorted(path.name for path in made.folder.iterdir())
    assert names == ["analysis.ipynb", "manifest.json", "report.html", "results.json"]
    listed = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert sorted(listed) == [name for name in names if name != "manifest.json"]
    assert any("apt install libpango" in line for line in told)
