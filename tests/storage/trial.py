"""A trial to store: its first event, its entries, and a writer with a clock and entropy of its own."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nof1.audit import events
from nof1.storage.store import create_store

if TYPE_CHECKING:
    from nof1.audit.event import Event
    from nof1.audit.record import AnyRecorded
    from nof1.storage.store import Store

TRIAL_ID = "caffeine"
START = datetime(2026, 4, 3, 8, tzinfo=UTC)
DRAWN = events.TrialRandomized(
    trial_id=TRIAL_ID,
    participant_id="k3m9x2pq",
    mode="third_party",
    start_on="2026-04-01",
    zone="Europe/Berlin",
    day_starts="04:00",
    protocol_text="nof1: 1\n",
    protocol_canonical="{}",
    protocol_sha256="ab" * 32,
    kits=("1/K-QMNC6Y", "1/K-EMTD5Z"),
    leaves=("01" * 32, "02" * 32),
    root="03" * 32,
    commitment="04" * 32,
    published_line="nof1/1 third_party …",
    version="0.1.0",
)
LOCKED = events.Locked(
    files=(events.FileDigest(name="scores.csv", sha256="05" * 32),), n_scores=1, n_missing=0
)
UNLOCKED = events.Unlocked(reason="a forgotten page")
UNBLINDED = events.Unblinded(
    how="secret",
    allocation=(
        events.OpenedKit(kit="K-QMNC6Y", condition="off", period=1),
        events.OpenedKit(kit="K-EMTD5Z", condition="on", period=2),
    ),
    space_size=2,
    sequence_rank=1,
)


class Entropy:
    """Bytes that are the same in every run, and never twice the same in one."""

    def __init__(self, seed: str = "") -> None:
        self._stream = (hashlib.sha256(f"{seed}{n}".encode()).digest() for n in itertools.count())

    def __call__(self, n: int) -> bytes:
        """Return n bytes, at most 32."""
        return next(self._stream)[:n]


class Writer:
    """Writes events one by one, a minute apart."""

    def __init__(self, store: Store, seed: str = "") -> None:
        self.store = store
        self.entropy = Entropy(seed)
        self._minutes = itertools.count()
        self._keys = (f"attempt {seed}{n}" for n in itertools.count())

    def write(self, event: Event, idem_key: str | None = None) -> AnyRecorded:
        """Record one event in a transaction of its own."""
        with self.store.writing(self.entropy) as transaction:
            return self.append(transaction, event, idem_key)

    def append(self, transaction, event: Event, idem_key: str | None = None) -> AnyRecorded:
        """Record one event in a transaction of the caller's."""
        return transaction.append(
            event,
            actor="participant",
            channel="test",
            recorded_at=START + timedelta(minutes=next(self._minutes)),
            idem_key=idem_key or next(self._keys),
        )


def begin(path, seed: str = "") -> Writer:
    """Create a store and draw its trial."""
    writer = Writer(create_store(path, TRIAL_ID), seed)
    writer.write(DRAWN)
    return writer


def entry(session: int = 1, **values: str | None) -> events.ScoresEntered:
    """Return a form of one session; a value of None is missing."""
    named = (values or {"mood": "7"}).items()
    return events.ScoresEntered(
        instrument="day",
        session=session,
        day=session,
        observed_at="2026-04-03T06:00:00.000Z",
        observed_local="2026-04-03 08:00",
        observed_offset="+02:00",
        values=tuple(
            events.EnteredValue(score=f"day.{name}", value=value, missing_reason=None if value else "ill")
            for name, value in named
        ),
        source="hand",
    )


def correction(
    recorded: AnyRecorded, value: str, row: int = 0, reason: str = "typo"
) -> events.ScoreCorrected:
    """Return a correction of one score of a form."""
    score = recorded.event.values[row].score
    return events.ScoreCorrected(replaces=recorded.event_id, row=row, score=score, value=value, reason=reason)
