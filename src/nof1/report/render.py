"""The report as something a notebook displays: HTML for people, plain text for terminals, JSON for programs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nof1.report.letter import paragraphs_of
from nof1.report.view import View, view_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.analysis.result import JsonValue, Results
    from nof1.report.tables import Table

RESULTS_MIME: Final = "application/vnd.nof1.results+json"
"""Under this type a notebook output carries results.json."""
LETTER_MIME: Final = "application/vnd.nof1.letter"
"""Under this type it carries the letter: a whole page of HTML, so that letter and report come from one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report in all its forms; displaying it in a notebook stores them beside one another.

    Attributes
    ----------
    html : str
        A fragment with its own style; no script, no outside address.
    text : str
        The verdict and its numbers.
    data : mapping
        results.json.
    letter : str
        A whole page of HTML for the clinician, to be set on paper; empty while nothing is compared.
    """

    html: str
    text: str
    data: Mapping[str, JsonValue]
    letter: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        """Hand over all forms; which of them is shown is for the notebook to choose."""
        del include, exclude
        return {
            "text/html": self.html,
            "text/plain": self.text,
            RESULTS_MIME: dict(self.data),
            LETTER_MIME: self.letter,
        }

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A table that displays itself in a notebook.

    Attributes
    ----------
    html : str
        Without a style of its own.
    text : str
        The same for a terminal.
    """

    html: str
    text: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        del include, exclude
        return {"text/html": self.html, "text/plain": self.text}

    def __str__(self) -> str:
        return self.text


def render(results: Results) -> Report:
    """Tell the results of a trial.

    Parameters
    ----------
    results : Results
        From `analyse`.

    Returns
    -------
    Report
        Displays itself as the last value of a notebook cell.
    """
    view = view_of(results)
    html = _environment().get_template("report.html.j2").render(view=view, style=style())
    letter = (
        ""
        if results.blinded_review
        else (
            _environment()
            .get_template("letter.html.j2")
            .render(
                view=view,
                paragraphs=paragraphs_of(view, results),
                version=results.nof1,
                protocol=results.protocol_sha256,
            )
        )
    )
    return Report(html=html, text=_text(view), data=results.to_json(), letter=letter)


def show_table(table: Table) -> Shown:
    """Make a table that displays itself.

    Parameters
    ----------
    table : Table
        Cells and heads.

    Returns
    -------
    Shown
        HTML and plain text.
    """
    lines = [table.caption, *(" | ".join(row) for row in (table.columns, *table.rows))]
    html = _environment().get_template("table.html.j2").render(table=table)
    return Shown(html=html, text="\n".join(lines))


@cache
def style() -> Markup:
    """Return the style sheet of report and page.

    Returns
    -------
    Markup
        CSS; everything in it begins at ``.nof1`` but the names of the colours.
    """
    css = resources.files("nof1.report").joinpath("templates", "style.css").read_text(encoding="utf-8")
    return Markup(css)  # noqa: S704 - a file of this package


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("nof1.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _text(view: View) -> str:
    lead = view.verdict
    lines = [
        view.title,
        *(f"{banner.word.upper()}: {banner.sentence}" for banner in view.banners),
        "",
        f"{lead.word}. {lead.sentence}",
        *lead.because,
        lead.technical,
        *(f"- {sentence}" for sentence in lead.cautions),
    ]
    return "\n".join(lines).rstrip()
