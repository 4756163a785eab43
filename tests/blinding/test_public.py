"""The public part travels as a file: it is read strictly, and believed only as far as it can be computed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.blinding.opening import follow
from nof1.blinding.public import PublicKits
from nof1.blinding.sealed import Secret
from nof1.errors import DocumentError
from nof1.schedule.space import randomized_blocks

DIGEST = "ab" * 32


def _public(seed: bytes = bytes(range(32))) -> PublicKits:
    spare = randomized_blocks(1, ("on", "off"))
    return follow(Secret(seed), DIGEST, randomized_blocks(3, ("on", "off")), [spare]).public


@given(seed=st.binary(min_size=32, max_size=32))
def test_written_and_read_again(seed):
    """Through JSON and back, the same value."""
    public = _public(seed)
    assert PublicKits.from_dict(json.loads(json.dumps(public.to_dict()))) == public


def test_it_holds_no_condition():
    """Nothing in the file names what is in a kit."""
    text = json.dumps(_public().to_dict())
    values = json.dumps([v for k, v in _public().to_dict().items() if k != "commitment"])
    assert "condition" not in text
    assert '"on"' not in values
    assert "off" not in values


def test_kits_by_block():
    """Spare kits are apart, and a code finds its kit."""
    public = _public()
    assert len(public.main_kits) == 6
    assert [kit.block for kit in public.main_kits] == ["1", "1", "2", "2", "3", "3"]
    assert public.spare_kits("S1") == public.kits[6:]
    assert public.spare_kits("S2") == ()
    assert public.kit(public.kits[2].code) == public.kits[2]
    assert public.kit("K-222222") is None


def _changed(**changes):
    return {**_public().to_dict(), **changes}


def _without(name):
    return {key: value for key, value in _public().to_dict().items() if key != name}


KITS = _public().to_dict()["kits"]
LEAVES = _public().to_dict()["leaves"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "found no object"),
        ("", "found no object"),
        (_changed(seed="00"), "seed: unknown"),
        (_without("root"), "root: missing"),
        (_changed(nof1=2), "nof1: found 2; this version reads format 1"),
        (_changed(nof1=True), "nof1: found True"),
        (_changed(mode="open_label"), "mode: found 'open_label'; write third_party or self_blinded"),
        (_changed(mode=None), "mode: found None"),
        (_changed(protocol_sha256="AB" * 32), "protocol_sha256: not 64 hexadecimal"),
        (_changed(root=5), "root: not 64 hexadecimal"),
        (_changed(kits="K-222222"), "kits: not a list"),
        (_changed(kits=[]), "kits: not a list"),
        (_changed(kits=["1/K-222223", *KITS[1:]]), "kits, 1: found '1/K-222223'; write 3/K-N2PQH5"),
        (_changed(kits=[7, *KITS[1:]]), "kits, 1: found 7"),
        (_changed(kits=[KITS[1], *KITS[1:]]), "kits: a code is there twice"),
        (_changed(kits=[*KITS[6:], *KITS[:6]]), "kits: spare kits come after all others"),
        (_changed(leaves=LEAVES[::-1]), "leaves: not in ascending order"),
        (_changed(leaves=[*LEAVES[:-1], LEAVES[-2]]), "one is there twice"),
        (_changed(leaves=LEAVES[:-1]), "leaves: 7 leaves for 8 kits"),
        (_changed(leaves=["x"]), "leaves: not a list of 64 hexadecimal"),
        (_changed(leaves=None), "leaves: not a list"),
        (_changed(root="0" * 64), "root: root does not follow"),
        (_changed(commitment="0" * 64), "commitment: commitment does not follow"),
        (_changed(mode="self_blinded"), "commitment: commitment does not follow"),
        (_changed(protocol_sha256="cd" * 32), "commitment: commitment does not follow"),
        (_changed(kits=[KITS[1], KITS[0], *KITS[2:]]), "commitment: commitment does not follow"),
    ],
    ids=range(26),
)
def test_what_was_changed_is_refused_by_name(data, said):
    """Every field is checked, and the message says which one and what to do."""
    with pytest.raises(DocumentError) as caught:
        PublicKits.from_dict(data, "public.json")
    assert said in str(caught.value)
    assert str(caught.value).startswith("public.json: ")


def test_all_problems_come_at_once():
    """A broken file is mended in one go."""
    with pytest.raises(DocumentError, match="3 problems"):
        PublicKits.from_dict(_changed(nof1=0, mode="x", root="y"))


@given(flip=st.integers(0, 10**9), data=st.data())
def test_any_changed_digit_is_refused(flip, data):
    """One changed character anywhere in the file is found."""
    text = json.dumps(_public().to_dict())
    place = flip % len(text)
    other = data.draw(st.sampled_from("0123456789abcdefK-S/"))
    changed = text[:place] + other + text[place + 1 :]
    if changed == text:
        return
    try:
        read = json.loads(changed)
    except ValueError:
        return
    with pytest.raises(DocumentError):
        PublicKits.from_dict(read)
