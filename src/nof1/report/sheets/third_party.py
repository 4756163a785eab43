"""All sheets for a preparer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.report.sheets.block_cards import block_cards
from nof1.report.sheets.cards import kit_cards
from nof1.report.sheets.labels import kit_labels
from nof1.report.sheets.model import Pack
from nof1.report.sheets.preparer import packing_list, recovery_sheet
from nof1.report.sheets.self_blinded import LABELS, WALLET
from nof1.report.sheets.wallet import wallet_card

if TYPE_CHECKING:
    from nof1.report.sheets.model import Paper, PreparerPlan

PACKING_LIST, CARDS, BLOCK_CARDS = "packing-list.pdf", "cards.pdf", "block-cards.pdf"
RECOVERY = "recovery-sheet.pdf"
"""Names of the sheets that the participant must not see; labels and wallet card are harmless."""


def third_party_sheets(plan: PreparerPlan, paper: Paper) -> dict[str, bytes]:
    """Print everything that `nof1 kit draw` hands to the preparer.

    Parameters
    ----------
    plan : PreparerPlan
        The plan.
    paper : Paper
        What is in the printer.

    Returns
    -------
    dict of str to bytes
        File name to PDF, in the order of use.

    Raises
    ------
    ReportError
        If this machine lacks what PDFs need, or a text is too long for a card.
    """
    cards = (
        {CARDS: kit_cards(plan.trial, plan.kits, paper)}
        if plan.pack is Pack.BOX
        else {BLOCK_CARDS: block_cards(plan.trial, plan.kits, paper)}
    )
    return {
        PACKING_LIST: packing_list(plan, paper),
        LABELS: kit_labels(plan.trial, (kit.code for kit in plan.kits), plan.pack, paper),
        **cards,
        RECOVERY: recovery_sheet(plan, paper),
        WALLET: wallet_card(plan.trial, plan.pack, paper),
    }
