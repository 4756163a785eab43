"""verify.py: short, of the standard library alone, and to the byte what the design says; two programs that agree."""

from __future__ import annotations

import ast
import random
import sys
from math import factorial

import pytest

from nof1.blinding.kits import draw_card_key, draw_kit_codes
from nof1.schedule.draw import draw
from nof1.schedule.space import balanced, randomized_blocks

from .verifying import PATH, verify

SECRET = bytes(range(32))
DIGEST = b"\xab" * 32


def protocol(*, kind="randomized_blocks", names="AB", spares=0, **design):
    """Return what verify.py reads of a protocol."""
    given = {"kind": kind, "blocks": None, "per_block": 1, "periods": None, "max_run": None, **design}
    told = {key: None if value is None else str(value) for key, value in given.items()}
    return {
        "design": told,
        "conditions": [[name, {}] for name in names],
        "blinding": {"spare_blocks": str(spares)},
    }


def test_it_is_short_and_stands_alone():
    """At most 200 lines, and no import but of the standard library: whoever doubts us can read all of it."""
    source = PATH.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 200
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    assert names <= sys.stdlib_module_names
    assert "nof1" not in names
    assert not [path for path in PATH.parents[2].rglob("*.py") if "resources.verify" in path.read_text()]


@pytest.mark.parametrize(("size", "label", "value"), [
    (64, "sequence", 15), (518, "sequence", 368), (136050710238288, "sequence", 53169277218255),
    (31**5, "sequence", 18826226), (factorial(20), "sequence", 173363201744813696), (216, "sequence", 2),
    (36, "sequence", 9), (20, "sequence", 4), (1, "sequence", 0),
    (factorial(70), "order",
     1478391917963669348846390996442615736040325194254551402211445400041220399936325975660184988372417146),
])  # fmt: skip
def test_draws_are_those_of_the_design(size, label, value):
    """The vectors of the design, version 1."""
    assert verify.draw(SECRET, size, label) == value


@pytest.mark.parametrize(("given", "number", "sequence"), [
    ({"blocks": 6}, 15, "ABABBABABABA"), ({"blocks": 6}, 0, "ABABABABABAB"), ({"blocks": 6}, 63, "BABABABABABA"),
    ({"kind": "balanced", "periods": 14, "max_run": 2}, 368, "BABABAABBABAAB"),
    ({"kind": "balanced", "periods": 14, "max_run": 2}, 0, "AABAABABABBABB"),
    ({"kind": "balanced", "periods": 14, "max_run": 2}, 226, "ABBABAABBABAAB"),
    ({"kind": "balanced", "periods": 70, "max_run": 2}, 53169277218255,
     "ABBAABABAABBAABAABABBAABAABBABABABBAABBABAABAABAABBABBABABBABBABBAABBA"),
    ({"blocks": 3, "names": "ABC"}, 2, "ABCABCBAC"), ({"blocks": 2, "per_block": 2}, 9, "ABABBAAB"),
    ({"kind": "balanced", "periods": 6}, 4, "ABAABB"),
])  # fmt: skip
def test_sequences_are_those_of_the_design(given, number, sequence):
    """Number and sequence are one, both ways."""
    space = verify.space_of(protocol(**given))
    assert "".join(verify.walk(space, number)) == sequence
    assert verify.walk(space, sequence=list(sequence)) == number


