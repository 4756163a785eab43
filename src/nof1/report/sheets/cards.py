"""Folded cards: what a kit contains, between two layers of pattern; the same ink whatever the kit contains."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import wrap
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
_PADDING_MM: Final = 1.5
_MM_PER_PT: Final = 0.3528
_EM_PER_SIGN: Final = 0.58
"""Width of a sign; DejaVu Sans, one of the widest, takes 0.55 on average."""
OTHERS: Final = "Other kits of this trial may contain the following; do not open them:"
"""Before what the other kits contain."""


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
        return round(self.font_pt * _MM_PER_PT * 1.22, 2)

    def lines(self, text: str) -> int:
        """Count the lines that a text takes at most."""
        signs = int((self.width_mm - 4) / (self.font_pt * _MM_PER_PT * _EM_PER_SIGN))
        return max(1, len(wrap(text, signs)))


SHAPES: Final = tuple(
    Shape(columns=columns, rows=rows, width_mm=width, panel_mm=panel, font_pt=font)
    for columns, rows, width, panel, fonts in (
        (3, 3, 64, 28, (7,)),
        (2, 3, 96, 28, (8, 7, 6.5)),
        (2, 2, 96, 42, (8, 7)),
        (1, 2, 192, 42, (8, 7)),
        (1, 1, 192, 84, (8, 7, 6)),
    )
    for font in fonts
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


def shape_for(trial: TrialText) -> Shape:
    """Choose the smallest card that holds what the trial's cards say.

    Parameters
    ----------
    trial : TrialText
        The trial.

    Returns
    -------
    Shape
        The same for all its cards.

    Raises
    ------
    ReportError
        If no card holds it.
    """
    for shape in SHAPES:
        content, others = _lines(trial, shape)
        n_lines = content + others + 2 + shape.lines(OTHERS) + shape.lines(trial.title)
        if trial.contact:
            n_lines += shape.lines(f"Emergency: {trial.contact}")
        if n_lines * shape.line_mm + _PADDING_MM <= shape.panel_mm:
            return shape
    raise ReportError(
        "the names of the conditions, the title and the emergency contact together are too long for a card; "
        "shorten them in the protocol"
    )


def _lines(trial: TrialText, shape: Shape) -> tuple[int, int]:
    others = [_others(trial, content) for content in trial.contents]
    return max(map(shape.lines, trial.contents)), max(map(shape.lines, others))


def _print(trial: TrialText, heading: str, cards: Sequence[_Card], paper: Paper) -> bytes:
    shape = shape_for(trial)
    n_content, n_others = _lines(trial, shape)
    return make_pdf(
        "cards", paper, heading=heading, hint=FOLDING, others=OTHERS, shape=shape, n_content=n_content,
        n_others=n_others, pages=_pages(cards, shape), digest=trial.protocol_sha256[:8], title=trial.title,
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
