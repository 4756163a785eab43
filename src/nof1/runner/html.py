"""The executed notebook as a page: one file, no code, no script, no request; ours as it is, the rest sanitised."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

import bleach  # type: ignore[import-untyped]
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.preprocessors.tagremove import TagRemovePreprocessor

from nof1.errors import ReportError
from nof1.report.page import check_page
from nof1.report.prose import Banner, banners
from nof1.report.render import RESULTS_MIME, style

if TYPE_CHECKING:
    from collections.abc import Mapping

    import nbformat

_TAGS: Final = frozenset(
    {
        *(
            "p",
            "br",
            "hr",
            "div",
            "span",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "ul",
            "ol",
            "li",
            "dl",
            "dt",
            "dd",
        ),
        *("b", "strong", "i", "em", "code", "pre", "kbd", "sub", "sup", "small", "blockquote", "abbr", "img"),
        *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "figure", "figcaption"),
    }
)


def _is_ours(_tag: str, name: str, value: str) -> bool:
    """Let classes of our own style sheet through: they only say how something looks."""
    return name == "class" and all(word.startswith("nof1-") for word in value.split())


_ATTRIBUTES: Final = {
    "*": _is_ours,
    "th": ["scope", "colspan", "rowspan"],
    "td": ["colspan", "rowspan"],
    "img": ["src", "alt", "width", "height"],
    "abbr": ["title"],
}
_DROPPED: Final = re.compile(
    r"<style\b.*?(</style\s*>|\Z)|<a class=\"anchor-link\"[^>]*>.*?</a>", re.DOTALL | re.IGNORECASE
)
"""Style sheets of others, and the pilcrows that nbconvert puts behind headings: their text is nothing to read."""


def notebook_html(notebook: nbformat.NotebookNode, results: Mapping[str, object], *, note: str = "") -> str:
    """Make the page of an executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
        After its run.
    results : mapping
        results.json of the same run; title and banners come from it.
    note : str
        What the reader must know about the notebook itself, such as that it was modified.

    Returns
    -------
    str
        One self-contained HTML document.

    Raises
    ------
    ReportError
        If anything in the page could run or would reach outside it.
    """
    html, _ = _exporter().from_notebook_node(
        notebook,
        resources={
            "nof1": {
                "title": results.get("title") or results.get("trial") or "Report",
                "style": style(),
                "note": note,
                "mime": RESULTS_MIME,
                "words": marks_of(results),
            }
        },
    )
    problems = check_page(html)
    if problems:
        raise ReportError(
            "the page holds what a report must not: " + "; ".join(str(problem) for problem in problems[:5])
        )
    return html


@cache
def _exporter() -> TemplateExporter:
    """Make what fills the template, once for all reports; cells that are of use in a notebook only are left out."""
    left_out = TagRemovePreprocessor(enabled=True, remove_cell_tags={"notebook-only"})  # type: ignore[no-untyped-call]
    return TemplateExporter(  # type: ignore[no-untyped-call]
        file_extension=".html",
        template_name="nof1",
        extra_template_basedirs=[str(resources.files("nof1.runner").joinpath("templates"))],
        filters={"sanitised": sanitised},
        preprocessors=[left_out],
    )


def sanitised(html: str) -> Markup:
    """Keep of some HTML what only shows: text, tables, pictures that it holds itself.

    Parameters
    ----------
    html : str
        Output of a cell that is not ours, or rendered Markdown.

    Returns
    -------
    Markup
        Safe to stand in the page.

    Examples
    --------
    >>> sanitised('<b onclick="x()">a</b><script>x()</script><a href="http://x">b</a>')
    Markup('<b>a</b>x()b')
    """
    cleaned = bleach.clean(
        _DROPPED.sub("", html),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        protocols={"data"},
        strip=True,
        strip_comments=True,
    )
    return Markup(cleaned)  # noqa: S704 - just cleaned


def marks_of(results: Mapping[str, object]) -> tuple[str, ...]:
    """Say in a few words what every page must say.

    Parameters
    ----------
    results : mapping
        results.json.

    Returns
    -------
    tuple of str
        Such as ``Simulated`` and ``Not blinded``.
    """
    return tuple(banner.word for banner in _banners(results))


def _banners(results: Mapping[str, object]) -> tuple[Banner, ...]:
    sequence = results.get("sequence")
    kind = sequence.get("kind", "") if isinstance(sequence, dict) else ""
    return banners(
        simulated=bool(results.get("simulated")),
        imported=bool(results.get("imported")),
        is_blinded=bool(results.get("blinded_review")),
        mode=str(results.get("mode", "")),
        kind=str(kind),
    )