def test_bytes_of_cards_and_commitments():
    """Frame, trial key, kit codes, leaves, root and both commitments of the design."""
    assert verify.frame("ab", "").hex() == "00000002616200000000"
    key = verify.mac(SECRET, "nof1/trial/v1", DIGEST)
    assert key.hex() == "cdbff4e82b308b36d32ef2ce7ffc6622ec514fa342e03e54425879c865ac0c89"
    leaves = [
        verify.sha("nof1/card/v1", DIGEST, "block 3", "on", "23456789ABCDEFGH"),
        verify.sha("nof1/card/v1", DIGEST, "block 3", "off", "JKMNPQRSTUVWXYZ2"),
    ]
    assert leaves[0].hex().startswith("8bbcfac90b08b474")
    assert leaves[1].hex().startswith("6e5bf0280eb35cdb")
    root = verify.sha("nof1/root/v1", *sorted(leaves))
    assert root.hex() == "5c2248472c2e24fa811665e564b1d6d09e228e2c798734753cae407b10e44dca"
    blocks, codes = [*"112233445566", "S1", "S1"], verify.kit_codes(key, 14)
    assert codes[:2] == ["K-QMNC6Y", "K-EMTD5Z"]
    made = verify.redraw(key, protocol(blocks=6, names=("on", "off"), spares=1), "sequence")
    assert " ".join(made) == "off on on off off on on off on off off on on off"
    cards = [
        verify.sha("nof1/card/v1", DIGEST, code, condition, verify.letters(verify.draw(key, 31**16, f"key/{code}"), 16))
        for code, condition in zip(codes, made, strict=True)
    ]  # fmt: skip
    assert cards[0].hex() == "c93726d5004bf40589d4968898b7597783aad209c28c3863537c718e4807d66a"
    top = verify.sha("nof1/root/v1", *sorted(cards))
    kits = [f"{block}/{code}" for block, code in zip(blocks, codes, strict=True)]
    told = verify.sha("nof1/commitment/v1", "third_party", DIGEST, top, *kits)
    assert told.hex() == "5169066e9f7f811cd86c4cc3d3759bec48d687cd03a75942e0c64f6548a76c44"
    sacks = [[f"K-2233{a}", f"K-2233{b}"] for a, b in
             (("AV", "B3"), ("C9", "DF"), ("EN", "FU"), ("G2", "H8"), ("JE", "KM"), ("MT", "NZ"))]  # fmt: skip
    order = verify.redraw(key, protocol(blocks=6), "order", sacks)
    assert " ".join(code[6:] for code in order) == "AV B3 DF C9 FU EN H8 G2 KM JE MT NZ"
    kits = [f"{place // 2 + 1}/{code}" for place, code in enumerate(order)]
    told = verify.sha("nof1/commitment/v1", "self_blinded", DIGEST, root, *kits)
    assert told.hex() == "95f218246f7f677bcbe495157ab29862d9f8d7f57ae78b7ce15ab4d836c333b0"
    four = [sacks[i] + sacks[i + 1] for i in (0, 2, 4)]
    order = verify.redraw(key, protocol(blocks=3, per_block=2), "order", four)
    assert " ".join(code[6:] for code in order) == "C9 AV DF B3 EN H8 FU G2 JE MT NZ KM"
    order = verify.redraw(
        key, protocol(kind="balanced", periods=6), "order", [sacks[0] + sacks[1] + sacks[2]]
    )
    assert " ".join(code[6:] for code in order) == "C9 FU EN DF AV B3"


def test_two_programs_agree():
    """Draws, codes, keys, sizes, numbers and sequences are those of nof1, for designs and secrets taken at random."""
    chance = random.Random(2026)  # noqa: S311 - made-up secrets
    for _ in range(40):
        key, k = chance.randbytes(32), chance.choice((2, 3))
        size = chance.randrange(1, 2 ** chance.randrange(1, 300))
        assert verify.draw(key, size, "order") == draw(key, size, "order")
        assert tuple(verify.kit_codes(key, 6)) == draw_kit_codes(key, 6)
        assert verify.letters(verify.draw(key, 31**16, "key/K"), 16) == draw_card_key(key, "K")
        names = "ABC"[:k]
        blocks, each, run = chance.randrange(1, 7), chance.randrange(1, 4), chance.choice((None, 1, 2, 3))
        for ours, told in (
            (randomized_blocks(blocks, names, each), {"blocks": blocks, "per_block": each}),
            (balanced(blocks * k, names, run), {"kind": "balanced", "periods": blocks * k, "max_run": run}),
        ):
            theirs = verify.space_of(protocol(names=names, **told))
            assert verify.walk(theirs) == ours.size
            number = chance.randrange(ours.size)
            assert tuple(verify.walk(theirs, number)) == ours.unrank(number)
            assert verify.walk(theirs, sequence=list(ours.unrank(number))) == number
    assert verify.space_of(protocol(kind="williams", blocks=4)) is None
