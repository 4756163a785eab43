"""What all figures share: how conditions look, plain axes, labels that cannot become formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict

from nof1.report.svg import CONDITION_COLOURS, INK, LINE, MUTED, PAPER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE: Final = 6.4
NARROW: Final = 3.2
"""Widths [inches] at which a figure is drawn for a desk and for a phone; the page shows the one that fits."""
SMALL, TEXT = 8.0, 9.0
"""Sizes of text [points]."""
_LONGEST_NAME, _POINTS = 30, 72
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one condition is drawn: colour and shape together, so that neither is needed alone."""

    colour: str
    marker: str
    is_filled: bool


def looks(conditions: Sequence[str]) -> dict[str, Look]:
    """Give every condition its look, by its place in the protocol.

    Parameters
    ----------
    conditions : sequence of str
        Codes in the order of the protocol; the last is the reference and is drawn hollow.

    Returns
    -------
    dict of str to Look
        One look per code.
    """
    return {
        code: Look(
            colour=CONDITION_COLOURS[place % len(CONDITION_COLOURS)],
            marker=_MARKERS[place % len(_MARKERS)],
            is_filled=place < len(conditions) - 1,
        )
        for place, code in enumerate(conditions)
    }


class Marker(TypedDict):
    """How a line draws its points, in the words of matplotlib."""

    marker: str
    markersize: float
    markerfacecolor: str
    markeredgecolor: str
    markeredgewidth: float


def marker_of(style: Look, size: float = 4.5) -> Marker:
    """Turn a look into what a line of matplotlib takes.

    Parameters
    ----------
    style : Look
        Of a condition.
    size : float
        [points]

    Returns
    -------
    Marker
        Keyword arguments.
    """
    return {
        "marker": style.marker,
        "markersize": size,
        "markerfacecolor": style.colour if style.is_filled else PAPER,
        "markeredgecolor": style.colour,
        "markeredgewidth": 1.1,
    }


def axes_of(figure: Figure) -> Axes:
    """Give a figure its one pair of axes.

    Parameters
    ----------
    figure : Figure
        Empty.

    Returns
    -------
    Axes
        Without a frame, with pale lines across.
    """
    axes = figure.subplots()
    dress(axes)
    return axes


def dress(axes: Axes) -> None:
    """Take away what is not needed from a pair of axes.

    Parameters
    ----------
    axes : Axes
        Changed in place.
    """
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
        axes.spines[side].set_linewidth(0.7)
    axes.tick_params(colors=MUTED, labelsize=SMALL, labelcolor=INK, width=0.7, length=3)
    axes.grid(visible=True, axis="y", color=LINE, lw=0.6)
    axes.set_axisbelow(True)
    axes.patch.set_visible(False)


def label_axes(axes: Axes, *, x: str = "", y: str = "") -> None:
    """Name the axes; a dollar sign in a name stays a dollar sign.

    Parameters
    ----------
    axes : Axes
        Changed in place.
    x, y : str
        Names.
    """
    axes.set_xlabel(x, fontsize=TEXT, color=INK, parse_math=False)
    if y:
        axes.set_ylabel(shortened(y, 38), fontsize=TEXT, color=INK, parse_math=False)


def add_legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """Name what is drawn above the axes, in as many columns as there is room for.

    Parameters
    ----------
    figure : Figure
        Changed in place.
    handles : sequence of Artist
        Each with its label; none: no legend.
    """
    if not handles:
        return
    labels = [shortened(str(handle.get_label()), _LONGEST_NAME) for handle in handles]
    room = figure.get_figwidth() * _POINTS / (4.6 * max(map(len, labels)) + 26)
    legend = figure.legend(
        *(handles, labels),
        loc="outside upper left",
        ncols=max(1, min(len(handles), int(room))),
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handletextpad=0.2,
        columnspacing=1.2,
        borderpad=0,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def with_unit(label: str, unit: str) -> str:
    """Put the unit of an axis behind its name.

    Parameters
    ----------
    label, unit : str
        The unit may be empty.

    Returns
    -------
    str
        Such as ``speed [1/s]``.
    """
    return f"{label} [{unit}]" if unit else label


def shortened(text: str, length: int) -> str:
    """Cut a text to what a figure has room for.

    Parameters
    ----------
    text : str
        Any text; line breaks become spaces.
    length : int
        Longest number of characters.

    Returns
    -------
    str
        Ends with an ellipsis where something is missing.

    Examples
    --------
    >>> shortened("a very long name", 7)
    'a very…'
    """
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
