"""How to pack, shuffle and label alone: the printed steps with the numbers of this plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.report.sheets.pdf import make_pdf

if TYPE_CHECKING:
    from nof1.report.sheets.model import HandPlan, Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One heading and what stands below it.

    Attributes
    ----------
    heading : str
        Empty for none.
    lead, end : tuple of str
        Paragraphs before and after the steps.
    rule : str
        What must never be broken; empty for none.
    steps : tuple of str
        Numbered.
    """

    heading: str = ""
    lead: tuple[str, ...] = ()
    rule: str = ""
    steps: tuple[str, ...] = ()
    end: tuple[str, ...] = ()


def instructions(plan: HandPlan, paper: Paper) -> bytes:
    """Print the steps of packing, shuffling and labelling.

    Parameters
    ----------
    plan : HandPlan
        Whose numbers are filled in.
    paper : Paper
        What is in the printer.

    Returns
    -------
    bytes
        A PDF.
    """
    per_tub = len(plan.slips[0]) * plan.trial.capsules_per_kit
    parts = (
        Part(
            rule="One tub on the table at a time. Labels come last. "
            "Nobody weighs, opens or holds to the light anything that has a label.",
            steps=(f"Count exactly {per_tub} capsules into each tub.",),
        ),
    )
    return make_pdf(
        "text", paper, heading="Packing, shuffling, labelling", title=plan.trial.title,
        digest=plan.trial.protocol_sha256[:8], parts=parts,
    )  # fmt: skip
