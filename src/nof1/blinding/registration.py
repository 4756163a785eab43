"""The questions before the draw: every slip of the hand that can be caught while nothing is drawn yet.

Conditions are not asked. What an answer is refused for is always something that hands can still put right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.blinding.kits import Kit, read_kit_code
from nof1.errors import EntryError, StageError
from nof1.schedule.draw import draw

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from nof1.blinding.packing import KitsPlan, LabelledBlock
    from nof1.terms import KitCode

MOST_TURNED = 3
"""Blocks whose labels are read back; all, where there are no more."""
AFTER, BEFORE = "after", "before"
NONE = "none"
WHO = ("me", "someone else")

_AGAIN = "Open all, start again with new labels; nothing has been drawn"
_RELABEL = "print new labels (nof1 kit plan FILE --to DIR --relabel)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of the dialog.

    Attributes
    ----------
    key : str
        Short name, under which a file of answers has it.
    text : str
        As it is asked.
    kind : str
        ``count``, ``labels``, ``codes``, ``when``, ``boxes`` or ``who``.
    block : str
        Of ``codes``: whose codes are typed.
    """

    key: str
    text: str
    kind: str
    block: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What the dialog settles.

    Attributes
    ----------
    kits : tuple of Kit
        One for each pack, sorted by block and code.
    retired : tuple of KitCode
        Codes of spoilt labels, sorted.
    answers : tuple of (str, str)
        Question and answer, in the order in which they were asked.
    """

    kits: tuple[Kit, ...]
    retired: tuple[KitCode, ...]
    answers: tuple[tuple[str, str], ...]


def questions(plan: KitsPlan, n_conditions: int, key: bytes) -> tuple[Question, ...]:
    """Return the questions in the order in which they are asked.

    Parameters
    ----------
    plan : KitsPlan
        Of the packed kits.
    n_conditions : int
        Tubs and sheets.
    key : bytes, length 32
        Draws the blocks whose boxes are turned over; thrown away afterwards.

    Returns
    -------
    tuple of Question
        A design without blocks has no block numbers, so there nothing is turned over.
    """
    tubs = range(1, n_conditions + 1)
    asked = [Question(key=f"capsules_{n}", text=f"Capsules left in tub {n}?", kind="count") for n in tubs]
    asked += [Question(key=f"slips_{n}", text=f"Slips left on Sheet {n}?", kind="count") for n in tubs]
    asked.append(
        Question(
            key="labels",
            text="Labels left over or spoilt: write none, or their codes (reserve labels do not count)",
            kind="labels",
        )
    )
    asked += [
        Question(
            key=f"block_{block.block}",
            text=f"Turn over the boxes with block number {block.block}: type their codes",
            kind="codes",
            block=block.block,
        )
        for block in turned_over(plan, key)
    ]
    asked += [
        Question(
            key="labels_on",
            text="When did the labels go on, before or after the shuffle?",
            kind="when",
        ),
        Question(
            key="known",
            text="Is there a box of which you could say what is in it? Write none, or its code",
            kind="boxes",
        ),
        Question(key="shuffled_by", text="Who shuffled? (me, someone else)", kind="who"),
    ]
    return tuple(asked)


def turned_over(plan: KitsPlan, key: bytes) -> tuple[LabelledBlock, ...]:
    """Draw the blocks whose labels are read back from the boxes.

    Parameters
    ----------
    plan : KitsPlan
        Of the packed kits.
    key : bytes, length 32
        Fresh entropy.

    Returns
    -------
    tuple of LabelledBlock
        In the order of the plan.
    """
    left = [block for block in plan.blocks if block.block != "0"]
    chosen: list[LabelledBlock] = []
    while left and len(chosen) < MOST_TURNED:
        chosen.append(left.pop(draw(key, len(left), f"turn/{len(chosen)}")))
    return tuple(block for block in plan.blocks if block in chosen)


def settle(plan: KitsPlan, asked: Iterable[Question], given: Mapping[str, str]) -> Registration:
    """Check all answers, and fix which label is on a pack.

    Parameters
    ----------
    plan : KitsPlan
        Of the packed kits.
    asked : iterable of Question
        As `questions` gave them.
    given : mapping of str to str
        Answers by the key of the question.

    Returns
    -------
    Registration
        Codes that are in use, codes that are retired, the answers in normal form.

    Raises
    ------
    EntryError
        If an answer is missing or cannot be read.
    StageError
        If an answer says that something went wrong; nothing has been drawn, and it can be put right.
    """
    answers: dict[str, str] = {}
    told = []
    for question in asked:
        if question.key not in given:
            raise EntryError(f"{question.key}: not answered: {question.text}")
        answers[question.key] = check_answer(plan, question, answers, given[question.key])
        told.append((question.text, answers[question.key]))
    retired = tuple(sorted(_codes(answers.get("labels", NONE))))
    kits = [Kit(block=block.block, code=code) for block in plan.blocks for code in _in_use(block, retired)]
    return Registration(kits=tuple(sorted(kits, key=str)), retired=retired, answers=tuple(told))


def check_answer(plan: KitsPlan, question: Question, before: Mapping[str, str], typed: str) -> str:
    """Check one answer.

    Parameters
    ----------
    plan : KitsPlan
        Of the packed kits.
    question : Question
        That was asked.
    before : mapping of str to str
        Answers to the questions before, as this function returned them.
    typed : str
        The answer.

    Returns
    -------
    str
        The answer in normal form.

    Raises
    ------
    EntryError
        If it cannot be read: ask again.
    StageError
        If it says that something went wrong.
    """
    match question.kind:
        case "count":
            return _count(question, typed)
        case "labels":
            return _spoilt(plan, typed)
        case "codes":
            return _turned(plan, question.block, typed, _codes(before.get("labels", NONE)))
        case "when":
            return _when(typed)
        case "boxes":
            return _unknown(plan, typed)
        case _:
            return _who(typed)


def _count(question: Question, typed: str) -> str:
    number = typed.strip()
    if not (number.isascii() and number.isdecimal()):
        raise EntryError(f"{question.text} found {typed.strip()!r}; write a number, 0 if nothing is left")
    if not number.strip("0"):
        return "0"
    if question.key.startswith("capsules"):
        raise StageError(f"a pack may hold the wrong capsules. {_AGAIN}")
    raise StageError(f"a box is without its slip, or there are two slips in one box. {_AGAIN}")


def _spoilt(plan: KitsPlan, typed: str) -> str:
    codes = _codes(typed)
    blocks: dict[str, KitCode] = {}
    for code in codes:
        block = plan.block_of(code)
        if block is None:
            raise EntryError(f"{code} is no label of these sheets; read it again")
        if code == block.reserve:
            raise EntryError(f"{code} is the reserve label of block {block.block}; it does not count")
        if blocks.setdefault(block.block, code) != code:
            raise StageError(
                f"block {block.block} has one reserve label, and {blocks[block.block]} and {code} are left over: "
                f"{_RELABEL} and shuffle again"
            )
    return " ".join(sorted(blocks.values())) or NONE


def _turned(plan: KitsPlan, name: str, typed: str, retired: Collection[KitCode]) -> str:
    block = next(block for block in plan.blocks if block.block == name)
    expected = _in_use(block, retired)
    codes = _codes(typed)
    for code in codes:
        other = plan.block_of(code)
        if other is None:
            raise EntryError(f"{code} is no label of these sheets; read it again")
        if other != block:
            raise StageError(
                f"{code} belongs to block {other.block}: labels of two blocks were exchanged; "
                f"{_RELABEL} and shuffle again"
            )
        if code not in expected:
            why = "was spoilt" if code in retired else "is the reserve label, and no label was spoilt"
            raise StageError(f"{code} {why}, but it is on a box of block {name}; answer again from the start")
    if sorted(codes) != list(expected):
        raise EntryError(
            f"block {name} has {len(expected)} boxes, each with a code of its own; found {len(set(codes))}"
        )
    return " ".join(expected)


def _when(typed: str) -> str:
    answer = " ".join(typed.lower().split())
    if answer == BEFORE:
        raise StageError(f"then you know which is which: {_RELABEL}, shuffle again")
    if answer != AFTER:
        raise EntryError(f"labels: found {typed.strip()!r}; write {BEFORE} or {AFTER}")
    return AFTER


def _unknown(plan: KitsPlan, typed: str) -> str:
    codes = _codes(typed)
    for code in codes:
        block = plan.block_of(code)
        if block is None:
            raise EntryError(f"{code} is no label of these sheets; read it again")
        where = "all boxes" if block.block == "0" else f"block {block.block}"
        again = "" if block.block == "0" else ", or use the spare block"
        raise StageError(f"{where}: unpack and shuffle it again{again}; {_RELABEL}")
    return NONE


def _who(typed: str) -> str:
    answer = " ".join(typed.lower().split())
    if answer not in WHO:
        raise EntryError(f"who shuffled: found {typed.strip()!r}; write {' or '.join(WHO)}")
    return answer


def _in_use(block: LabelledBlock, retired: Collection[KitCode]) -> tuple[KitCode, ...]:
    kept = [code for code in block.codes if code not in retired]
    return tuple(sorted(kept if len(kept) == len(block.codes) else [*kept, block.reserve]))


def _codes(typed: str) -> tuple[KitCode, ...]:
    words = typed.replace(",", " ").replace(";", " ").split()
    if not words or [word.lower() for word in words] == [NONE]:
        return ()
    return tuple(read_kit_code(word) for word in words)
