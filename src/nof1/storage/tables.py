"""The tables of one trial: events that are only added to, texts that can be erased, and scores as they stand.

The event table never changes shape: what changes is the version of a payload. `score_current` is derived from the
events; it can be dropped and built again at any time.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy import event as sqlalchemy_event

from nof1.audit.chain import GENESIS

METADATA = MetaData()

EVENT = Table(
    "event",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False, unique=True),
    Column("trial_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("observed_at", Text),
    Column("observed_offset", Text),
    Column("recorded_at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("reason", Text),
    Column("replaces", Text),
    Column(
        "idem_key", Text, nullable=False, unique=True
    ),  # a repeated attempt is recognised, by two writers at once
    Column("protocol_sha256", Text),
    Column(
        "prev_hash", Text, nullable=False, unique=True
    ),  # two events cannot follow on the same one: no forks
    Column("hash", Text, nullable=False),
    Index("event_kind", "kind"),  # where a trial stands follows from a few of its events
)

BLOB = Table(
    "blob",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

SCORE_CURRENT = Table(
    "score_current",
    METADATA,
    Column("event_seq", ForeignKey(EVENT.c.seq), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("score", Text, nullable=False),
    Column("session", Integer),
    Column("day", Integer),
    Column("observed_at", Text),
    Column("value", Text),
    Column("missing_reason", Text),
    Column("n_versions", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Against accidents: whoever owns the file can remove a trigger, but no statement that slips in changes history.
# `event_follows` also stops INSERT OR REPLACE, which would delete without asking the delete trigger.
TRIGGERS = {
    "event_no_update": "BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are only added to'); END",
    "event_no_delete": "BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are only added to'); END",
    "event_follows": """BEFORE INSERT ON event
WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM event), 0)
  OR NEW.prev_hash <> coalesce((SELECT hash FROM event ORDER BY seq DESC LIMIT 1), 'GENESIS')
  OR NEW.trial_id <> (SELECT trial_id FROM event WHERE seq = 1)
BEGIN SELECT RAISE(ABORT, 'an event follows on the last one'); END""".replace("GENESIS", GENESIS),
    "blob_no_update": "BEFORE UPDATE ON blob BEGIN SELECT RAISE(ABORT, 'a text is erased or it stays'); END",
}
for _name, _body in TRIGGERS.items():
    _table = EVENT if _name.startswith("event") else BLOB
    _trigger = DDL(f"CREATE TRIGGER {_name} {_body}")  # type: ignore[no-untyped-call]  # SQLAlchemy's gap
    sqlalchemy_event.listen(_table, "after_create", _trigger.execute_if(dialect="sqlite"))
