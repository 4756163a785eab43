"""Abstract signs, drawn for this project (CC0): SVG path data in a square of 100, to be stroked, told apart without colour."""

from __future__ import annotations

CODING = {
    "g1": "M50 14 A36 36 0 1 0 50 86 A36 36 0 1 0 50 14 M50 14 V86",
    "g2": "M14 20 H86 L50 86 Z",
    "g3": "M20 20 H80 V80 H20 Z M20 80 L80 20",
    "g4": "M10 36 Q30 8 50 36 T90 36 M10 72 Q30 44 50 72 T90 72",
    "g5": "M10 70 L30 26 L50 70 L70 26 L90 70",
    "g6": "M50 8 L92 50 L50 92 L8 50 Z M50 36 V64 M36 50 H64",
    "g7": "M32 14 A38 38 0 1 1 32 86 A48 48 0 0 0 32 14",
    "g8": "M50 90 V54 M16 14 V26 Q16 54 50 54 Q84 54 84 26 V14",
    "g9": "M20 14 H80 L20 86 H80 Z",
}
"""Signs of symbol–digit coding."""

OBJECTS = {
    "o1": "M50 12 A38 38 0 1 0 50 88 A38 38 0 1 0 50 12 M50 34 A16 16 0 1 0 50 66 A16 16 0 1 0 50 34",
    "o2": "M50 6 L61 39 L94 50 L61 61 L50 94 L39 61 L6 50 L39 39 Z",
    "o3": "M50 50 C30 18 10 28 10 50 C10 72 30 82 50 50 C70 18 90 28 90 50 C90 72 70 82 50 50 Z",
    "o4": "M10 86 H36 V61 H62 V36 H88 V12",
    "o5": "M50 8 L87 29 V71 L50 92 L13 71 V29 Z M13 71 L50 50 L87 71 M50 8 V50",
    "o6": "M14 60 A36 36 0 0 1 86 60 M34 60 A16 16 0 0 1 66 60 M50 60 V92",
    "o7": "M14 14 L86 50 L14 86 M14 50 H86",
    "o8": "M26 10 V90 M74 10 V90 M26 30 L74 50 L26 70",
}
"""Signs whose places are learned."""
