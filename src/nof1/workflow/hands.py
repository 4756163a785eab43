"""Simulated hands: they fill, shuffle and label the boxes of a made-up person, and later read the slips in them.

Only where entropy is simulated can anyone know what hands did: slips and labels are drawn again from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.blinding.kits import grouped
from nof1.blinding.packing import KitsPlan, plan_kits
from nof1.files.protocols import read_protocol
from nof1.protocol.digest import protocol_sha256
from nof1.schedule.design import part_space, part_spares

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nof1.encoding import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Packed, shuffled and labelled boxes.

    Attributes
    ----------
    contents : mapping of str to str
        Code on the box to condition in it.
    keys : mapping of str to str
        Code on the box to the key of its slip.
    answers : mapping of str to Json
        What a careful person answers at `randomize`.
    """

    contents: Mapping[str, str]
    keys: Mapping[str, str]
    answers: Mapping[str, Json]

    @property
    def cards(self) -> str:
        """The slips as a person would type them at the end: a line for each box."""
        return "".join(f"{code} {grouped(key)}\n" for code, key in sorted(self.keys.items()))


def pack(protocol_path: Path, entropy: Callable[[int], bytes], rng: random.Random, after: int = 0) -> Boxes:
    """Pack what `kit plan` planned.

    Parameters
    ----------
    protocol_path : Path
        The protocol file.
    entropy : callable
        The simulated entropy that `kit plan` was given, from its beginning.
    rng : random.Random
        Shuffles the boxes of every block.
    after : int
        Blocks that were drawn before, where the trial is extended.

    Returns
    -------
    Boxes
        Every label on a box, reserve labels left over.
    """
    protocol = read_protocol(protocol_path)
    space, spares = part_space(protocol, after), part_spares(protocol, after)
    plan, cards = plan_kits(entropy(32), entropy(32), protocol_sha256(protocol), space, spares)
    contents: dict[str, str] = {}
    keys: dict[str, str] = {}
    for block in plan.blocks:
        sack = [card for card in cards if card.place == f"block {block.block}"]
        rng.shuffle(sack)
        for code, card in zip(block.codes, sack, strict=True):
            contents[code], keys[code] = card.condition, card.key
    return Boxes(contents=contents, keys=keys, answers=careful_answers(plan, len(protocol.conditions)))


def careful_answers(plan: KitsPlan, n_conditions: int) -> dict[str, Json]:
    """Return the answers of somebody who made no mistake.

    Parameters
    ----------
    plan : KitsPlan
        Of the packed kits.
    n_conditions : int
        Tubs and sheets.

    Returns
    -------
    dict of str to Json
        By the key of the question, for every block that could be asked for.
    """
    answers: dict[str, Json] = {}
    for n in range(1, n_conditions + 1):
        answers |= {f"capsules_{n}": 0, f"slips_{n}": 0}
    answers |= {f"block_{block.block}": list(block.codes) for block in plan.blocks}
    return answers | {"labels": "none", "labels_on": "after", "known": "none", "shuffled_by": "me"}
