"""The tables of a trial: events that are only added to, texts that can be erased, and scores as they stand.

The event table never changes shape: what changes is the version of a payload. `score_current` is derived from the
events: in a file a table that is kept with every event and can be built again, on a server a view.

A file holds one trial. On a server many trials share the tables, so there every key begins with the trial; nothing
else differs. What guards the tables stands here for files, and in `guards` for servers.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
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
from nof1.terms import TRIAL_ID_PATTERN

SCHEMA = "nof1"
"""The schema of a server's database that holds the tables, so that they can stand beside those of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The tables in which trials are kept.

    Attributes
    ----------
    metadata : MetaData
        All of them.
    event, blob, score_current : Table
        Events, texts, scores as they stand.
    """

    metadata: MetaData
    event: Table
    blob: Table
    score_current: Table


def define(*, is_shared: bool) -> Tables:
    """Define the tables.

    Parameters
    ----------
    is_shared : bool
        Many trials in the same tables: every key begins with the trial.

    Returns
    -------
    Tables
        Bound to nothing yet.
    """
    metadata = MetaData(schema=SCHEMA if is_shared else None)
    trial = ("trial_id",) if is_shared else ()

    def owner() -> tuple[Column[str], ...]:
        return tuple(Column(name, Text, nullable=False) for name in trial)

    event = Table(
        "event",
        metadata,
        Column("seq", Integer, autoincrement=False),
        Column("event_id", Text, nullable=False),
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
        PrimaryKeyConstraint(*trial, "seq"),
        UniqueConstraint(*trial, "event_id"),
        UniqueConstraint(*trial, "idem_key"),  # a repeated attempt is recognised, by two writers at once
        UniqueConstraint(*trial, "prev_hash"),  # two events cannot follow on the same one: no forks
        Index("event_kind", *trial, "kind"),  # where a trial stands follows from a few of its events
    )
    blob = Table(
        "blob",
        metadata,
        *owner(),
        Column("sha256", Text),
        Column("salt", LargeBinary, nullable=False),
        Column("content", LargeBinary, nullable=False),
        PrimaryKeyConstraint(*trial, "sha256"),
    )
    score_current = Table(
        "score_current",
        metadata,
        *owner(),
        Column("event_seq", Integer, autoincrement=False),
        Column("row", Integer, autoincrement=False),
        Column("score", Text, nullable=False),
        Column("session", Integer),
        Column("day", Integer),
        Column("observed_at", Text),
        Column("value", Text),
        Column("missing_reason", Text),
        Column("n_versions", Integer, nullable=False),
        Column("last_seq", Integer, nullable=False),
        PrimaryKeyConstraint(*trial, "event_seq", "row"),
        ForeignKeyConstraint([*trial, "event_seq"], [event.c[name] for name in (*trial, "seq")]),
        sqlite_with_rowid=False,
    )
    return Tables(metadata=metadata, event=event, blob=blob, score_current=score_current)


IN_FILE = define(is_shared=False)
"""Those of one trial, in a file."""
SHARED = define(is_shared=True)
"""Those of many trials, on a server."""
STORE = Table("store", SHARED.metadata, Column("format", Integer, primary_key=True, autoincrement=False))
"""One row: the format of the tables on a server."""
TRIAL = Table(
    "trial",
    SHARED.metadata,
    Column("trial_id", Text, primary_key=True),
    Column("claim", Text, nullable=False),
    CheckConstraint(f"trial_id ~ '{TRIAL_ID_PATTERN}'"),  # names are printed, and become folders
)
"""The trials on a server. The claim is a random name that stands in the trial's folder too: it tells two trials of one name apart."""
SHARED.event.append_constraint(ForeignKeyConstraint(["trial_id"], [TRIAL.c.trial_id]))

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
GUARD_CHANGED = "the guard {} is missing or changed"
"""What is told of a trigger, or of what else guards the tables."""
GUARD_ADDED = "the {} was not made by nof1; it may change or swallow what is written"
"""What is told of something that was put on the tables."""
for _name, _body in TRIGGERS.items():
    _table = IN_FILE.event if _name.startswith("event") else IN_FILE.blob
    _trigger = DDL(f"CREATE TRIGGER {_name} {_body}")  # type: ignore[no-untyped-call]  # SQLAlchemy's gap
    sqlalchemy_event.listen(_table, "after_create", _trigger)
