"""Labels: a code and its QR code, nothing else about the kit; and block numbers to stick underneath."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nof1.report.sheets.model import NO_BLOCK, Pack, Paper, block_name
from nof1.report.sheets.pdf import make_pdf
from nof1.report.sheets.qr import qr_svg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

    from nof1.report.sheets.model import LabelBlock, TrialText


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """A sheet of self-adhesive labels as shops sell it.

    Attributes
    ----------
    name : str
        How to ask for it.
    page_width_mm, page_height_mm : float
        The sheet [mm].
    columns, rows : int
        Labels on it.
    width_mm, height_mm : float
        Of a label [mm].
    left_mm, top_mm : float
        Place of the first label [mm].
    pitch_mm : float
        From one column to the next [mm].
    """

    name: str
    page_width_mm: float
    page_height_mm: float
    columns: int
    rows: int
    width_mm: float
    height_mm: float
    left_mm: float
    top_mm: float
    pitch_mm: float


_EMERGENCY: Final = {
    Pack.BOX: "slip in the lid",
    Pack.DAY: "slip under the flap",
    Pack.CARD: "sealed card",
}

STOCKS: Final = {
    Paper.A4: Stock(
        name="70 × 37 mm, 24 on a sheet", page_width_mm=210, page_height_mm=297, columns=3, rows=8,
        width_mm=70, height_mm=37, left_mm=0, top_mm=0.5, pitch_mm=70,
    ),
    Paper.LETTER: Stock(
        name="1 × 2⅝ in, 30 on a sheet (such as Avery 5160)", page_width_mm=215.9, page_height_mm=279.4,
        columns=3, rows=10, width_mm=66.675, height_mm=25.4, left_mm=4.7625, top_mm=12.7, pitch_mm=69.85,
    ),
}  # fmt: skip
"""The label paper for each size of paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Label:
    text: str
    lines: tuple[str, ...] = ()
    qr: Markup | None = None
    left_mm: float = 0
    top_mm: float = 0


def label_sheet(trial: TrialText, blocks: Sequence[LabelBlock], pack: Pack, paper: Paper) -> bytes:
    """Print one label per kit, codes sorted inside the block, and a reserve label for each block.

    Parameters
    ----------
    trial : TrialText
        The trial; its title is not printed, since it may name a condition.
    blocks : sequence of LabelBlock
        In order.
    pack : Pack
        What the labels are stuck on.
    paper : Paper
        Plain, or label paper of `STOCKS`.

    Returns
    -------
    bytes
        A PDF.
    """
    groups = []
    for block in blocks:
        name = "" if block.block == NO_BLOCK else block_name(block.block)
        group = [_label(code, trial, name, pack) for code in sorted(block.codes)]
        reserve = " · ".join(part for part in (name, "reserve") if part)
        groups.append([*group, _label(block.reserve, trial, reserve, pack)])
    return _print("Labels", groups, paper)


def kit_labels(trial: TrialText, codes: Iterable[str], pack: Pack, paper: Paper) -> bytes:
    """Print one label per kit, sorted by code.

    Parameters
    ----------
    trial : TrialText
        The trial.
    codes : iterable of str
        Of all kits.
    pack : Pack
        What the labels are stuck on.
    paper : Paper
        Plain, or label paper of `STOCKS`.

    Returns
    -------
    bytes
        A PDF.
    """
    return _print("Labels", [[_label(code, trial, "", pack) for code in sorted(codes)]], paper)


def block_numbers(blocks: Sequence[LabelBlock], paper: Paper) -> bytes:
    """Print the block numbers to stick underneath, one per kit, all alike.

    Parameters
    ----------
    blocks : sequence of LabelBlock
        In order.
    paper : Paper
        Plain, or label paper of `STOCKS`.

    Returns
    -------
    bytes
        A PDF.
    """
    return _print(
        "Block numbers", [[_Label(text=block.block)] * len(block.codes) for block in blocks], paper,
    )  # fmt: skip


def _label(code: str, trial: TrialText, name: str, pack: Pack) -> _Label:
    lines = (name, f"N-of-1 trial {trial.protocol_sha256[:8]}", f"emergency: {_EMERGENCY[pack]}")
    return _Label(text=code, lines=tuple(line for line in lines if line), qr=qr_svg(code))


def _print(heading: str, groups: Sequence[Sequence[_Label]], paper: Paper) -> bytes:
    stock = STOCKS[paper]
    pages: list[list[_Label]] = []
    place = 0
    per_page = stock.columns * stock.rows
    for group in groups:
        place = -(-place // stock.columns) * stock.columns  # a block begins with a row
        for label in group:
            page, rest = divmod(place, per_page)
            row, column = divmod(rest, stock.columns)
            if page == len(pages):
                pages.append([])
            pages[page].append(
                _Label(
                    text=label.text, lines=label.lines, qr=label.qr,
                    left_mm=round(stock.left_mm + column * stock.pitch_mm, 3),
                    top_mm=round(stock.top_mm + row * stock.height_mm, 3),
                )
            )  # fmt: skip
            place += 1
    return make_pdf("labels", paper, heading=heading, stock=stock, pages=pages)
