"""An event as the store keeps it: who, when, by which way, and its place in the chain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from nof1.audit.event import Event
from nof1.audit.events import KINDS
from nof1.audit.free_text import put_texts_back
from nof1.errors import ChainError, StoreError
from nof1.terms import Channel, EventId

if TYPE_CHECKING:
    from collections.abc import Mapping

E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of the event table; everything but the two hashes is hashed.

    Attributes
    ----------
    seq : int
        Place in the chain, from 1. The chain orders events, the clock does not.
    event_id : str
        128 random bits as 32 hexadecimal digits, so that a published head confirms no guess.
    trial_id, kind, version : str, str, int
        The trial, the kind of the event, the version of its payload.
    payload : str
        Canonical JSON, with digests in the place of free texts.
    observed_at, observed_offset : str or None
        UTC time at which it happened, and the distance of the local time from UTC.
    recorded_at : str
        UTC time at which it was written down, in milliseconds.
    actor, channel : str
        Who, and by which way.
    reason : str or None
        Digest of the reason, where the event has one.
    replaces : str or None
        The event that this one puts right.
    idem_key : str
        Names the attempt, so that a repeated one is recognised.
    protocol_sha256 : str or None
        The protocol in force.
    prev_hash, hash : str
        The link to the record before, and this record's own hash.
    """

    seq: int
    event_id: str
    trial_id: str
    kind: str
    version: int
    payload: str
    observed_at: str | None
    observed_offset: str | None
    recorded_at: str
    actor: str
    channel: str
    reason: str | None
    replaces: str | None
    idem_key: str
    protocol_sha256: str | None
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[E_co]):
    """An event together with its record.

    Attributes
    ----------
    record : Record
        The row.
    event : Event
        What it says.
    duplicate : bool
        This answer is the first record of the same attempt; nothing was added now.
    """

    record: Record
    event: E_co
    duplicate: bool = False

    @property
    def seq(self) -> int:
        """Place in the chain, from 1."""
        return self.record.seq

    @property
    def event_id(self) -> EventId:
        """Name of the event."""
        return EventId(self.record.event_id)

    @property
    def recorded_at(self) -> datetime:
        """When it was written down [UTC]."""
        return datetime.fromisoformat(self.record.recorded_at)

    @property
    def actor(self) -> str:
        """Who wrote it down."""
        return self.record.actor

    @property
    def channel(self) -> Channel:
        """By which way."""
        return Channel(self.record.channel)

    @property
    def hash(self) -> str:
        """Hash of the record; the head of the chain if it is the last."""
        return self.record.hash


AnyRecorded = Recorded[Event]


def utc_text(moment: datetime) -> str:
    """Write a moment as UTC in milliseconds.

    Parameters
    ----------
    moment : datetime
        Must know its zone.

    Returns
    -------
    str
        ISO 8601 with a final ``Z``; texts sort as the moments do.

    Raises
    ------
    ValueError
        If the moment does not know its zone.

    Examples
    --------
    >>> utc_text(datetime.fromisoformat("2026-04-03T08:00+02:00"))
    '2026-04-03T06:00:00.000Z'
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} does not say its zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_payload(record: Record) -> dict[str, object]:
    """Return the payload of a record as values.

    Parameters
    ----------
    record : Record
        As it was stored.

    Returns
    -------
    dict of str to object
        Text, bool, lists and dicts; numbers are decimal text.

    Raises
    ------
    ChainError
        If the payload is no JSON object.
    """
    try:
        payload = json.loads(record.payload)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise ChainError(
            f"event {record.seq} cannot be read: its payload was changed; run `nof1 verify`, then restore a backup"
        )
    return payload


def read_record(record: Record, texts: Mapping[str, str], *, duplicate: bool = False) -> AnyRecorded:
    """Turn a stored row into the event that it is.

    Parameters
    ----------
    record : Record
        As it was stored.
    texts : mapping of str to str
        Free texts by digest.
    duplicate : bool
        Mark it as the answer to a repeated attempt.

    Returns
    -------
    Recorded
        With erased texts as ``[erased]``.

    Raises
    ------
    StoreError
        If this version of nof1 does not know the kind or its version.
    ChainError
        If the payload does not fit its kind.
    """
    kind = KINDS.get(record.kind)
    if kind is None or record.version > kind.VERSION:
        raise StoreError(
            f"event {record.seq}: this version of nof1 does not know {record.kind!r}, version {record.version}; update nof1"
        )
    try:
        event = kind.from_payload(put_texts_back(kind, parse_payload(record), texts))
    except ValueError as error:
        raise ChainError(
            f"event {record.seq} cannot be read ({error}); run `nof1 verify`, then restore a backup"
        ) from None
    return Recorded(record=record, event=event, duplicate=duplicate)
