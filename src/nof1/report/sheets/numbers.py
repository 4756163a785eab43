"""The numbers of a plan, and words that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nof1.report.sheets.model import NO_BLOCK, SPARE_SIGN, Pack

if TYPE_CHECKING:
    from nof1.report.sheets.model import HandPlan

_WORDS: Final = (
    ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
)  # fmt: skip
_BOX_MINUTES: Final = (6, 1.4, 0.6)
"""Minutes to pack boxes: to begin with, for each pack, for each sack. Estimates, the same as `nof1 check` prints."""
_DAY_MINUTES: Final = (5, 1)
"""Minutes to pack day packs: to begin with, for each pack. Estimates: 20 packs take 25 minutes, 70 take 75."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What is counted in the instructions.

    Attributes
    ----------
    kits : int
        Kits, spares included.
    blocks : tuple of str
        Their names, spare blocks last; empty where the design has no blocks.
    per_block : tuple of int, length k
        Kits of each condition in a block.
    per_sack : int
        Kits that are shuffled together.
    per_tub : tuple of int, length k
        Kits of each condition.
    capsules : int
        Per kit.
    tubs : int
        Conditions, k.
    minutes : int
        To pack, shuffle and label.
    """

    kits: int
    blocks: tuple[str, ...]
    per_block: tuple[int, ...]
    per_sack: int
    per_tub: tuple[int, ...]
    capsules: int
    tubs: int
    minutes: int

    @property
    def regular_blocks(self) -> int:
        """Blocks that are no spare ones."""
        return sum(not block.startswith(SPARE_SIGN) for block in self.blocks)


def numbers_of(plan: HandPlan) -> Numbers:
    """Count what a plan asks for.

    Parameters
    ----------
    plan : HandPlan
        The plan.

    Returns
    -------
    Numbers
        The counts.
    """
    blocks = tuple(block.block for block in plan.labels if block.block != NO_BLOCK)
    kits = sum(len(block.codes) for block in plan.labels)
    first = plan.labels[0].block
    if plan.pack is Pack.BOX:
        begin, pack, sack = _BOX_MINUTES
        minutes = begin + pack * kits + sack * len(plan.labels)
    else:
        minutes = _DAY_MINUTES[0] + _DAY_MINUTES[1] * kits
    return Numbers(
        kits=kits,
        blocks=blocks,
        per_block=tuple(sum(slip.block == first for slip in slips) for slips in plan.slips),
        per_sack=len(plan.labels[0].codes),
        per_tub=tuple(len(slips) for slips in plan.slips),
        capsules=plan.trial.capsules_per_kit,
        tubs=len(plan.slips),
        minutes=round(minutes),
    )


def word(number: int) -> str:
    """Write a small number as a word.

    Parameters
    ----------
    number : int
        0 or more.

    Returns
    -------
    str
        A word up to twelve, digits above.
    """
    return _WORDS[number] if number < len(_WORDS) else str(number)


def count(number: int, noun: str) -> str:
    """Write a number with its noun.

    Parameters
    ----------
    number : int
        How many.
    noun : str
        In the singular; the plural ends in s or es.

    Returns
    -------
    str
        ``1 box``, ``2 boxes``.
    """
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}{'es' if noun.endswith(('x', 's', 'h')) else 's'}"


def duration(minutes: float) -> str:
    """Write how long a step takes.

    Parameters
    ----------
    minutes : float
        An estimate [min].

    Returns
    -------
    str
        In whole minutes, at least one, in brackets.
    """
    return f"({max(1, round(minutes))} min)"
