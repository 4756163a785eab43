"""Kit codes and card keys survive people, and have one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.blinding.kits import (
    ALPHABET,
    Kit,
    draw_card_key,
    draw_kit_codes,
    grouped,
    is_kit_code,
    kit_code,
    letters,
    read_card_key,
    read_kit_code,
)
from nof1.errors import EntryError
from nof1.schedule.draw import draw, trial_key
from nof1.terms import KitCode

KEY = trial_key(bytes(range(32)), "ab" * 32)
values = st.integers(0, 31**5 - 1)


def test_published_codes():
    """Labels of running trials are printed: the form of a code never changes."""
    assert [kit_code(v) for v in (0, 1, 31**5 - 1)] == ["K-222222", "K-222238", "K-ZZZZZD"]
    assert " ".join(kit_code(v)[-2:] for v in range(1000, 1012)) == "AV B3 C9 DF EN FU G2 H8 JE KM MT NZ"
    assert all(kit_code(v).startswith("K-2233") for v in range(1000, 1012))


@given(value=values, place=st.integers(2, 7), other=st.sampled_from(ALPHABET))
def test_every_wrong_character_is_found(value, place, other):
    """One misread character never names another kit."""
    code = kit_code(value)
    changed = code[:place] + other + code[place + 1 :]
    assert is_kit_code(changed) == (changed == code)


@given(value=values, place=st.integers(2, 6))
def test_every_exchange_of_neighbours_is_found(value, place):
    """Two exchanged characters never name another kit."""
    code = kit_code(value)
    changed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert is_kit_code(changed) == (changed == code)


@given(value=values)
def test_typing_is_forgiven(value):
    """Small letters and spaces are read, since nobody types capitals on a phone."""
    code = kit_code(value)
    assert read_kit_code(f"  {code.lower()[:4]} {code.lower()[4:]}\n") == code


@pytest.mark.parametrize(
    "typed", ["", "K-", "222222", "K-22222", "K-2222222", "K-O22222", "K-222223", "Κ-222222"]
)
def test_what_is_no_code_is_refused(typed):
    """The message says what to look for on the label."""
    with pytest.raises(EntryError, match="there is no 0, 1, I, L or O"):
        read_kit_code(typed)


def test_codes_of_one_trial_differ():
    """A repeat is skipped: two kits never carry one label."""
    codes = draw_kit_codes(KEY, 3000)
    assert len(set(codes)) == 3000
    assert codes[:100] == draw_kit_codes(KEY, 100)


def test_a_repeat_is_skipped_not_redrawn(monkeypatch):
    """Where draws i and j agree, the code is given once and the draws go on."""
    drawn = iter([5, 7, 5, 7, 9])
    monkeypatch.setattr("nof1.blinding.kits.draw", lambda key, size, label: next(drawn))
    assert draw_kit_codes(KEY, 3) == (kit_code(5), kit_code(7), kit_code(9))


def test_card_key_is_the_draw_in_letters():
    """The key of the published example."""
    assert draw_card_key(KEY, "K-QMNC6Y") == "397K3WWENV58R3FY"
    assert draw_card_key(KEY, "K-QMNC6Y") == letters(draw(KEY, 31**16, "key/K-QMNC6Y"), 16)


@given(value=st.integers(0, 31**16 - 1))
def test_card_keys_are_read_as_they_are_printed(value):
    """Groups, hyphens and small letters give the same hash."""
    key = letters(value, 16)
    assert read_card_key(grouped(key)) == key
    assert read_card_key(grouped(key).replace(" ", "-").lower()) == key


@pytest.mark.parametrize("typed", ["", "397K 3WWE NV58 R3F", "397K 3WWE NV58 R3FYY", "397K 3WWE NV58 R3F0"])
def test_what_is_no_key_is_refused_unseen(typed):
    """What was typed may be a secret: it is not repeated."""
    with pytest.raises(EntryError) as caught:
        read_card_key(typed)
    assert "NV58" not in str(caught.value)


@given(value=values, block=st.integers(0, 40).map(str) | st.integers(1, 9).map(lambda n: f"S{n}"))
def test_kits_are_written_in_one_way(value, block):
    """The text of a kit goes into the commitment, so there is one text per kit."""
    kit = Kit(block=block, code=kit_code(value))
    assert Kit.parse(str(kit)) == kit
    assert kit.is_spare == block.startswith("S")


@pytest.mark.parametrize(
    "text",
    [
        "K-222222",
        "/K-222222",
        "03/K-222222",
        "s1/K-222222",
        "S0/K-222222",
        "3/K-222223",
        "3/k-222222",
        "3/K-222222 ",
    ],
)
def test_other_spellings_of_a_kit_are_refused(text):
    """Two spellings would be two commitments."""
    with pytest.raises(ValueError, match="is not a"):
        Kit.parse(text)


def test_letters_do_not_wrap_around():
    """A number that is too large is a mistake, not another code."""
    with pytest.raises(ValueError, match="cannot write"):
        letters(31**5, 5)


def test_a_code_is_no_number_for_a_spreadsheet():
    """The prefix keeps codes such as 7E1234 text."""
    assert all(not code.replace("-", "").isdigit() for code in draw_kit_codes(KEY, 200))
    assert KitCode("7E1234").startswith("K-") is False
