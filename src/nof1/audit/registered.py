"""Events that set a trial up: labels registered, sequence drawn, a finished trial brought in, the plan amended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from nof1.audit.event import Event, Part, require_reason

Mode = Literal["open_label", "third_party", "self_blinded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Part):
    """What a person answered to one question of the registration dialog."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KitsRegistered(Event):
    """The labels are on and the dialog is answered. Committed before any entropy for the draw is taken.

    Attributes
    ----------
    protocol_sha256 : str
        Digest of the protocol for which the kits were packed.
    kits : tuple of str
        ``block/CODE``, sorted: their order says nothing.
    retired : tuple of str
        Codes of spoilt labels; they are never used again.
    leaves : tuple of str
        Hashes of the cards, sorted.
    answers : tuple of Answer
        The dialog. Conditions are not asked.
    simulated : bool
        Clock or entropy were injected. Cannot be unmarked: the draw that follows is marked too.
    """

    KIND: ClassVar[str] = "kits_registered"
    protocol_sha256: str
    kits: tuple[str, ...]
    retired: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    simulated: bool = False

    def __post_init__(self) -> None:
        if list(self.kits) != sorted(self.kits):
            raise ValueError("kits are registered sorted by code, so that their order cannot speak")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRandomized(Event):
    """A trial was registered and its sequence drawn. It holds no condition, unless the trial is open.

    Attributes
    ----------
    trial_id, participant_id : str
        Name of the trial, and of the person under a pseudonym.
    mode : str
        Who knows the allocation before `unblind`.
    start_on, zone, day_starts : str
        First day (ISO date), IANA zone at home, and the time at which a study day turns.
    protocol_text, protocol_canonical, protocol_sha256 : str
        The file as it was written; its canonical bytes as text; their digest.
    kits : tuple of str
        ``block/CODE`` in order of use, spares last; condition codes in an open trial.
    leaves, root, commitment, published_line
        Hashes of the cards, sorted, and what binds them; the line to publish. No root in an open trial.
    secret : str or None
        64 hexadecimal digits, public in this mode; None where the preparer keeps it.
    simulated : bool
        The entropy was injected. Cannot be unmarked.
    version : str
        Version of nof1 that drew.
    """

    KIND: ClassVar[str] = "trial_randomized"
    trial_id: str
    participant_id: str
    mode: Mode
    start_on: str
    zone: str
    day_starts: str
    protocol_text: str
    protocol_canonical: str
    protocol_sha256: str
    kits: tuple[str, ...]
    leaves: tuple[str, ...] = ()
    root: str | None = None
    commitment: str
    published_line: str
    secret: str | None = None
    simulated: bool = False
    version: str

    def __post_init__(self) -> None:
        if self.mode == "third_party" and self.secret is not None:
            raise ValueError("the secret of a third_party trial never reaches the participant's store")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialImported(Event):
    """A finished trial that was run elsewhere was brought in; its rows follow in `ScoresImported`.

    Attributes
    ----------
    trial_id, participant_id, mode, protocol_text, protocol_canonical, protocol_sha256 : str
        As in `TrialRandomized`.
    zone : str or None
        IANA zone, where the file or the caller tells it.
    file_name, file_sha256 : str
        The file that the rows come from.
    n_rows : int
        Rows in the file.
    drift : tuple of str
        Where the rows do not fit the protocol, one finding each.
    version : str
        Version of nof1 that imported.
    """

    KIND: ClassVar[str] = "trial_imported"
    trial_id: str
    participant_id: str
    mode: Mode
    protocol_text: str
    protocol_canonical: str
    protocol_sha256: str
    zone: str | None = None
    file_name: str
    file_sha256: str
    n_rows: int
    drift: tuple[str, ...] = ()
    simulated: bool = False
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolAmended(Event):
    """The protocol was changed where it may be. The draw stays bound to the first digest.

    Attributes
    ----------
    protocol_text, protocol_canonical, protocol_sha256 : str
        The new document.
    amends_sha256 : str
        Digest of the document before.
    effective_on : str
        Local day from which it holds.
    changes : tuple of str
        Paths that changed, each with its class (forward, clerical).
    reason : str
        Why.
    """

    KIND: ClassVar[str] = "protocol_amended"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    protocol_text: str
    protocol_canonical: str
    protocol_sha256: str
    amends_sha256: str
    effective_on: str
    changes: tuple[str, ...]
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.reason, "an amendment")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRegistered(Event):
    """The labels of further blocks are on. Committed before any entropy for their draw is taken; the rest goes on.

    Attributes
    ----------
    protocol_sha256 : str
        Digest of the amended protocol for which they were packed.
    after : int
        Blocks that were drawn before.
    kits, retired, leaves, answers, simulated
        As in `KitsRegistered`.
    """

    KIND: ClassVar[str] = "extension_registered"
    protocol_sha256: str
    after: int
    kits: tuple[str, ...]
    retired: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    simulated: bool = False

    def __post_init__(self) -> None:
        if list(self.kits) != sorted(self.kits):
            raise ValueError("kits are registered sorted by code, so that their order cannot speak")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialExtended(Event):
    """Further blocks were drawn, for an amended protocol that says nothing new but their number.

    Attributes
    ----------
    protocol_text, protocol_canonical, protocol_sha256 : str
        The amended document, to which this draw is bound; the first draw stays bound to the first.
    amends_sha256 : str
        Digest of the document before.
    after : int
        Blocks that were drawn before; those of `kits` are numbered on.
    kits, leaves, root, commitment, published_line, secret, simulated
        As in `TrialRandomized`, for the new blocks alone.
    reason : str
        Why.
    """

    KIND: ClassVar[str] = "trial_extended"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    protocol_text: str
    protocol_canonical: str
    protocol_sha256: str
    amends_sha256: str
    after: int
    kits: tuple[str, ...]
    leaves: tuple[str, ...] = ()
    root: str | None = None
    commitment: str
    published_line: str
    secret: str | None = None
    simulated: bool = False
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.reason, "an extension")


@dataclass(frozen=True, slots=True, kw_only=True)
class KitRelabelled(Event):
    """A label was replaced before the draw or was lost and inferred; the old code is never used again."""

    KIND: ClassVar[str] = "kit_relabelled"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    old_kit: str
    new_kit: str
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.reason, "a new label")
