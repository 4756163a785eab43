"""Packing without knowing: slips by condition, labels by block, and nothing that brings the two together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from nof1.blinding.cards import Card
from nof1.blinding.commitment import root
from nof1.blinding.kits import ALPHABET, KEY_LENGTH, Kit, draw_kit_codes, letters
from nof1.errors import DocumentError, Problem
from nof1.schedule.draw import draw
from nof1.terms import KitCode, Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.encoding import Json
    from nof1.schedule.sequence_space import Sack
    from nof1.schedule.space import SequenceSpace

_FIELDS = ("nof1", "mode", "protocol_sha256", "blocks", "leaves")
_BLOCK_FIELDS = ("block", "codes", "reserve")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledBlock:
    """The labels of one sack.

    Attributes
    ----------
    block : str
        ``3``; ``S1`` for a spare block; ``0`` where the design has no blocks.
    codes : tuple of KitCode
        One for each pack, sorted: their order says nothing.
    reserve : KitCode
        For a label that was spoilt.
    """

    block: str
    codes: tuple[KitCode, ...]
    reserve: KitCode

    @property
    def every_code(self) -> tuple[KitCode, ...]:
        """The codes of the packs and the reserve."""
        return (*self.codes, self.reserve)


@dataclass(frozen=True, slots=True, kw_only=True)
class KitsPlan:
    """What `kit plan` leaves in a file: the labels by block, and the hashes of the slips. No condition.

    Attributes
    ----------
    protocol_sha256 : str
        Digest of the protocol as 64 hexadecimal digits.
    blocks : tuple of LabelledBlock
        In the order of the design, spare ones last.
    leaves : tuple of str
        Hashes of the slips, 64 hexadecimal digits each, sorted.
    """

    protocol_sha256: str
    blocks: tuple[LabelledBlock, ...]
    leaves: tuple[str, ...]

    @property
    def root(self) -> str:
        """Hash over all slips: the same kits, whatever their labels."""
        return root([bytes.fromhex(leaf) for leaf in self.leaves]).hex()

    @property
    def n_kits(self) -> int:
        """Packs, spare ones included."""
        return sum(len(block.codes) for block in self.blocks)

    def block_of(self, code: str) -> LabelledBlock | None:
        """Return the block to which a label belongs.

        Parameters
        ----------
        code : str
            As printed; a reserve label has a block as well.

        Returns
        -------
        LabelledBlock or None
            None: no label of this plan.
        """
        return next((block for block in self.blocks if code in block.every_code), None)

    def relabelled(self, key: bytes) -> KitsPlan:
        """Return the same slips with new labels.

        Parameters
        ----------
        key : bytes, length 32
            Fresh entropy, thrown away afterwards.

        Returns
        -------
        KitsPlan
            None of the old codes is used again.
        """
        old = {code for block in self.blocks for code in block.every_code}
        lengths = [len(block.codes) for block in self.blocks]
        drawn = draw_kit_codes(key, sum(lengths) + len(lengths) + len(old))
        fresh = [code for code in drawn if code not in old]
        blocks = _labelled([block.block for block in self.blocks], lengths, fresh)
        return replace(self, blocks=blocks)

    def to_dict(self) -> dict[str, Json]:
        """Return the content of kits.json.

        Returns
        -------
        dict
            Public: codes by block, and hashes.
        """
        return {
            "nof1": 1,
            "mode": Mode.SELF_BLINDED.value,
            "protocol_sha256": self.protocol_sha256,
            "blocks": [
                {"block": block.block, "codes": list(block.codes), "reserve": block.reserve}
                for block in self.blocks
            ],
            "leaves": list(self.leaves),
        }

    @classmethod
    def from_dict(cls, data: object, source: str = "kits.json") -> Self:
        """Read the content of kits.json.

        Parameters
        ----------
        data : object
            What a JSON parser returned.
        source : str
            Name of the file, for the message.

        Returns
        -------
        KitsPlan
            In form; whether it fits a protocol is not looked at.

        Raises
        ------
        DocumentError
            With every problem that was found.
        """
        problems = _problems(data)
        if problems or not isinstance(data, Mapping):
            raise DocumentError(source, problems)
        return cls(
            protocol_sha256=data["protocol_sha256"],
            blocks=tuple(
                LabelledBlock(
                    block=one["block"],
                    codes=tuple(KitCode(code) for code in one["codes"]),
                    reserve=KitCode(one["reserve"]),
                )
                for one in data["blocks"]
            ),
            leaves=tuple(data["leaves"]),
        )


def plan_kits(
    codes_key: bytes,
    cards_key: bytes,
    protocol_sha256: str,
    space: SequenceSpace,
    spares: Sequence[SequenceSpace] = (),
) -> tuple[KitsPlan, tuple[Card, ...]]:
    """Draw labels and slips. Which slip will lie in the box of which label is for hands to settle.

    Parameters
    ----------
    codes_key, cards_key : bytes, length 32
        Fresh entropy, thrown away afterwards; two, so that nothing leads from a code to a key.
    protocol_sha256 : str
        Digest of the protocol as 64 hexadecimal digits.
    space : SequenceSpace
        Of the design.
    spares : sequence of SequenceSpace
        Of every spare block.

    Returns
    -------
    tuple of (KitsPlan, tuple of Card)
        What is kept, and the slips, which are printed and nowhere else: block by block, conditions in the
        order of the protocol.

    Raises
    ------
    ValueError
        If hands cannot shuffle the packs of this design.
    """
    sacks = sacks_of(space, spares)
    lengths = [len(sack.positions) for _, sack in sacks]
    codes = draw_kit_codes(codes_key, sum(lengths) + len(lengths))
    blocks = _labelled([block for block, _ in sacks], lengths, codes)
    places = [(f"block {block}", code) for block, sack in sacks for code, n in sack.counts for _ in range(n)]
    cards = tuple(
        Card(place=place, condition=condition, key=_card_key(cards_key, number))
        for number, (place, condition) in enumerate(places)
    )
    leaves = sorted(card.leaf(protocol_sha256).hex() for card in cards)
    return KitsPlan(protocol_sha256=protocol_sha256, blocks=blocks, leaves=tuple(leaves)), cards


def sacks_of(space: SequenceSpace, spares: Sequence[SequenceSpace] = ()) -> tuple[tuple[str, Sack], ...]:
    """Return what is shuffled together, under the name that stands on slips and labels.

    Parameters
    ----------
    space : SequenceSpace
        Of the design.
    spares : sequence of SequenceSpace
        Of every spare block.

    Returns
    -------
    tuple of (str, Sack)
        ``3``, ``S1`` or ``0``, and the sack.

    Raises
    ------
    ValueError
        If hands cannot shuffle the packs of this design.
    """
    if space.sacks is None:
        raise ValueError(f"hands cannot shuffle the packs of this design ({space.kind})")
    found = [(sack.place.removeprefix("block "), sack) for sack in space.sacks]
    for number, spare in enumerate(spares, start=1):
        found += [(f"S{number}", sack) for sack in spare.sacks or ()]
    return tuple(found)


def _labelled(blocks: list[str], lengths: list[int], codes: Sequence[KitCode]) -> tuple[LabelledBlock, ...]:
    made, start = [], 0
    for block, length in zip(blocks, lengths, strict=True):
        held = codes[start : start + length + 1]
        made.append(LabelledBlock(block=block, codes=tuple(sorted(held[:length])), reserve=held[length]))
        start += length + 1
    return tuple(made)


def _card_key(key: bytes, number: int) -> str:
    return letters(draw(key, len(ALPHABET) ** KEY_LENGTH, f"key/{number}"), KEY_LENGTH)


def _problems(data: object) -> list[Problem]:
    if not isinstance(data, Mapping):
        return [Problem(where="", message="found no object; this is not what nof1 kit plan wrote")]
    problems = [
        Problem(where=str(name), message="unknown; this is not what nof1 kit plan wrote")
        for name in data
        if name not in _FIELDS
    ]
    missing = [name for name in _FIELDS if name not in data]
    problems += [Problem(where=name, message="missing") for name in missing]
    if missing:
        return problems
    if data["nof1"] != 1 or isinstance(data["nof1"], bool):
        problems.append(Problem(where="nof1", message=f"found {data['nof1']!r}; this version reads format 1"))
    if data["mode"] != Mode.SELF_BLINDED.value:
        problems.append(
            Problem(where="mode", message=f"found {data['mode']!r}; kit plan writes self_blinded")
        )
    if not _is_digest(data["protocol_sha256"]):
        problems.append(Problem(where="protocol_sha256", message="not 64 hexadecimal digits in lower case"))
    return problems + _block_problems(data["blocks"], data["leaves"])


def _block_problems(blocks: object, leaves: object) -> list[Problem]:
    if not isinstance(blocks, list) or not blocks or not all(map(_is_block, blocks)):
        return [Problem(where="blocks", message="not a list of blocks with their codes and a reserve label")]
    problems = []
    every = [code for one in blocks for code in (*one["codes"], one["reserve"])]
    if len(set(every)) != len(every):
        problems.append(Problem(where="blocks", message="a code is there twice"))
    if len({one["block"] for one in blocks}) != len(blocks):
        problems.append(Problem(where="blocks", message="a block is there twice"))
    if not isinstance(leaves, list) or not all(_is_digest(leaf) for leaf in leaves):
        return [
            *problems,
            Problem(where="leaves", message="not a list of 64 hexadecimal digits in lower case"),
        ]
    if leaves != sorted(set(leaves)):
        problems.append(Problem(where="leaves", message="not in ascending order, or one is there twice"))
    n_kits = sum(len(one["codes"]) for one in blocks)
    if len(leaves) != n_kits:
        problems.append(Problem(where="leaves", message=f"{len(leaves)} leaves for {n_kits} kits"))
    return problems


def _is_block(one: object) -> bool:
    if not isinstance(one, Mapping) or set(one) != set(_BLOCK_FIELDS):
        return False
    codes = one["codes"]
    if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
        return False
    if codes != sorted(codes) or not isinstance(one["reserve"], str) or not isinstance(one["block"], str):
        return False
    try:
        for code in (*codes, one["reserve"]):
            Kit(block=one["block"], code=KitCode(code))
    except ValueError:
        return False
    return True


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")
