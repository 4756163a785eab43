"""Open-label draws: nothing is hidden, but the order is still drawn by chance and fixed in public."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.blinding.commitment import commitment, published_line
from nof1.schedule.draw import draw, trial_key
from nof1.terms import ConditionCode, Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.blinding.sealed import Secret
    from nof1.schedule.space import SequenceSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraw:
    """A drawn sequence that everybody may see.

    Attributes
    ----------
    protocol_sha256 : str
        Digest of the protocol as 64 hexadecimal digits.
    sequence : tuple of ConditionCode
        First period first.
    spares : tuple of tuple of ConditionCode
        The same for every spare block.
    rank : int
        Number of the sequence in its space.
    commitment : str
        64 hexadecimal digits.
    """

    protocol_sha256: str
    sequence: tuple[ConditionCode, ...]
    spares: tuple[tuple[ConditionCode, ...], ...]
    rank: int
    commitment: str

    @property
    def line(self) -> str:
        """The line to publish before the first period."""
        return published_line(Mode.OPEN_LABEL, self.protocol_sha256, self.commitment)


def draw_openly(
    secret: Secret, protocol_sha256: str, space: SequenceSpace, spares: Sequence[SequenceSpace] = ()
) -> OpenDraw:
    """Draw the sequence of an open-label trial.

    Parameters
    ----------
    secret : Secret
        Fresh entropy; it is published.
    protocol_sha256 : str
        Digest of the protocol as 64 hexadecimal digits.
    space : SequenceSpace
        Of the design.
    spares : sequence of SequenceSpace
        Of every spare block.

    Returns
    -------
    OpenDraw
        There are no kits, no cards and no root.
    """
    key = trial_key(secret.value, protocol_sha256)
    index = draw(key, space.size, "sequence")
    sequence = space.unrank(index)
    extra = tuple(
        spare.unrank(draw(key, spare.size, f"sequence/S{number}"))
        for number, spare in enumerate(spares, start=1)
    )
    told = [code for part in (sequence, *extra) for code in part]
    return OpenDraw(
        protocol_sha256=protocol_sha256,
        sequence=sequence,
        spares=extra,
        rank=index,
        commitment=commitment(Mode.OPEN_LABEL, protocol_sha256, b"", told).hex(),
    )
