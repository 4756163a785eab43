"""What is planned for somebody alone: enough slips, enough labels, and nothing that joins them."""

from __future__ import annotations

from collections import Counter

import pytest

from nof1.blinding.kits import is_kit_code
from nof1.blinding.packing import KitsPlan, plan_kits
from nof1.errors import DocumentError
from nof1.schedule.space import balanced, randomized_blocks, williams

DIGEST = "ab" * 32
PAIRS = randomized_blocks(6, ("on", "off"))
SPARE = randomized_blocks(1, ("on", "off"))
CODES, CARDS = bytes(range(32)), bytes(range(32, 64))
DESIGNS = {
    "pairs": (PAIRS, [SPARE, SPARE]),
    "days": (randomized_blocks(5, ("on", "off"), 2), []),
    "one sack": (balanced(10, ("on", "off")), []),
    "cells": (randomized_blocks(2, ("a", "b", "c", "d")), [randomized_blocks(1, ("a", "b", "c", "d"))]),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_every_block_has_its_slips_and_labels(design):
    """As many labels as packs and one in reserve; as many slips of each condition as the block holds."""
    space, spares = DESIGNS[design]
    plan, cards = plan_kits(CODES, CARDS, DIGEST, space, spares)
    counts = Counter((card.place, card.condition) for card in cards)
    expected = {(sack.place, code): n for sack in space.sacks for code, n in sack.counts}
    for number, spare in enumerate(spares, start=1):
        expected |= {(f"block S{number}", code): n for sack in spare.sacks for code, n in sack.counts}
    assert counts == expected
    assert [(f"block {b.block}", len(b.codes)) for b in plan.blocks] == list(
        Counter(card.place for card in cards).items()
    )
    every = [code for block in plan.blocks for code in block.every_code]
    assert len(set(every)) == len(every) == plan.n_kits + len(plan.blocks)
    assert all(map(is_kit_code, every))
    assert all(list(block.codes) == sorted(block.codes) for block in plan.blocks)
    assert plan.leaves == tuple(sorted(card.leaf(DIGEST).hex() for card in cards))
    assert len({card.key for card in cards}) == len(cards) == len(set(plan.leaves))


def test_the_file_holds_codes_and_hashes_alone():
    """It is read back as it was written; no condition and no key is in it."""
    plan, cards = plan_kits(CODES, CARDS, DIGEST, PAIRS, [SPARE])
    document = plan.to_dict()
    assert KitsPlan.from_dict(document) == plan
    text = repr(document)
    assert all(card.key not in text for card in cards)
    assert "'on'" not in text
    assert "'off'" not in text


def test_codes_say_nothing_of_keys():
    """Each has entropy of its own: other codes leave the slips as they were, and the other way round."""
    plan, cards = plan_kits(CODES, CARDS, DIGEST, PAIRS)
    other_plan, other_cards = plan_kits(CARDS, CARDS, DIGEST, PAIRS)
    assert other_cards == cards
    assert other_plan.leaves == plan.leaves
    assert {b.codes for b in other_plan.blocks}.isdisjoint({b.codes for b in plan.blocks})


def test_new_labels_for_the_same_slips():
    """None of the old codes comes back, and the kits are the same ones."""
    plan, _ = plan_kits(CODES, CARDS, DIGEST, PAIRS, [SPARE])
    again = plan.relabelled(CODES)  # even with the entropy of the first
    old = {code for block in plan.blocks for code in block.every_code}
    assert old.isdisjoint(code for block in again.blocks for code in block.every_code)
    assert [(b.block, len(b.codes)) for b in again.blocks] == [(b.block, len(b.codes)) for b in plan.blocks]
    assert (again.leaves, again.root) == (plan.leaves, plan.root)


def test_a_design_that_hands_would_leave():
    """No plan is made of it."""
    with pytest.raises(ValueError, match="hands cannot shuffle the packs of this design"):
        plan_kits(CODES, CARDS, DIGEST, williams("ABCD", 16))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"nof1": 2}, "this version reads format 1"),
        ({"mode": "third_party"}, "kit plan writes self_blinded"),
        ({"protocol_sha256": "AB" * 32}, "not 64 hexadecimal digits"),
        ({"blocks": []}, "not a list of blocks"),
        ({"leaves": ["00" * 32]}, "1 leaves for 14 kits"),
        ({"condition": "on"}, "condition: unknown"),
    ],
)
def test_a_file_that_is_not_as_it_was_written(change, said):
    """Every problem is named."""
    plan, _ = plan_kits(CODES, CARDS, DIGEST, PAIRS, [SPARE])
    with pytest.raises(DocumentError, match=said):
        KitsPlan.from_dict(plan.to_dict() | change)


def test_a_code_that_was_mistyped_in_the_file():
    """A code carries a check character, in the file as on paper."""
    plan, _ = plan_kits(CODES, CARDS, DIGEST, PAIRS)
    document = plan.to_dict()
    document["blocks"][0]["reserve"] = document["blocks"][0]["codes"][0]
    with pytest.raises(DocumentError, match="a code is there twice"):
        KitsPlan.from_dict(document)
    document["blocks"][0]["reserve"] = "K-222223"
    with pytest.raises(DocumentError, match="not a list of blocks"):
        KitsPlan.from_dict(document)
