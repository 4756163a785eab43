"""Sheets that only the preparer and the emergency contact may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.report.sheets.model import Pack
from nof1.report.sheets.numbers import count
from nof1.report.sheets.pdf import make_pdf
from nof1.report.sheets.qr import qr_svg

if TYPE_CHECKING:
    from nof1.report.sheets.model import Paper, PreparerPlan


def packing_list(plan: PreparerPlan, paper: Paper) -> bytes:
    """Print which kit gets what, sorted by code: the order of use cannot be read from it.

    Parameters
    ----------
    plan : PreparerPlan
        The plan.
    paper : Paper
        What is in the printer.

    Returns
    -------
    bytes
        A PDF.
    """
    is_box = plan.pack is Pack.BOX
    number = plan.trial.capsules_per_kit
    steps = [
        f"Each kit holds exactly {count(number, 'capsule')}, alike in look, feel, weight, sound and smell.",
        "Pack one kind after the other: all kits of the first, clear and clean the table, then the next.",
        "Put the folded card into the lid, tape the box, stick on the label with the same code, tick the line."
        if is_box
        else "Close the envelope, stick on the label with the same code, tick the line.",
        "Nobody weighs, opens or holds to the light anything that has a label.",
        "Hand over all kits at once, in the order of their codes.",
    ]
    if not is_box:
        steps.insert(
            3,
            "The envelopes hold no slip. Cut the block cards apart and seal each in an opaque envelope of its own; outside "
            "write the codes on it, sorted as they are, and “emergency”. Hand them over with the kits.",
        )
    return make_pdf(
        "packing_list", paper, title=plan.trial.title, digest=plan.trial.protocol_sha256[:8], steps=steps,
        second="card in lid" if is_box else "closed", kits=sorted(plan.kits, key=lambda kit: kit.code),
    )  # fmt: skip


def recovery_sheet(plan: PreparerPlan, paper: Paper) -> bytes:
    """Print the secret so that it can be typed again, and which kit contains what.

    Parameters
    ----------
    plan : PreparerPlan
        The plan.
    paper : Paper
        What is in the printer.

    Returns
    -------
    bytes
        A PDF.
    """
    groups = [
        {"number": number, "digits": digits, "check": check}
        for number, (digits, check) in enumerate(plan.secret_groups, start=1)
    ]
    return make_pdf(
        "recovery", paper, title=plan.trial.title, digest=plan.trial.protocol_sha256[:8],
        contact=plan.trial.contact, rows=[groups[start : start + 2] for start in range(0, len(groups), 2)],
        qr=qr_svg("".join(digits for digits, _ in plan.secret_groups)),
        kits=sorted(plan.kits, key=lambda kit: kit.code),
    )  # fmt: skip
