"""A figure for the page: drawn once for a desk and once for a phone, with what it shows in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from nof1.report.drawing import NARROW, WIDE
from nof1.report.svg import svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Two SVG elements of one figure; the style sheet shows the one that fits.

    Attributes
    ----------
    wide, narrow : Markup
        ``<svg>`` elements, safe to stand in a page as they are.
    caption : str
        What is seen.
    """

    wide: Markup
    narrow: Markup
    caption: str


def draw(plot: Callable[[float], Figure], *, key: str, label: str, caption: str) -> Drawn:
    """Draw a figure at both widths.

    Parameters
    ----------
    plot : callable
        Takes a width [inches] and draws.
    key : str
        Unique within the page.
    label : str
        Text alternative.
    caption : str
        What is seen.

    Returns
    -------
    Drawn
        Ready for the template.
    """
    wide = svg(plot(WIDE), key=f"{key}-w", label=label, css_class="nof1-wide")
    narrow = svg(plot(NARROW), key=f"{key}-n", label=label, css_class="nof1-narrow")
    # Made by our own writer, which escapes every text.
    return Drawn(wide=Markup(wide), narrow=Markup(narrow), caption=caption)  # noqa: S704
