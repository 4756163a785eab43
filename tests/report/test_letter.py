"""The letter for the clinician."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from nof1.report.render import LETTER_MIME, render
from nof1.runner.pdf import letter_pdf


@pytest.mark.usefixtures("no_figures")
def test_letter_says_question_verdict_harms_blinding_adherence_and_limits(make_results):
    """What a clinician asks is on one page, in words that the report has too."""
    report = render(make_results(simulated=True))
    assert report._repr_mimebundle_()[LETTER_MIME] == report.letter
    made = PdfReader(io.BytesIO(letter_pdf(report.letter)))
    assert len(made.pages) == 1
    text = " ".join(made.pages[0].extract_text().split())
    for part in (
        *("Does the capsule improve my working memory?", "Simulated. A computer made these scores"),
        *("Benefit", "What was asked and done", "Harms", "Was the blind kept?", "Adherence", "Limits"),
        *("It is no medical advice", "12 guesses were recorded", "81 were entered (90 %)".replace(" %", "")),
    ):
        assert part.rstrip(")") in text, part


@pytest.mark.usefixtures("no_figures")
def test_hostile_text_and_many_cautions_still_make_one_page(make_results, make_outcome):
    """The longest names that a protocol can hold, and signs of HTML, are text on one page."""
    name = "<script>alert(1)</script> & a name that does not end " * 4
    flags = (
        "outliers",
        "few_values",
        "autocorrelation_at_bound",
        "many_missing",
        "unequal_missing",
        "singular",
    )
    results = make_results(
        title=name,
        conditions={"on": name, "off": f"{name}2"},
        outcomes=(make_outcome(label=name, flags=flags),),
    )
    report = render(replace(results, imported=True, mode="open_label"))
    assert "<script>" not in report.letter
    assert (
        "<script>alert(1)</script>"
        in PdfReader(io.BytesIO(letter_pdf(report.letter))).pages[0].extract_text()
    )
