"""The draw gives the published bytes, and no possibility is favoured."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from nof1.schedule.draw import draw, raw_digest, trial_key
from nof1.schedule.space import balanced, randomized_blocks, williams

SECRET = bytes(range(32))
DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("size", "label", "expected"),
    [
        (64, "sequence", 15),
        (518, "sequence", 368),
        (136050710238288, "sequence", 53169277218255),
        (31**5, "sequence", 18826226),
        (factorial(20), "sequence", 173363201744813696),
        (
            factorial(70),
            "order",
            1478391917963669348846390996442615736040325194254551402211445400041220399936325975660184988372417146,
        ),
        (216, "sequence", 2),
        (36, "sequence", 9),
        (20, "sequence", 4),
        (1, "sequence", 0),
    ],
)
def test_published_vectors(size, label, expected):
    """Running trials depend on these numbers: they never change."""
    assert draw(SECRET, size, label) == expected


def test_bytes_of_the_first_vector():
    """The message that is hashed is the one that is written down."""
    message = bytes.fromhex(
        "0000000c6e6f66312f647261772f76310000000873657175656e6365000000014000000004000000000000000400000000"
    )
    digest = hmac.new(SECRET, message, hashlib.sha256).digest()
    assert digest[0] == 0x0F
    assert draw(SECRET, 64, "sequence") == digest[0] & 63


def _draw_again(key: bytes, size: int, label: str) -> int:
    """Repeat the draw from its description alone, with other tools of the standard library."""
    if size == 1:
        return 0
    bits = len(format(size - 1, "b"))
    shortest = bytes.fromhex(format(size, "x").zfill(2 * ((len(format(size, "x")) + 1) // 2)))
    attempt = 0
    while True:
        taken = b""
        i = 0
        while len(taken) * 8 < bits:
            fields = [
                b"nof1/draw/v1",
                label.encode(),
                shortest,
                attempt.to_bytes(4, "big"),
                i.to_bytes(4, "big"),
            ]
            message = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
            taken += hmac.new(key, message, "sha256").digest()
            i += 1
        n_bytes = -(-bits // 8)
        value = int(format(int(taken[:n_bytes].hex(), 16), f"0{8 * n_bytes}b")[-bits:], 2)
        if value < size:
            return value
        attempt += 1


@given(
    key=st.binary(min_size=32, max_size=32),
    size=st.integers(1, 600).flatmap(lambda bits: st.integers(max(1, 2 ** (bits - 1) - 1), 2**bits + 1)),
    label=st.sampled_from(["sequence", "order", "sequence/S1", "code/0", "key/K-222222"]),
)
def test_a_second_program_draws_the_same(key, size, label):
    """The text of the definition is enough to repeat any draw, at the edges of powers of two above all."""
    value = draw(key, size, label)
    assert 0 <= value < size
    assert value == _draw_again(key, size, label)


@pytest.mark.parametrize(
    "space",
    [
        balanced(8, ("on", "off")),
        balanced(8, ("on", "off"), max_run=2),
        randomized_blocks(2, ("a", "b", "c")),
        williams(("a", "b", "c"), 12),
    ],
    ids=lambda space: f"{space.kind}-{space.size}",
)
def test_every_sequence_is_drawn_equally_often(space):
    """Chi-square over every sequence of a space, keys counted up so that the test never flickers."""
    n = 100 * space.size
    keys = (hashlib.sha256(i.to_bytes(4, "big")).digest() for i in range(n))
    seen = Counter(space.draw(key) for key in keys)
    assert set(seen) == set(space)
    assert chisquare(list(seen.values())).pvalue > 0.001


def test_labels_and_sizes_give_different_draws():
    """A spare block is not a copy of the first block, nor a kit code of the sequence."""
    labels = ["sequence", "order", "sequence/S1", "sequence/S2", "code/0", "code/1"]
    assert len({draw(SECRET, 2**128, label) for label in labels}) == len(labels)
    assert draw(SECRET, 2**128, "order") != draw(SECRET, 2**128 - 1, "order")


def test_trial_key_is_bound_to_secret_and_protocol():
    """Another text of the protocol gives another draw."""
    key = trial_key(SECRET, DIGEST)
    assert key.hex() == "cdbff4e82b308b36d32ef2ce7ffc6622ec514fa342e03e54425879c865ac0c89"
    assert trial_key(SECRET, "ac" + DIGEST[2:]) != key
    assert trial_key(bytes(32), DIGEST) != key


@pytest.mark.parametrize(
    ("key", "size", "said"),
    [
        (bytes(31), 5, "32 bytes"),
        (bytes(33), 5, "32 bytes"),
        (bytes(31), 1, "32 bytes"),
        (bytes(32), 0, "size of 0"),
    ],
)
def test_wrong_arguments_are_refused(key, size, said):
    """A short key or an empty space is a mistake of the program, and is said at once."""
    with pytest.raises(ValueError, match=said):
        draw(key, size, "sequence")


@pytest.mark.parametrize("digest", ["ab" * 31, "AB" * 32, "g" * 64, "ab" * 33, " " + "ab" * 31 + "a"])
def test_a_digest_has_one_spelling(digest):
    """Two spellings of one digest would be two trials."""
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        raw_digest(digest)


def test_errors_never_show_the_key():
    """An error message may be shown to the participant."""
    with pytest.raises(ValueError) as caught:
        trial_key(b"SECRETS", DIGEST)
    assert "SECRETS" not in str(caught.value)
