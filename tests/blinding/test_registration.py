"""The dialog before the draw: what a slip of the hand is answered with, word by word."""

from __future__ import annotations

import pytest

from nof1.blinding.packing import plan_kits
from nof1.blinding.registration import questions, settle, turned_over
from nof1.errors import EntryError, StageError
from nof1.schedule.space import balanced, randomized_blocks

PLAN, _ = plan_kits(
    bytes(range(32)),
    bytes(32),
    "ab" * 32,
    randomized_blocks(6, ("on", "off")),
    [randomized_blocks(1, ("on", "off"))],
)
SMALL, _ = plan_kits(bytes(range(32)), bytes(32), "ab" * 32, randomized_blocks(3, ("on", "off")))
KEY = bytes(range(1, 33))
AGAIN = "Open all, start again with new labels; nothing has been drawn"
RELABEL = "print new labels (nof1 kit plan FILE --to DIR --relabel)"


def careful(plan=SMALL, **changed):
    """Return the answers of somebody who made no mistake, with some changed."""
    right = {"capsules_1": "0", "capsules_2": "0", "slips_1": "0", "slips_2": "0", "labels": "none"}
    right |= {f"block_{block.block}": " ".join(block.codes) for block in plan.blocks}
    return right | {"labels_on": "after", "known": "none", "shuffled_by": "me"} | changed


def registered(plan=SMALL, **changed):
    """Put the questions, and answer them."""
    return settle(plan, questions(plan, 2, KEY), careful(plan, **changed))


def test_the_questions_and_their_order():
    """What a person reads; conditions are not asked."""
    assert [question.text for question in questions(SMALL, 2, KEY)] == [
        "Capsules left in tub 1?",
        "Capsules left in tub 2?",
        "Slips left on Sheet 1?",
        "Slips left on Sheet 2?",
        "Labels left over or spoilt: write none, or their codes (reserve labels do not count)",
        "Turn over the boxes with block number 1: type their codes",
        "Turn over the boxes with block number 2: type their codes",
        "Turn over the boxes with block number 3: type their codes",
        "When did the labels go on, before or after the shuffle?",
        "Is there a box of which you could say what is in it? Write none, or its code",
        "Who shuffled? (me, someone else)",
    ]


def test_careful_work_is_registered_sorted():
    """One code per pack, no reserve label; the order of the kits says nothing."""
    done = registered()
    assert [str(kit) for kit in done.kits] == [f"{b.block}/{code}" for b in SMALL.blocks for code in b.codes]
    assert done.retired == ()
    assert dict(done.answers)["Who shuffled? (me, someone else)"] == "me"
    assert len(done.answers) == 11


def test_three_blocks_are_turned_over_whichever_the_draw_says():
    """All, up to three; each block has its turn; where there are no block numbers none is asked."""
    seen = set()
    for number in range(60):
        chosen = [block.block for block in turned_over(PLAN, number.to_bytes(32, "big"))]
        assert len(set(chosen)) == 3
        seen |= set(chosen)
    assert seen == {"1", "2", "3", "4", "5", "6", "S1"}
    sack, _ = plan_kits(KEY, bytes(32), "ab" * 32, balanced(8, ("on", "off")))
    assert turned_over(sack, KEY) == ()


def test_a_spoilt_label_is_retired_and_its_reserve_takes_its_place():
    """Also where the boxes of its block are turned over."""
    block = SMALL.blocks[1]
    spoilt, kept = block.codes
    done = registered(labels=spoilt.lower(), block_2=f"{block.reserve}, {kept}")
    assert done.retired == (spoilt,)
    assert {str(kit) for kit in done.kits if kit.block == "2"} == {f"2/{kept}", f"2/{block.reserve}"}


FIRST, SECOND = (" ".join(block.codes) for block in SMALL.blocks[:2])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"capsules_1": "3"}, f"a pack may hold the wrong capsules. {AGAIN}"),
        ({"slips_2": "1"}, f"a box is without its slip, or there are two slips in one box. {AGAIN}"),
        (
            {"labels": FIRST},
            f"block 1 has one reserve label, and {FIRST.replace(' ', ' and ')} are left over: {RELABEL} and shuffle again",
        ),
        (
            {"block_1": f"{FIRST.split()[0]} {SECOND.split()[0]}"},
            f"{SECOND.split()[0]} belongs to block 2: labels of two blocks were exchanged; {RELABEL} and shuffle again",
        ),
        (
            {"block_1": f"{FIRST.split()[0]} {SMALL.blocks[0].reserve}"},
            (
                f"{SMALL.blocks[0].reserve} is the reserve label, and no label was spoilt, but it is on a box of block 1; "
                "answer again from the start"
            ),
        ),
        ({"slips_1": "9" * 5000}, f"a box is without its slip, or there are two slips in one box. {AGAIN}"),
        ({"labels_on": "Before"}, f"then you know which is which: {RELABEL}, shuffle again"),
        (
            {"known": SECOND.split()[1]},
            f"block 2: unpack and shuffle it again, or use the spare block; {RELABEL}",
        ),
    ],
)
def test_what_went_wrong_is_refused(changed, said):
    """Each with what can still be done about it."""
    with pytest.raises(StageError) as refused:
        registered(**changed)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"capsules_1": "few"}, "write a number, 0 if nothing is left"),
        ({"capsules_1": "\N{ARABIC-INDIC DIGIT ZERO}"}, "write a number, 0 if nothing is left"),
        ({"labels": "K-222222"}, "K-222222 is no label of these sheets"),
        ({"labels": SMALL.blocks[0].reserve}, "is the reserve label of block 1; it does not count"),
        ({"block_1": FIRST.split()[0]}, "block 1 has 2 boxes, each with a code of its own; found 1"),
        ({"block_1": FIRST[:-1] + "2"}, "is not a kit code; read the label again"),
        ({"labels_on": "yes"}, "write before or after"),
        ({"known": "K-222222"}, "is no label of these sheets"),
        ({"shuffled_by": "a cat"}, "write me or someone else"),
    ],
)
def test_what_cannot_be_read_is_asked_again(changed, said):
    """A slip of the finger is no slip of the hand."""
    with pytest.raises(EntryError, match=said):
        registered(**changed)


def test_an_answer_that_is_missing():
    """Named by its key."""
    answers = careful()
    del answers["known"]
    with pytest.raises(EntryError, match=r"^known: not answered: Is there a box"):
        settle(SMALL, questions(SMALL, 2, KEY), answers)
