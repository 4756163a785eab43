"""What was drawn at once: the first draw of a trial, and each extension, with a protocol and a commitment of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.blinding.kits import Kit
from nof1.blinding.public import PublicKits
from nof1.errors import OpeningError, StageError
from nof1.protocol.digest import protocol_from_canonical
from nof1.schedule.design import part_space, part_spares
from nof1.terms import Mode

if TYPE_CHECKING:
    from nof1.protocol.model import Protocol
    from nof1.schedule.space import SequenceSpace
    from nof1.terms import KitCode
    from nof1.workflow.trial import Trial


@dataclass(frozen=True)
class DrawnPart:
    """One draw of a trial.

    Attributes
    ----------
    number : int
        1 for the first draw; extensions follow.
    drawn : TrialRandomized or TrialExtended
        The event that holds it.
    after : int
        Blocks that were drawn before.
    seq : int
        Place of the event in the chain.
    registered : tuple of (int, KitsRegistered or ExtensionRegistered)
        Place in the chain and content of each registration of its labels; none where a preparer packed.
    """

    number: int
    drawn: events.TrialRandomized | events.TrialExtended
    after: int
    seq: int
    registered: tuple[tuple[int, events.KitsRegistered | events.ExtensionRegistered], ...]

    @property
    def file_name(self) -> str:
        """Name of the file with what is public of it."""
        return "public.json" if self.number == 1 else f"public-{self.number}.json"

    @property
    def label(self) -> str:
        """What a message adds where a trial has several draws; empty for the first."""
        return "" if self.number == 1 else f" of extension {self.number - 1}"

    @cached_property
    def protocol(self) -> Protocol:
        """The text to which the draw is bound."""
        return protocol_from_canonical(self.drawn.protocol_canonical.encode())

    @property
    def space(self) -> SequenceSpace:
        """Every sequence that could have been drawn."""
        return part_space(self.protocol, self.after)

    @property
    def spares(self) -> list[SequenceSpace]:
        """The same for each spare block."""
        return part_spares(self.protocol, self.after)

    @property
    def public(self) -> PublicKits:
        """Kits, leaves, root, commitment as they were registered; not checked here."""
        if self.drawn.root is None:
            raise OpeningError("this draw has no kits")
        return PublicKits(
            mode=Mode(self.protocol.blinding.mode),
            protocol_sha256=self.drawn.protocol_sha256,
            kits=tuple(Kit.parse(text) for text in self.drawn.kits),
            leaves=self.drawn.leaves,
            root=self.drawn.root,
            commitment=self.drawn.commitment,
        )


def parts_of(trial: Trial) -> tuple[DrawnPart, ...]:
    """Return every draw of a trial, in order.

    Parameters
    ----------
    trial : Trial
        Drawn or imported.

    Returns
    -------
    tuple of DrawnPart
        Empty for a trial that was run elsewhere; more than one only after an extension.
    """
    state, begun = trial.state, trial.state.registration
    if begun is None or not isinstance(begun.event, events.TrialRandomized):
        return ()
    first = tuple((r.seq, r.event) for r in state.of(events.KitsRegistered))
    parts = [DrawnPart(number=1, drawn=begun.event, after=0, seq=begun.seq, registered=first)]
    for number, recorded in enumerate(state.of(events.TrialExtended), start=2):
        event = recorded.event
        labels = tuple(
            (r.seq, r.event)
            for r in state.of(events.ExtensionRegistered)
            if r.event.protocol_sha256 == event.protocol_sha256
        )
        parts.append(
            DrawnPart(number=number, drawn=event, after=event.after, seq=recorded.seq, registered=labels)
        )
    return tuple(parts)


def part_with_kit(trial: Trial, code: KitCode) -> DrawnPart | None:
    """Return the draw to which a kit belongs.

    Parameters
    ----------
    trial : Trial
        Drawn, not imported, not open.
    code : KitCode
        As printed on the label.

    Returns
    -------
    DrawnPart or None
        None: the trial has no such kit.
    """
    return next((part for part in parts_of(trial) if part.public.kit(code) is not None), None)


def space_to_draw(protocol: Protocol, after: int) -> SequenceSpace:
    """Return what is drawn now, or say why it cannot be.

    Parameters
    ----------
    protocol : Protocol
        Of an extension the amended one.
    after : int
        Blocks that were drawn before; 0: nothing was.

    Returns
    -------
    SequenceSpace
        Without spare blocks.

    Raises
    ------
    StageError
        If the design cannot be extended, or no block comes after those that were drawn.
    """
    try:
        return part_space(protocol, after)
    except ValueError as error:
        raise StageError(str(error)) from None


def is_planned(trial: Trial) -> bool:
    """Return whether the protocol that was registered allows for the blocks that were added.

    Parameters
    ----------
    trial : Trial
        Extended.

    Returns
    -------
    bool
        Whether the words of its rule were kept, people judge.
    """
    first, now = trial.versions[0][1].design, trial.protocol.design
    rule = first.extension
    return rule is not None and (now.blocks or 0) - (first.blocks or 0) <= rule.blocks
