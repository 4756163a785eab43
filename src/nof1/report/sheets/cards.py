"""Folded cards: what a kit contains, between two layers of pattern; the same ink whatever the kit contains."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Final

from nof1.errors import ReportError
from nof1.report.sheets.model import block_name, grouped
from nof1.report.sheets.pattern import pattern_svg
from nof1.report.sheets.pdf import make_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from nof1.report.sheets.model import PackedKit, Paper, Slip, TrialText

FOLDING: Final = (
    "Cut along the lines. Fold the lower third up over the text, then the upper third back: pattern outside."
)
_HEAD_MM: Final = 10
_MM_PER_PT: Final = 0.3528
_EM_PER_SIGN: Final = 0.62
"""Width of a sign; wide enough for the widest common letters in DejaVu Sans."""
_LINES_OF_LABELS: Final = 3  # heading, "other kits", key


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a card is cut.

    Attributes
    ----------
    columns, rows : int
        Cards on a page.
    width_mm, panel_mm : float
        Width, and height of each third [mm].
    font_pt : float
        Size of the text [pt].
    """

    columns: int
    rows: int
    width_mm: float
    panel_mm: float
    font_pt: float

    @property
    def line_mm(self) -> float:
        """Height of a line [mm]."""
        return round(self.font_pt * _MM_PER_PT * 1.25, 2)

    def lines(self, text: str) -> int:
        """Count the lines that a text takes at most."""
        signs = int((self.width_mm - 4) / (self.font_pt * _MM_PER_PT * _EM_PER_SIGN))
        return max(1, ceil(len(text) * 1.1 / signs))


SHAPES: Final = (
    Shape(columns=3, rows=3, width_mm=64, panel_mm=28, font_pt=6),
    Shape(columns=2, rows=3, width_mm=96, panel_mm=28, font_pt=6.5),
    Shape(columns=2, rows=2, width_mm=96, panel_mm=42, font_pt=6.5),
    Shape(columns=1, rows=2, width_mm=192, panel_mm=42, font_pt=6.5),
    Shape(columns=1, rows=1, width_mm=192, panel_mm=84, font_pt=6.5),
)
"""From small to large; the first that holds the text is taken."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Card:
    place: str
    outside: str
    content: str
    others: str
    key: str
    left_mm: float = 0
    top_mm: float = 0


def slip_sheet(trial: TrialText, number: int, slips: Sequence[Slip], paper: Paper, tub: str = "tub") -> bytes:
    """Print the slips of one condition: "goes with tub 1 only".

    Parameters
    ----------
    trial : TrialText
        The trial.
    number : int
        Of the sheet, from 1: the place of the condition in ``trial.contents``.
    slips : sequence of Slip
        One for each kit of the condition.
    paper : Paper
        What is in the printer.
    tub : str
        The word for what the capsules are counted into.

    Returns
    -------
    bytes
        A PDF.
    """
    content = trial.contents[number - 1]
    cards = [
        _Card(
            place=block_name(slip.block),
            outside=block_name(slip.block),
            content=content,
            others=_others(trial, content),
            key=grouped(slip.card_key),
        )
        for slip in slips
    ]
    return _print(trial, f"Sheet {number}: goes with {tub} {number} only.", cards, paper)


def kit_cards(trial: TrialText, kits: Sequence[PackedKit], paper: Paper) -> bytes:
    """Print the card of every kit, sorted by code, with the code outside.

    Parameters
    ----------
    trial : TrialText
        The trial.
    kits : sequence of PackedKit
        All kits.
    paper : Paper
        What is in the printer.

    Returns
    -------
    bytes
        A PDF, for the preparer alone.
    """
    cards = [
        _Card(
            place=f"{kit.code}, {block_name(kit.block)}",
            outside=kit.code,
            content=kit.content,
            others=_others(trial, kit.content),
            key=grouped(kit.card_key),
        )
        for kit in sorted(kits, key=lambda kit: kit.code)
    ]
    return _print(trial, "Cards: each goes into the lid of the box with its code.", cards, paper)


def _others(trial: TrialText, content: str) -> str:
    return "; ".join(text for text in trial.contents if text != content)


def _print(trial: TrialText, heading: str, cards: Sequence[_Card], paper: Paper) -> bytes:
    others = [_others(trial, content) for content in trial.contents]
    for shape in SHAPES:
        n_content = max(map(shape.lines, trial.contents))
        n_others = max(map(shape.lines, others))
        n_lines = (
            n_content + n_others + _LINES_OF_LABELS + shape.lines(trial.title)
            + (shape.lines(f"Emergency: {trial.contact}") if trial.contact else 0)
        )  # fmt: skip
        if n_lines * shape.line_mm + 1.5 <= shape.panel_mm:
            break
    else:
        raise ReportError(
            "the names of the conditions, the title and the emergency contact together are too long for a card; "
            "shorten them in the protocol"
        )
    return make_pdf(
        "cards", paper, heading=heading, hint=FOLDING, shape=shape, n_content=n_content, n_others=n_others,
        pages=_pages(cards, shape), digest=trial.protocol_sha256[:8], title=trial.title,
        contact=trial.contact,
    )  # fmt: skip


def _pages(cards: Sequence[_Card], shape: Shape) -> list[dict[str, object]]:
    per_page = shape.columns * shape.rows
    placed = [
        replace(
            card,
            left_mm=place % shape.columns * shape.width_mm,
            top_mm=_HEAD_MM + place // shape.columns % shape.rows * shape.panel_mm * 3,
        )
        for place, card in enumerate(cards)
    ]
    pages = [placed[start : start + per_page] for start in range(0, len(placed), per_page)]
    return [{"cards": page, "pattern": _pattern(page, shape)} for page in pages]


def _pattern(page: Sequence[_Card], shape: Shape) -> Markup:
    return pattern_svg(
        shape.columns * shape.width_mm,
        shape.rows * shape.panel_mm * 3,
        [
            (card.left_mm, card.top_mm - _HEAD_MM + third * shape.panel_mm, shape.width_mm, shape.panel_mm)
            for card in page
            for third in (0, 2)
        ],
    )
