"""Kits: a code that survives handwriting and spreadsheets, and says nothing about the content."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from nof1.errors import EntryError
from nof1.schedule.draw import draw
from nof1.terms import KitCode

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 characters: no 0 and O, no 1, I and L. A prime number, so that the check character finds every slip."""
PREFIX = "K-"
N_DIGITS = 5
KEY_LENGTH = 16
_BLOCK = re.compile(r"0|[1-9][0-9]*|S[1-9][0-9]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """One coded package, as everybody may see it.

    Attributes
    ----------
    block : str
        ``3``; ``S1`` for a spare block; ``0`` where the design has no blocks.
    code : KitCode
        The label.

    Examples
    --------
    >>> str(Kit.parse("3/K-N2PQH5"))
    '3/K-N2PQH5'
    """

    block: str
    code: KitCode

    def __post_init__(self) -> None:
        if not _BLOCK.fullmatch(self.block):
            raise ValueError(f"{self.block!r} is not a block; write 3, or S1 for a spare one, or 0 for none")
        if not is_kit_code(self.code):
            raise ValueError(f"{self.code!r} is not a kit code")

    def __str__(self) -> str:
        return f"{self.block}/{self.code}"

    @property
    def is_spare(self) -> bool:
        """Whether it belongs to a spare block."""
        return self.block.startswith("S")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``block/CODE``.

        Parameters
        ----------
        text : str
            Exactly as `str` writes it.

        Returns
        -------
        Kit
            The kit.

        Raises
        ------
        ValueError
            If it is written in any other way.
        """
        block, _, code = text.partition("/")
        return cls(block=block, code=KitCode(code))


def kit_code(value: int) -> KitCode:
    """Write a number as the code of a kit.

    Parameters
    ----------
    value : int
        0 … 31^5 - 1.

    Returns
    -------
    KitCode
        ``K-``, five characters, one check character.

    Examples
    --------
    >>> kit_code(0), kit_code(1), kit_code(31**5 - 1)
    ('K-222222', 'K-222238', 'K-ZZZZZD')
    """
    characters = letters(value, N_DIGITS)
    return KitCode(PREFIX + characters + _check(characters))


def is_kit_code(text: str) -> bool:
    """Say whether a text is a kit code, its check character included.

    Parameters
    ----------
    text : str
        Exactly as printed.

    Returns
    -------
    bool
        Every single wrong character and every exchange of neighbours is found.
    """
    characters, check = text[len(PREFIX) : -1], text[-1:]
    return (
        text.startswith(PREFIX)
        and len(characters) == N_DIGITS
        and set(characters) <= set(ALPHABET)
        and _check(characters) == check
    )


def read_kit_code(typed: str) -> KitCode:
    """Read the code of a kit as a person types it.

    Parameters
    ----------
    typed : str
        Small letters and spaces do no harm.

    Returns
    -------
    KitCode
        As printed on the label.

    Raises
    ------
    EntryError
        If it is no code: a slip of the finger never becomes another kit.
    """
    text = "".join(typed.split()).upper()
    if not is_kit_code(text):
        raise EntryError(
            f"{typed.strip()!r} is not a kit code; read the label again: K- and six characters, "
            "there is no 0, 1, I, L or O"
        )
    return KitCode(text)


def draw_kit_codes(key: bytes, n: int) -> tuple[KitCode, ...]:
    """Draw the codes of a trial, all different, in the order in which kits get them.

    Parameters
    ----------
    key : bytes, length 32
        The trial key; where hands shuffle, 32 bytes that are thrown away afterwards.
    n : int
        How many.

    Returns
    -------
    tuple of KitCode, length n
        Independent of what the kits hold.
    """
    values: dict[int, None] = {}
    i = 0
    while len(values) < n:
        values[draw(key, len(ALPHABET) ** N_DIGITS, f"code/{i}")] = None
        i += 1
    return tuple(kit_code(value) for value in values)


def draw_card_key(key: bytes, code: str) -> str:
    """Draw the key that is printed on one card and hides its condition in the published hash.

    Parameters
    ----------
    key : bytes, length 32
        The trial key.
    code : str
        Code of the kit.

    Returns
    -------
    str
        16 characters of the alphabet [79 bits].
    """
    return letters(draw(key, len(ALPHABET) ** KEY_LENGTH, f"key/{code}"), KEY_LENGTH)


def read_card_key(typed: str) -> str:
    """Read the key of a card as a person types it.

    Parameters
    ----------
    typed : str
        Spaces, hyphens and small letters do no harm.

    Returns
    -------
    str
        16 characters, as they go into the hash.

    Raises
    ------
    EntryError
        If it cannot be a key. What was typed is not repeated: a slip is a secret.
    """
    text = "".join(typed.split()).replace("-", "").upper()
    if len(text) != KEY_LENGTH or not set(text) <= set(ALPHABET):
        raise EntryError(
            f"not a card of this trial; read it again: {KEY_LENGTH} characters, there is no 0, 1, I, L or O"
        )
    return text


def grouped(card_key: str) -> str:
    """Write a card key as it is printed.

    Parameters
    ----------
    card_key : str
        16 characters.

    Returns
    -------
    str
        In groups of four.

    Examples
    --------
    >>> grouped("397K3WWENV58R3FY")
    '397K 3WWE NV58 R3FY'
    """
    return " ".join(card_key[i : i + 4] for i in range(0, len(card_key), 4))


def letters(value: int, length: int) -> str:
    """Write a number in the alphabet of codes and keys.

    Parameters
    ----------
    value : int
        0 … 31^length - 1.
    length : int
        Number of characters.

    Returns
    -------
    str
        Most significant character first.

    Raises
    ------
    ValueError
        If the number needs more characters.
    """
    if not 0 <= value < len(ALPHABET) ** length:
        raise ValueError(f"{length} characters cannot write this number")
    characters = ""
    for _ in range(length):
        value, digit = divmod(value, len(ALPHABET))
        characters = ALPHABET[digit] + characters
    return characters


def _check(characters: str) -> str:
    # Weights 2 … 6: different and none of them 0 modulo 31.
    total = sum(weight * ALPHABET.index(c) for weight, c in enumerate(characters, start=2))
    return ALPHABET[total % len(ALPHABET)]
