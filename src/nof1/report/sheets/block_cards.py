"""Block cards of daily trials: one sealed card for each block, read line by line in an emergency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nof1.report.sheets.model import NO_BLOCK, block_name, grouped
from nof1.report.sheets.pdf import make_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.report.sheets.model import PackedKit, Paper, TrialText

KITS_WITHOUT_BLOCKS: Final = 7
"""Kits on a card where the design has no blocks: a week of days."""


def block_cards(trial: TrialText, kits: Sequence[PackedKit], paper: Paper) -> bytes:
    """Print one card per block; without blocks, one for every seven kits in order of use.

    Parameters
    ----------
    trial : TrialText
        The trial.
    kits : sequence of PackedKit
        In order of use.
    paper : Paper
        What is in the printer.

    Returns
    -------
    bytes
        A PDF, for the preparer alone; each card goes into an envelope of its own.
    """
    cards = [
        {
            "name": name,
            "kits": [
                {"code": kit.code, "content": kit.content, "key": grouped(kit.card_key)}
                for kit in sorted(group, key=lambda kit: kit.code)
            ],
        }
        for name, group in _groups(kits)
    ]
    return make_pdf(
        "block_cards", paper, cards=cards, digest=trial.protocol_sha256[:8], title=trial.title,
        contact=trial.contact,
    )  # fmt: skip


def _groups(kits: Sequence[PackedKit]) -> list[tuple[str, list[PackedKit]]]:
    if all(kit.block == NO_BLOCK for kit in kits):
        parts = [
            list(kits[start : start + KITS_WITHOUT_BLOCKS])
            for start in range(0, len(kits), KITS_WITHOUT_BLOCKS)
        ]
        return [(f"card {number} of {len(parts)}", part) for number, part in enumerate(parts, start=1)]
    blocks = dict.fromkeys(kit.block for kit in kits)
    return [(block_name(block), [kit for kit in kits if kit.block == block]) for block in blocks]
