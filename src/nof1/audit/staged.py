"""Events that move a trial on: kits opened, dates moved, data locked, allocation learned, reports made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from nof1.audit.event import Event, Part, require_reason
from nof1.terms import EventId  # noqa: TC001 - resolved when a payload is read


@dataclass(frozen=True, slots=True, kw_only=True)
class KitOpened(Event):
    """A period began: the code on the box was typed.

    Attributes
    ----------
    period : int
        From 1.
    kit : str
        The code as typed; may be another than the planned one, which is a deviation.
    on : str or None
        Local day (ISO date).
    """

    KIND: ClassVar[str] = "kit_opened"
    period: int
    kit: str
    on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleShifted(Event):
    """Periods that had not begun were moved; their order and length stay.

    Attributes
    ----------
    from_period : int
        First period that moves, from 1.
    days : int
        How far; negative: earlier.
    reason : str
        Why.
    """

    KIND: ClassVar[str] = "schedule_shifted"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    from_period: int
    days: int
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.reason, "a shift of the schedule")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """The trial rests from a local day on."""

    KIND: ClassVar[str] = "paused"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    on: str
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.reason, "a pause")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The trial goes on from a local day."""

    KIND: ClassVar[str] = "resumed"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    on: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Event):
    """The trial ended before its plan did. A valid end: it is locked and reported like any other."""

    KIND: ClassVar[str] = "stopped"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    on: str
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.reason, "a stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookTaken(Event):
    """The scores were looked at by condition before the lock, by whoever knew the conditions.

    Attributes
    ----------
    what : str
        At what; never a condition or a result.
    n_scores : int
        Scores that had been entered.
    after_block : int or None
        Whole blocks that the look rests on; None where the design has none.
    """

    KIND: ClassVar[str] = "look_taken"
    what: str
    n_scores: int
    after_block: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDigest(Part):
    """A file of the locked data set, and the digest of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked(Event):
    """No score can change any more.

    Attributes
    ----------
    files : tuple of FileDigest
        What was written to ``locked/``.
    n_scores, n_missing : int
        Planned scores with a value, and without one.
    """

    KIND: ClassVar[str] = "locked"
    files: tuple[FileDigest, ...]
    n_scores: int
    n_missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked(Event):
    """The lock was undone before anything was opened. The report says so."""

    KIND: ClassVar[str] = "unlocked"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.reason, "undoing the lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedKit(Part):
    """What one kit held.

    Attributes
    ----------
    kit : str or None
        Its code; None where there were no kits.
    condition : str
        Code of the condition; empty where box and card are gone and nothing else tells.
    key : str or None
        The card key that proves it; None where the secret or an import told.
    period : int or None
        Its planned place, from 1; None for a spare that was not used.
    by_elimination : bool
        No card: the only possibility that was left in its block.
    """

    kit: str | None = None
    condition: str
    key: str | None = None
    period: int | None = None
    by_elimination: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unblinded(Event):
    """The allocation was learned, after the lock. The first event that may hold a condition.

    Attributes
    ----------
    how : str
        What told: the preparer's secret, the cards, the public draw of an open trial, an imported file.
    secret : str or None
        The preparer's secret as 64 hexadecimal digits, public from now on, so that anyone can repeat the draw.
    more_secrets : tuple of str
        Those of extensions, in order.
    allocation : tuple of OpenedKit
        What every kit held.
    space_size : int
        Number of sequences that the design could have drawn, of the known positions where some stayed unknown; 0
        where that cannot be told.
    sequence_rank : int or None
        Which of them it was; None where positions stayed unknown.
    spare_used : tuple of str
        Spare blocks in use, such as ``S1``.
    flags : tuple of str
        Short codes, such as ``by_elimination``.
    """

    KIND: ClassVar[str] = "unblinded"
    how: Literal["secret", "cards", "public", "import"]
    secret: str | None = None
    more_secrets: tuple[str, ...] = ()
    allocation: tuple[OpenedKit, ...]
    space_size: int
    sequence_rank: int | None = None
    spare_used: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRefused(Event):
    """A secret or a card did not fit the commitment; what was given is not stored."""

    KIND: ClassVar[str] = "opening_refused"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindBroken(Event):
    """A kit was opened in an emergency. Neither its condition nor its key is stored.

    Attributes
    ----------
    kit : str
        Code of the kit.
    who_learned : str
        ``others``: the participant still does not know.
    on : str
        Local day, or UTC time, of the opening.
    reason : str or None
        Now or later; never asked for before the opening.
    replaces : EventId or None
        An earlier record of the same opening, now with its reason.
    """

    KIND: ClassVar[str] = "blind_broken"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    kit: str
    who_learned: Literal["participant", "others"]
    on: str
    reason: str | None = None
    replaces: EventId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted(Event):
    """A free text was erased, because it held something personal. Its hash stays, so the chain holds.

    Attributes
    ----------
    event_id : EventId
        The event that held it.
    field : str
        Which of its texts.
    reason : str
        Why; must not repeat what was erased.
    """

    KIND: ClassVar[str] = "redacted"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    event_id: EventId
    field: str
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.reason, "an erasure")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMade(Event):
    """A report was written.

    Attributes
    ----------
    folder : str
        Name of its folder below ``reports/<trial>/``.
    results_sha256 : str
        Digest of its results.json.
    blinded : bool
        Made before the lock, pooled over conditions.
    """

    KIND: ClassVar[str] = "report_made"
    folder: str
    results_sha256: str
    blinded: bool = False
