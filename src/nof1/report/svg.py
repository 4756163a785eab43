"""A matplotlib figure as inline SVG: the same bytes every time, colours that follow the page, text that stays text."""

from __future__ import annotations

import codecs
import io
import re
import warnings
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import matplotlib as mpl
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import TextToPath
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.backend_bases import RendererBase
    from matplotlib.lines import Line2D
    from matplotlib.typing import RcKeyType

INK: Final = "#22303c"
MUTED: Final = "#64717d"
LINE: Final = "#d5dbe1"
PAPER: Final = "#fefefe"
CONDITION_COLOURS: Final = (
    *("#0072b2", "#c2500a", "#00806a", "#a3508b", "#8a6d00", "#2b8fcf", "#6b5b4b", "#50606f"),
)
"""Okabe and Ito's order, darkened where a thin mark needs it; told apart by colour-blind readers."""

# Drawn in the light colours; on the page each is a variable that the dark scheme redefines.
_VARIABLES: Final = {
    INK: "ink",
    MUTED: "muted",
    LINE: "line",
    PAPER: "paper",
    **{colour: f"c{place}" for place, colour in enumerate(CONDITION_COLOURS)},
}
_STYLE: Final[dict[RcKeyType, object]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "nof1",
    "text.parse_math": False,
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "hatch.linewidth": 0.6,
}
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_FONT = re.compile(r"font-family:[^;]*;?\s*")


_Measures = tuple[float, float, float]


class _Renderer(RendererSVG):
    """Matplotlib's own, which measures no text and no font twice: the same labels stand in figure after figure."""

    @override
    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> _Measures:
        return _text_measures(s, prop.copy(), ismath)

    def _get_font_height_metrics(self, prop: FontProperties) -> _Measures | tuple[None, None, None]:
        return _line_measures(prop.copy(), self.image_dpi)


class _Canvas(FigureCanvasSVG):
    """Where a figure is written: what finds the places of everything is a renderer of ours, and so is what draws."""

    _renderer: Any = None

    def get_renderer(self) -> RendererBase:
        """Return what measures, to whoever places things before they are drawn."""
        if self._renderer is None:
            self.print_svg(io.StringIO())
        return cast("RendererBase", self._renderer)

    @override
    def print_svg(self, filename: Any, *, metadata: Any = None, **_others: object) -> None:
        file = filename if isinstance(filename, io.TextIOBase) else codecs.getwriter("utf-8")(filename)
        dpi = self.figure.dpi = self.fixed_dpi
        width, height = self.figure.get_size_inches()
        vectors = _Renderer(width * dpi, height * dpi, file, image_dpi=dpi, metadata=metadata)  # type: ignore[no-untyped-call]
        self._renderer = MixedModeRenderer(self.figure, width, height, dpi, vectors)  # type: ignore[no-untyped-call]
        self.figure.draw(self._renderer)
        self._renderer.finalize()


class Drawing(Figure):
    """A matplotlib figure that displays itself in a notebook, where a bare one shows only its name.

    Attributes
    ----------
    tips : dict of str to tuple of str
        Id of a line of points to what each point tells when it is pointed at.
    is_saved : bool
        Whether it is being written, and not shown in a window.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _Canvas(self)
        self.tips: dict[str, tuple[str, ...]] = {}
        self.is_saved = False

    @override
    def draw(self, renderer: RendererBase) -> None:
        """Draw; where the figure is only saved, the first of matplotlib's two passes just finds the places."""
        engine = self.get_layout_engine()
        if self.is_saved and isinstance(engine, ConstrainedLayoutEngine):
            engine.execute(self)
        else:
            super().draw(renderer)

    def tell(self, line: Line2D, tips: Sequence[str]) -> None:
        """Let every point of a line tell something when it is pointed at, without any script.

        Parameters
        ----------
        line : Line2D
            Points, none of which is hidden.
        tips : sequence of str
            One text for each point.
        """
        key = f"tips{len(self.tips)}"
        line.set_gid(key)
        self.tips[key] = tuple(tips)

    def _repr_svg_(self) -> str:
        text = _saved(self, facecolor=PAPER)
        return text[text.index("<svg") :]


@lru_cache(4096)
def _text_measures(text: str, font: FontProperties, is_math: Any) -> _Measures:
    """Measure a line of text: width, height, descent [points]."""
    return TextToPath().get_text_width_height_descent(text, font, is_math)


