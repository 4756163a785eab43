"""From a template to the bytes of a PDF: nothing is fetched, and the same values give the same bytes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from nof1.errors import ReportError
from nof1.report.sheets.letters import spare_letters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from weasyprint import Document
    from weasyprint.urls import URLFetcherResponse

    from nof1.report.sheets.model import Paper

NEEDS = (
    "PDFs need the Pango library, which was not found; install it (Debian, Ubuntu: apt install "
    "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; Fedora: dnf install pango; macOS: brew install pango; "
    "Windows: see WeasyPrint's installation page), then run nof1 doctor"
)


def make_pdf(template: str, paper: Paper, **values: object) -> bytes:
    """Fill in a template and set it on paper.

    Parameters
    ----------
    template : str
        Name of a template of this package, without its ending.
    paper : Paper
        What is in the printer.
    **values : object
        Names and values of the template; every text is escaped.

    Returns
    -------
    bytes
        A PDF without date or identifier.

    Raises
    ------
    ReportError
        If this machine lacks what PDFs need.
    """
    html = _environment().get_template(f"{template}.html.j2").render(paper=paper.value, **values)
    pdf: bytes = laid_out(html).write_pdf()
    return pdf


def laid_out(html: str, figures: Mapping[str, bytes] | None = None) -> Document:
    """Set a page of HTML on paper.

    Parameters
    ----------
    html : str
        A whole page; it may ask for nothing but its figures.
    figures : mapping of str to bytes, optional
        Address, as the page writes it, to SVG.

    Returns
    -------
    weasyprint.Document
        With its pages, before they are written.

    Raises
    ------
    ReportError
        If this machine lacks what PDFs need, or the page asks for an address.
    """
    weasyprint = load_weasyprint()
    try:
        document: Document = weasyprint.HTML(string=html, url_fetcher=_Fetcher(figures or {})).render()
    except weasyprint.urls.FatalURLFetchingError as error:
        raise ReportError(str(error.__cause__)) from error
    return document


def load_weasyprint() -> ModuleType:
    """Import what makes PDFs, where it is needed and not before.

    Returns
    -------
    module
        weasyprint.

    Raises
    ------
    ReportError
        If its libraries are missing; the text says which to install.
    """
    try:
        import weasyprint  # noqa: PLC0415 - it loads Pango, which a machine may lack
        from weasyprint.layout import preferred  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise ReportError(NEEDS) from error
    spare_letters(preferred)
    return cast("ModuleType", weasyprint)


class _Fetcher:
    """What WeasyPrint asks for addresses: it gets figures of the page, and whatever asks for anything else fails."""

    _fail_on_errors = True

    def __init__(self, figures: Mapping[str, bytes]) -> None:
        self._figures = figures

    def __call__(self, url: str, *_others: object, **_more: object) -> URLFetcherResponse:
        figure = self._figures.get(url)
        if figure is None:
            raise ReportError(f"a page asked for {url[:80]!r}; what is printed must not reach outside itself")
        response: URLFetcherResponse = load_weasyprint().urls.URLFetcherResponse(
            url, body=figure, headers={"Content-Type": "image/svg+xml"}
        )
        return response


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("nof1.report", "templates/sheets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
