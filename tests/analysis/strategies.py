"""Frames with anything as scores, for whatever must hold of all data."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hypothesis import strategies as st

VALUES = st.one_of(
    st.none(),
    st.integers(0, 3).map(float),
    st.sampled_from([0.0, 1e-9, 7.0, 7.0 + 1e-12, 1e9, -1e9]),
    st.floats(-100, 100),
)


@st.composite
def messy_frames(draw: st.DrawFn) -> tuple[pd.DataFrame, int]:
    """Return a frame of blocks of two with anything as scores, and its number of blocks."""
    n_blocks, days = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    sequence = [c for _ in range(n_blocks) for c in draw(st.permutations(["on", "off"]))]
    n = len(sequence) * days
    kind = draw(st.sampled_from(["any", "few", "constant", "by period"]))
    if kind == "any":
        values = draw(st.lists(VALUES, min_size=n, max_size=n))
    elif kind == "few":
        values = draw(st.lists(st.sampled_from([None, 1.0, 2.0]), min_size=n, max_size=n))
    elif kind == "constant":
        values = [draw(st.floats(-5, 5))] * n
    else:
        level = draw(st.lists(st.integers(0, 5).map(float), min_size=len(sequence), max_size=len(sequence)))
        values = [level[i // days] for i in range(n)]
    period = np.arange(n) // days + 1
    frame = pd.DataFrame(
        {
            "session": np.arange(1, n + 1) + draw(st.integers(0, 10)),
            "period": period,
            "block": (period + 1) // 2,
            "condition": [sequence[p - 1] for p in period],
            "value": np.array([math.nan if v is None else v for v in values], dtype=float),
        }
    )
    if draw(st.booleans()):
        frame["day"] = frame["session"] + 2 * (frame["session"] > n // 2)
    return frame, n_blocks