@lru_cache
def _line_measures(font: FontProperties, dpi: float) -> _Measures | tuple[None, None, None]:
    """Read from a font how high its lines are: ascent, descent, gap [points], to the last digit as `Text` does."""
    file = get_font(findfont(font))
    head, lines = file.get_sfnt_table("head"), file.get_sfnt_table("OS/2")
    if head is None or lines is None:
        return None, None, None  # then Text takes them from letters
    scale = 1 / head["unitsPerEm"] * font.get_size_in_points() * dpi / 72
    return lines["sTypoAscender"] * scale, -lines["sTypoDescender"] * scale, lines["sTypoLineGap"] * scale


def svg(figure: Figure, *, key: str, label: str, css_class: str = "") -> str:
    """Write a figure as an SVG element that can stand inside a page.

    Parameters
    ----------
    figure : Figure
        What was drawn.
    key : str
        Unique within the page; it keeps the ids of one figure apart from those of the others.
    label : str
        What a reader who cannot see the figure is told.
    css_class : str
        Class of the element.

    Returns
    -------
    str
        An ``<svg>`` element with a view box and no size, so that the page decides how wide it is.
    """
    root = ET.fromstring(_saved(figure, facecolor="none"))  # noqa: S314 - written by matplotlib a moment ago
    for key_of_line, texts in getattr(figure, "tips", {}).items():
        _tell(root, key_of_line, texts)
    used = {name for element in root.iter() for name in _references(element)}
    _simplify(root, key, used)
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "role": "img",
        "aria-label": label,
        "stroke-linejoin": "round",
        **({"class": css_class} if css_class else {}),
    }
    return ET.tostring(root, encoding="unicode")


def framed(figure: Figure, *, key: str, label: str) -> str:
    """Write a figure for the output of a notebook, on paper of its own: a notebook may be dark, and has no style of ours.

    Parameters
    ----------
    figure, key, label
        As in `svg`.

    Returns
    -------
    str
        A ``<figure>`` element.
    """
    drawn = svg(figure, key=key, label=label)
    return f'<figure style="background: {PAPER}; margin: 0; padding: 0.5em; max-width: 48em">{drawn}</figure>'


def _tell(root: ET.Element, key: str, texts: Sequence[str]) -> None:
    """Put the texts of a line into its points as titles, which a browser shows without a script."""
    space = root.tag.rpartition("}")[0] + "}"
    group = next((element for element in root.iter() if element.get("id") == key), None)
    points = [] if group is None else list(group.iter(f"{space}use"))
    if len(points) != len(texts):  # a point outside the axes was not drawn: better none than the wrong one
        return
    for point, text in zip(points, texts, strict=True):
        ET.SubElement(point, f"{space}title").text = text


def _saved(figure: Figure, *, facecolor: str) -> str:
    text = io.StringIO()
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # The reader's own font draws the text; what the measuring font lacks does not matter.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        with _saving(figure):
            figure.savefig(text, format="svg", facecolor=facecolor, metadata={"Date": None, "Creator": None})
    return text.getvalue()


@contextmanager
def _saving(figure: Figure) -> Iterator[None]:
    if not isinstance(figure, Drawing):
        yield
        return
    figure.is_saved = True
    try:
        yield
    finally:
        figure.is_saved = False


def _references(element: ET.Element) -> list[str]:
    text = " ".join(element.attrib.values())
    return re.findall(r"url\(#([^)]+)\)", text) + [
        value[1:] for name, value in element.attrib.items() if name.endswith("href") and value.startswith("#")
    ]


def _simplify(root: ET.Element, key: str, used: set[str]) -> None:
    """Drop what a page does not need, and make the rest belong to one figure only."""
    for parent in root.iter():
        for child in list(parent):
            local = child.tag.rpartition("}")[2]
            if local in {"metadata", "style"}:
                parent.remove(child)
            child.tail = None
        if parent.text and not parent.text.strip():
            parent.text = None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {
            name.rpartition("}")[2]: _value(name.rpartition("}")[2], value, key)
            for name, value in element.attrib.items()
            if name != "id" or value in used
        }


def _value(name: str, value: str, key: str) -> str:
    if name == "id":
        return f"{key}-{value}"
    if name == "href":
        return f"#{key}-{value[1:]}"
    value = value.replace("url(#", f"url(#{key}-")
    if name == "style":
        value = _COLOUR.sub(lambda match: _variable(match[0]), _FONT.sub("", value)).strip("; ")
    if name in {"d", "x", "y", "width", "height", "transform", "style", "points"}:
        value = _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.2f}", value).replace("\n", " ").strip()
    return value


def _variable(colour: str) -> str:
    name = _VARIABLES.get(colour)
    return f"var(--nof1-{name}, {colour})" if name else colour
