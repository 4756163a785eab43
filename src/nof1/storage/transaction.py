"""What one writer adds in one transaction: checked for order, linked to the chain, recognised when repeated."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, TypeVar, cast

from nof1.audit import events
from nof1.audit.chain import record_hash, seal
from nof1.audit.event import Event
from nof1.audit.free_text import set_texts_apart, text_digest
from nof1.audit.history import TrialState, replay
from nof1.audit.record import AnyRecorded, Record, Recorded, parse_payload, read_record, utc_text
from nof1.audit.stage import MOVES, Position, advance, position_after, require
from nof1.encoding import canonical_json
from nof1.errors import ChainError, EntryError
from nof1.storage.outcome import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nof1.storage.database import Session

E = TypeVar("E", bound=Event)
_BRINGS_PROTOCOL = (
    events.KitsRegistered,
    events.TrialRandomized,
    events.TrialImported,
    events.ProtocolAmended,
    events.TrialExtended,
)
_SCORES = (events.ScoresEntered.KIND, events.RunRecorded.KIND, events.ScoresImported.KIND)


class Transaction:
    """What one writer sees and adds; all of it is committed together, when the block of `Store.writing` ends.

    Parameters
    ----------
    session : Session
        Holds the write lock.
    trial_id : str
        The trial of the store.
    entropy : callable of int to bytes
        Gives random bytes.

    Attributes
    ----------
    attempts : list of Attempt
        What was added so far.

    Raises
    ------
    ChainError
        If the head of the chain is not what was written.
    """

    def __init__(self, session: Session, trial_id: str, entropy: Callable[[int], bytes]) -> None:
        self._session = session
        self._trial_id = trial_id
        self._entropy = entropy
        self._head = session.last()
        if self._head and record_hash(self._head) != self._head.hash:
            raise ChainError(
                f"event {self._head.seq}, the last, was changed; run `nof1 verify`. Nothing was added"
            )
        moves = session.records([kind.KIND for kind in MOVES])
        self._position = position_after(read_record(record, {}).event for record in moves)
        self._history: list[AnyRecorded] | None = None if self._head else []
        self.attempts: list[Attempt] = []

    @property
    def position(self) -> Position:
        """Where the trial stands, with what was added here."""
        return self._position

    @property
    def records(self) -> tuple[AnyRecorded, ...]:
        """The whole history, with what was added here."""
        if self._history is None:
            self._history = self._session.history()
        return tuple(self._history)

    @property
    def state(self) -> TrialState:
        """What the history adds up to."""
        return replay(self.records)

    def append(
        self,
        event: E,
        *,
        actor: str,
        channel: str,
        recorded_at: datetime,
        idem_key: str,
        observed_at: str | None = None,
        observed_offset: str | None = None,
    ) -> Recorded[E]:
        """Add an event to the history, unless the same attempt added it before.

        Parameters
        ----------
        event : Event
            What happened.
        actor, channel : str
            Who records it, and by which way.
        recorded_at : datetime
            Now, from the caller's clock.
        idem_key : str
            Names the attempt; a retry must bring the same key.
        observed_at, observed_offset : str or None
            UTC time at which it happened, and the distance of the local time from UTC; by default what
            the event itself says.

        Returns
        -------
        Recorded
            As it was recorded first, with `duplicate` set, if the attempt is known.

        Raises
        ------
        StageError
            If the event is out of order.
        EntryError
            If it points at something that is not there.
        """
        attempt = Attempt(
            event=event,
            actor=actor,
            channel=channel,
            recorded_at=recorded_at,
            idem_key=unicodedata.normalize("NFC", idem_key),
            observed_at=observed_at or _text(event, "observed_at"),
            observed_offset=observed_offset or _text(event, "observed_offset"),
        )
        return cast("Recorded[E]", self.append_attempt(attempt))

    def append_attempt(self, attempt: Attempt) -> AnyRecorded:
        """Add what was attempted before, with its own time and key.

        Parameters
        ----------
        attempt : Attempt
            Such as a rescue file keeps.

        Returns
        -------
        Recorded
            As `append` returns it.

        Raises
        ------
        StageError
            If the event is out of order.
        EntryError
            If it points at something that is not there.
        """
        event = attempt.event
        if first := self._session.find(idem_key=attempt.idem_key):
            if first.kind != event.KIND:
                raise EntryError(
                    f"this attempt was recorded as {first.kind} before; nothing was added. Begin anew"
                )
            return read_record(first, self._session.texts(), duplicate=True)
        if not (attempt.actor and attempt.idem_key):
            raise ValueError("an event needs an actor and the key of its attempt")
        if (
            isinstance(event, events.TrialRandomized | events.TrialImported)
            and event.trial_id != self._trial_id
        ):
            raise ValueError(f"this store is of {self._trial_id}, not of {event.trial_id}")
        require(self._position, event)
        return self._add(attempt)

    def _add(self, attempt: Attempt) -> AnyRecorded:
        event = attempt.event
        replaced = self._require_target(event)
        payload, blobs = set_texts_apart(event, self._entropy)
        protocol_sha256 = self._head.protocol_sha256 if self._head else None
        record = Record(
            seq=0,
            event_id=self._entropy(16).hex(),
            trial_id=self._trial_id,
            kind=event.KIND,
            version=event.VERSION,
            payload=canonical_json(payload).decode(),
            observed_at=attempt.observed_at,
            observed_offset=attempt.observed_offset,
            recorded_at=utc_text(attempt.recorded_at),
            actor=attempt.actor,
            channel=attempt.channel,
            reason=text_digest(payload, "reason"),
            replaces=replaced,
            idem_key=attempt.idem_key,
            protocol_sha256=event.protocol_sha256 if isinstance(event, _BRINGS_PROTOCOL) else protocol_sha256,
            prev_hash="",
            hash="",
        )
        # Read back from the payload: what the caller gets is what every later reader gets.
        recorded = read_record(
            seal(record, self._head), {blob.sha256: blob.content.decode() for blob in blobs}
        )
        self._session.add(recorded, blobs)
        self.attempts.append(attempt)
        self._head = recorded.record
        self._position = advance(self._position, event)
        if self._history is not None:
            self._history.append(recorded)
        return recorded

    def _require_target(self, event: Event) -> str | None:
        """Return the event that this one replaces or erases from; refuse one that is not there."""
        if isinstance(event, events.Redacted):
            self._erase(event)
        replaces = _text(event, "replaces")
        if replaces is not None:
            target = self._session.find(event_id=replaces)
            kinds = _SCORES if isinstance(event, events.ScoreCorrected) else (event.KIND,)
            if target is None or target.kind not in kinds:
                raise EntryError(
                    f"there is no event {replaces} that this could replace; look the entry up first"
                )
        return replaces

    def _erase(self, event: events.Redacted) -> None:
        target = self._session.find(event_id=event.event_id)
        digest = text_digest(parse_payload(target), event.field) if target else None
        if digest is None or not self._session.erase(digest):
            raise EntryError(
                f"event {event.event_id} has no text {event.field!r} to erase, or it is erased already"
            )


def _text(event: Event, name: str) -> str | None:
    value: object = getattr(event, name, None)
    return value if isinstance(value, str) else None
