"""Leaves, root and commitment are the published bytes, and every bit of what they bind counts."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.blinding.cards import Card, leaf, place_of
from nof1.blinding.commitment import commitment, published_line, root
from nof1.blinding.kits import Kit, kit_code
from nof1.blinding.order import order_of_use
from nof1.blinding.sealed import Secret
from nof1.encoding import frame
from nof1.schedule.draw import draw, trial_key
from nof1.schedule.space import balanced, randomized_blocks
from nof1.terms import Mode

DIGEST = "ab" * 32
ON = leaf(DIGEST, "block 3", "on", "23456789ABCDEFGH")
OFF = leaf(DIGEST, "block 3", "off", "JKMNPQRSTUVWXYZ2")
CODES = [kit_code(v) for v in range(1000, 1012)]
SECRET = Secret(bytes(range(32)))


def test_published_frame():
    """The framing under every hash."""
    assert hashlib.sha256(frame("ab", "")).hexdigest() == (
        "421fb38456f1afe5c04ed5c0c11c88c415c03ba8cc8eab2528a1fd847fa83cd7"
    )


def test_published_leaves_and_root():
    """Slips are printed: these bytes never change."""
    assert ON.hex() == "8bbcfac90b08b47496f1ebcc498220fa4b663796066693b1d2c1f34def4b253b"
    assert OFF.hex() == "6e5bf0280eb35cdbd6dc6512f87046e65d4f6ee7f04c8d9dbb081fd284c8633c"
    assert root([ON, OFF]).hex() == "5c2248472c2e24fa811665e564b1d6d09e228e2c798734753cae407b10e44dca"
    assert root([OFF, ON]) == root([ON, OFF])


@pytest.mark.parametrize(
    ("space", "per_sack", "size", "index", "endings"),
    [
        (randomized_blocks(6, ("on", "off")), 2, 64, 30, "AV B3 DF C9 FU EN H8 G2 KM JE MT NZ"),
        (randomized_blocks(3, ("on", "off"), 2), 4, 13824, 7587, "C9 AV DF B3 EN H8 FU G2 JE MT NZ KM"),
        (balanced(6, ("on", "off")), 6, 720, 358, "C9 FU EN DF AV B3"),
    ],
    ids=["pairs", "fours", "one sack"],
)
def test_published_orders_of_codes(space, per_sack, size, index, endings):
    """The public draw of a self-blinded trial, for sacks of every kind."""
    codes = CODES[: space.n_periods]
    sacks = [codes[i : i + per_sack] for i in range(0, len(codes), per_sack)]
    key = trial_key(SECRET.value, DIGEST)
    assert space.orders(sacks).size == size
    assert draw(key, size, "order") == index
    # Registered in any order: codes are sorted inside their sack.
    kits = order_of_use(SECRET, DIGEST, space, [sack[::-1] for sack in sacks])
    assert [kit.code for kit in kits] == [f"K-2233{ending}" for ending in endings.split()]
    assert [kit.block for kit in kits] == [str(block) for block in space.blocks]


def test_published_commitment_of_a_self_blinded_trial():
    """The commitment over the pairs order, with the two-leaf root as a pure example of hashing."""
    space = randomized_blocks(6, ("on", "off"))
    kits = order_of_use(SECRET, DIGEST, space, [CODES[i : i + 2] for i in range(0, 12, 2)])
    made = commitment(Mode.SELF_BLINDED, DIGEST, root([ON, OFF]), [str(kit) for kit in kits])
    assert made.hex() == "95f218246f7f677bcbe495157ab29862d9f8d7f57ae78b7ce15ab4d836c333b0"
    assert published_line(Mode.SELF_BLINDED, DIGEST, made.hex()) == (
        f"nof1/1 self_blinded {DIGEST} 95f218246f7f677bcbe495157ab29862d9f8d7f57ae78b7ce15ab4d836c333b0"
    )


def test_spare_blocks_are_drawn_alike():
    """Each spare block has its own draw, under its own label."""
    pair = randomized_blocks(1, ("on", "off"))
    space = randomized_blocks(5, ("on", "off"))
    sacks = [CODES[i : i + 2] for i in range(0, 10, 2)]
    kits = order_of_use(SECRET, DIGEST, space, sacks, [(pair, CODES[10:])])
    assert [kit.block for kit in kits[-2:]] == ["S1", "S1"]
    index = draw(trial_key(SECRET.value, DIGEST), 2, "order/S1")
    assert tuple(kit.code for kit in kits[-2:]) == pair.orders([CODES[10:]]).unrank(index)
    with pytest.raises(ValueError, match="there twice"):
        order_of_use(SECRET, DIGEST, space, sacks, [(pair, CODES[9:11])])


def test_place_is_the_kit_or_the_block():
    """A preparer knows which kit a card lies in; hands that shuffle know the block only."""
    kit = Kit(block="S1", code=kit_code(7))
    assert place_of(Mode.THIRD_PARTY, kit) == kit.code
    assert place_of(Mode.SELF_BLINDED, kit) == "block S1"
    assert place_of(Mode.SELF_BLINDED, Kit(block="0", code=kit_code(7))) == "block 0"


def test_a_card_hashes_its_own_fields():
    """A card and the bare function agree."""
    card = Card(place="block 3", condition="on", key="23456789ABCDEFGH")
    assert card.leaf(DIGEST) == ON


texts = st.text(max_size=6)


@given(one=st.tuples(texts, texts, texts), other=st.tuples(texts, texts, texts))
def test_leaves_differ_when_any_field_differs(one, other):
    """No field can flow into its neighbour: framing keeps them apart."""
    same = frame(*one) == frame(*other)
    assert (leaf(DIGEST, *one) == leaf(DIGEST, *other)) == same


@given(bit=st.integers(0, 255), which=st.sampled_from(["protocol", "root", "kit", "order", "mode"]))
def test_every_bit_of_what_is_committed_counts(bit, which):
    """Protocol, root, kits, their order and the mode: nothing can be exchanged afterwards."""
    kits = [f"{i // 2 + 1}/{code}" for i, code in enumerate(CODES)]
    top = root([ON, OFF])
    before = commitment(Mode.THIRD_PARTY, DIGEST, top, kits)
    flip = bytes(32 - 1 - bit // 8) + bytes([1 << bit % 8]) + bytes(bit // 8)

    def flipped(value: bytes) -> bytes:
        return bytes(a ^ b for a, b in zip(value, flip, strict=True))

    changed = list(kits)
    if which == "kit":
        changed[bit % 12] = f"{bit % 12 // 2 + 1}/{kit_code(bit)}"
    if which == "order":
        changed[bit % 11], changed[bit % 11 + 1] = changed[bit % 11 + 1], changed[bit % 11]
    after = commitment(
        Mode.SELF_BLINDED if which == "mode" else Mode.THIRD_PARTY,
        flipped(bytes.fromhex(DIGEST)).hex() if which == "protocol" else DIGEST,
        flipped(top) if which == "root" else top,
        changed,
    )
    assert after != before
