"""All sheets for somebody who packs, shuffles and labels alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.report.sheets.cards import slip_sheet
from nof1.report.sheets.instructions import instructions
from nof1.report.sheets.labels import block_numbers, label_sheet
from nof1.report.sheets.model import NO_BLOCK
from nof1.report.sheets.wallet import wallet_card

if TYPE_CHECKING:
    from nof1.report.sheets.model import HandPlan, Paper

LABELS, BLOCK_NUMBERS = "labels.pdf", "block-numbers.pdf"
INSTRUCTIONS, WALLET = "instructions.pdf", "wallet-card.pdf"
"""Names of the sheets that hold no card key; the slips are sheet-1.pdf, sheet-2.pdf, …"""


def self_blinded_sheets(plan: HandPlan, paper: Paper) -> dict[str, bytes]:
    """Print everything that `nof1 kit plan` hands out.

    No code stands on a page with a condition or a key.

    Parameters
    ----------
    plan : HandPlan
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
    sheets = {INSTRUCTIONS: instructions(plan, paper)}
    for number, slips in enumerate(plan.slips, start=1):
        sheets[f"sheet-{number}.pdf"] = slip_sheet(plan.trial, number, slips, paper)
    if any(block.block != NO_BLOCK for block in plan.labels):
        sheets[BLOCK_NUMBERS] = block_numbers(plan.labels, paper)
    sheets[LABELS] = label_sheet(plan.trial, plan.labels, plan.pack, paper)
    sheets[WALLET] = wallet_card(plan.trial, plan.pack, paper)
    return sheets


def labels_again(plan: HandPlan, paper: Paper) -> dict[str, bytes]:
    """Print new labels alone, for `nof1 kit plan --relabel`: slips and boxes stay.

    Parameters
    ----------
    plan : HandPlan
        With the new codes.
    paper : Paper
        What is in the printer.

    Returns
    -------
    dict of str to bytes
        File name to PDF.
    """
    return {LABELS: label_sheet(plan.trial, plan.labels, plan.pack, paper)}
