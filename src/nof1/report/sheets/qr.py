"""A text as a QR code that is part of the page."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_svg(text: str) -> Markup:
    """Draw a QR code, quiet zone included.

    Parameters
    ----------
    text : str
        All that it says.

    Returns
    -------
    Markup
        An ``<svg>`` that takes the size of its place.
    """
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None)
    return Markup(svg)  # noqa: S704 - drawn here, holds no text
