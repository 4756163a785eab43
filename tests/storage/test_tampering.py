"""Whatever is changed in the file behind the store's back is told, or makes no difference."""

from __future__ import annotations

import re
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.audit import events
from nof1.errors import ChainError, StoreError
from nof1.storage.store import open_store
from nof1.storage.tables import TRIGGERS

from .trial import LOCKED, Writer, begin, correction, entry


class Original:
    """A store's bytes, and what they say; its own name is short."""

    def __init__(self, store):
        self.content = store.path.read_bytes()
        self.records = store.records()
        self.places = [place for place, byte in enumerate(self.content) if byte]  # not the free space


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Return a store with something in every table, and what it says."""
    writer = begin(tmp_path_factory.mktemp("original") / "trial.sqlite")
    form = writer.write(entry(mood="3", calm="4"))
    writer.write(correction(form, "5"))
    note = writer.write(events.NoteRecorded(text="a name"))
    writer.write(events.NoteRecorded(text="slept badly"))
    writer.write(events.Redacted(event_id=note.event_id, field="text", reason="a name"))
    writer.write(LOCKED)
    return Original(writer.store)


def change(path, *statements):
    """Change the file as its owner can: without our guards."""
    connection = sqlite3.connect(path)
    for name in TRIGGERS:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    for name, body in TRIGGERS.items():
        connection.execute(f"CREATE TRIGGER {name} {body}")
    connection.commit()
    connection.close()


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.integers(0, 10**6), mask=st.integers(1, 255))
def test_no_flipped_bit_goes_unseen(original, tmp_path, where, mask):
    """Any one byte of the file: either an error, or a finding, or every event and text reads as before."""
    damaged = bytearray(original.content)
    damaged[original.places[where % len(original.places)]] ^= mask
    path = tmp_path / "trial.sqlite"
    path.write_bytes(damaged)
    try:
        store = open_store(path)
        assert store.faults() or store.records() == original.records
    except StoreError:
        pass


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "UPDATE event SET payload = replace(payload, '\"3\"', '\"9\"') WHERE seq = 2",
            "event 2: its content was changed",
        ),
        ("UPDATE event SET actor = 'someone else' WHERE seq = 3", "event 3: its content was changed"),
        (
            "UPDATE event SET recorded_at = '2020-01-01T00:00:00.000Z' WHERE seq = 1",
            "event 1: its content was changed",
        ),
        ("DELETE FROM event WHERE seq = 4", "event 4: its number is 5"),
        (
            "UPDATE blob SET content = x'41' WHERE content = x'736c657074206261646c79'",
            "the text .* was changed",
        ),
        (
            "DELETE FROM blob WHERE content = x'736c657074206261646c79'",
            "event 5: its text is gone, and no erasure",
        ),
        ("INSERT INTO blob VALUES ('00', x'', x'')", "the text .* was changed"),
        (
            "UPDATE score_current SET value = '9' WHERE row = 1",
            "score 1 of event 2: day.calm = 9 .*say day.calm = 4",
        ),
        ("DELETE FROM score_current", "score 0 of event 2: nothing; its events say day.mood = 5"),
        (
            "INSERT INTO score_current VALUES (2, 9, 'day.x', 1, 1, '', '7', NULL, 1, 2)",
            "say nothing",
        ),
    ],
)
def test_a_changed_row_is_named(original, tmp_path, statement, finding):
    """The finding says which event, or which score."""
    path = tmp_path / "trial.sqlite"
    path.write_bytes(original.content)
    change(path, statement)
    found = open_store(path).faults()
    assert re.search(finding, found[0])


def test_a_projection_is_built_again_from_the_events(original, tmp_path):
    """What is derived can be lost without loss."""
    path = tmp_path / "trial.sqlite"
    path.write_bytes(original.content)
    change(path, "UPDATE score_current SET value = '9'", "DELETE FROM score_current WHERE row = 0")
    store = open_store(path)
    assert len(store.faults()) == 2
    store.rebuild()
    assert store.faults() == ()


def test_a_guard_that_was_taken_away_or_added_is_named(original, tmp_path):
    """Whoever wants to change history drops a trigger first, or makes one that swallows what comes."""
    path = tmp_path / "trial.sqlite"
    path.write_bytes(original.content)
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER event_no_update")
    connection.execute("CREATE TRIGGER z BEFORE INSERT ON event BEGIN SELECT RAISE(IGNORE); END")
    connection.close()
    missing, added = open_store(path).faults()
    assert missing == "the guard event_no_update is missing or changed"
    assert added == "the trigger z was not made by nof1; it may change or swallow what is written"


def test_nothing_is_added_to_a_head_that_was_changed(original, tmp_path):
    """New entries must not seal a forged one."""
    path = tmp_path / "trial.sqlite"
    path.write_bytes(original.content)
    change(path, "UPDATE event SET actor = 'someone else' WHERE kind = 'locked'")
    with pytest.raises(ChainError, match=r"the last, was changed.*Nothing was added"):
        Writer(open_store(path), "b").write(events.NoteRecorded(text="x"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'x'",
        "DELETE FROM event",
        "UPDATE event SET seq = seq + 1 WHERE kind = 'locked'",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 2",
        "REPLACE INTO event SELECT * FROM event WHERE kind = 'locked'",
        "UPDATE OR REPLACE event SET seq = 1 WHERE seq = 2",
        (
            "INSERT INTO event SELECT seq + 10, hex(seq), trial_id, kind, version, payload, NULL, NULL, recorded_at, actor,"
            " channel, NULL, NULL, hex(seq), NULL, hash, hash FROM event WHERE kind = 'locked'"
        ),
        (
            "INSERT INTO event SELECT seq + 1, hex(seq), trial_id, kind, version, payload, NULL, NULL, recorded_at, actor,"
            " channel, NULL, NULL, hex(seq), NULL, 'forked', hash FROM event WHERE kind = 'locked'"
        ),
        "UPDATE blob SET content = x'41'",
    ],
)
def test_no_statement_changes_history_by_accident(original, tmp_path, statement):
    """The guards hold for every program that opens the file, with SQLite's own settings."""
    path = tmp_path / "trial.sqlite"
    path.write_bytes(original.content)
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    connection.rollback()
    connection.close()
    assert open_store(path).records() == original.records
