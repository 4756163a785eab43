"""Secrets and conditions do not print themselves, and a secret is read without being shown."""

from __future__ import annotations

import logging
import traceback
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.blinding import cards
from nof1.blinding import opening as opening_module
from nof1.blinding.kits import Kit, kit_code
from nof1.blinding.opening import Allocated
from nof1.blinding.sealed import Sealed, Secret
from nof1.errors import EntryError

secrets = st.binary(min_size=32, max_size=32).map(Secret)


def test_nothing_that_is_sealed_prints_itself(opening, secret, caplog):
    """Logs, f-strings, containers and tracebacks show `<sealed>`."""
    allocation = opening.allocation
    for value in (secret, opening, allocation, allocation.entries[0], opening.cards[0]):
        assert isinstance(value, Sealed)
        shown = [
            repr(value),
            str(value),
            f"{value}",
            f"{value:>40}",
            repr([value]),
            repr({"a": value}),
        ]
        logging.getLogger("nof1.test").warning("%r %s", value, value)
        shown += traceback.format_exception_only(RuntimeError(value))
        for text in (*shown, caplog.text):
            assert "sealed" in text
            assert "on" not in text.replace("exception", "").split("'")
            assert secret.value.hex() not in text
            assert "condition" not in text
            assert opening.cards[0].key not in text


def test_every_class_that_holds_a_condition_is_sealed():
    """Adding a class to the opening means sealing it."""
    for module in (cards, opening_module):
        for value in vars(module).values():
            if is_dataclass(value) and isinstance(value, type):
                names = {field.name for field in fields(value)}
                if names & {"condition", "sequence", "entries", "cards", "key", "value"}:
                    assert issubclass(value, Sealed), value


@given(secret=secrets)
def test_a_secret_is_read_as_it_is_printed(secret):
    """From the file, and group by group from the recovery sheet."""
    assert Secret.parse(secret.value.hex()) == secret
    assert Secret.parse(" ".join(secret.sheet())) == secret
    assert Secret.parse("\n".join(secret.sheet()).lower()) == secret
    assert Secret.parse(secret.value.hex().upper() + "\n") == secret


@given(secret=secrets, place=st.integers(0, 63), other=st.sampled_from("0123456789abcdef"))
def test_a_misread_group_is_named(secret, place, other):
    """31 is no divisor of a power of 16: one wrong digit always changes the check character."""
    sheet = list(secret.sheet())
    group, digit = divmod(place, 8)
    if sheet[group][digit] == other:
        return
    sheet[group] = sheet[group][:digit] + other + sheet[group][digit + 1 :]
    with pytest.raises(EntryError, match=f"group {group + 1} of the secret was misread"):
        Secret.parse(" ".join(sheet))


@pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "0g" * 32, "zz" * 36])
def test_what_is_no_secret_is_refused_unseen(text):
    """The message tells how long it was, not what it was."""
    with pytest.raises(EntryError) as caught:
        Secret.parse(text)
    assert not text or text not in str(caught.value)


def test_a_secret_has_32_bytes():
    """Fewer bytes would be a weaker secret under the same name."""
    with pytest.raises(ValueError, match="32 bytes, got 16"):
        Secret(bytes(16))


def test_secrets_are_compared_by_value(secret):
    """Equal bytes are the same secret."""
    assert secret == Secret(bytes(range(32)))
    assert hash(secret) == hash(Secret(bytes(range(32))))
    assert secret != Secret(bytes(32))
    assert secret != bytes(range(32))


def test_an_entry_can_be_read_on_purpose():
    """Sealing hides from accidents; the unblinding reads the field."""
    entry = Allocated(kit=Kit(block="1", code=kit_code(1)), condition="on", card_key=None)
    assert entry.condition == "on"
