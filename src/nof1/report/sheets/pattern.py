"""The pattern outside of a folded card: strokes like those of print, so that text does not show through; the same on all."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

_WIDE_MM, _HIGH_MM = 1.1, 1.7
"""Size of a stroke figure: that of the letters it has to cover [mm]."""
_STROKE_MM = 0.32


@cache
def pattern_svg(width_mm: float, height_mm: float) -> Markup:
    """Fill a rectangle with strokes, the same every time.

    Parameters
    ----------
    width_mm, height_mm : float
        Size [mm].

    Returns
    -------
    Markup
        An ``<svg>`` of that size.
    """
    columns, rows = int(width_mm / _WIDE_MM), int(height_mm / _HIGH_MM)
    wide, high = width_mm / columns, height_mm / rows
    path = []
    state = 1
    for row in range(rows):
        path.append(f"M0 {row * high + high / 2:.2f}")
        for _ in range(columns):
            # The high bits of a linear congruential generator (Knuth's MMIX): a fixed muddle, no secret.
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            turn = (-1, 1)[state >> 63] * high * (0.35, 0.5)[state >> 62 & 1]
            half = wide * (0.3, 0.5, 0.7, 0.4)[state >> 60 & 3]
            path.append(f"v{turn:.2f}h{half:.2f}v{-2 * turn:.2f}h{wide - half:.2f}v{turn:.2f}")
    strokes = "".join(path)
    return Markup(  # noqa: S704 - numbers alone
        f'<svg viewBox="0 0 {width_mm} {height_mm}" width="{width_mm}mm" height="{height_mm}mm">'
        f'<path d="{strokes}" fill="none" stroke="#000" stroke-width="{_STROKE_MM}"/></svg>'
    )
