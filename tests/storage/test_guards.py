"""The server itself refuses: a writer only adds to one trial, a reader only reads, and nobody changes history."""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import asdict, replace

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from nof1.audit import events
from nof1.audit.chain import seal
from nof1.audit.record import Record
from nof1.encoding import canonical_json
from nof1.errors import StoreError

from .server import Clinic
from .test_server import begin_shared
from .trial import entry

HASH = "f" * 64
NEXT = (
    "INSERT INTO nof1.event (seq, event_id, trial_id, kind, version, payload, recorded_at, actor, channel, idem_key, prev_hash, hash) "
    "SELECT {seq}, 'x', '{trial}', 'note_recorded', 1, '{{}}', '', 'x', 'x', 'x', {prev}, 'x' FROM nof1.event WHERE seq = 1"
)
NEW = "INSERT INTO nof1.trial VALUES ('{}', 'x')"
CHANGES = (
    "UPDATE nof1.event SET actor = 'x'",
    "DELETE FROM nof1.event",
    "TRUNCATE nof1.event CASCADE",
    "UPDATE nof1.blob SET content = ''",
    "DELETE FROM nof1.blob",
    "TRUNCATE nof1.blob",
    "UPDATE nof1.trial SET claim = 'x'",
    "DELETE FROM nof1.trial",
    "TRUNCATE nof1.trial CASCADE",
)
MADE = (
    "UPDATE nof1.store SET format = 2",
    "INSERT INTO nof1.store VALUES (2)",
    "CREATE TABLE nof1.mine (x text)",
    "DROP TABLE nof1.blob",
    "DROP VIEW nof1.score_current",
    "ALTER TABLE nof1.event DISABLE TRIGGER event_no_update",
    "ALTER TABLE nof1.event DISABLE ROW LEVEL SECURITY",
    "CREATE OR REPLACE FUNCTION nof1.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "DROP TRIGGER event_no_delete ON nof1.event",
    "SET session_replication_role = replica",
    "SET ROLE owner",
    "DELETE FROM nof1.score_current",
)


@pytest.fixture
def writer(tmp_path, clinic):
    """Return a writer to a trial with a form and a note."""
    writer = begin_shared(tmp_path / "caffeine" / "store.json", clinic)
    writer.write(entry())
    writer.write(events.NoteRecorded(text="slept badly"))
    return writer


@pytest.fixture(scope="module")
def some_clinic(postgresql):
    """Return a store on the server that every example leaves as it was."""
    clinic = Clinic(postgresql)
    yield clinic
    clinic.close()


