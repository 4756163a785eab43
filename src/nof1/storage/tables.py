"""The tables: events that are only added to, texts that can be erased, and scores as they stand.

The event table never changes shape: what changes is the version of a payload. `score_current` is derived from the
events; it can be dropped and built again at any time.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import event as sqlalchemy_event

from nof1.audit.chain import GENESIS

METADATA = MetaData()

EVENT = Table(
    "event",
    METADATA,
    Column("seq", Integer, nullable=False),
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
    Column("idem_key", Text, nullable=False),
    Column("protocol_sha256", Text),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("trial_id", "seq"),
    UniqueConstraint("trial_id", "idem_key"),  # a repeated attempt is recognised, also by two writers at once
    UniqueConstraint("trial_id", "prev_hash"),  # two events cannot follow on the same one: no forks
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
    Column("trial_id", Text, nullable=False),
    Column("event_seq", Integer, nullable=False),
    Column("row", Integer, nullable=False),
    Column("score", Text, nullable=False),
    Column("session", Integer),
    Column("day", Integer),
    Column("observed_at", Text),
    Column("value", Text),
    Column("missing_reason", Text),
    Column("n_versions", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    PrimaryKeyConstraint("trial_id", "event_seq", "row"),
    ForeignKeyConstraint(["trial_id", "event_seq"], ["event.trial_id", "event.seq"]),
    sqlite_with_rowid=False,
)

# Against accidents: whoever owns the file can remove a trigger, but no statement that slips in changes history.
# `event_follows` also stops INSERT OR REPLACE, which would delete without asking the delete trigger.
TRIGGERS = {
    "event_no_update": "BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are only added to'); END",
    "event_no_delete": "BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are only added to'); END",
    "event_follows": """BEFORE INSERT ON event
WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM event WHERE trial_id = NEW.trial_id), 0)
  OR NEW.prev_hash <> coalesce(
    (SELECT hash FROM event WHERE trial_id = NEW.trial_id ORDER BY seq DESC LIMIT 1), 'GENESIS')
BEGIN SELECT RAISE(ABORT, 'an event follows on the last one'); END""".replace("GENESIS", GENESIS),
    "blob_no_update": "BEFORE UPDATE ON blob BEGIN SELECT RAISE(ABORT, 'a text is erased or it stays'); END",
}
for _name, _body in TRIGGERS.items():
    _table = EVENT if _name.startswith("event") else BLOB
    _trigger = DDL(f"CREATE TRIGGER {_name} {_body}")  # type: ignore[no-untyped-call]  # SQLAlchemy's gap
    sqlalchemy_event.listen(_table, "after_create", _trigger.execute_if(dialect="sqlite"))
