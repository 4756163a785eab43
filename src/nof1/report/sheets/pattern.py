"""The pattern outside of folded cards: strokes like those of print, so that text does not show through; the same on all."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable

TILE_MM: Final = (32, 14)
"""Width and height of what is repeated; those of cards are multiples, so that every card shows the same [mm]."""
_FIGURES: Final = (29, 8)
"""Figures in a row of the tile, and rows: the size of the letters they have to cover."""
_STROKE_MM: Final = 0.32


def pattern_svg(
    width_mm: float, height_mm: float, panels: Iterable[tuple[float, float, float, float]]
) -> Markup:
    """Fill panels with strokes, the same every time.

    Parameters
    ----------
    width_mm, height_mm : float
        Of the whole picture [mm].
    panels : iterable of (float, float, float, float)
        Left, top, width and height of each [mm]; left and top are multiples of the tile.

    Returns
    -------
    Markup
        An ``<svg>`` of that size.
    """
    tile_width, tile_height = TILE_MM
    boxes = "".join(f"M{left} {top}h{width}v{height}h-{width}z" for left, top, width, height in panels)
    return Markup(  # noqa: S704 - numbers alone
        f'<svg viewBox="0 0 {width_mm} {height_mm}" width="{width_mm}mm" height="{height_mm}mm"><defs>'
        f'<pattern id="p" patternUnits="userSpaceOnUse" width="{tile_width}" height="{tile_height}">'
        f'<path d="{_strokes()}" fill="none" stroke="#000" stroke-width="{_STROKE_MM}"/></pattern></defs>'
        f'<path d="{boxes}" fill="url(#p)"/></svg>'
    )


@cache
def _strokes() -> str:
    columns, rows = _FIGURES
    wide, high = TILE_MM[0] / columns, TILE_MM[1] / rows
    path = []
    state = 1
    for row in range(rows):
        path.append(f"M0 {(row + 0.5) * high:.2f}")
        for _ in range(columns):
            # The high bits of a linear congruential generator (Knuth's MMIX): a fixed muddle, no secret.
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            turn = (-1, 1)[state >> 63] * high * (0.35, 0.5)[state >> 62 & 1]
            half = wide * (0.3, 0.5, 0.7, 0.4)[state >> 60 & 3]
            path.append(f"v{turn:.2f}h{half:.2f}v{-2 * turn:.2f}h{wide - half:.2f}v{turn:.2f}")
    return "".join(path)