def test_writer_and_reader_are_refused_by_the_server(writer, clinic):
    """No UPDATE, DELETE, TRUNCATE, no change of tables, guards or role: by the rights of the role alone."""
    before = writer.store.rows()
    for url in (clinic.writer, clinic.reader):
        for statement in (*CHANGES, *MADE):
            with pytest.raises(
                (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
            ):
                clinic.run(statement, url=url)
    for statement in (
        NEXT.format(seq=4, trial="caffeine", prev=f"'{HASH}'"),
        "INSERT INTO nof1.trial VALUES ('tea', 'x')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            clinic.run(statement, url=clinic.reader)
    assert writer.store.rows() == before
    assert writer.store.faults() == ()


def test_a_writer_adds_to_the_trial_of_the_transaction_alone(writer, tmp_path, clinic):
    """A row of another trial is refused by the server, whatever the program does."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        clinic.run("INSERT INTO nof1.blob VALUES ('tea', 'x', '', '')", url=clinic.writer)
    clinic.run("INSERT INTO nof1.trial VALUES ('tea', 'x')", url=clinic.writer)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        insert(clinic, clinic.writer, seal(replace(record_of("x"), trial_id="tea"), None))


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=4, max_size=4
    )
)
@settings(max_examples=25)
def test_the_server_finds_the_hash_that_the_chain_gives(some_clinic, texts):
    """Its trigger writes a record as canonical JSON does, whatever stands in it, and refuses any other hash."""
    actor, reason, key, version = texts
    record = seal(
        replace(record_of(actor), reason=reason, idem_key=key, observed_offset=version or None), None
    )
    with psycopg.connect(some_clinic.owner) as connection:
        connection.execute("INSERT INTO nof1.trial VALUES ('caffeine', 'x')")
        insert(some_clinic, "", record, connection)
        connection.rollback()
        connection.execute("INSERT INTO nof1.trial VALUES ('caffeine', 'x')")
        with pytest.raises(psycopg.errors.RaiseException, match="the hash of its content"):
            insert(some_clinic, "", replace(record, actor=actor + "x"), connection)
        connection.rollback()


def record_of(actor):
    """Return a record of the trial `caffeine`, without its place in a chain."""
    return Record(
        seq=0,
        event_id="e" * 32,
        trial_id="caffeine",
        kind="note_recorded",
        version=1,
        payload=canonical_json({"text": actor}).decode(),
        observed_at=None,
        observed_offset=None,
        recorded_at="2026-03-01T08:00:00.000Z",
        actor=actor,
        channel="command",
        reason=None,
        replaces=None,
        idem_key="k",
        protocol_sha256=None,
        prev_hash="",
        hash="",
    )


def insert(clinic, url, record, connection=None):
    """Insert a record as it is, by SQL."""
    values = asdict(record)
    places = sql.SQL(", ").join(sql.Placeholder() * len(values))
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    statement = sql.SQL("INSERT INTO nof1.event ({}) VALUES ({})").format(names, places)
    with nullcontext(connection) if connection else psycopg.connect(url or clinic.owner) as using:
        using.execute(statement, list(values.values()))


def test_a_name_that_no_trial_can_have_is_refused(clinic):
    """What is listed on terminals and becomes a folder holds nothing that steers either."""
    for name in ("Tea", "../tea", "tea\033[2J", "tea\n", "te", ""):
        with pytest.raises(psycopg.errors.CheckViolation):
            clinic.run(NEW.format(name), url=clinic.writer)


def test_the_owner_is_refused_by_triggers(writer, clinic):
    """Against accidents: whoever owns the tables can remove a trigger, but no statement that slips in changes history."""
    before = writer.store.rows()
    for statement in CHANGES:
        with pytest.raises(psycopg.errors.RaiseException, match=r"only added to|erased|keeps its name"):
            clinic.run(statement)
    for seq, prev in ((5, "hash"), (4, f"'{HASH}'"), (3, "hash"), (1, "prev_hash")):
        with pytest.raises(psycopg.errors.RaiseException, match="an event follows on the last one"):
            clinic.run(NEXT.format(seq=seq, trial="caffeine", prev=prev))
    for payload, told in (
        ("'{{}}'", "the hash of its content"),
        ("'[]'", "the hash of"),
        ("'x'", "invalid input syntax"),
    ):
        with pytest.raises(psycopg.Error, match=told):
            clinic.run(
                NEXT.replace("'{{}}'", payload).format(
                    seq=4, trial="caffeine", prev=f"'{writer.store.head().hash}'"
                )
            )
    assert writer.store.rows() == before


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE nof1.event DISABLE TRIGGER event_no_update", "event_no_update"),
        ("ALTER TABLE nof1.event ENABLE REPLICA TRIGGER event_follows", "event_follows"),
        ("DROP TRIGGER blob_no_delete ON nof1.blob", "blob_no_delete"),
        (
            "CREATE OR REPLACE FUNCTION nof1.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            r"refuse\(\)",
        ),
        (
            (
                "CREATE OR REPLACE TRIGGER event_no_delete BEFORE DELETE ON nof1.event FOR EACH ROW WHEN (false) "
                "EXECUTE FUNCTION nof1.refuse('x')"
            ),
            "event_no_delete",
        ),
        ("GRANT DELETE ON nof1.blob TO nof1_writer", "of the rights on blob"),
        ("GRANT UPDATE (actor) ON nof1.event TO PUBLIC", "of the rights on event"),
        ("ALTER TABLE nof1.blob DISABLE ROW LEVEL SECURITY", "of the rows of blob"),
        ("ALTER FUNCTION nof1.erase() SECURITY INVOKER", r"guard erase\(\)"),
        ("ALTER FUNCTION nof1.follow() RESET search_path", r"guard follow\(\)"),
        (
            "CREATE TRIGGER z BEFORE INSERT ON nof1.blob FOR EACH ROW EXECUTE FUNCTION nof1.refuse('x')",
            "trigger z on blob was not made by nof1",
        ),
        (
            "CREATE FUNCTION nof1.mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            r"function mine\(\) was not made",
        ),
        ("CREATE RULE mine AS ON DELETE TO nof1.trial DO INSTEAD NOTHING", "rule mine on trial was not made"),
        ("CREATE POLICY mine ON nof1.event TO nof1_writer USING (true)", "policy mine on event was not made"),
        ("CREATE POLICY mine ON nof1.blob FOR SELECT USING (true)", "policy mine on blob was not made"),
        (
            "CREATE POLICY mine ON nof1.event FOR SELECT TO nof1_writer USING (true)",
            "policy mine on event was not",
        ),
        (
            "CREATE TRIGGER event_follows BEFORE INSERT ON nof1.blob FOR EACH ROW EXECUTE FUNCTION nof1.refuse('x')",
            "trigger event_follows on blob was not made by nof1",
        ),
    ],
)
def test_a_guard_that_was_taken_away_is_told(writer, clinic, statement, told):
    """By `nof1 verify`, as in a file."""
    clinic.run(statement)
    (finding,) = writer.store.faults()
    assert re.search(told, finding)


def test_a_row_that_is_swallowed_is_not_recorded(writer, clinic):
    """A trigger of the owner that keeps nothing: whoever records is told so, and gets no receipt."""
    before = writer.store.rows()
    clinic.run("CREATE FUNCTION nof1.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    clinic.run(
        "CREATE TRIGGER z_swallow BEFORE INSERT ON nof1.event FOR EACH ROW EXECUTE FUNCTION nof1.swallow()"
    )
    with pytest.raises(StoreError, match="did not keep it"):
        writer.write(events.NoteRecorded(text="slept well"))
    assert writer.store.rows() == before


def test_what_the_owner_changed_behind_the_guards_is_told(writer, clinic):
    """The chain tells it: a trigger can be put aside, a hash cannot."""
    for statement, told in (
        ("UPDATE nof1.event SET actor = 'mallory' WHERE seq = 2", "event 2"),
        ("DELETE FROM nof1.blob", "its text is gone, and no erasure was recorded"),
    ):
        with psycopg.connect(clinic.owner) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement)
        assert any(told in finding for finding in writer.store.faults()), statement
        with psycopg.connect(clinic.owner) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("UPDATE nof1.event SET actor = 'participant' WHERE seq = 2")
