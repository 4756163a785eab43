"""What the sheets say: plain texts and numbers, put together by the step that knows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NO_BLOCK = "0"
"""The block of every kit where the design has no blocks."""
SPARE_SIGN = "S"


class Paper(StrEnum):
    """What is in the printer."""

    A4 = "A4"
    LETTER = "Letter"


class Pack(StrEnum):
    """What a kit is put into."""

    BOX = "box"
    """A box with the folded slip in its lid: periods of several days."""
    DAY = "day"
    """A small opaque envelope with the slip under its flap: periods of one day."""
    CARD = "card"
    """A small opaque envelope without a slip; a preparer seals a card for each block beside them: periods of one day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialText:
    """What every sheet may say of the trial.

    Attributes
    ----------
    title : str
        Title of the protocol.
    protocol_sha256 : str
        Its digest, 64 hexadecimal digits; the first eight are printed.
    contents : tuple of str, length k
        What a kit of each condition contains, in the order of the protocol, such as
        ``nefiracetam 150 mg per capsule, 3 capsules a day``.
    capsules_per_kit : int
        The same for every condition.
    contact : str
        Whom to call in an emergency; empty if the protocol names nobody.
    highest_daily_dose : str
        The protocol's ceiling, such as ``450 mg``; empty if it has none.
    """

    title: str
    protocol_sha256: str
    contents: tuple[str, ...]
    capsules_per_kit: int
    contact: str = ""
    highest_daily_dose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A slip that hands will put into some box of its block.

    Attributes
    ----------
    block : str
        ``3``; ``S1`` for a spare block; ``0`` where the design has no blocks.
    card_key : str
        16 characters.
    """

    block: str
    card_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelBlock:
    """The labels of one block.

    Attributes
    ----------
    block : str
        As in `Slip`.
    codes : tuple of str
        One code per kit. They are printed sorted, whatever their order here.
    reserve : str
        A further code, for a label that is spoilt.
    """

    block: str
    codes: tuple[str, ...]
    reserve: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandPlan:
    """What `nof1 kit plan` prints for somebody alone.

    Attributes
    ----------
    trial : TrialText
        The trial.
    pack : Pack
        Boxes or day packs.
    slips : tuple of tuple of Slip, shape (k, kits per condition)
        For every condition, in the order of ``trial.contents``: sheet 1 goes with tub 1.
    labels : tuple of LabelBlock
        In order, spare blocks last.
    extends : bool
        A trial that runs already gets further blocks.
    """

    trial: TrialText
    pack: Pack
    slips: tuple[tuple[Slip, ...], ...]
    labels: tuple[LabelBlock, ...]
    extends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PackedKit:
    """One kit as the preparer packs it. It has no text form: it holds what must stay hidden.

    Attributes
    ----------
    code : str
        On the label.
    block : str
        As in `Slip`.
    content : str
        One of ``trial.contents``.
    card_key : str
        16 characters.
    """

    code: str
    block: str
    content: str
    card_key: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PreparerPlan:
    """What `nof1 kit draw` prints for the preparer.

    Attributes
    ----------
    trial : TrialText
        The trial.
    pack : Pack
        Boxes with a card each, or day packs with a card for each block.
    kits : tuple of PackedKit
        In order of use, spare blocks last.
    secret_groups : tuple of (str, str), length 8
        Eight hexadecimal digits and their check character.
    """

    trial: TrialText
    pack: Pack
    kits: tuple[PackedKit, ...]
    secret_groups: tuple[tuple[str, str], ...]


def block_name(block: str) -> str:
    """Name a block as the cards do.

    Parameters
    ----------
    block : str
        As in `Slip`.

    Returns
    -------
    str
        ``block 3``.
    """
    return f"block {block}"


def grouped(card_key: str) -> str:
    """Write a card key in groups of four.

    Parameters
    ----------
    card_key : str
        16 characters.

    Returns
    -------
    str
        As it is read aloud and typed.

    Examples
    --------
    >>> grouped("397K3WWENV58R3FY")
    '397K 3WWE NV58 R3FY'
    """
    return " ".join(card_key[start : start + 4] for start in range(0, len(card_key), 4))
