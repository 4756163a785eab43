"""The steps of packing, shuffling and labelling, by what is shuffled: pairs, several packs, the whole trial, day packs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nof1.report.sheets.model import SPARE_SIGN, Pack
from nof1.report.sheets.numbers import count, duration, word

if TYPE_CHECKING:
    from nof1.report.sheets.model import HandPlan
    from nof1.report.sheets.numbers import Numbers

RANDOMIZE: Final = "nof1 randomize PROTOCOL --trial TRIAL --start DATE --kits FOLDER"
EXTEND: Final = "nof1 extend TRIAL PROTOCOL --kits FOLDER"
_TUMBLE_PAIR_S, _TUMBLE_EACH_S, _TUMBLE_LEAST_S = 20, 10, 30
"""Seconds for two packs; for each of more packs; at least."""


def packing_steps(plan: HandPlan, numbers: Numbers) -> tuple[str, ...]:
    """Say what to do, in order.

    Parameters
    ----------
    plan : HandPlan
        The plan.
    numbers : Numbers
        Its numbers.

    Returns
    -------
    tuple of str
        One text per step.
    """
    return (
        _number_the_packs(plan, numbers),
        _count_capsules(numbers),
        _fill_first(plan, numbers),
        "Tub 1 is now empty and Sheet 1 used up. If not, something is wrong: recount now, while you still may.",
        _fill_others(plan, numbers),
        (
            f"(1 min) Put all {word(numbers.kits)} together. Would you know any of them again by a dent, "
            f"{_marks(plan)}? Move {_insides(plan)} to a new {_noun(plan)} now"
            f"{', same block number' if numbers.blocks else ''}."
        ),
        _shuffle(plan, numbers),
        f"(3 min) At the computer: {EXTEND if plan.extends else RANDOMIZE}. Answer its questions. It then tells which code comes first.",
        f"Put the {_noun(plan, plural=True)} in the order that it prints. Wait a night before the first dose.",
    )


def _noun(plan: HandPlan, *, plural: bool = False) -> str:
    if plan.pack is Pack.BOX:
        return "boxes" if plural else "box"
    return "envelopes" if plural else "envelope"


def _marks(plan: HandPlan) -> str:
    return "the tape, a smell, the sound" if plan.pack is Pack.BOX else "a crease, a smell, the sound"


def _insides(plan: HandPlan) -> str:
    return "bag and slip" if plan.pack is Pack.BOX else "capsules, tissue and slip"


def _number_the_packs(plan: HandPlan, numbers: Numbers) -> str:
    one, many = _noun(plan), _noun(plan, plural=True)
    begin = f"{duration(numbers.kits / 6)} From one stack of {many} take {word(numbers.kits)}."
    if not numbers.blocks:
        return f"{begin} {_places_without_blocks(numbers, many)}"
    each = numbers.blocks[:2] if len(numbers.blocks) > 2 else numbers.blocks
    told = ", ".join(", ".join([block] * numbers.per_sack) for block in each)
    if len(numbers.blocks) > 2:
        told += ", … " + ", ".join([numbers.blocks[-1]] * numbers.per_sack)
    under = "underneath" if plan.pack is Pack.BOX else "on the back"
    return (
        f"{begin} Stick a printed block number {under} (not handwritten: one knows one's own hand): {told}. "
        f"{_places(numbers, one, many)}"
    )


def _places(numbers: Numbers, one: str, many: str) -> str:
    share = [f"{word(n)} {one if n == 1 else many}" for n in numbers.per_block]
    if numbers.tubs == 2:
        return f"Put {share[0]} of each number left, {word(numbers.per_block[1])} right."
    return f"Make {word(numbers.tubs)} groups, group 1 to group {numbers.tubs}, each with {share[0]} of each number."


def _places_without_blocks(numbers: Numbers, many: str) -> str:
    if numbers.tubs == 2:
        return f"Put {word(numbers.per_tub[0])} {many} left, {word(numbers.per_tub[1])} right."
    told = ", ".join(f"{n} in group {number}" for number, n in enumerate(numbers.per_tub, start=1))
    return f"Make {word(numbers.tubs)} groups: {told}."


def _group(number: int, numbers: Numbers, many: str) -> str:
    if numbers.tubs == 2:
        return f"{('left', 'right')[number - 1]} {many}"
    return f"{many} of group {number}"


def _count_capsules(numbers: Numbers) -> str:
    total = [n * numbers.capsules for n in numbers.per_tub]
    if numbers.tubs == 2:
        return (
            f"Count exactly {total[0]} capsules into tub 1 and {total[1]} into tub 2. "
            "Close tub 2 and put it in another room with Sheet 2."
        )
    told = ", ".join(f"{n} into tub {number}" for number, n in enumerate(total, start=1))
    return (
        f"Count exactly: {told}. Close all tubs but tub 1 and put them in another room, each with the sheet "
        "of its number."
    )


def _fill_first(plan: HandPlan, numbers: Numbers) -> str:
    many = _noun(plan, plural=True)
    begin = f"{_fill_minutes(plan, numbers, 0)} Tub 1, Sheet 1, {_group(1, numbers, many)}."
    match = f"the {_noun(plan)}'s number" if numbers.blocks else "no name: any slip of the sheet"
    slip = f"Cut off the slip with {match}" if numbers.blocks else "Cut off a slip"
    if plan.pack is Pack.BOX:
        return (
            f"{begin} For each box: {count(numbers.capsules, 'capsule')} into a bag, close. {slip}, fold it twice, "
            "pattern outside, tape it inside the lid. Bag in, box shut, taped."
        )
    return (
        f"{begin} For each envelope: {slip[0].lower()}{slip[1:]}, fold it twice, pattern outside, and stick it under "
        f"the flap with tape, so that it stays behind when the capsules are tipped out. "
        f"{count(numbers.capsules, 'capsule')} and a piece of tissue in, envelope shut."
    )


def _fill_others(plan: HandPlan, numbers: Numbers) -> str:
    many = _noun(plan, plural=True)
    begin = f"Clear the table, wash and dry your hands. {_fill_minutes(plan, numbers, 1)}"
    if numbers.tubs == 2:
        return (
            f"{begin} Tub 2, Sheet 2, {_group(2, numbers, many)}, the same. Tub 2 is empty, Sheet 2 used up."
        )
    return (
        f"{begin} Tub 2, Sheet 2, {_group(2, numbers, many)}, the same. Then, one after the other and each alone on "
        f"the table, tubs 3 to {numbers.tubs}. Every tub ends empty and every sheet used up."
        if numbers.tubs > 3
        else f"{begin} Tub 2, Sheet 2, {_group(2, numbers, many)}, the same. Clear and wash again; then tub 3, "
        f"Sheet 3, {_group(3, numbers, many)}. Every tub ends empty and every sheet used up."
    )


def _fill_minutes(plan: HandPlan, numbers: Numbers, place: int) -> str:
    each = 8 / 6 if plan.pack is Pack.BOX else 0.5
    return duration(each * numbers.per_tub[place])


def _shuffle(plan: HandPlan, numbers: Numbers) -> str:
    if plan.pack is Pack.DAY:
        return _stir(numbers)
    if not numbers.blocks:
        return (
            f"{duration(2 + numbers.kits / 6)} All {word(numbers.kits)} boxes into a duvet cover or a laundry bag. "
            "Close it, tumble 2 minutes, turn it over ten times. Take the boxes out one by one without looking: the "
            "first gets the first label of the sheet, the next the second, and so on."
        )
    rest = _rest_of_blocks(numbers)
    if numbers.per_sack == 2:
        return (
            f"{duration(len(numbers.blocks) * 2 / 3)} Both boxes numbered {numbers.blocks[0]} into the sack, all others "
            f"away from you. Close, turn your back to it, tumble {_TUMBLE_PAIR_S} seconds. Take one out without looking: "
            f"stick on the first label of block {numbers.blocks[0]}. Take out the other: second label. {rest}"
        )
    seconds = max(_TUMBLE_LEAST_S, _TUMBLE_EACH_S * numbers.per_sack)
    minutes = len(numbers.blocks) * (seconds / 60 + numbers.per_sack / 6)
    return (
        f"{duration(minutes)} The {word(numbers.per_sack)} boxes numbered {numbers.blocks[0]} into the sack, all others "
        f"away from you. Close, turn your back to it, tumble {seconds} seconds. Take them out one by one without looking "
        f"and label each as it comes: the first label of block {numbers.blocks[0]}, the second, and so on. {rest}"
    )


def _rest_of_blocks(numbers: Numbers) -> str:
    others = numbers.blocks[1:]
    if not others:
        return ""
    if len(others) <= 2:
        return f"Then block {' and '.join(others)}."
    spare = others[-1].startswith(SPARE_SIGN)
    regular = [block for block in others if not block.startswith(SPARE_SIGN)]
    told = (
        f"Then {', '.join(regular[:2])}, … {regular[-1]}"
        if len(regular) > 2
        else f"Then {', '.join(regular)}"
    )
    if spare:
        spares = [block for block in others if block.startswith(SPARE_SIGN)]
        told += f", and the spare {'block' if len(spares) == 1 else 'blocks'} {', '.join(spares)}"
    return f"{told}."


def _stir(numbers: Numbers) -> str:
    if numbers.blocks:
        which = f"The {word(numbers.per_sack)} envelopes of block {numbers.blocks[0]}"
        label = f"first label of block {numbers.blocks[0]}"
        minutes = len(numbers.blocks) * 1.5
    else:
        which = f"All {word(numbers.kits)} envelopes"
        label = "first label of the sheet"
        minutes = 2 + numbers.kits / 6
    rest = f" {_rest_of_blocks(numbers)}" if numbers.blocks else ""
    return (
        f"{duration(minutes)} {which} flat and face down on the table, all others away. Close your eyes and stir them "
        "with both hands for 1 minute. Square them up, cut the pile three times like a pack of cards. Label from the "
        f"top: the uppermost gets the {label}, the next the second, and so on.{rest}"
    )
