"""Events of kits that go astray: a kit is lost, a spare block takes over, a label is found again by elimination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nof1.audit.event import Event, require_reason


@dataclass(frozen=True, slots=True, kw_only=True)
class KitLost(Event):
    """A kit cannot be used any more. It is never replaced alone: which kit is sent would tell what it holds.

    Attributes
    ----------
    kit : str
        Its code.
    on : str
        Local day (ISO date) from which it is missing.
    period : int or None
        Period, from 1, that stays empty from that day on; None where none does: its block had not begun and a
        spare one takes its place, it lay in a spare block, or its period was over.
    reason : str
        How it was lost.
    """

    KIND: ClassVar[str] = "kit_lost"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    kit: str
    on: str
    period: int | None = None
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.reason, "the loss of a kit")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpareBlockUsed(Event):
    """A whole spare block came into use; always the first that is left, never one chosen by what it holds.

    Attributes
    ----------
    spare : str
        ``S1``, ``S2``, …
    block : int
        The block whose place it takes, or its own number where it is added at the end.
    is_added : bool
        It follows the last block, and no block lost its place.
    """

    KIND: ClassVar[str] = "spare_block_used"
    spare: str
    block: int
    is_added: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelInferred(Event):
    """A box without a label was named, because one code alone was unaccounted for.

    Attributes
    ----------
    kit : str
        The code.
    on : str
        Local day (ISO date).
    seen : tuple of str
        Codes that were read on the other boxes, sorted.
    """

    KIND: ClassVar[str] = "label_inferred"
    kit: str
    on: str
    seen: tuple[str, ...]
