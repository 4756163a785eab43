"""A secret or the cards open a trial as a whole, and nothing that was changed is ever accepted."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.blinding.cards import Card, leaf, place_of
from nof1.blinding.kits import Kit, grouped, kit_code, letters
from nof1.blinding.open_label import draw_openly
from nof1.blinding.opening import follow, open_with_cards, open_with_secret, read_card
from nof1.blinding.order import order_of_use
from nof1.blinding.public import PublicKits
from nof1.blinding.sealed import Secret
from nof1.encoding import frame
from nof1.errors import OpeningError
from nof1.schedule.draw import draw, trial_key
from nof1.schedule.space import balanced, counterbalanced, randomized_blocks, williams
from nof1.terms import Mode

DIGEST = "ab" * 32
PAIRS = randomized_blocks(6, ("on", "off"))
SPARE = randomized_blocks(1, ("on", "off"))


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def test_published_example(opening):
    """One secret gives exactly this trial, for ever."""
    assert opening.sequence == words("off on on off off on on off on off off on")
    assert opening.spares == (("on", "off"),)
    assert tuple(str(kit) for kit in opening.public.kits) == words(
        "1/K-QMNC6Y 1/K-EMTD5Z 2/K-YDSB5Y 2/K-3US3S4 3/K-N2PQH5 3/K-3GFT86 4/K-3KEVN6 4/K-XUMYRH "
        "5/K-5W2248 5/K-TSBK6G 6/K-2A76TR 6/K-5VH55R S1/K-QHQN7K S1/K-YMPBKY"
    )
    card = opening.cards[0]
    assert (card.place, card.condition, card.key) == ("K-QMNC6Y", "off", "397K3WWENV58R3FY")
    assert card.leaf(DIGEST).hex() == "c93726d5004bf40589d4968898b7597783aad209c28c3863537c718e4807d66a"
    assert opening.public.root == "c3ab3552f36b7f67513d791b456353d8b61300960e43bce75af03137eb9af60f"
    assert opening.public.commitment == "5169066e9f7f811cd86c4cc3d3759bec48d687cd03a75942e0c64f6548a76c44"
    assert opening.public.line == f"nof1/1 third_party {DIGEST} {opening.public.commitment}"
    assert PAIRS.rank(opening.sequence) == 41


def test_the_secret_opens_its_trial(opening, secret, pairs, spare):
    """Kit by kit, in the order of use, spare ones too."""
    allocation = open_with_secret(secret, opening.public, pairs, [spare])
    assert allocation.sequence() == opening.sequence
    assert allocation.condition_of(opening.public.kits[0].code) == "off"
    assert allocation.condition_of(opening.public.kits[-1].code) == "off"
    assert allocation.size_and_rank(pairs) == (64, 41)


def test_a_spare_block_takes_the_place_of_another(opening, secret, pairs, spare):
    """The sequence is that of the kits that were planned, so a lost block is not in it."""
    allocation = open_with_secret(secret, opening.public, pairs, [spare])
    codes = [kit.code for kit in opening.public.main_kits]
    codes[2:4] = [kit.code for kit in opening.public.spare_kits("S1")]
    assert allocation.sequence(codes)[2:4] == ("on", "off")
    assert allocation.size_and_rank(pairs, codes) == (64, PAIRS.rank(allocation.sequence(codes)))


def test_kits_say_nothing_about_the_order_of_the_secret(opening):
    """Leaves are sorted: their order is not the order of use."""
    assert list(opening.public.leaves) == sorted(opening.public.leaves)
    assert [card.leaf(DIGEST).hex() for card in opening.cards] != list(opening.public.leaves)


# --- attacks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bit", range(0, 256, 3))
def test_no_other_secret_opens(opening, secret, pairs, spare, bit):
    """One flipped bit, and everything differs."""
    value = int.from_bytes(secret.value, "big") ^ (1 << bit)
    with pytest.raises(OpeningError, match="kits, leaves, root, commitment differ; nothing was opened"):
        open_with_secret(Secret(value.to_bytes(32, "big")), opening.public, pairs, [spare])


@pytest.mark.parametrize("bit", range(0, 256, 17))
@pytest.mark.parametrize("name", ["root", "commitment", "protocol_sha256"])
def test_no_changed_digest_is_accepted(opening, secret, pairs, spare, name, bit):
    """What was published is compared, not recomputed in silence."""
    changed = f"{int(getattr(opening.public, name), 16) ^ (1 << bit):064x}"
    with pytest.raises(OpeningError, match="differ; nothing was opened"):
        open_with_secret(secret, replace(opening.public, **{name: changed}), pairs, [spare])


def test_no_exchanged_kit_is_accepted(opening, secret, pairs, spare):
    """Exchanging two codes in the list would exchange two periods."""
    for i in range(13):
        kits = list(opening.public.kits)
        kits[i], kits[i + 1] = kits[i + 1], kits[i]
        with pytest.raises(OpeningError, match="kits differ"):
            open_with_secret(secret, replace(opening.public, kits=tuple(kits)), pairs, [spare])


def test_no_changed_leaf_is_accepted(opening, secret, pairs, spare):
    """A leaf is a promise about one card."""
    for i in range(14):
        leaves = list(opening.public.leaves)
        leaves[i] = f"{int(leaves[i], 16) ^ 1:064x}"
        with pytest.raises(OpeningError, match="leaves differ"):
            open_with_secret(secret, replace(opening.public, leaves=tuple(leaves)), pairs, [spare])


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (randomized_blocks(6, ("off", "on")), "leaves, root, commitment differ"),
        (randomized_blocks(3, ("on", "off"), 2), "kits, leaves, root, commitment differ"),
        (counterbalanced(("on", "off"), 12), "kits, leaves, root, commitment differ"),
        (randomized_blocks(7, ("on", "off")), "the protocol plans 16 kits, but 14 were published"),
    ],
    ids=range(4),
)
def test_no_other_design_is_accepted(opening, secret, spare, space, said):
    """The same secret under another design is another trial."""
    with pytest.raises(OpeningError, match=said):
        open_with_secret(secret, opening.public, space, [replace(spare, conditions=space.conditions)])


def test_guessing_schedules_finds_no_leaf(opening):
    """Without the card keys all 64 schedules together say nothing: every leaf holds 79 random bits."""
    keys = ["", "0" * 16, *(card.place for card in opening.cards), *(letters(i, 16) for i in range(50))]
    for kit in opening.public.kits:
        for condition in ("on", "off"):
            for key in keys:
                assert leaf(DIGEST, kit.code, condition, key).hex() not in opening.public.leaves


def test_a_secret_does_not_open_what_hands_made():
    """A self-blinded trial has no such secret."""
    _, public, _ = _self_blinded(0)
    with pytest.raises(OpeningError, match="opened with the cards"):
        open_with_secret(Secret(bytes(32)), public, PAIRS, [SPARE])


@given(
    secret=st.binary(min_size=32, max_size=32).map(Secret),
    space=st.sampled_from(
        [
            randomized_blocks(3, ("a", "b", "c")),
            balanced(8, ("on", "off"), 2),
            williams(tuple("abcd"), 16),
            counterbalanced(("on", "off"), 6),
        ]
    ),
)
def test_following_a_secret_stays_in_the_design(secret, space):
    """For every secret and every kind: a sequence of the design, different codes, matching cards."""
    opening = follow(secret, DIGEST, space)
    assert opening.sequence in space
    assert len({kit.code for kit in opening.public.kits}) == space.n_periods
    assert {kit.block for kit in opening.public.kits} == {str(block) for block in space.blocks}
    assert open_with_secret(secret, opening.public, space).sequence() == opening.sequence


# --- cards --------------------------------------------------------------------------------------------


def _typed(opening):
    return {
        kit.code: grouped(card.key).lower()
        for kit, card in zip(opening.public.kits, opening.cards, strict=True)
    }


def _self_blinded(seed: int):
    """Pack, shuffle by a seed, label, register and draw, as hands and computer would."""
    codes = [kit_code(v) for v in range(2000, 2014)]
    sacks = [codes[i : i + 2] for i in range(0, 12, 2)]
    content, cards = {}, {}
    for number, sack in enumerate([*sacks, codes[12:]], start=1):
        place = f"block {number}" if number < 7 else "block S1"
        conditions = ["on", "off"] if (seed >> number) & 1 else ["off", "on"]
        for code, condition in zip(sack, conditions, strict=True):
            content[code] = condition
            cards[code] = Card(
                place=place, condition=condition, key=letters(31**15 + 2 * number + (condition == "on"), 16)
            )
    kits = order_of_use(Secret(bytes(range(32))), DIGEST, PAIRS, sacks, [(SPARE, codes[12:])])
    leaves = [card.leaf(DIGEST) for card in cards.values()]
    return content, PublicKits.of(Mode.SELF_BLINDED, DIGEST, kits, leaves), cards


@given(seed=st.integers(0, 2**8 - 1))
def test_cards_open_what_hands_made(seed):
    """The computer learns at the opening what hands put where, and it is a sequence of the design."""
    content, public, cards = _self_blinded(seed)
    allocation = open_with_cards({code: card.key for code, card in cards.items()}, public, PAIRS, [SPARE])
    assert all(entry.condition == content[entry.kit.code] for entry in allocation.entries)
    assert allocation.size_and_rank(PAIRS) == (64, PAIRS.rank(allocation.sequence()))
    assert public.leaves == _self_blinded(0)[1].leaves  # what hands did is in no published byte


def test_cards_open_what_a_preparer_made(opening, pairs, spare):
    """If the preparer is gone, the cards in the lids do as well."""
    allocation = open_with_cards(_typed(opening), opening.public, pairs, [spare])
    assert allocation.sequence() == opening.sequence
    assert not any(entry.by_elimination for entry in allocation.entries)


def test_a_lost_kit_is_found_by_elimination(opening, pairs, spare):
    """In a pair the other kit tells; and the report can say that it was not opened."""
    typed = _typed(opening)
    lost = opening.public.kits[4].code
    del typed[lost]
    allocation = open_with_cards(typed, opening.public, pairs, [spare])
    assert allocation.sequence() == opening.sequence
    assert [entry.kit.code for entry in allocation.entries if entry.by_elimination] == [lost]
    assert allocation.size_and_rank(pairs) == (64, 41)


def test_a_lost_pair_leaves_the_space_of_the_others(opening, pairs, spare):
    """Where nothing tells, the periods drop out and the test stays exact on the rest."""
    typed = _typed(opening)
    for kit in opening.public.kits[4:6]:
        del typed[kit.code]
    allocation = open_with_cards(typed, opening.public, pairs, [spare])
    assert allocation.sequence()[4:6] == (None, None)
    assert allocation.size_and_rank(pairs) == (32, None)


def test_one_card_is_enough_where_the_design_says_the_rest():
    """One known kit of a mirrored design gives the whole trial."""
    space = counterbalanced(("on", "off"), 8)
    opening = follow(Secret(bytes(32)), DIGEST, space)
    kit, card = opening.public.kits[5], opening.cards[5]
    allocation = open_with_cards({kit.code: card.key}, opening.public, space)
    assert allocation.sequence() == opening.sequence
    assert sum(entry.by_elimination for entry in allocation.entries) == 7


def test_lost_kits_of_a_design_without_sacks_have_no_reduced_space():
    """Where arrangements of the rest are not equally probable, no size is made up."""
    space = balanced(8, ("on", "off"), 2)
    opening = follow(Secret(bytes(32)), DIGEST, space)
    pairs = list(zip(opening.public.kits, opening.cards, strict=True))[:3]
    allocation = open_with_cards({kit.code: card.key for kit, card in pairs}, opening.public, space)
    assert None in allocation.sequence()
    assert allocation.size_and_rank(space) == (None, None)


def test_wrong_cards_are_refused_by_name():
    """Each mistake of a tired person has its own sentence."""
    _, public, cards = _self_blinded(3)
    codes = list(cards)
    keys = {code: card.key for code, card in cards.items()}
    with pytest.raises(OpeningError, match="this slip belongs to block 2, the box is of block 1"):
        open_with_cards({**keys, codes[0]: keys[codes[2]]}, public, PAIRS, [SPARE])
    with pytest.raises(OpeningError, match=f"already typed for {codes[0]}"):
        open_with_cards({**keys, codes[1]: keys[codes[0]]}, public, PAIRS, [SPARE])
    with pytest.raises(OpeningError, match=r"not a card of this trial; read it again.*no 0, 1, I, L or O"):
        open_with_cards({**keys, codes[0]: "2" * 16}, public, PAIRS, [SPARE])
    with pytest.raises(OpeningError, match="not a card of this trial; read it again"):
        open_with_cards({**keys, codes[0]: "2" * 15 + "0"}, public, PAIRS, [SPARE])
    with pytest.raises(OpeningError, match="K-222222 is not a kit of this trial"):
        open_with_cards({**keys, "K-222222": keys[codes[0]]}, public, PAIRS, [SPARE])
    with pytest.raises(OpeningError, match="another number of kits"):
        open_with_cards(keys, public, PAIRS)


def test_a_card_in_another_box_of_a_prepared_trial(opening):
    """The leaf of a prepared kit names the kit."""
    kits = opening.public.kits
    with pytest.raises(OpeningError, match=f"this slip belongs to {kits[3].code}, the box is {kits[0].code}"):
        read_card(opening.public, kits[0].code, opening.cards[3].key, ("on", "off"))


def test_two_cards_of_one_condition_in_a_pair_are_refused():
    """Counts per block are part of the design: a wrong packing is found at the opening."""
    codes = [kit_code(v) for v in range(2)]
    kits = [Kit(block="1", code=code) for code in codes]
    cards = [Card(place="block 1", condition="on", key=letters(i, 16)) for i in range(2)]
    public = PublicKits.of(Mode.SELF_BLINDED, DIGEST, kits, [card.leaf(DIGEST) for card in cards])
    typed = {code: card.key for code, card in zip(codes, cards, strict=True)}
    with pytest.raises(OpeningError, match="give no sequence of the design"):
        open_with_cards(typed, public, SPARE)


def test_every_card_reads_itself(opening):
    """In an emergency one card, one kit, no secret, no store."""
    for kit, card in zip(opening.public.kits, opening.cards, strict=True):
        assert read_card(opening.public, kit.code, grouped(card.key), ("on", "off")) == card.condition
        assert card.place == place_of(Mode.THIRD_PARTY, kit)


def test_an_unknown_kit_has_no_condition(opening):
    """A typing error is not an empty answer."""
    with pytest.raises(OpeningError, match="not a kit of this trial"):
        opening.allocation.condition_of("K-222222")
    with pytest.raises(OpeningError, match="not a kit of this trial"):
        read_card(opening.public, "K-222222", opening.cards[0].key, ("on", "off"))


# --- open label ---------------------------------------------------------------------------------------


def test_open_label_commits_to_the_conditions(secret, pairs, spare):
    """No kits, no cards, no root: the conditions themselves are in the commitment."""
    drawn = draw_openly(secret, DIGEST, pairs, [spare])
    assert drawn.rank == draw(trial_key(secret.value, DIGEST), 64, "sequence") == 41
    assert drawn.sequence == pairs.unrank(41)
    assert drawn.spares == (("on", "off"),)
    fields = [b"nof1/commitment/v1", "open_label", bytes.fromhex(DIGEST), b"", *drawn.sequence, "on", "off"]
    assert drawn.commitment == hashlib.sha256(frame(*fields)).hexdigest()
    assert drawn.line == f"nof1/1 open_label {DIGEST} {drawn.commitment}"
