"""How to pack, shuffle and label alone: the printed text with the numbers of this plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nof1.report.sheets.labels import STOCKS
from nof1.report.sheets.model import Pack
from nof1.report.sheets.numbers import count, numbers_of
from nof1.report.sheets.pdf import make_pdf
from nof1.report.sheets.steps import packing_steps

if TYPE_CHECKING:
    from nof1.report.sheets.model import HandPlan, Paper
    from nof1.report.sheets.numbers import Numbers


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
    items : tuple of str
        With a dot each.
    is_page : bool
        Whether it begins a page: what lies on the table while hands work.
    """

    heading: str = ""
    lead: tuple[str, ...] = ()
    rule: str = ""
    steps: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    is_page: bool = False


RULE: Final = (
    "Rule: one tub on the table at a time. Labels come last. "
    "Nobody weighs, opens or holds to the light anything that has a label."
)
KEEP: Final = {
    Pack.BOX: "The slip stays in its lid, folded, until the trial is locked. In an emergency anyone may open it: it "
    "says what you took.",
    Pack.DAY: "The slip stays under its flap, folded, until the trial is locked. In an emergency anyone may open it: it "
    "says what you took on that day.",
}


def instructions(plan: HandPlan, paper: Paper) -> bytes:
    """Print the steps of packing, shuffling and labelling, and what belongs before and after them.

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
    numbers = numbers_of(plan)
    parts = [_print_part(numbers, paper), _before_part(plan), _wrong_part(numbers), _asked_part(numbers)]
    parts += [_packing_part(plan, numbers), *((_DAILY,) if plan.pack is Pack.DAY else ())]
    return make_pdf(
        "text", paper, heading="Packing, shuffling, labelling", title=plan.trial.title,
        digest=plan.trial.protocol_sha256[:8], parts=parts,
    )  # fmt: skip


def _print_part(numbers: Numbers, paper: Paper) -> Part:
    sheets = " and ".join(f"sheet-{number}.pdf" for number in range(1, numbers.tubs + 1))
    if numbers.tubs > 2:
        sheets = f"sheet-1.pdf to sheet-{numbers.tubs}.pdf"
    stickers = "labels.pdf and block-numbers.pdf" if numbers.blocks else "labels.pdf"
    return Part(
        heading="Print",
        lead=(
            (
                f"At 100 % (not “fit to page”), on one side only. {sheets} (the slips) all on the same paper in one go, "
                f"so that they look alike from outside. {stickers} on label paper ({STOCKS[paper].name}), or on plain paper, "
                "cut out and stuck on with clear tape. The wallet card where you like."
            ),
            "The slips are Z-folded: lower third up over the text, upper third back. Outside is then the pattern"
            + (" with the block number." if numbers.blocks else "."),
        ),
    )


def _before_part(plan: HandPlan) -> Part:
    tubs = "; ".join(f"tub {n}: {text}" for n, text in enumerate(plan.trial.contents, start=1))
    return Part(
        heading="Before packing, another day",
        lead=(
            f"Which capsules belong to which tub: {tubs}. Write only the number on a tub.",
            (
                "Opaque capsules, all of one batch. Adjust the filler until 20 of each kind weigh the same to the last digit "
                "of the scale. Wipe them. No rattle, no smell; the same desiccant with both, or none."
            ),
            (
                "Sorting test, done alone: put 8 + 8 capsules of two kinds under 16 equal cups, with the kind written "
                "beneath each cup. Mix the cups with eyes closed. Take out the capsules and sort them into two groups of 8 "
                "by look, feel, rattle and smell, each with its cup. Then read the kinds. 7 or 8 of one kind together in a "
                "group: they can be told apart (by luck this happens in 1.0 % of tests); refill and test again. Passing "
                "does not prove that they are the same. These 16 capsules do not go back into the tubs."
            ),
        ),
    )


def _packing_part(plan: HandPlan, numbers: Numbers) -> Part:
    spares = len(numbers.blocks) - numbers.regular_blocks
    blocks = ""
    if numbers.blocks:
        blocks = f", {count(numbers.regular_blocks, 'block')}"
        blocks += f" and {count(spares, 'spare block')}" if spares else ""
    return Part(
        heading=f"Packing: {count(numbers.kits, 'pack')} of {count(numbers.capsules, 'capsule')}{blocks}; about "
        f"{numbers.minutes} minutes",
        lead=(_need(plan, numbers),),
        rule=RULE,
        is_page=True,
        steps=packing_steps(plan, numbers),
        end=(
            KEEP[plan.pack],
            (
                "In step 8, PROTOCOL is your protocol file, TRIAL the new folder of the trial such as data/my-trial, DATE the "
                "first day such as 2026-03-01, FOLDER where these sheets were written. Minutes are estimates; filling the "
                "capsules is not in them. Anyone who happens to be there may do step 7, told nothing but the step: that is "
                "the best shuffle."
            ),
        ),
    )


def _need(plan: HandPlan, numbers: Numbers) -> str:
    if plan.pack is Pack.DAY:
        return (
            f"You need: {numbers.kits} equal small envelopes (C7, 81 × 114 mm, or 3½ × 5 in), lined or of paper through "
            f"which a phone's torch shows nothing, tissue, tape, scissors, {numbers.tubs} tubs with lids, a counting tray, "
            "the printed sheets."
        )
    sack = (
        "an opaque sack large enough that the packs turn over"
        if numbers.blocks
        else "a duvet cover or a laundry bag"
    )
    return (
        f"You need: {numbers.kits} equal boxes, {numbers.kits} equal bags, tape, scissors, {numbers.tubs} tubs with lids, "
        f"{sack}, a scale or counting tray, the printed sheets."
    )


_DAILY: Final = Part(
    heading="Every day",
    items=(
        "Open the envelope of the day, tip the capsules out over a cup, leave the slip where it is, folded.",
        "The guess is asked in the evening, before the next pack.",
        "A day was missed: its pack stays shut and is never used later.",
        (
            "Emergency: the emptied envelope stays with you until the next one is opened, then goes into a tin with the last "
            "seven. Anyone may open the slip. It gives one day."
        ),
    ),
)


def _wrong_part(numbers: Numbers) -> Part:
    reserve = "the reserve label of the same block" if numbers.blocks else "the reserve label"
    return Part(
        heading="When something goes wrong",
        items=(
            (
                "A capsule or a slip is left over, or one is missing, before there are labels: open the packs of that tub and "
                "count again. With labels on: all packs are opened, and the work begins again with new labels "
                "(nof1 kit plan … --relabel)."
            ),
            f"A label is spoilt: throw it away, use {reserve}, and write the spoilt code on this page: the computer asks.",
            "A label went on before the shuffle: take all labels off, print new ones (--relabel), shuffle again.",
            "You could tell a pack by something: repack it before step 7. After step 7 say so to the computer.",
            "You are interrupted: stop between two tubs or before step 7, never with a tub open or a sack half labelled.",
        ),
    )


def _asked_part(numbers: Numbers) -> Part:
    look = (
        "Up to three blocks: turn over their packs and type their codes."
        if numbers.blocks
        else "The codes of some packs."
    )
    return Part(
        heading="What the computer asks in step 8, before it draws",
        items=(
            (
                f"How many capsules are left in {'each tub' if numbers.tubs > 2 else 'tub 1 and in tub 2'}? (none) "
                f"How many slips on {'each sheet' if numbers.tubs > 2 else 'Sheet 1 and on Sheet 2'}? (none)"
            ),
            "Which labels are left over or spoilt? (reserve labels that were not needed are expected)",
            look,
            "Did the labels go on as the packs came out? Could you say of any pack what is in it? Who shuffled?",
        ),
        end=("Nobody ever asks you for the content of a pack.",),
    )
